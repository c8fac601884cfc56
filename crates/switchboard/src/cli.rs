//! What can be typed: commands, flags, and their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use contract::{Timestamp, duration_from_millis, millis_of_duration};

/// An open contact centre: calls and chats reach the right agent.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, about, propagate_version = true)]
pub struct Cli {
    /// Where and as whom.
    #[command(flatten)]
    pub access: Access,
    /// Print JSON for programs instead of tables for people.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the centre is, and as whom to act. Beside a local data folder both are found there.
#[derive(Debug, Clone, Args)]
pub struct Access {
    /// URL of the centre; found in the data folder, else http://127.0.0.1:8080.
    #[arg(long, global = true, value_name = "URL", env = "SWITCHBOARD_SERVER")]
    pub server: Option<String>,
    /// Sign in with a local account.
    #[arg(
        long,
        global = true,
        value_name = "USER:PASSWORD",
        env = "SWITCHBOARD_LOGIN",
        hide_env_values = true,
        conflicts_with = "token"
    )]
    pub login: Option<String>,
    /// Act with an access token.
    #[arg(long, global = true, value_name = "TOKEN", env = "SWITCHBOARD_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Tenant to act in, when there are several.
    #[arg(long, global = true, value_name = "KEY", env = "SWITCHBOARD_TENANT")]
    pub tenant: Option<String>,
    /// Folder that holds a local centre.
    #[arg(long, global = true, value_name = "DIR", env = "SWITCHBOARD_DATA", default_value = "data")]
    pub data: PathBuf,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole centre here, with its own Postgres and NATS unless others are configured.
    Up(UpArgs),
    /// Say whether the centre is ready, and what is not. Exit code 0: ready.
    Status(StatusArgs),
    /// Make the centre look as a file describes it.
    Apply(ApplyArgs),
    /// Look at calls and chats, now and in the past.
    #[command(subcommand)]
    Interactions(InteractionsCommand),
    /// Say why an interaction went to this agent, or to nobody.
    Explain {
        /// Its id, as `interactions list` shows it.
        interaction: String,
        /// As it was then: "2026-11-22T09:00:00Z", or "5m" ago. Absent: now, or as it last was.
        #[arg(long, value_name = "TIME", value_parser = moment)]
        at: Option<Timestamp>,
    },
    /// Fold the router's log again and say whether every decision comes out the same.
    Replay(SpanArgs),
    /// Play a span of the past again with other people, priorities or handling times.
    Whatif(WhatIfArgs),
    /// List the agents and what they do, or set a status.
    Agents {
        /// Absent: list.
        #[command(subcommand)]
        command: Option<AgentsCommand>,
    },
    /// List the queues with their live figures.
    Queues,
    /// List the ways to the telephone network and how they stand.
    Trunks,
    /// Messages that no consumer could handle.
    #[command(subcommand)]
    Dlq(DlqCommand),
    /// Fill the demo centre with played customers and agents, until ctrl-c.
    Demo(DemoArgs),
    /// Try flows out, see where customers leave them, and manage recorded prompts.
    #[command(subcommand)]
    Flow(FlowCommand),
    /// Run the sample backend of the demo's self-service alone; `up --demo` has its own.
    DemoBackend(DemoBackendArgs),
    /// Run the sample telephone network of the demo alone; `up --demo` has its own.
    DemoNetwork(DemoNetworkArgs),
}

/// `switchboard demo-network`
#[derive(Debug, Clone, Args)]
pub struct DemoNetworkArgs {
    /// SIP address of the centre, which alone may call.
    #[arg(long, default_value = "127.0.0.1:5060")]
    pub centre: std::net::SocketAddr,
    /// Port on this machine.
    #[arg(long, default_value_t = 5070)]
    pub port: u16,
}

/// `switchboard demo-backend`
#[derive(Debug, Clone, Args)]
pub struct DemoBackendArgs {
    /// Port on this machine.
    #[arg(long, default_value_t = 8095)]
    pub port: u16,
    /// What its callers must send as `Authorization: Bearer`.
    #[arg(long, env = "SHOP_TOKEN", hide_env_values = true)]
    pub token: String,
}

