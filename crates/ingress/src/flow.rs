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
/// Most digits collected at once.
const MAX_DIGITS: usize = 64;
/// Most phrases that are listened for at once: five for each key, and words for a person.
const MAX_PHRASES: usize = 100;
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
    /// Play or write this, which is more than a text in the channel's own language.
    Play(Prompt),
    /// Play or write this and wait for one of the options.
    Ask(Ask),
    /// Play this and collect digits.
    Gather(Gather),
    /// Ask for name, mail address and a message.
    Form(String),
    /// Wait for an agent.
    Queue(Queue),
    /// Arrange that the customer is called back.
    Callback(Callback),
    /// Record a message.
    Voicemail(Voicemail),
    /// Give the call to this number.
    Transfer(String),
    /// The flow is done with the interaction.
    End,
}

/// Something to be played: a recording, a language, or what is heard to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// What a voice says where there is no recording.
    pub text: String,
    /// Name of the recording at `ivr.v1.PromptService`, or empty.
    pub audio: String,
    /// BCP 47; empty: the channel's own.
    pub language: String,
    /// It is heard to its end, whatever is pressed.
    pub no_barge_in: bool,
}

impl Prompt {
    /// Nothing but a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn is_plain(&self) -> bool {
        self.audio.is_empty() && self.language.is_empty() && !self.no_barge_in
    }
}

/// Digits to be collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gather {
    /// What is played meanwhile.
    pub prompt: Prompt,
    /// Fewer are a miss.
    pub min: usize,
    /// With this many it is done.
    pub max: usize,
    /// With this key it is done; it is not part of them.
    pub terminator: Option<char>,
    /// Milliseconds of silence before the first digit that count as a miss; 0: the channel's own limit.
    pub timeout_millis: i64,
    /// Milliseconds of silence after a digit with which it is done.
    pub between_millis: i64,
}

/// What a waiting customer is told from time to time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// With `{position}` and `{wait}`.
    pub text: String,
    /// BCP 47; empty: the channel's own.
    pub language: String,
    /// Milliseconds from the beginning of the wait; 0: the channel's own.
    pub first_millis: i64,
    /// Milliseconds from one to the next; 0: the channel's own.
    pub every_millis: i64,
}

/// A question with its options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// The question.
    pub text: String,
    /// What may be answered.
    pub options: Vec<interaction::Option>,
    /// Milliseconds of silence that count as a miss; 0: the channel's own limit.
    pub timeout_millis: i64,
    /// How `text` is played: its recording and language.
    pub prompt: Prompt,
    /// What may be said instead of pressing a key; empty: nothing is listened for.
    pub phrases: Vec<String>,
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
    /// Said during the wait instead of the channel's own words.
    pub announcement: Option<Announcement>,
    /// What turns waiting on the line into being called back.
    pub callback: Option<CallbackOffer>,
    /// A caller who stays on the line when the agent hangs up goes on in the flow.
    pub after: bool,
}

/// A key that turns waiting on the line into being called back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallbackOffer {
    /// The key.
    pub key: char,
    /// Whom to call; empty: nobody can be.
    pub number: String,
    /// Said once it is arranged, in the queue's language; empty: the channel's own words.
    pub text: Prompt,
}

/// A call-back to be arranged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callback {
    /// Key of the queue where it waits.
    pub queue: String,
    /// Whom to call.
    pub number: String,
    /// Added to the queue's own priority.
    pub priority: i32,
    /// What the flow learned.
    pub attributes: BTreeMap<String, String>,
}

