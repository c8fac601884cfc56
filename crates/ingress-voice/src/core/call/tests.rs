use contract::interaction::v1::{EndReason, Option as Choice};

use ingress::{Announcement, Ask, Prompt};

use super::*;

fn say(text: &str) -> Verb {
    Verb::Say(text.to_owned())
}

fn ask(text: &str) -> Verb {
    let options = vec![Choice { value: "2".to_owned(), label: "Billing".to_owned() }];
    Verb::Ask(Ask { text: text.to_owned(), options, timeout_millis: 0, ..Ask::default() })
}

fn queue(name: &str) -> Verb {
    Verb::Queue(Queue { queue: name.to_owned(), ..Queue::default() })
}

fn flow(verbs: &[Verb]) -> Input {
    Input::Flow { verbs: verbs.to_vec(), steps: Vec::new() }
}

fn call() -> Call {
    Call::begin(Settings::default()).0
}

fn waiting() -> Call {
    let mut call = call();
    call.handle(flow(&[queue("billing")]));
    call
}

fn offer(id: &str) -> Input {
    Input::OfferMade {
        offer_id: id.to_owned(),
        agent_id: "ann".to_owned(),
        expires_in_ms: 20_000,
        whisper: String::new(),
    }
}

fn ringing() -> Call {
    let mut call = waiting();
    call.handle(offer("o1"));
    call
}

fn talking() -> Call {
    let mut call = ringing();
    call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() });
    call.handle(Input::AcceptanceKnown { offer_id: "o1".to_owned(), accepted: true });
    call
}

fn bridged(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Hear(Side::Customer, Hearing::Voices(vec![Side::Agent])))
}

fn ended(effects: &[Effect]) -> Option<(EndReason, Party)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Publish(Fact::Ended { reason, by, .. }) => Some((*reason, *by)),
        _ => None,
    })
}

#[test]
fn a_call_is_answered_once_its_flow_has_something_to_say() {
    let mut call = call();

    let effects = call.handle(flow(&[say("Hello."), ask("Which?")]));

    assert_eq!(effects, [Effect::Answer, Effect::Say { prompt: Prompt::text("Hello."), token: 1 }]);
    let effects = call.handle(Input::Played { token: 1 });
    assert_eq!(effects, [Effect::Say { prompt: Prompt::text("Which? For billing, press 2."), token: 2 }]);
}

#[test]
fn a_key_interrupts_the_question_and_goes_to_the_flow() {
    let mut call = call();
    call.handle(flow(&[ask("Which?")]));

    let effects = call.handle(Input::Digit('2'));

    assert_eq!(effects, [Effect::Quiet, Effect::Advance(FlowInput::Choice("2".to_owned()))]);
}

#[test]
fn a_key_pressed_during_the_greeting_answers_the_question_that_follows() {
    let mut call = call();
    call.handle(flow(&[say("Hello."), ask("Which?")]));

    let effects = call.handle(Input::Digit('2'));

    assert_eq!(effects, [Effect::Quiet, Effect::Advance(FlowInput::Choice("2".to_owned()))]);
}

#[test]
fn silence_after_the_question_is_told_to_the_flow_and_a_stale_timer_is_not() {
    let mut call = call();
    call.handle(flow(&[ask("Which?")]));
    let effects = call.handle(Input::Played { token: 1 });
    assert_eq!(effects, [Effect::Start(Timer::Answer(1), 8_000)]);

    assert_eq!(call.handle(Input::Elapsed(Timer::Answer(9))), []);
    let effects = call.handle(Input::Elapsed(Timer::Answer(1)));

    assert_eq!(effects, [Effect::Advance(FlowInput::TimedOut)]);
}

