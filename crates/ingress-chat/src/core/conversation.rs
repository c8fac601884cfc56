//! State of one conversation, and its single way to change.

use contract::{
    Event, Timestamp,
    interaction::v1::{
        Channel, CustomerAddress, Direction, EndReason, InteractionEnded, InteractionStarted,
        Option as Choice, Party,
    },
};
use serde::{Deserialize, Serialize};

use super::{Input, Outcome, Refusal, Step, label::customer_label};

/// Limits that decide when something is due, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A customer whose last device is gone this long has left the menu or the queue.
    pub vanished_waiting: i64,
    /// The same while an agent is there.
    pub vanished_with_agent: i64,
    /// Nobody wrote anything for this long.
    pub inactive: i64,
    /// A question of the flow without a limit of its own.
    pub choice: i64,
    /// How long a customer counts as online after a sign of life.
    pub online: i64,
}

/// Where a conversation stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The flow talks with the customer.
    Flow,
    /// Waits for an agent.
    Queued {
        /// Key of the queue.
        queue: String,
    },
    /// An agent has it.
    WithAgent {
        /// Key of the agent.
        agent_id: String,
        /// What people see.
        agent_name: String,
        /// The offer that led here.
        offer_id: String,
    },
    /// Over.
    Ended {
        /// Why.
        reason: EndReason,
        /// The agent who had it, or empty.
        agent_id: String,
        /// What people saw.
        agent_name: String,
    },
}

/// What the flow waits for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Awaiting {
    /// Nothing of the customer.
    #[default]
    Nothing,
    /// One of the values.
    Choice {
        /// Value and label of each.
        options: Vec<(String, String)>,
        /// When silence counts as a miss.
        until: Timestamp,
    },
    /// The form of an offline message.
    Form,
}

/// Something the flow is to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FlowInput {
    /// The conversation has begun.
    Begin,
    /// A button's value.
    Choice(String),
    /// Free text.
    Text(String),
    /// Nothing came in time.
    TimedOut,
    /// The offline form.
    Form {
        /// What the customer calls themselves.
        name: String,
        /// Where to answer.
        email: String,
        /// What it is about.
        text: String,
    },
}

/// The conversation's place in its flow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// As the flow service returned it, unread.
    pub session: Vec<u8>,
    /// Counts the answers; an answer to another turn names nothing.
    pub turn: i32,
    /// What the flow has not heard yet; the first is being asked.
    pub pending: Vec<FlowInput>,
    /// What the flow waits for.
    pub awaiting: Awaiting,
    /// Attempts at the first of `pending`.
    pub attempts: u32,
    /// When the first of `pending` is asked again.
    pub retry_at: Timestamp,
    /// The form stands in for an agent who did not come: the flow is not asked any more.
    #[serde(default)]
    pub diverted: bool,
}

/// How far each side has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// On a device of the customer.
    pub customer_delivered: i64,
    /// Shown to the customer.
    pub customer_seen: i64,
    /// Shown to the agent.
    pub agent_seen: i64,
}

/// One visitor's engagement.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Slug of the tenant.
    pub tenant: String,
    /// UUIDv7.
    pub interaction_id: String,
    /// Key of the entry point.
    pub entry_point: String,
    /// Key of the flow that greets.
    pub flow: String,
    /// Proven by our own token.
    pub visitor_id: String,
    /// What the customer calls themselves, or empty.
    pub customer_name: String,
    /// Where the customer can be written to, or empty.
    pub customer_email: String,
    /// Where it stands.
    pub phase: Phase,
    /// Its place in its flow; empty afterwards.
    pub script: Script,
    /// Sequence of the last message.
    pub last_sequence: i64,
    /// How far each side has come.
    pub marks: Marks,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Last word of either side.
    pub active_at: Timestamp,
    /// Until when the customer counts as online.
    pub online_until: Timestamp,
    /// When to look again at the latest.
    pub due_at: Option<Timestamp>,
    /// Counts the changes: readers drop what is older than what they have.
    pub version: i64,
    /// The agent waits for the customer to write.
    pub parked: bool,
}

/// Who begins a conversation where.
#[derive(Clone, Debug)]
pub struct Start {
    /// Slug of the tenant.
    pub tenant: String,
    /// UUIDv7.
    pub interaction_id: String,
    /// Key of the entry point.
    pub entry_point: String,
    /// Key of its flow.
    pub flow: String,
    /// Proven by our own token.
    pub visitor_id: String,
    /// Clean, maybe empty.
    pub name: String,
    /// Clean, maybe empty.
    pub email: String,
}

