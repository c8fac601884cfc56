//! Transfer to queue and to agent, requeue keeping place, manual assignment and pull by a supervisor, priority.

use super::*;

fn transfer(interaction: InteractionId) -> Transfer {
    Transfer { interaction, agent: None, queue: None, to_agent: None, only_for_ms: None, keep_place: false }
}

#[test]
fn a_transfer_to_a_queue_waits_there_as_from_now_and_frees_the_agent() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.after(30_000).queued(SECOND, SALES);

    let effects = centre.say(Input::Transfer(Transfer {
        agent: Some(ANN.into()),
        queue: Some(SALES.into()),
        ..transfer(FIRST)
    }));

    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::InteractionTransferred { from_agent: Some(agent), queue, keeps_place: false, .. }
            if agent.as_str() == ANN && queue.as_str() == SALES
    )));
    assert_eq!(offered_to(&effects), [ANN], "Ann is free for who waited in the other queue");
    assert_eq!(centre.place(FIRST), 1);
}

#[test]
fn a_transfer_that_keeps_its_place_comes_before_who_came_later() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.after(30_000).queued(SECOND, SALES);
    centre.after(1_000).queued(THIRD, SALES);
    centre.status(ANN, Status::Away("lunch".into()));

    centre.say(Input::Transfer(Transfer {
        agent: Some(ANN.into()),
        queue: Some(SALES.into()),
        keep_place: true,
        ..transfer(FIRST)
    }));

    assert_eq!([FIRST, SECOND, THIRD].map(|id| centre.place(id)), [1, 2, 3]);
}

#[test]
fn requeued_by_its_ingress_it_keeps_its_place_when_asked_to() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.after(30_000).queued(SECOND, BILLING);
    centre.status(ANN, Status::Away("lunch".into()));

    centre.say(Input::InteractionQueued(Queued { keep_place: true, ..call(FIRST, BILLING) }));

    assert_eq!((centre.place(FIRST), centre.place(SECOND)), (1, 2));
}

#[test]
fn whoever_parked_a_call_takes_it_back_at_once() {
    let only = |expression: &str| {
        let ring = Ring { expression: expression.parse().unwrap(), lasts_ms: None };
        Input::InteractionQueued(Queued { rings: [ring].into(), ..call(FIRST, BILLING) })
    };
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);

    let parked = centre.say(only("agent.id in [\"\"]"));
    let retrieved = centre.after(2_000).say(only("agent.id in [\"ann\"]"));

    assert!(offered_to(&parked).is_empty());
    assert_eq!(offered_to(&retrieved), [ANN]);
}

#[test]
fn a_transfer_to_an_agent_waits_for_them_alone_while_they_are_at_work() {
    let mut centre = Centre::staffed(&[ANN, BOB]);
    centre.answered(SECOND, SALES);
    let busy = centre.router.agent(&"demo".into(), &ANN.into()).unwrap();
    assert_eq!(busy.now.state, AgentState::Busy);
    centre.queued(FIRST, BILLING);

    let waits = centre.say(Input::Transfer(Transfer { to_agent: Some(ANN.into()), ..transfer(FIRST) }));
    let an_hour_later = centre.after(3_600_000).deadline();
    centre.ended(SECOND);
    let freed = centre.completed(ANN, SECOND);

    assert_eq!((offered_to(&waits), offered_to(&an_hour_later)), (vec![], vec![]));
    assert_eq!(offered_to(&freed), [ANN]);
}

#[test]
fn a_transfer_to_an_agent_of_another_queue_reaches_them_and_then_everyone() {
    let mut centre = Centre::staffed(&[ANN, BOB]);
    centre.answered(FIRST, BILLING);

    let to_bob = centre.say(Input::Transfer(Transfer {
        agent: Some(ANN.into()),
        to_agent: Some(BOB.into()),
        only_for_ms: Some(10_000),
        ..transfer(FIRST)
    }));
    let (_, offer) = offer_in(&to_bob).unwrap();
    centre.status(CY, Status::Available);
    let declined = centre.say(Input::DeclineOffer(BOB.into(), offer));

    assert_eq!(offered_to(&to_bob), [BOB]);
    assert_eq!(offered_to(&declined), [CY], "not Ann, who gave it away");
}

