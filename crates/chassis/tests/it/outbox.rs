//! Outbox and relay.

use std::time::Duration;

use chassis::{Relay, Start};
use testkit::Stack;
use tokio_util::sync::CancellationToken;

use crate::support::{Heard, bus, db, number, numbered};

/// Follows the stream into a record of what was published.
async fn listen(stack: &Stack) -> Heard {
    let heard = Heard::default();
    let mut tail =
        bus(stack, "listener").await.tail(vec![contract::subject::EVENTS_SUBJECTS.to_owned()], Start::Now);
    tail.ready().await;
    let record = heard.clone();
    tokio::spawn(async move {
        loop {
            let received = tail.next().await;
            record.add(&received.envelope.interaction_id, number(&received.envelope.event));
        }
    });
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_is_published_if_and_only_if_its_transaction_commits() {
    let stack = Stack::infra().await;
    let db = db(&stack).await;
    let heard = listen(&stack).await;
    tokio::spawn(Relay::new(db.clone(), bus(&stack, "one").await).run(CancellationToken::new()));

    let mut kept = db.begin("demo").await.unwrap();
    kept.publish(numbered("kept", 1));
    kept.commit().await.unwrap();
    let mut dropped = db.begin("demo").await.unwrap();
    dropped.publish(numbered("dropped", 1));
    drop(dropped);

    heard.wait_for(1).await;
    assert_eq!(heard.of("kept"), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_committed_before_a_kill_are_published_after_it() {
    let stack = Stack::infra().await;
    let db = db(&stack).await;
    let heard = listen(&stack).await;

    // The process dies between commit and publish: no relay has run.
    for n in 1..=50 {
        let mut tx = db.begin("demo").await.unwrap();
        tx.publish(numbered("call", n));
        tx.commit().await.unwrap();
    }
    // Its successor.
    tokio::spawn(Relay::new(db.clone(), bus(&stack, "one").await).run(CancellationToken::new()));

    heard.wait_for(50).await;
    assert_eq!(heard.of("call"), (1..=50).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_published_but_not_yet_deleted_is_not_doubled() {
    let stack = Stack::infra().await;
    let db = db(&stack).await;
    let heard = listen(&stack).await;
    let bus = bus(&stack, "one").await;
    let mut tx = db.begin("demo").await.unwrap();
    tx.publish(numbered("call", 1));
    tx.commit().await.unwrap();

    // The relay dies between ack and deletion: the bus has the fact, and so has the outbox.
    bus.publish(&numbered("call", 1)).await.unwrap();
    tokio::spawn(Relay::new(db.clone(), bus).run(CancellationToken::new()));

    heard.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_and_two_restarts_of_the_bus_keep_every_fact_once_and_in_order() {
    let stack = Stack::infra().await;
    let db = db(&stack).await;
    let heard = listen(&stack).await;
    for instance in ["one", "two"] {
        tokio::spawn(Relay::new(db.clone(), bus(&stack, instance).await).run(CancellationToken::new()));
    }

    for n in 1..=200 {
        let mut tx = db.begin("demo").await.unwrap();
        tx.publish(numbered("first", n));
        tx.publish(numbered("second", n));
        tx.commit().await.unwrap();
        if n % 80 == 0 {
            stack.kill("nats").await.unwrap();
        }
    }

    heard.wait_for(400).await;
    assert_eq!(heard.of("first"), (1..=200).collect::<Vec<_>>());
    assert_eq!(heard.of("second"), (1..=200).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_seq_that_commits_late_is_published_too() {
    let stack = Stack::infra().await;
    let db = db(&stack).await;
    let heard = listen(&stack).await;
    tokio::spawn(Relay::new(db.clone(), bus(&stack, "one").await).run(CancellationToken::new()));
    let mut slow = db.begin("demo").await.unwrap();
    sqlx::query("INSERT INTO probe.outbox (message_id, interaction_id, subject, envelope) VALUES ('slow', 'slow', 'switchboard.evt.probe.v1.slow.6.demo', ''::bytea)")
        .execute(slow.conn())
        .await
        .unwrap();

    let mut fast = db.begin("demo").await.unwrap();
    fast.publish(numbered("fast", 1));
    fast.commit().await.unwrap();
    heard.wait_for(1).await;
    slow.publish(numbered("late", 1));
    slow.commit().await.unwrap();

    heard.wait_for(2).await;
    assert_eq!(heard.of("late"), [1]);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (left,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM probe.outbox").fetch_one(db.pool()).await.unwrap();
    assert_eq!(left, 0);
}
