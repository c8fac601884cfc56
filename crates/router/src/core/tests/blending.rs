//! Blending: agents between inbound and outbound, by thresholds, with hysteresis.

use super::*;

/// Ann serves sales (outbound) too, until three or more wait for billing, and again when one or none does.
fn blended(staff: &[&str]) -> Centre {
    let mut centre = Centre::staffed(staff);
    let blending = Blending {
        inbound: vec![BILLING.into()],
        outbound: vec![SALES.into()],
        leave_at: 3,
        return_at: 1,
        dwell_ms: 60_000,
    };
    let profile = ProfileConfig { blending: Some(blending), ..profile() };
    centre.say(Input::ProfileConfigured("front".into(), profile));
    centre.configure(BILLING, queue_with("agent.id == \"nobody\""));
    centre
}

fn moves_in(effects: &[Effect]) -> Vec<bool> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::BlendingChanged { serves_outbound, .. } => Some(*serves_outbound),
            _ => None,
        })
        .collect()
}

#[test]
fn outbound_work_rests_while_many_wait_inbound() {
    let mut centre = blended(&[BOB]);
    waiting_calls(&mut centre, BILLING, 2);
    let calm = centre.queued(FIRST, SALES);
    centre.ended(FIRST);

    let third = centre.queued(THIRD, BILLING);
    let busy = centre.queued(SECOND, SALES);

    assert_eq!(offered_to(&calm), [BOB]);
    assert_eq!(moves_in(&third), [false]);
    assert_eq!(offered_to(&busy), Vec::<String>::new());
}

#[test]
fn agents_come_back_at_the_lower_threshold_and_take_what_waits() {
    let mut centre = blended(&[BOB]);
    waiting_calls(&mut centre, BILLING, 3);
    centre.queued(FIRST, SALES);
    centre.after(60_000);

    let at_two = centre.ended(InteractionId(100));
    let at_one = centre.ended(InteractionId(101));

    assert_eq!(moves_in(&at_two), Vec::<bool>::new(), "between the thresholds nothing moves");
    assert_eq!(moves_in(&at_one), [true]);
    assert_eq!(offered_to(&at_one), [BOB]);
}

#[test]
fn nobody_is_moved_again_before_the_least_time_is_over() {
    let mut centre = blended(&[BOB]);
    waiting_calls(&mut centre, BILLING, 3);

    let mut early = centre.ended(InteractionId(100));
    early.extend(centre.ended(InteractionId(101)));
    let due = centre.router.next_deadline().unwrap().0;
    centre.now = due.as_millis();
    let on_time = centre.deadline();

    assert_eq!(moves_in(&early), Vec::<bool>::new());
    assert_eq!(moves_in(&on_time), [true]);
}

#[test]
fn blending_survives_a_restart() {
    let mut centre = blended(&[BOB]);
    waiting_calls(&mut centre, BILLING, 3);

    centre.router = Router::restore(&centre.router.snapshot().unwrap()).unwrap();
    let effects = centre.queued(FIRST, SALES);

    assert_eq!(offered_to(&effects), Vec::<String>::new());
}