#[test]
fn a_transfer_is_refused_where_it_leads_nowhere() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.queued(SECOND, BILLING);
    let say = |centre: &mut Centre, transfer| reply_in(&centre.say(Input::Transfer(transfer)));

    let to_away = Transfer { to_agent: Some(BOB.into()), ..transfer(FIRST) };
    let to_themselves = Transfer { to_agent: Some(ANN.into()), ..transfer(FIRST) };
    let to_nowhere = Transfer { queue: Some("nowhere".into()), ..transfer(FIRST) };
    let of_another = Transfer { agent: Some(CY.into()), queue: Some(SALES.into()), ..transfer(FIRST) };
    let of_nobody = Transfer { agent: Some(ANN.into()), queue: Some(SALES.into()), ..transfer(SECOND) };

    assert_eq!(say(&mut centre, to_away), Some(Err(Rejection::AgentAway)));
    assert_eq!(say(&mut centre, to_themselves), Some(Err(Rejection::AgentBusy)));
    assert_eq!(say(&mut centre, to_nowhere), Some(Err(Rejection::UnknownQueue)));
    assert_eq!(say(&mut centre, of_another), Some(Err(Rejection::NotYours)));
    assert_eq!(say(&mut centre, of_nobody), Some(Err(Rejection::NotHeld)));
    assert_eq!(say(&mut centre, transfer(THIRD)), Some(Err(Rejection::UnknownInteraction)));
}

#[test]
fn a_supervisor_assigns_whatever_skills_and_queues_say() {
    let mut centre = Centre::staffed(&[BOB]);
    centre.queued(FIRST, BILLING);

    let effects = centre.say(Input::Assign(FIRST, BOB.into()));

    assert!(matches!(&effects[0], Effect::OfferMade { manner, decision, .. }
        if manner.by_hand && decision.strategy == "by hand"));
    assert_eq!(offered_to(&effects), [BOB]);
}

#[test]
fn a_supervisor_never_assigns_beyond_capacity_nor_to_who_is_away() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.queued(SECOND, BILLING);

    let busy = centre.say(Input::Assign(SECOND, ANN.into()));
    let pulled = centre.say(Input::Pull(SECOND, ANN.into()));
    let away = centre.say(Input::Assign(SECOND, BOB.into()));
    let held = centre.say(Input::Assign(FIRST, BOB.into()));

    assert_eq!(reply_in(&busy), Some(Err(Rejection::AgentBusy)));
    assert_eq!(reply_in(&pulled), Some(Err(Rejection::AgentBusy)));
    assert_eq!(reply_in(&away), Some(Err(Rejection::AgentAway)));
    assert_eq!(reply_in(&held), Some(Err(Rejection::NotWaiting)));
}

#[test]
fn a_pull_gives_it_at_once_even_while_it_rings_at_someone_else() {
    let mut centre = Centre::staffed(&[ANN, BOB]);
    centre.queued(FIRST, BILLING);

    let effects = centre.say(Input::Pull(FIRST, BOB.into()));

    assert_eq!(
        outcomes_in(&effects),
        [(ANN.to_owned(), Outcome::Rescinded), (BOB.to_owned(), Outcome::Accepted)]
    );
    assert!(matches!(centre.stage(FIRST), Some(StageView::Assigned { .. })));
    assert_eq!(centre.state(ANN), AgentState::Ready);
}

#[test]
fn a_change_of_priority_puts_forward_at_once() {
    let mut centre = Centre::new();
    centre.queued(FIRST, BILLING);
    centre.after(30_000).queued(SECOND, BILLING);

    let effects = centre.say(Input::ChangePriority(SECOND, 1));

    assert_eq!((centre.place(SECOND), centre.place(FIRST)), (1, 2));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::PriorityChanged { priority: 1, .. })));
}
