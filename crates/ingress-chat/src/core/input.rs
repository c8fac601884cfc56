//! What can happen to a conversation, and why it may be refused.

use contract::interaction::v1::Attachment;

/// Something said, already clean and within its limits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Made by the sender; empty for a sender without one.
    pub client_message_id: String,
    /// Plain text, empty only with attachments.
    pub text: String,
    /// Files of this conversation.
    pub attachments: Vec<Attachment>,
}

/// The agent, supervisor or service that acts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Actor {
    /// Key of the user.
    pub user_id: String,
    /// What people see.
    pub name: String,
    /// May act in conversations of others.
    pub may_act_for_others: bool,
}

/// What a queue says instead of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diversion {
    /// It waits in another queue already.
    Queue(String),
    /// The customer may leave a message: what a telephone would record, or be called back about.
    Form,
    /// Nothing more than these words of the queue; empty: the usual ones.
    Farewell(String),
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The customer writes.
    CustomerSays { said: Said },
    /// The customer presses a button.
    CustomerChooses { client_message_id: String, value: String },
    /// The customer leaves a message while nobody is there.
    CustomerFillsForm { client_message_id: String, name: String, email: String, text: String },
    /// A device of the customer has, or shows, everything up to here.
    CustomerMarks { delivered: i64, seen: i64 },
    /// A device of the customer has connected.
    CustomerHere { name: String, email: String },
    /// The last device of the customer is gone.
    CustomerGone,
    /// The customer ends it.
    CustomerLeaves,
    /// The agent writes.
    AgentSays { agent: Actor, said: Said },
    /// The agent's screen shows everything up to here.
    AgentMarks { agent: Actor, seen: i64 },
    /// The agent ends it.
    AgentEnds { agent: Actor },
    /// The router gave it to an agent.
    Assigned { agent_id: String, agent_name: String, offer_id: String },
    /// Nobody of the queue serves it.
    Diverted { to: Diversion },
    /// By hand the router gave it to another queue or agent: who had it has it no more.
    Moved { queue: String },
    /// The agent waits for the customer, or does not any more.
    Parked { parked: bool },
    /// The flow answered the question of this turn.
    FlowAnswered { turn: i32, answer: ingress::Turn },
    /// The flow did not answer; `passing`: it may later.
    FlowFailed { turn: i32, passing: bool },
    /// Time has passed.
    Tick,
}

/// Why something may not happen. The text is for whoever tried it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is over.
    #[error("this conversation has ended")]
    Ended,
    /// Nothing to say.
    #[error("must not be empty")]
    Empty,
    /// No question is open.
    #[error("no question is open")]
    NothingAsked,
    /// Not one of the buttons.
    #[error("is not one of the choices")]
    UnknownChoice,
    /// No form is open.
    #[error("no form is open")]
    NoForm,
    /// Another agent has it, or nobody.
    #[error("only the agent who has this conversation, or a supervisor, may do this")]
    NotYours,
    /// Nobody has it yet.
    #[error("no agent has this conversation yet")]
    NotConnected,
}
