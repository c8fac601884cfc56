use contract::interaction::v1::EndReason;
use ingress::{CallbackOffer, Verb};

use super::*;
use crate::core::call::{
    Fact, Input, RingFailure, Side,
    events::{Diversion, OfferEnd},
};

/// A caller who waits in a queue where key 5 asks for a call-back.
fn waiting() -> Call {
    let mut call = Call::begin(Settings { calls_back: true, ..Settings::default() }).0;
    let offer = CallbackOffer { key: '5', number: "+15550123".to_owned(), ..CallbackOffer::default() };
    let queue = Queue { queue: "billing".to_owned(), callback: Some(offer), ..Queue::default() };
    call.handle(Input::Flow { verbs: vec![Verb::Queue(queue)], steps: Vec::new() });
    call
}

fn offer(whisper: &str) -> Input {
    Input::OfferMade {
        offer_id: "o1".to_owned(),
        agent_id: "ann".to_owned(),
        expires_in_ms: 20_000,
        whisper: whisper.to_owned(),
    }
}

/// The queue has no words of its own.
fn diverted(to: Diversion) -> Input {
    Input::Diverted { to, word: String::new() }
}

fn picked_up() -> Input {
    Input::AgentAnswered { offer_id: "o1".to_owned() }
}

fn accepted() -> Input {
    Input::AcceptanceKnown { offer_id: "o1".to_owned(), accepted: true }
}

fn due() -> Input {
    Input::CallbackDue { phone: "+15550123".to_owned() }
}

fn all(call: &mut Call, inputs: impl IntoIterator<Item = Input>) -> Vec<Effect> {
    inputs.into_iter().flat_map(|input| call.handle(input)).collect()
}

fn ended(effects: &[Effect]) -> Option<EndReason> {
    effects.iter().find_map(|effect| match effect {
        Effect::Publish(Fact::Ended { reason, .. }) => Some(*reason),
        _ => None,
    })
}

fn said(effects: &[Effect]) -> Option<(&str, u64)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Say { prompt, token } => Some((prompt.text.as_str(), *token)),
        _ => None,
    })
}

fn arranges(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::ArrangeCallback { .. }))
}

#[test]
fn the_key_of_the_queue_gives_up_the_line_and_keeps_the_place() {
    let mut call = waiting();

    assert_eq!(call.handle(Input::Digit('1')), []);
    let asked = call.handle(Input::Digit('5'));
    let again = call.handle(Input::Digit('5'));
    let known = call.handle(Input::CallbackKnown { arranged: true });
    let (word, token) = said(&known).unwrap();
    assert_eq!(word, speech::CALLED_BACK);
    let over = call.handle(Input::Played { token });

    let number = "+15550123".to_owned();
    assert_eq!(asked, [Effect::ArrangeCallback { number, place: None }]);
    assert_eq!(again, []);
    assert_eq!(ended(&over), Some(EndReason::CallbackRequested));
}

#[test]
fn whoever_hangs_up_after_the_key_is_called_back_and_has_not_abandoned() {
    for (arranged, reason) in [(true, EndReason::CallbackRequested), (false, EndReason::Abandoned)] {
        let mut call = waiting();
        call.handle(Input::Digit('5'));

        let gone = call.handle(Input::Left(Side::Customer));
        let known = call.handle(Input::CallbackKnown { arranged });

        assert_eq!(gone, [Effect::DropCustomer]);
        assert_eq!(ended(&known), Some(reason));
    }
    let mut call = waiting();
    call.handle(Input::Digit('5'));
    call.handle(Input::CallbackKnown { arranged: true });
    assert_eq!(ended(&call.handle(Input::Left(Side::Customer))), Some(EndReason::CallbackRequested));
}

#[test]
fn a_number_that_can_not_be_called_waits_on() {
    let mut call = waiting();
    call.handle(Input::Digit('5'));

    let effects = call.handle(Input::CallbackKnown { arranged: false });
    let (word, token) = said(&effects).unwrap();

    assert_eq!(word, speech::NOT_CALLED_BACK);
    assert!(call.handle(Input::Played { token }).contains(&Effect::Music(Side::Customer)));
    assert!(call.handle(offer("")).iter().any(|effect| matches!(effect, Effect::Ring { .. })));
}

