//! What a call does about call-backs: it asks the router for one, and one that is a call-back reports what came of it.

use std::sync::Arc;

use contract::{
    interaction::v1::{Callback, Channel, InteractionQueued},
    router::v1 as router,
};
use ingress::Queue;
use tokio::time::Instant;

use super::{
    CallTask, Note,
    effects::{ROUTER_LIMIT, ROUTER_PAUSE, is_passing},
};
use crate::{
    app::Voice,
    core::call::{Input, Missed},
    metrics,
    store::{
        attempts::{self, Attempt},
        recordings,
    },
};

/// A call-back: what is known of it beside the call.
#[derive(Debug, Clone)]
pub struct CallingBack {
    /// Its row.
    pub attempt: Attempt,
    /// The message it is about: its agent may hear it. Empty: none.
    pub voicemail: String,
}

impl CallTask {
    /// Has the router put a call-back in the place of this call, or announces one with a place of its own.
    pub(super) fn arrange_callback(&self, number: &str, place: Option<ingress::Callback>) {
        let number = if number.trim().is_empty() { &self.identity.customer.phone } else { number };
        let phone = self.voice.callable(number);
        let outcome = if phone.is_some() { "wanted" } else { "not_allowed" };
        metrics::CALLBACKS.with_label_values(&[outcome]).inc();
        let mailbox = self.mailbox.clone();
        let known = |arranged| Note::Input(Input::CallbackKnown { arranged });
        let request = match (phone, place) {
            (None, _) => {
                tokio::spawn(async move { mailbox.send(known(false)).await });
                return;
            }
            (Some(phone), Some(place)) => {
                let id =
                    contract::derived_id(&["callback", &self.identity.tenant, &self.identity.interaction_id]);
                self.queue_callback(&id, place, phone);
                tokio::spawn(async move { mailbox.send(known(true)).await });
                return;
            }
            (Some(phone), None) => router::RequestCallbackRequest {
                interaction_id: self.identity.interaction_id.clone(),
                phone,
                not_before: None,
                request_id: format!("voice:{}:callback", self.identity.interaction_id),
            },
        };
        let mut client = self.router();
        tokio::spawn(async move {
            let deadline = Instant::now() + ROUTER_LIMIT;
            let arranged = loop {
                match client.request_callback(request.clone()).await {
                    Ok(_) => break true,
                    Err(status) if is_passing(status.code()) && Instant::now() < deadline => {
                        tokio::time::sleep(ROUTER_PAUSE).await;
                    }
                    Err(status) => {
                        tracing::info!(code = ?status.code(), "a call-back was refused");
                        break false;
                    }
                }
            };
            let _ = mailbox.send(known(arranged)).await;
        });
    }

    /// Announces a call-back as an interaction of its own.
    pub(super) fn queue_callback(&self, id: &str, place: ingress::Callback, phone: String) {
        let queue = Queue {
            queue: place.queue,
            priority: place.priority,
            attributes: place.attributes,
            ..Queue::default()
        };
        let of_interaction_id = self.identity.interaction_id.clone();
        let callback = Callback { phone, not_before: None, of_interaction_id };
        let queued = InteractionQueued {
            callback: Some(callback),
            ..queue.fact(Channel::Voice, &self.identity.entry_point, &self.identity.label)
        };
        self.voice.facts.publish(&self.identity.tenant, id, "queued", queued);
    }

    /// The customer of this call-back was not reached: the router tries again later.
    pub(super) fn report_attempt(&mut self, missed: Missed, detail: &str) {
        let Some(back) = self.calling_back.take() else { return };
        let (outcome, label) = match missed {
            Missed::NoAnswer => (router::CallbackOutcome::NoAnswer, "no_answer"),
            Missed::Busy => (router::CallbackOutcome::Busy, "busy"),
            Missed::Failed => (router::CallbackOutcome::Failed, "failed"),
            Missed::Machine => (router::CallbackOutcome::Machine, "machine"),
            Missed::MessageLeft => (router::CallbackOutcome::MessageLeft, "message_left"),
        };
        tracing::info!(outcome = label, "a call-back did not reach its customer");
        metrics::CALLBACKS.with_label_values(&[label]).inc();
        let detail = detail.chars().take(200).collect();
        self.voice.attempt_over(Attempt { outcome: outcome.into(), detail, ..back.attempt });
    }

    /// The customer is on the line: from now on this is a call as any other, which a dead process leaves behind ended.
    pub(super) fn callback_reached(&mut self) {
        let Some(back) = self.calling_back.take() else { return };
        metrics::CALLBACKS.with_label_values(&["reached"]).inc();
        tracing::info!(offer.id = back.attempt.attempt, "a call-back reached its customer");
        let (voice, tenant) = (Arc::clone(&self.voice), self.identity.tenant.clone());
        let interaction_id = self.identity.interaction_id.clone();
        tokio::spawn(async move {
            if let Err(error) = attempts::reached(&voice.db, &tenant, &interaction_id).await {
                tracing::warn!(%error, "a call-back was not noted as a call");
            }
        });
    }

    /// The agent who has the call-back may hear the message that it is about.
    pub(super) fn let_hear_message(&self, agent_id: &str) {
        let Some(back) = self.calling_back.as_ref().filter(|back| !back.voicemail.is_empty()) else { return };
        let (voice, tenant) = (Arc::clone(&self.voice), self.identity.tenant.clone());
        let (recording_id, agent_id) = (back.voicemail.clone(), agent_id.to_owned());
        tokio::spawn(async move {
            if let Err(error) = recordings::add_agent(&voice.db, &tenant, &recording_id, &agent_id).await {
                tracing::warn!(%error, recording.id = recording_id, "an agent of a message was not noted");
            }
        });
    }
}

impl Voice {
    /// The number as it is dialled, if it may be.
    #[must_use]
    pub fn callable(&self, number: &str) -> Option<String> {
        let number = crate::core::number::written(number, self.config.country)?;
        let allowed =
            crate::core::trunk::may_call(&number, &self.config.dial_allowed, &self.config.dial_denied);
        allowed.then_some(number)
    }
}