#[test]
fn a_queued_call_hears_music_and_its_place() {
    let mut call = call();

    let effects = call.handle(flow(&[queue("billing")]));

    assert_eq!(effects[0], Effect::Answer);
    assert!(matches!(&effects[1], Effect::Publish(Fact::Queued(queued)) if queued.queue == "billing"));
    assert_eq!(effects[2], Effect::Music(Side::Customer));
    let Effect::Start(announce, 20_000) = effects[3] else { panic!("{effects:?}") };
    assert_eq!(call.handle(Input::Elapsed(announce))[0], Effect::AskPosition);
    let spoken = call.handle(Input::Position { place: 3, minutes: None });
    let Effect::Say { token, .. } = spoken[0] else { panic!("{spoken:?}") };
    assert_eq!(call.handle(Input::Played { token }), [Effect::Music(Side::Customer)]);
}

#[test]
fn the_flow_words_what_a_waiting_caller_is_told() {
    let announcement = Announcement {
        text: "You are number {position}. It takes about {wait} minutes.".to_owned(),
        first_millis: 5_000,
        every_millis: 15_000,
        ..Announcement::default()
    };
    let mut call = call();
    let queue = Queue { queue: "billing".to_owned(), announcement: Some(announcement), ..Queue::default() };

    let effects = call.handle(flow(&[Verb::Queue(queue)]));

    let Effect::Start(announce, 5_000) = effects[3] else { panic!("{effects:?}") };
    assert_eq!(call.handle(Input::Elapsed(announce))[1], Effect::Start(announce, 15_000));
    let known = call.handle(Input::Position { place: 3, minutes: Some(4) });
    let said = Prompt::text("You are number 3. It takes about 4 minutes.");
    let Effect::Say { prompt, token } = &known[0] else { panic!("{known:?}") };
    assert_eq!(*prompt, said);
    call.handle(Input::Played { token: *token });
    let unknown = call.handle(Input::Position { place: 2, minutes: None });
    assert!(matches!(&unknown[0], Effect::Say { prompt, .. } if prompt.text == "You are number 2."));
}

#[test]
fn an_answered_offer_is_bridged_only_after_the_router_agreed() {
    let mut call = ringing();

    let effects = call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() });
    assert_eq!(effects, [Effect::Accept { offer_id: "o1".to_owned(), agent_id: "ann".to_owned() }]);
    let effects = call.handle(Input::AcceptanceKnown { offer_id: "o1".to_owned(), accepted: true });

    assert!(bridged(&effects));
    let connected = Fact::Connected { agent_id: "ann".to_owned(), offer_id: "o1".to_owned() };
    assert_eq!(effects.last(), Some(&Effect::Publish(connected)));
    assert_eq!(call.agent(), Some("ann"));
}

#[test]
fn the_acceptance_is_believed_from_the_event_when_the_reply_is_late() {
    let mut call = ringing();
    call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() });

    let effects = call.handle(Input::OfferEnded { offer_id: "o1".to_owned(), end: OfferEnd::Accepted });

    assert!(bridged(&effects));
    let late = Input::AcceptanceKnown { offer_id: "o1".to_owned(), accepted: false };
    assert_eq!(call.handle(late), []);
}

#[test]
fn a_refused_acceptance_hangs_up_on_the_agent_and_the_customer_waits_on() {
    let mut call = ringing();
    call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() });

    let effects = call.handle(Input::AcceptanceKnown { offer_id: "o1".to_owned(), accepted: false });

    assert_eq!(effects, [Effect::DropAgent]);
    assert!(matches!(call.handle(offer("o2"))[0], Effect::Ring { .. }));
}

#[test]
fn an_agent_who_refuses_declines_and_one_without_a_phone_is_unreachable() {
    let failed = |failure, detail: &str| Input::RingFailed {
        offer_id: "o1".to_owned(),
        failure,
        detail: detail.to_owned(),
    };

    let declined = ringing().handle(failed(RingFailure::Refused, "486 busy here"));
    let unreachable = ringing().handle(failed(RingFailure::Unreachable, "no phone registered"));

    assert!(matches!(&declined[0], Effect::Decline { offer_id, .. } if offer_id == "o1"));
    assert!(
        matches!(&unreachable[0], Effect::ReportUnreachable { detail, .. } if detail == "no phone registered")
    );
}

