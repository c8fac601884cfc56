use super::*;
use crate::core::call::{
    Input, Settings, Timer,
    events::{Missed, OfferEnd, RingFailure},
    layout::Hearing,
};
use ingress::Verb;

fn talking() -> Call {
    let mut call = Call::begin(Settings::default()).0;
    let queue = Queue { queue: "billing".to_owned(), priority: 3, ..Queue::default() };
    call.handle(Input::Flow { verbs: vec![Verb::Queue(queue)], steps: Vec::new() });
    taken_by(&mut call, "ann", "o1");
    call
}

fn taken_by(call: &mut Call, agent: &str, offer: &str) -> Vec<Effect> {
    let (offer_id, agent_id) = (offer.to_owned(), agent.to_owned());
    call.handle(Input::OfferMade {
        offer_id: offer_id.clone(),
        agent_id,
        expires_in_ms: 20_000,
        whisper: String::new(),
    });
    let mut effects = call.handle(Input::AgentAnswered { offer_id: offer_id.clone() });
    effects.extend(call.handle(Input::AcceptanceKnown { offer_id, accepted: true }));
    effects
}

fn agent(name: &str) -> Target {
    Target::Agent(name.to_owned())
}

fn number() -> Target {
    Target::Number("+15550177".to_owned())
}

fn ann(call: &mut Call, control: Control) -> Vec<Effect> {
    call.control("ann", false, control).unwrap()
}

fn facts(effects: &[Effect]) -> Vec<&'static str> {
    let name = |effect: &Effect| match effect {
        Effect::Publish(fact) => Some(match fact {
            Fact::Step(_) => "step",
            Fact::Queued(_) => "queued",
            Fact::Connected { .. } => "connected",
            Fact::Held { .. } => "held",
            Fact::Resumed { .. } => "resumed",
            Fact::Joined { .. } => "joined",
            Fact::Parted { .. } => "parted",
            Fact::Transferred { .. } => "transferred",
            Fact::Parked { .. } => "parked",
            Fact::Retrieved { .. } => "retrieved",
            Fact::RecordingPaused(true) => "recording paused",
            Fact::RecordingPaused(false) => "recording goes on",
            Fact::FarEnd { .. } => "far end",
            Fact::Ended { .. } => "ended",
        }),
        _ => None,
    };
    effects.iter().filter_map(name).collect()
}

fn queued(effects: &[Effect]) -> &Queue {
    for effect in effects {
        if let Effect::Publish(Fact::Queued(queue)) = effect {
            return queue;
        }
    }
    panic!("not queued: {effects:?}")
}

fn voices(sides: &[Side]) -> Hearing {
    Hearing::Voices(sides.to_vec())
}

#[test]
fn hold_and_resume_are_told_once_each() {
    let mut call = talking();

    let held = ann(&mut call, Control::Hold);
    assert!(held.contains(&Effect::Hear(Side::Customer, Hearing::Music)));
    assert!(held.contains(&Effect::Hear(Side::Agent, Hearing::Silence)));
    assert_eq!(facts(&held), ["held"]);
    assert_eq!(ann(&mut call, Control::Hold), [], "held already");

    let resumed = ann(&mut call, Control::Resume);
    assert!(resumed.contains(&Effect::Hear(Side::Customer, voices(&[Side::Agent]))));
    assert_eq!(facts(&resumed), ["resumed"]);
}

#[test]
fn only_the_agent_of_the_call_controls_it_and_only_while_talking() {
    let mut call = talking();

    assert_eq!(call.control("bob", false, Control::Hold), Err(Refusal::NotYours));
    assert!(call.control("sue", true, Control::Hold).is_ok());

    ann(&mut call, Control::Park);
    assert_eq!(call.control("ann", false, Control::Hold), Err(Refusal::NotTalking));
    call.handle(Input::Left(Side::Customer));
    assert_eq!(call.control("ann", false, Control::Hold), Err(Refusal::Gone));
}

#[test]
fn v8_a_blind_transfer_to_an_agent_queues_the_call_for_that_agent() {
    let mut call = talking();

    let effects = ann(&mut call, Control::Transfer(agent("bob")));

    assert_eq!(facts(&effects), ["transferred", "queued"]);
    let queue = queued(&effects);
    assert_eq!((queue.queue.as_str(), queue.priority), ("billing", 3));
    assert_eq!(queue.rings[0].expression, "agent.id in [\"bob\"]");
    assert!(effects.contains(&Effect::DropAgent) && effects.contains(&Effect::Music(Side::Customer)));
    assert!(facts(&taken_by(&mut call, "bob", "o2")).contains(&"connected"));
    assert_eq!(call.agent(), Some("bob"));
}

