//! Durable consumers inside a process.

use std::sync::{
    LazyLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use chassis::{Consumer, Context, DeadLetters, HandleError, Handler, Parts, Process, Received, Service, Tx};
use serde::Deserialize;
use testkit::Stack;

use crate::support::{bus, number, numbered};

/// A service that writes down what it hears, and refuses what it is told to refuse.
pub struct Scribe;

static CURED: LazyLock<AtomicBool> = LazyLock::new(|| AtomicBool::new(false));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScribeConfig {}

impl Service for Scribe {
    const NAME: &'static str = "scribe";
    const DEFAULTS: &'static str = "[scribe]\n";
    type Config = ScribeConfig;

    fn migrations() -> Option<sqlx::migrate::Migrator> {
        None
    }

    async fn start(_: ScribeConfig, _: Context) -> anyhow::Result<Parts> {
        Ok(Parts::new().consumer(Consumer::new("notes", &[("interaction", "interaction_connected")], Notes)))
    }
}

struct Notes;

impl Handler for Notes {
    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        let interaction = &received.envelope.interaction_id;
        if interaction == "poison" && !CURED.load(Ordering::SeqCst) {
            return Err(HandleError::dead("poison"));
        }
        sqlx::query("INSERT INTO public.note (interaction, n) VALUES ($1, $2)")
            .bind(interaction)
            .bind(number(&received.envelope.event) as i64)
            .execute(tx.conn())
            .await?;
        Ok(())
    }
}

async fn notes(stack: &Stack, interaction: &str) -> Vec<i64> {
    let mut owner = chassis::connect_owner(&crate::support::settings(stack).postgres).await.unwrap();
    let rows: Vec<(i64,)> = sqlx::query_as("SELECT n FROM public.note WHERE interaction = $1 ORDER BY seq")
        .bind(interaction)
        .fetch_all(&mut owner)
        .await
        .unwrap();
    rows.into_iter().map(|(n,)| n).collect()
}

pub async fn wait_for_notes(stack: &Stack, interaction: &str, count: usize) -> Vec<i64> {
    let mut found = Vec::new();
    for _ in 0..300 {
        found = notes(stack, interaction).await;
        if found.len() >= count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    found
}

async fn stack_with_notes() -> Stack {
    let stack = Stack::own().await;
    make_notes(&stack).await;
    stack
}

pub async fn make_notes(stack: &Stack) {
    let mut owner = chassis::connect_owner(&crate::support::settings(stack).postgres).await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE public.note (seq bigserial, interaction text, n bigint);
         GRANT ALL ON public.note TO PUBLIC; GRANT ALL ON SEQUENCE public.note_seq_seq TO PUBLIC",
    )
    .execute(&mut owner)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_handled_once_and_in_order_while_database_and_bus_are_killed() {
    let stack = stack_with_notes().await;
    let running = stack.run(Process::new("test").with::<Scribe>()).await;
    let writer = bus(&stack, "writer").await;

    for n in 1..=400 {
        while writer.publish(&numbered("call", n)).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        match n {
            100 | 300 => stack.kill("postgres").await.unwrap(),
            200 => stack.kill("nats").await.unwrap(),
            _ => {}
        }
    }

    let found = wait_for_notes(&stack, "call", 400).await;
    assert_eq!(found, (1..=400).collect::<Vec<_>>());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisonous_fact_is_buried_told_of_and_replayed_and_stops_nobody_else() {
    let stack = stack_with_notes().await;
    let running = stack.run(Process::new("test").with::<Scribe>()).await;
    let bus = bus(&stack, "writer").await;

    bus.publish(&numbered("poison", 1)).await.unwrap();
    bus.publish(&numbered("healthy", 1)).await.unwrap();

    assert_eq!(wait_for_notes(&stack, "healthy", 1).await, [1]);
    let letters = DeadLetters::new(bus.clone());
    let listed = letters.list("scribe", 0, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].interaction_id.as_str(), listed[0].attempts), ("poison", 1));
    assert!(listed[0].error.contains("poison"), "{}", listed[0].error);

    CURED.store(true, Ordering::SeqCst);
    assert!(letters.replay(listed[0].sequence).await.unwrap());

    assert_eq!(wait_for_notes(&stack, "poison", 1).await, [1]);
    assert!(letters.list("scribe", 0, 10).await.unwrap().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_process_goes_on_where_the_last_one_was() {
    let stack = stack_with_notes().await;
    let bus = bus(&stack, "writer").await;
    let first = stack.run(Process::new("test").with::<Scribe>()).await;
    bus.publish(&numbered("call", 1)).await.unwrap();
    assert_eq!(wait_for_notes(&stack, "call", 1).await, [1]);
    first.stop().await;

    bus.publish(&numbered("call", 2)).await.unwrap();
    bus.publish(&numbered("call", 2)).await.unwrap();
    let second = stack.run(Process::new("test").with::<Scribe>()).await;

    assert_eq!(wait_for_notes(&stack, "call", 2).await, [1, 2]);
    second.stop().await;
}

/// A service that counts how its facts come: how many transactions, how many facts, how many it does not want.
struct Tally;

static TRANSACTIONS: AtomicUsize = AtomicUsize::new(0);
static TALLIED: AtomicUsize = AtomicUsize::new(0);
static UNWANTED: AtomicUsize = AtomicUsize::new(0);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TallyConfig {}

impl Service for Tally {
    const NAME: &'static str = "tally";
    const DEFAULTS: &'static str = "[tally]\n";
    type Config = TallyConfig;

    fn migrations() -> Option<sqlx::migrate::Migrator> {
        None
    }

    async fn start(_: TallyConfig, _: Context) -> anyhow::Result<Parts> {
        let pace = std::time::Duration::from_millis(300);
        let facts = [("interaction", "interaction_connected")];
        Ok(Parts::new().consumer(Consumer::new("tally", &facts, CountsFacts).paced(pace)))
    }
}

struct CountsFacts;

impl Handler for CountsFacts {
    fn wants(&self, received: &Received) -> bool {
        let wanted = received.envelope.interaction_id != "noise";
        UNWANTED.fetch_add(usize::from(!wanted), Ordering::SeqCst);
        wanted
    }

    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        self.handle_batch(tx, &[received]).await
    }

    async fn handle_batch(&self, _: &mut Tx, batch: &[&Received]) -> Result<(), HandleError> {
        TRANSACTIONS.fetch_add(1, Ordering::SeqCst);
        TALLIED.fetch_add(batch.len(), Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_come_close_together_share_transactions_and_unwanted_ones_cost_none() {
    let stack = Stack::own().await;
    let running = stack.run(Process::new("test").with::<Tally>()).await;
    let writer = bus(&stack, "writer").await;

    for n in 1..=50 {
        writer.publish(&numbered("call", n)).await.unwrap();
        writer.publish(&numbered("noise", n)).await.unwrap();
    }
    for _ in 0..300 {
        if TALLIED.load(Ordering::SeqCst) + UNWANTED.load(Ordering::SeqCst) >= 100 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    assert_eq!(TALLIED.load(Ordering::SeqCst), 50);
    assert_eq!(UNWANTED.load(Ordering::SeqCst), 50);
    let transactions = TRANSACTIONS.load(Ordering::SeqCst);
    assert!(transactions <= 25, "{transactions} transactions for 50 facts");
    running.stop().await;
}
