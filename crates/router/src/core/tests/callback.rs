//! (Callback in queue) The customer gives up the line and keeps the place.

use super::*;

const BACK: InteractionId = InteractionId(77);

fn wish(interaction: InteractionId, not_before: Option<Timestamp>) -> Input {
    Input::RequestCallback { interaction, callback: BACK, phone: "+15550123".into(), not_before }
}

/// Ann talks, a first caller asks to be called back, a second waits behind.
fn asked() -> (Centre, Vec<Effect>) {
    let mut centre = Centre::staffed(&[ANN]);
    let callback = CallbackPolicy { attempts: 2, gap_ms: 600_000 };
    centre.configure(BILLING, QueueConfig { callback, ..queue_with("billing >= 2") });
    centre.answered(THIRD, BILLING);
    centre.after(1_000).queued(FIRST, BILLING);
    centre.after(1_000).queued(SECOND, BILLING);
    let effects = centre.after(60_000).say(wish(FIRST, None));
    (centre, effects)
}

/// The agent is free and takes the call-back.
fn reserved(centre: &mut Centre) -> Vec<Effect> {
    centre.ended(THIRD);
    let effects = centre.completed(ANN, THIRD);
    let (agent, offer) = offer_in(&effects).unwrap();
    centre.accept(&agent, offer)
}

#[test]
fn the_virtual_interaction_keeps_its_enqueue_time_and_the_call_is_no_abandon() {
    let (centre, effects) = asked();

    let closed = closed_in(&effects).unwrap();
    assert_eq!(
        (closed.interaction, closed.end_reason),
        (FIRST, 11),
        "closed as a call-back, not as abandoned"
    );
    assert_eq!((centre.place(BACK), centre.place(SECOND)), (1, 2));
    assert!(centre.work(BACK).enqueued_at < centre.work(SECOND).enqueued_at);
    assert_eq!(centre.view(BILLING).waiting, 2);
}

#[test]
fn the_agent_is_reserved_first_and_then_the_customer_is_dialled() {
    let (mut centre, _) = asked();

    let effects = reserved(&mut centre);

    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::CallbackDue { interaction: BACK, agent, phone, attempt: 1, .. }
            if agent.as_str() == ANN && phone.as_str() == "+15550123"
    )));
    assert_eq!(centre.state(ANN), AgentState::Busy);
}

#[test]
fn who_is_reached_is_talked_to_and_wrapped_up() {
    let (mut centre, _) = asked();
    reserved(&mut centre);

    centre.say(Input::InteractionConnected(BACK));
    centre.after(60_000).ended(BACK);
    let effects = centre.completed(ANN, BACK);

    let closed = closed_in(&effects).unwrap();
    assert!(closed.callback && closed.answered_at.is_some());
    assert_eq!(closed.callback_of, Some(FIRST));
}

#[test]
fn whose_machine_has_our_message_is_not_called_again() {
    let (mut centre, _) = asked();
    reserved(&mut centre);

    let effects = centre.say(Input::CallbackAttempt(BACK, 5));

    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::CallbackAttemptEnded { outcome: 5, attempt: 1, next_at: None, .. }
    )));
    let closed = closed_in(&effects).unwrap();
    assert_eq!((closed.interaction, closed.end_reason), (BACK, 12));
    assert_eq!(offered_to(&effects), [ANN], "the agent is free for who waits");
}

#[test]
fn who_is_not_reached_is_tried_again_after_the_gap_and_not_for_ever() {
    let (mut centre, _) = asked();
    reserved(&mut centre);

    let first = centre.say(Input::CallbackAttempt(BACK, 1));
    let offered_second = offered_to(&first);
    centre.ended(SECOND);
    let too_early = centre.after(599_999).deadline();
    let again = centre.after(1).deadline();
    let (_, offer) = offer_in(&again).unwrap();
    let due = centre.accept(ANN, offer);
    let last = centre.say(Input::CallbackAttempt(BACK, 2));

    assert_eq!(offered_second, [ANN], "the agent is free for who waits");
    assert_eq!(offered_to(&too_early), Vec::<String>::new());
    assert!(due.iter().any(|effect| matches!(effect, Effect::CallbackDue { attempt: 2, .. })));
    assert!(last.iter().any(|effect| matches!(effect, Effect::CallbackAttemptEnded { next_at: None, .. })));
    assert_eq!(closed_in(&last).unwrap().end_reason, 12);
    assert_eq!(centre.state(ANN), AgentState::Ready);
}

#[test]
fn a_callback_at_a_chosen_time_waits_for_it_and_nobody_waits_behind_it() {
    let (mut centre, _) = asked();
    centre.ended(BACK);
    let chosen = Timestamp::from_millis(centre.now + 7_200_000);
    centre.say(Input::RequestCallback {
        interaction: SECOND,
        callback: InteractionId(78),
        phone: "+15550124".into(),
        not_before: Some(chosen),
    });
    centre.ended(THIRD);

    let early = centre.completed(ANN, THIRD);
    centre.now = chosen.as_millis();
    let then = centre.deadline();

    assert_eq!(offered_to(&early), Vec::<String>::new());
    assert_eq!(offered_to(&then), [ANN]);
}

#[test]
fn a_call_that_its_queue_sent_to_the_callback_keeps_its_place_too() {
    let mut centre = Centre::staffed(&[ANN]);
    let rings = vec![Ring { expression: "billing >= 5".parse().unwrap(), lasts_ms: Some(5_000) }];
    centre.configure(BILLING, QueueConfig { rings, on_exhausted: Alternative::Callback, ..queue_with("") });
    centre.queued(FIRST, BILLING);
    let since = centre.work(FIRST).enqueued_at;
    centre.after(5_000).deadline();

    let effects = centre.say(wish(FIRST, None));
    let offered = centre.after(5_000).deadline();

    assert_eq!(reply_in(&effects), Some(Ok(())));
    assert_eq!(centre.work(BACK).enqueued_at, since);
    assert_eq!(offered_to(&offered), [ANN], "a call-back is not sent to the call-back again");
}

#[test]
fn a_second_wish_for_the_same_call_is_refused() {
    let (mut centre, _) = asked();

    assert_eq!(reply_in(&centre.say(wish(FIRST, None))), Some(Err(Rejection::IdTaken)));
    assert_eq!(reply_in(&centre.say(Input::CallbackAttempt(BACK, 1))), Some(Err(Rejection::NoCallback)));
}

#[test]
fn a_callback_may_come_from_a_flow_without_a_call_in_the_queue() {
    let mut centre = Centre::staffed(&[ANN]);
    let callback = Some(CallbackWish { phone: "+15550123".into(), of: None });
    let enqueued_at = Some(Timestamp::from_millis(centre.now - 60_000));

    let effects =
        centre.say(Input::InteractionQueued(Queued { enqueued_at, callback, ..call(BACK, BILLING) }));

    assert!(matches!(&effects[0], Effect::CallbackScheduled { .. }));
    assert!(matches!(&effects[1], Effect::OfferMade { manner, .. } if manner.callback));
    assert_eq!(Some(centre.work(BACK).enqueued_at), enqueued_at);
}
