//! Group commit: commands of many connections share a transaction. While one is being made durable, the next batch gathers,
//! so batches grow with the load and a lone message does not wait.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use chassis::TxError;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    App,
    batch::{self, Command, CommandError, Done, Key},
};
use crate::{config::Config, core::Input};

/// Commands waiting for a lane, at most; beyond that senders wait, and so do their connections.
const QUEUE: usize = 4_096;
/// How often a command is put off while somebody else holds its conversation: about two seconds.
const MAX_PUT_OFF: u32 = 400;
/// Pause before a batch that holds nothing but such commands.
const PUT_OFF: Duration = Duration::from_millis(5);

/// Where commands are handed in. One conversation's commands keep their order.
pub struct Committer {
    lanes: Vec<mpsc::Sender<Command>>,
}

/// One lane: a queue and the transactions it leads to.
pub struct Lane {
    commands: mpsc::Receiver<Command>,
    batch: usize,
    linger: Duration,
}

/// What will become of a command.
pub type Pending = oneshot::Receiver<Result<Done, CommandError>>;

impl Committer {
    pub(super) fn new(config: &Config) -> (Self, Vec<Lane>) {
        let (lanes, receivers) = (0..config.commit_lanes)
            .map(|_| {
                let (sender, commands) = mpsc::channel(QUEUE);
                (sender, Lane { commands, batch: config.commit_batch, linger: config.commit_linger.0 })
            })
            .unzip();
        (Self { lanes }, receivers)
    }

    /// Hands in a command. Waits while the lane is full.
    pub async fn submit(&self, key: Key, input: Input, uploads: Vec<Uuid>) -> Pending {
        let (reply, pending) = oneshot::channel();
        let lane = (key.interaction_id.as_u128() % self.lanes.len() as u128) as usize;
        let command = Command { key, input, uploads, reply, put_off: 0 };
        // A lane ends with the process only; then the reply is dropped, which reads as unavailable.
        let _ = self.lanes[lane].send(command).await;
        pending
    }

    /// Hands in a command and waits until it is durable or refused.
    pub async fn run(&self, key: Key, input: Input, uploads: Vec<Uuid>) -> Result<Done, CommandError> {
        self.submit(key, input, uploads).await.await.unwrap_or(Err(CommandError::Unavailable))
    }
}

impl Lane {
    /// Works until the app is gone.
    pub(super) async fn run(mut self, app: Weak<App>) {
        let mut batch: Vec<Command> = Vec::new();
        let mut busy = false;
        loop {
            if batch.is_empty() {
                if self.commands.recv_many(&mut batch, self.batch).await == 0 {
                    return;
                }
                // Where one came with others, others follow: a moment of patience saves whole transactions.
                if busy && batch.len() < self.batch {
                    tokio::time::sleep(self.linger).await;
                }
            } else {
                tokio::time::sleep(PUT_OFF).await;
            }
            while batch.len() < self.batch {
                let Ok(command) = self.commands.try_recv() else { break };
                batch.push(command);
            }
            busy = batch.len() > 1;
            let Some(app) = app.upgrade() else { return };
            batch = commit(&app, std::mem::take(&mut batch)).await;
        }
    }
}

/// Commits a batch; returns what has to be tried again.
async fn commit(app: &Arc<App>, batch: Vec<Command>) -> Vec<Command> {
    match batch::process(app, batch).await {
        Ok(processed) => give_up_late_ones(processed.put_off),
        // One command the database can't take must not take the others with it.
        Err((error, commands)) if commands.len() > 1 && is_about_data(&error) => {
            let mut put_off = Vec::new();
            for command in commands {
                match batch::process(app, vec![command]).await {
                    Ok(processed) => put_off.extend(processed.put_off),
                    Err((error, commands)) => fail(&error, commands),
                }
            }
            give_up_late_ones(put_off)
        }
        Err((error, commands)) => {
            fail(&error, commands);
            Vec::new()
        }
    }
}

fn fail(error: &TxError, commands: Vec<Command>) {
    tracing::error!(
        commands = commands.len(),
        error = error as &dyn std::error::Error,
        "a group commit failed"
    );
    for command in commands {
        let _ = command.reply.send(Err(CommandError::Unavailable));
    }
}

fn give_up_late_ones(put_off: Vec<Command>) -> Vec<Command> {
    let (late, rest): (Vec<_>, Vec<_>) =
        put_off.into_iter().partition(|command| command.put_off > MAX_PUT_OFF);
    for command in late {
        tracing::warn!(interaction.id = %command.key.interaction_id, "a conversation is held too long");
        let _ = command.reply.send(Err(CommandError::Unavailable));
    }
    rest
}

/// True when the server took offence at what it was given, and not at the moment.
fn is_about_data(TxError::Database(error): &TxError) -> bool {
    matches!(error, sqlx::Error::Database(database)
        if database.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23")))
}
