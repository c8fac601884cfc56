//! `main` of a service that runs alone.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use super::Process;
use crate::{service::Service, telemetry};

/// Command line of a service.
#[derive(Parser)]
struct Arguments {
    /// Configuration file (TOML); the environment overrides it.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Prints the defaults with their meaning, and ends.
    #[arg(long)]
    print_defaults: bool,
}

/// Runs one service until SIGTERM or ctrl-c; the whole `main` of its binary.
pub fn main<S: Service>() -> ExitCode {
    let arguments = Arguments::parse();
    match run::<S>(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "{}: {error:#}", S::NAME);
            ExitCode::FAILURE
        }
    }
}

fn run<S: Service>(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.print_defaults {
        use std::io::Write as _;
        write!(std::io::stdout(), "{}\n{}", include_str!("../../config.default.toml"), S::DEFAULTS)?;
        return Ok(());
    }
    let process = Process::new(S::NAME).with::<S>();
    let settings = process.load(arguments.config.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let _telemetry = telemetry::init(S::NAME, &settings.log, &settings.telemetry)?;
        let mut terminate = signal(SignalKind::terminate()).context("signals")?;
        let running = process.start(settings).await?;
        tracing::info!(service = S::NAME, http = %running.http(), grpc = %running.grpc(), "ready");
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        running.stop().await;
        Ok(())
    })
}
