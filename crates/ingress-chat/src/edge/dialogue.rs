//! What is said on one visitor's connection, from hello to close.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use contract::{
    chat::v1::{ConversationSignal, conversation_signal::Signal},
    interaction::v1::{Message, Party},
};
use futures::{StreamExt as _, stream::FuturesOrdered};
use uuid::Uuid;

use super::{
    connection::{Closing, Connection},
    frames::{
        self, ClientFrame, ErrorFrame, HelloFrame, Limits, MessageFrame, ServerFrame, StateFrame,
        WelcomeFrame,
    },
    translate::{client_message_id, command_error, error, hello, hello_error, input},
};
use crate::{
    app::{App, CommandError, Done, Key, Member, Position, Standing, Throttle, Update, Welcomed},
    core::{Conversation, Input},
};

/// How long a connection may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
/// A ping goes out this often; a connection that was silent for three of them is gone.
const PING: Duration = Duration::from_secs(25);
/// Messages on their way to the database, at most; beyond that nothing more is read.
const IN_FLIGHT: usize = 32;
/// Frames that are none, before the connection is closed.
const MAX_GARBAGE: u32 = 10;
/// Frames a second, and at once; twice the burst more is not a person any more.
const FRAMES_PER_SECOND: u32 = 40;
const FRAMES_BURST: u32 = 120;
/// Messages read at once after a gap or a reconnect.
const PAGE: i64 = 200;
/// Older messages than these are not sent to a device that has none.
const HISTORY: i64 = 500;

type InFlight = FuturesOrdered<futures::future::BoxFuture<'static, (String, Result<Done, CommandError>)>>;

/// Serves one connection until it ends.
pub async fn serve(app: Arc<App>, mut connection: Connection, origin: Option<String>) {
    let closing = match welcome(&app, &mut connection, origin).await {
        Ok(mut dialogue) => {
            app.came(&dialogue.welcomed.key).await;
            let closing = dialogue.run(&mut connection).await;
            let Dialogue { welcomed, member, .. } = dialogue;
            app.left(&welcomed.key, member).await;
            closing
        }
        Err(closing) => closing,
    };
    connection.close(closing).await;
}

struct Dialogue {
    app: Arc<App>,
    welcomed: Welcomed,
    member: Member,
    standing: Standing,
    position: Position,
    /// Last message this connection was sent.
    sent: i64,
    told: StateFrame,
    in_flight: InFlight,
    garbage: u32,
    frames: Throttle,
    messages: Throttle,
    typing_told: Option<Instant>,
}

async fn welcome(
    app: &Arc<App>,
    connection: &mut Connection,
    origin: Option<String>,
) -> Result<Dialogue, Closing> {
    let frame = tokio::time::timeout(HELLO, first_frame(connection)).await.map_err(|_| Closing::Hello)??;
    let last_sequence = frame.last_sequence.max(0);
    let welcomed = match hello(frame, origin) {
        Ok(hello) => app.say_hello(hello).await.map_err(|error| hello_error(&error)),
        Err(error) => Err(error),
    };
    let welcomed = match welcomed {
        Ok(welcomed) => welcomed,
        Err(error) => {
            let away = error.code == "unavailable";
            connection.refuse(error).await?;
            return Err(if away { Closing::Unavailable } else { Closing::Hello });
        }
    };
    // First the room, then the state: what happens in between is told twice, never not at all.
    let member = app.hub.join(&welcomed.key.tenant, welcomed.key.interaction_id);
    let now = Instant::now();
    let config = &app.config;
    let mut dialogue = Dialogue {
        app: Arc::clone(app),
        member,
        standing: Standing { version: -1, ..Standing::default() },
        position: Position::default(),
        sent: last_sequence,
        told: StateFrame::default(),
        in_flight: FuturesOrdered::new(),
        garbage: 0,
        frames: Throttle::new(FRAMES_PER_SECOND, FRAMES_BURST, now),
        messages: Throttle::new(config.messages_per_second, config.messages_burst, now),
        typing_told: None,
        welcomed,
    };
    dialogue.begin(connection).await?;
    Ok(dialogue)
}

async fn first_frame(connection: &mut Connection) -> Result<HelloFrame, Closing> {
    loop {
        let Some(text) = connection.receive().await? else { continue };
        match frames::read(&text) {
            Ok(ClientFrame::Hello(hello)) => return Ok(hello),
            Ok(ClientFrame::Ping {}) => {
                connection.send(&ServerFrame::Pong {}).await?;
                connection.flush().await?;
            }
            Ok(_) => {
                let error = error("hello_first", "the first frame must be hello");
                connection.refuse(ErrorFrame { fatal: true, ..error }).await?;
                return Err(Closing::Hello);
            }
            Err(reason) => {
                connection.refuse(ErrorFrame { fatal: true, ..error("bad_frame", reason) }).await?;
                return Err(Closing::Garbage);
            }
        }
    }
}