#[test]
fn a_timed_out_or_rescinded_offer_stops_the_ringing() {
    let mut call = ringing();

    let effects = call.handle(Input::OfferEnded { offer_id: "o1".to_owned(), end: OfferEnd::Over });

    assert_eq!(effects, [Effect::StopRinging]);
    assert_eq!(
        call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() }),
        [Effect::DropAgent],
        "picked up in the moment it was withdrawn"
    );
}

#[test]
fn an_offer_taken_on_the_desktop_goes_on_ringing_and_needs_no_second_acceptance() {
    let mut call = ringing();
    call.handle(Input::OfferEnded { offer_id: "o1".to_owned(), end: OfferEnd::Accepted });

    let effects = call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() });

    assert!(bridged(&effects));
}

#[test]
fn news_of_another_offer_changes_nothing() {
    let mut call = ringing();

    assert_eq!(call.handle(Input::OfferEnded { offer_id: "old".to_owned(), end: OfferEnd::Over }), []);
    assert_eq!(call.handle(Input::AcceptanceKnown { offer_id: "old".to_owned(), accepted: true }), []);
    assert_eq!(call.handle(offer("o1")), [], "a repeated offer does not ring twice");
}

#[test]
fn leaving_is_recorded_by_where_the_customer_was() {
    let cases = [
        (call(), EndReason::LeftInFlow),
        (waiting(), EndReason::Abandoned),
        (ringing(), EndReason::Abandoned),
        (talking(), EndReason::CustomerLeft),
    ];
    for (mut call, reason) in cases {
        let effects = call.handle(Input::Left(Side::Customer));

        assert_eq!(ended(&effects), Some((reason, Party::Customer)));
        assert_eq!(effects.last(), Some(&Effect::Finish));
    }
}

#[test]
fn a_customer_who_leaves_while_the_agent_rings_stops_the_ringing() {
    let effects = ringing().handle(Input::Left(Side::Customer));

    assert_eq!(effects[0], Effect::StopRinging);
}

#[test]
fn the_agents_hang_up_releases_the_customer() {
    let effects = talking().handle(Input::Left(Side::Agent));

    assert_eq!(ended(&effects), Some((EndReason::AgentEnded, Party::Agent)));
    assert!(effects.contains(&Effect::DropCustomer));
}

#[test]
fn an_unanswered_call_is_refused_instead_of_hung_up() {
    let effects = call().handle(Input::FlowFailed { detail: "unknown flow".to_owned() });

    assert!(effects.contains(&Effect::Reject) && !effects.contains(&Effect::DropCustomer));
    assert_eq!(ended(&effects), Some((EndReason::Failed, Party::System)));
}

#[test]
fn a_silent_side_is_asked_and_ends_the_call_unless_it_answers_or_is_on_hold() {
    let mut call = talking();
    let held = call.handle(Input::Held { side: Side::Agent, held: true });
    assert!(held.contains(&Effect::Hear(Side::Customer, Hearing::Music)));
    assert_eq!(call.handle(Input::Silent(Side::Agent)), []);
    assert!(bridged(&call.handle(Input::Held { side: Side::Agent, held: false })));

    assert_eq!(call.handle(Input::Silent(Side::Agent)), [Effect::Probe(Side::Agent)]);
    assert_eq!(call.handle(Input::Probed { side: Side::Agent, alive: true }), []);
    let effects = call.handle(Input::Probed { side: Side::Agent, alive: false });

    assert_eq!(ended(&effects), Some((EndReason::MediaTimeout, Party::Agent)));
}

#[test]
fn nothing_follows_the_end() {
    let mut call = talking();
    call.handle(Input::Left(Side::Customer));

    for input in [Input::Left(Side::Agent), Input::HangUp, offer("o9"), Input::Digit('1'), flow(&[say("Hi")])]
    {
        assert_eq!(call.handle(input), []);
    }
}

#[test]
fn a_flow_that_says_nothing_or_never_ends_is_recorded_as_failed() {
    let mut silent = call();
    assert_eq!(ended(&silent.handle(flow(&[]))), Some((EndReason::Failed, Party::System)));

    let mut endless = call();
    endless.handle(flow(&[say("Hello.")]));
    assert_eq!(ended(&endless.handle(Input::Played { token: 1 })), Some((EndReason::Failed, Party::System)));
}

