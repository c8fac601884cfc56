//! Asks the flow service what comes next, outside any transaction. What is lost with a crash is asked again by the sweep.

use std::sync::Arc;

use contract::{
    interaction::v1::{Channel, CustomerAddress},
    ivr::v1::{self as ivr, flow_service_client::FlowServiceClient, input::Kind},
};
use ingress::{FlowError, FlowRunner, Turn};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{App, batch::Key};
use crate::{
    core::{Conversation, FlowInput, Input, Phase},
    metrics,
};

/// Questions under way at once, and questions waiting for their turn.
const UNDER_WAY: usize = 128;
const WAITING: usize = 20_000;

/// Bounds the questions to the flow service.
pub(super) struct Gate {
    waiting: Arc<Semaphore>,
    under_way: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { waiting: Arc::new(Semaphore::new(WAITING)), under_way: Arc::new(Semaphore::new(UNDER_WAY)) }
    }
}

impl App {
    /// Tells the flow the first thing it has not heard, in the background.
    pub(super) fn ask_flow(self: &Arc<Self>, conversation: &Conversation) {
        let Some(input) = conversation.script.pending.first().cloned() else { return };
        if conversation.phase != Phase::Flow {
            return;
        }
        let Ok(waiting) = Arc::clone(&self.flows.waiting).try_acquire_owned() else {
            tracing::warn!("too many questions wait for the flow service, the sweep asks again");
            return;
        };
        let app = Arc::clone(self);
        let (flow, script) = (conversation.flow.clone(), conversation.script.clone());
        let customer = conversation.customer();
        let key = Key {
            tenant: conversation.tenant.as_str().into(),
            interaction_id: Uuid::parse_str(&conversation.interaction_id).unwrap_or_default(),
        };
        self.background.spawn(async move {
            let _waiting = waiting;
            let Ok(_under_way) = app.flows.under_way.acquire().await else { return };
            let answer = app.advance(&key, customer, &flow, script.session, input).await;
            let turn = script.turn;
            let input = match answer {
                Ok(answer) => {
                    metrics::FLOW.with_label_values(&["answered"]).inc();
                    Input::FlowAnswered { turn, answer }
                }
                Err(error) => {
                    let passing = error.is_passing();
                    metrics::FLOW.with_label_values(&[if passing { "away" } else { "refused" }]).inc();
                    tracing::warn!(
                        interaction.id = %key.interaction_id,
                        flow,
                        error = &error as &dyn std::error::Error,
                        "the flow did not go on"
                    );
                    Input::FlowFailed { turn, passing }
                }
            };
            // Not durable: the question is still pending, and the sweep asks it again.
            let _ = app.committer.run(key, input, Vec::new()).await;
        });
    }

    async fn advance(
        &self,
        key: &Key,
        customer: CustomerAddress,
        flow: &str,
        session: Vec<u8>,
        input: FlowInput,
    ) -> Result<Turn, FlowError> {
        let client = FlowServiceClient::new(self.peers.of("ivr", &key.tenant));
        let mut runner = FlowRunner::new(client, Channel::Chat).of(&key.interaction_id.to_string(), customer);
        let kind = match input {
            FlowInput::Begin => return runner.begin(flow).await,
            FlowInput::Choice(value) => Kind::Choice(value),
            FlowInput::Text(text) => Kind::Text(text),
            FlowInput::TimedOut => Kind::TimedOut(ivr::TimedOut {}),
            FlowInput::Form { name, email, text } => Kind::Form(ivr::FormAnswers { name, email, text }),
        };
        runner.advance(session, kind).await
    }
}
