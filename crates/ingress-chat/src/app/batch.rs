//! A group commit: many commands for many conversations, one transaction.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chassis::{Fact, Tx, TxError};
use contract::interaction::v1::{Message, Party};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{App, Standing, Update};
use crate::{
    core::{Conversation, Input, Outcome, Phase, Refusal, Step},
    metrics,
    store::{self, message::ClientKey},
};

/// A conversation's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Slug of the tenant.
    pub tenant: Arc<str>,
    /// UUIDv7.
    pub interaction_id: Uuid,
}

/// Something to be done to a conversation.
pub(super) struct Command {
    pub key: Key,
    pub input: Input,
    /// Files the message names; they must belong to the conversation.
    pub uploads: Vec<Uuid>,
    pub reply: oneshot::Sender<Result<Done, CommandError>>,
    /// How often it was put off because somebody else held the conversation.
    pub put_off: u32,
}

/// What has become of a command.
#[derive(Clone, Debug)]
pub struct Done {
    /// The message it led to first: the one that was said.
    pub message: Option<Message>,
    /// True when the message was there already.
    pub duplicate: bool,
}

/// Why a command was not carried out. Nothing of it happened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No such conversation in this tenant.
    #[error("there is no such conversation")]
    NotFound,
    /// Not in this phase, or not by this person.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A file that is not there or belongs elsewhere.
    #[error("there is no file {0} in this conversation")]
    UnknownAttachment(Uuid),
    /// The database is away or too busy: try again, with the same client message id.
    #[error("the centre can't store this at the moment")]
    Unavailable,
}

/// How a batch went.
pub(super) struct Processed {
    pub put_off: Vec<Command>,
}

/// Carries out a batch. On an error nothing happened and every command is handed back.
pub(super) async fn process(
    app: &Arc<App>,
    mut commands: Vec<Command>,
) -> Result<Processed, (TxError, Vec<Command>)> {
    let begun = tokio::time::Instant::now();
    match attempt(app, &commands).await {
        Ok(results) => {
            metrics::COMMIT.with_label_values(&["ok"]).observe(begun.elapsed().as_secs_f64());
            let mut put_off = Vec::new();
            for (mut command, result) in commands.drain(..).zip(results) {
                if let Some(result) = result {
                    let outcome = if result.is_ok() { "ok" } else { "refused" };
                    metrics::COMMITTED.with_label_values(&[outcome]).inc();
                    let _ = command.reply.send(result);
                } else {
                    command.put_off += 1;
                    put_off.push(command);
                }
            }
            Ok(Processed { put_off })
        }
        Err(error) => {
            metrics::COMMIT.with_label_values(&["failed"]).observe(begun.elapsed().as_secs_f64());
            Err((error, commands))
        }
    }
}

struct Touched {
    before: Conversation,
    after: Conversation,
    outcome: Outcome,
}

/// `None`: somebody else holds the conversation just now.
type Results = Vec<Option<Result<Done, CommandError>>>;

