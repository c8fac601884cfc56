//! A call from one phone of the centre to another: an extension. There is no customer in it; who calls has the customer's
//! side, and who is called is a guest.
//!
//! - V18: a call between colleagues tells the world nothing, waits in no queue, and is neither recorded nor given away.

use contract::interaction::v1::{EndReason, Party};

use super::{
    Call, Phase, Settings,
    control::{Control, Refusal, Role, Target},
    events::{Effect, Side, Timer},
    layout::Hearing,
};

/// How long a colleague's phone rings, in milliseconds.
const RING_MS: u64 = 90_000;

impl Call {
    /// A call that a phone of the centre makes to `agent`'s.
    #[must_use]
    pub fn to_colleague(settings: Settings, agent: &str) -> (Self, Vec<Effect>) {
        let mut call = Self { between_colleagues: true, flow_over: true, ..Self::new(settings) };
        let mut effects = Vec::new();
        let guest = call.add_guest(Target::Agent(agent.to_owned()), Role::Member, &mut effects);
        call.phase = Phase::Leaving { guest };
        call.last_token += 1;
        effects.push(Effect::Start(Timer::Colleague(call.last_token), RING_MS));
        (call, effects)
    }

    /// The colleague has picked up, and stays known: their desk shows the call.
    pub(super) fn colleague_answered(&mut self, guest: u32, effects: &mut Vec<Effect>) {
        self.answered = true;
        self.phase = Phase::Outside { guest };
        let voices = |side| Hearing::Voices(vec![side]);
        effects.push(Effect::Answer);
        effects.push(Effect::Hear(Side::Customer, voices(Side::Guest(guest))));
        effects.push(Effect::Hear(Side::Guest(guest), voices(Side::Customer)));
    }

    /// Who was called may leave, or decline; nothing else is done from outside.
    pub(super) fn colleagues_control(
        &mut self,
        actor: &str,
        control: &Control,
    ) -> Result<Vec<Effect>, Refusal> {
        match control {
            Control::Drop(guest) if self.is_guest(actor, *guest) => {
                let mut effects = vec![Effect::DropGuest(*guest)];
                self.guest_gone(*guest, &mut effects);
                self.keep_to_itself(&mut effects);
                Ok(effects)
            }
            _ => Err(Refusal::Gone),
        }
    }

    /// V18.
    pub(super) fn keep_to_itself(&self, effects: &mut Vec<Effect>) {
        if self.between_colleagues {
            effects.retain(|effect| !matches!(effect, Effect::Publish(_)));
        }
    }

    /// Nobody picked up there.
    pub(super) fn colleague_missed(&mut self, effects: &mut Vec<Effect>) {
        self.end(EndReason::NotReached, Party::System, "the colleague was not reached".to_owned(), effects);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Input;
    use super::*;

    fn ringing() -> Call {
        let (call, effects) = Call::to_colleague(Settings::default(), "bob");
        let bob = Target::Agent("bob".to_owned());
        assert_eq!(effects[0], Effect::Invite { guest: 1, who: bob });
        call
    }

    fn talking() -> Call {
        let mut call = ringing();
        let effects = call.handle(Input::GuestAnswered(1));
        assert_eq!(effects[0], Effect::Answer);
        assert!(effects.contains(&Effect::Hear(Side::Guest(1), Hearing::Voices(vec![Side::Customer]))));
        call
    }

    #[test]
    fn v18_whoever_hangs_up_both_are_released_and_nothing_is_told() {
        for side in [Side::Customer, Side::Guest(1)] {
            for mut call in [ringing(), talking()] {
                let effects = call.handle(Input::Left(side));
                assert!(call.is_over(), "{side:?}");
                assert!(!effects.iter().any(|effect| matches!(effect, Effect::Publish(_))), "{effects:?}");
                assert_eq!(effects.last(), Some(&Effect::Finish));
            }
        }
    }

    #[test]
    fn v4_the_caller_is_refused_when_nobody_picks_up() {
        let ends = [Input::GuestFailed(1), Input::Elapsed(Timer::Colleague(1))];
        for end in ends {
            let mut call = ringing();
            let effects = call.handle(end);
            assert!(
                effects.contains(&Effect::Reject) && effects.contains(&Effect::DropGuest(1)),
                "{effects:?}"
            );
            assert!(call.is_over());
        }
    }

    #[test]
    fn v18_the_called_may_leave_from_the_desk_and_nobody_may_give_the_call_away() {
        let mut call = talking();
        let transfer = Control::Transfer(Target::Queue("sales".to_owned()));
        assert_eq!(call.control("bob", true, transfer), Err(Refusal::Gone));
        assert_eq!(call.control("cy", false, Control::Drop(1)), Err(Refusal::Gone));

        let effects = call.control("bob", false, Control::Drop(1)).unwrap();

        assert_eq!(effects, [Effect::DropGuest(1), Effect::DropCustomer, Effect::Finish]);
        assert!(call.is_over());
    }

    #[test]
    fn the_called_who_declines_at_the_desk_ends_it() {
        let mut call = ringing();

        let effects = call.control("bob", false, Control::Drop(1)).unwrap();

        assert!(effects.contains(&Effect::Reject), "{effects:?}");
        assert!(call.is_over());
    }
}
