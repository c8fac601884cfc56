//! The promises of the history, on whole stories and on shuffled, doubled ones.

use contract::Timestamp;
use proptest::{prelude::*, sample::Index};

use super::History;
use crate::core::replay::{Closing, State, Step, Summary};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn started() -> Step {
    Step::Started {
        at: at(0),
        channel: 1,
        direction: 1,
        entry_point: "phone".into(),
        instance: "voice-0".into(),
    }
}

fn queued(second: i64, queue: &str) -> Step {
    Step::Queued { at: at(second), channel: 1, queue: queue.into(), entry_point: "phone".into() }
}

fn made(offer: &str) -> Step {
    Step::OfferMade { offer: offer.into() }
}

fn over(offer: &str, accepted: bool) -> Step {
    Step::OfferEnded { offer: offer.into(), accepted }
}

fn assigned(offer: &str, agent: &str) -> Step {
    Step::Assigned { offer: offer.into(), agent: agent.into(), queue: "billing".into() }
}

fn connected(second: i64, agent: &str) -> Step {
    Step::Connected { at: at(second), agent: agent.into() }
}

fn ended(second: i64) -> Step {
    Step::Ended { at: at(second), reason: 1 }
}

fn closed(second: i64) -> Step {
    Step::Closed(Closing {
        at: at(second),
        channel: 1,
        queue: "billing".into(),
        agent: "ann".into(),
        disposition: "solved".into(),
        reason: 1,
        queued_at: Some(at(5)),
        answered_at: Some(at(10)),
        ended_at: Some(at(70)),
        wait: Some(5_000),
        talk: Some(60_000),
        wrap_up: Some(20_000),
        ..Closing::default()
    })
}

fn after(steps: impl IntoIterator<Item = Step>) -> Summary {
    let mut history = History::default();
    for (place, step) in steps.into_iter().enumerate() {
        history.add(place as u64 + 1, step);
    }
    history.summary()
}

fn whole_story() -> Vec<Step> {
    vec![
        started(),
        queued(5, "billing"),
        made("o1"),
        over("o1", false),
        made("o2"),
        over("o2", true),
        assigned("o2", "ann"),
        connected(10, "ann"),
        ended(70),
        Step::WrapUpStarted { agent: "ann".into() },
        closed(90),
    ]
}

#[test]
fn a_callback_waits_is_taken_tried_again_and_reached() {
    let scheduled = Step::Scheduled { at: at(1), queue: "billing".into(), entry_point: "phone".into() };
    let story = [
        scheduled,
        made("o1"),
        over("o1", true),
        assigned("o1", "ann"),
        Step::NotReached,
        assigned("o2", "bob"),
        connected(60, "bob"),
    ];
    let told = |length: usize| {
        let mut history = History::default();
        for (place, step) in story[..length].iter().enumerate() {
            history.add(place as u64 + 1, step.clone());
        }
        history.summary()
    };

    let (begun, tried, talking) = (told(1), told(5), told(7));
    assert_eq!((begun.state, begun.channel, begun.direction), (State::Queued, 1, 2));
    assert_eq!((begun.started_at, begun.queue.as_str()), (Some(at(1)), "billing"));
    assert_eq!((tried.state, tried.agent.as_str()), (State::Queued, ""));
    assert_eq!((talking.state, talking.agent.as_str()), (State::Connected, "bob"));
}

#[test]
fn an_interaction_that_the_router_moves_waits_there() {
    let mut history = History::default();
    for (place, step) in
        [started(), queued(5, "billing"), Step::Moved { queue: "sales".into() }].into_iter().enumerate()
    {
        history.add(place as u64 + 1, step);
    }

    let summary = history.summary();

    assert_eq!((summary.state, summary.queue.as_str()), (State::Queued, "sales"));
}

#[test]
fn the_state_follows_the_story() {
    let story = whole_story();

    let states: Vec<State> =
        (1..=story.len()).map(|length| after(story[..length].iter().cloned()).state).collect();

    use State::*;
    assert_eq!(
        states,
        [InFlow, Queued, Offered, Queued, Offered, Offered, Assigned, Connected, WrapUp, WrapUp, Closed]
    );
}

#[test]
fn a_closed_interaction_tells_its_times() {
    let summary = after(whole_story());

    assert_eq!((summary.wait, summary.talk, summary.wrap_up), (Some(5_000), Some(60_000), Some(20_000)));
    assert_eq!((summary.queue.as_str(), summary.agent.as_str()), ("billing", "ann"));
    assert_eq!((summary.started_at, summary.closed_at), (Some(at(0)), Some(at(90))));
    assert_eq!(summary.disposition, "solved");
}

#[test]
fn what_was_never_queued_is_closed_when_it_ends() {
    let summary = after([started(), ended(3)]);

    assert_eq!((summary.state, summary.closed_at), (State::Closed, Some(at(3))));
    assert_eq!((summary.wait, summary.talk), (None, None));
}

#[test]
fn what_waits_is_open_until_the_router_closes_it() {
    let summary = after([started(), queued(5, "billing"), ended(9)]);

    assert_eq!((summary.state, summary.wait), (State::Queued, Some(4_000)));
    assert_eq!(summary.closed_at, None);
}

#[test]
fn who_gave_up_has_waited_but_not_talked() {
    let nothing = Closing {
        at: at(9),
        queued_at: Some(at(5)),
        ended_at: Some(at(9)),
        wait: Some(4_000),
        talk: Some(0),
        wrap_up: Some(0),
        ..Closing::default()
    };

    let summary = after([started(), queued(5, "billing"), ended(9), Step::Closed(nothing)]);

    assert_eq!((summary.state, summary.wait), (State::Closed, Some(4_000)));
    assert_eq!((summary.answered_at, summary.talk, summary.wrap_up), (None, None, None));
}

