//! Facts of the call on their way to the bus.

use contract::{
    duration_from_millis,
    interaction::v1::{
        CallParked, CallRetrieved, CallTransferred, Channel, InteractionConnected, InteractionEnded,
        InteractionHeld, InteractionResumed, ParticipantJoined, ParticipantLeft, SupervisionEnded,
        SupervisionStarted,
    },
};

use super::{
    CallTask, Lasting,
    view::{mode_of, participant, target},
};
use crate::{
    core::call::{Fact, Role, Target},
    metrics,
};

impl CallTask {
    pub(super) fn publish(&mut self, fact: Fact) {
        match &fact {
            Fact::Ended { .. } => self.end_recording(),
            Fact::Connected { agent_id, .. } => self.recorded_agent(agent_id),
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
                let queued = queue.fact(Channel::Voice, &self.identity.entry_point, &self.identity.label);
                facts.publish(tenant, id, &format!("queued:{}", self.steps), queued);
            }
            Fact::Connected { agent_id, offer_id } => {
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
                self.tell(CallParked { agent_id });
            }
            Fact::Retrieved { agent_id } => {
                let parked_for = self.lasted(Lasting::Park);
                self.tell(CallRetrieved { agent_id, parked_for });
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
