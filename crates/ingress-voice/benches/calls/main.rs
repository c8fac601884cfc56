//! Load on a running centre: many callers and many agents' phones in one small process, and what the centre spends.
//!
//! See the README's part on benchmarks. It plays both sides of every call over one UDP socket, so that what it
//! measures between its own INVITE and the agent's INVITE is the centre's work and two trips over the loopback.

mod centre;
mod phones;
mod process;
mod report;
mod run;

use std::io::Write as _;

use clap::{Parser, ValueEnum};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Free agents: INVITE in → INVITE to the agent.
    Setup,
    /// More callers than agents: agent's BYE → the agent's next INVITE.
    Backlog,
    /// Calls that wait with music: CPU and memory of each.
    Held,
    /// Conversations with audio both ways: CPU and memory of each.
    Bridged,
    /// The same for minutes: memory twice a minute, and an error when it grows.
    Soak,
}

/// Load on a running centre.
#[derive(Clone, Debug, Parser)]
pub struct Arguments {
    #[arg(long, value_enum, default_value = "setup")]
    pub mode: Mode,
    /// SIP address of the centre.
    #[arg(long, default_value = "127.0.0.1:5060")]
    pub sip: std::net::SocketAddr,
    /// gRPC address of the centre: agents are made available there.
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    pub grpc: String,
    /// Processes whose CPU and memory count, with their children.
    #[arg(long)]
    pub pid: Vec<u32>,
    /// Agents b0 to b(N-1), as in the file that `--centre` prints.
    #[arg(long, default_value_t = 200)]
    pub agents: usize,
    /// Calls begun a second.
    #[arg(long, default_value_t = 40.0)]
    pub rate: f64,
    /// How long calls are begun, or held.
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// How long an agent talks before hanging up.
    #[arg(long, default_value_t = 500)]
    pub talk_ms: u64,
    /// Calls held or bridged at once.
    #[arg(long, default_value_t = 200)]
    pub calls: usize,
    /// Number that leads straight into the queue of these agents.
    #[arg(long, default_value = "+15550111")]
    pub number: String,
    /// Prints a `centre.yaml` for this many agents, and ends.
    #[arg(long)]
    pub centre: bool,
    /// Prints the figures as one line of JSON.
    #[arg(long)]
    pub json: bool,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    pub bench: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.centre {
        writeln!(std::io::stdout(), "{}", centre::yaml(arguments.agents))?;
        return Ok(());
    }
    if std::env::args().len() <= 2 {
        // `cargo bench` without arguments runs every bench of the workspace: this one needs a centre.
        writeln!(std::io::stdout(), "calls: give the centre's addresses, see --help")?;
        return Ok(());
    }
    let figures = run::run(&arguments)?;
    report::print(&arguments, &figures)
}
