//! Nobody sees or changes what is another tenant's, or what their role does not let them.

use contract::{
    crm::v1::{GetCustomerRequest, GetInteractionRequest, ListInteractionsRequest, UpdateCustomerRequest},
    directory::v1::Role,
    interaction::v1::Channel,
};
use sqlx::{Connection as _, PgConnection};
use tonic::Code;

use crate::{
    story::{phone, said, started},
    world::World,
};

const TABLES: [&str; 8] = [
    "customer",
    "identity",
    "search_word",
    "support_case",
    "case_counter",
    "interaction",
    "message",
    "timeline",
];

async fn world_with_two_tenants() -> World {
    let world = World::start().await;
    for tenant in ["demo", "acme"] {
        world
            .tell_tenant(tenant, &format!("{tenant}-1"), started(Channel::Chat, 0, phone("+15550123")))
            .await;
        world.tell_tenant(tenant, &format!("{tenant}-1"), said(1, "hello")).await;
    }
    world.settled().await;
    world
}

#[tokio::test]
async fn the_same_number_is_another_customer_for_another_tenant() {
    let world = world_with_two_tenants().await;
    let list = async |tenant: &str| {
        let request = ListInteractionsRequest::default();
        world.service(tenant).list_interactions(request).await.unwrap().into_inner().interactions
    };

    let (demo, acme) = (list("demo").await, list("acme").await);

    assert_eq!((demo.len(), acme.len()), (1, 1));
    assert_ne!(demo[0].customer_id, acme[0].customer_id);
    let other = GetInteractionRequest { interaction_id: "demo-1".to_owned() };
    assert_eq!(world.service("acme").get_interaction(other).await.unwrap_err().code(), Code::NotFound);
    let other = GetCustomerRequest { customer_id: demo[0].customer_id.clone() };
    assert_eq!(world.service("acme").get_customer(other).await.unwrap_err().code(), Code::NotFound);
    let change = UpdateCustomerRequest {
        customer_id: demo[0].customer_id.clone(),
        name: "Mine".to_owned(),
        ..UpdateCustomerRequest::default()
    };
    assert_eq!(world.service("acme").update_customer(change).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn the_database_itself_keeps_tenants_apart() {
    let world = world_with_two_tenants().await;
    let mut connection = PgConnection::connect(&world.stack.postgres_app_url).await.unwrap();
    let mut count = async |table: &str| -> i64 {
        let statement = format!("SELECT count(*) FROM crm.{table} WHERE tenant_id IS NOT NULL");
        sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&mut connection).await.unwrap()
    };
    for table in TABLES {
        assert_eq!(count(table).await, 0, "{table} is seen without a tenant");
    }
    sqlx::query("SELECT set_config('switchboard.tenant', 'acme', false)")
        .execute(&mut connection)
        .await
        .unwrap();

    let tenants: Vec<String> =
        sqlx::query_scalar("SELECT tenant_id FROM crm.interaction").fetch_all(&mut connection).await.unwrap();
    let moved = sqlx::query("UPDATE crm.interaction SET tenant_id = 'demo'").execute(&mut connection).await;
    let foreign =
        sqlx::query("INSERT INTO crm.case_counter VALUES ('demo2', 1)").execute(&mut connection).await;
    let gone = sqlx::query("DELETE FROM crm.message").execute(&mut connection).await.unwrap();

    assert_eq!(tenants, ["acme"]);
    assert!(moved.is_err() && foreign.is_err());
    assert_eq!(gone.rows_affected(), 1, "only the own message");
    assert_eq!(world.interaction("demo-1").await.messages.len(), 1);
}

#[tokio::test]
async fn who_has_not_signed_in_or_may_not_is_refused() {
    let world = world_with_two_tenants().await;
    let list = ListInteractionsRequest::default();

    let (mut client, _) = world.person((), "demo", "ann", &[]);
    let nobody = client.list_interactions(list.clone()).await.unwrap_err();
    let (mut client, request) = world.person(list.clone(), "demo", "ann", &[]);
    let without_role = client.list_interactions(request).await.unwrap_err();
    let (mut client, request) = world.person(list, "demo", "ann", &[Role::Agent]);
    let agent = client.list_interactions(request).await.unwrap().into_inner();
    let (mut client, request) =
        world.person(UpdateCustomerRequest::default(), "demo", "amy", &[Role::Auditor]);
    let auditor = client.update_customer(request).await.unwrap_err();

    assert_eq!((nobody.code(), without_role.code()), (Code::Unauthenticated, Code::PermissionDenied));
    assert_eq!(agent.interactions.len(), 1);
    assert_eq!(auditor.code(), Code::PermissionDenied);
}
