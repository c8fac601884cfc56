//! The embedded pair against real servers: its start, its deaths, its passwords.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures::StreamExt;
use sqlx::{Connection, PgConnection};

use super::*;

const SOON: Duration = Duration::from_secs(20);

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < SOON, "not within {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn kill_9(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

fn pid_of(embedded: &Embedded, name: &str) -> Option<u32> {
    embedded.children().into_iter().find(|(child, _)| *child == name).map(|(_, pid)| pid)
}

/// The example program `embedded` on `data_dir`: its process, the URLs it printed and its children.
fn centre_process(data_dir: &Path) -> (Child, Vec<String>, Vec<u32>) {
    let program =
        std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples/embedded");
    let mut process = Command::new(program)
        .arg(data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example `embedded` is built with the tests");
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    let urls = lines.by_ref().take(3).collect();
    let pids = lines.take(2).filter_map(|line| line.split(' ').nth(1)?.parse().ok()).collect();
    (process, urls, pids)
}

async fn connect_nats(url: &str) -> Result<async_nats::Client, async_nats::ConnectError> {
    nats_options(url).connect(url).await
}

#[tokio::test]
async fn a_new_folder_gets_a_postgres_with_both_roles_and_a_nats_with_jetstream() {
    let data = tempfile::tempdir().unwrap();

    let embedded = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();

    let mut owner = PgConnection::connect(&embedded.postgres_url).await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE secret (tenant_id text);
         INSERT INTO secret VALUES ('acme');
         ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
         GRANT SELECT ON secret TO switchboard_app;",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let mut app = PgConnection::connect(&embedded.postgres_app_url).await.unwrap();
    let rows = sqlx::query("SELECT * FROM secret").fetch_all(&mut app).await.unwrap();
    assert!(rows.is_empty(), "row-level security applies to switchboard_app");

    let nats = connect_nats(&embedded.nats_url).await.unwrap();
    async_nats::jetstream::new(nats).query_account().await.unwrap();
    embedded.stop().await;
}

#[tokio::test]
async fn nobody_enters_without_the_password() {
    let data = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();
    let without = |url: &str| {
        let (scheme, rest) = url.split_once("://").unwrap();
        format!("{scheme}://switchboard:wrong@{}", rest.split_once('@').unwrap().1)
    };

    let postgres = PgConnection::connect(&without(&embedded.postgres_url)).await;
    let nats = connect_nats(&without(&embedded.nats_url)).await;

    assert!(postgres.is_err());
    assert!(nats.is_err());
    embedded.stop().await;
}

#[tokio::test]
async fn postgres_is_reached_by_a_socket_or_where_its_path_is_too_long_by_tcp() {
    let data = tempfile::tempdir().unwrap();
    let deep = data.path().join("a folder, deep 'down'").join("x".repeat(60));
    for (folder, by_socket) in [(data.path().join("near"), true), (deep, false)] {
        let embedded = Embedded::start(EmbeddedOptions::new(&folder)).await.unwrap();

        let mut connection = PgConnection::connect(&embedded.postgres_app_url).await.unwrap();
        let address = "SELECT inet_client_addr() IS NULL";
        let local: bool = sqlx::query_scalar(address).fetch_one(&mut connection).await.unwrap();

        assert_eq!(local, by_socket, "{}", folder.display());
        embedded.stop().await;
    }
}

#[tokio::test]
async fn a_second_start_on_the_same_folder_says_who_runs_there() {
    let data = tempfile::tempdir().unwrap();
    let mut first = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();
    first.announce("http", 8080).unwrap();

    let error = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap_err().to_string();

    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
    assert!(error.contains("http 8080"), "{error}");
    assert_eq!(holder(data.path()).unwrap().ports["http"], 8080);
    first.stop().await;
    assert!(holder(data.path()).is_none());
}

#[tokio::test]
async fn a_stopped_centre_comes_back_on_the_same_ports_with_its_data() {
    let data = tempfile::tempdir().unwrap();
    let first = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();
    let urls = (first.postgres_url.clone(), first.nats_url.clone());
    let mut connection = PgConnection::connect(&first.postgres_url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (id int)").execute(&mut connection).await.unwrap();
    drop(connection);
    first.stop().await;

    let second = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();

    assert_eq!((second.postgres_url.clone(), second.nats_url.clone()), urls);
    let mut connection = PgConnection::connect(&second.postgres_url).await.unwrap();
    sqlx::query("SELECT id FROM kept").fetch_all(&mut connection).await.unwrap();
    second.stop().await;
}

#[tokio::test]
async fn a_killed_child_is_started_again_on_its_port_with_what_it_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();
    let mut connection = PgConnection::connect(&embedded.postgres_url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (id int)").execute(&mut connection).await.unwrap();
    let jetstream = async_nats::jetstream::new(connect_nats(&embedded.nats_url).await.unwrap());
    let config = async_nats::jetstream::stream::Config {
        name: "KEPT".to_owned(),
        subjects: vec!["kept".to_owned()],
        ..Default::default()
    };
    jetstream.create_stream(config).await.unwrap();
    jetstream.publish("kept", "fact".into()).await.unwrap().await.unwrap();

    for name in ["postgres", "nats"] {
        let before = pid_of(&embedded, name).unwrap();
        kill_9(before);
        eventually(name, || pid_of(&embedded, name).is_some_and(|pid| pid != before));
    }

    let started = Instant::now();
    let mut connection = loop {
        match PgConnection::connect(&embedded.postgres_url).await {
            Ok(connection) => break connection,
            Err(error) => assert!(started.elapsed() < SOON, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    sqlx::query("SELECT id FROM kept").fetch_all(&mut connection).await.unwrap();
    let jetstream = loop {
        match connect_nats(&embedded.nats_url).await {
            Ok(client) => break async_nats::jetstream::new(client),
            Err(error) => assert!(started.elapsed() < SOON, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(jetstream.get_stream("KEPT").await.unwrap().cached_info().state.messages, 1);
    embedded.stop().await;
}

#[tokio::test]
async fn a_killed_centre_takes_its_children_along_and_comes_back() {
    let data = tempfile::tempdir().unwrap();
    let (mut process, urls, pids) = centre_process(data.path());
    assert_eq!(pids.len(), 2);

    process.kill().unwrap();
    process.wait().unwrap();

    eventually("the children are gone", || !pids.iter().any(|pid| is_alive(*pid)));
    let embedded = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();
    assert_eq!(urls[0], embedded.postgres_url);
    PgConnection::connect(&embedded.postgres_url).await.unwrap();
    embedded.stop().await;
}

#[tokio::test]
async fn everything_killed_at_once_comes_back() {
    let data = tempfile::tempdir().unwrap();
    let (mut process, urls, pids) = centre_process(data.path());
    for pid in &pids {
        kill_9(*pid);
    }
    process.kill().unwrap();
    process.wait().unwrap();

    let embedded = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();

    assert_eq!(urls[2], embedded.nats_url);
    PgConnection::connect(&embedded.postgres_url).await.unwrap();
    embedded.stop().await;
}

#[tokio::test]
async fn the_socket_of_a_killed_postgres_whose_id_is_another_s_by_now_is_made_anew() {
    let data = tempfile::tempdir().unwrap();
    let first = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();
    let port = first.postgres_url.rsplit_once(':').unwrap().1.split_once('/').unwrap().0.to_owned();
    first.stop().await;
    let lock = data.path().join(format!("postgres/.s.PGSQL.{port}.lock"));
    std::fs::write(&lock, format!("{}\n/somewhere\n", std::process::id())).unwrap();

    let second = Embedded::start(EmbeddedOptions::new(data.path())).await.unwrap();

    PgConnection::connect(&second.postgres_url).await.unwrap();
    second.stop().await;
}

#[tokio::test]
async fn a_postgres_that_outlived_its_centre_is_stopped_first() {
    let data = tempfile::tempdir().unwrap();
    let options = EmbeddedOptions::new(data.path());
    let mut prepared = prepare_postgres(&options).unwrap();
    let mut orphan = prepared.command.spawn().unwrap();
    eventually("the orphan is up", || prepared.is_ready());

    let embedded = Embedded::start(options).await.unwrap();

    assert!(orphan.wait().unwrap().success(), "it was stopped in order");
    for url in [&embedded.postgres_url, &prepared.postgres_url] {
        PgConnection::connect(url).await.unwrap();
    }
    embedded.stop().await;
}

#[tokio::test]
async fn two_centres_run_side_by_side() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());

    let (one, two) = tokio::join!(
        Embedded::start(EmbeddedOptions::new(one.path())),
        Embedded::start(EmbeddedOptions::new(two.path())),
    );

    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.postgres_url, two.postgres_url);
    let nats = connect_nats(&one.nats_url).await.unwrap();
    let mut heard = nats.subscribe("hello").await.unwrap();
    nats.publish("hello", "world".into()).await.unwrap();
    assert!(tokio::time::timeout(SOON, heard.next()).await.unwrap().is_some());
    drop((one, two));
}

#[tokio::test]
async fn a_fixed_port_that_is_taken_is_named() {
    let data = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let options = EmbeddedOptions { nats_port: Some(port), ..EmbeddedOptions::new(data.path()) };

    let error = Embedded::start(options).await.unwrap_err();

    assert!(matches!(error, EmbeddedError::PortTaken { name: "nats", port: p } if p == port), "{error}");
}

#[tokio::test]
async fn configured_servers_are_used_as_they_are() {
    let data = tempfile::tempdir().unwrap();
    let options = EmbeddedOptions {
        postgres_url: Some("postgres://elsewhere/db".to_owned()),
        nats_url: Some("nats://elsewhere".to_owned()),
        parts_dir: Some(PathBuf::from("/nonexistent")),
        ..EmbeddedOptions::new(data.path())
    };

    let embedded = Embedded::start(options).await.unwrap();

    assert_eq!(embedded.postgres_app_url, "postgres://elsewhere/db");
    assert!(embedded.children().is_empty());
}