#[test]
fn the_place_is_announced_with_the_way_to_be_called_back() {
    let mut call = waiting();

    let place = call.handle(Input::Position { place: 2, minutes: None });
    let (_, token) = said(&place).unwrap();
    let key = call.handle(Input::Played { token });
    let (word, token) = said(&key).unwrap();

    assert_eq!(word, "To be called back instead of waiting, press 5.");
    assert_eq!(call.handle(Input::Played { token }), [Effect::Music(Side::Customer)]);
}

#[test]
fn the_flow_is_told_whether_its_callback_is_arranged() {
    for arranged in [true, false] {
        let mut call = Call::begin(Settings::default()).0;
        let place = ingress::Callback { number: "+15550123".to_owned(), ..ingress::Callback::default() };
        let asked = call.handle(Input::Flow { verbs: vec![Verb::Callback(place)], steps: Vec::new() });
        let told = call.handle(Input::CallbackKnown { arranged });
        let over = call.handle(Input::Flow { verbs: vec![Verb::End], steps: Vec::new() });

        assert!(arranges(&asked));
        assert_eq!(told, [Effect::Advance(FlowInput::Done(arranged))]);
        let reason = if arranged { EndReason::CallbackRequested } else { EndReason::FlowEnded };
        assert_eq!(ended(&over), Some(reason));
    }
}

#[test]
fn a_queue_that_says_farewell_is_no_abandon() {
    let mut call = waiting();

    let effects = call.handle(diverted(Diversion::Farewell));

    assert_eq!(said(&effects).unwrap().0, speech::FAREWELL);
    assert_eq!(ended(&call.handle(Input::Left(Side::Customer))), Some(EndReason::Diverted));
}

#[test]
fn a_queue_that_sends_to_the_callback_says_farewell_to_whom_it_can_not_call() {
    let mut call = waiting();
    assert!(arranges(&call.handle(diverted(Diversion::Callback))));

    let effects = call.handle(Input::CallbackKnown { arranged: false });
    let (word, token) = said(&effects).unwrap();

    assert_eq!(word, speech::FAREWELL);
    assert_eq!(ended(&call.handle(Input::Played { token })), Some(EndReason::Diverted));
}

#[test]
fn a_queue_has_its_own_words_for_whom_nobody_takes() {
    let word = "We are closed until Monday.";
    for to in [Diversion::Farewell, Diversion::Callback, Diversion::Voicemail] {
        let mut call = waiting();
        let mut effects = call.handle(Input::Diverted { to: to.clone(), word: word.to_owned() });
        if to == Diversion::Callback {
            effects = call.handle(Input::CallbackKnown { arranged: false });
        }

        assert_eq!(said(&effects).unwrap().0, word, "{to:?}");
    }
}

#[test]
fn a_call_that_went_to_another_queue_is_that_queues() {
    let mut call = waiting();

    assert_eq!(call.handle(diverted(Diversion::Queue("sales".to_owned()))), []);

    assert_eq!(call.queue(), "sales");
}

#[test]
fn a_callback_rings_its_agent_first_and_then_dials_the_customer() {
    let mut call = Call::call_back(Settings::default(), "ann", "billing");

    let rung = call.handle(offer(""));
    let taken = all(&mut call, [picked_up(), accepted()]);
    let dialled = call.handle(due());
    let talking = call.handle(Input::CustomerAnswered);
    let over = call.handle(Input::Left(Side::Customer));

    assert!(rung.iter().any(|effect| matches!(effect, Effect::Ring { .. })));
    assert!(!taken.contains(&Effect::Dial), "nobody is known yet");
    assert!(dialled.contains(&Effect::Dial));
    let connected = Fact::Connected { agent_id: "ann".to_owned(), offer_id: "o1".to_owned() };
    assert!(talking.contains(&Effect::Publish(connected)));
    assert_eq!(ended(&over), Some(EndReason::CustomerLeft));
}

