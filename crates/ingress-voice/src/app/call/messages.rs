//! Messages that customers leave: recordings like others, kept if something was said.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use contract::{duration_from_millis, interaction::v1::VoicemailLeft};

use super::{CallTask, Note, Rung};
use crate::{
    core::call::{Input, RingFailure, Side, Target},
    core::number::written,
    metrics,
    store::recordings,
};

/// Tries to forget a message in which nothing was said, and the pause between them: its row may not be there yet.
const DROP_TRIES: u32 = 20;
const DROP_PAUSE: Duration = Duration::from_millis(500);

impl CallTask {
    /// Plays the tone.
    pub(super) fn beep(&self, token: u64) {
        if let Some(session) = self.session(Side::Customer) {
            let _ = session.leg.play(self.voice.sounds.beep.play(session.law, false), Some(token));
        }
    }

    /// Makes the file of a message.
    pub(super) fn record_message(&mut self, queue: &str) {
        if self.voice.recorder.is_none() {
            tracing::warn!("a message can't be taken: recordings are not configured");
            let mailbox = self.mailbox.clone();
            tokio::spawn(async move { mailbox.send(Note::Input(Input::NotRecorded)).await });
            return;
        }
        self.record(queue, true);
    }

    pub(super) fn watch_customer(&self, silence_ms: u64) {
        if let Some(session) = self.session(Side::Customer) {
            let _ = session.leg.watch(silence_ms);
        }
    }

    /// The message is whole: it is told, and becomes work if it is to be.
    pub(super) fn keep_message(&mut self, queue: String, callback: bool) {
        let Some((recording_id, length)) = self.taped() else { return };
        self.end_recording();
        metrics::MESSAGES.with_label_values(&["kept"]).inc();
        tracing::info!(recording.id = recording_id, "a message was left");
        let phone = callback.then(|| self.voice.callable(&self.identity.customer.phone)).flatten();
        let callback_interaction_id = match phone {
            None => String::new(),
            Some(phone) => {
                let id = contract::derived_id(&["voicemail", &self.identity.tenant, &recording_id]);
                let place = ingress::Callback {
                    queue: queue.clone(),
                    number: phone.clone(),
                    priority: 0,
                    attributes: BTreeMap::from([("voicemail".to_owned(), recording_id.clone())]),
                };
                self.queue_callback(&id, place, phone);
                id
            }
        };
        let length = Some(duration_from_millis(length));
        self.tell(VoicemailLeft { recording_id, queue, length, callback_interaction_id });
    }

    /// Nothing was said: nothing is kept.
    pub(super) fn drop_message(&mut self) {
        let Some((recording_id, _)) = self.taped() else { return };
        self.end_recording();
        metrics::MESSAGES.with_label_values(&["empty"]).inc();
        let (voice, tenant) = (Arc::clone(&self.voice), self.identity.tenant.clone());
        tokio::spawn(async move {
            for _ in 0..DROP_TRIES {
                let now = voice.clock.now();
                match recordings::outdate(&voice.db, &tenant, &recording_id, now).await {
                    Ok(true) => return,
                    Ok(false) => {}
                    Err(error) => tracing::warn!(%error, "an empty message waits to be deleted"),
                }
                tokio::time::sleep(DROP_PAUSE).await;
            }
        });
    }

    /// Calls the number that the flow gives the customer to; V9 holds here as everywhere.
    pub(super) fn transfer_to(&mut self, guest: u32, number: &str) {
        let number = written(number, self.voice.config.country);
        let actor = format!("flow {}", self.identity.flow);
        let allowed = |number: &String| self.voice.may_dial(&self.identity.tenant, &actor, number).is_ok();
        if let Some(number) = number.filter(allowed) {
            return self.ring(Rung::Guest(guest), Target::Number(number));
        }
        tracing::info!(flow = self.identity.flow, "the flow names a number that is not called");
        let mailbox = self.mailbox.clone();
        let failed = Input::GuestFailed { guest, failure: RingFailure::Unreachable };
        tokio::spawn(async move { mailbox.send(Note::Input(failed)).await });
    }
}
