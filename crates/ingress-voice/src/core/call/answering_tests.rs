use media::answer::Reason;

use super::*;
use crate::core::call::{Control, Input, Settings};

/// An agent has taken a call-back, or wants to call out, and the number rings.
fn dialling(on_machine: OnMachine, callback: bool) -> Call {
    let mut call = if callback {
        Call::call_back(Settings::default(), "ann", "billing")
    } else {
        Call::dial(Settings::default(), "ann", "billing").0
    };
    call = call.answered_by(Answering {
        detects: true,
        on_machine,
        message: "Please call us.".to_owned(),
        within_ms: 2_500,
    });
    call.handle(Input::OfferMade {
        offer_id: "o1".to_owned(),
        agent_id: "ann".to_owned(),
        expires_in_ms: 20_000,
        whisper: String::new(),
    });
    call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() });
    call.handle(Input::AcceptanceKnown { offer_id: "o1".to_owned(), accepted: true });
    if callback {
        call.handle(Input::CallbackDue { phone: "+15550123".to_owned() });
    }
    call
}

fn answered(on_machine: OnMachine) -> (Call, Vec<Effect>) {
    let mut call = dialling(on_machine, true);
    let effects = call.handle(Input::CustomerAnswered);
    assert!(effects.contains(&Effect::DetectAnswer { within_ms: 2_500 }), "{effects:?}");
    (call, effects)
}

fn known(call: &mut Call, far_end: FarEnd) -> Vec<Effect> {
    let reason = match far_end {
        FarEnd::Human => Reason::Waits(600),
        FarEnd::Machine => Reason::SpeaksOn(1_500),
        FarEnd::Fax => Reason::FaxTone,
        FarEnd::Busy => Reason::BusyTone,
        FarEnd::Sit => Reason::InformationTones,
        FarEnd::NotSure => Reason::Silent(2_500),
    };
    call.handle(Input::FarEndKnown(Verdict { far_end, reason, after_ms: 1_600 }))
}

fn together(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Hear(Side::Customer, Hearing::Voices(vec![Side::Agent])))
}

fn connected(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Publish(Fact::Connected { .. })))
}

fn ended(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Publish(Fact::Ended { .. })))
}

fn attempt(effects: &[Effect]) -> Option<Missed> {
    effects.iter().find_map(|effect| match effect {
        Effect::ReportAttempt { missed, .. } => Some(*missed),
        _ => None,
    })
}

#[test]
fn v19_nobody_is_heard_before_it_is_known_to_be_a_person() {
    for far_end in [FarEnd::Human, FarEnd::NotSure] {
        let (mut call, effects) = answered(OnMachine::HangUp);
        assert!(!together(&effects) && !connected(&effects), "{effects:?}");

        let effects = known(&mut call, far_end);

        assert!(together(&effects) && connected(&effects), "{effects:?}");
        assert_eq!(call.far_end(), Some(far_end));
        assert!(ended(&call.handle(Input::Left(Side::Customer))));
    }
}

#[test]
fn v19_who_is_not_judged_in_time_is_connected() {
    let (mut call, effects) = answered(OnMachine::HangUp);
    let timer = effects.iter().find_map(|effect| match effect {
        Effect::Start(timer @ Timer::Answered(_), 3_500) => Some(*timer),
        _ => None,
    });

    let effects = call.handle(Input::Elapsed(timer.unwrap()));

    assert!(together(&effects) && connected(&effects));
}

#[test]
fn v19_a_machine_is_hung_up_on_and_has_not_been_reached() {
    let (mut call, _) = answered(OnMachine::HangUp);

    let effects = known(&mut call, FarEnd::Machine);

    assert_eq!(attempt(&effects), Some(Missed::Machine));
    assert!(effects.contains(&Effect::DropAgent) && effects.contains(&Effect::DropCustomer));
    assert!(!connected(&effects) && !ended(&effects) && call.is_over());
}

#[test]
fn v19_signals_and_fax_machines_are_no_customers_whatever_the_queue_wants() {
    for on_machine in [OnMachine::Connect, OnMachine::HangUp, OnMachine::LeaveMessage] {
        for (far_end, missed) in
            [(FarEnd::Busy, Missed::Busy), (FarEnd::Sit, Missed::Failed), (FarEnd::Fax, Missed::Failed)]
        {
            let (mut call, before) = answered(on_machine);

            let effects = known(&mut call, far_end);

            assert_eq!(attempt(&effects), Some(missed), "{on_machine:?} {far_end:?}");
            assert!(!connected(&before) && !connected(&effects) && call.is_over());
        }
    }
}

