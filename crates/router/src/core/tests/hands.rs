//! Offers, assignments, wrap-up: who has an interaction in hand.

use super::*;

#[test]
fn a_call_goes_to_the_agent_who_has_been_idle_the_longest() {
    let mut centre = Centre::staffed(&[CY, ANN]);

    let effects = centre.after(1_000).queued(FIRST, BILLING);

    assert_eq!(offered_to(&effects), [CY]);
}

#[test]
fn an_unanswered_offer_goes_to_the_next_agent() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.queued(FIRST, BILLING);

    let effects = centre.after(20_000).deadline();

    assert_eq!(outcome_in(&effects), Some(Outcome::TimedOut));
    assert_eq!(offered_to(&effects), [CY]);
    assert_eq!(centre.state(ANN), AgentState::NotResponding);
}

#[test]
fn who_let_it_ring_may_stay_available_but_is_not_asked_again_for_a_while() {
    let mut centre = Centre::staffed(&[ANN]);
    let config = QueueConfig { stay_available_after_no_answer: true, ..queue_with("billing >= 2") };
    centre.say(Input::QueueConfigured(BILLING.into(), config));
    centre.queued(FIRST, BILLING);

    let at_once = centre.after(20_000).deadline();
    let later = centre.after(60_000).deadline();

    assert_eq!(offered_to(&at_once), Vec::<String>::new());
    assert_eq!(offered_to(&later), [ANN]);
}

#[test]
fn a_failed_offer_keeps_the_place() {
    let mut centre = Centre::staffed(&[ANN]);
    let effects = centre.queued(FIRST, BILLING);
    let (_, offer) = offer_in(&effects).unwrap();
    centre.after(1_000).queued(SECOND, BILLING);
    centre.after(1_000).queued(THIRD, BILLING);

    let effects = centre.after(1_000).say(Input::DeclineOffer(ANN.into(), offer));

    assert_eq!((centre.place(FIRST), centre.place(THIRD)), (1, 2), "it has the place it had");
    assert_eq!(offered_to(&effects), [ANN], "who declined the first is offered the second");
    assert_eq!(centre.place(SECOND), 0);
}

#[test]
fn a_customer_who_leaves_while_it_rings_has_abandoned() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.queued(FIRST, BILLING);

    let effects = centre.after(5_000).ended(FIRST);

    assert_eq!(outcome_in(&effects), Some(Outcome::Rescinded));
    assert_eq!(closed_in(&effects).unwrap().agent, None);
    assert_eq!(centre.state(ANN), AgentState::Ready, "it is not held against the agent");
}

#[test]
fn an_answer_to_an_offer_that_is_gone_changes_nothing() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    let effects = centre.queued(FIRST, BILLING);
    let (_, offer) = offer_in(&effects).unwrap();
    centre.after(20_000).deadline();

    let late = centre.accept(ANN, offer);
    let foreign = centre.accept(BOB, offer);

    assert_eq!(
        late,
        [Effect::Reply { to: MessageId(centre.message - 1), result: Err(Rejection::OfferGone) }]
    );
    assert_eq!(reply_in(&foreign), Some(Err(Rejection::OfferGone)));
}

#[test]
fn nobody_takes_what_was_offered_to_someone_else() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    let effects = centre.queued(FIRST, BILLING);
    let (_, offer) = offer_in(&effects).unwrap();

    let effects = centre.accept(CY, offer);

    assert_eq!(reply_in(&effects), Some(Err(Rejection::NotYours)));
}

#[test]
fn accepting_twice_is_accepting_once() {
    let mut centre = Centre::staffed(&[ANN]);
    let effects = centre.queued(FIRST, BILLING);
    let (_, offer) = offer_in(&effects).unwrap();
    centre.accept(ANN, offer);

    let again = centre.accept(ANN, offer);

    assert_eq!(again, [Effect::Reply { to: MessageId(centre.message), result: Ok(()) }]);
}

#[test]
fn a_message_delivered_twice_does_nothing_the_second_time() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.say_as(900, Input::InteractionQueued(call(FIRST, BILLING)));

    let again = centre.say_as(900, Input::InteractionQueued(call(FIRST, BILLING)));

    assert_eq!(again, []);
}

#[test]
fn an_unreachable_phone_gives_the_call_to_someone_else_even_after_acceptance() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    let effects = centre.queued(FIRST, BILLING);
    let (_, offer) = offer_in(&effects).unwrap();
    centre.accept(ANN, offer);

    let effects = centre.after(500).say(Input::ReportUnreachable(ANN.into(), offer));

    assert_eq!(outcome_in(&effects), Some(Outcome::Unreachable));
    assert_eq!(offered_to(&effects), [CY]);
    assert_eq!(centre.state(ANN), AgentState::NotResponding);
}

#[test]
fn from_queued_to_closed_every_moment_is_told() {
    let mut centre = Centre::staffed(&[ANN]);
    let begin = centre.now;
    let effects = centre.queued(FIRST, BILLING);
    let (_, offer) = offer_in(&effects).unwrap();
    centre.after(3_000).accept(ANN, offer);
    centre.after(1_000).say(Input::InteractionConnected(FIRST));
    let effects = centre.after(60_000).ended(FIRST);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::WrapUpStarted { .. })));
    assert_eq!(centre.state(ANN), AgentState::WrapUp);

    let effects = centre.after(10_000).completed(ANN, FIRST);

    let closed = closed_in(&effects).unwrap();
    let since_begin = |moment: Timestamp| moment.as_millis() - begin;
    assert_eq!(closed.agent.as_deref(), Some(ANN));
    assert_eq!(closed.disposition, "solved");
    assert_eq!(since_begin(closed.queued_at), 0);
    assert_eq!(closed.answered_at.map(since_begin), Some(4_000));
    assert_eq!(since_begin(closed.ended_at), 64_000);
    assert_eq!(since_begin(closed.closed_at), 74_000);
    assert_eq!(centre.state(ANN), AgentState::Ready);
}