#[test]
fn an_agent_who_took_it_and_never_met_the_customer_has_not_served_them() {
    let nothing = Closing { at: at(9), ended_at: Some(at(9)), ..Closing::default() };
    let taken =
        [started(), queued(5, "billing"), made("o1"), over("o1", true), assigned("o1", "ann"), ended(9)];

    let before = after(taken.clone());
    let closed = after(taken.into_iter().chain([Step::Closed(nothing)]));

    assert_eq!(before.agent, "ann");
    assert_eq!((closed.agent.as_str(), closed.answered_at, closed.talk), ("", None, None));
}

#[test]
fn an_end_that_overtakes_the_queueing_is_not_the_end_of_the_work() {
    let summary = after([started(), ended(9), queued(5, "billing"), made("o1")]);

    assert_eq!(summary.state, State::Offered);
    assert_eq!((summary.ended_at, summary.closed_at), (Some(at(9)), None));
}

#[test]
fn an_agent_who_cannot_be_reached_after_accepting_gives_it_back() {
    let summary = after([
        started(),
        queued(5, "billing"),
        made("o1"),
        over("o1", true),
        assigned("o1", "ann"),
        over("o1", false),
    ]);

    assert_eq!((summary.state, summary.agent.as_str()), (State::Queued, ""));
}

#[test]
fn an_offer_withdrawn_from_others_leaves_it_with_the_one_who_took_it() {
    let summary = after([
        started(),
        queued(5, "billing"),
        made("o1"),
        made("o2"),
        over("o1", true),
        assigned("o1", "ann"),
        over("o2", false),
    ]);

    assert_eq!((summary.state, summary.agent.as_str()), (State::Assigned, "ann"));
}

#[test]
fn a_connection_that_overtakes_its_assignment_stands() {
    let overtaken = [started(), queued(5, "billing"), made("a"), connected(10, "ann"), over("a", true)];

    let summary = after(overtaken.into_iter().chain([assigned("a", "ann")]));

    assert_eq!((summary.state, &*summary.agent), (State::Connected, "ann"));
    assert_eq!(summary.wait, Some(5_000));
}

#[test]
fn a_second_queue_keeps_the_first_waiting_time() {
    let summary = after([started(), queued(5, "billing"), queued(65, "sales"), connected(70, "bob")]);

    assert_eq!((summary.queue.as_str(), summary.wait), ("sales", Some(65_000)));
}

#[test]
fn an_endless_search_for_an_agent_takes_bounded_room() {
    let offers = (0..1_000).flat_map(|n| [made(&format!("o{n}")), over(&format!("o{n}"), false)]);
    let mut history = History::default();
    for (place, step) in [started(), queued(5, "billing")].into_iter().chain(offers).enumerate() {
        history.add(place as u64 + 1, step);
    }
    assert!(serde_json::to_string(&history).unwrap().len() < 8_192);

    history.add(5_000, connected(10, "ann"));

    assert_eq!(history.summary().started_at, Some(at(0)));
    assert_eq!((history.summary().state, history.summary().wait), (State::Connected, Some(5_000)));
}

#[test]
fn what_is_stored_comes_back_the_same() {
    let mut history = History::default();
    for (place, step) in whole_story().into_iter().enumerate() {
        history.add(place as u64 + 1, step);
    }

    let again: History = serde_json::from_str(&serde_json::to_string(&history).unwrap()).unwrap();

    assert_eq!(again, history);
}

fn any_step() -> impl Strategy<Value = Step> {
    let offer = prop::sample::select(vec!["o1", "o2", "o3"]);
    let agent = prop::sample::select(vec!["ann", "bob"]);
    prop_oneof![
        Just(started()),
        (0..99_i64, prop::sample::select(vec!["billing", "sales"])).prop_map(|(s, queue)| queued(s, queue)),
        offer.clone().prop_map(made),
        (offer.clone(), any::<bool>()).prop_map(|(offer, accepted)| over(offer, accepted)),
        (offer, agent.clone()).prop_map(|(offer, agent)| assigned(offer, agent)),
        (0..99_i64, agent.clone()).prop_map(|(s, agent)| connected(s, agent)),
        agent.prop_map(|agent| Step::WrapUpStarted { agent: agent.into() }),
        (0..99_i64).prop_map(ended),
        (0..99_i64).prop_map(closed),
    ]
}

proptest! {
    #[test]
    fn the_order_and_number_of_deliveries_change_nothing(
        steps in prop::collection::vec(any_step(), 1..40),
        deliveries in prop::collection::vec(any::<Index>(), 0..80),
        shuffle in any::<u64>(),
    ) {
        let facts: Vec<(u64, Step)> = (1..).zip(steps).collect();
        let mut in_order = History::default();
        for (sequence, step) in &facts {
            in_order.add(*sequence, step.clone());
        }

        let mut delivered: Vec<(u64, Step)> = facts.clone();
        delivered.extend(deliveries.iter().map(|index| index.get(&facts).clone()));
        delivered.sort_by_key(|(sequence, _)| sequence.wrapping_mul(shuffle | 1).rotate_left(17));
        let mut shuffled = History::default();
        for (sequence, step) in delivered {
            shuffled.add(sequence, step);
        }

        prop_assert_eq!(&in_order, &shuffled);
        prop_assert_eq!(in_order.summary(), shuffled.summary());
    }

    #[test]
    fn a_closed_interaction_stays_closed(steps in prop::collection::vec(any_step(), 0..30), place in any::<Index>()) {
        let mut steps = steps;
        let place = place.index(steps.len() + 1);
        steps.insert(place, closed(90));

        prop_assert_eq!(after(steps).state, State::Closed);
    }
}
