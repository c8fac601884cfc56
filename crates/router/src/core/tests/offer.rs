//! (Offer) Auto-accept, whisper, ring all, and what a failed offer does to place and agent.

use super::*;

fn ringing_everyone() -> QueueConfig {
    QueueConfig { strategy: Strategy::RingAll, ..queue_with("billing >= 2") }
}

#[test]
fn an_auto_accepted_offer_is_assigned_in_the_same_breath() {
    let mut centre = Centre::staffed(&[ANN]);
    let mut profile = profile();
    profile.capacities[Channel::Voice].auto_accept = true;
    centre.say(Input::ProfileConfigured("front".into(), profile));

    let effects = centre.queued(FIRST, BILLING);

    assert!(matches!(&effects[0], Effect::OfferMade { manner, .. } if manner.auto_accept));
    assert_eq!(outcome_in(&effects), Some(Outcome::Accepted));
    assert!(matches!(centre.stage(FIRST), Some(StageView::Assigned { .. })));
    assert_eq!(centre.state(ANN), AgentState::Busy);
}

#[test]
fn an_agent_whose_phone_is_dead_is_found_out_in_spite_of_auto_accept() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    let mut profile = profile();
    profile.capacities[Channel::Voice].auto_accept = true;
    centre.say(Input::ProfileConfigured("front".into(), profile));
    let effects = centre.queued(FIRST, BILLING);
    let (agent, offer) = offer_in(&effects).unwrap();

    let effects = centre.say(Input::ReportUnreachable(agent.as_str().into(), offer));

    assert_eq!(offered_to(&effects), [CY]);
    assert_eq!(centre.state(ANN), AgentState::NotResponding);
}

#[test]
fn the_whisper_of_the_queue_goes_with_offer_and_assignment() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, QueueConfig { whisper: "A call for billing".into(), ..queue_with("") });

    let offered = centre.queued(FIRST, BILLING);
    let (_, offer) = offer_in(&offered).unwrap();
    let assigned = centre.accept(ANN, offer);

    let said = |whisper: &Name| whisper.as_str() == "A call for billing";
    assert!(matches!(&offered[0], Effect::OfferMade { manner, .. } if said(&manner.whisper)));
    assert!(
        assigned
            .iter()
            .any(|effect| { matches!(effect, Effect::InteractionAssigned { whisper, .. } if said(whisper)) })
    );
}

#[test]
fn ring_all_rings_at_everyone_who_is_ready_and_the_first_wins() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.configure(BILLING, ringing_everyone());

    let effects = centre.queued(FIRST, BILLING);
    let offers = offers_in(&effects);
    let answer = centre.accept(CY, offers[1].1);

    assert_eq!(offered_to(&effects), [ANN, CY]);
    assert_eq!(
        outcomes_in(&answer),
        [(CY.to_owned(), Outcome::Accepted), (ANN.to_owned(), Outcome::Rescinded)]
    );
    assert_eq!((centre.state(ANN), centre.state(CY)), (AgentState::Ready, AgentState::Busy));
    let late = centre.accept(ANN, offers[0].1);
    assert_eq!(reply_in(&late), Some(Err(Rejection::OfferGone)));
}

#[test]
fn who_declines_what_rings_at_all_leaves_it_ringing_at_the_others() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.configure(BILLING, ringing_everyone());
    let offers = offers_in(&centre.queued(FIRST, BILLING));

    let declined = centre.say(Input::DeclineOffer(ANN.into(), offers[0].1));
    let accepted = centre.accept(CY, offers[1].1);

    assert_eq!(offered_to(&declined), Vec::<String>::new());
    assert_eq!(reply_in(&accepted), Some(Ok(())));
}

#[test]
fn what_nobody_answers_is_back_at_its_place_after_ringing_at_all() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.configure(BILLING, ringing_everyone());
    centre.queued(FIRST, BILLING);
    let since = centre.work(FIRST).enqueued_at;

    let effects = centre.after(20_000).deadline();

    assert_eq!(outcomes_in(&effects).len(), 2);
    assert_eq!(centre.work(FIRST).enqueued_at, since);
    assert_eq!(centre.place(FIRST), 1);
    assert_eq!(centre.state(ANN), AgentState::NotResponding);
}

#[test]
fn a_customer_who_leaves_while_it_rings_at_all_frees_everyone() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.configure(BILLING, ringing_everyone());
    centre.queued(FIRST, BILLING);

    let effects = centre.ended(FIRST);

    assert_eq!(outcomes_in(&effects).len(), 2);
    assert_eq!((centre.state(ANN), centre.state(CY)), (AgentState::Ready, AgentState::Ready));
}

#[test]
fn ring_all_survives_a_restart() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.configure(BILLING, ringing_everyone());
    let offers = offers_in(&centre.queued(FIRST, BILLING));

    centre.router = Router::restore(&centre.router.snapshot().unwrap()).unwrap();
    let answer = centre.accept(CY, offers[1].1);

    assert_eq!(outcomes_in(&answer).len(), 2);
}

