//! Facts of the call on their way to the bus.

use contract::{
    duration_from_millis,
    interaction::v1::{
        CallParked, CallRetrieved, CallTransferred, Channel, FarEndDetected, InteractionConnected,
        InteractionEnded, InteractionHeld, InteractionResumed, ParticipantJoined, ParticipantLeft,
        SupervisionEnded, SupervisionStarted,
    },
};

use super::{
    CallTask, Lasting, Waits, detecting,
    view::{mode_of, participant, target},
};
use crate::{
    core::call::{Fact, Role, Target},
    metrics,
};

/// Attribute of the wait of a customer whose last call died: when it did.
const CUT_OFF: &str = "cut_off_at";

impl CallTask {
    /// The customer, who called back, was cut off before: they go first. A call that rings already stays as it is.
    pub(super) fn was_cut_off(&mut self, waits: Waits) {
        if self.identity.entry_point.is_empty() || self.call.agent().is_some() {
            return;
        }
        let known = self.cut_off.replace(waits).is_some();
        if let Some(queue) = self.queued.clone()
            && !known
            && self.call.waits_alone()
        {
            self.publish(Fact::Queued(queue));
        }
    }

    pub(super) fn publish(&mut self, fact: Fact) {
        match &fact {
            Fact::Ended { .. } => self.end_recording(),
            Fact::Connected { agent_id, .. } => {
                self.recorded_agent(agent_id);
                self.callback_reached();
            }
            _ => {}
        }
        let facts = &self.voice.facts;
        let (tenant, id) = (&self.identity.tenant, &self.identity.interaction_id);
        match fact {
            Fact::Step(step) => {
                self.steps += 1;
                facts.publish(tenant, id, &format!("step:{}", self.steps), step);
            }
            Fact::Queued(queue) => {
                self.steps += 1;
                self.queued = Some(queue.clone());
                let mut queued = queue.fact(Channel::Voice, &self.identity.entry_point, &self.identity.label);
                if let Some(waits) = self.cut_off {
                    queued.priority = queued.priority.saturating_add(self.voice.config.cut_off_priority);
                    queued.enqueued_at = Some(waits.since.to_proto());
                    queued.attributes.insert(CUT_OFF.to_owned(), waits.at.to_string());
                }
                facts.publish(tenant, id, &format!("queued:{}", self.steps), queued);
            }
            Fact::Connected { agent_id, offer_id } => {
                if self.cut_off.take().is_some() {
                    self.voice.was_served(tenant, &self.identity.customer.phone);
                }
                tracing::info!(agent.id = agent_id, "call connected");
                let what = format!("connected:{offer_id}");
                facts.publish(tenant, id, &what, InteractionConnected { agent_id, offer_id });
            }
            Fact::Held { agent_id } => {
                self.begin(Lasting::Hold);
                self.tell(InteractionHeld { agent_id });
            }
            Fact::Resumed { agent_id } => {
                let held_for = self.lasted(Lasting::Hold);
                self.tell(InteractionResumed { agent_id, held_for });
            }
            Fact::Joined { guest, who, role, agent_id } => {
                self.begin(Lasting::Guest(guest));
                match (role, who) {
                    (Role::Supervisor(mode), Target::Agent(supervisor_id)) => {
                        tracing::info!(supervisor.id = supervisor_id, ?mode, "supervision begun");
                        let mode = mode_of(mode).into();
                        self.tell(SupervisionStarted { supervisor_id, agent_id, mode });
                    }
                    (role, who) => {
                        let participant = Some(participant(guest, &who, role));
                        self.tell(ParticipantJoined { participant });
                    }
                }
            }
            Fact::Parted { guest, who, role, agent_id } => {
                let lasted = self.lasted(Lasting::Guest(guest));
                match (role, who) {
                    (Role::Supervisor(mode), Target::Agent(supervisor_id)) => {
                        tracing::info!(supervisor.id = supervisor_id, "supervision ended");
                        let mode = mode_of(mode).into();
                        self.tell(SupervisionEnded { supervisor_id, agent_id, mode, lasted });
                    }
                    (role, who) => {
                        let participant = Some(participant(guest, &who, role));
                        self.tell(ParticipantLeft { participant, stayed: lasted });
                    }
                }
            }
            Fact::Transferred { agent_id, target: to, attended } => {
                tracing::info!(agent.id = agent_id, attended, "call transferred");
                self.tell(CallTransferred { agent_id, target: Some(target(&to)), attended });
            }
            Fact::Parked { agent_id } => {
                self.begin(Lasting::Park);
                let (label, queue) = (self.identity.label.clone(), self.call.queue().to_owned());
                self.tell(CallParked { agent_id, label, queue });
            }
            Fact::Retrieved { agent_id } => {
                let parked_for = self.lasted(Lasting::Park);
                self.tell(CallRetrieved { agent_id, parked_for });
            }
            Fact::FarEnd { far_end, reason, after_ms, agent_id } => {
                let label = detecting::label(far_end);
                tracing::info!(far_end = label, reason, after_ms, "the other end is known");
                metrics::FAR_ENDS.with_label_values(&[label]).inc();
                self.tell(FarEndDetected {
                    far_end: detecting::wire(far_end).into(),
                    reason,
                    after: Some(duration_from_millis(after_ms.into())),
                    agent_id,
                });
            }
            Fact::RecordingPaused(paused) => self.recording_paused(paused),
            Fact::Ended { reason, by, detail } => {
                let name = reason.as_str_name().trim_start_matches("END_REASON_").to_lowercase();
                tracing::info!(reason = name, "call ended");
                metrics::CALLS.with_label_values(&[name.as_str()]).inc();
                let ended_at = Some(self.voice.clock.now().to_proto());
                let ended = InteractionEnded { reason: reason.into(), ended_by: by.into(), detail, ended_at };
                facts.publish(tenant, id, "ended", ended);
            }
        }
    }
    /// A fact of live control, named by its number in the call.
    pub(super) fn tell(&mut self, event: impl Into<contract::Event>) {
        self.facts += 1;
        let what = format!("control:{}", self.facts);
        self.voice.facts.publish(&self.identity.tenant, &self.identity.interaction_id, &what, event);
    }

    fn begin(&mut self, what: Lasting) {
        self.lasting.insert(what, self.voice.clock.now());
    }

    fn lasted(&mut self, what: Lasting) -> Option<prost_types::Duration> {
        let begun = self.lasting.remove(&what)?;
        Some(duration_from_millis(self.voice.clock.now() - begun))
    }
}
