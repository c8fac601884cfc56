use super::*;
use crate::core::call::{Fact, Input, Settings, events::Diversion};

fn greeted(callback: bool) -> Call {
    let voicemail = Voicemail {
        prompt: Prompt::text("Please leave a message."),
        queue: "billing".to_owned(),
        longest_millis: 60_000,
        silence_millis: 3_000,
        callback,
    };
    let mut call = Call::begin(Settings::default()).0;
    call.handle(Input::Flow { verbs: vec![Verb::Voicemail(voicemail)], steps: Vec::new() });
    call
}

/// The customer hears the tone and may speak.
fn speaking(mut call: Call) -> (Call, Vec<Effect>) {
    let prepared = call.handle(Input::Digit('1'));
    assert!(prepared.contains(&Effect::RecordMessage { queue: "billing".to_owned() }));
    let beep = call.handle(Input::Recorded);
    let [Effect::Beep { token }] = beep[..] else { panic!("{beep:?}") };
    let effects = call.handle(Input::Played { token });
    (call, effects)
}

fn ended(effects: &[Effect]) -> Option<EndReason> {
    effects.iter().find_map(|effect| match effect {
        Effect::Publish(Fact::Ended { reason, .. }) => Some(*reason),
        _ => None,
    })
}

fn kept(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::KeepMessage { .. }))
}

#[test]
fn a_message_is_recorded_after_the_tone_and_ends_with_hash_silence_or_its_length() {
    let (call, effects) = speaking(greeted(true));
    assert!(effects.contains(&Effect::Tune { left: vec![Side::Customer], right: Vec::new() }));
    assert!(effects.contains(&Effect::Watch { silence_ms: 3_000 }));
    let Some(Effect::Start(timer, 60_000)) = effects.last() else { panic!("{effects:?}") };

    for last in [Input::Digit('#'), Input::Paused, Input::Elapsed(*timer)] {
        let mut call = call.clone();
        call.handle(Input::Spoke);

        let effects = call.handle(last);

        let keep = Effect::KeepMessage { queue: "billing".to_owned(), callback: true };
        assert_eq!(effects, [keep, Effect::Advance(FlowInput::Done(true))]);
        let over = call.handle(Input::Flow { verbs: vec![Verb::End], steps: Vec::new() });
        assert_eq!(ended(&over), Some(EndReason::Voicemail));
    }
}

#[test]
fn v17_whoever_says_nothing_leaves_no_message() {
    let (mut call, _) = speaking(greeted(true));

    let effects = call.handle(Input::Paused);

    assert_eq!(effects, [Effect::DropMessage, Effect::Advance(FlowInput::Done(false))]);
}

#[test]
fn v17_a_hang_up_ends_the_message_and_the_call_as_one_who_left_it() {
    let (mut call, _) = speaking(greeted(false));
    call.handle(Input::Spoke);
    let effects = call.handle(Input::Left(Side::Customer));
    assert!(kept(&effects));
    assert_eq!(ended(&effects), Some(EndReason::Voicemail));

    let (mut silent, _) = speaking(greeted(false));
    let effects = silent.handle(Input::Left(Side::Customer));
    assert!(!kept(&effects));
    assert_eq!(ended(&effects), Some(EndReason::LeftInFlow));
}

#[test]
fn where_nothing_can_be_recorded_the_flow_goes_on() {
    let mut call = greeted(true);
    call.handle(Input::Played { token: 1 });

    let effects = call.handle(Input::NotRecorded);

    assert!(effects.contains(&Effect::Advance(FlowInput::Done(false))));
}

#[test]
fn a_queue_that_sends_to_voicemail_takes_the_message_and_says_goodbye() {
    let mut call = Call::begin(Settings::default()).0;
    let queue = ingress::Queue { queue: "billing".to_owned(), ..ingress::Queue::default() };
    call.handle(Input::Flow { verbs: vec![Verb::Queue(queue)], steps: Vec::new() });

    call.handle(Input::Diverted { to: Diversion::Voicemail, word: String::new() });
    let (mut call, _) = speaking(call);
    call.handle(Input::Spoke);
    let effects = call.handle(Input::Digit('#'));
    let Some(Effect::Say { prompt, token }) = effects.last() else { panic!("{effects:?}") };

    assert!(kept(&effects));
    assert_eq!(prompt.text, speech::THANKS);
    assert_eq!(ended(&call.handle(Input::Played { token: *token })), Some(EndReason::Voicemail));
}