/// When the offers among effects are taken back, milliseconds from now.
fn expiries(centre: &Centre, effects: &[Effect]) -> Vec<i64> {
    let expiry = |effect: &Effect| match effect {
        Effect::OfferMade { expires_at, .. } => Some(expires_at.as_millis() - centre.now),
        _ => None,
    };
    effects.iter().filter_map(expiry).collect()
}

#[test]
fn who_becomes_ready_while_it_rings_at_all_is_rung_too() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, ringing_everyone());
    centre.queued(FIRST, BILLING);

    let joined = centre.after(15_000).status(CY, Status::Available);
    let (agent, offer) = offer_in(&joined).unwrap();
    let answer = centre.accept(CY, offer);

    assert_eq!(agent, CY);
    assert!(
        joined.iter().any(|effect| matches!(effect, Effect::OfferMade { manner, .. } if manner.ring_all))
    );
    assert_eq!(
        outcomes_in(&answer),
        [(CY.to_owned(), Outcome::Accepted), (ANN.to_owned(), Outcome::Rescinded)]
    );
    assert_eq!((centre.state(ANN), centre.state(CY)), (AgentState::Ready, AgentState::Busy));
}

#[test]
fn who_joins_late_has_the_whole_time_to_answer() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, ringing_everyone());
    centre.queued(FIRST, BILLING);

    let joined = centre.after(15_000).status(CY, Status::Available);
    let whole = expiries(&centre, &joined);
    let first = centre.after(5_000).deadline();
    let rings_on = centre.stage(FIRST);
    let second = centre.after(15_000).deadline();

    assert_eq!(whole, [20_000]);
    assert_eq!(outcomes_in(&first), [(ANN.to_owned(), Outcome::TimedOut)]);
    assert!(matches!(rings_on, Some(StageView::Offered { .. })));
    assert_eq!(outcomes_in(&second), [(CY.to_owned(), Outcome::TimedOut)]);
    assert_eq!(centre.place(FIRST), 1);
}

#[test]
fn what_waited_until_somebody_came_rings_at_whoever_comes_next() {
    let mut centre = Centre::staffed(&[]);
    centre.configure(BILLING, ringing_everyone());
    centre.queued(FIRST, BILLING);

    let first = centre.status(ANN, Status::Available);
    let second = centre.status(CY, Status::Available);

    assert_eq!((offered_to(&first), offered_to(&second)), (vec![ANN.to_owned()], vec![CY.to_owned()]));
}

#[test]
fn what_waits_goes_before_what_rings_already() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, ringing_everyone());
    centre.queued(FIRST, BILLING);
    centre.queued(SECOND, BILLING);

    centre.status(CY, Status::Available);

    assert!(matches!(centre.stage(SECOND), Some(StageView::Offered { .. })));
    assert_eq!(centre.work(FIRST).also_ringing, Vec::<Name>::new());
}

#[test]
fn who_refused_or_does_not_qualify_does_not_join() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.configure(BILLING, ringing_everyone());
    let offers = offers_in(&centre.queued(FIRST, BILLING));
    centre.say(Input::DeclineOffer(CY.into(), offers[1].1));
    centre.status(CY, Status::Away("lunch".into()));

    let again = centre.status(CY, Status::Available);
    let unskilled = centre.status(BOB, Status::Available);

    assert_eq!((offered_to(&again), offered_to(&unskilled)), (Vec::new(), Vec::new()));
}

#[test]
fn what_waits_for_one_agent_or_is_given_by_hand_is_joined_by_nobody() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, ringing_everyone());
    let preferred = Queued { preferred: Some(ANN.into()), ..call(FIRST, BILLING) };
    centre.say(Input::InteractionQueued(preferred));
    let joins_first = centre.status(CY, Status::Available);
    centre.status(CY, Status::Away("lunch".into()));
    centre.ended(FIRST);
    centre.status(ANN, Status::Away("lunch".into()));
    centre.queued(SECOND, BILLING);
    centre.status(BOB, Status::Available);
    centre.say(Input::Assign(SECOND, BOB.into()));

    let joins_second = centre.status(CY, Status::Available);

    assert_eq!((offered_to(&joins_first), offered_to(&joins_second)), (Vec::new(), Vec::new()));
}

#[test]
fn fifty_are_rung_at_most_however_late_they_come() {
    let mut centre = Centre::staffed(&[]);
    centre.configure(BILLING, ringing_everyone());
    let mut rung = 0;
    centre.queued(FIRST, BILLING);
    for number in 0..52 {
        let agent = format!("agent-{number}");
        centre.say(Input::AgentConfigured(agent.as_str().into(), person(300, 0)));
        rung += offered_to(&centre.status(&agent, Status::Available)).len();
    }

    assert_eq!(rung, 50);
    assert_eq!(centre.work(FIRST).also_ringing.len(), 49);
}

#[test]
fn whoever_comes_after_a_restart_joins_as_before() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, ringing_everyone());
    centre.queued(FIRST, BILLING);

    centre.router = Router::restore(&centre.router.snapshot().unwrap()).unwrap();
    let joined = centre.status(CY, Status::Available);

    assert_eq!(offered_to(&joined), [CY]);
}
