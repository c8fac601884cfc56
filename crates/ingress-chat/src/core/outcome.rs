//! What follows from something that happened.

use contract::{
    Event, Timestamp,
    chat::v1::ConversationSignal,
    interaction::v1::{Attachment, Channel, Message, MessageAdded, Option as Choice, Party},
};

use super::Conversation;

/// The moment, and ids for what it brings forth.
pub struct Step<'a> {
    /// Now.
    pub now: Timestamp,
    /// Makes a UUIDv7 for now.
    pub new_id: &'a mut dyn FnMut() -> String,
}

/// A fact to publish with the change.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// Fixed id, or empty for a fresh one.
    pub message_id: String,
    /// The fact.
    pub event: Event,
}

/// What follows. Messages are stored and facts published with the change; the rest happens after it is durable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// New messages, in order.
    pub messages: Vec<Message>,
    /// Facts, in order; each message is among them.
    pub facts: Vec<Announcement>,
    /// Signs of life for the other side.
    pub signals: Vec<ConversationSignal>,
    /// The flow is to be told the first pending input.
    pub ask_flow: bool,
    /// The customer has written to an agent who waits for it: the router is to give it back to them.
    pub unpark: bool,
}

impl Outcome {
    pub(super) fn announce(&mut self, event: Event) {
        self.facts.push(Announcement { message_id: String::new(), event });
    }
}

/// Who speaks.
pub(super) struct Author<'a> {
    pub party: Party,
    pub id: &'a str,
    pub name: &'a str,
    pub client_message_id: &'a str,
}

impl Author<'_> {
    pub(super) const FLOW: Self = Self { party: Party::Flow, id: "", name: "", client_message_id: "" };
    pub(super) const SYSTEM: Self = Self { party: Party::System, id: "", name: "", client_message_id: "" };
}

impl Conversation {
    pub(super) fn append(
        &mut self,
        author: &Author<'_>,
        text: String,
        attachments: Vec<Attachment>,
        options: Vec<Choice>,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) {
        self.last_sequence += 1;
        self.active_at = step.now;
        let message = Message {
            message_id: (step.new_id)(),
            sequence: self.last_sequence,
            author: author.party.into(),
            author_id: author.id.to_owned(),
            author_name: author.name.to_owned(),
            text,
            attachments,
            options,
            sent_at: Some(step.now.to_proto()),
            client_message_id: author.client_message_id.to_owned(),
        };
        outcome.facts.push(Announcement {
            message_id: message.message_id.clone(),
            event: Event::from(MessageAdded {
                message: Some(message.clone()),
                channel: Channel::Chat.into(),
            }),
        });
        outcome.messages.push(message);
    }

    pub(super) fn say_as_system(&mut self, text: String, step: &mut Step<'_>, outcome: &mut Outcome) {
        self.append(&Author::SYSTEM, text, Vec::new(), Vec::new(), step, outcome);
    }
}

impl Outcome {
    /// Adds what follows from the next thing that happened.
    pub fn add(&mut self, next: Self) {
        self.messages.extend(next.messages);
        self.facts.extend(next.facts);
        self.signals.extend(next.signals);
        self.ask_flow |= next.ask_flow;
        self.unpark |= next.unpark;
    }
}
