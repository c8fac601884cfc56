//! The strategies, each choosing among the same agents.

use super::*;

fn chooses(strategy: Strategy, prepare: impl Fn(&mut Centre)) -> Vec<String> {
    let mut centre = Centre::new();
    for queue in [BILLING, SALES] {
        let config = QueueConfig { strategy, ..queue_with(&format!("{queue} >= 2")) };
        centre.say(Input::QueueConfigured(queue.into(), config));
    }
    prepare(&mut centre);
    offered_to(&centre.after(1_000).queued(THIRD, SALES))
}

fn everyone_in_turn(centre: &mut Centre) {
    for agent in [CY, BOB, ANN] {
        centre.after(1_000).status(agent, Status::Available);
    }
}

#[test]
fn longest_idle_takes_who_came_first() {
    assert_eq!(chooses(Strategy::LongestIdle, everyone_in_turn), [CY]);
}

#[test]
fn most_skilled_takes_who_masters_it() {
    assert_eq!(chooses(Strategy::MostSkilled, everyone_in_turn), [BOB]);
}

#[test]
fn least_occupied_takes_who_has_most_room() {
    let chosen = chooses(Strategy::LeastOccupied, |centre| {
        everyone_in_turn(centre);
        for id in [1, 2] {
            let chat = Queued { channel: Channel::Chat, ..call(InteractionId(id), SALES) };
            centre.after(10).say(Input::InteractionQueued(chat));
        }
    });

    assert_eq!(chosen, [ANN], "Cy and Bob have a chat ringing");
}

#[test]
fn round_robin_takes_who_was_asked_the_longest_ago() {
    let chosen = chooses(Strategy::RoundRobin, |centre| {
        centre.status(BOB, Status::Available);
        centre.answered(FIRST, SALES);
        centre.ended(FIRST);
        centre.completed(BOB, FIRST);
        centre.after(5_000).status(ANN, Status::Available);
    });

    assert_eq!(chosen, [ANN], "Bob has been idle longer, and was asked before");
}

#[test]
fn fewest_today_takes_who_has_done_least_until_midnight() {
    let worked = |centre: &mut Centre| {
        centre.status(BOB, Status::Available);
        centre.answered(FIRST, SALES);
        centre.ended(FIRST);
        centre.completed(BOB, FIRST);
        centre.after(5_000).status(ANN, Status::Available);
    };

    assert_eq!(chooses(Strategy::FewestToday, worked), [ANN]);
    let next_day = chooses(Strategy::FewestToday, |centre| {
        worked(centre);
        centre.after(86_400_000);
    });
    assert_eq!(next_day, [BOB]);
}
