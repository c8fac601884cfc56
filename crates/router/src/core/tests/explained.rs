//! Every decision says why, and why not.

use super::*;

fn verdicts(decision: &Decision) -> Vec<(&str, Verdict)> {
    decision
        .candidates
        .iter()
        .map(|candidate| (candidate.agent.as_str(), candidate.verdict.clone()))
        .collect()
}

#[test]
fn an_offer_names_its_candidates_and_why_each_was_or_was_not_chosen() {
    let mut centre = Centre::staffed(&[ANN, CY, BOB]);

    let effects = centre.queued(FIRST, BILLING);

    let Some(Effect::OfferMade { decision, .. }) = effects.first() else { panic!("nobody was asked") };
    assert_eq!((decision.place, decision.waiting, decision.ring), (1, 1, 0));
    assert_eq!((decision.expression.as_str(), decision.strategy), ("billing >= 2", "longest idle"));
    let verdicts = verdicts(decision);
    assert!(matches!(verdicts[0], (ANN, Verdict::Chosen { .. })));
    assert!(matches!(verdicts[1], (CY, Verdict::Outranked { .. })));
    assert_eq!(verdicts[2], (BOB, Verdict::MissingSkill("billing >= 2, has 0".into())));
}

#[test]
fn what_nobody_takes_is_explained_at_any_time() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.queued(SECOND, BILLING);

    let decision = centre.router.explain(&"demo".into(), SECOND).unwrap();

    assert_eq!(decision.place, 1);
    assert_eq!(
        verdicts(&decision),
        [
            (BOB, Verdict::MissingSkill("billing >= 2, has 0".into())),
            (CY, Verdict::NotAvailable),
            (ANN, Verdict::AtCapacity),
        ]
    );
}

#[test]
fn an_excluded_agent_is_named_with_the_time() {
    let mut centre = Centre::staffed(&[ANN]);
    let effects = centre.queued(FIRST, BILLING);
    let (_, offer) = offer_in(&effects).unwrap();
    centre.say(Input::DeclineOffer(ANN.into(), offer));

    let decision = centre.router.explain(&"demo".into(), FIRST).unwrap();

    let until = Timestamp::from_millis(centre.now + 60_000);
    assert!(verdicts(&decision).contains(&(ANN, Verdict::Excluded { until })));
}

#[test]
fn a_large_queue_names_ten_and_counts_the_rest() {
    let mut centre = Centre::new();
    for number in 0..100 {
        let agent = format!("agent-{number}");
        let billing = if number < 40 { 300 } else { 100 };
        centre.say(Input::AgentConfigured(agent.as_str().into(), person(billing, 0)));
        centre.status(&agent, Status::Available);
    }

    let effects = centre.queued(FIRST, BILLING);

    let Some(Effect::OfferMade { decision, .. }) = effects.first() else { panic!("nobody was asked") };
    assert_eq!(decision.candidates.len(), 10);
    let counts = decision.others.counts;
    assert_eq!(counts[Verdict::Outranked { score: 0 }.kind()], 30);
    assert_eq!(counts[Verdict::NotAvailable.kind()], 2, "Ann and Cy have the skill and are offline");
    assert_eq!(counts[Verdict::MissingSkill(String::new()).kind()], 61);
}

#[test]
fn who_joins_what_rings_at_all_is_named_beside_those_it_rings_at() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, QueueConfig { strategy: Strategy::RingAll, ..queue_with("billing >= 2") });
    centre.queued(FIRST, BILLING);

    let effects = centre.after(1_000).status(CY, Status::Available);

    let decision = effects.iter().find_map(|effect| match effect {
        Effect::OfferMade { decision, .. } => Some(decision),
        _ => None,
    });
    let decision = decision.expect("Cy is asked too");
    assert_eq!((decision.strategy, decision.place), ("ring all, joined while it rang", 0));
    let verdicts = verdicts(decision);
    assert!(matches!(verdicts[..2], [(ANN, Verdict::Chosen { .. }), (CY, Verdict::Chosen { .. })]));
    assert_eq!(verdicts[2], (BOB, Verdict::MissingSkill("billing >= 2, has 0".into())));
}