impl Conversation {
    /// Begins a conversation: announces it and asks the flow for its first words.
    pub fn start(start: Start, limits: &Limits, step: &mut Step<'_>) -> (Self, Outcome) {
        let now = step.now;
        let mut conversation = Self {
            tenant: start.tenant,
            interaction_id: start.interaction_id,
            entry_point: start.entry_point,
            flow: start.flow,
            visitor_id: start.visitor_id,
            customer_name: start.name,
            customer_email: start.email,
            phase: Phase::Flow,
            script: Script::default(),
            last_sequence: 0,
            marks: Marks::default(),
            started_at: now,
            ended_at: None,
            active_at: now,
            online_until: now.plus_millis(limits.online),
            due_at: None,
            version: 0,
            parked: false,
        };
        let mut outcome = Outcome::default();
        outcome.announce(Event::from(InteractionStarted {
            channel: Channel::Chat.into(),
            direction: Direction::Inbound.into(),
            entry_point: conversation.entry_point.clone(),
            customer: Some(conversation.customer()),
            to_address: conversation.entry_point.clone(),
            instance: String::new(),
            started_at: Some(now.to_proto()),
        }));
        conversation.tell_flow(FlowInput::Begin, now, &mut outcome);
        conversation.settle(limits, true);
        (conversation, outcome)
    }

    /// Lets something happen. A refusal changes nothing.
    pub fn handle(
        &mut self,
        input: &Input,
        limits: &Limits,
        step: &mut Step<'_>,
    ) -> Result<Outcome, Refusal> {
        let mut outcome = Outcome::default();
        let exact = match input {
            Input::CustomerSays { said } => {
                self.customer_says(said, limits, step, &mut outcome)?;
                false
            }
            Input::CustomerChooses { client_message_id, value } => {
                self.customer_chooses(client_message_id, value, limits, step, &mut outcome)?;
                true
            }
            Input::CustomerFillsForm { client_message_id, name, email, text } => {
                let form = FlowInput::Form { name: name.clone(), email: email.clone(), text: text.clone() };
                self.customer_fills_form(client_message_id, form, limits, step, &mut outcome)?;
                true
            }
            Input::CustomerMarks { delivered, seen } => {
                self.customer_marks(*delivered, *seen, &mut outcome);
                false
            }
            Input::CustomerHere { name, email } => {
                self.customer_here(name, email, limits, step.now);
                false
            }
            Input::CustomerGone => {
                self.online_until = self.online_until.min(step.now);
                true
            }
            Input::CustomerLeaves => {
                self.customer_leaves(step, &mut outcome);
                true
            }
            Input::AgentSays { agent, said } => {
                self.agent_says(agent, said, step, &mut outcome)?;
                false
            }
            Input::AgentMarks { agent, seen } => {
                self.agent_marks(agent, *seen, &mut outcome)?;
                false
            }
            Input::AgentEnds { agent } => {
                self.agent_ends(agent, step, &mut outcome)?;
                true
            }
            Input::Assigned { agent_id, agent_name, offer_id } => {
                self.assigned(agent_id, agent_name, offer_id, step, &mut outcome);
                true
            }
            Input::Diverted { to } => {
                self.diverted(to, step, &mut outcome);
                true
            }
            Input::Parked { parked } => {
                self.parked = *parked && matches!(self.phase, Phase::WithAgent { .. });
                true
            }
            Input::Moved { queue } => {
                self.moved(queue, step, &mut outcome);
                true
            }
            Input::FlowAnswered { turn, answer } => {
                self.flow_answered(*turn, answer, limits, step, &mut outcome);
                true
            }
            Input::FlowFailed { turn, passing } => {
                self.flow_failed(*turn, *passing, step, &mut outcome);
                true
            }
            Input::Tick => {
                self.tick(limits, step, &mut outcome);
                true
            }
        };
        self.version += 1;
        self.settle(limits, exact);
        Ok(outcome)
    }

    /// True once nothing more can be said.
    pub const fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended { .. })
    }

    /// Who is there, as far as the chat tells.
    pub fn customer(&self) -> CustomerAddress {
        CustomerAddress {
            phone: String::new(),
            email: self.customer_email.clone(),
            visitor_id: self.visitor_id.clone(),
            visitor_verified: true,
            display_name: self.customer_name.clone(),
        }
    }

    /// What agents see in an offer.
    pub fn customer_label(&self) -> String {
        customer_label(&self.customer_name, &self.customer_email, &self.visitor_id)
    }

    /// The choices of the question that is open.
    pub fn open_choices(&self) -> Vec<Choice> {
        match &self.script.awaiting {
            Awaiting::Choice { options, .. } => options
                .iter()
                .map(|(value, label)| Choice { value: value.clone(), label: label.clone() })
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn end(
        &mut self,
        reason: EndReason,
        by: Party,
        detail: &str,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) {
        let (agent_id, agent_name) = match &self.phase {
            Phase::Ended { .. } => return,
            Phase::WithAgent { agent_id, agent_name, .. } => (agent_id.clone(), agent_name.clone()),
            Phase::Flow | Phase::Queued { .. } => (String::new(), String::new()),
        };
        if let Some(text) = super::label::farewell(reason, &agent_name, &self.customer_name) {
            self.say_as_system(text, step, outcome);
        }
        self.phase = Phase::Ended { reason, agent_id, agent_name };
        self.script = Script { turn: self.script.turn, ..Script::default() };
        self.ended_at = Some(step.now);
        outcome.announce(Event::from(InteractionEnded {
            reason: reason.into(),
            ended_by: by.into(),
            detail: detail.to_owned(),
            ended_at: Some(step.now.to_proto()),
        }));
    }
}
