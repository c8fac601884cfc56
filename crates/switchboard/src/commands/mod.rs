//! One command = one file: asks the centre, and words the answer for programs and for people.

pub mod agents;
pub mod apply;
pub mod dlq;
pub mod explain;
pub mod interactions;
pub mod queues;
pub mod status;

use tokio::runtime::Builder;

use crate::{
    cli::{Cli, Command, InteractionsCommand},
    client::Client,
    error::CommandError,
    output::Output,
};

/// Runs the command; nothing to print when it printed as it went.
pub fn run(cli: Cli) -> Result<Option<Output>, CommandError> {
    let Cli { access, command, .. } = cli;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::Refused(format!("the runtime does not start: {error}")))?;
    runtime.block_on(async {
        let output = match command {
            Command::Up(_) => return Ok(None),
            Command::Status(args) => status::run(&access, &args).await,
            Command::Apply(args) => apply::run(&access, &args).await?,
            Command::Interactions(InteractionsCommand::List(args)) => {
                interactions::list(&Client::connect(&access, None).await?, &args).await?
            }
            Command::Interactions(InteractionsCommand::Show { id }) => {
                interactions::show(&Client::connect(&access, None).await?, &id).await?
            }
            Command::Explain { interaction } => {
                explain::run(&Client::connect(&access, None).await?, &interaction).await?
            }
            Command::Agents { command } => {
                agents::run(&Client::connect(&access, None).await?, command.as_ref()).await?
            }
            Command::Queues => queues::run(&Client::connect(&access, None).await?).await?,
            Command::Dlq(command) => dlq::run(&Client::connect(&access, None).await?, &command).await?,
        };
        Ok(Some(output))
    })
}