#[test]
fn a_message_is_left_after_the_tone_and_the_agent_is_out_of_it() {
    let (mut call, _) = answered(OnMachine::LeaveMessage);

    let effects = known(&mut call, FarEnd::Machine);
    assert!(effects.contains(&Effect::DropAgent) && effects.contains(&Effect::DetectTone), "{effects:?}");
    assert_eq!(attempt(&effects), None);
    let said = call.handle(Input::MachineRecords);
    let Some(Effect::Say { prompt, token }) = said.iter().find(|effect| matches!(effect, Effect::Say { .. }))
    else {
        panic!("{said:?}")
    };
    assert_eq!(prompt.text, "Please call us.");
    let over = call.handle(Input::Played { token: *token });

    assert_eq!(attempt(&over), Some(Missed::MessageLeft));
    assert!(over.contains(&Effect::DropCustomer) && call.is_over());
}

#[test]
fn a_machine_that_gives_no_tone_or_hangs_up_has_no_message() {
    for input in [Input::Left(Side::Customer), Input::Elapsed(Timer::Machine(1))] {
        let (mut call, _) = answered(OnMachine::LeaveMessage);
        known(&mut call, FarEnd::Machine);

        let effects = call.handle(input);

        assert_eq!(attempt(&effects), Some(Missed::Machine));
        assert!(call.is_over());
    }
}

#[test]
fn without_a_rule_the_agent_hears_at_once_and_the_call_counts_when_it_is_a_person() {
    let (mut call, effects) = answered(OnMachine::Connect);
    assert!(together(&effects) && !connected(&effects), "{effects:?}");

    let effects = known(&mut call, FarEnd::Human);

    assert!(connected(&effects), "{effects:?}");
    let over = call.handle(Input::Left(Side::Customer));
    assert!(ended(&over) && attempt(&over).is_none());
}

#[test]
fn an_agent_who_hangs_up_on_a_machine_has_not_reached_the_customer() {
    for hangs_up in [Input::HangUp, Input::Left(Side::Agent), Input::Left(Side::Customer)] {
        let (mut call, _) = answered(OnMachine::Connect);
        let told = known(&mut call, FarEnd::Machine);
        assert!(!connected(&told), "{told:?}");

        let effects = call.handle(hangs_up);

        assert_eq!(attempt(&effects), Some(Missed::Machine));
        assert!(!ended(&effects) && call.is_over());
    }
}

#[test]
fn whoever_hangs_up_before_anything_is_known_was_reached() {
    for side in [Side::Customer, Side::Agent] {
        let (mut call, _) = answered(OnMachine::Connect);

        let effects = call.handle(Input::Left(side));

        assert!(connected(&effects) && ended(&effects), "{effects:?}");
        assert_eq!(attempt(&effects), None);
    }
}

#[test]
fn an_agent_who_stays_or_does_something_has_found_a_person_after_all() {
    let (mut call, before) = answered(OnMachine::Connect);
    known(&mut call, FarEnd::Machine);
    let stays = before.iter().find_map(|effect| match effect {
        Effect::Start(timer @ Timer::Answered(_), _) => Some(*timer),
        _ => None,
    });
    assert!(connected(&call.handle(Input::Elapsed(stays.unwrap()))));

    let (mut call, _) = answered(OnMachine::Connect);
    known(&mut call, FarEnd::Machine);
    let effects = call.control("ann", false, Control::Hold).unwrap();
    assert!(connected(&effects), "{effects:?}");
    assert!(ended(&call.handle(Input::HangUp)));
}

#[test]
fn an_agent_may_leave_the_message_and_wraps_up_meanwhile() {
    for callback in [true, false] {
        let mut call = dialling(OnMachine::Connect, callback);
        call.handle(Input::CustomerAnswered);
        known(&mut call, FarEnd::Machine);
        assert!(call.can_leave_message());
        assert_eq!(call.control("bob", false, Control::LeaveMessage), Err(Refusal::NotYours));

        let effects = call.control("ann", false, Control::LeaveMessage).unwrap();
        assert!(ended(&effects) && effects.contains(&Effect::DropAgent), "{effects:?}");
        assert_eq!(connected(&effects), callback, "an outgoing call was connected before");
        assert_eq!(call.control("ann", false, Control::Hold), Err(Refusal::Gone));
        let said = call.handle(Input::MachineRecords);
        let token = said.iter().find_map(|effect| match effect {
            Effect::Say { token, .. } => Some(*token),
            _ => None,
        });
        let over = call.handle(Input::Played { token: token.unwrap() });

        assert_eq!(over, [Effect::DropCustomer, Effect::Finish]);
        assert!(call.is_over());
    }
}

#[test]
fn callers_and_queues_without_a_message_have_none_left() {
    let mut call = dialling(OnMachine::Connect, false).answered_by(Answering::default());
    call.handle(Input::CustomerAnswered);
    assert!(!call.can_leave_message());
    assert_eq!(call.control("ann", false, Control::LeaveMessage), Err(Refusal::NoMessage));
}

#[test]
fn an_agent_who_hangs_up_while_it_is_judged_frees_the_line() {
    let (mut call, _) = answered(OnMachine::HangUp);

    let effects = call.handle(Input::Left(Side::Agent));

    assert_eq!(attempt(&effects), Some(Missed::Failed));
    assert!(effects.contains(&Effect::DropCustomer) && call.is_over());
}
