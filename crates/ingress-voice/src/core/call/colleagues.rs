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
/// How long that of the caller rings, who has just asked for it.
const SUMMON_MS: u64 = 20_000;
/// The caller, as the number of a participant.
pub const CALLER: u32 = 0;

/// Why a colleague who was called did not pick up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColleagueMissed {
    /// They said no, or their phone was busy.
    Declined,
    /// It rang for as long as it may.
    NoAnswer,
    /// None of their phones could be rung.
    NotThere,
}

/// What is known of a call between colleagues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Between {
    /// Whose phone it comes from.
    caller: String,
    /// Who is called.
    colleague: String,
    missed: Option<ColleagueMissed>,
}

impl Call {
    fn of_colleagues(settings: Settings, caller: &str, colleague: &str) -> Self {
        let (caller, colleague) = (caller.to_owned(), colleague.to_owned());
        let between = Between { caller, colleague, missed: None };
        Self { between_colleagues: Some(between), flow_over: true, ..Self::new(settings) }
    }

    /// A call that `caller`'s phone makes to `agent`'s.
    #[must_use]
    pub fn to_colleague(settings: Settings, caller: &str, agent: &str) -> (Self, Vec<Effect>) {
        let mut call = Self::of_colleagues(settings, caller, agent);
        let mut effects = Vec::new();
        call.ring_colleague(&mut effects);
        (call, effects)
    }

    /// A call that `caller` asks for: their own phone is rung first.
    #[must_use]
    pub fn summon(settings: Settings, caller: &str, agent: &str) -> (Self, Vec<Effect>) {
        let mut call = Self::of_colleagues(settings, caller, agent);
        call.phase = Phase::Summoning;
        call.answered = true;
        call.last_token += 1;
        let timer = Effect::Start(Timer::Colleague(call.last_token), SUMMON_MS);
        (call, vec![Effect::Summon { agent_id: caller.to_owned() }, timer])
    }

    fn ring_colleague(&mut self, effects: &mut Vec<Effect>) {
        let Some(agent) = self.colleague().map(str::to_owned) else { return };
        let guest = self.add_guest(Target::Agent(agent), Role::Member, effects);
        self.phase = Phase::Leaving { guest };
        self.last_token += 1;
        effects.push(Effect::Start(Timer::Colleague(self.last_token), RING_MS));
    }

    /// The caller's phone was picked up: now the colleague's rings.
    pub(super) fn caller_picked_up(&mut self, effects: &mut Vec<Effect>) {
        if self.phase == Phase::Summoning {
            self.ring_colleague(effects);
            self.colleagues_hear(effects);
        }
    }

    /// Who is called, where colleagues talk.
    #[must_use]
    pub fn colleague(&self) -> Option<&str> {
        self.between_colleagues.as_ref().map(|between| between.colleague.as_str())
    }

    /// Why they did not pick up; none: they did, or still may.
    #[must_use]
    pub fn missed_colleague(&self) -> Option<ColleagueMissed> {
        self.between_colleagues.as_ref().and_then(|between| between.missed)
    }

    /// The colleague has picked up, and stays known: their desk shows the call.
    pub(super) fn colleague_answered(&mut self, guest: u32, effects: &mut Vec<Effect>) {
        if !self.answered {
            effects.push(Effect::Answer);
        }
        self.answered = true;
        self.phase = Phase::Outside { guest };
        self.colleagues_hear(effects);
    }

    /// Has both hear what they should, on whatever phones they have now.
    pub(super) fn colleagues_hear(&self, effects: &mut Vec<Effect>) {
        let voices = |side| Hearing::Voices(vec![side]);
        match self.phase {
            // A telephone that is not answered yet rings by itself.
            Phase::Leaving { .. } if self.answered => {
                effects.push(Effect::Hear(Side::Customer, Hearing::Ringback));
            }
            Phase::Outside { guest } => {
                effects.push(Effect::Hear(Side::Customer, voices(Side::Guest(guest))));
                effects.push(Effect::Hear(Side::Guest(guest), voices(Side::Customer)));
            }
            _ => {}
        }
    }

