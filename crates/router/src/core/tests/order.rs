//! Priority, ageing, rings, delays: who is next, and for whom.

use super::*;

fn with_priority(interaction: InteractionId, priority: i32) -> Input {
    Input::InteractionQueued(Queued { priority, ..call(interaction, BILLING) })
}

fn with_rings(interaction: InteractionId, rings: &[(&str, Option<u32>)]) -> Input {
    let rings =
        rings.iter().map(|(text, lasts_ms)| Ring { expression: text.parse().unwrap(), lasts_ms: *lasts_ms });
    Input::InteractionQueued(Queued { rings: rings.collect(), ..call(interaction, BILLING) })
}

#[test]
fn a_point_of_priority_is_worth_a_minute_of_waiting() {
    let mut centre = Centre::new();
    centre.say(with_priority(FIRST, 0));
    centre.after(59_000).say(with_priority(SECOND, 1));
    centre.after(2_000).say(with_priority(THIRD, 1));

    assert_eq!([FIRST, SECOND, THIRD].map(|id| centre.place(id)), [2, 1, 3]);
}

#[test]
fn equal_claims_are_served_by_time_and_then_by_id() {
    let mut centre = Centre::new();
    centre.say(with_priority(SECOND, 0));
    centre.say(with_priority(FIRST, 0));
    centre.after(1).say(with_priority(THIRD, 0));

    assert_eq!([FIRST, SECOND, THIRD].map(|id| centre.place(id)), [1, 2, 3]);
}

#[test]
fn a_change_of_priority_takes_effect_at_once() {
    let mut centre = Centre::new();
    centre.say(with_priority(FIRST, 0));
    centre.after(1_000).say(with_priority(SECOND, 0));

    centre.after(1_000).say(with_priority(SECOND, 1));

    assert_eq!(centre.place(SECOND), 1);
}

#[test]
fn rings_widen_when_their_time_is_over() {
    let mut centre = Centre::staffed(&[CY]);

    let at_first = centre.say(with_rings(FIRST, &[("billing >= 4", Some(10_000)), ("billing >= 2", None)]));
    let too_early = centre.after(9_999).deadline();
    let then = centre.after(1).deadline();

    assert_eq!(offered_to(&at_first), Vec::<String>::new());
    assert_eq!(offered_to(&too_early), Vec::<String>::new());
    assert_eq!(offered_to(&then), [CY]);
}

#[test]
fn an_earlier_ring_stays_open() {
    let mut centre = Centre::new();
    centre.say(with_rings(FIRST, &[("agent.id == \"ann\"", Some(10_000)), ("agent.id == \"bob\"", None)]));
    centre.after(20_000).deadline();

    let effects = centre.status(ANN, Status::Available);

    assert_eq!(offered_to(&effects), [ANN]);
}

#[test]
fn after_the_last_ring_anyone_of_the_queue_may_take_it() {
    let mut centre = Centre::staffed(&[BOB]);
    centre.say(with_rings(FIRST, &[("billing >= 4", Some(5_000))]));

    let effects = centre.after(5_000).deadline();

    assert_eq!(offered_to(&effects), [BOB]);
}

#[test]
fn a_group_of_agents_comes_in_after_its_delay() {
    let mut centre = Centre::new();
    let mut late = profile();
    late.rules[0].delay_ms = 30_000;
    centre.say(Input::ProfileConfigured("late".into(), late));
    let cy = AgentConfig { routing_profile: Some("late".into()), ..person(300, 300) };
    centre.say(Input::AgentConfigured(CY.into(), cy));
    centre.status(CY, Status::Available);

    let at_once = centre.queued(FIRST, BILLING);
    let then = centre.after(30_000).deadline();

    assert_eq!(offered_to(&at_once), Vec::<String>::new());
    assert_eq!(offered_to(&then), [CY]);
}

#[test]
fn a_profile_puts_one_queue_before_another_for_its_agents() {
    let mut centre = Centre::new();
    let mut seller = profile();
    seller.rules[1].priority = 5;
    centre.say(Input::ProfileConfigured("front".into(), seller));
    centre.queued(FIRST, BILLING);
    centre.after(1_000).queued(SECOND, SALES);

    centre.status(CY, Status::Available);

    assert!(matches!(centre.stage(SECOND), Some(StageView::Offered { .. })));
}

#[test]
fn nothing_is_offered_before_its_time_and_it_keeps_its_place() {
    let mut centre = Centre::staffed(&[ANN]);
    let not_before = Some(Timestamp::from_millis(centre.now + 10_000));

    let at_once = centre.say(Input::InteractionQueued(Queued { not_before, ..call(FIRST, BILLING) }));
    let then = centre.after(10_000).deadline();

    assert_eq!(offered_to(&at_once), Vec::<String>::new());
    assert_eq!(offered_to(&then), [ANN]);
}
