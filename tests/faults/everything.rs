//! `kill -9` of the whole centre, its Postgres and its NATS with it.

use std::time::Duration;

use contract::router::v1::WorkState;
use e2e::support::{Agent, Visitor, eventually};
use testkit::Centre;

use crate::listed_as;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_chat_goes_on_after_everything_was_killed() {
    let mut centre = Centre::start().await;
    let ann = Agent::sign_in(&centre.http_url, "ann").await.unwrap();
    ann.available().await.unwrap();
    let mut visitor = Visitor::arrive(&centre.http_url).await.unwrap();
    visitor.choose("2").await.unwrap();
    ann.accept().await.unwrap();
    visitor.state("with_agent").await.unwrap();
    let sent = visitor.say("before the crash").await.unwrap();
    ann.say(&visitor.interaction, "I see it").await.unwrap();
    visitor.hear("I see it").await.unwrap();

    visitor.vanish();
    centre.kill_and_restart().await.unwrap();

    visitor.come_back().await.unwrap();
    visitor.state("with_agent").await.unwrap();
    visitor.say_as("before the crash", &sent).await.unwrap();
    visitor.say("after the crash").await.unwrap();
    let ann = Agent::sign_in(&centre.http_url, "ann").await.unwrap();
    ann.work(WorkState::Connected).await;
    ann.say(&visitor.interaction, "still here").await.unwrap();
    visitor.hear("still here").await.unwrap();
    let heard = ann.messages(&visitor.interaction).await.unwrap();
    let texts = heard.iter().map(|message| &*message.text).collect::<Vec<_>>();
    for once in ["before the crash", "I see it", "after the crash", "still here"] {
        assert_eq!(texts.iter().filter(|text| **text == once).count(), 1, "{once:?} in {texts:?}");
    }
    ann.end(&visitor.interaction).await.unwrap();
    ann.wrap_up(&visitor.interaction, "resolved").await.unwrap();
    let closed =
        eventually("the chat is closed", SOON, || listed_as(&centre, &visitor.interaction, "closed")).await;
    assert_eq!((&closed["agent"], &closed["queue"]), (&"ann".into(), &"billing".into()));
    assert_eq!(closed["disposition"], "resolved");
}

#[tokio::test]
async fn customers_in_the_queue_keep_their_places_through_a_kill() {
    let mut centre = Centre::start().await;
    let mut visitors = Vec::new();
    for _ in 0..3 {
        let mut visitor = Visitor::arrive(&centre.http_url).await.unwrap();
        visitor.choose("2").await.unwrap();
        visitor.state("queued").await.unwrap();
        eventually("it is queued", SOON, || listed_as(&centre, &visitor.interaction, "queued")).await;
        visitors.push(visitor);
    }

    for visitor in &mut visitors {
        visitor.vanish();
    }
    centre.kill_and_restart().await.unwrap();

    for visitor in &mut visitors {
        visitor.come_back().await.unwrap();
        assert_eq!(visitor.standing["state"], "queued");
    }
    let ann = Agent::sign_in(&centre.http_url, "ann").await.unwrap();
    ann.available().await.unwrap();
    for visitor in &mut visitors {
        let work = ann.accept().await.unwrap();
        assert_eq!(work.interaction_id, visitor.interaction);
        visitor.state("with_agent").await.unwrap();
    }
}