#[test]
fn a_transfer_to_a_queue_waits_there_for_everybody() {
    let mut call = talking();

    let effects = ann(&mut call, Control::Transfer(Target::Queue("sales".to_owned())));

    assert_eq!((queued(&effects).queue.as_str(), queued(&effects).rings.len()), ("sales", 0));
}

#[test]
fn a_transfer_to_a_number_ends_the_interaction_when_it_answers() {
    let mut call = talking();

    let effects = ann(&mut call, Control::Transfer(number()));
    assert!(effects.contains(&Effect::Invite { guest: 1, who: number() }));
    assert!(effects.contains(&Effect::Hear(Side::Customer, Hearing::Ringback)));

    let effects = call.handle(Input::GuestAnswered(1));
    assert_eq!(facts(&effects), ["ended"]);
    assert!(effects.contains(&Effect::Hear(Side::Customer, voices(&[Side::Guest(1)]))));
    assert!(!call.is_over(), "the two still talk");

    let effects = call.handle(Input::Left(Side::Guest(1)));
    assert!(effects.contains(&Effect::DropCustomer) && facts(&effects).is_empty());
    assert!(call.is_over());
}

#[test]
fn a_number_that_does_not_answer_brings_the_customer_back_to_the_queue() {
    let mut call = talking();
    ann(&mut call, Control::Transfer(number()));

    let effects = call.handle(Input::GuestFailed { guest: 1, failure: RingFailure::Unreachable });

    assert_eq!(queued(&effects).queue, "billing");
    assert!(effects.contains(&Effect::Music(Side::Customer)));
}

#[test]
fn an_attended_transfer_keeps_the_conversation_while_the_router_decides() {
    let mut call = talking();
    let effects = ann(&mut call, Control::Consult(agent("bob")));
    assert!(effects.contains(&Effect::Hear(Side::Customer, Hearing::Music)));
    assert!(effects.contains(&Effect::Hear(Side::Agent, Hearing::Ringback)));
    let effects = call.handle(Input::GuestAnswered(1));
    assert_eq!(facts(&effects), ["joined"]);
    assert!(effects.contains(&Effect::Hear(Side::Agent, voices(&[Side::Guest(1)]))));

    let effects = ann(&mut call, Control::CompleteTransfer);

    assert_eq!(facts(&effects), ["transferred", "parted", "queued"]);
    assert!(effects.contains(&Effect::DropAgent) && effects.contains(&Effect::Promote(1)));
    assert!(effects.contains(&Effect::Hear(Side::Customer, voices(&[Side::Agent]))));
    assert!(effects.contains(&Effect::Hear(Side::Agent, voices(&[Side::Customer]))));
    assert_eq!(call.agent(), Some("bob"));

    let offer_id = "o2".to_owned();
    let (other, bob) = ("cy".to_owned(), "bob".to_owned());
    assert_eq!(
        call.handle(Input::OfferMade {
            offer_id: "o3".to_owned(),
            agent_id: other,
            expires_in_ms: 1,
            whisper: String::new()
        }),
        []
    );
    let effects = call.handle(Input::OfferMade {
        offer_id: offer_id.clone(),
        agent_id: bob.clone(),
        expires_in_ms: 1,
        whisper: String::new(),
    });
    assert_eq!(effects, [Effect::Accept { offer_id: offer_id.clone(), agent_id: bob.clone() }]);
    let effects = call.handle(Input::AcceptanceKnown { offer_id: offer_id.clone(), accepted: true });
    assert_eq!(effects, [Effect::Publish(Fact::Connected { agent_id: bob, offer_id })]);
}

#[test]
fn a_refused_or_withdrawn_handover_leaves_the_conversation_alone() {
    let mut call = talking();
    ann(&mut call, Control::Consult(agent("bob")));
    call.handle(Input::GuestAnswered(1));
    ann(&mut call, Control::CompleteTransfer);
    let offer = |id: &str| Input::OfferMade {
        offer_id: id.to_owned(),
        agent_id: "bob".to_owned(),
        expires_in_ms: 1,
        whisper: String::new(),
    };

    call.handle(offer("o2"));
    assert_eq!(call.handle(Input::OfferEnded { offer_id: "o2".to_owned(), end: OfferEnd::Over }), []);
    call.handle(offer("o3"));
    assert_eq!(call.handle(Input::AcceptanceKnown { offer_id: "o3".to_owned(), accepted: false }), []);

    assert_eq!(call.agent(), Some("bob"));
}

