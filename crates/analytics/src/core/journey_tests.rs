//! What stories add to the figures, told in order, shuffled and doubled.

use contract::Timestamp;
use proptest::{prelude::*, sample::Index};

use super::*;
use crate::core::visit::{Closing, Outcome};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn queued(second: i64, queue: &str) -> Step {
    Step::Queued { at: at(second), channel: 1, queue: queue.into() }
}

fn assigned(second: i64, offer: &str, agent: &str) -> Step {
    Step::Assigned {
        at: at(second),
        offer: offer.into(),
        agent: agent.into(),
        queue: "billing".into(),
        waited: 0,
    }
}

fn connected(second: i64) -> Step {
    Step::Connected { at: at(second), agent: "ann".into() }
}

fn ended(second: i64, reason: i32) -> Step {
    Step::Ended { at: at(second), reason }
}

fn closed(second: i64, agent: &str) -> Step {
    Step::Closed(Closing {
        at: at(second),
        queue: "billing".into(),
        agent: agent.into(),
        talk: 60_000,
        wrap_up: 20_000,
        ..Closing::default()
    })
}

fn after(steps: impl IntoIterator<Item = Step>) -> Figures {
    let mut journey = Journey::default();
    for (place, step) in steps.into_iter().enumerate() {
        journey.add(place as u64 + 1, step);
    }
    journey.figures()
}

fn outcomes(steps: impl IntoIterator<Item = Step>) -> Vec<(String, Outcome)> {
    after(steps).stays.into_iter().map(|stay| (stay.queue, stay.outcome)).collect()
}

fn billing(outcome: Outcome) -> Vec<(String, Outcome)> {
    vec![("billing".to_owned(), outcome)]
}

#[test]
fn one_story_waits_is_taken_answered_and_handled() {
    let story =
        [queued(5, "billing"), assigned(9, "o1", "ann"), connected(10), ended(70, 1), closed(90, "ann")];

    let told = |length: usize| after(story[..length].iter().cloned());

    assert_eq!(told(1).stays[0].outcome, Outcome::Waiting);
    assert_eq!(told(2).stays[0].outcome, Outcome::Assigned);
    assert_eq!(told(3).stays[0].outcome, Outcome::Answered { wait: 5_000, ongoing: true });
    assert_eq!(told(4).stays[0].outcome, Outcome::Answered { wait: 5_000, ongoing: false });
    assert!(told(4).is_open() && !told(5).is_open());
    let handled = told(5).handled.unwrap();
    assert_eq!((handled.agent.as_str(), handled.talk, handled.wrap_up), ("ann", 60_000, 20_000));
}

#[test]
fn who_leaves_while_waiting_has_abandoned() {
    assert_eq!(
        outcomes([queued(5, "billing"), ended(12, 3), closed(12, "")]),
        billing(Outcome::Abandoned { wait: 7_000 })
    );
}

#[test]
fn who_leaves_while_the_agents_phone_fails_has_abandoned() {
    let story = [queued(5, "billing"), assigned(9, "o1", "ann"), ended(12, 1), closed(12, "ann")];

    assert_eq!(outcomes(story.clone()), billing(Outcome::Abandoned { wait: 7_000 }));
    assert_eq!(after(story).handled, None);
}

#[test]
fn who_is_taken_out_of_the_queue_by_the_flow_has_not_abandoned() {
    assert_eq!(outcomes([queued(5, "billing"), ended(12, 5)]), billing(Outcome::FlowedOut { wait: 7_000 }));
}

#[test]
fn who_is_called_back_sent_away_or_leaves_a_message_has_not_abandoned() {
    // Called back, no call-back reached them, the queue said farewell, nobody answered an outgoing call, a message.
    for reason in [11, 12, 13, 15, 16] {
        let by_its_ingress = [queued(5, "billing"), ended(12, reason)];
        assert_eq!(outcomes(by_its_ingress), billing(Outcome::FlowedOut { wait: 7_000 }), "{reason}");
    }
    // The router has closed it as a call-back before the caller hung up.
    let closed = Step::Closed(Closing { at: at(12), reason: 11, ..Closing::default() });
    let story = [queued(5, "billing"), closed, ended(13, 3)];
    assert_eq!(outcomes(story), billing(Outcome::FlowedOut { wait: 8_000 }));
}

