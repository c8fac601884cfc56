//! Leases.

use std::time::{Duration, Instant};

use testkit::Stack;

use crate::support::bus;

const TTL: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_has_one_holder_and_passes_on_within_two_seconds_of_a_death() {
    let stack = Stack::infra().await;
    let first = bus(&stack, "first").await.lease("router/3", TTL);
    let second = bus(&stack, "second").await.lease("router/3", TTL);

    let held = first.acquire().await;
    let too_early = tokio::time::timeout(TTL * 2, second.acquire()).await;
    assert!(too_early.is_err(), "two holders");
    let died_at = Instant::now();
    let epoch = held.epoch();
    drop(held); // No release: as a kill.

    let successor = second.acquire().await;
    assert!(died_at.elapsed() < Duration::from_millis(2_500), "{:?}", died_at.elapsed());
    assert!(successor.epoch() > epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_lease_passes_on_at_once() {
    let stack = Stack::infra().await;
    let first = bus(&stack, "first").await.lease("router/3", Duration::from_secs(30));
    let second = bus(&stack, "second").await.lease("router/3", Duration::from_millis(600));

    let held = first.acquire().await;
    held.release().await;

    tokio::time::timeout(Duration::from_secs(2), second.acquire()).await.expect("the lease is free");
}
