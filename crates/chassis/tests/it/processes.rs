//! Processes: what is wrong is said before anything starts, and tenants do not see each other.

use chassis::{Process, config::Secret};
use testkit::Stack;

use crate::support::db;

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named_with_its_key() {
    let stack = Stack::infra().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let process = Process::new("test");
    let mut settings = stack.settings(&process);
    settings.grpc.listen = taken.local_addr().unwrap();

    let error = process.start(settings).await.err().expect("the port is taken");

    assert!(error.to_string().starts_with("grpc.listen: "), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_secret_stops_the_start() {
    let stack = Stack::infra().await;
    let process = Process::new("test");
    let mut settings = stack.settings(&process);
    settings.auth.secret = Secret::new("short");

    let error = process.start(settings).await.err().expect("the secret is too short");

    assert!(error.to_string().starts_with("auth.secret: "), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_sees_and_writes_its_own_tenant_only() {
    let stack = Stack::infra().await;
    let db = db(&stack).await;
    let mut owner = chassis::connect_owner(&crate::support::settings(&stack).postgres).await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE probe.thing (tenant_id text NOT NULL, name text);
         GRANT ALL ON probe.thing TO switchboard_app;
         SET search_path = chassis; SELECT chassis_protect('probe.thing')",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let mut acme = db.begin("acme").await.unwrap();
    sqlx::query("INSERT INTO probe.thing VALUES ('acme', 'secret')").execute(acme.conn()).await.unwrap();
    acme.commit().await.unwrap();

    let mut demo = db.begin("demo").await.unwrap();
    let (seen,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM probe.thing").fetch_one(demo.conn()).await.unwrap();
    let foreign =
        sqlx::query("INSERT INTO probe.thing VALUES ('acme', 'planted')").execute(demo.conn()).await;

    assert_eq!(seen, 0);
    assert!(foreign.is_err());
    let mut all = db.begin_for_every_tenant().await.unwrap();
    let (seen,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM probe.thing").fetch_one(all.conn()).await.unwrap();
    assert_eq!(seen, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_process_answers_its_probes() {
    let stack = Stack::infra().await;
    let running = stack.run(Process::new("test")).await;

    let response = reqwest::get(format!("http://{}/readyz", running.http())).await.unwrap();

    assert_eq!(response.status(), 200);
    running.stop().await;
}
