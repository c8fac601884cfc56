//! The agent's softphone asks a colleague on a second line and transfers by itself: REFER with Replaces.

use std::time::Duration;

use contract::Event;
use serde_json::json;

use crate::{
    calls::talking,
    centre::Centre,
    control::{ANN, BOB, CALLER, hears, hears_ringing, says},
    network::{Caller, Network, with_ann},
    phone::Phone,
};

/// Ann, in conversation, has called Bob on a second line, and he rings.
async fn asking(centre: &Centre) -> (Phone, Phone, Phone, String) {
    let (caller, mut ann, interaction) = talking(centre).await;
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));
    ann.tell(json!({"do": "second", "to": "bob"}));
    let incoming = bob.expect("incoming");
    assert_eq!(incoming["headers"]["X-Switchboard-Interaction"], interaction.as_str());
    ann.expect("answered");
    assert!(hears_ringing(&mut ann), "ringing is heard on the second line");
    (caller, ann, bob, interaction)
}

async fn seen(centre: &Centre, name: &'static str) {
    centre.fact(|event| (event.subject_tokens().1 == name).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_softphone_consults_on_its_second_line_and_transfers() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, mut bob, interaction) = asking(&centre).await;
    bob.act("answer");
    says(&mut bob, BOB);
    hears(&mut ann, &[BOB]);
    hears(&mut bob, &[ANN]);
    hears(&mut caller, &[]);
    assert!(caller.listen(&[]).0 > 100, "music meanwhile");

    ann.act("transfer");

    ann.expect("ended");
    ann.expect("ended");
    hears(&mut caller, &[BOB]);
    hears(&mut bob, &[CALLER]);
    let (_, transferred) = centre
        .fact(|event| match event {
            Event::CallTransferred(transferred) => Some(transferred.clone()),
            _ => None,
        })
        .await;
    assert!(transferred.attended && transferred.agent_id == "ann");
    centre.offer(&interaction, "o2", "bob").await;
    centre.peers.told("accept o2 bob").await;
    bob.act("hangup");
    caller.expect("ended");
    assert_eq!(centre.end().await, ("agent_ended".to_owned(), "agent".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_who_refuses_leaves_the_agent_with_the_customer() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, mut bob, _) = asking(&centre).await;

    bob.tell(json!({"do": "decline", "code": 603}));

    ann.expect("ended");
    ann.act("resume");
    hears(&mut ann, &[CALLER]);
    hears(&mut caller, &[ANN]);
    ann.act("hangup");
    caller.expect("ended");
    assert_eq!(centre.end().await, ("agent_ended".to_owned(), "agent".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_hangs_up_on_the_colleague_goes_on_with_the_customer() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, mut bob, _) = asking(&centre).await;
    bob.act("answer");
    seen(&centre, "participant_joined").await;

    ann.act("hangup");

    bob.expect("ended");
    ann.expect("ended");
    ann.act("resume");
    hears(&mut ann, &[CALLER]);
    hears(&mut caller, &[ANN]);
    caller.act("hangup");
    assert_eq!(centre.end().await.0, "customer_left");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_says_to_be_the_agent_gets_no_second_line() {
    let centre = Centre::start().await;
    let (mut caller, _ann, _) = talking(&centre).await;
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));
    let mut stranger = Phone::open(&centre.sip, "ann", None);

    stranger.tell(json!({"do": "call", "to": "bob"}));

    assert_eq!(stranger.expect("ended")["code"], 401);
    assert!(!bob.sees("incoming", Duration::from_millis(500)));
    hears(&mut caller, &[ANN]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_phone_takes_the_place_of_the_customers() {
    let centre = Centre::start().await;
    let clear = Network { lost: 0, twice: 0, late: Duration::ZERO };
    let (old, mut ann, _) = with_ann(&centre, None).await;
    old.say(1_000.0, clear);
    ann.expect_tone(1_000, 1_500);

    let new = Caller::called(&centre, "switchboard", None, &old.replaces()).unwrap();
    new.confirm();

    assert!(old.told().starts_with("BYE "));
    new.say(1_500.0, clear);
    ann.expect_tone(1_500, 1_000);
    new.expect_tone(440.0);
    assert!(!centre.names().contains(&"interaction_ended"));
    ann.act("hangup");
    assert!(new.told().starts_with("BYE "));
    assert_eq!(centre.end().await, ("agent_ended".to_owned(), "agent".to_owned()));
    assert_eq!(centre.names().iter().filter(|name| **name == "interaction_started").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_not_there_is_not_replaced() {
    let centre = Centre::start().await;
    let (old, mut ann, _) = with_ann(&centre, None).await;

    for wrong in [
        old.replaces().replace("to-tag=", "to-tag=x"),
        old.replaces().replace("Replaces: ", "Replaces: x"),
        "Replaces: nonsense\r\n".to_owned(),
    ] {
        let refused = Caller::called(&centre, "switchboard", None, &wrong).err().expect("refused");
        let code = &refused[8..11];
        assert!(["481", "400"].contains(&code), "{refused}");
    }

    assert!(!ann.sees("ended", Duration::from_millis(500)), "the call goes on");
}
