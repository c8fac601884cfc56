//! What stands in the history, however the facts arrive.

use chassis::Fact;
use contract::{
    crm::v1::InteractionState,
    interaction::v1::{Attachment, Channel, EndReason, InteractionConnected, MessageAdded},
    millis_of_duration,
};

use crate::{
    story::{call, ended, moment, names, phone, queued, said, started},
    world::World,
};

#[tokio::test]
async fn a_call_stands_in_the_history_with_times_agent_and_story() {
    let world = World::start().await;
    for event in names() {
        world.tell("", event).await;
    }
    for event in call("+15550123", 0) {
        world.tell("i1", event).await;
    }
    world.settled().await;

    let page = world.interaction("i1").await;

    let interaction = page.interaction.unwrap();
    let millis = |span: Option<prost_types::Duration>| span.as_ref().map(millis_of_duration);
    assert_eq!(interaction.state(), InteractionState::Closed);
    assert_eq!((interaction.queue.as_str(), interaction.agent_id.as_str()), ("billing", "ann"));
    assert_eq!((interaction.disposition.as_str(), interaction.note.as_str()), ("solved", "paid twice"));
    assert_eq!(interaction.end_reason(), EndReason::CustomerLeft);
    assert_eq!((interaction.started_at, interaction.closed_at), (Some(moment(0)), Some(moment(95))));
    assert_eq!(
        (millis(interaction.wait), millis(interaction.talk), millis(interaction.wrap_up)),
        (Some(5_000), Some(60_000), Some(20_000))
    );
    let lines: Vec<&str> = page.events.iter().map(|event| event.text.as_str()).collect();
    for expected in [
        "call from +15550123 at front",
        "main / menu: choice “2”",
        "queued for Billing",
        "offered to Ann Archer",
        "Ann Archer accepted",
        "assigned to Ann Archer after 5 s",
        "connected with Ann Archer",
        "the customer left",
        "Ann Archer wraps up",
        "closed as solved",
        "first contact of a customer without name",
    ] {
        assert!(lines.contains(&expected), "{expected:?} is not in {lines:?}");
    }
    assert!(page.events.is_sorted_by_key(|event| event.sequence));
}

#[tokio::test]
async fn an_interaction_that_never_queued_is_closed_when_it_ends() {
    let world = World::start().await;

    world.tell("i1", started(Channel::Voice, 0, phone("+15550123"))).await;
    world.tell("i1", ended(3, EndReason::LeftInFlow)).await;
    world.tell("i2", started(Channel::Voice, 0, phone("+15550123"))).await;
    world.tell("i2", queued("billing")).await;
    world.tell("i2", ended(3, EndReason::Abandoned)).await;
    world.settled().await;

    let state = |page: contract::crm::v1::GetInteractionResponse| page.interaction.unwrap().state();
    assert_eq!(state(world.interaction("i1").await), InteractionState::Closed);
    assert_eq!(
        state(world.interaction("i2").await),
        InteractionState::Queued,
        "the router has not closed it"
    );
}

#[tokio::test]
async fn facts_that_come_before_the_start_are_not_lost() {
    let world = World::start().await;

    world.tell("i1", said(1, "hello")).await;
    world.tell("i1", queued("billing")).await;
    world.settled().await;
    let before = world.interaction("i1").await.interaction.unwrap();
    world.tell("i1", started(Channel::Chat, -9, phone("+15550123"))).await;
    world.settled().await;
    let after = world.interaction("i1").await.interaction.unwrap();

    assert_eq!((before.state(), before.customer_id.as_str()), (InteractionState::Queued, ""));
    assert_eq!((after.state(), after.started_at), (InteractionState::Queued, Some(moment(-9))));
    assert!(!after.customer_id.is_empty());
    assert_eq!(after.preview, "hello");
}

#[tokio::test]
async fn a_message_told_twice_stands_once() {
    let world = World::start().await;
    world.tell("i1", started(Channel::Chat, 0, phone("+15550123"))).await;

    for sequence in [1, 2, 2, 3, 1] {
        world.tell("i1", said(sequence, &format!("text {sequence}"))).await;
    }
    let with_file = MessageAdded {
        message: said(4, "").message.map(|message| contract::interaction::v1::Message {
            attachments: vec![Attachment {
                file_name: "bill.pdf".into(),
                size_bytes: 9,
                ..Default::default()
            }],
            ..message
        }),
        ..said(4, "")
    };
    world.tell("i1", with_file).await;
    world.settled().await;

    let page = world.interaction("i1").await;
    let texts: Vec<(i64, &str)> = page.messages.iter().map(|m| (m.sequence, m.text.as_str())).collect();
    assert_eq!(texts, [(1, "text 1"), (2, "text 2"), (3, "text 3"), (4, "")]);
    assert_eq!(page.messages[3].attachments[0].size_bytes, 9);
    assert_eq!(page.interaction.unwrap().preview, "bill.pdf");
}

#[tokio::test]
async fn a_fact_about_nothing_is_buried_and_harms_nobody() {
    let world = World::start().await;

    world.tell("", InteractionConnected::default()).await;
    world.tell("i1", said(0, "no place")).await;
    world.tell("i1", said(1, "nul \0 and all")).await;
    world.tell("i1", started(Channel::Chat, 0, phone("+15550123"))).await;
    world.settled().await;

    assert_eq!(world.interaction("i1").await.messages[0].text, "nul  and all");
    let letters = world.bus.jetstream().get_stream(contract::subject::DEAD_LETTERS).await.unwrap();
    assert_eq!(letters.cached_info().state.messages, 2);
}

#[tokio::test]
async fn the_same_message_id_is_one_fact() {
    let world = World::start().await;
    let fact = || Fact::of(said(1, "hello")).tenant("demo").interaction("i1").id("m1");

    let first = world.publish(fact()).await;
    let second = world.publish(fact()).await;
    world.tell("i1", started(Channel::Chat, 0, phone("+15550123"))).await;
    world.settled().await;

    assert!(!first.duplicate && second.duplicate);
    assert_eq!(world.interaction("i1").await.messages.len(), 1);
}
