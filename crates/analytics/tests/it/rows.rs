//! The rows: complete for reports, and quick to read when there are many.

use std::time::Instant;

use analytics::core::{
    journey::Journey,
    visit::{Closing, Step},
};
use contract::{Timestamp, analytics::v1::GetLiveRequest, interaction::v1::EndReason};
use sqlx::{Connection as _, PgConnection, types::Json};

use crate::{
    story::{assigned, call, closed, configure, connected, ended, queued},
    world::{NOON, World},
};

#[tokio::test]
async fn a_handled_call_is_a_complete_row() {
    let world = World::start().await;
    configure(&world).await;
    call(&world, "i1", 5).await;
    world.settled().await;

    let row: (String, String, bool, i64, i64, i64, i64) = sqlx::query_as(
        "SELECT queue, agent_id, open, queued_at, answered_at, talk_ms, wrap_up_ms FROM analytics.interaction",
    )
    .fetch_one(&mut world.owner().await)
    .await
    .unwrap();

    let expected = ("billing".to_owned(), "ann".to_owned(), false, NOON, NOON + 5_000, 60_000, 20_000);
    assert_eq!(row, expected);
}

#[tokio::test]
async fn a_fact_about_nothing_is_buried_and_harms_nobody() {
    let world = World::start().await;
    configure(&world).await;

    world.tell("", queued("billing")).await;
    world.tell("i1", queued("billing")).await;

    assert_eq!(world.queue("billing").await.waiting, 1);
    let letters = world.bus.jetstream().get_stream(contract::subject::DEAD_LETTERS).await.unwrap();
    assert_eq!(letters.cached_info().state.messages, 1);
}

#[tokio::test]
async fn an_agent_named_only_by_their_state_has_a_name() {
    let world = World::start().await;
    let state = contract::router::v1::AgentStateChanged {
        agent_name: "Ann Archer".to_owned(),
        ..crate::story::agent_is("ann", contract::router::v1::AgentState::Ready)
    };

    world.tell("", state).await;
    world.tell("i1", queued("unknown-queue")).await;
    world.tell("i1", assigned("ann", "unknown-queue")).await;
    world.tell("i1", connected("ann")).await;
    world.tell("i1", ended(EndReason::CustomerLeft)).await;
    world.tell("i1", closed("ann", "unknown-queue")).await;

    assert_eq!(world.agent("ann").await.name, "Ann Archer");
    assert_eq!(world.queue("unknown-queue").await.answered, 1);
}

fn handled(n: i64) -> Journey {
    let at = |second: i64| Timestamp::from_millis(NOON - 3_600_000 + n * 10 + second * 1_000);
    let agent = format!("a{}", n % 200);
    let mut journey = Journey::default();
    journey.add(1, Step::Queued { at: at(0), channel: 1, queue: format!("q{}", n % 20) });
    journey.add(2, Step::Connected { at: at(9), agent: agent.clone() });
    journey.add(3, Step::Ended { at: at(69), reason: 1 });
    let closing = Closing { at: at(89), agent, talk: 60_000, wrap_up: 20_000, ..Closing::default() };
    journey.add(4, Step::Closed(closing));
    journey
}

#[tokio::test]
async fn a_day_of_100_000_is_rebuilt_in_seconds_and_changes_cost_no_rescan() {
    let world = World::start().await;
    let mut owner = world.owner().await;
    for chunk in 0..20 {
        let journeys: Vec<Json<Journey>> = (0..5_000).map(|n| Json(handled(chunk * 5_000 + n))).collect();
        sqlx::query(
            "INSERT INTO analytics.interaction (tenant_id, interaction_id, channel, entry_point, queue, agent_id,
               disposition, end_reason, open, active_at, journey, revision)
             SELECT 'demo', 'i' || $1 || '-' || n, 1, '', '', '', '', 1, false, $2, j,
               nextval('analytics.revision') FROM UNNEST($3::jsonb[]) WITH ORDINALITY AS t (j, n)",
        )
        .bind(chunk)
        .bind(NOON)
        .bind(journeys)
        .execute(&mut owner)
        .await
        .unwrap();
    }
    sqlx::raw_sql("ANALYZE analytics.interaction").execute(&mut owner).await.unwrap();
    let ask = async || {
        let begun = Instant::now();
        let answer = world.service("demo").get_live(GetLiveRequest {}).await.unwrap().into_inner();
        (begun.elapsed(), answer.live.unwrap())
    };

    let (rebuilt_in, live) = ask().await;
    world.tell("new", queued("q1")).await;
    world.settled().await;
    let (changed_in, changed) = ask().await;

    println!("100,000 interactions rebuilt in {rebuilt_in:?}, a change shown in {changed_in:?}");
    assert_eq!(live.queues.iter().map(|queue| queue.answered).sum::<i32>(), 100_000);
    assert_eq!(changed.queues.iter().map(|queue| queue.waiting).sum::<i32>(), 1);
    let mut connection = PgConnection::connect(&world.stack.postgres_app_url).await.unwrap();
    sqlx::query("SELECT set_config('switchboard.tenant', 'demo', false)")
        .execute(&mut connection)
        .await
        .unwrap();
    let plan: Vec<String> = sqlx::query_scalar(
        "EXPLAIN SELECT interaction_id, journey, revision FROM analytics.interaction
         WHERE tenant_id = $1 AND revision > $2",
    )
    .bind("demo")
    .bind(100_000_i64)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(plan.join("\n").contains("Index Scan using interaction_revision"), "{plan:?}");
}
