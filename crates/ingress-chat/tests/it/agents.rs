//! `ChatService`: what agents, supervisors and strangers may do.

use contract::{chat::v1::*, directory::v1::Role};
use tonic::Code;

use crate::world::World;

fn message(interaction_id: &str, id: &str, text: &str) -> SendMessageRequest {
    SendMessageRequest {
        interaction_id: interaction_id.into(),
        client_message_id: id.into(),
        text: text.into(),
        attachment_ids: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_agent_who_has_it_or_a_supervisor_writes() {
    let world = World::start().await;
    let visitor = world.visitor_with_ann().await;
    let id = &visitor.interaction_id;

    let bob = world.agent("bob").send_message(message(id, "b1", "hi")).await.unwrap_err();
    let stranger = world
        .caller("acme", "eve", Role::Supervisor)
        .send_message(message(id, "e1", "hi"))
        .await
        .unwrap_err();
    let auditor =
        world.caller("demo", "pat", Role::Auditor).send_message(message(id, "p1", "hi")).await.unwrap_err();
    let sue = world.caller("demo", "sue", Role::Supervisor).send_message(message(id, "s1", "hi")).await;

    assert_eq!(bob.code(), Code::PermissionDenied);
    assert_eq!(stranger.code(), Code::NotFound);
    assert_eq!(auditor.code(), Code::PermissionDenied);
    assert_eq!(sue.unwrap().into_inner().message.unwrap().author_name, "sue");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_message_sent_twice_is_one() {
    let world = World::start().await;
    let visitor = world.visitor_with_ann().await;
    let mut ann = world.agent("ann");

    let first = ann.send_message(message(&visitor.interaction_id, "a1", "hi")).await.unwrap().into_inner();
    let again = ann.send_message(message(&visitor.interaction_id, "a1", "hi")).await.unwrap().into_inner();

    assert_eq!(first, again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_names_its_field() {
    let world = World::start().await;
    let visitor = world.visitor_with_ann().await;
    let mut ann = world.agent("ann");
    let id = visitor.interaction_id.as_str();

    for (request, word) in [
        (message("nonsense", "a1", "hi"), "interaction_id"),
        (message(id, "", "hi"), "client_message_id"),
        (message(id, "a1", "  \u{0} "), "text"),
        (message(id, "a1", &"x".repeat(16 * 1024 + 1)), "text"),
        (
            SendMessageRequest { attachment_ids: vec!["x".into()], ..message(id, "a1", "hi") },
            "attachment_ids",
        ),
    ] {
        let status = ann.send_message(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{word}");
        assert!(status.message().contains(word), "{}", status.message());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_conversation_takes_nothing_more() {
    let world = World::start().await;
    let mut visitor = world.visitor_with_ann().await;
    let mut ann = world.agent("ann");
    let id = visitor.interaction_id.clone();
    let end = EndConversationRequest { interaction_id: id.clone(), request_id: "r1".into() };
    ann.end_conversation(end.clone()).await.unwrap();
    visitor.stand("ended").await;

    let refused = ann.send_message(message(&id, "a1", "one more thing")).await.unwrap_err();
    visitor.say("c1", "hello?").await;

    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(ann.end_conversation(end).await.is_ok(), "ending it again is no error");
    assert_eq!(visitor.hear("error").await["code"], "ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_pages() {
    let world = World::start().await;
    let visitor = world.visitor_with_ann().await;
    let mut ann = world.agent("ann");
    let list = |after_sequence, page_size| ListMessagesRequest {
        interaction_id: visitor.interaction_id.clone(),
        after_sequence,
        page_size,
    };

    let page = ann.list_messages(list(0, 3)).await.unwrap().into_inner();
    let rest = ann.list_messages(list(3, 0)).await.unwrap().into_inner();

    assert!(page.more && !rest.more);
    assert_eq!((page.messages.len(), rest.messages.len()), (3, 2));
    assert_eq!(ann.list_messages(list(0, 501)).await.unwrap_err().code(), Code::InvalidArgument);
}
