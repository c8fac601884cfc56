//! Lists stay quick when they are long.

use std::time::Instant;

use contract::{
    Timestamp,
    crm::v1::{InteractionState, ListInteractionsRequest},
    interaction::v1::Channel,
};
use crm::{
    core::page::Position,
    store::interactions::{Filter, list_query},
};
use sqlx::{Connection as _, PgConnection};
use tonic::Code;

use crate::{
    story::{ended, phone, queued, started},
    world::{NOON, World},
};

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let world = World::start().await;
    for n in 0..25 {
        // Five start at the same moment: the id breaks ties.
        world.tell(&format!("i{n:02}"), started(Channel::Voice, n / 5, phone("+15550123"))).await;
    }
    world.settled().await;
    let mut request = ListInteractionsRequest { page_size: 7, ..ListInteractionsRequest::default() };
    let mut ids = Vec::new();
    loop {
        let page = world.service("demo").list_interactions(request.clone()).await.unwrap().into_inner();
        ids.extend(page.interactions.into_iter().map(|interaction| interaction.interaction_id));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }

    let expected: Vec<String> = (0..25).rev().map(|n| format!("i{n:02}")).collect();
    assert_eq!(ids, expected);
    request.page_token = "made up".to_owned();
    let refused = world.service("demo").list_interactions(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn filters_let_through_what_they_say() {
    let world = World::start().await;
    world.tell("call", started(Channel::Voice, 0, phone("+15550123"))).await;
    world.tell("call", queued("billing")).await;
    world.tell("chat", started(Channel::Chat, 60, phone("+15550199"))).await;
    world.tell("done", started(Channel::Voice, 120, phone("+15550123"))).await;
    world.tell("done", ended(130, contract::interaction::v1::EndReason::LeftInFlow)).await;
    world.settled().await;
    let ids = async |request: ListInteractionsRequest| -> Vec<String> {
        let page = world.service("demo").list_interactions(request).await.unwrap().into_inner();
        page.interactions.into_iter().map(|interaction| interaction.interaction_id).collect()
    };
    let all = ListInteractionsRequest::default;

    assert_eq!(ids(all()).await, ["done", "chat", "call"]);
    assert_eq!(ids(ListInteractionsRequest { queue: "billing".into(), ..all() }).await, ["call"]);
    assert_eq!(ids(ListInteractionsRequest { channel: Channel::Chat.into(), ..all() }).await, ["chat"]);
    assert_eq!(ids(ListInteractionsRequest { open_only: true, ..all() }).await, ["chat", "call"]);
    let customer_id = world.who("call").await.0;
    assert_eq!(ids(ListInteractionsRequest { customer_id, ..all() }).await, ["done", "call"]);
    let later = Some(Timestamp::from_millis(NOON + 60_000).to_proto());
    assert_eq!(ids(ListInteractionsRequest { started_from: later, ..all() }).await, ["done", "chat"]);
    assert_eq!(ids(ListInteractionsRequest { started_before: later, ..all() }).await, ["call"]);
    assert_eq!(world.interaction("done").await.interaction.unwrap().state(), InteractionState::Closed);
}

/// 100,000 interactions of 2,000 customers, 300 of them open, in a schema that also holds another tenant's.
async fn fill(connection: &mut PgConnection) {
    for (tenant, rows) in [("demo", 100_000), ("acme", 20_000)] {
        sqlx::query(
            "INSERT INTO crm.interaction (tenant_id, interaction_id, channel, direction, entry_point, instance, queue,
               agent_id, customer_id, case_id, state, end_reason, disposition, note, started_at, history)
             SELECT $1, 'i' || n, 1 + n % 4, 1, 'front', '', 'q' || n % 20, 'a' || n % 200, 'c' || n % 2000, 'k',
               CASE WHEN n % 333 = 0 THEN 2 ELSE 7 END, 1, '', '', $2 + n * 1000, '{}'
             FROM generate_series(1, $3) AS n",
        )
        .bind(tenant)
        .bind(NOON)
        .bind(rows)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    sqlx::raw_sql(
        "INSERT INTO crm.search_word SELECT 'demo', w, 'c' || n
           FROM generate_series(0, 1999) AS n, LATERAL (VALUES ('name' || n), ('smith'), ('1555' || n)) AS t (w);
         INSERT INTO crm.customer SELECT 'demo', 'c' || n, 'Name' || n, n, n, 1 FROM generate_series(0, 1999) AS n;
         ANALYZE crm.interaction; ANALYZE crm.customer; ANALYZE crm.search_word;",
    )
    .execute(connection)
    .await
    .unwrap();
}

async fn plan(connection: &mut PgConnection, filter: &Filter) -> String {
    let text = format!("EXPLAIN (ANALYZE, COSTS OFF) {}", list_query("demo", filter, 51).sql().as_str());
    let mut statement = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(text)).bind("demo");
    if let Some(customer_id) = &filter.customer_id {
        statement = statement.bind(customer_id);
    }
    if let Some(agent_id) = &filter.agent_id {
        statement = statement.bind(agent_id);
    }
    if let Some(queue) = &filter.queue {
        statement = statement.bind(queue);
    }
    if let Some(channel) = filter.channel {
        statement = statement.bind(channel);
    }
    if let Some(position) = &filter.after {
        statement = statement.bind(position.started_at.as_millis()).bind(&position.interaction_id);
    }
    statement.bind(51_i64).fetch_all(connection).await.unwrap().join("\n")
}

