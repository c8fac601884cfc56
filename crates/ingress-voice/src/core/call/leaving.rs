//! Somebody leaves, falls silent or is lost; and the end.

use contract::interaction::v1::{EndReason, Party};

use super::{
    Call, Offer, Phase, control,
    events::{Effect, Fact, Missed, Side},
};

impl Call {
    pub(super) fn left(&mut self, side: Side, effects: &mut Vec<Effect>) {
        match (side, &self.phase) {
            (Side::Guest(guest), _) => self.guest_gone(guest, effects),
            (Side::Customer, Phase::Outside { guest }) => {
                effects.push(Effect::DropGuest(*guest));
                effects.push(Effect::Finish);
                self.phase = Phase::Over;
            }
            (Side::Customer, Phase::Messaging { .. }) => self.message_over(true, effects),
            (Side::Customer, Phase::LeavingMessage { .. }) => self.message_left(false, effects),
            (Side::Customer, Phase::Screening { .. }) => {
                self.not_reached(Missed::Failed, "hung up at once".to_owned(), effects);
            }
            // What they asked for is arranged all the same.
            (Side::Customer, _) if self.arranging.is_some() => {
                self.customer_gone = true;
                effects.push(Effect::DropCustomer);
            }
            (Side::Customer, phase) => {
                let reason = match phase {
                    Phase::Leaving { .. } if !self.flow_over => EndReason::LeftInFlow,
                    Phase::Talking { .. } | Phase::Leaving { .. } => EndReason::CustomerLeft,
                    Phase::Waiting { .. } | Phase::Whispering { .. } => EndReason::Abandoned,
                    _ => self.concluded.unwrap_or(EndReason::LeftInFlow),
                };
                self.end(reason, Party::Customer, String::new(), effects);
            }
            (
                Side::Agent,
                Phase::Talking { .. }
                | Phase::Dialling { .. }
                | Phase::Reserved { .. }
                | Phase::Screening { .. },
            ) => self.agent_hangs_up(effects),
            (Side::Agent, Phase::Whispering { .. }) => self.left_whispering(effects),
            // Picked up and hung up before the router knew: as if the agent had refused.
            (Side::Agent, _) => {
                if let Some(Offer { offer_id, agent_id, .. }) = self.offer.take() {
                    effects.push(Effect::Decline { offer_id, agent_id });
                    self.goes_on_ringing_or("the agent hung up", effects);
                }
            }
        }
    }

    pub(super) fn hold(&mut self, side: Side, held: bool, effects: &mut Vec<Effect>) {
        match side {
            Side::Customer => self.phone_held.0 = held,
            Side::Agent => self.phone_held.1 = held,
            Side::Guest(_) => {}
        }
        self.arrange(effects);
    }

    /// A mute phone may send nothing and still be there; one whose BYE was lost says so, or nothing.
    pub(super) fn silent(&mut self, side: Side, effects: &mut Vec<Effect>) {
        let held = match side {
            Side::Customer => self.phone_held.0,
            Side::Agent => self.phone_held.1,
            Side::Guest(_) => false,
        };
        if !held {
            effects.push(Effect::Probe(side));
        }
    }

    /// The other end is not there any more and has not said so.
    pub(super) fn lost(&mut self, side: Side, detail: &str, effects: &mut Vec<Effect>) {
        let by = match (side, &self.phase) {
            (Side::Guest(guest), _) => {
                effects.push(Effect::DropGuest(guest));
                return self.guest_gone(guest, effects);
            }
            (side, Phase::Outside { .. }) => return self.left(side, effects),
            (Side::Customer, _) => Party::Customer,
            (Side::Agent, _) => Party::Agent,
        };
        self.end(EndReason::MediaTimeout, by, detail.to_owned(), effects);
    }

    pub(super) fn end(&mut self, reason: EndReason, by: Party, detail: String, effects: &mut Vec<Effect>) {
        if self.ends_at_machine(effects) {
            return;
        }
        if self.calling_back.is_some() {
            let detail = if detail.is_empty() { "the agent hung up".to_owned() } else { detail };
            return self.not_reached(Missed::Failed, detail, effects);
        }
        self.beside.clear();
        if self.offer.take().is_some() {
            effects.push(Effect::StopRinging);
        }
        let agent_id = self.agent().unwrap_or_default().to_owned();
        let outside = match self.phase {
            Phase::Outside { guest } => Some(guest),
            _ => None,
        };
        for guest in std::mem::take(&mut self.guests) {
            if guest.answered && outside.is_none() {
                effects.push(Effect::Publish(control::parted(&guest, &agent_id)));
            }
            effects.push(Effect::DropGuest(guest.id));
        }
        match outside {
            Some(guest) => effects.push(Effect::DropGuest(guest)),
            None if self.ended => {}
            None => effects.push(Effect::Publish(Fact::Ended { reason, by, detail })),
        }
        effects.push(Effect::DropAgent);
        effects.push(if self.answered { Effect::DropCustomer } else { Effect::Reject });
        effects.push(Effect::Finish);
        self.phase = Phase::Over;
    }
}
