//! Spoken answers: what the customer says is recorded up to its end and given to a recogniser.

use std::sync::Arc;

use super::{CallTask, Note};
use crate::{
    core::call::{Input, Side},
    engine::Listener,
    metrics,
};

impl CallTask {
    /// Listens to the customer for one of these phrases.
    pub(super) fn listen(&self, token: u64, phrases: Vec<String>) {
        let Some(session) = self.session(Side::Customer).filter(|_| self.voice.listens()) else { return };
        let (listener, utterance) = Listener::new();
        if session.leg.listen(listener).is_err() {
            tracing::warn!("a question is answered by keys alone: the media engine is overloaded");
            return;
        }
        let (voice, mailbox) = (Arc::clone(&self.voice), self.mailbox.clone());
        tokio::spawn(async move {
            // Nothing comes when the question was answered otherwise, or the call is over.
            let Ok(utterance) = utterance.await else { return };
            let phrase = voice.understand(utterance, &phrases).await;
            let _ = mailbox.send(Note::Input(Input::Understood { token, phrase })).await;
        });
    }

    pub(super) fn stop_listening(&self) {
        if let Some(session) = self.session(Side::Customer) {
            let _ = session.leg.stop_listening();
        }
    }
}

impl crate::app::Voice {
    /// Whether answers may be spoken now.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.recogniser.as_ref().is_some_and(|recogniser| recogniser.is_ready())
    }

    /// Which phrase was said; empty: none that was understood.
    async fn understand(&self, utterance: crate::engine::Utterance, phrases: &[String]) -> String {
        let Some(recogniser) = &self.recogniser else { return String::new() };
        if utterance.samples.is_empty() {
            metrics::UTTERANCES.with_label_values(&["noise"]).inc();
            return String::new();
        }
        let (outcome, phrase) = match recogniser.understand(utterance.samples, phrases).await {
            Ok(Some(phrase)) => ("understood", phrase),
            Ok(None) => ("unclear", String::new()),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an answer could not be recognised");
                (error.label(), String::new())
            }
        };
        metrics::UTTERANCES.with_label_values(&[outcome]).inc();
        phrase
    }
}
