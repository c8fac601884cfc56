//! Running a flow: one question to `ivr.v1.FlowService`, one validated answer.

use std::collections::BTreeMap;

use contract::{
    interaction::v1::{self as interaction, FlowStepTaken, InteractionQueued, Ring},
    ivr::v1::{self as ivr, flow_service_client::FlowServiceClient, input, verb},
    millis_of_duration,
};
use tonic::{
    Code, Status,
    body::Body,
    client::GrpcService,
    codegen::{self, Bytes, StdError},
};

/// Verbs taken from one answer; a flow that says more without waiting is broken.
const MAX_VERBS: usize = 64;
/// Bytes of one text of a flow.
const MAX_TEXT: usize = 16 * 1024;

/// What the flow wants done until the customer acts again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turn {
    /// In order; only the last one waits, hands over or ends.
    pub verbs: Vec<Verb>,
    /// Goes back with the next input, unread.
    pub session: Vec<u8>,
    /// To be published with the interaction's id, in order.
    pub steps: Vec<FlowStepTaken>,
}

/// One thing for the channel to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// Play or write this.
    Say(String),
    /// Play or write this and wait for one of the options.
    Ask(Ask),
    /// Ask for name, mail address and a message.
    Form(String),
    /// Wait for an agent.
    Queue(Queue),
    /// The flow is done with the interaction.
    End,
}

/// A question with its options.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The question.
    pub text: String,
    /// What may be answered.
    pub options: Vec<interaction::Option>,
    /// Milliseconds of silence that count as a miss; 0: the channel's own limit.
    pub timeout_millis: i64,
}

/// A place to wait for an agent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// Key of the queue.
    pub queue: String,
    /// Added to the queue's own priority.
    pub priority: i32,
    /// Replaces the queue's own rings when not empty.
    pub rings: Vec<Ring>,
    /// What the flow learned.
    pub attributes: BTreeMap<String, String>,
}

impl Queue {
    /// The fact that announces it.
    pub fn fact(self, channel: interaction::Channel, entry_point: &str, label: &str) -> InteractionQueued {
        InteractionQueued {
            channel: channel.into(),
            queue: self.queue,
            priority: self.priority,
            rings: self.rings,
            attributes: self.attributes,
            entry_point: entry_point.to_owned(),
            customer_label: label.to_owned(),
            ..InteractionQueued::default()
        }
    }
}

/// Why a flow could not go on.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The service is away or busy: the same question may be asked again.
    #[error("the flow service is not reachable ({0:?})")]
    Away(Code, #[source] Box<Status>),
    /// The service refuses: asking again gives the same answer (unknown flow, broken session).
    #[error("the flow service refuses: {message}")]
    Refused {
        /// For people, without secrets.
        message: String,
        /// What it answered.
        #[source]
        source: Box<Status>,
    },
    /// The answer makes no sense: no verb that waits, too many verbs, a text without end.
    #[error("the flow answered {0}")]
    Nonsense(&'static str),
}

impl FlowError {
    /// True when the same question may succeed later.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Away(..))
    }
}

/// Asks the flow service on behalf of one channel. Cheap to clone, as its client is.
#[derive(Clone, Debug)]
pub struct FlowRunner<T> {
    client: FlowServiceClient<T>,
    channel: interaction::Channel,
}

impl<T> FlowRunner<T>
where
    T: GrpcService<Body>,
    T::Error: Into<StdError>,
    T::ResponseBody: codegen::Body<Data = Bytes> + Send + 'static,
    <T::ResponseBody as codegen::Body>::Error: Into<StdError> + Send,
{
    /// Runs flows over `client` for lines of `channel`.
    pub const fn new(client: FlowServiceClient<T>, channel: interaction::Channel) -> Self {
        Self { client, channel }
    }

    /// Begins a flow by its key.
    pub async fn begin(&mut self, flow: &str) -> Result<Turn, FlowError> {
        self.ask(flow, Vec::new(), input::Kind::Begin(ivr::Begin {})).await
    }

    /// Tells the flow what the customer did, with the session of its last answer.
    pub async fn advance(&mut self, session: Vec<u8>, input: input::Kind) -> Result<Turn, FlowError> {
        self.ask("", session, input).await
    }

    async fn ask(&mut self, flow: &str, session: Vec<u8>, kind: input::Kind) -> Result<Turn, FlowError> {
        let request = ivr::AdvanceRequest {
            flow: flow.to_owned(),
            session,
            input: Some(ivr::Input { kind: Some(kind) }),
            channel: self.channel.into(),
        };
        let answer = self.client.advance(request).await.map_err(|status| failure(Box::new(status)))?;
        Turn::read(answer.into_inner())
    }
}

