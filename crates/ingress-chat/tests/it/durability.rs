//! Nothing that was acknowledged is lost, nothing is there twice.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use chassis::Running;
use contract::{Event, chat::v1::ListMessagesRequest, interaction::v1::Message};
use serde_json::json;

use crate::{visitor::Visitor, world::World};

async fn history(world: &World, interaction_id: &str) -> Vec<Message> {
    let request =
        ListMessagesRequest { interaction_id: interaction_id.into(), page_size: 500, ..Default::default() };
    world.agent("ann").list_messages(request).await.unwrap().into_inner().messages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_sent_twice_is_there_once() {
    let world = World::start().await;
    let mut visitor = world.visitor_with_ann().await;

    visitor.say("c1", "hello").await;
    visitor.say("c1", "hello").await;
    let first = visitor.hear("ack").await;
    let again = visitor.hear("ack").await;
    visitor.say("c1", "hello").await;
    let once_more = visitor.hear("ack").await;

    assert_eq!(first, again);
    assert_eq!(first, once_more);
    let texts = history(&world, &visitor.interaction_id).await;
    assert_eq!(texts.iter().filter(|message| message.text == "hello").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_resumes_after_the_last_message_they_have() {
    let world = World::start().await;
    let mut visitor = world.visitor_with_ann().await;
    visitor.say("c1", "one").await;
    visitor.read("one").await;
    let have = *visitor.sequences().iter().max().unwrap();
    let (token, id) = (visitor.token.clone(), visitor.interaction_id.clone());
    drop(visitor);
    let request = contract::chat::v1::SendMessageRequest {
        interaction_id: id.clone(),
        client_message_id: "a1".into(),
        text: "while you were away".into(),
        ..Default::default()
    };
    world.agent("ann").send_message(request).await.unwrap();

    let hello = json!({"entry_point": "web-chat", "visitor_token": token, "interaction_id": id, "last_sequence": have});
    let mut back = Visitor::arrive(world.http(), hello).await;

    back.read("while you were away").await;
    assert_eq!(back.sequences(), [have + 1]);
    assert_eq!(back.heard[0]["state"], "with_agent");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_show_the_same_conversation() {
    let world = World::start().await;
    let mut one = world.visitor_with_ann().await;
    let hello = json!({"entry_point": "web-chat", "visitor_token": one.token});
    let mut other = Visitor::arrive(world.http(), hello).await;
    assert_eq!(other.interaction_id, one.interaction_id);

    one.say("c1", "from the first tab").await;
    other.read("from the first tab").await;
    other.say("c2", "from the second tab").await;
    one.read("from the second tab").await;

    one.listen(Duration::from_millis(200)).await;
    other.listen(Duration::from_millis(200)).await;
    assert_eq!(one.sequences(), other.sequences());
    assert_eq!(one.sequences(), (1..=7).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_open_at_once_share_one_conversation() {
    let world = World::start().await;
    let first = Visitor::arrive(world.http(), json!({"entry_point": "night-chat"})).await;
    let hello = json!({"entry_point": "web-chat", "visitor_token": first.token});

    let tabs = futures::future::join_all((0..8).map(|_| Visitor::arrive(world.http(), hello.clone()))).await;

    assert!(tabs.iter().all(|tab| tab.interaction_id == tabs[0].interaction_id));
    assert_ne!(tabs[0].interaction_id, first.interaction_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_visitors_at_once_keep_their_order() {
    let world = World::with(|settings| settings.set("ingress_chat", "messages_burst", 1000.into())).await;
    let mut visitors = futures::future::join_all((0..20).map(|_| world.waiting_visitor())).await;

    for round in 0..25 {
        for visitor in &mut visitors {
            visitor.say(&format!("c{round}"), &format!("message {round}")).await;
        }
    }

    for visitor in &mut visitors {
        visitor.read("message 24").await;
        let sequences = visitor.sequences();
        assert_eq!(sequences, (1..=sequences.len() as i64).collect::<Vec<_>>());
        let mine =
            visitor.messages().filter(|message| message["text"].as_str().unwrap().starts_with("message"));
        let texts: Vec<String> = mine.map(|message| message["text"].as_str().unwrap().to_owned()).collect();
        assert_eq!(texts, (0..25).map(|round| format!("message {round}")).collect::<Vec<_>>());
    }
}

/// The service as its own program, to be killed.
struct Program {
    child: Child,
    folder: tempfile_dir::Folder,
    http: std::net::SocketAddr,
}

mod tempfile_dir {
    /// A folder that goes with its value.
    pub struct Folder(pub std::path::PathBuf);
    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

impl Program {
    async fn start(world: &World, neighbours: &Running) -> Self {
        let port = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (http, grpc) = (port(), port());
        let path = std::env::temp_dir().join(format!("ingress-chat-{}-{}", std::process::id(), http.port()));
        std::fs::create_dir_all(&path).unwrap();
        let config = path.join("config.toml");
        let peers = neighbours.grpc();
        let text = format!(
            "instance = \"killed\"\n[postgres]\nurl = \"{}\"\n[nats]\nurl = \"{}\"\n[auth]\nsecret = \"{}\"\n[http]\nlisten = \"{http}\"\n\
             [grpc]\nlisten = \"{grpc}\"\n\
             [peers]\nivr = \"http://{peers}\"\ndirectory = \"http://{peers}\"\nrouter = \"http://{peers}\"\n",
            world.stack.postgres_url, world.stack.nats_url, "a secret of thirty-two characters or more",
        );
        std::fs::write(&config, text).unwrap();
        let mut program = Self { child: spawn(&config), folder: tempfile_dir::Folder(path), http };
        program.ready().await;
        program
    }

    async fn kill_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = spawn(&self.folder.0.join("config.toml"));
        self.ready().await;
    }

    async fn ready(&mut self) {
        for _ in 0..300 {
            let answer = reqwest::get(format!("http://{}/readyz", self.http)).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert_eq!(self.child.try_wait().unwrap(), None, "the program ended");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the program does not become ready");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(config: &std::path::Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_ingress-chat"))
        .arg("--config")
        .arg(config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_instance_loses_nothing_that_it_acknowledged() {
    let world = World::start().await;
    let mut program = Program::start(&world, world.running.as_ref().unwrap()).await;
    let mut visitor = Visitor::arrive(program.http, json!({"entry_point": "web-chat"})).await;
    visitor.read("What is it about?").await;
    visitor.send(json!({"type": "choose", "client_message_id": "menu", "value": "2"})).await;
    visitor.stand("queued").await;
    let (token, id) = (visitor.token.clone(), visitor.interaction_id.clone());

    let mut next = 0;
    for _ in 0..3 {
        // Some are acknowledged, some are on their way when the process dies.
        for _ in 0..8 {
            visitor.say(&format!("c{next}"), &format!("message {next}")).await;
            next += 1;
        }
        let acknowledged = visitor.hear("ack").await["client_message_id"].as_str().unwrap().to_owned();
        program.kill_and_restart().await;
        let hello = json!({"entry_point": "web-chat", "visitor_token": token, "interaction_id": id});
        visitor = Visitor::arrive(program.http, hello).await;
        // As the widget does: everything without an answer goes out again.
        let from: i32 = acknowledged.trim_start_matches('c').parse().unwrap();
        for again in from..next {
            visitor.say(&format!("c{again}"), &format!("message {again}")).await;
        }
        for _ in from..next {
            visitor.hear("ack").await;
        }
    }

    let texts: Vec<String> = history(&world, &id)
        .await
        .into_iter()
        .filter(|message| message.text.starts_with("message"))
        .map(|message| message.text)
        .collect();
    assert_eq!(texts, (0..next).map(|number| format!("message {number}")).collect::<Vec<_>>());
    let last = format!("message {}", next - 1);
    let facts = world
        .facts(&id, |event| matches!(event, Event::MessageAdded(added) if added.message.as_ref().is_some_and(|message| message.text == last)))
        .await;
    let published: Vec<i64> = facts
        .iter()
        .filter_map(|fact| match &fact.envelope.event {
            Event::MessageAdded(added) => added.message.as_ref().map(|message| message.sequence),
            _ => None,
        })
        .collect();
    assert_eq!(
        published,
        (1..=published.len() as i64).collect::<Vec<_>>(),
        "on the bus: all, once, in order"
    );
}
