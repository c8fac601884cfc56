//! Who is in a call beside customer and agent: they are invited, answer, change their role, and leave.

use super::{
    Call, ColleagueMissed, Hearing, Phase,
    control::{Guest, MAX_GUESTS, Refusal, Role, Target, joined, parted},
    events::{Effect, Fact, FlowInput, RingFailure, Side},
};

impl Call {
    pub(super) fn supervisor(&self, actor: &str) -> Option<&Guest> {
        let is = |guest: &&Guest| {
            matches!(guest.role, Role::Supervisor(_)) && guest.who == Target::Agent(actor.to_owned())
        };
        self.guests.iter().find(is)
    }

    pub(super) fn consulted(&self) -> Option<u32> {
        self.guests.iter().find(|guest| guest.role == Role::Consulted).map(|guest| guest.id)
    }

    pub(super) fn invite(
        &mut self,
        target: Target,
        role: Role,
        effects: &mut Vec<Effect>,
    ) -> Result<u32, Refusal> {
        if matches!(target, Target::Queue(_)) || Some(&target) == self.agent_target().as_ref() {
            return Err(Refusal::Target);
        }
        if self.guests.len() >= MAX_GUESTS {
            return Err(Refusal::TooMany);
        }
        Ok(self.add_guest(target, role, effects))
    }

    pub(super) fn agent_target(&self) -> Option<Target> {
        self.agent().map(|agent| Target::Agent(agent.to_owned()))
    }

    pub(super) fn add_guest(&mut self, who: Target, role: Role, effects: &mut Vec<Effect>) -> u32 {
        self.last_guest += 1;
        let guest = self.last_guest;
        effects.push(Effect::Invite { guest, who: who.clone() });
        self.guests.push(Guest { id: guest, who, role, answered: false });
        guest
    }

    pub(super) fn set_role(&mut self, id: u32, role: Role, effects: &mut Vec<Effect>) {
        let agent_id = self.agent().unwrap_or_default().to_owned();
        let Some(guest) = self.guests.iter_mut().find(|guest| guest.id == id) else { return };
        if guest.role == role {
            return;
        }
        if guest.answered {
            effects.push(Effect::Publish(parted(guest, &agent_id)));
        }
        guest.role = role;
        if guest.answered {
            effects.push(Effect::Publish(joined(guest, &agent_id)));
        }
    }

    pub(super) fn guest_answered(&mut self, id: u32, effects: &mut Vec<Effect>) {
        let agent_id = self.agent().unwrap_or_default().to_owned();
        let Some(guest) = self.guests.iter_mut().find(|guest| guest.id == id) else {
            effects.push(Effect::DropGuest(id));
            return;
        };
        guest.answered = true;
        if self.between_colleagues.is_some() {
            return self.colleague_answered(id, effects);
        }
        if self.phase == (Phase::Leaving { guest: id }) {
            let target = guest.who.clone();
            self.guests.clear();
            if !self.flow_over && !self.ended {
                let transferred = Fact::Transferred { agent_id, target, attended: false };
                effects.push(Effect::Publish(transferred));
            }
            return self.leave_with(id, effects);
        }
        effects.push(Effect::Publish(joined(guest, &agent_id)));
        self.arrange(effects);
    }

    /// The flow gives the customer to a number outside.
    pub(super) fn leave_for(&mut self, number: String, effects: &mut Vec<Effect>) {
        self.last_guest += 1;
        let guest = self.last_guest;
        let who = Target::Number(number.clone());
        self.guests.push(Guest { id: guest, who, role: Role::Member, answered: false });
        self.phase = Phase::Leaving { guest };
        effects.push(Effect::Hear(Side::Customer, Hearing::Ringback));
        effects.push(Effect::TransferTo { guest, number });
    }

    /// None of a guest's phones was picked up.
    pub(super) fn guest_failed(&mut self, id: u32, failure: RingFailure, effects: &mut Vec<Effect>) {
        if self.between_colleagues.is_some() && failure == RingFailure::Unreachable {
            return self.colleague_missed(ColleagueMissed::NotThere, effects);
        }
        self.guest_gone(id, effects);
    }

    /// A guest could not be reached, or has left.
    pub(super) fn guest_gone(&mut self, id: u32, effects: &mut Vec<Effect>) {
        match self.phase {
            Phase::Outside { guest } if guest == id => {
                effects.push(Effect::DropCustomer);
                effects.push(Effect::Finish);
                self.phase = Phase::Over;
            }
            Phase::Leaving { guest } if guest == id && self.between_colleagues.is_some() => {
                self.colleague_missed(ColleagueMissed::Declined, effects);
            }
            Phase::Leaving { guest } if guest == id && !self.flow_over => {
                self.guests.clear();
                self.phase = Phase::Deciding;
                effects.push(Effect::Quiet);
                effects.push(Effect::Advance(FlowInput::Done(false)));
            }
            Phase::Leaving { guest } if guest == id => {
                self.guests.clear();
                self.wait_again(self.place(), effects);
            }
            _ => {
                self.forget_guest(id, effects);
                self.arrange(effects);
            }
        }
    }

    /// Whether `actor` is this guest: they may leave by themselves.
    pub(super) fn is_guest(&self, actor: &str, id: u32) -> bool {
        let is = |guest: &Guest| guest.id == id && guest.who == Target::Agent(actor.to_owned());
        self.guests.iter().any(is)
    }

    pub(super) fn drop_guest(&mut self, id: u32, effects: &mut Vec<Effect>) {
        self.forget_guest(id, effects);
        effects.push(Effect::DropGuest(id));
    }

    pub(super) fn forget_guest(&mut self, id: u32, effects: &mut Vec<Effect>) {
        let agent_id = self.agent().unwrap_or_default().to_owned();
        if let Some(index) = self.guests.iter().position(|guest| guest.id == id) {
            let guest = self.guests.remove(index);
            if guest.answered {
                effects.push(Effect::Publish(parted(&guest, &agent_id)));
            }
        }
        self.arranged.hears.retain(|(side, _)| *side != Side::Guest(id));
    }
}