impl Dialogue {
    async fn run(&mut self, connection: &mut Connection) -> Closing {
        match self.converse(connection).await {
            Ok(never) => match never {},
            Err(closing) => closing,
        }
    }

    async fn converse(&mut self, connection: &mut Connection) -> Result<std::convert::Infallible, Closing> {
        let mut pings = tokio::time::interval(PING);
        pings.reset();
        let mut heard = Instant::now();
        let stop = self.app.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Closing::Stopping),
                Some((id, result)) = self.in_flight.next() => self.answer(connection, id, result).await?,
                update = self.member.updates.recv() => match update {
                    Some(update) => self.update(connection, update).await?,
                    None => return Err(Closing::Slow),
                },
                _ = pings.tick() => {
                    if heard.elapsed() > PING * 3 {
                        return Err(Closing::Silent);
                    }
                    connection.ping().await?;
                }
                received = connection.receive(), if self.in_flight.len() < IN_FLIGHT => {
                    heard = Instant::now();
                    if let Some(text) = received? {
                        self.hear(connection, &text).await?;
                    }
                }
                // Last: only when nothing else is to be said at once.
                () = std::future::ready(()), if connection.is_unflushed() => connection.flush().await?,
            }
        }
    }

    /// Sends the welcome and what the device has not got yet.
    async fn begin(&mut self, connection: &mut Connection) -> Result<(), Closing> {
        let conversation = read(&self.app, &self.welcomed.key).await?;
        self.standing = Standing::of(&conversation);
        self.position = self.app.hub.note(self.welcomed.key.interaction_id, &self.standing);
        self.told = StateFrame::of(&self.standing, self.position);
        let welcome = WelcomeFrame {
            visitor_token: self.welcomed.visitor_token.clone(),
            visitor_id: self.welcomed.visitor_id.clone(),
            interaction_id: conversation.interaction_id.clone(),
            entry_point: self.welcomed.entry.entry_point.key.clone(),
            last_sequence: conversation.last_sequence,
            agent_seen: conversation.marks.agent_seen,
            customer_seen: conversation.marks.customer_seen,
            limits: Limits::default(),
            state: self.told.clone(),
        };
        connection.send(&ServerFrame::Welcome(welcome)).await?;
        // A device that claims more than there is has none of it.
        if self.sent > conversation.last_sequence {
            self.sent = 0;
        }
        self.sent = self.sent.max(conversation.last_sequence - HISTORY).max(0);
        self.catch_up(connection).await
    }

    async fn hear(&mut self, connection: &mut Connection, text: &str) -> Result<(), Closing> {
        let now = Instant::now();
        if !self.frames.take(now) {
            return Err(Closing::TooFast);
        }
        let frame = match frames::read(text) {
            Ok(frame) => frame,
            Err(reason) => {
                self.garbage += 1;
                connection.refuse(error("bad_frame", reason)).await?;
                return if self.garbage > MAX_GARBAGE { Err(Closing::Garbage) } else { Ok(()) };
            }
        };
        match frame {
            ClientFrame::Hello(_) => connection.refuse(error("hello_once", "hello was said already")).await,
            ClientFrame::Ping {} => connection.send(&ServerFrame::Pong {}).await,
            ClientFrame::Typing { typing } => {
                self.typing(typing, now).await;
                Ok(())
            }
            ClientFrame::Delivered { sequence } => {
                self.submit(String::new(), Input::CustomerMarks { delivered: sequence, seen: 0 }, Vec::new())
                    .await;
                Ok(())
            }
            ClientFrame::Seen { sequence } => {
                self.submit(String::new(), Input::CustomerMarks { delivered: 0, seen: sequence }, Vec::new())
                    .await;
                Ok(())
            }
            ClientFrame::End {} => {
                self.submit(String::new(), Input::CustomerLeaves, Vec::new()).await;
                Ok(())
            }
            ClientFrame::Send { .. } | ClientFrame::Choose { .. } | ClientFrame::Form { .. } => {
                self.said(connection, frame, now).await
            }
        }
    }

    /// Takes a message in; its acknowledgement follows when it is durable.
    async fn said(
        &mut self,
        connection: &mut Connection,
        frame: ClientFrame,
        now: Instant,
    ) -> Result<(), Closing> {
        let id = client_message_id(&frame).to_owned();
        if !self.messages.take(now) {
            let error = error("too_fast", "too many messages at once, wait a moment and send it again");
            return connection.refuse(ErrorFrame { client_message_id: Some(id), ..error }).await;
        }
        match input(frame) {
            Ok((input, uploads)) => {
                self.submit(id, input, uploads).await;
                Ok(())
            }
            Err(error) => connection.refuse(ErrorFrame { client_message_id: Some(id), ..error }).await,
        }
    }

    async fn submit(&mut self, id: String, input: Input, uploads: Vec<Uuid>) {
        let pending = self.app.committer.submit(self.welcomed.key.clone(), input, uploads).await;
        self.in_flight.push_back(Box::pin(async move {
            (id, pending.await.unwrap_or(Err(CommandError::Unavailable)))
        }));
    }

    async fn answer(
        &mut self,
        connection: &mut Connection,
        id: String,
        result: Result<Done, CommandError>,
    ) -> Result<(), Closing> {
        match result {
            Ok(Done { message: Some(message), duplicate }) if !id.is_empty() => {
                connection
                    .send(&ServerFrame::Ack { client_message_id: id, sequence: message.sequence })
                    .await?;
                // Sent twice: the message itself may have passed this device by.
                if duplicate && message.sequence <= self.sent {
                    connection.send(&ServerFrame::Message(MessageFrame::from(&message))).await?;
                }
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(CommandError::Unavailable | CommandError::NotFound) => Err(Closing::Unavailable),
            // A mark that came too late hurts nobody.
            Err(_) if id.is_empty() => Ok(()),
            Err(refused) => {
                let error = ErrorFrame { client_message_id: Some(id), ..command_error(&refused) };
                connection.refuse(error).await
            }
        }
    }

    async fn update(&mut self, connection: &mut Connection, update: Update) -> Result<(), Closing> {
        match update {
            Update::Committed { messages, standing } => {
                for message in messages.iter() {
                    self.deliver(connection, message).await?;
                }
                self.stand(connection, standing).await
            }
            Update::Message(message) => self.deliver(connection, &message).await,
            Update::Poke => {
                let conversation = read(&self.app, &self.welcomed.key).await?;
                if conversation.last_sequence > self.sent {
                    self.catch_up(connection).await?;
                }
                self.stand(connection, Standing::of(&conversation)).await
            }
            Update::Position(position) => {
                self.position = position;
                self.tell_state(connection).await
            }
            Update::Signal(ConversationSignal { signal, .. }) => match signal {
                Some(Signal::Typing(typing)) => connection.send(&ServerFrame::Typing { typing }).await,
                Some(Signal::SeenSequence(sequence)) => {
                    connection.send(&ServerFrame::Seen { sequence }).await
                }
                Some(Signal::DeliveredSequence(sequence)) => {
                    connection.send(&ServerFrame::Delivered { sequence }).await
                }
                Some(Signal::Online(_)) | None => Ok(()),
            },
        }
    }

    /// Sends a message in its place: what was sent is dropped, what is missing is read first.
    async fn deliver(&mut self, connection: &mut Connection, message: &Message) -> Result<(), Closing> {
        if message.sequence <= self.sent {
            return Ok(());
        }
        if message.sequence > self.sent + 1 {
            return self.catch_up(connection).await;
        }
        self.sent = message.sequence;
        connection.send(&ServerFrame::Message(MessageFrame::from(message))).await
    }

    async fn catch_up(&mut self, connection: &mut Connection) -> Result<(), Closing> {
        let key = self.welcomed.key.clone();
        loop {
            let page = self.app.messages_after(&key.tenant, key.interaction_id, self.sent, PAGE).await;
            let page = page.map_err(|_| Closing::Unavailable)?;
            for message in &page {
                self.sent = message.sequence;
                connection.send(&ServerFrame::Message(MessageFrame::from(message))).await?;
            }
            if (page.len() as i64) < PAGE {
                return Ok(());
            }
        }
    }

    async fn stand(&mut self, connection: &mut Connection, standing: Standing) -> Result<(), Closing> {
        if standing.version < self.standing.version {
            return Ok(());
        }
        if standing.phase != self.standing.phase {
            self.position = self.app.hub.note(self.welcomed.key.interaction_id, &standing);
        }
        self.standing = standing;
        self.tell_state(connection).await
    }

    async fn tell_state(&mut self, connection: &mut Connection) -> Result<(), Closing> {
        let frame = StateFrame::of(&self.standing, self.position);
        if frame == self.told {
            return Ok(());
        }
        self.told = frame.clone();
        connection.send(&ServerFrame::State(frame)).await
    }

    /// Passes the typing indicator on, at most once a second while it lasts.
    async fn typing(&mut self, typing: bool, now: Instant) {
        let recently = self.typing_told.is_some_and(|told| now.duration_since(told) < Duration::from_secs(1));
        if typing && recently {
            return;
        }
        self.typing_told = typing.then_some(now);
        let signal =
            ConversationSignal { party: Party::Customer.into(), signal: Some(Signal::Typing(typing)) };
        let key = &self.welcomed.key;
        self.app.signal(&key.tenant, &key.interaction_id.to_string(), signal).await;
    }
}

async fn read(app: &App, key: &Key) -> Result<Conversation, Closing> {
    let found = app.find(&key.tenant, key.interaction_id).await;
    found.ok().flatten().ok_or(Closing::Unavailable)
}
