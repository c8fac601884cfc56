//! A chat from hello to its end.

use contract::{Event, chat::v1::*, interaction::v1::EndReason};
use serde_json::json;

use crate::{visitor::Visitor, world::World};

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_reaches_an_agent_through_the_menu() {
    let world = World::start().await;
    let hello = json!({"entry_point": "web-chat", "name": "Dan", "email": "dan@example.com"});
    let mut visitor = Visitor::arrive(world.http(), hello).await;
    let asked = visitor.read("What is it about?").await;
    assert_eq!(asked["options"][1], json!({"value": "2", "label": "Billing"}));

    visitor.send(json!({"type": "choose", "client_message_id": "c1", "value": "2"})).await;
    visitor.read("Billing").await;
    visitor.stand("queued").await;
    let placed = visitor.stand_so("position", |frame| frame["position"] == 2).await;
    assert_eq!((placed["waiting"].as_i64(), placed["estimated_wait_s"].as_i64()), (Some(3), Some(90)));

    world.assign(&visitor.interaction_id, "ann", "Ann").await;
    visitor.read("Ann has joined the chat").await;
    assert_eq!(visitor.stand("with_agent").await["agent_name"], "Ann");

    let mut ann = world.agent("ann");
    let id = visitor.interaction_id.clone();
    let request = SendMessageRequest {
        interaction_id: id.clone(),
        client_message_id: "a1".into(),
        text: "How can I help?".into(),
        ..Default::default()
    };
    ann.send_message(request).await.unwrap();
    assert_eq!(visitor.read("How can I help?").await["author_name"], "Ann");
    visitor.say("c2", "My bill is wrong").await;
    visitor.hear("ack").await;

    ann.end_conversation(EndConversationRequest { interaction_id: id.clone(), request_id: "r".into() })
        .await
        .unwrap();
    assert_eq!(visitor.stand("ended").await["reason"], "agent_ended");

    let facts = world.facts(&id, |event| matches!(event, Event::InteractionEnded(_))).await;
    let names: Vec<&str> = facts
        .iter()
        .map(|fact| fact.envelope.event.subject_tokens().1)
        .filter(|name| !matches!(*name, "message_added" | "flow_step_taken"))
        .collect();
    let expected = [
        "interaction_started",
        "interaction_queued",
        "interaction_assigned",
        "interaction_connected",
        "interaction_ended",
    ];
    assert_eq!(names, expected);
    let Event::InteractionStarted(started) = &facts[0].envelope.event else { panic!() };
    let customer = started.customer.clone().unwrap();
    assert!(customer.visitor_verified);
    assert_eq!((customer.display_name.as_str(), customer.email.as_str()), ("Dan", "dan@example.com"));
    let texts: Vec<(i64, String)> = facts
        .iter()
        .filter_map(|fact| match &fact.envelope.event {
            Event::MessageAdded(added) => {
                added.message.as_ref().map(|message| (message.sequence, message.text.clone()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(texts.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
    assert_eq!(texts[6].1, "My bill is wrong");
    assert_eq!(visitor.sequences(), (1..=8).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn words_choose_as_well_as_buttons() {
    let world = World::start().await;
    let mut visitor = world.visitor().await;
    visitor.read("What is it about?").await;

    visitor.say("c1", "hm").await;
    visitor.read("Please choose").await;
    visitor.say("c2", "It is about billing").await;

    visitor.stand("queued").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_hours_a_message_is_left() {
    let world = World::start().await;
    let mut visitor = Visitor::arrive(world.http(), json!({"entry_point": "night-chat"})).await;
    visitor.stand_so("the form", |frame| frame["awaiting"] == "form").await;

    visitor
        .send(json!({"type": "form", "client_message_id": "f1", "name": "Dan", "email": "dan@example.com", "text": "Call me"}))
        .await;

    visitor.read("Thank you, Dan").await;
    assert_eq!(visitor.stand("ended").await["reason"], "flow_ended");
    let facts =
        world.facts(&visitor.interaction_id, |event| matches!(event, Event::InteractionEnded(_))).await;
    assert!(facts.iter().any(|fact| matches!(&fact.envelope.event,
        Event::MessageAdded(added) if added.message.as_ref().is_some_and(|message| message.text.contains("dan@example.com")))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_leaves_the_queue_has_abandoned_it() {
    let world = World::start().await;
    let mut visitor = world.waiting_visitor().await;

    visitor.send(json!({"type": "end"})).await;

    assert_eq!(visitor.stand("ended").await["reason"], "abandoned");
    let facts =
        world.facts(&visitor.interaction_id, |event| matches!(event, Event::InteractionEnded(_))).await;
    let Some(Event::InteractionEnded(ended)) = facts.last().map(|fact| &fact.envelope.event) else {
        panic!()
    };
    assert_eq!(ended.reason(), EndReason::Abandoned);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_see_typing_and_how_far_the_other_has_read() {
    let world = World::start().await;
    let mut visitor = world.visitor_with_ann().await;
    let mut ann = world.agent("ann");
    let id = visitor.interaction_id.clone();
    let subject = contract::subject::live("chat", "signal", "demo");
    let mut signals = world.bus.signals(subject).await.unwrap();

    ann.set_typing(SetTypingRequest { interaction_id: id.clone(), typing: true }).await.unwrap();
    assert_eq!(visitor.hear("typing").await["typing"], true);
    visitor.say("c1", "hello").await;
    let sequence = visitor.hear("ack").await["sequence"].as_i64().unwrap();
    ann.mark_seen(MarkSeenRequest { interaction_id: id.clone(), sequence }).await.unwrap();
    assert_eq!(visitor.hear("seen").await["sequence"], sequence);

    visitor.send(json!({"type": "typing", "typing": true})).await;
    visitor.send(json!({"type": "seen", "sequence": sequence})).await;
    let mut heard = Vec::new();
    while heard.len() < 3 {
        use futures::StreamExt as _;
        let received = tokio::time::timeout(std::time::Duration::from_secs(5), signals.next()).await;
        let Event::ConversationSignal(signal) = received.unwrap().unwrap().envelope.event else { continue };
        if signal.party() == contract::interaction::v1::Party::Customer {
            heard.push(signal.signal.unwrap());
        }
    }
    use conversation_signal::Signal::{DeliveredSequence, SeenSequence, Typing};
    assert!(heard.contains(&Typing(true)) && heard.contains(&SeenSequence(sequence)), "{heard:?}");
    assert!(heard.contains(&DeliveredSequence(sequence)), "{heard:?}");
    let view =
        ann.get_conversation(GetConversationRequest { interaction_id: id }).await.unwrap().into_inner();
    let view = view.conversation.unwrap();
    assert_eq!((view.customer_seen_sequence, view.agent_seen_sequence), (sequence, sequence));
    assert!(view.customer_online);
}