#[test]
fn giving_up_a_consultation_brings_the_customer_back() {
    let mut call = talking();
    ann(&mut call, Control::Consult(agent("bob")));
    call.handle(Input::GuestAnswered(1));
    assert_eq!(call.control("ann", false, Control::Consult(number())), Err(Refusal::Consulting));

    let effects = ann(&mut call, Control::CancelConsult);

    assert_eq!(facts(&effects), ["parted"]);
    assert!(effects.contains(&Effect::DropGuest(1)));
    assert!(effects.contains(&Effect::Hear(Side::Customer, voices(&[Side::Agent]))));
    assert_eq!(call.control("ann", false, Control::CompleteTransfer), Err(Refusal::NotConsulting));
}

#[test]
fn the_consulted_become_members_of_a_conference_and_can_be_dropped() {
    let mut call = talking();
    ann(&mut call, Control::Consult(number()));
    call.handle(Input::GuestAnswered(1));

    let effects = ann(&mut call, Control::Conference(None));
    assert!(effects.contains(&Effect::Hear(Side::Customer, voices(&[Side::Agent, Side::Guest(1)]))));

    let effects = ann(&mut call, Control::Drop(1));
    assert!(effects.contains(&Effect::DropGuest(1)));
    assert!(effects.contains(&Effect::Hear(Side::Customer, voices(&[Side::Agent]))));
    assert_eq!(call.control("ann", false, Control::Drop(1)), Err(Refusal::NoSuchParticipant));
}

#[test]
fn a_parked_call_is_nobodys_until_somebody_retrieves_it() {
    let mut call = talking();

    let effects = ann(&mut call, Control::Park);
    assert_eq!(facts(&effects), ["parked", "queued"]);
    assert!(effects.contains(&Effect::DropAgent));
    assert!(call.standing().2);

    let effects = call.control("bob", false, Control::Retrieve).unwrap();
    assert_eq!(facts(&effects), ["retrieved", "queued"]);
    assert_eq!(queued(&effects).rings[0].expression, "agent.id in [\"bob\"]");
    assert_eq!(call.control("cy", false, Control::Retrieve), Err(Refusal::NotParked));
    assert!(facts(&taken_by(&mut call, "bob", "o2")).contains(&"connected"));
}

#[test]
fn a_call_parked_for_too_long_goes_back_to_its_queue() {
    let mut call = talking();
    let effects = ann(&mut call, Control::Park);
    let timer = effects.iter().find_map(|effect| match effect {
        Effect::Start(timer @ Timer::Parked(_), 120_000) => Some(*timer),
        _ => None,
    });

    let effects = call.handle(Input::Elapsed(timer.unwrap()));

    assert_eq!(facts(&effects), ["retrieved", "queued"]);
    assert_eq!((queued(&effects).queue.as_str(), queued(&effects).rings.len()), ("billing", 0));
}

#[test]
fn a_supervisor_listens_changes_the_mode_and_leaves() {
    let mut call = talking();
    let mode = |mode| Control::Supervise(mode);
    assert_eq!(call.control("ann", true, mode(Mode::Monitor)), Err(Refusal::NotYours));

    call.control("sue", true, mode(Mode::Monitor)).unwrap();
    assert_eq!(facts(&call.handle(Input::GuestAnswered(1))), ["joined"]);
    let effects = call.control("sue", true, mode(Mode::Whisper)).unwrap();
    assert_eq!(facts(&effects), ["parted", "joined"]);
    assert!(effects.contains(&Effect::Hear(Side::Agent, voices(&[Side::Customer, Side::Guest(1)]))));
    assert_eq!(call.control("ann", false, Control::Drop(1)), Err(Refusal::NoSuchParticipant));
    let effects = call.control("sue", true, Control::StopSupervision).unwrap();

    assert_eq!(facts(&effects), ["parted"]);
    assert!(effects.contains(&Effect::DropGuest(1)));
}

#[test]
fn an_outgoing_call_rings_the_agent_then_the_customer() {
    let (mut call, effects) = Call::dial(Settings::default(), "ann", "sales");
    assert_eq!(queued(&effects).rings[0].expression, "agent.id in [\"ann\"]");

    let effects = taken_by(&mut call, "ann", "o1");
    assert!(effects.contains(&Effect::Dial));
    assert!(effects.contains(&Effect::Hear(Side::Agent, Hearing::Ringback)));
    assert!(facts(&effects).is_empty(), "not connected yet");

    let effects = call.handle(Input::CustomerAnswered);
    assert_eq!(facts(&effects), ["connected"]);
    assert!(effects.contains(&Effect::Hear(Side::Agent, voices(&[Side::Customer]))));
}

