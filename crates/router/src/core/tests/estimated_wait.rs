//! (Estimated wait) AHT × p / c × P, where each comes from, and how wrong it was.

use super::*;
use crate::core::estimate::wait_ms;

/// "Test vector (Wave): 10 agents, 300 s, minimum 60 s, 5th in line → 60+6+300×4/10 = 186 s".
#[test]
fn test_vector_wave_186_s() {
    assert_eq!(wait_ms(300_000, 10, 5, 1000, Some(60_000)), Some(186_000));
}

#[test]
fn without_a_minimum_it_is_handling_time_by_place_by_agents_by_who_stays() {
    assert_eq!(wait_ms(300_000, 10, 5, 1000, None), Some(150_000));
    assert_eq!(wait_ms(300_000, 10, 5, 800, None), Some(120_000));
}

#[test]
fn with_nobody_at_work_there_is_no_number() {
    let mut centre = Centre::new();
    centre.configure(BILLING, QueueConfig { handling_ms: Some(300_000), ..queue_with("") });
    centre.queued(FIRST, BILLING);

    let estimate = centre.router.estimate(&"demo".into(), FIRST).unwrap();

    assert_eq!((estimate.wait_ms, estimate.agents), (None, 0));
}

/// Wave's example through the router: ten agents who talk, five callers who wait.
#[test]
fn the_fifth_of_a_queue_of_ten_agents_waits_186_s() {
    let mut centre = Centre::new();
    let config = QueueConfig {
        handling_ms: Some(300_000),
        minimum_wait_ms: Some(60_000),
        ..queue_with("billing >= 2")
    };
    centre.configure(BILLING, config);
    for number in 0..10 {
        let agent = format!("agent-{number}");
        centre.say(Input::AgentConfigured(agent.as_str().into(), person(300, 0)));
        centre.status(&agent, Status::Available);
        centre.answered(InteractionId(1_000 + number), BILLING);
    }
    waiting_calls(&mut centre, BILLING, 5);

    let estimate = centre.router.estimate(&"demo".into(), InteractionId(104)).unwrap();

    assert_eq!(estimate.wait_ms, Some(186_000));
    assert_eq!(estimate.handling, Some((300_000, Basis::Configured)));
    assert_eq!(estimate.agents, 10);
}

/// What the router says about one caller who waits for Ann.
fn estimate(centre: &mut Centre) -> Estimate {
    centre.answered(FIRST, BILLING);
    centre.queued(SECOND, BILLING);
    let estimate = centre.router.estimate(&"demo".into(), SECOND).unwrap();
    centre.ended(SECOND);
    centre.ended(FIRST);
    centre.completed(ANN, FIRST);
    estimate
}

#[test]
fn handling_time_is_measured_over_the_last_half_hour_then_last_week_then_configured() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, QueueConfig { handling_ms: Some(500_000), ..queue_with("billing >= 2") });
    let first_handled = centre.now;
    for id in 10..14 {
        centre.handled(InteractionId(id), BILLING, 100_000);
    }

    let measured = {
        let (handling, basis) = estimate_of(&mut centre, 20);
        assert_eq!(basis, Basis::Measured);
        handling
    };
    centre.after(31 * 60_000);
    let later = estimate_of(&mut centre, 30);
    centre.now = first_handled + 7 * 86_400_000;
    let next_week = estimate_of(&mut centre, 40);

    assert_eq!(measured, 100_000);
    assert_eq!(later, (500_000, Basis::Configured));
    assert_eq!(next_week.1, Basis::LastWeek);
}

fn estimate_of(centre: &mut Centre, id: u128) -> (i64, Basis) {
    centre.answered(InteractionId(id), BILLING);
    centre.queued(InteractionId(id + 1), BILLING);
    let estimate = centre.router.estimate(&"demo".into(), InteractionId(id + 1)).unwrap();
    // Nobody answered the second, and the first is let go without a talk: neither counts as handled.
    centre.say(Input::Transfer(Transfer {
        interaction: InteractionId(id),
        agent: Some(ANN.into()),
        queue: Some(SALES.into()),
        to_agent: None,
        only_for_ms: None,
        keep_place: false,
    }));
    centre.ended(InteractionId(id));
    centre.ended(InteractionId(id + 1));
    estimate.handling.unwrap()
}

#[test]
fn who_leaves_shortens_the_wait_of_who_stays() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, QueueConfig { handling_ms: Some(100_000), ..queue_with("billing >= 2") });
    centre.answered(THIRD, BILLING);
    for id in 10..13 {
        centre.queued(InteractionId(id), BILLING);
        centre.ended(InteractionId(id));
    }

    centre.queued(SECOND, BILLING);
    let estimate = centre.router.estimate(&"demo".into(), SECOND).unwrap();

    assert_eq!(estimate.staying, 250, "one of four stayed");
    assert_eq!(estimate.wait_ms, Some(25_000));
}

#[test]
fn the_error_of_past_estimates_is_reported() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, QueueConfig { handling_ms: Some(60_000), ..queue_with("billing >= 2") });
    centre.answered(FIRST, BILLING);
    centre.queued(SECOND, BILLING);

    centre.after(80_000).ended(FIRST);
    let effects = centre.completed(ANN, FIRST);
    let (_, offer) = offer_in(&effects).unwrap();
    let effects = centre.accept(ANN, offer);

    let error = effects.iter().find_map(|effect| match effect {
        Effect::InteractionAssigned { estimate_error, .. } => *estimate_error,
        _ => None,
    });
    assert_eq!(error, Some(250), "60 s were said, 80 s came");
    assert_eq!(centre.view(BILLING).estimate_error, Some(250));
}

#[test]
fn a_callback_of_tomorrow_is_nobody_ahead() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, QueueConfig { handling_ms: Some(60_000), ..queue_with("billing >= 2") });
    centre.answered(THIRD, BILLING);
    let not_before = Some(Timestamp::from_millis(centre.now + 86_400_000));
    centre.say(Input::InteractionQueued(Queued { not_before, ..call(FIRST, BILLING) }));

    centre.after(1_000).queued(SECOND, BILLING);

    assert_eq!(centre.place(SECOND), 1);
    assert_eq!(estimate_wait(&centre), Some(60_000));
}

fn estimate_wait(centre: &Centre) -> Option<i64> {
    centre.router.estimate(&"demo".into(), SECOND).and_then(|estimate| estimate.wait_ms)
}

#[test]
fn an_estimate_survives_a_restart() {
    let mut centre = Centre::staffed(&[ANN]);
    for id in 10..14 {
        centre.handled(InteractionId(id), BILLING, 100_000);
    }

    let before = estimate(&mut centre);
    centre.router = Router::restore(&centre.router.snapshot().unwrap()).unwrap();

    assert_eq!(before.handling.map(|(_, basis)| basis), Some(Basis::Measured));
    assert_eq!(centre.view(BILLING).handling.map(|(_, basis)| basis), Some(Basis::Measured));
}
