//! One command = one file: asks the centre, and words the answer for programs and for people.

pub mod agents;
pub mod apply;
pub mod demo;
pub mod dlq;
pub mod explain;
pub mod flow_prompts;
pub mod flow_report;
pub mod flow_test;
pub mod interactions;
pub mod queues;
pub mod replay;
pub mod status;
pub mod trunks;
pub mod whatif;

use actors::phone::Network;
use tokio::runtime::Builder;

use crate::{
    cli::{Access, Cli, Command, FlowCommand, InteractionsCommand},
    client::Client,
    error::CommandError,
    output::Output,
    shop::Shop,
    up,
};

/// Runs the command; nothing to print when it printed as it went.
pub fn run(cli: Cli) -> Result<Option<Output>, CommandError> {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::Refused(format!("the runtime does not start: {error}")))?;
    runtime.block_on(dispatch(&cli.access, cli.command, cli.json))
}

async fn dispatch(access: &Access, command: Command, json: bool) -> Result<Option<Output>, CommandError> {
    let client = || Client::connect(access, None);
    let output = match command {
        Command::Up(args) => {
            up::run(access, &args).await?;
            return Ok(None);
        }
        Command::Demo(args) => {
            demo::run(access, &args, json).await?;
            return Ok(None);
        }
        Command::Status(args) => status::run(access, &args).await,
        Command::Apply(args) => apply::run(access, &args).await?,
        Command::Interactions(InteractionsCommand::List(args)) => {
            interactions::list(&client().await?, &args).await?
        }
        Command::Interactions(InteractionsCommand::Show { id }) => {
            interactions::show(&client().await?, &id).await?
        }
        Command::Explain { interaction, at } => explain::run(&client().await?, &interaction, at).await?,
        Command::Replay(args) => replay::run(&client().await?, &args).await?,
        Command::Whatif(args) => whatif::run(&client().await?, &args).await?,
        Command::Agents { command } => agents::run(&client().await?, command.as_ref()).await?,
        Command::Queues => queues::run(&client().await?).await?,
        Command::Trunks => trunks::run(&client().await?).await?,
        Command::Dlq(command) => dlq::run(&client().await?, &command).await?,
        Command::Flow(FlowCommand::Test(args)) => flow_test::run(&args)?,
        Command::Flow(FlowCommand::Report(args)) => flow_report::run(&client().await?, &args).await?,
        Command::Flow(FlowCommand::Prompts { command }) => {
            flow_prompts::run(&client().await?, command.as_ref()).await?
        }
        Command::DemoBackend(args) => {
            Shop::open(args.port, &args.token).await?.serve().await?;
            return Ok(None);
        }
        Command::DemoNetwork(args) => {
            let network = Network::open(args.centre, args.port).await.map_err(anyhow::Error::from)?;
            network.serve().await;
            return Ok(None);
        }
    };
    Ok(Some(output))
}