#[test]
fn a_freed_agent_gets_the_oldest_waiting_call_at_once() {
    let mut centre = Centre::staffed(&[ANN]);
    let agent = centre.answered(FIRST, BILLING);
    centre.after(1_000).queued(SECOND, BILLING);
    centre.after(1_000).queued(THIRD, BILLING);
    centre.ended(FIRST);

    let effects = centre.completed(&agent, FIRST);

    assert!(matches!(centre.stage(SECOND), Some(StageView::Offered { .. })));
    assert_eq!(offered_to(&effects), [ANN]);
}

#[test]
fn a_timed_wrap_up_completes_by_itself() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.ended(FIRST);

    let effects = centre.after(30_000).deadline();

    assert!(closed_in(&effects).is_some());
    assert_eq!(centre.state(ANN), AgentState::Ready);
}

#[test]
fn an_optional_wrap_up_frees_the_agent_at_once() {
    let mut centre = Centre::staffed(&[ANN]);
    let config = QueueConfig { wrap_up: WrapUp::Optional { limit_ms: 30_000 }, ..queue_with("billing >= 2") };
    centre.say(Input::QueueConfigured(BILLING.into(), config));
    centre.answered(FIRST, BILLING);
    centre.queued(SECOND, BILLING);

    let effects = centre.ended(FIRST);

    assert_eq!(offered_to(&effects), [ANN]);
    assert!(matches!(reply_in(&centre.completed(ANN, FIRST)), Some(Ok(()))));
}

#[test]
fn a_mandatory_wrap_up_lasts_until_it_is_completed() {
    let mut centre = Centre::staffed(&[ANN]);
    let config = QueueConfig { wrap_up: WrapUp::Mandatory, ..queue_with("billing >= 2") };
    centre.say(Input::QueueConfigured(BILLING.into(), config));
    centre.answered(FIRST, BILLING);
    centre.ended(FIRST);

    let effects = centre.after(3_600_000).deadline();

    assert_eq!(effects, []);
    assert_eq!(centre.state(ANN), AgentState::WrapUp);
}

#[test]
fn a_disposition_that_the_queue_does_not_know_is_refused() {
    let mut centre = Centre::staffed(&[ANN]);
    let config = QueueConfig { dispositions: vec!["paid".into()], ..queue_with("billing >= 2") };
    centre.say(Input::QueueConfigured(BILLING.into(), config));
    centre.answered(FIRST, BILLING);
    centre.ended(FIRST);

    assert_eq!(reply_in(&centre.completed(ANN, FIRST)), Some(Err(Rejection::UnknownDisposition)));
}

#[test]
fn a_busy_agent_goes_on_break_when_the_work_is_done() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);

    centre.status(ANN, Status::Away("lunch".into()));
    let during = centre.state(ANN);
    centre.queued(SECOND, BILLING);
    centre.ended(FIRST);
    let effects = centre.completed(ANN, FIRST);

    assert_eq!(during, AgentState::Busy);
    assert_eq!(offered_to(&effects), Vec::<String>::new(), "no new work before the break");
    assert_eq!(centre.state(ANN), AgentState::Away);
}

#[test]
fn who_signs_out_while_it_rings_gives_it_back() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.queued(FIRST, BILLING);

    let effects = centre.status(ANN, Status::Offline);

    assert_eq!(outcome_in(&effects), Some(Outcome::Rescinded));
    assert_eq!(offered_to(&effects), [CY]);
    assert_eq!(centre.state(ANN), AgentState::Offline);
}

#[test]
fn capacity_is_never_exceeded_on_any_channel() {
    let mut centre = Centre::staffed(&[ANN]);
    let chat = |id| Queued { channel: Channel::Chat, ..call(InteractionId(id), BILLING) };

    for id in 10..15 {
        let effects = centre.say(Input::InteractionQueued(chat(id)));
        if let Some((agent, offer)) = offer_in(&effects) {
            centre.accept(&agent, offer);
        }
    }
    let call_too = centre.queued(FIRST, BILLING);

    assert_eq!(centre.router.queues(&"demo".into())[0].waiting, 3, "two of five chats are taken");
    assert_eq!(offered_to(&call_too), [ANN], "and a call beside them");
}

#[test]
fn a_transferred_call_waits_in_the_other_queue_and_frees_the_agent() {
    let mut centre = Centre::staffed(&[ANN, BOB]);
    centre.answered(FIRST, BILLING);

    let effects = centre.queued(FIRST, SALES);

    assert_eq!(offered_to(&effects), [BOB]);
    assert_eq!(centre.state(ANN), AgentState::Ready);
}

#[test]
fn what_is_queued_after_its_end_is_late_news() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.ended(FIRST);

    let effects = centre.queued(FIRST, BILLING);

    assert_eq!(effects, []);
    assert_eq!(centre.stage(FIRST), None);
}
