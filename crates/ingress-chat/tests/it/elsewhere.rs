//! Chats that no agent takes, that are moved by hand, and that wait for their customer.

use std::time::Duration;

use contract::{
    directory::v1::AlternativeKind,
    interaction::v1::Channel,
    router::v1::{InteractionDiverted, InteractionParked, InteractionTransferred},
};
use serde_json::json;

use crate::{neighbours::UNPARKED, world::World};

fn diverted(to: AlternativeKind) -> InteractionDiverted {
    InteractionDiverted {
        queue: "billing".into(),
        channel: Channel::Chat.into(),
        to: to.into(),
        ..InteractionDiverted::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_says_farewell_ends_the_chat_with_a_word() {
    let world = World::start().await;
    let mut visitor = world.waiting_visitor().await;

    world.say(&visitor.interaction_id, diverted(AlternativeKind::Disconnect)).await;

    visitor.read("Sorry, nobody can help you right now. Please try again later").await;
    assert_eq!(visitor.stand("ended").await["reason"], "diverted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_takes_messages_asks_for_one_in_writing() {
    let world = World::start().await;
    let mut visitor = world.waiting_visitor().await;

    world.say(&visitor.interaction_id, diverted(AlternativeKind::Voicemail)).await;
    visitor.stand_so("the form", |frame| frame["awaiting"] == "form").await;
    let form =
        json!({"type": "form", "client_message_id": "f1", "name": "Dan", "email": "", "text": "My bill"});
    visitor.send(form).await;

    visitor.read("Thank you. We will be in touch").await;
    assert_eq!(visitor.stand("ended").await["reason"], "voicemail");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_moved_by_hand_waits_for_its_next_agent() {
    let world = World::start().await;
    let mut visitor = world.visitor_with_ann().await;
    let moved = InteractionTransferred {
        from_agent_id: "ann".into(),
        queue: "sales".into(),
        channel: Channel::Chat.into(),
        ..InteractionTransferred::default()
    };

    world.say(&visitor.interaction_id, moved).await;
    visitor.stand("queued").await;
    world.assign(&visitor.interaction_id, "bob", "Bob").await;

    assert_eq!(visitor.stand("with_agent").await["agent_name"], "Bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_customer_writes_calls_back_the_agent_who_parked_the_chat() {
    let world = World::start().await;
    let mut visitor = world.visitor_with_ann().await;
    let id = visitor.interaction_id.clone();
    visitor.say("c1", "one moment").await;
    visitor.hear("ack").await;
    let parked =
        InteractionParked { agent_id: "ann".into(), channel: Channel::Chat.into(), ..Default::default() };
    world.say(&id, parked).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(*UNPARKED.lock().unwrap(), Vec::<String>::new());

    visitor.say("c2", "here it is").await;

    for _ in 0..100 {
        if UNPARKED.lock().unwrap().contains(&id) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the router was not asked");
}
