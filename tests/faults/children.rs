//! `kill -9` of a server under a running centre: Postgres, NATS.

use std::time::Duration;

use e2e::support::{Agent, Visitor, children, eventually, kill};
use testkit::Centre;

use crate::listed_as;

const SOON: Duration = Duration::from_secs(30);

/// Kills the child of the centre whose program is called `program`, and waits for its successor.
async fn kill_child(centre: &Centre, program: &str) {
    let server = std::fs::read(centre.data_dir.join("server.json")).expect("server.json");
    let server: serde_json::Value = serde_json::from_slice(&server).expect("server.json");
    let parent = u32::try_from(server["pid"].as_u64().expect("pid")).expect("pid");
    let before = children(parent, program);
    assert_eq!(before.len(), 1, "one {program} under {parent}");
    kill(before[0]).expect("it can be killed");
    eventually(&format!("{program} is back"), SOON, async || {
        children(parent, program).into_iter().find(|pid| !before.contains(pid))
    })
    .await;
}

#[tokio::test]
async fn a_chat_loses_nothing_when_postgres_and_then_nats_are_killed() {
    let centre = Centre::together().await.unwrap();
    let ann = Agent::sign_in(&centre.http_url, "ann").await.unwrap();
    ann.available().await.unwrap();
    let mut visitor = Visitor::arrive(&centre.http_url).await.unwrap();
    visitor.choose("2").await.unwrap();
    ann.accept().await.unwrap();
    visitor.state("with_agent").await.unwrap();

    let mut said = Vec::new();
    for program in ["postgres", "nats-server"] {
        let text = format!("before {program}");
        visitor.say(&text).await.unwrap();
        said.push(text);

        kill_child(&centre, program).await;

        let text = format!("after {program}");
        let id = uuid::Uuid::now_v7().to_string();
        while visitor.say_as(&text, &id).await.is_err() {
            visitor.come_back().await.unwrap();
        }
        said.push(text);
        eventually("the centre is ready again", SOON, async || {
            let status = centre.cli(&["status"]).await.ok()?;
            (status["ready"] == true).then_some(())
        })
        .await;
    }

    ann.end(&visitor.interaction).await.unwrap();
    ann.wrap_up(&visitor.interaction, "resolved").await.unwrap();
    eventually("the chat is closed", SOON, || listed_as(&centre, &visitor.interaction, "closed")).await;
    let shown = centre.cli(&["interactions", "show", &visitor.interaction]).await.unwrap();
    let texts = shown["messages"].as_array().unwrap().iter().map(|message| message["text"].clone());
    let texts = texts.filter(|text| said.iter().any(|said| text == said)).collect::<Vec<_>>();
    assert_eq!(texts, said);
}
