//! What strangers and broken programs send: a clear error, and no effect on anyone else.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{visitor::Visitor, world::World};

async fn refused(world: &World, origin: Option<&str>, hello: Value) -> Value {
    let mut visitor = Visitor::connect(world.http(), origin).await;
    visitor.hello(hello).await;
    let error = visitor.hear("error").await;
    visitor.until_closed().await;
    assert_eq!(error["fatal"], true, "{error}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hello_that_can_not_be_answered_says_why() {
    let world = World::start().await;
    let known = world.visitor().await;
    let stranger = Visitor::arrive(world.http(), json!({"entry_point": "acme-chat"})).await;
    let expired = World::expired_token("01990000-0000-7000-8000-000000000000");
    let nobody = "01990000-0000-7000-8000-000000000001";

    for (hello, code) in [
        (json!({"entry_point": "nowhere"}), "unknown_entry_point"),
        (json!({"entry_point": "web-chat", "tenant": "acme"}), "unknown_entry_point"),
        (json!({"entry_point": "We*b.>"}), "invalid"),
        (json!({}), "invalid"),
        (json!({"entry_point": "web-chat", "visitor_token": "garbage"}), "token_invalid"),
        (json!({"entry_point": "web-chat", "visitor_token": stranger.token}), "token_invalid"),
        (json!({"entry_point": "web-chat", "visitor_token": expired}), "token_expired"),
        (
            json!({"entry_point": "web-chat", "visitor_token": known.token, "interaction_id": nobody}),
            "unknown_interaction",
        ),
        (json!({"entry_point": "web-chat", "interaction_id": known.interaction_id}), "unknown_interaction"),
        (json!({"entry_point": "web-chat", "interaction_id": "x"}), "invalid"),
        (json!({"entry_point": "web-chat", "name": "x".repeat(201)}), "invalid"),
    ] {
        let error = refused(&world, None, hello.clone()).await;
        assert_eq!(error["code"], code, "{hello} → {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_pages_of_the_shop_open_its_chat() {
    let world = World::start().await;
    let hello = json!({"entry_point": "shop-chat"});

    let error = refused(&world, Some("https://evil.example"), hello.clone()).await;
    assert_eq!(error["code"], "origin_not_allowed");

    let mut shop = Visitor::connect(world.http(), Some("https://shop.example")).await;
    shop.hello(hello).await;
    shop.hear("welcome").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_answered_and_then_cut_off() {
    let world = World::start().await;
    let mut neighbour = world.visitor_with_ann().await;
    let mut visitor = world.visitor().await;
    visitor.read("What is it about?").await;

    for frame in [
        "",
        "null",
        "[]",
        "{\"type\":\"dance\"}",
        "{\"type\":\"send\"}",
        "\u{0}",
        "{\"type\":\"send\",\"client_message_id\":7}",
    ] {
        visitor.raw(Message::text(frame)).await;
        assert_eq!(visitor.hear("error").await["code"], "bad_frame", "{frame}");
    }
    visitor.send(json!({"type": "ping"})).await;
    visitor.hear("pong").await;
    for _ in 0..5 {
        visitor.raw(Message::text("{")).await;
    }
    visitor.until_closed().await;

    for message in [Message::binary(vec![0, 159, 146, 150]), Message::text("x".repeat(200 * 1024))] {
        let mut visitor = world.visitor().await;
        visitor.raw(message).await;
        visitor.until_closed().await;
    }
    neighbour.say("c1", "still here").await;
    neighbour.hear("ack").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_begins_with_hello() {
    let world = World::start().await;
    for first in [r#"{"type":"send","client_message_id":"c","text":"hi"}"#, "garbage"] {
        let mut visitor = Visitor::connect(world.http(), None).await;
        visitor.raw(Message::text(first)).await;
        assert_eq!(visitor.hear("error").await["fatal"], true);
        visitor.until_closed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_does_not_fit_names_its_field() {
    let world = World::start().await;
    let mut visitor = world.visitor_with_ann().await;
    let nobody = "01990000-0000-7000-8000-000000000001";

    for (frame, field) in [
        (json!({"type": "send", "client_message_id": "c1", "text": "x".repeat(16 * 1024 + 1)}), "text"),
        (json!({"type": "send", "client_message_id": "c1", "text": " \n\u{0} "}), "text"),
        (json!({"type": "send", "client_message_id": "", "text": "hi"}), "client_message_id"),
        (json!({"type": "send", "client_message_id": "a b", "text": "hi"}), "client_message_id"),
        (
            json!({"type": "send", "client_message_id": "c1", "text": "hi", "attachment_ids": [nobody]}),
            "attachment_ids",
        ),
        (
            json!({"type": "send", "client_message_id": "c1", "text": "hi", "attachment_ids": vec![nobody; 6]}),
            "attachment_ids",
        ),
    ] {
        visitor.send(frame).await;
        let error = visitor.hear("error").await;
        assert_eq!(
            (error["code"].as_str(), error["field"].as_str()),
            (Some("invalid"), Some(field)),
            "{error}"
        );
    }
    visitor.send(json!({"type": "choose", "client_message_id": "c2", "value": "1"})).await;
    assert_eq!(visitor.hear("error").await["code"], "nothing_asked");
    visitor.send(json!({"type": "form", "client_message_id": "c3", "text": "x"})).await;
    assert_eq!(visitor.hear("error").await["code"], "no_form");
    visitor.say("c4", "fits").await;
    visitor.hear("ack").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_fast_is_told_and_loses_nothing() {
    let world = World::with(|settings| settings.set("ingress_chat", "messages_burst", 3.into())).await;
    let mut visitor = world.waiting_visitor().await;

    for number in 0..10 {
        visitor.say(&format!("c{number}"), "quick").await;
    }
    let error = visitor.hear("error").await;

    assert_eq!(error["code"], "too_fast");
    let id = error["client_message_id"].as_str().unwrap().to_owned();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    visitor.say(&id, "quick").await;
    visitor
        .hear_that("its ack", |frame| frame["type"] == "ack" && frame["client_message_id"] == id.as_str())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_point_without_a_flow_ends_with_an_apology() {
    let world = World::start().await;
    let mut visitor = Visitor::arrive(world.http(), json!({"entry_point": "broken-chat"})).await;

    visitor.read("Something went wrong on our side. Please try again later").await;

    assert_eq!(visitor.stand("ended").await["reason"], "failed");
}