#[test]
fn an_outgoing_call_that_reaches_nobody_ends() {
    let reason = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Publish(Fact::Ended { reason, .. }) => Some(*reason),
            _ => None,
        })
    };
    let dial = || Call::dial(Settings::default(), "ann", "sales").0;

    let mut call = dial();
    assert_eq!(reason(&call.handle(Input::Elapsed(Timer::DialOut(1)))), Some(EndReason::NotReached));

    let mut call = dial();
    taken_by(&mut call, "ann", "o1");
    let failed =
        call.handle(Input::CustomerFailed { missed: Missed::Busy, detail: "486 busy here".to_owned() });
    assert_eq!(reason(&failed), Some(EndReason::NotReached));
    assert!(failed.contains(&Effect::DropAgent));

    let mut call = dial();
    taken_by(&mut call, "ann", "o1");
    assert_eq!(reason(&call.handle(Input::Left(Side::Agent))), Some(EndReason::AgentEnded));
}

#[test]
fn everybody_is_hung_up_on_at_the_end() {
    let mut call = talking();
    ann(&mut call, Control::Conference(Some(number())));
    call.handle(Input::GuestAnswered(1));

    let effects = call.handle(Input::Left(Side::Agent));

    assert!(effects.contains(&Effect::DropGuest(1)) && effects.contains(&Effect::DropCustomer));
    assert_eq!(facts(&effects), ["parted", "ended"]);
}

#[test]
fn v7_a_pause_and_a_hold_take_all_voices_from_the_tape() {
    let mut call = talking();
    assert_eq!(call.control("ann", false, Control::PauseRecording(true)), Err(Refusal::NotRecording));
    let both = Effect::Tune { left: vec![Side::Customer], right: vec![Side::Agent] };
    let nobody = Effect::Tune { left: vec![], right: vec![] };
    assert_eq!(call.handle(Input::Recorded), std::slice::from_ref(&both));

    let paused = ann(&mut call, Control::PauseRecording(true));
    assert_eq!((facts(&paused), paused.contains(&nobody)), (vec!["recording paused"], true));
    assert!(!ann(&mut call, Control::Hold).contains(&both));
    assert!(!ann(&mut call, Control::Resume).contains(&both), "still paused");
    assert!(ann(&mut call, Control::PauseRecording(false)).contains(&both));
    assert!(ann(&mut call, Control::Hold).contains(&nobody));
}

#[test]
fn a_call_that_the_router_gives_away_by_hand_leaves_its_agent() {
    let mut call = talking();
    ann(&mut call, Control::Hold);

    let effects = call.handle(Input::Moved { queue: "sales".to_owned() });

    assert_eq!(facts(&effects), ["resumed"], "the router has queued it already");
    assert!(effects.contains(&Effect::DropAgent) && effects.contains(&Effect::Music(Side::Customer)));
    assert!(facts(&taken_by(&mut call, "bob", "o2")).contains(&"connected"));
}

#[test]
fn whoever_was_asked_into_a_call_leaves_by_themselves_and_puts_nobody_else_out() {
    let mut call = talking();
    ann(&mut call, Control::Consult(agent("bob")));
    call.handle(Input::GuestAnswered(1));
    let no = call.control("cy", false, Control::Drop(1));

    let left = call.control("bob", false, Control::Drop(1)).unwrap();

    assert_eq!(no, Err(Refusal::NotYours));
    assert!(left.contains(&Effect::DropGuest(1)));
    assert!(left.contains(&Effect::Hear(Side::Customer, voices(&[Side::Agent]))), "{left:?}");
    assert_eq!(facts(&left), ["parted"]);
    assert_eq!(call.agent(), Some("ann"));
}

#[test]
fn a_guest_who_changes_the_device_is_told_anew_what_to_hear() {
    let mut call = talking();
    ann(&mut call, Control::Consult(agent("bob")));
    call.handle(Input::GuestAnswered(1));

    let moved = call.handle(Input::Replaced(Side::Guest(1)));

    assert!(moved.contains(&Effect::Hear(Side::Guest(1), voices(&[Side::Agent]))), "{moved:?}");
    assert_eq!(facts(&moved), Vec::<&str>::new());
}
