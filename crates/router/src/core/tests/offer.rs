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
