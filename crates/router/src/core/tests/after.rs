//! (After the interaction) Wrap-up modes with their extension, aux code and next state.

use super::*;

fn extend(centre: &mut Centre, by_ms: u32) -> Vec<Effect> {
    centre.say(Input::ExtendWrapUp { agent: ANN.into(), interaction: FIRST, by_ms })
}

/// Ann wraps up for 30 s, which she may extend by a minute.
fn wrapping_up() -> Centre {
    let mut centre = Centre::staffed(&[ANN]);
    centre.configure(BILLING, QueueConfig { extension_ms: 60_000, ..queue_with("billing >= 2") });
    centre.answered(FIRST, BILLING);
    centre.ended(FIRST);
    centre
}

#[test]
fn a_wrap_up_that_is_extended_ends_later() {
    let mut centre = wrapping_up();

    let extended = extend(&mut centre, 30_000);
    let at_the_old_end = centre.after(30_000).deadline();
    let at_the_new_end = centre.after(30_000).deadline();

    let until = Timestamp::from_millis(centre.now);
    assert!(
        extended
            .iter()
            .any(|effect| matches!(effect, Effect::WrapUpExtended { until: at, .. } if *at == until))
    );
    assert_eq!(at_the_old_end, []);
    assert!(closed_in(&at_the_new_end).is_some());
}

#[test]
fn a_wrap_up_is_extended_as_far_as_the_queue_allows_and_by_its_agent() {
    let mut centre = wrapping_up();
    extend(&mut centre, 45_000);

    let too_far = extend(&mut centre, 20_000);
    let just_enough = extend(&mut centre, 15_000);
    let foreign = centre.say(Input::ExtendWrapUp { agent: CY.into(), interaction: FIRST, by_ms: 1_000 });

    assert_eq!(reply_in(&too_far), Some(Err(Rejection::ExtensionUsedUp)));
    assert_eq!(reply_in(&just_enough), Some(Ok(())));
    assert_eq!(reply_in(&foreign), Some(Err(Rejection::NotYours)));
}

#[test]
fn the_next_state_stops_new_work_and_comes_when_the_slots_clear() {
    let mut centre = Centre::staffed(&[ANN]);
    for id in [10, 11] {
        let effects = centre.say(Input::InteractionQueued(chat(InteractionId(id), BILLING)));
        let (agent, offer) = offer_in(&effects).unwrap();
        centre.accept(&agent, offer);
        centre.say(Input::InteractionConnected(InteractionId(id)));
    }

    centre.status(ANN, Status::Away("training".into()));
    let new_work = centre.queued(FIRST, BILLING);
    centre.ended(InteractionId(10));
    centre.completed(ANN, InteractionId(10));
    let with_one_left = centre.state(ANN);
    centre.ended(InteractionId(11));
    centre.completed(ANN, InteractionId(11));

    assert_eq!(offered_to(&new_work), Vec::<String>::new());
    assert_eq!(with_one_left, AgentState::Busy);
    let now = centre.router.agent(&"demo".into(), &ANN.into()).unwrap().now;
    assert_eq!((now.status, now.next), (Status::Away("training".into()), None));
}

#[test]
fn who_comes_back_before_the_slots_clear_never_left() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.status(ANN, Status::Away("lunch".into()));

    centre.status(ANN, Status::Available);
    centre.queued(SECOND, BILLING);
    centre.ended(FIRST);
    let effects = centre.completed(ANN, FIRST);

    assert_eq!(offered_to(&effects), [ANN]);
}
