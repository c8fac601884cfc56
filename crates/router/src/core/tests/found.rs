//! What the simulation found once, by hand.

use super::*;

/// Seed 3: a queue that sends what it does not serve to itself, when closed, kept it although it was exhausted as well.
#[test]
fn a_closed_queue_whose_alternative_leads_nowhere_is_still_exhausted() {
    let mut centre = Centre::staffed(&[]);
    let rings = vec![Ring { expression: "billing >= 5".parse().unwrap(), lasts_ms: Some(5_000) }];
    let config = QueueConfig {
        rings,
        closed: true,
        on_closed: Alternative::Queue(BILLING.into()),
        on_exhausted: Alternative::Disconnect,
        ..queue_with("")
    };
    centre.configure(BILLING, config);
    centre.queued(FIRST, BILLING);

    let effects = centre.after(5_000).deadline();

    assert_eq!(diverted_in(&effects), Some((DivertReason::Exhausted, Alternative::Disconnect)));
}

/// Seed 12: who was given what rang at them already stayed listed as they were before.
#[test]
fn a_pull_by_whom_it_rings_at_is_an_acceptance() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.configure(BILLING, QueueConfig { strategy: Strategy::RingAll, ..queue_with("billing >= 2") });
    centre.queued(FIRST, BILLING);

    let effects = centre.say(Input::Pull(FIRST, CY.into()));

    assert_eq!(
        outcomes_in(&effects),
        [(CY.to_owned(), Outcome::Accepted), (ANN.to_owned(), Outcome::Rescinded)]
    );
}
