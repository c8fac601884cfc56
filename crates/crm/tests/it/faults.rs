//! Nothing lost, nothing doubled, whoever is killed and whatever is told again.

use std::time::{Duration, Instant};

use contract::{crm::v1::InteractionState, interaction::v1::Channel, subject};
use futures::future::join_all;

use crate::{
    story::{call, phone, said, started},
    world::World,
};

/// Everything the history consists of, in one text that two moments can be compared by.
async fn everything(world: &World) -> String {
    let mut connection = world.owner().await;
    let mut all = String::new();
    for table in [
        "customer",
        "identity",
        "search_word",
        "support_case",
        "case_counter",
        "interaction",
        "message",
        "timeline",
    ] {
        let statement =
            format!("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM crm.{table} t");
        let rows: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&mut connection).await.unwrap();
        all = format!("{all}== {table}\n{rows}\n");
    }
    all
}

#[tokio::test]
async fn the_whole_stream_told_again_changes_nothing() {
    let mut world = World::start().await;
    for n in 0..20 {
        for event in call(&format!("+1555{:04}", n % 7), n * 100) {
            world.tell(&format!("i{n}"), event).await;
        }
        world.tell(&format!("i{n}"), said(1, "hello")).await;
    }
    world.settled().await;
    let before = everything(&world).await;

    // crm forgets how far it was: everything is delivered again, and the inbox knows it.
    world.stop().await;
    sqlx::raw_sql("TRUNCATE crm.consumer_position").execute(&mut world.owner().await).await.unwrap();
    world.start_again().await;
    world.settled().await;
    assert_eq!(everything(&world).await, before);

    // The inbox forgets too: what was recorded once is still recorded once.
    world.stop().await;
    sqlx::raw_sql("TRUNCATE crm.consumer_position, crm.inbox")
        .execute(&mut world.owner().await)
        .await
        .unwrap();
    world.start_again().await;
    world.settled().await;
    assert_eq!(everything(&world).await, before);
}

#[tokio::test]
async fn a_postgres_killed_in_the_middle_loses_and_doubles_nothing() {
    let world = World::start_own().await;
    let chats = 40;
    let tell = async |chat: usize| {
        let id = format!("i{chat}");
        world.tell(&id, started(Channel::Chat, 0, phone(&format!("+1555{chat:04}")))).await;
        for sequence in 1..=50 {
            world.tell(&id, said(sequence, "hello")).await;
        }
    };
    let kill = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.stack.kill("postgres").await.unwrap();
    };

    tokio::join!(join_all((0..chats).map(tell)), kill);
    world.settled().await;

    let (messages, customers): (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM crm.message), (SELECT count(*) FROM crm.customer)")
            .fetch_one(&mut world.owner().await)
            .await
            .unwrap();
    assert_eq!((messages, customers), (chats as i64 * 50, chats as i64));
    let letters = world.bus.jetstream().get_stream(subject::DEAD_LETTERS).await.unwrap();
    assert_eq!(letters.cached_info().state.messages, 0, "a server that was away is nobody's fault");
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_call_goes_on_where_it_was() {
    let mut world = World::start().await;
    let story = call("+15550123", 0);
    for event in &story[..5] {
        world.tell("i1", event.clone()).await;
    }
    world.restart().await;
    for event in &story[5..] {
        world.tell("i1", event.clone()).await;
    }
    world.settled().await;

    let interaction = world.interaction("i1").await.interaction.unwrap();
    assert_eq!((interaction.state(), interaction.agent_id.as_str()), (InteractionState::Closed, "ann"));
}

/// `cargo nextest run -p crm --run-ignored all -E 'test(messages_a_second)' --no-capture`
#[tokio::test]
#[ignore = "a measurement"]
async fn messages_a_second() {
    let world = World::start().await;
    let (chats, each) = (200, 100);
    let tell = async |chat: usize| {
        for sequence in 1..=each {
            world.tell(&format!("i{chat}"), said(sequence, "hello, how are you today?")).await;
        }
    };
    let begun = Instant::now();
    join_all((0..chats).map(tell)).await;
    let told = begun.elapsed();
    world.settled().await;
    let kept = begun.elapsed();

    let total = chats as f64 * each as f64;
    println!("told {:.0}/s, kept {:.0}/s", total / told.as_secs_f64(), total / kept.as_secs_f64());
}

/// `cargo nextest run -p crm --run-ignored all -E 'test(calls_a_second)' --no-capture`
#[tokio::test]
#[ignore = "a measurement"]
async fn calls_a_second() {
    let world = World::start().await;
    let calls = 500;
    let tell = async |n: i64| {
        for event in call(&format!("+1555{n:04}"), n) {
            world.tell(&format!("i{n}"), event).await;
        }
    };
    let begun = Instant::now();
    join_all((0..calls).map(tell)).await;
    world.settled().await;
    let kept = begun.elapsed().as_secs_f64();

    println!("{:.0} calls/s, {:.0} facts/s", calls as f64 / kept, calls as f64 * 10.0 / kept);
}