async fn attempt(app: &Arc<App>, commands: &[Command]) -> Result<Results, TxError> {
    let mut tx = app.db.begin_for_every_tenant().await?;
    let (tenants, ids) = distinct(commands);
    let found = store::conversation::lock_free(tx.conn(), &tenants, &ids).await?;
    let held_elsewhere: HashSet<Uuid> = if found.len() == ids.len() {
        HashSet::new()
    } else {
        let existing = store::conversation::existing(tx.conn(), &tenants, &ids).await?;
        existing.into_iter().filter(|id| !found.contains_key(id)).collect()
    };
    let mut said = said_before(&mut tx, commands).await?;
    let uploads = uploads_of(&mut tx, commands).await?;
    let mut touched: HashMap<Uuid, Touched> = found
        .into_iter()
        .map(|(id, before)| (id, Touched { after: before.clone(), before, outcome: Outcome::default() }))
        .collect();

    let now = app.clock.now();
    let mut results = Vec::with_capacity(commands.len());
    for command in commands {
        let id = command.key.interaction_id;
        let Some(touched) = touched.get_mut(&id) else {
            let gone = !held_elsewhere.contains(&id);
            results.push(gone.then_some(Err(CommandError::NotFound)));
            continue;
        };
        let client_key = client_key(command);
        if let Some(message) = client_key.as_ref().and_then(|key| said.get(key)) {
            metrics::DUPLICATES.with_label_values(&[author(message.author())]).inc();
            results.push(Some(Ok(Done { message: Some(message.clone()), duplicate: true })));
            continue;
        }
        let input = match with_uploads(command, &uploads) {
            Ok(input) => input,
            Err(error) => {
                results.push(Some(Err(error)));
                continue;
            }
        };
        let mut step = Step { now, new_id: &mut || app.ids.new_id(now) };
        results.push(Some(match touched.after.handle(&input, &app.limits, &mut step) {
            Ok(outcome) => {
                let message = outcome.messages.first().cloned();
                if let (Some(key), Some(message)) = (client_key, &message) {
                    said.insert(key, message.clone());
                }
                touched.outcome.add(outcome);
                Ok(Done { message, duplicate: false })
            }
            Err(refusal) => Err(refusal.into()),
        }));
    }

    let changed: Vec<(Conversation, Outcome)> = touched
        .into_values()
        .filter(Touched::changed)
        .map(|touched| (touched.after, touched.outcome))
        .collect();
    if !changed.is_empty() {
        save(&mut tx, &changed, "").await?;
        tx.commit().await?;
        for (conversation, outcome) in changed {
            app.committed(&conversation, outcome);
        }
    }
    Ok(results)
}

/// Writes conversations, messages and facts, in a fixed number of statements.
pub(super) async fn save(
    tx: &mut Tx,
    changed: &[(Conversation, Outcome)],
    caused_by: &str,
) -> Result<(), TxError> {
    let conversations: Vec<&Conversation> = changed.iter().map(|(conversation, _)| conversation).collect();
    store::conversation::update(tx.conn(), &conversations).await?;
    write(tx, changed, caused_by).await
}

/// Writes messages and facts of conversations that are written already.
pub(super) async fn write(
    tx: &mut Tx,
    changed: &[(Conversation, Outcome)],
    caused_by: &str,
) -> Result<(), TxError> {
    let messages: Vec<store::message::New<'_>> = changed
        .iter()
        .flat_map(|(conversation, outcome)| {
            let interaction_id = Uuid::parse_str(&conversation.interaction_id).unwrap_or_default();
            let tenant = conversation.tenant.as_str();
            outcome.messages.iter().map(move |message| store::message::New {
                tenant,
                interaction_id,
                message,
            })
        })
        .collect();
    if !messages.is_empty() {
        store::message::insert(tx.conn(), &messages).await?;
    }
    for (conversation, outcome) in changed {
        for fact in &outcome.facts {
            let mut sealed = Fact::of(fact.event.clone())
                .id(fact.message_id.clone())
                .tenant(conversation.tenant.clone())
                .interaction(conversation.interaction_id.clone());
            if !caused_by.is_empty() {
                sealed = sealed.caused_by(caused_by);
            }
            tx.publish(sealed);
        }
    }
    Ok(())
}

impl App {
    /// What follows once a change is durable: visitors are told, the flow is asked, signs go out.
    pub(super) fn committed(self: &Arc<Self>, conversation: &Conversation, outcome: Outcome) {
        for message in &outcome.messages {
            metrics::MESSAGES.with_label_values(&[author(message.author())]).inc();
        }
        if let Phase::Ended { reason, .. } = &conversation.phase
            && outcome.facts.iter().any(|fact| matches!(fact.event, contract::Event::InteractionEnded(_)))
        {
            tracing::info!(
                interaction.id = conversation.interaction_id,
                tenant = conversation.tenant,
                reason = reason.as_str_name(),
                "a chat has ended"
            );
            metrics::ENDED.with_label_values(&[reason.as_str_name()]).inc();
        }
        let id = Uuid::parse_str(&conversation.interaction_id).unwrap_or_default();
        if outcome.ask_flow {
            self.ask_flow(conversation);
        }
        if outcome.unpark {
            self.unpark(conversation);
        }
        self.hub.tell(
            id,
            &Update::Committed { messages: outcome.messages.into(), standing: Standing::of(conversation) },
        );
        if !outcome.signals.is_empty() {
            let (app, tenant) = (Arc::clone(self), conversation.tenant.clone());
            let interaction_id = conversation.interaction_id.clone();
            self.background.spawn(async move {
                for signal in outcome.signals {
                    app.signal(&tenant, &interaction_id, signal).await;
                }
            });
        }
    }
}