/// `switchboard flow`
#[derive(Debug, Subcommand)]
pub enum FlowCommand {
    /// Run a flow of a file with scripted inputs, and print the transcript. Needs no running centre.
    Test(FlowTestArgs),
    /// Where customers leave, loop and mis-key, by flow and step.
    Report(FlowReportArgs),
    /// List recorded prompts, upload or remove one.
    Prompts {
        /// Absent: list.
        #[command(subcommand)]
        command: Option<PromptsCommand>,
    },
}

/// `switchboard flow test`
#[derive(Debug, Clone, Args)]
pub struct FlowTestArgs {
    /// Key of the flow, or the file of a scenario (.yaml) with what is expected.
    pub flow: String,
    /// The centre as code that holds the flow.
    #[arg(short, long, value_name = "FILE", default_value = "centre.yaml")]
    pub file: PathBuf,
    /// What the customer does, one after the other: keys, words in a chat, `~` for silence.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub input: Vec<String>,
    /// A chat instead of a call.
    #[arg(long)]
    pub chat: bool,
    /// Number of the caller.
    #[arg(long, default_value = "+15550123")]
    pub caller: String,
    /// Hours that are closed; all others are open.
    #[arg(long, value_name = "HOURS", value_delimiter = ',')]
    pub closed: Vec<String>,
}

/// `switchboard flow report`
#[derive(Debug, Clone, Args)]
pub struct FlowReportArgs {
    /// Only this flow.
    pub flow: Option<String>,
    /// The days up to now.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=366))]
    pub days: u32,
}

/// `switchboard flow prompts`
#[derive(Debug, Subcommand)]
pub enum PromptsCommand {
    /// List them.
    List,
    /// Keep a WAV file of any rate, at most 8 MiB and 10 minutes, under a key.
    Upload {
        /// What flows call it.
        key: String,
        /// The WAV file.
        file: PathBuf,
        /// For customers in this language; absent: for all without one of their own.
        #[arg(long, default_value = "")]
        language: String,
    },
    /// Remove one.
    Remove {
        /// What flows call it.
        key: String,
        /// Its language.
        #[arg(long, default_value = "")]
        language: String,
    },
}

/// `switchboard up`
#[derive(Debug, Clone, Args)]
pub struct UpArgs {
    /// Apply the demo centre: agents ann, bob and cy, supervisor sue, administrator amy, password "demo".
    #[arg(long)]
    pub demo: bool,
    /// Web pages, programs, widget. 8080 unless configured.
    #[arg(long, value_name = "PORT")]
    pub http_port: Option<u16>,
    /// gRPC between services. 8081 unless configured.
    #[arg(long, value_name = "PORT")]
    pub grpc_port: Option<u16>,
    /// SIP over UDP and TCP. 5060 unless configured.
    #[arg(long, value_name = "PORT")]
    pub sip_port: Option<u16>,
    /// UDP ports for audio. 20000-29999 unless configured.
    #[arg(long, value_name = "FROM-TO", value_parser = ports)]
    pub rtp_ports: Option<String>,
    /// Settings on top of the defaults; the environment (SWITCHBOARD__TABLE__KEY) comes on top of them.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `switchboard replay`: a span of the past.
#[derive(Debug, Clone, Args)]
pub struct SpanArgs {
    /// First moment: "2026-11-22T09:00:00Z", "24h" ago, "today", "yesterday" (midnight, local time).
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: Option<Timestamp>,
    /// Last moment, likewise. Absent: now.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub to: Option<Timestamp>,
}

/// `switchboard whatif`
#[derive(Debug, Clone, Args)]
pub struct WhatIfArgs {
    /// Absent: the last 24 hours.
    #[command(flatten)]
    pub span: SpanArgs,
    /// More agents like those who master a skill best: "billing:3".
    #[arg(long, value_name = "SKILL:COUNT", value_delimiter = ',', value_parser = more_agents)]
    pub add_agents: Vec<(String, i32)>,
    /// Agents who stay at home.
    #[arg(long, value_name = "AGENT", value_delimiter = ',')]
    pub remove_agents: Vec<String>,
    /// Priority added to what arrives in a queue; higher is sooner: "sales=5".
    #[arg(long, value_name = "QUEUE=POINTS", value_delimiter = ',', value_parser = priority)]
    pub priority: Vec<(String, i32)>,
    /// Longer or shorter handling, of all queues or one: "-20%", "billing=+10%".
    #[arg(long, value_name = "[QUEUE=]PERCENT", value_delimiter = ',', value_parser = handling, allow_hyphen_values = true)]
    pub aht: Vec<(String, f64)>,
    /// More or fewer customers: "1.2" is a fifth more.
    #[arg(long, value_name = "FACTOR")]
    pub customers: Option<f64>,
    /// Names the draws of what was not seen.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

/// `switchboard demo`
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// The same seed brings the same people at the same moments.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// 1: what the agents handle with some idle time; 2: twice as many customers.
    #[arg(long, default_value_t = 1.0, value_parser = load)]
    pub load: f64,
    /// End after this long: "10m". Absent: at ctrl-c.
    #[arg(long, value_name = "DURATION", value_parser = millis)]
    pub duration: Option<u64>,
    /// Where calls arrive; found in the data folder, else port 5060 of the server.
    #[arg(long, value_name = "HOST:PORT")]
    pub sip: Option<String>,
    /// The played people are part of the centre already: change nothing of it.
    #[arg(long)]
    pub no_apply: bool,
}

/// `switchboard status`
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// Wait this long for the centre to become ready: "60s".
    #[arg(long, value_name = "DURATION", value_parser = millis)]
    pub wait: Option<u64>,
}

