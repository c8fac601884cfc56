//! (Choice of agent) The preferred agent for a while, then everyone.

use super::*;

fn preferring(interaction: InteractionId, agent: &str) -> Input {
    Input::InteractionQueued(Queued { preferred: Some(agent.into()), ..call(interaction, BILLING) })
}

#[test]
fn the_preferred_agent_is_asked_before_who_has_been_idle_longer() {
    let mut centre = Centre::staffed(&[CY, ANN]);

    let effects = centre.say(preferring(FIRST, ANN));

    assert_eq!(offered_to(&effects), [ANN]);
    assert!(
        matches!(&effects[0], Effect::OfferMade { decision, .. } if decision.strategy == "preferred agent")
    );
}

#[test]
fn it_waits_for_a_busy_preferred_agent_and_then_for_everyone() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(THIRD, BILLING);
    centre.status(CY, Status::Available);

    let at_once = centre.say(preferring(FIRST, ANN));
    let too_early = centre.after(29_999).deadline();
    let then = centre.after(1).deadline();

    assert_eq!(offered_to(&at_once), Vec::<String>::new());
    assert_eq!(offered_to(&too_early), Vec::<String>::new());
    assert_eq!(offered_to(&then), [CY]);
}

#[test]
fn the_preferred_agent_gets_it_as_soon_as_they_are_free() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(THIRD, BILLING);
    centre.status(CY, Status::Available);
    centre.say(preferring(FIRST, ANN));

    centre.after(5_000).ended(THIRD);
    let effects = centre.completed(ANN, THIRD);

    assert_eq!(offered_to(&effects), [ANN]);
}

#[test]
fn nobody_waits_for_a_preferred_agent_who_is_not_at_work() {
    let mut centre = Centre::staffed(&[CY]);

    let away_before = centre.say(preferring(FIRST, ANN));
    centre.status(ANN, Status::Available);
    centre.answered(THIRD, SALES);
    centre.ended(FIRST);

    assert_eq!(offered_to(&away_before), [CY]);
    let waits = centre.say(preferring(SECOND, ANN));
    let leaves = centre.status(ANN, Status::Away("lunch".into()));
    assert_eq!(offered_to(&waits), Vec::<String>::new());
    assert_eq!(offered_to(&leaves), [CY]);
}

#[test]
fn a_preferred_agent_serves_the_queue_unless_it_takes_any_agent() {
    let mut centre = Centre::staffed(&[ANN, BOB]);
    let mut sales_only = profile();
    sales_only.rules.remove(0);
    centre.say(Input::ProfileConfigured("sales".into(), sales_only));
    let bob = AgentConfig { routing_profile: Some("sales".into()), ..person(0, 500) };
    centre.say(Input::AgentConfigured(BOB.into(), bob));

    let members_only = centre.say(preferring(FIRST, BOB));
    centre.configure(BILLING, QueueConfig { sticky_any_agent: true, ..queue_with("") });
    let any_agent = centre.say(preferring(SECOND, BOB));

    assert_eq!(offered_to(&members_only), [ANN]);
    assert_eq!(offered_to(&any_agent), [BOB]);
}

#[test]
fn who_declines_is_preferred_no_more() {
    let mut centre = Centre::staffed(&[CY, ANN]);
    let (_, offer) = offer_in(&centre.say(preferring(FIRST, ANN))).unwrap();

    let effects = centre.say(Input::DeclineOffer(ANN.into(), offer));

    assert_eq!(offered_to(&effects), [CY]);
}
