//! What the live figures show, and that doubled and late news change nothing.

use proptest::prelude::*;

use super::*;

const DAY: i64 = 1_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(DAY + seconds * 1000)
}

fn stay(queue: &str, second: i64, outcome: Outcome) -> Figures {
    Figures {
        stays: vec![Stay { queue: queue.into(), queued_at: at(second), outcome, callback: false }],
        ..Figures::default()
    }
}

fn handled(second: i64, wait: i64, agent: &str) -> Figures {
    Figures {
        handled: Some(Handled {
            queue: "billing".into(),
            agent: agent.into(),
            at: at(second),
            talk: 60_000,
            wrap_up: 20_000,
        }),
        closed: true,
        ..stay("billing", 0, Outcome::Answered { wait, ongoing: false })
    }
}

fn queue(within: i64) -> Queue {
    Queue { name: "Billing".into(), within, removed: false }
}

fn agent(profile: &str, state: i32) -> Agent {
    Agent { name: "Ann".into(), profile: profile.into(), state, ..Agent::default() }
}

fn live() -> Live {
    let mut live = Live::new(Timestamp::from_millis(DAY));
    live.put_queue("billing", queue(20_000));
    live
}

fn billing(live: &Live) -> QueueView {
    live.view().queues.into_iter().find(|view| view.queue == "billing").unwrap()
}

#[test]
fn a_callback_waits_and_is_handled_but_is_not_offered_answered_or_abandoned() {
    let mut live = Live::new(at(0));
    let of = |outcome| {
        let stay = Stay { queue: "billing".into(), queued_at: at(5), outcome, callback: true };
        Figures { stays: vec![stay], ..Figures::default() }
    };

    live.put_interaction("back", of(Outcome::Waiting));
    let waiting = live.view().queues[0].clone();
    live.put_interaction("back", of(Outcome::Answered { wait: 600_000, ongoing: true }));
    let answered = live.view().queues[0].clone();

    assert_eq!((waiting.waiting, waiting.counts), (1, Counts::default()));
    assert_eq!((answered.waiting, answered.in_progress, answered.counts), (0, 1, Counts::default()));
}

#[test]
fn who_waits_is_counted_with_the_oldest_first() {
    let mut live = live();

    live.put_interaction("b", stay("billing", 7, Outcome::Waiting));
    live.put_interaction("a", stay("billing", 5, Outcome::Waiting));

    let view = billing(&live);
    assert_eq!((view.waiting, view.oldest_queued_at, view.counts.offered), (2, Some(at(5)), 2));
    assert_eq!(view.service_level, None);
}

#[test]
fn answered_in_time_and_abandoned_make_the_service_level() {
    let mut live = live();

    live.put_interaction("a", handled(90, 20_000, "ann"));
    live.put_interaction("b", handled(95, 20_001, "ann"));
    live.put_interaction("c", stay("billing", 5, Outcome::Abandoned { wait: 3_000 }));
    live.put_interaction("d", stay("billing", 5, Outcome::Answered { wait: 4_000, ongoing: true }));

    let view = billing(&live);
    assert_eq!(view.service_level, Some(0.5));
    assert_eq!((view.counts.answered, view.counts.abandoned, view.in_progress), (3, 1, 1));
    assert_eq!(view.average_wait.map(f64::round), Some(14_667.0));
    assert_eq!(view.average_handling, Some(80_000.0));
}

#[test]
fn an_agent_counts_where_the_profile_says() {
    let mut live = live();
    live.put_profile("all", BTreeSet::from(["billing".to_owned()]));
    live.put_agent("ann", agent("all", state::READY));
    live.put_agent("bob", agent("all", state::BUSY));
    live.put_agent("cy", agent("all", state::OFFLINE));
    live.put_agent("dee", agent("none", state::READY));
    live.put_agent("eve", Agent { removed: true, ..agent("all", state::READY) });

    let view = billing(&live);

    assert_eq!((view.agents_ready, view.agents_busy, view.agents_staffed), (1, 1, 2));
}

#[test]
fn an_agent_counts_what_was_finished_today() {
    let mut live = live();
    live.put_agent("ann", agent("all", state::READY));

    live.put_interaction("yesterday", handled(-1, 0, "ann"));
    live.put_interaction("today", handled(1, 0, "ann"));

    assert_eq!(live.view().agents[0].handled_today, 1);
}

