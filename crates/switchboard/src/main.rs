//! The `switchboard` program: reads the command line, runs the command, prints what came of it.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;
use switchboard::{cli::Cli, commands, error::CommandError, output::Output};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match commands::run(cli) {
        Ok(Some(output)) => print(&output, json),
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => fail(&error, json),
    }
}

/// A reader that went away, such as `head`, is no failure.
fn print(output: &Output, json: bool) -> ExitCode {
    let _ = if json {
        writeln!(io::stdout(), "{:#}", output.json)
    } else {
        write!(io::stdout(), "{}", output.text)
    };
    if output.success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fail(error: &CommandError, json: bool) -> ExitCode {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    if json {
        let _ = writeln!(io::stdout(), "{:#}", serde_json::json!({ "error": text }));
    }
    let _ = writeln!(io::stderr(), "switchboard: {text}");
    ExitCode::FAILURE
}
