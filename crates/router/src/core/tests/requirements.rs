//! (Requirements and skills) Rings, proficiency modes, exhaustion.

use super::*;

fn asking(interaction: InteractionId, skills: &[(&str, u16)]) -> Input {
    let skills = skills.iter().map(|(skill, least)| ((*skill).into(), *least)).collect();
    Input::InteractionQueued(Queued { skills, ..call(interaction, BILLING) })
}

fn in_mode(proficiency: Proficiency) -> QueueConfig {
    QueueConfig { proficiency, ..queue_with("") }
}

/// Everyone for ten seconds, then elsewhere.
fn exhausting(on_exhausted: Alternative) -> QueueConfig {
    let rings = vec![Ring { expression: "billing >= 4".parse().unwrap(), lasts_ms: Some(10_000) }];
    QueueConfig { rings, on_exhausted, ..queue_with("") }
}

#[test]
fn all_asks_for_every_skill_at_its_level() {
    let mut centre = Centre::staffed(&[BOB, ANN, CY]);
    centre.configure(BILLING, in_mode(Proficiency::All));

    let both = centre.say(asking(FIRST, &[("billing", 300), ("sales", 300)]));
    let too_much = centre.say(asking(SECOND, &[("billing", 450)]));
    let any_level = centre.say(asking(THIRD, &[("billing", 0)]));

    assert_eq!(offered_to(&both), [CY]);
    assert_eq!(offered_to(&too_much), Vec::<String>::new());
    assert_eq!(offered_to(&any_level), [ANN], "Bob has none at all");
}

#[test]
fn all_holds_beside_the_rings() {
    let mut centre = Centre::staffed(&[BOB, ANN, CY]);
    centre.configure(BILLING, queue_with("sales >= 3"));

    let effects = centre.say(asking(FIRST, &[("billing", 100)]));

    assert_eq!(offered_to(&effects), [CY], "Ann has too little of sales, Bob none of billing");
}

#[test]
fn best_leaves_nobody_out_and_asks_the_highest_sum_first() {
    let mut centre = Centre::staffed(&[BOB, CY]);
    centre.configure(BILLING, in_mode(Proficiency::Best));

    let first = centre.say(asking(FIRST, &[("billing", 450), ("sales", 450)]));
    let second = centre.say(asking(SECOND, &[("billing", 450)]));

    assert_eq!(offered_to(&first), [CY], "3 + 3 is more than 0 + 5");
    assert_eq!(offered_to(&second), [BOB], "who is left is asked, whatever they hold");
}

#[test]
fn none_looks_at_no_skill() {
    let mut centre = Centre::staffed(&[BOB, ANN]);
    centre.configure(BILLING, in_mode(Proficiency::None));

    let effects = centre.say(asking(FIRST, &[("billing", 500)]));

    assert_eq!(offered_to(&effects), [BOB], "longest idle");
}

#[test]
fn another_mode_applies_to_who_waits_at_once() {
    let mut centre = Centre::staffed(&[BOB]);
    centre.configure(BILLING, in_mode(Proficiency::All));
    centre.say(asking(FIRST, &[("billing", 100)]));

    let effects = centre.configure(BILLING, in_mode(Proficiency::Best));

    assert_eq!(offered_to(&effects), [BOB]);
}

#[test]
fn exhausted_work_goes_to_any_agent_of_the_queue_by_default() {
    let mut centre = Centre::staffed(&[BOB]);
    centre.configure(BILLING, exhausting(Alternative::AnyAgent));
    centre.queued(FIRST, BILLING);

    assert_eq!(offered_to(&centre.after(10_000).deadline()), [BOB]);
}

#[test]
fn exhausted_work_overflows_to_another_queue_and_keeps_its_place_in_time() {
    let mut centre = Centre::staffed(&[BOB]);
    centre.configure(BILLING, exhausting(Alternative::Queue(SALES.into())));
    centre.queued(FIRST, BILLING);
    let since = centre.work(FIRST).enqueued_at;
    centre.answered(SECOND, SALES);
    centre.after(1_000).queued(THIRD, SALES);

    let effects = centre.after(9_000).deadline();

    let sales = Alternative::Queue(SALES.into());
    assert_eq!(diverted_in(&effects), Some((DivertReason::Exhausted, sales)));
    assert_eq!(
        (centre.place(FIRST), centre.place(THIRD)),
        (1, 2),
        "before who came later to the other queue"
    );
    assert_eq!(centre.work(FIRST).enqueued_at, since);
}

#[test]
fn exhausted_work_is_left_to_its_ingress_for_voicemail_callback_or_farewell() {
    for to in [Alternative::Voicemail, Alternative::Callback, Alternative::Disconnect] {
        let mut centre = Centre::staffed(&[BOB]);
        centre.configure(BILLING, exhausting(to.clone()));
        centre.queued(FIRST, BILLING);

        let effects = centre.after(10_000).deadline();

        assert_eq!(diverted_in(&effects), Some((DivertReason::Exhausted, to)));
        assert_eq!(centre.stage(FIRST), Some(StageView::Diverted { reason: DivertReason::Exhausted }));
        assert!(closed_in(&centre.ended(FIRST)).is_some(), "it is closed once its line is gone");
    }
}

#[test]
fn what_was_diverted_may_be_queued_again() {
    let mut centre = Centre::staffed(&[BOB]);
    centre.configure(BILLING, exhausting(Alternative::Voicemail));
    centre.queued(FIRST, BILLING);
    centre.after(10_000).deadline();

    assert_eq!(offered_to(&centre.queued(FIRST, SALES)), [BOB]);
}

#[test]
fn two_queues_do_not_send_work_to_and_fro_for_ever() {
    let mut centre = Centre::staffed(&[]);
    centre.configure(BILLING, exhausting(Alternative::Queue(SALES.into())));
    centre.configure(SALES, exhausting(Alternative::Queue(BILLING.into())));
    centre.queued(FIRST, BILLING);

    for _ in 0..20 {
        centre.after(10_000).deadline();
    }

    assert!(matches!(centre.stage(FIRST), Some(StageView::Waiting { .. })));
    assert_eq!(centre.router.next_deadline(), None, "after five hops it stays");
}

#[test]
fn a_failed_offer_after_the_last_ring_is_exhausted_too() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, exhausting(Alternative::Voicemail));
    centre.queued(FIRST, BILLING);

    let effects = centre.after(20_000).deadline();

    assert_eq!(outcome_in(&effects), Some(Outcome::TimedOut));
    assert_eq!(diverted_in(&effects), Some((DivertReason::Exhausted, Alternative::Voicemail)));
}