#[test]
fn a_flow_that_ends_hangs_up_after_its_last_word() {
    let mut call = call();
    call.handle(flow(&[say("Goodbye."), Verb::End]));

    let effects = call.handle(Input::Played { token: 1 });

    assert_eq!(ended(&effects), Some((EndReason::FlowEnded, Party::Flow)));
    assert!(effects.contains(&Effect::DropCustomer));
}

#[test]
fn ringing_without_an_end_of_the_offer_is_given_up() {
    let mut call = waiting();
    let effects = call.handle(offer("o1"));
    let Effect::Start(timer, 25_000) = effects[1] else { panic!("{effects:?}") };

    let effects = call.handle(Input::Elapsed(timer));

    assert_eq!(effects[0], Effect::StopRinging);
    assert!(matches!(effects[1], Effect::ReportUnreachable { .. }));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn input() -> impl Strategy<Value = Input> {
        let id = prop_oneof![Just("o1".to_owned()), Just("o2".to_owned())];
        prop_oneof![
            Just(flow(&[say("Hello."), ask("Which?")])),
            Just(flow(&[queue("billing")])),
            Just(flow(&[Verb::End])),
            (0u64..8).prop_map(|token| Input::Played { token }),
            Just(Input::Digit('1')),
            (0u64..8).prop_map(|token| Input::Elapsed(Timer::Answer(token))),
            (0u64..8).prop_map(|token| Input::Elapsed(Timer::Ringing(token))),
            Just(Input::Elapsed(Timer::Announce(0))),
            (0u32..4).prop_map(|place| Input::Position { place, minutes: None }),
            id.clone().prop_map(|id| offer(&id)),
            (id.clone(), any::<bool>()).prop_map(|(offer_id, accepted)| Input::OfferEnded {
                offer_id,
                end: if accepted { OfferEnd::Accepted } else { OfferEnd::Over },
            }),
            (id.clone(), any::<bool>()).prop_map(|(offer_id, refused)| Input::RingFailed {
                offer_id,
                failure: if refused { RingFailure::Refused } else { RingFailure::Unreachable },
                detail: String::new(),
            }),
            id.clone().prop_map(|offer_id| Input::AgentAnswered { offer_id }),
            (id, any::<bool>())
                .prop_map(|(offer_id, accepted)| Input::AcceptanceKnown { offer_id, accepted }),
            any::<bool>().prop_map(|agent| Input::Left(if agent { Side::Agent } else { Side::Customer })),
            (any::<bool>(), any::<bool>()).prop_map(|(agent, held)| Input::Held {
                side: if agent { Side::Agent } else { Side::Customer },
                held,
            }),
            Just(Input::Silent(Side::Customer)),
            any::<bool>().prop_map(|alive| Input::Probed { side: Side::Customer, alive }),
            Just(Input::HangUp),
        ]
    }

    proptest! {
        #[test]
        fn v1_one_end_and_nothing_after_it_v2_no_bridge_without_acceptance(
            inputs in proptest::collection::vec(input(), 0..40),
        ) {
            let mut call = call();
            let (mut ends, mut accepted) = (0, false);
            for input in inputs.into_iter().chain([Input::Left(Side::Customer)]) {
                accepted |= matches!(
                    input,
                    Input::AcceptanceKnown { accepted: true, .. } | Input::OfferEnded { end: OfferEnd::Accepted, .. }
                );
                let effects = call.handle(input);
                for effect in &effects {
                    prop_assert!(ends == 0 || !matches!(effect, Effect::Publish(_)), "a fact after the end");
                    prop_assert!(accepted || !bridged(std::slice::from_ref(effect)), "a bridge without acceptance");
                    if matches!(effect, Effect::Publish(Fact::Ended { .. })) {
                        ends += 1;
                    }
                }
            }
            prop_assert_eq!(ends, 1);
        }
    }
}