    /// Either may leave, who is called may decline; nothing else is done from outside.
    pub(super) fn colleagues_control(
        &mut self,
        actor: &str,
        control: &Control,
    ) -> Result<Vec<Effect>, Refusal> {
        let calls = self.between_colleagues.as_ref().is_some_and(|between| between.caller == actor);
        let mut effects = Vec::new();
        match control {
            Control::Drop(CALLER) if calls && self.phase != Phase::Over => {
                if matches!(self.phase, Phase::Outside { .. }) {
                    effects.push(Effect::DropCustomer);
                }
                self.left(Side::Customer, &mut effects);
            }
            Control::Drop(guest) if self.is_guest(actor, *guest) => {
                effects.push(Effect::DropGuest(*guest));
                self.guest_gone(*guest, &mut effects);
            }
            _ => return Err(Refusal::Gone),
        }
        self.keep_to_itself(&mut effects);
        Ok(effects)
    }

    /// V18.
    pub(super) fn keep_to_itself(&self, effects: &mut Vec<Effect>) {
        if self.between_colleagues.is_some() {
            effects.retain(|effect| !matches!(effect, Effect::Publish(_)));
        }
    }

    /// It has rung for as long as it may, there or at the caller's own phone.
    pub(super) fn colleague_rang_out(&mut self, token: u64, effects: &mut Vec<Effect>) {
        match self.phase {
            Phase::Leaving { .. } if token == self.last_token => {
                self.colleague_missed(ColleagueMissed::NoAnswer, effects);
            }
            Phase::Summoning => {
                self.end(
                    EndReason::NotReached,
                    Party::Agent,
                    "the caller did not pick up".to_owned(),
                    effects,
                );
            }
            _ => {}
        }
    }

    /// Nobody picked up there.
    pub(super) fn colleague_missed(&mut self, missed: ColleagueMissed, effects: &mut Vec<Effect>) {
        if let Some(between) = &mut self.between_colleagues {
            between.missed = Some(missed);
        }
        self.end(EndReason::NotReached, Party::System, "the colleague was not reached".to_owned(), effects);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Input, Missed, RingFailure};
    use super::*;

    fn ringing() -> Call {
        let (call, effects) = Call::to_colleague(Settings::default(), "ann", "bob");
        let bob = Target::Agent("bob".to_owned());
        assert_eq!(effects[0], Effect::Invite { guest: 1, who: bob });
        call
    }

    /// Asked for at the desk, where the caller's browser has come.
    fn summoned() -> Call {
        let (mut call, effects) = Call::summon(Settings::default(), "ann", "bob");
        assert_eq!(effects[0], Effect::Summon { agent_id: "ann".to_owned() });
        let effects = call.handle(Input::CustomerAnswered);
        let bob = Target::Agent("bob".to_owned());
        assert_eq!(effects[0], Effect::Invite { guest: 1, who: bob });
        assert_eq!(effects.last(), Some(&Effect::Hear(Side::Customer, Hearing::Ringback)));
        call
    }

    fn talking() -> Call {
        let mut call = ringing();
        let effects = call.handle(Input::GuestAnswered(1));
        assert_eq!(effects[0], Effect::Answer);
        assert!(effects.contains(&Effect::Hear(Side::Guest(1), Hearing::Voices(vec![Side::Customer]))));
        call
    }

    fn silent(effects: &[Effect]) -> bool {
        !effects.iter().any(|effect| matches!(effect, Effect::Publish(_)))
    }

    #[test]
    fn v18_whoever_hangs_up_both_are_released_and_nothing_is_told() {
        for side in [Side::Customer, Side::Guest(1)] {
            for mut call in [ringing(), talking(), summoned()] {
                let effects = call.handle(Input::Left(side));
                assert!(call.is_over(), "{side:?}");
                assert!(silent(&effects), "{effects:?}");
                assert_eq!(effects.last(), Some(&Effect::Finish));
            }
        }
    }