#[test]
fn v16_a_customer_who_is_not_reached_ends_the_attempt_and_not_the_interaction() {
    for (missed, detail) in [(Missed::Busy, "486 busy here"), (Missed::NoAnswer, "nobody picked up")] {
        let mut call = Call::call_back(Settings::default(), "ann", "billing");
        all(&mut call, [offer(""), due(), picked_up(), accepted()]);

        let effects = call.handle(Input::CustomerFailed { missed, detail: detail.to_owned() });

        assert!(effects.contains(&Effect::ReportAttempt { missed, detail: detail.to_owned() }));
        assert!(effects.contains(&Effect::DropAgent));
        assert_eq!(ended(&effects), None);
        assert!(call.is_over() && call.is_calling_back());
    }
}

#[test]
fn v16_an_agent_who_does_not_pick_up_is_the_routers_business() {
    let refused = Input::RingFailed {
        offer_id: "o1".to_owned(),
        failure: RingFailure::Refused,
        detail: "486 busy here".to_owned(),
    };
    let over = Input::OfferEnded { offer_id: "o1".to_owned(), end: OfferEnd::Over };
    for news in [refused, over] {
        let mut call = Call::call_back(Settings::default(), "ann", "billing");
        call.handle(offer(""));

        let effects = call.handle(news);

        assert!(call.is_over());
        assert_eq!(ended(&effects), None);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::ReportAttempt { .. })));
    }
}

#[test]
fn v16_a_callback_taken_on_the_desktop_by_somebody_without_a_phone_goes_back_undialled() {
    let mut call = Call::call_back(Settings::default(), "ann", "billing");
    let taken = Input::OfferEnded { offer_id: "o1".to_owned(), end: OfferEnd::Accepted };
    all(&mut call, [offer(""), taken, due()]);

    let effects = call.handle(Input::RingFailed {
        offer_id: "o1".to_owned(),
        failure: RingFailure::Unreachable,
        detail: "no phone is registered".to_owned(),
    });

    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReportUnreachable { .. })), "{effects:?}");
    assert!(call.is_over());
}

#[test]
fn v16_an_agent_who_hangs_up_while_it_rings_ends_the_attempt() {
    let mut call = Call::call_back(Settings::default(), "ann", "billing");
    all(&mut call, [offer(""), due(), picked_up(), accepted()]);

    let effects = call.handle(Input::Left(Side::Agent));

    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReportAttempt { .. })));
    assert_eq!(ended(&effects), None);
}

#[test]
fn the_agent_is_told_before_the_customer_is_there() {
    let mut call = waiting();
    call.handle(offer("A call for billing."));

    let taken = all(&mut call, [picked_up(), accepted()]);
    let Some(Effect::Whisper { prompt, token }) = taken.last() else { panic!("{taken:?}") };
    assert_eq!(prompt.text, "A call for billing.");
    assert!(!taken.iter().any(|effect| matches!(effect, Effect::Publish(Fact::Connected { .. }))));
    let together = call.handle(Input::Played { token: *token });

    assert!(together.iter().any(|effect| matches!(effect, Effect::Publish(Fact::Connected { .. }))));
}

#[test]
fn a_customer_who_leaves_while_the_agent_is_told_has_abandoned_and_an_agent_who_does_gives_the_call_back() {
    let mut left = waiting();
    all(&mut left, [offer("A call."), picked_up(), accepted()]);
    assert_eq!(ended(&left.handle(Input::Left(Side::Customer))), Some(EndReason::Abandoned));

    let mut given_back = waiting();
    all(&mut given_back, [offer("A call."), picked_up(), accepted()]);
    let effects = given_back.handle(Input::Left(Side::Agent));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReportUnreachable { .. })));
    assert_eq!(ended(&effects), None);
    assert!(given_back.handle(offer("")).iter().any(|effect| matches!(effect, Effect::Ring { .. })));
}
