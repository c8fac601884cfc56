//! (Capacity and interruption) Slots and channels, paced offers, parking.

use super::*;
use Channel::{Chat, Email as Task, Voice};

/// The profile of the example in Amazon Connect's documentation: chat ≤ 2 exclusive of tasks, task ≤ 1 shared, voice
/// exclusive.
fn connect_profile() -> ProfileConfig {
    let mut capacities = PerChannel::<Capacity>::default();
    capacities[Chat] = Capacity { slots: 2, ..Capacity::default() };
    capacities[Task] =
        Capacity { slots: 1, interruptible_by: ChannelSet::of(&[Chat, Voice]), ..Capacity::default() };
    capacities[Voice] = Capacity { slots: 1, ..Capacity::default() };
    ProfileConfig { capacities, ..profile() }
}

fn on(channel: Channel, id: u128) -> Queued {
    Queued::new(InteractionId(id), channel, BILLING.into())
}

/// Ann alone, with this much of a channel, back from a break while much waits.
fn back_to_work(slots: u8, max_offers: u8, auto_accept: bool, waiting: u128) -> (Centre, Vec<Effect>) {
    let mut centre = Centre::new();
    let mut profile = profile();
    profile.capacities[Chat] = Capacity { slots, auto_accept, ..Capacity::default() };
    profile.max_offers = max_offers;
    centre.say(Input::ProfileConfigured("front".into(), profile));
    for id in 0..waiting {
        centre.after(1).say(Input::InteractionQueued(on(Chat, 100 + id)));
    }
    let effects = centre.status(ANN, Status::Available);
    (centre, effects)
}

/// "Test vector (Connect …)": on a chat → no task, a second chat yes; on a task → a chat yes; on chat + task → no voice;
/// chat ends → voice yes; on voice + task → nothing.
#[test]
fn test_vector_connect_what_interrupts_what() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.say(Input::ProfileConfigured("front".into(), connect_profile()));
    let config = QueueConfig { wrap_up: WrapUp::Optional { limit_ms: 1_000 }, ..queue_with("") };
    centre.configure(BILLING, config);
    let come = |centre: &mut Centre, channel, id| {
        let effects = centre.say(Input::InteractionQueued(on(channel, id)));
        let offer = offer_in(&effects);
        if let Some((agent, offer)) = &offer {
            centre.accept(agent, *offer);
            centre.say(Input::InteractionConnected(InteractionId(id)));
        } else {
            centre.ended(InteractionId(id));
        }
        offer.is_some()
    };

    assert!(come(&mut centre, Chat, 1));
    assert!(!come(&mut centre, Task, 2), "on a chat: no task");
    assert!(come(&mut centre, Chat, 3), "on a chat: a second chat");
    centre.ended(InteractionId(1));
    centre.ended(InteractionId(3));
    assert!(come(&mut centre, Task, 4));
    assert!(come(&mut centre, Chat, 5), "on a task: a chat");
    assert!(!come(&mut centre, Voice, 6), "on chat and task: no call");
    centre.ended(InteractionId(5));
    assert!(come(&mut centre, Voice, 7), "the chat ends: a call");
    for (channel, id) in [(Chat, 8), (Task, 9), (Voice, 10)] {
        assert!(!come(&mut centre, channel, id), "on call and task: nothing");
    }
}

#[test]
fn back_from_a_break_with_a_hundred_places_free_offers_are_paced() {
    let (mut centre, at_once) = back_to_work(100, 3, false, 50);
    let offers = offers_in(&at_once);

    centre.accept(ANN, offers[0].1);
    let connected = centre.say(Input::InteractionConnected(InteractionId(100)));

    assert_eq!(offers.len(), 3, "not a hundred");
    assert_eq!(offers_in(&connected).len(), 1, "one more for each that is connected");
}

#[test]
fn without_a_pace_one_offer_rings_on_each_channel() {
    let (_, at_once) = back_to_work(100, 0, false, 50);

    assert_eq!(offers_in(&at_once).len(), 1);
}

#[test]
fn offers_that_are_taken_by_themselves_are_paced_too() {
    let (mut centre, at_once) = back_to_work(100, 2, true, 50);

    let connected = centre.say(Input::InteractionConnected(InteractionId(100)));

    assert_eq!(offers_in(&at_once).len(), 2);
    assert_eq!(offers_in(&connected).len(), 1);
}