/// `switchboard apply`
#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// The centre as code.
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,
    /// Only say what would change.
    #[arg(long)]
    pub dry_run: bool,
}

/// `switchboard interactions`
#[derive(Debug, Subcommand)]
pub enum InteractionsCommand {
    /// Newest first.
    List(ListArgs),
    /// One interaction with its messages and its story.
    Show {
        /// Its id.
        id: String,
    },
}

/// `switchboard interactions list`
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Only this queue.
    #[arg(long)]
    pub queue: Option<String>,
    /// Only this agent.
    #[arg(long)]
    pub agent: Option<String>,
    /// Only this customer, by id.
    #[arg(long)]
    pub customer: Option<String>,
    /// Only this channel.
    #[arg(long)]
    pub channel: Option<Channel>,
    /// Only what is not closed.
    #[arg(long)]
    pub open: bool,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
}

/// Channels by name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Channel {
    /// Phone calls.
    Voice,
    /// Web and app chats.
    Chat,
}

/// `switchboard agents`
#[derive(Debug, Subcommand)]
pub enum AgentsCommand {
    /// List the agents and what they do.
    List,
    /// Set the status of an agent.
    Status {
        /// Key of the agent.
        agent: String,
        /// What they become.
        status: AgentStatus,
        /// Why away: "lunch".
        #[arg(long, value_name = "CODE")]
        aux: Option<String>,
    },
}

/// What an agent declares.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum AgentStatus {
    /// Takes work.
    Available,
    /// Takes nothing new.
    Away,
    /// Is not there.
    Offline,
}

/// `switchboard dlq`
#[derive(Debug, Subcommand)]
pub enum DlqCommand {
    /// Oldest first.
    List {
        /// Only those this service gave up.
        #[arg(long)]
        service: Option<String>,
        /// At most this many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=500))]
        limit: i32,
    },
    /// Hand dead letters to their consumer once more.
    Replay {
        /// Numbers of the letters.
        #[arg(required_unless_present = "service")]
        sequences: Vec<u64>,
        /// All letters of this service.
        #[arg(long, conflicts_with = "sequences")]
        service: Option<String>,
    },
}

/// `20000-29999`
fn ports(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is not a range of ports such as 20000-29999");
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    let from = from.parse::<u16>().map_err(|_| wrong())?;
    let to = to.parse::<u16>().map_err(|_| wrong())?;
    // A call takes a pair of ports for each of its two sides.
    if from == 0 || to < from.saturating_add(3) {
        return Err(format!("{text:?} holds fewer than four ports, which is less than one call needs"));
    }
    Ok(text.to_owned())
}

