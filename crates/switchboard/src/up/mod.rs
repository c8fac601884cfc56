//! `switchboard up`: the whole centre in one process, with its own Postgres and NATS unless others are configured.
//!
//! It says in plain steps what it is doing, leaves in the data folder what the command line needs, and ends in
//! order: on SIGTERM or ctrl-c calls and chats are finished or handed over, then services, then servers stop.

pub(crate) mod demo;
mod services;
mod settings;
mod welcome;

use std::{
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

use anyhow::Context as _;
use chassis::{
    Running,
    config::Settings,
    embedded::{Embedded, EmbeddedOptions},
    telemetry,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::Instant,
};

use crate::{
    cli::{Access, UpArgs},
    client::Client,
    error::CommandError,
    local::{DataFolder, Server},
};

const READY_WITHIN: Duration = Duration::from_mins(2);
const RENEW_TOKEN: Duration = Duration::from_hours(24);
/// Signals this close together are one.
const SAME_WISH: Duration = Duration::from_secs(1);
/// What keeps the process from being ready until all of it is there.
const STARTING: &str = "start";

/// Runs until a signal ends it.
pub async fn run(access: &Access, args: &UpArgs) -> Result<(), CommandError> {
    Ok(serve(&access.data, args).await?)
}

async fn serve(data: &Path, args: &UpArgs) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut signals = Signals::new()?;
    let process = services::process();
    let mut settings = process.load(args.config.as_deref()).context("configuration")?;
    settings::apply_flags(&mut settings, args);
    let _telemetry = telemetry::init("switchboard", &settings.log, &settings.telemetry)?;

    say(&format!("Switchboard {} in {}", env!("CARGO_PKG_VERSION"), data.display()));
    say(if fresh(data, &settings) {
        "· making a new data folder and starting Postgres and NATS in it (about ten seconds, once)"
    } else {
        "· starting Postgres and NATS"
    });
    let mut embedded = Embedded::start(options(data, &settings)).await?;
    let folder = DataFolder::at(embedded.data_dir());
    settings::connect(&mut settings, &embedded, &folder)?;

    if args.demo {
        demo::open_shop(&mut settings).await?;
        demo::open_network(&mut settings).await?;
    }
    settings::keep_speech(&mut settings, folder.path());
    settings::hear_speech(&mut settings);

    say(&format!("· starting the services: {}", services::NAMES.join(", ")));
    let secret = settings.auth.secret.reveal().to_owned();
    let settings::Voice { sip_port, rtp_ports } = settings::voice(&settings)?;
    let running = process.start(settings).await?;
    running.health().ill(STARTING, "is not through with its start");
    for (name, port) in [("http", running.http().port()), ("grpc", running.grpc().port()), ("sip", sip_port)]
    {
        embedded.announce(name, port)?;
    }
    let tenant = if args.demo { Some(demo::TENANT.to_owned()) } else { None };
    let server = Server {
        pid: std::process::id(),
        http_url: format!("http://127.0.0.1:{}", running.http().port()),
        grpc_url: format!("http://127.0.0.1:{}", running.grpc().port()),
        sip_port,
        rtp_ports,
        tenant: tenant.or_else(|| folder.server().and_then(|server| server.tenant)),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    leave(&folder, &server, &secret)?;

    let started = tokio::select! {
        started = finish_start(args, &server, &folder, &running) => started,
        () = signals.stop() => Ok(()),
    };
    if started.is_ok() && running.health().problems().is_empty() {
        say(&welcome::text(&server, data, args.demo, began.elapsed()));
        wait(&mut signals, &folder, &server, &secret).await;
    }
    say(
        "· stopping: calls and chats are finished or handed over first, at most 30 s; once more ctrl-c ends it at once",
    );
    tokio::select! {
        () = async { running.stop().await; embedded.stop().await } => say("· stopped"),
        () = signals.insist() => say("· stopped at once"),
    }
    started
}

/// Applies the demo centre, and waits until every part is well.
async fn finish_start(
    args: &UpArgs,
    server: &Server,
    folder: &DataFolder,
    running: &Running,
) -> anyhow::Result<()> {
    if args.demo {
        say("· applying the demo centre");
        let token = folder.admin_token().unwrap_or_default();
        let client = Client::with_token(&server.grpc_url, &token).await?;
        demo::apply(&client).await?;
    }
    running.health().well(STARTING);
    let until = Instant::now() + READY_WITHIN;
    while !running.health().is_ready() {
        let problems = running.health().problems();
        anyhow::ensure!(Instant::now() < until, "not ready after {} s: {problems:?}", READY_WITHIN.as_secs());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Ends at the first signal; renews the token of the data folder until then.
async fn wait(signals: &mut Signals, folder: &DataFolder, server: &Server, secret: &str) {
    loop {
        tokio::select! {
            () = signals.stop() => return,
            () = tokio::time::sleep(RENEW_TOKEN) => {}
        }
        let present = folder.server().unwrap_or_else(|| server.clone());
        if let Err(error) = leave(folder, &present, secret) {
            tracing::warn!(error = format!("{error:#}"), "the token of the data folder is not renewed");
        }
    }
}

/// Writes what the command line beside this folder needs.
fn leave(folder: &DataFolder, server: &Server, secret: &str) -> anyhow::Result<()> {
    match &server.tenant {
        Some(tenant) => folder.remember_tenant(server.clone(), secret, tenant),
        None => folder.write_server(server),
    }
    .with_context(|| format!("{} can't be written", folder.path().display()))
}

fn fresh(data: &Path, settings: &Settings) -> bool {
    settings.postgres.url.is_empty() && !data.join("postgres").exists()
}

fn options(data: &Path, settings: &Settings) -> EmbeddedOptions {
    let url =
        |secret: &chassis::config::Secret| Some(secret.reveal().to_owned()).filter(|url| !url.is_empty());
    EmbeddedOptions {
        postgres_url: url(&settings.postgres.url),
        nats_url: url(&settings.nats.url),
        ..EmbeddedOptions::new(data)
    }
}

fn say(line: &str) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// What ends the process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Another signal, a while after the first: one wish often arrives twice, for the process and for its group.
    async fn insist(&mut self) {
        tokio::time::sleep(SAME_WISH).await;
        let _ = tokio::time::timeout(Duration::ZERO, self.stop()).await;
        self.stop().await;
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