/// Ann has a mail, and one slot for mails.
fn with_a_mail() -> Centre {
    let mut centre = Centre::staffed(&[ANN]);
    let mut profile = profile();
    profile.capacities[Task] =
        Capacity { slots: 1, interruptible_by: ChannelSet::ALL, ..Capacity::default() };
    centre.say(Input::ProfileConfigured("front".into(), profile));
    let effects = centre.say(Input::InteractionQueued(on(Task, 1)));
    let (agent, offer) = offer_in(&effects).unwrap();
    centre.accept(&agent, offer);
    centre.say(Input::InteractionConnected(FIRST));
    centre
}

#[test]
fn a_parked_mail_frees_its_slot() {
    let mut centre = with_a_mail();
    centre.say(Input::InteractionQueued(on(Task, 2)));

    let effects = centre.say(Input::Park(FIRST, ANN.into()));

    assert_eq!(offered_to(&effects), [ANN]);
    assert!(matches!(centre.stage(FIRST), Some(StageView::Parked { .. })));
    assert_eq!(centre.work(FIRST).agent.as_deref(), Some(ANN), "it stays hers");
}

#[test]
fn what_was_parked_comes_back_at_once_when_there_is_a_slot() {
    let mut centre = with_a_mail();
    centre.say(Input::Park(FIRST, ANN.into()));

    let effects = centre.say(Input::Unpark(FIRST, None));

    assert!(effects.iter().any(|effect| matches!(effect, Effect::InteractionUnparked { .. })));
    assert!(matches!(centre.stage(FIRST), Some(StageView::Assigned { connected_at: Some(_), .. })));
}

#[test]
fn what_was_parked_comes_back_before_anything_new_when_a_slot_is_free_again() {
    let mut centre = with_a_mail();
    centre.say(Input::Park(FIRST, ANN.into()));
    let effects = centre.say(Input::InteractionQueued(on(Task, 2)));
    let (_, offer) = offer_in(&effects).unwrap();
    centre.accept(ANN, offer);
    centre.say(Input::InteractionConnected(SECOND));
    centre.say(Input::InteractionQueued(on(Task, 3)));

    let while_busy = centre.say(Input::Unpark(FIRST, Some(ANN.into())));
    centre.ended(SECOND);
    let freed = centre.completed(ANN, SECOND);

    assert!(!while_busy.iter().any(|effect| matches!(effect, Effect::InteractionUnparked { .. })));
    assert!(freed.iter().any(|effect| matches!(effect, Effect::InteractionUnparked { .. })));
    assert_eq!(offered_to(&freed), Vec::<String>::new(), "the new mail waits");
}

#[test]
fn what_was_parked_by_an_agent_who_has_left_goes_to_the_queue_when_the_customer_writes() {
    let mut centre = with_a_mail();
    centre.say(Input::Park(FIRST, ANN.into()));
    centre.status(ANN, Status::Offline);
    centre.status(CY, Status::Available);

    let effects = centre.say(Input::Unpark(FIRST, None));

    assert_eq!(offered_to(&effects), [CY]);
}

#[test]
fn a_call_is_not_parked_and_nobody_parks_what_is_not_theirs() {
    let mut centre = with_a_mail();
    centre.answered(SECOND, BILLING);

    let call = centre.say(Input::Park(SECOND, ANN.into()));
    let foreign = centre.say(Input::Park(FIRST, CY.into()));
    let not_parked = centre.say(Input::Unpark(FIRST, None));

    assert_eq!(reply_in(&call), Some(Err(Rejection::CannotPark)));
    assert_eq!(reply_in(&foreign), Some(Err(Rejection::NotYours)));
    assert_eq!(reply_in(&not_parked), Some(Err(Rejection::NotParked)));
}

#[test]
fn a_mail_that_ends_while_it_is_parked_is_wrapped_up_beside_other_work() {
    let mut centre = with_a_mail();
    centre.say(Input::Park(FIRST, ANN.into()));
    let effects = centre.say(Input::InteractionQueued(on(Task, 2)));
    let (_, offer) = offer_in(&effects).unwrap();
    centre.accept(ANN, offer);

    centre.ended(FIRST);
    let effects = centre.completed(ANN, FIRST);

    assert!(closed_in(&effects).unwrap().answered_at.is_some());
}