#[test]
fn a_callback_is_work_for_agents_and_no_second_customer() {
    let scheduled = Step::Scheduled { at: at(5), queue: "billing".into(), entry_point: "phone".into() };
    let story = [
        scheduled,
        assigned(9, "o1", "ann"),
        Step::NotReached,
        assigned(900, "o2", "bob"),
        connected(910),
        ended(970, 1),
        closed(980, "bob"),
    ];

    let told = |length: usize| after(story[..length].iter().cloned());

    assert!(told(1).stays[0].callback);
    assert_eq!(told(2).stays[0].outcome, Outcome::Assigned);
    assert_eq!(told(3).stays[0].outcome, Outcome::Waiting);
    assert_eq!(told(7).stays.len(), 1);
    assert_eq!(told(7).handled.unwrap().agent, "bob");
}

#[test]
fn who_overflows_is_counted_in_both_queues() {
    let story = [queued(5, "billing"), queued(65, "sales"), connected(70)];

    assert_eq!(
        outcomes(story),
        [
            ("billing".to_owned(), Outcome::FlowedOut { wait: 60_000 }),
            ("sales".to_owned(), Outcome::Answered { wait: 5_000, ongoing: true }),
        ]
    );
}

#[test]
fn queued_again_in_the_same_queue_is_one_stay() {
    assert_eq!(outcomes([queued(5, "billing"), queued(6, "billing")]), billing(Outcome::Waiting));
}

#[test]
fn an_agent_who_cannot_be_reached_gives_it_back() {
    let story = [queued(5, "billing"), assigned(9, "o1", "ann"), Step::Released { offer: "o1".into() }];

    assert_eq!(outcomes(story), billing(Outcome::Waiting));
}

#[test]
fn what_never_waited_is_in_no_queue() {
    let started = Step::Started { at: at(0), channel: 1, entry_point: "phone".into() };

    assert_eq!(outcomes([started, ended(3, 4)]), []);
}

fn any_step() -> impl Strategy<Value = Step> {
    let queue = prop::sample::select(vec!["billing", "sales"]);
    let offer = prop::sample::select(vec!["o1", "o2"]);
    let agent = prop::sample::select(vec!["", "ann", "bob"]);
    prop_oneof![
        Just(Step::Started { at: at(0), channel: 1, entry_point: "phone".into() }),
        (0..99_i64, queue).prop_map(|(s, queue)| queued(s, queue)),
        (0..99_i64, offer.clone()).prop_map(|(s, offer)| assigned(s, offer, "ann")),
        offer.prop_map(|offer| Step::Released { offer: offer.into() }),
        (0..99_i64).prop_map(connected),
        (0..99_i64, 0..10_i32).prop_map(|(s, reason)| ended(s, reason)),
        (0..99_i64, agent).prop_map(|(s, agent)| closed(s, agent)),
    ]
}

proptest! {
    #[test]
    fn the_order_and_number_of_deliveries_change_nothing(
        steps in prop::collection::vec(any_step(), 1..40),
        again in prop::collection::vec(any::<Index>(), 0..80),
        shuffle in any::<u64>(),
    ) {
        let facts: Vec<(u64, Step)> = (1..).zip(steps).collect();
        let mut in_order = Journey::default();
        for (sequence, step) in &facts {
            in_order.add(*sequence, step.clone());
        }

        let mut delivered = facts.clone();
        delivered.extend(again.iter().map(|index| index.get(&facts).clone()));
        delivered.sort_by_key(|(sequence, _)| sequence.wrapping_mul(shuffle | 1).rotate_left(17));
        let mut shuffled = Journey::default();
        for (sequence, step) in delivered {
            shuffled.add(sequence, step);
        }

        prop_assert_eq!(&in_order, &shuffled);
        let stored: Journey = serde_json::from_str(&serde_json::to_string(&in_order).unwrap()).unwrap();
        prop_assert_eq!(stored.figures(), in_order.figures());
    }

    #[test]
    fn everybody_who_was_closed_has_left_every_queue(steps in prop::collection::vec(any_step(), 0..30)) {
        let figures = after(steps.into_iter().chain([closed(90, "")]));

        for stay in figures.stays {
            prop_assert!(!matches!(stay.outcome, Outcome::Waiting | Outcome::Assigned), "{:?}", stay);
        }
    }
}