    #[test]
    fn v4_the_caller_is_refused_when_nobody_picks_up_and_it_is_known_why() {
        let failed = |failure| Input::GuestFailed { guest: 1, failure };
        let ends = [
            (failed(RingFailure::Refused), ColleagueMissed::Declined),
            (failed(RingFailure::Unreachable), ColleagueMissed::NotThere),
            (Input::Elapsed(Timer::Colleague(1)), ColleagueMissed::NoAnswer),
        ];
        for (end, missed) in ends {
            let mut call = ringing();
            let effects = call.handle(end);
            assert!(
                effects.contains(&Effect::Reject) && effects.contains(&Effect::DropGuest(1)),
                "{effects:?}"
            );
            assert!(call.is_over());
            assert_eq!(call.missed_colleague(), Some(missed));
        }
    }

    #[test]
    fn a_caller_who_asked_for_it_at_the_desk_hears_it_ring_and_is_let_go_when_nobody_picks_up() {
        let mut call = summoned();

        let early = call.handle(Input::Elapsed(Timer::Colleague(1)));
        let effects = call.handle(Input::Elapsed(Timer::Colleague(2)));

        assert_eq!(early, [], "the time of the caller's own phone is over");
        assert!(
            effects.contains(&Effect::DropCustomer) && effects.contains(&Effect::DropGuest(1)),
            "{effects:?}"
        );
        assert_eq!((call.is_over(), call.missed_colleague()), (true, Some(ColleagueMissed::NoAnswer)));
    }

    #[test]
    fn a_caller_whose_own_phone_is_not_picked_up_rings_nobody() {
        let failed = Input::CustomerFailed { missed: Missed::Failed, detail: String::new() };
        for end in [failed, Input::Elapsed(Timer::Colleague(1))] {
            let (mut call, _) = Call::summon(Settings::default(), "ann", "bob");

            let effects = call.handle(end);

            assert!(call.is_over() && silent(&effects), "{effects:?}");
            assert!(!effects.iter().any(|effect| matches!(effect, Effect::Invite { .. })), "{effects:?}");
        }
    }

    #[test]
    fn after_a_change_of_device_both_hear_each_other_again() {
        let mut call = talking();

        let effects = call.handle(Input::Replaced(Side::Customer));

        let voices = |side| Hearing::Voices(vec![side]);
        let wanted = [
            Effect::Hear(Side::Customer, voices(Side::Guest(1))),
            Effect::Hear(Side::Guest(1), voices(Side::Customer)),
        ];
        assert_eq!(effects, wanted);
    }

    #[test]
    fn v18_either_may_leave_from_the_desk_and_nobody_may_give_the_call_away() {
        let mut call = talking();
        let transfer = Control::Transfer(Target::Queue("sales".to_owned()));
        assert_eq!(call.control("bob", true, transfer), Err(Refusal::Gone));
        for stranger in [1, CALLER] {
            assert_eq!(call.control("cy", false, Control::Drop(stranger)), Err(Refusal::Gone));
        }
        let mut other = call.clone();

        let effects = call.control("bob", false, Control::Drop(1)).unwrap();
        let by_caller = other.control("ann", false, Control::Drop(CALLER)).unwrap();

        assert_eq!(effects, [Effect::DropGuest(1), Effect::DropCustomer, Effect::Finish]);
        assert_eq!(by_caller, [Effect::DropCustomer, Effect::DropGuest(1), Effect::Finish]);
        assert!(call.is_over() && other.is_over());
    }

    #[test]
    fn the_called_who_declines_at_the_desk_ends_it() {
        let mut call = ringing();

        let effects = call.control("bob", false, Control::Drop(1)).unwrap();

        assert!(effects.contains(&Effect::Reject), "{effects:?}");
        assert_eq!((call.is_over(), call.missed_colleague()), (true, Some(ColleagueMissed::Declined)));
    }
}
