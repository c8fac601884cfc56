//! `OfferMade` and `CallbackDue` of call-backs: nobody is on the line, so any instance may make the call. The one that puts
//! it down among its own first does; the agent's phone rings, then the customer is dialled.

use std::sync::Arc;

use contract::{
    Timestamp,
    interaction::v1::CustomerAddress,
    router::v1::{CallbackDue, OfferMade},
};
use tokio::sync::mpsc;

use super::{
    Voice,
    call::{Beginning, CallTask, CallingBack, Identity},
    start_call::MEDIA_MAILBOX,
};
use crate::{
    core::call::{Call, Effect, Input, OfferEnd},
    store::attempts,
};

/// An attempt to call somebody back.
struct Attempt {
    offer_id: String,
    agent_id: String,
    queue: String,
    entry_point: String,
    label: String,
    voicemail: String,
    inputs: Vec<Input>,
}

impl Voice {
    /// An agent is asked to call somebody back: their phone rings, and picking up accepts.
    pub(super) fn on_callback_offered(
        self: &Arc<Self>,
        tenant: &str,
        interaction_id: &str,
        mut offer: OfferMade,
    ) {
        let left = offer.expires_at.map_or(0, |at| Timestamp::from(at) - self.clock.now());
        let rings = Input::OfferMade {
            offer_id: offer.offer_id.clone(),
            agent_id: offer.agent_id.clone(),
            expires_in_ms: u64::try_from(left).unwrap_or(0),
            whisper: offer.whisper,
        };
        let attempt = Attempt {
            voicemail: offer.attributes.remove("voicemail").unwrap_or_default(),
            offer_id: offer.offer_id,
            agent_id: offer.agent_id,
            queue: offer.queue,
            entry_point: offer.entry_point,
            label: offer.customer_label,
            inputs: vec![rings],
        };
        self.call_back(tenant, interaction_id, attempt);
    }

    /// An agent has a call-back that nobody here rings for: given by hand, or by a process that died.
    pub(super) fn on_callback_due(self: &Arc<Self>, tenant: &str, interaction_id: &str, due: CallbackDue) {
        let phone = Input::CallbackDue { phone: due.phone.clone() };
        if self.calls.tell(interaction_id, phone.clone()) {
            return;
        }
        let rings = Input::OfferMade {
            offer_id: due.offer_id.clone(),
            agent_id: due.agent_id.clone(),
            expires_in_ms: 0,
            whisper: String::new(),
        };
        let taken = Input::OfferEnded { offer_id: due.offer_id.clone(), end: OfferEnd::Accepted };
        let attempt = Attempt {
            offer_id: due.offer_id,
            agent_id: due.agent_id,
            queue: due.queue,
            entry_point: String::new(),
            label: due.phone,
            voicemail: String::new(),
            inputs: vec![rings, taken, phone],
        };
        self.call_back(tenant, interaction_id, attempt);
    }

    /// Begins the call; it hears what happens from now on, and rings once it is known that no other instance does.
    fn call_back(self: &Arc<Self>, tenant: &str, interaction_id: &str, attempt: Attempt) {
        if self.stopping.is_cancelled() || self.calls.len() >= self.config.max_calls {
            return;
        }
        let mut call = Call::call_back(self.config.call(), &attempt.agent_id, &attempt.queue)
            .recorded_by(self.config.recording.policy(tenant, &attempt.entry_point))
            .answered_by(self.config.answering.policy(tenant, &attempt.queue));
        let effects: Vec<Effect> = attempt.inputs.into_iter().flat_map(|input| call.handle(input)).collect();
        let (events, heard) = mpsc::channel(MEDIA_MAILBOX);
        let beginning = Beginning {
            identity: Identity {
                interaction_id: interaction_id.to_owned(),
                tenant: tenant.to_owned(),
                entry_point: attempt.entry_point,
                flow: String::new(),
                customer: CustomerAddress {
                    display_name: attempt.label.clone(),
                    ..CustomerAddress::default()
                },
                caller_id: String::new(),
                label: attempt.label,
                colleague: None,
            },
            media: self.engine.for_call(),
            call: (call, effects),
            customer: None,
            heard,
            events,
        };
        let held = attempts::Attempt {
            tenant_id: tenant.to_owned(),
            interaction_id: interaction_id.to_owned(),
            attempt: attempt.offer_id,
            instance: self.instance.clone(),
            life: self.life.clone(),
            outcome: 0,
            detail: String::new(),
        };
        let back = CallingBack { attempt: held.clone(), voicemail: attempt.voicemail };
        let task = CallTask::new(Arc::clone(self), beginning).calling_back(back);
        let voice = Arc::clone(self);
        tokio::spawn(async move {
            match attempts::claim(&voice.db, &held, voice.clock.now()).await {
                Ok(true) => {
                    tracing::info!(interaction.id = held.interaction_id, "call-back begun");
                    task.run().await;
                }
                Ok(false) => voice.calls.remove(&held.interaction_id),
                Err(error) => {
                    tracing::warn!(%error, interaction.id = held.interaction_id, "a call-back was not begun");
                    voice.calls.remove(&held.interaction_id);
                }
            }
        });
    }

    /// Nothing is to be told of an attempt: its agent was never reserved. Another one may begin anywhere.
    pub(super) fn give_callback_back(self: &Arc<Self>, attempt: attempts::Attempt) {
        let voice = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = attempts::give_back(&voice.db, &attempt).await {
                tracing::warn!(%error, interaction.id = attempt.interaction_id, "a call-back was not given back");
            }
        });
    }
}