fn failure(status: Box<Status>) -> FlowError {
    match status.code() {
        code @ (Code::Unavailable
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::Cancelled
        | Code::Internal
        | Code::ResourceExhausted
        | Code::Unknown
        | Code::Unauthenticated) => FlowError::Away(code, status),
        _ => FlowError::Refused { message: status.message().to_owned(), source: status },
    }
}

impl Turn {
    /// Reads an answer: at least one verb, the last one and no other waits, hands over or ends.
    pub fn read(answer: ivr::AdvanceResponse) -> Result<Self, FlowError> {
        if answer.verbs.len() > MAX_VERBS {
            return Err(FlowError::Nonsense("more than 64 verbs at once"));
        }
        let verbs = answer.verbs.into_iter().map(read_verb).collect::<Result<Vec<_>, _>>()?;
        match verbs.split_last() {
            None | Some((Verb::Say(_), _)) => {
                Err(FlowError::Nonsense("nothing that waits, hands over or ends"))
            }
            Some((_, before)) if before.iter().any(|verb| !matches!(verb, Verb::Say(_))) => {
                Err(FlowError::Nonsense("something after a verb that waits, hands over or ends"))
            }
            Some(_) => {
                let steps = answer.steps.into_iter().map(step).collect();
                Ok(Self { verbs, session: answer.session, steps })
            }
        }
    }
}

fn read_verb(verb: ivr::Verb) -> Result<Verb, FlowError> {
    let short = |text: String| {
        if text.len() <= MAX_TEXT { Ok(text) } else { Err(FlowError::Nonsense("a text of more than 16 KiB")) }
    };
    Ok(match verb.kind.ok_or(FlowError::Nonsense("a verb of an unknown kind"))? {
        verb::Kind::Say(say) => Verb::Say(short(say.text)?),
        verb::Kind::Form(form) => Verb::Form(short(form.text)?),
        verb::Kind::End(_) => Verb::End,
        verb::Kind::Ask(ask) => Verb::Ask(Ask {
            text: short(ask.text)?,
            options: ask.options,
            timeout_millis: ask.timeout.as_ref().map_or(0, millis_of_duration).max(0),
        }),
        verb::Kind::Queue(queue) => Verb::Queue(Queue {
            queue: queue.queue,
            priority: queue.priority,
            rings: queue.rings,
            attributes: queue.attributes,
        }),
    })
}

fn step(step: ivr::StepTaken) -> FlowStepTaken {
    FlowStepTaken { flow: step.flow, step: step.step, input: step.input, outcome: step.outcome }
}

#[cfg(test)]
mod tests {
    use contract::ivr::v1::{AdvanceResponse, Say, Verb as Wire, verb::Kind};

    use super::{FlowError, Turn, Verb};

    fn answer(kinds: Vec<Kind>) -> AdvanceResponse {
        let verbs = kinds.into_iter().map(|kind| Wire { kind: Some(kind) }).collect();
        AdvanceResponse { verbs, session: vec![1], steps: Vec::new() }
    }

    fn say(text: &str) -> Kind {
        Kind::Say(Say { text: text.to_owned() })
    }

    #[test]
    fn an_answer_ends_with_a_verb_that_waits() {
        let turn = Turn::read(answer(vec![say("hello"), Kind::End(Default::default())])).unwrap();

        assert_eq!(turn.verbs, [Verb::Say("hello".to_owned()), Verb::End]);
    }

    #[test]
    fn an_answer_that_leaves_the_customer_hanging_is_refused() {
        assert!(matches!(Turn::read(answer(vec![say("hello")])), Err(FlowError::Nonsense(_))));
        assert!(matches!(Turn::read(answer(vec![])), Err(FlowError::Nonsense(_))));
    }

    #[test]
    fn nothing_follows_a_verb_that_ends() {
        let verbs = vec![Kind::End(Default::default()), say("more"), Kind::End(Default::default())];

        assert!(matches!(Turn::read(answer(verbs)), Err(FlowError::Nonsense(_))));
    }

    #[test]
    fn an_answer_without_end_is_refused() {
        assert!(matches!(Turn::read(answer(vec![say("again"); 65])), Err(FlowError::Nonsense(_))));
    }
}
