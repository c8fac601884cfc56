//! A customer on the telephone: hears the menu, presses a key, waits as long as they can, talks, hangs up.

use std::{sync::Arc, time::Duration};

use rand::{RngExt as _, rngs::StdRng};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    chance::{about, between},
    world::{Customer, World},
};
use crate::phone::Call;

/// How often a caller notices whether somebody has picked up.
const NOTICE: Duration = Duration::from_millis(250);
/// Of those who gave up, how many call again.
const CALL_AGAIN: f64 = 0.4;

/// Of all callers, how many hang up after a few seconds of music.
const IN_A_HURRY: f64 = 0.06;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// After talking to an agent.
    Served,
    /// The customer gave up.
    Abandoned,
    /// Refused, or ended by the centre before anybody spoke.
    Failed,
    /// The demo is over.
    Stopped,
}

/// One customer's wish for a talk, with a second try when they gave up.
pub(super) async fn call(world: Arc<World>, customer: Customer, mut rng: StdRng, leave: CancellationToken) {
    let mut outcome = once(&world, &customer, &mut rng, &leave).await;
    if outcome == Outcome::Abandoned && rng.random_bool(CALL_AGAIN) {
        tokio::select! {
            () = leave.cancelled() => outcome = Outcome::Stopped,
            () = tokio::time::sleep(between(&mut rng, 15.0, 60.0)) => {}
        }
        if outcome != Outcome::Stopped {
            world.counts.calls_again.add();
            once(&world, &customer, &mut rng, &leave).await;
        }
    }
    world.leaves(&customer);
}

async fn once(world: &World, customer: &Customer, rng: &mut StdRng, leave: &CancellationToken) -> Outcome {
    world.counts.calls.add();
    world.calls(true);
    let outcome = talk(world, customer, rng, leave).await;
    world.calls(false);
    match outcome {
        Outcome::Abandoned => world.counts.calls_abandoned.add(),
        Outcome::Failed => world.counts.calls_failed.add(),
        Outcome::Served | Outcome::Stopped => {}
    }
    outcome
}

/// How long a caller waits: most for a minute or so, a few hardly at all.
fn patience(rng: &mut StdRng) -> Duration {
    if rng.random_bool(IN_A_HURRY) { between(rng, 1.0, 6.0) } else { about(rng, 75.0, 10.0, 240.0) }
}

async fn talk(world: &World, customer: &Customer, rng: &mut StdRng, leave: &CancellationToken) -> Outcome {
    let Some(number) = &world.plan.number else { return Outcome::Failed };
    let voice = world.voice(customer.index);
    let dialled = Call::dial(&world.phones, number, &customer.number, &customer.name, voice).await;
    let mut call = match dialled {
        Ok(call) => call,
        Err(error) => {
            tracing::debug!(%error, "a call failed");
            return Outcome::Failed;
        }
    };
    let press_at = Instant::now() + between(rng, 1.0, 4.0);
    let gives_up_at = press_at + patience(rng);
    let talks_for = about(rng, 80.0, 15.0, 240.0);
    let mut pressed = false;
    let mut hangs_up_at = None;
    loop {
        tokio::select! {
            () = leave.cancelled() => {
                call.hang_up().await;
                return if hangs_up_at.is_some() { Outcome::Served } else { Outcome::Stopped };
            }
            () = call.ended() => {
                return if hangs_up_at.is_some() { Outcome::Served } else { Outcome::Failed };
            }
            () = tokio::time::sleep(NOTICE) => {}
        }
        let now = Instant::now();
        if !pressed && now >= press_at {
            pressed = true;
            let choices = &world.plan.choices;
            call.press(choices[rng.random_range(0..choices.len())]);
        }
        if hangs_up_at.is_none() && world.is_talking(&customer.number) {
            hangs_up_at = Some(now + talks_for);
        }
        match hangs_up_at {
            Some(at) if now >= at => {
                let heard = call.hang_up().await;
                if heard.loud == 0 {
                    world.counts.calls_silent.add();
                }
                return Outcome::Served;
            }
            None if now >= gives_up_at => {
                call.hang_up().await;
                return Outcome::Abandoned;
            }
            _ => {}
        }
    }
}
