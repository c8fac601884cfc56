//! Nobody sees another tenant's figures, or any without the right.

use chassis::Fact;
use contract::{analytics::v1::GetLiveRequest, directory::v1::Role, router::v1::AgentState};
use sqlx::{Connection as _, PgConnection};
use tonic::{Code, Request};

use crate::{
    story::{agent_is, centre, configure, queued},
    world::World,
};

#[tokio::test]
async fn the_figures_of_tenants_are_apart() {
    let world = World::start().await;
    configure(&world).await;
    for event in centre() {
        world.publish(Fact::of(event).tenant("acme")).await;
    }
    world.publish(Fact::of(agent_is("ann", AgentState::Ready)).tenant("acme")).await;
    world.publish(Fact::of(queued("billing")).tenant("acme").interaction("i1")).await;

    let demo = world.queue("billing").await;
    let acme = world.service("acme").get_live(GetLiveRequest {}).await.unwrap().into_inner().live.unwrap();

    assert_eq!((demo.waiting, demo.agents_ready), (0, 0));
    assert_eq!((acme.queues[0].waiting, acme.queues[0].agents_ready), (1, 1));

    let mut connection = PgConnection::connect(&world.stack.postgres_app_url).await.unwrap();
    for table in ["interaction", "agent", "agent_state", "queue", "profile"] {
        let count = format!("SELECT count(*) FROM analytics.{table}");
        let seen: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(count.clone())).fetch_one(&mut connection).await.unwrap();
        assert_eq!(seen, 0, "{table} is seen without a tenant");
    }
    sqlx::query("SELECT set_config('switchboard.tenant', 'acme', false)")
        .execute(&mut connection)
        .await
        .unwrap();
    let tenants: Vec<String> = sqlx::query_scalar("SELECT DISTINCT tenant_id FROM analytics.queue")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(tenants, ["acme"]);
}

#[tokio::test]
async fn who_has_not_signed_in_or_may_not_is_refused() {
    let world = World::start().await;

    let (mut client, _) = world.person((), &[]);
    let nobody = client.get_live(Request::new(GetLiveRequest {})).await.unwrap_err();
    let (mut client, request) = world.person(GetLiveRequest {}, &[]);
    let without_role = client.get_live(request).await.unwrap_err();
    let (mut client, request) = world.person(GetLiveRequest {}, &[Role::Supervisor]);

    assert_eq!((nobody.code(), without_role.code()), (Code::Unauthenticated, Code::PermissionDenied));
    assert!(client.get_live(request).await.is_ok());
}
