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
