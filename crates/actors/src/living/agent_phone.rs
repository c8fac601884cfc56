//! An agent's telephone: rings, is picked up after a moment, and hung up when all is said.

use std::{sync::Arc, time::Duration};

use rand::{RngExt as _, rngs::StdRng};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    chance::{about, between},
    world::World,
};
use crate::phone::Incoming;

/// Of all calls, how many are let ring.
pub(super) const LET_RING: f64 = 0.015;

/// Who has said nothing for so long is not just letting the other one speak.
const TOO_QUIET: Duration = Duration::from_secs(4);

/// One call, from ringing to its end.
pub(super) async fn take(
    world: Arc<World>,
    index: usize,
    mut incoming: Incoming,
    mut rng: StdRng,
    leave: CancellationToken,
) {
    if rng.random_bool(LET_RING) {
        world.counts.let_ring.add();
        return incoming.given_up().await;
    }
    tokio::select! {
        () = incoming.given_up() => return,
        () = leave.cancelled() => return incoming.refuse("486 Busy Here").await,
        () = tokio::time::sleep(between(&mut rng, 1.0, 4.5)) => {}
    }
    let caller = incoming.caller();
    let Some(mut call) = incoming.answer(world.voice(index + 3)).await else { return };
    world.counts.calls_answered.add();
    world.talks(&caller, true);
    let began = Instant::now();
    let mut hung_up = false;
    tokio::select! {
        () = call.ended() => hung_up = true,
        () = leave.cancelled() => {}
        () = tokio::time::sleep(about(&mut rng, 40.0, 8.0, 180.0)) => {}
    }
    world.talks(&caller, false);
    let heard = if hung_up { call.heard() } else { call.hang_up().await };
    if heard.loud == 0 && began.elapsed() > TOO_QUIET {
        world.counts.calls_silent.add();
    }
}