impl Touched {
    /// Marks that did not move, ticks that found nothing due: not worth a write.
    fn changed(&self) -> bool {
        let version = self.after.version;
        !self.outcome.facts.is_empty() || Conversation { version, ..self.before.clone() } != self.after
    }
}

/// Tenants and ids of the conversations of a batch, each once, in a fixed order.
fn distinct(commands: &[Command]) -> (Vec<&str>, Vec<Uuid>) {
    let mut keys: Vec<(&str, Uuid)> =
        commands.iter().map(|command| (&*command.key.tenant, command.key.interaction_id)).collect();
    keys.sort_unstable_by_key(|(_, id)| *id);
    keys.dedup();
    keys.into_iter().unzip()
}

/// What the sender of a message calls it.
fn client_key(command: &Command) -> Option<ClientKey> {
    let (author, id) = match &command.input {
        Input::CustomerSays { said } => (Party::Customer, &said.client_message_id),
        Input::CustomerChooses { client_message_id, .. }
        | Input::CustomerFillsForm { client_message_id, .. } => (Party::Customer, client_message_id),
        Input::AgentSays { said, .. } => (Party::Agent, &said.client_message_id),
        _ => return None,
    };
    (!id.is_empty()).then(|| ClientKey {
        interaction_id: command.key.interaction_id,
        author,
        client_message_id: id.clone(),
    })
}

async fn said_before(tx: &mut Tx, commands: &[Command]) -> Result<HashMap<ClientKey, Message>, TxError> {
    let (tenants, keys): (Vec<&str>, Vec<ClientKey>) =
        commands.iter().filter_map(|command| Some((&*command.key.tenant, client_key(command)?))).unzip();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::message::find_by_client_ids(tx.conn(), &tenants, &keys).await?)
}

type Uploads = HashMap<Uuid, (Uuid, contract::interaction::v1::Attachment)>;

async fn uploads_of(tx: &mut Tx, commands: &[Command]) -> Result<Uploads, TxError> {
    let (tenants, ids): (Vec<&str>, Vec<Uuid>) = commands
        .iter()
        .flat_map(|command| command.uploads.iter().map(|id| (&*command.key.tenant, *id)))
        .unzip();
    if ids.is_empty() {
        return Ok(Uploads::new());
    }
    Ok(store::attachment::describe(tx.conn(), &tenants, &ids).await?)
}

fn with_uploads<'a>(
    command: &'a Command,
    uploads: &Uploads,
) -> Result<std::borrow::Cow<'a, Input>, CommandError> {
    use std::borrow::Cow;
    if command.uploads.is_empty() {
        return Ok(Cow::Borrowed(&command.input));
    }
    let attachments = command
        .uploads
        .iter()
        .map(|id| match uploads.get(id) {
            Some((interaction_id, attachment)) if *interaction_id == command.key.interaction_id => {
                Ok(attachment.clone())
            }
            _ => Err(CommandError::UnknownAttachment(*id)),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut input = command.input.clone();
    if let Input::CustomerSays { said } | Input::AgentSays { said, .. } = &mut input {
        said.attachments = attachments;
    }
    Ok(Cow::Owned(input))
}

fn author(party: Party) -> &'static str {
    match party {
        Party::Customer => "customer",
        Party::Agent => "agent",
        Party::Flow => "flow",
        Party::System | Party::Unspecified => "system",
    }
}
