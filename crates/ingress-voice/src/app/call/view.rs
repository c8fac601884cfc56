//! How a live call stands, for desktops.

use contract::{interaction::v1 as interaction, voice::v1 as wire};

use super::CallTask;
use crate::core::call::{Mode, Role, Target};

impl CallTask {
    pub(super) fn view(&self) -> wire::Call {
        let (held, muted, parked) = self.call.standing();
        let (mut participants, mut supervisors) = (Vec::new(), Vec::new());
        for guest in self.call.guests() {
            match (guest.role, &guest.who) {
                (Role::Supervisor(mode), Target::Agent(supervisor)) => {
                    supervisors.push(wire::CallSupervisor {
                        supervisor_id: supervisor.clone(),
                        mode: mode_of(mode).into(),
                        answered: guest.answered,
                    });
                }
                _ => participants.push(wire::CallParticipant {
                    participant: Some(participant(guest.id, &guest.who, guest.role)),
                    answered: guest.answered,
                }),
            }
        }
        let recording = match self.call.recording() {
            None => interaction::RecordingState::Unspecified,
            Some(false) => interaction::RecordingState::Recording,
            Some(true) => interaction::RecordingState::Paused,
        };
        wire::Call {
            interaction_id: self.identity.interaction_id.clone(),
            agent_id: self.call.agent().unwrap_or_default().to_owned(),
            held,
            muted,
            parked,
            participants,
            supervisors,
            recording: recording.into(),
            far_end: self
                .call
                .far_end()
                .map_or(interaction::FarEnd::Unspecified, super::detecting::wire)
                .into(),
            can_leave_message: self.call.can_leave_message(),
        }
    }
}

pub(super) fn mode_of(mode: Mode) -> interaction::SupervisionMode {
    match mode {
        Mode::Monitor => interaction::SupervisionMode::Monitor,
        Mode::Whisper => interaction::SupervisionMode::Whisper,
        Mode::Barge => interaction::SupervisionMode::Barge,
    }
}

pub(super) fn participant(id: u32, who: &Target, role: Role) -> interaction::Participant {
    let role = match role {
        Role::Consulted => interaction::ParticipantRole::Consulted,
        Role::Member | Role::Supervisor(_) => interaction::ParticipantRole::Member,
    };
    interaction::Participant { participant_id: id.to_string(), role: role.into(), who: Some(target(who)) }
}

/// A target as the contract spells it.
pub(super) fn target(who: &Target) -> interaction::CallTarget {
    use interaction::call_target::Target as Wire;
    let target = match who {
        Target::Agent(agent) => Wire::AgentId(agent.clone()),
        Target::Queue(queue) => Wire::Queue(queue.clone()),
        Target::Number(number) => Wire::Number(number.clone()),
    };
    interaction::CallTarget { target: Some(target) }
}