#[test]
fn a_new_day_starts_again_but_nobody_who_waits_is_forgotten() {
    let mut live = live();
    live.put_interaction("done", handled(90, 5_000, "ann"));
    live.put_interaction("waits", stay("billing", 7, Outcome::Waiting));

    live.begin_day(at(1_000));

    let view = billing(&live);
    assert_eq!((view.waiting, view.counts.offered, view.counts.answered), (1, 0, 0));
    assert_eq!(live.len(), 1);

    live.put_interaction("waits", stay("billing", 7, Outcome::Abandoned { wait: 1 }));
    assert_eq!((billing(&live).waiting, billing(&live).counts.abandoned, live.len()), (0, 0, 0));
}

#[test]
fn a_changed_limit_counts_the_whole_day_again() {
    let mut live = live();
    live.put_interaction("a", handled(90, 30_000, "ann"));
    assert_eq!(billing(&live).service_level, Some(0.0));

    live.put_queue("billing", queue(30_000));

    assert_eq!(billing(&live).service_level, Some(1.0));
}

#[test]
fn a_removed_queue_is_shown_while_it_had_work_today() {
    let mut live = live();
    live.put_queue("old", Queue { removed: true, ..queue(20_000) });
    assert_eq!(live.view().queues.len(), 1);

    live.put_interaction("a", stay("old", 1, Outcome::Waiting));

    assert_eq!(live.view().queues.len(), 2);
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Waiting),
        Just(Outcome::Assigned),
        (0..40_000_i64, any::<bool>()).prop_map(|(wait, ongoing)| Outcome::Answered { wait, ongoing }),
        (0..40_000_i64).prop_map(|wait| Outcome::Abandoned { wait }),
        (0..40_000_i64).prop_map(|wait| Outcome::FlowedOut { wait }),
    ]
}

fn any_figures() -> impl Strategy<Value = Figures> {
    let queue = || prop::sample::select(vec!["billing", "sales"]);
    let stays = prop::collection::vec(
        (queue(), -50..50_i64, any_outcome()).prop_map(|(queue, second, outcome)| Stay {
            queue: queue.into(),
            queued_at: at(second),
            outcome,
            callback: false,
        }),
        0..3,
    );
    let handled = prop::option::of((queue(), -50..50_i64).prop_map(|(queue, second)| Handled {
        queue: queue.into(),
        agent: "ann".into(),
        at: at(second),
        talk: 1_000,
        wrap_up: 500,
    }));
    (stays, handled, any::<bool>()).prop_map(|(stays, handled, closed)| Figures { stays, handled, closed })
}

proptest! {
    #[test]
    fn the_figures_depend_on_the_latest_news_only(
        news in prop::collection::vec((0..6_u8, any_figures(), 1..3_usize), 0..40),
        new_day in prop::option::of(0..50_i64),
    ) {
        let mut fed = live();
        let mut latest = BTreeMap::new();
        for (id, figures, times) in &news {
            for _ in 0..*times {
                fed.put_interaction(&id.to_string(), figures.clone());
            }
            latest.insert(id.to_string(), figures.clone());
        }
        let mut rebuilt = live();
        for (id, figures) in latest {
            rebuilt.put_interaction(&id, figures);
        }
        if let Some(second) = new_day {
            fed.begin_day(at(second));
            rebuilt.begin_day(at(second));
        }

        prop_assert_eq!(fed.view(), rebuilt.view());
        prop_assert_eq!(fed.len(), rebuilt.len());
    }

    #[test]
    fn whoever_was_offered_today_waits_or_left_by_one_way(all in prop::collection::vec(any_figures(), 0..30)) {
        let mut live = live();
        let mut undecided: BTreeMap<String, u64> = BTreeMap::new();
        for (id, figures) in all.into_iter().enumerate() {
            for stay in &figures.stays {
                let today = stay.queued_at >= Timestamp::from_millis(DAY);
                let open = matches!(stay.outcome, Outcome::Waiting | Outcome::Assigned);
                *undecided.entry(stay.queue.clone()).or_default() += u64::from(today && open);
            }
            live.put_interaction(&id.to_string(), figures);
        }

        for view in live.view().queues {
            let counts = view.counts;
            let left = counts.answered + counts.abandoned + counts.flowed_out;
            prop_assert_eq!(counts.offered, left + undecided.get(&view.queue).copied().unwrap_or(0));
            prop_assert!(counts.answered_in_time <= counts.answered);
        }
    }
}