/// A moment, or how long ago.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = || format!("{text:?} is no time such as 2026-11-22T09:00:00Z, 24h, today or yesterday");
    let today = jiff::Zoned::now().start_of_day();
    let midnight = match text {
        "today" => Some(today),
        "yesterday" => Some(today.and_then(|today| today.yesterday()?.start_of_day())),
        _ => None,
    };
    if let Some(midnight) = midnight {
        let midnight = midnight.map_err(|_| wrong())?;
        return Ok(Timestamp::from_millis(midnight.timestamp().as_millisecond()));
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp::from_millis(moment.as_millisecond()));
    }
    let ago = i64::try_from(millis(text).map_err(|_| wrong())?).map_err(|_| wrong())?;
    Ok(Timestamp::from_millis(jiff::Timestamp::now().as_millisecond() - ago))
}

/// `billing:3`
fn more_agents(text: &str) -> Result<(String, i32), String> {
    let read = text.rsplit_once(':').and_then(|(skill, count)| Some((skill.to_owned(), count.parse().ok()?)));
    read.filter(|(_, count)| *count > 0)
        .ok_or_else(|| format!("{text:?} is not SKILL:COUNT such as billing:3"))
}

/// `sales=5`
fn priority(text: &str) -> Result<(String, i32), String> {
    let read =
        text.rsplit_once('=').and_then(|(queue, points)| Some((queue.to_owned(), points.parse().ok()?)));
    read.ok_or_else(|| format!("{text:?} is not QUEUE=POINTS such as sales=5"))
}

/// `-20%`, `billing=+10%`
fn handling(text: &str) -> Result<(String, f64), String> {
    let (queue, percent) = text.rsplit_once('=').unwrap_or(("", text));
    let percent = percent.trim_end_matches('%').parse::<f64>().ok().filter(|percent| *percent > -99.0);
    let wrong = || format!("{text:?} is not a percentage such as -20% or billing=+10%");
    Ok((queue.to_owned(), 1.0 + percent.ok_or_else(wrong)? / 100.0))
}

fn load(text: &str) -> Result<f64, String> {
    let load = text.parse::<f64>().ok().filter(|load| (0.0..=20.0).contains(load));
    load.ok_or_else(|| format!("{text:?} is not a load from 0 to 20"))
}

fn millis(text: &str) -> Result<u64, String> {
    let span = crate::centre::duration(text).unwrap_or_else(|_| duration_from_millis(-1));
    u64::try_from(millis_of_duration(&span)).map_err(|_| format!("{text:?} is not a duration such as 60s"))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, Command};

    #[test]
    fn the_commands_hang_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_question_is_typed_as_people_say_it() {
        let line = "switchboard whatif --from yesterday --to today --add-agents billing:3,sales:1 --priority sales=5 --aht -20%,billing=+10%";

        let cli = Cli::try_parse_from(line.split(' ')).unwrap();

        let Command::Whatif(args) = cli.command else { panic!("it is `whatif`") };
        assert_eq!(args.add_agents, [("billing".to_owned(), 3), ("sales".to_owned(), 1)]);
        assert_eq!(args.priority, [("sales".to_owned(), 5)]);
        assert_eq!(args.aht, [(String::new(), 0.8), ("billing".to_owned(), 1.1)]);
        let hours = (args.span.to.unwrap() - args.span.from.unwrap()) / 3_600_000;
        assert!((23..=25).contains(&hours), "{hours}");
        for wrong in ["--from soon", "--add-agents billing", "--add-agents billing:-1", "--aht fast"] {
            let line = format!("switchboard whatif {wrong}");
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{wrong}");
        }
    }

    #[test]
    fn global_flags_stand_anywhere() {
        let cli =
            Cli::try_parse_from(["switchboard", "interactions", "list", "--json", "--data", "here"]).unwrap();

        assert!(cli.json);
        assert_eq!(cli.access.data.to_str(), Some("here"));
    }

    #[test]
    fn a_range_of_ports_holds_at_least_one_call() {
        let cli = Cli::try_parse_from(["switchboard", "up", "--rtp-ports", "30000-30003"]).unwrap();

        let Command::Up(up) = cli.command else { panic!("it is `up`") };
        assert_eq!(up.rtp_ports.as_deref(), Some("30000-30003"));
        for wrong in ["20000", "20001-20000", "1-2", "a-b", "0-10"] {
            assert!(Cli::try_parse_from(["switchboard", "up", "--rtp-ports", wrong]).is_err(), "{wrong}");
        }
    }
}