/// A message to be recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voicemail {
    /// What is played before the tone.
    pub prompt: Prompt,
    /// Key of the queue whose message it is.
    pub queue: String,
    /// Milliseconds it may last.
    pub longest_millis: i64,
    /// Milliseconds of silence that end it.
    pub silence_millis: i64,
    /// The customer is called back about it.
    pub callback: bool,
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
    customer: Option<interaction::CustomerAddress>,
    interaction_id: String,
    listens: bool,
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
        Self { client, channel, customer: None, interaction_id: String::new(), listens: false }
    }

    /// Tells the flow, when it begins, who is there.
    pub fn of(mut self, interaction_id: &str, customer: interaction::CustomerAddress) -> Self {
        interaction_id.clone_into(&mut self.interaction_id);
        self.customer = Some(customer);
        self
    }

    /// Tells the flow whether answers may be spoken.
    pub const fn listening(mut self, listens: bool) -> Self {
        self.listens = listens;
        self
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
            customer: self.customer.clone(),
            interaction_id: self.interaction_id.clone(),
            listens: self.listens,
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
            None | Some((Verb::Say(_) | Verb::Play(_), _)) => {
                Err(FlowError::Nonsense("nothing that waits, hands over or ends"))
            }
            Some((_, before)) if before.iter().any(|verb| !matches!(verb, Verb::Say(_) | Verb::Play(_))) => {
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
        verb::Kind::Say(say) => {
            let prompt = prompt(short(say.text)?, say.audio, say.language, say.no_barge_in);
            if prompt.is_plain() { Verb::Say(prompt.text) } else { Verb::Play(prompt) }
        }
        verb::Kind::Gather(gather) => {
            let count = |digits: i32| usize::try_from(digits).unwrap_or(0).clamp(1, MAX_DIGITS);
            Verb::Gather(Gather {
                prompt: prompt(short(gather.text)?, gather.audio, gather.language, gather.no_barge_in),
                min: count(gather.min),
                max: count(gather.max),
                terminator: gather.terminator.chars().next(),
                timeout_millis: millis(gather.timeout.as_ref()),
                between_millis: millis(gather.between.as_ref()),
            })
        }
        verb::Kind::Form(form) => Verb::Form(short(form.text)?),
        verb::Kind::End(_) => Verb::End,
        verb::Kind::Ask(ask) => {
            let text = short(ask.text)?;
            Verb::Ask(Ask {
                prompt: prompt(text.clone(), ask.audio, ask.language, ask.no_barge_in),
                text,
                options: ask.options,
                timeout_millis: millis(ask.timeout.as_ref()),
                phrases: if ask.phrases.len() > MAX_PHRASES {
                    return Err(FlowError::Nonsense("more than 100 phrases"));
                } else {
                    ask.phrases
                },
            })
        }
        verb::Kind::Callback(callback) => Verb::Callback(Callback {
            queue: callback.queue,
            number: callback.number,
            priority: callback.priority,
            attributes: callback.attributes,
        }),
        verb::Kind::Voicemail(voicemail) => Verb::Voicemail(Voicemail {
            prompt: prompt(short(voicemail.text)?, voicemail.audio, voicemail.language, false),
            queue: voicemail.queue,
            longest_millis: millis(voicemail.longest.as_ref()),
            silence_millis: millis(voicemail.silence.as_ref()),
            callback: voicemail.callback,
        }),
        verb::Kind::Transfer(transfer) => Verb::Transfer(transfer.number),
        verb::Kind::Queue(queue) => Verb::Queue(Queue {
            callback: queue.callback.map(|offer| offered(offer, &queue.language)).transpose()?,
            after: queue.after,
            queue: queue.queue,
            priority: queue.priority,
            rings: queue.rings,
            attributes: queue.attributes,
            announcement: queue.announcement.map(|said| Announcement {
                text: said.text,
                language: queue.language,
                first_millis: millis(said.first.as_ref()),
                every_millis: millis(said.every.as_ref()),
            }),
        }),
    })
}

fn offered(offer: ivr::CallbackOffer, language: &str) -> Result<CallbackOffer, FlowError> {
    let key = offer.key.chars().next().ok_or(FlowError::Nonsense("an offer without a key"))?;
    let text = prompt(offer.text, String::new(), language.to_owned(), false);
    Ok(CallbackOffer { key, number: offer.number, text })
}

const fn prompt(text: String, audio: String, language: String, no_barge_in: bool) -> Prompt {
    Prompt { text, audio, language, no_barge_in }
}

fn millis(span: Option<&prost_types::Duration>) -> i64 {
    span.map_or(0, millis_of_duration).max(0)
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
        Kind::Say(Say { text: text.to_owned(), ..Say::default() })
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
