//! Tails.

use chassis::Start;
use testkit::Stack;

use crate::support::{bus, number, numbered};

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_has_no_gap_and_nothing_twice_when_the_bus_is_killed() {
    let stack = Stack::infra().await;
    let writer = bus(&stack, "writer").await;
    let mut tail =
        bus(&stack, "reader").await.tail(vec![contract::subject::EVENTS_SUBJECTS.to_owned()], Start::Now);
    tail.ready().await;

    let writing = async {
        for n in 1..=300 {
            while writer.publish(&numbered("call", n)).await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            if n % 120 == 0 {
                stack.kill("nats").await.unwrap();
            }
        }
    };
    let reading = async {
        let mut heard = Vec::new();
        while heard.len() < 300 {
            heard.push(number(&tail.next().await.envelope.event));
        }
        heard
    };
    let ((), heard) = tokio::join!(writing, reading);

    assert_eq!(heard, (1..=300).collect::<Vec<_>>());
}

/// The numbers that a tail hears up to and with `last`.
async fn heard_until(tail: &mut chassis::Tail, last: u64) -> Vec<u64> {
    let mut heard = Vec::new();
    while heard.last() != Some(&last) {
        heard.push(number(&tail.next().await.envelope.event));
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn tails_of_one_process_share_a_reading_and_each_hears_all_of_its_own() {
    let stack = Stack::infra().await;
    let bus = bus(&stack, "reader").await;
    let named = |name| vec![contract::subject::events_named("interaction", name)];
    for n in 1..=50 {
        bus.publish(&numbered("early", n)).await.unwrap();
    }

    let mut now = bus.tail(named("interaction_connected"), Start::Now);
    now.ready().await;
    let mut beginning = bus.tail(named("*"), Start::Beginning);
    let mut other = bus.tail(named("interaction_ended"), Start::Beginning);
    let mut half = bus.tail(named("interaction_connected"), Start::After(25));
    for n in 51..=100 {
        bus.publish(&numbered("late", n)).await.unwrap();
    }
    let mut afterwards = bus.tail(named("interaction_connected"), Start::Beginning);

    assert_eq!(heard_until(&mut now, 100).await, (51..=100).collect::<Vec<_>>());
    assert_eq!(heard_until(&mut beginning, 100).await, (1..=100).collect::<Vec<_>>());
    assert_eq!(heard_until(&mut half, 100).await, (26..=100).collect::<Vec<_>>());
    assert_eq!(heard_until(&mut afterwards, 100).await, (1..=100).collect::<Vec<_>>());
    let nothing = tokio::time::timeout(std::time::Duration::from_millis(300), other.next()).await;
    assert!(nothing.is_err(), "what it did not ask for is not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_that_does_not_keep_up_misses_nothing_and_holds_nobody_up() {
    const FACTS: u64 = 10_000;
    let stack = Stack::infra().await;
    let bus = bus(&stack, "reader").await;
    let all = || vec![contract::subject::EVENTS_SUBJECTS.to_owned()];
    let mut slow = bus.tail(all(), Start::Now);
    let mut quick = bus.tail(all(), Start::Now);
    slow.ready().await;
    quick.ready().await;

    let writer = bus.clone();
    let writing = async {
        let facts: Vec<_> = (1..=FACTS).map(|n| numbered("call", n)).collect();
        for some in facts.chunks(25) {
            let acks = futures::future::join_all(some.iter().map(|fact| writer.publish(fact))).await;
            assert!(acks.iter().all(Result::is_ok));
        }
    };
    let ((), heard) = tokio::join!(writing, heard_until(&mut quick, FACTS));

    assert_eq!(heard, (1..=FACTS).collect::<Vec<_>>());
    assert_eq!(heard_until(&mut slow, FACTS).await, (1..=FACTS).collect::<Vec<_>>());
}