#[tokio::test]
async fn every_filter_of_a_list_of_100_000_is_served_by_its_index() {
    let world = World::start().await;
    fill(&mut world.owner().await).await;
    let mut connection = PgConnection::connect(&world.stack.postgres_app_url).await.unwrap();
    sqlx::query("SELECT set_config('switchboard.tenant', 'demo', false)")
        .execute(&mut connection)
        .await
        .unwrap();
    let after = Some(Position {
        started_at: Timestamp::from_millis(NOON + 50_000_000),
        interaction_id: "i50000".to_owned(),
    });
    let all = Filter::default;
    let filters = [
        ("interaction_started", all()),
        ("interaction_started", Filter { after, ..all() }),
        ("interaction_customer", Filter { customer_id: Some("c7".to_owned()), ..all() }),
        ("interaction_agent", Filter { agent_id: Some("a7".to_owned()), ..all() }),
        ("interaction_queue", Filter { queue: Some("q7".to_owned()), ..all() }),
        ("interaction_channel", Filter { channel: Some(2), ..all() }),
        ("interaction_open", Filter { open_only: true, ..all() }),
    ];

    for (index, filter) in filters {
        let plan = plan(&mut connection, &filter).await;
        assert!(plan.contains(&format!("Index Scan using {index} on interaction")), "{filter:?}\n{plan}");
        assert!(!plan.contains("Seq Scan") && !plan.contains("Rows Removed by Filter"), "{filter:?}\n{plan}");
    }
}

#[tokio::test]
async fn a_search_under_row_level_security_uses_its_index() {
    let world = World::start().await;
    fill(&mut world.owner().await).await;
    let mut connection = PgConnection::connect(&world.stack.postgres_app_url).await.unwrap();
    sqlx::query("SELECT set_config('switchboard.tenant', 'demo', false)")
        .execute(&mut connection)
        .await
        .unwrap();

    let plan: Vec<String> = sqlx::query_scalar(
        "EXPLAIN SELECT customer_id FROM crm.search_word WHERE tenant_id = $1 AND word >= $2 AND word < $3",
    )
    .bind("demo")
    .bind("name77")
    .bind("name77\u{10ffff}")
    .fetch_all(&mut connection)
    .await
    .unwrap();

    let plan = plan.join("\n");
    assert!(plan.contains("search_word_pkey") && plan.contains("(word >= 'name77'"), "{plan}");
}

#[tokio::test]
async fn a_page_of_100_000_interactions_takes_milliseconds() {
    let world = World::start().await;
    fill(&mut world.owner().await).await;
    let mut client = world.service("demo");
    let mut request = ListInteractionsRequest { page_size: 50, ..ListInteractionsRequest::default() };
    client.list_interactions(request.clone()).await.unwrap();

    let begun = Instant::now();
    for _ in 0..20 {
        let page = client.list_interactions(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.interactions.len(), 50);
        request.page_token = page.next_page_token;
    }
    let each = begun.elapsed() / 20;

    println!("a page of 50 out of 100,000: {each:?}");
    assert!(each.as_millis() < 100, "{each:?}");
}
