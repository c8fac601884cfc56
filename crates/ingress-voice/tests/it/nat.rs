//! Agents and callers at home, behind a router that translates addresses: a network namespace with masquerading of its own, in
//! which real phones tell addresses that nobody outside reaches.

use contract::Event;
use serde_json::json;
use testkit::Home;

use crate::{centre::Centre, phone::Phone};

#[tokio::test(flavor = "multi_thread")]
async fn phones_at_home_behind_a_router_talk_through_the_centre() {
    let Some(home) = Home::build() else { return };
    let centre = Centre::start_with(&[("sip_bind", "0.0.0.0".into())]).await;
    let server = centre.sip.replace("127.0.0.1", &home.centre);
    let at_home = json!({ "server": server, "inside": home.home, "address": home.address });
    let with = |more: serde_json::Value| {
        let mut fields = at_home.clone();
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields
    };
    // Remote agent and remote caller, behind the same router.
    let mut ann = Phone::open_with(with(json!({ "user": "ann", "password": "demo" })));
    let mut caller = Phone::open_with(with(json!({ "user": "+15550123" })));
    caller.tell(json!({ "do": "call", "to": "+15550101" }));
    caller.expect("answered");
    let (interaction, _) = centre.queued().await;
    centre.offer(&interaction, "o1", "ann").await;
    let incoming = ann.expect("incoming");
    assert!(incoming["caller"].as_str().is_some_and(|from| from.contains("+15550123")), "{incoming}");
    ann.act("answer");
    ann.expect("answered");
    ann.tell(json!({ "do": "say", "hertz": 440 }));
    caller.tell(json!({ "do": "say", "hertz": 1000 }));

    caller.expect_tone(440, 1000);
    ann.expect_tone(1000, 440);
    // A request of the centre inside the call finds its way too.
    ann.act("hold");
    caller.tell(json!({ "do": "say", "hertz": 700 }));
    let (music, _) = caller.listen(&[]);
    assert!(music > 100, "music on hold");
    ann.act("resume");
    ann.expect_tone(700, 440);
    caller.act("hangup");
    ann.expect("ended");
    centre.fact(|event| matches!(event, Event::InteractionEnded(_)).then_some(())).await;
}
