//! Extensions: one phone of the centre calls another.

use std::time::Duration;

use contract::Event;
use serde_json::json;

use crate::{
    calls::waiting,
    centre::Centre,
    control::{ANN, BOB, hears, says},
    phone::Phone,
};

fn open(centre: &Centre) -> (Phone, Phone) {
    let ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let bob = Phone::open(&centre.sip, "bob", Some("demo"));
    (ann, bob)
}

#[tokio::test(flavor = "multi_thread")]
async fn v18_a_colleague_is_called_and_no_customer_is_made_of_it() {
    let centre = Centre::start().await;
    let (mut ann, mut bob) = open(&centre);

    ann.tell(json!({"do": "call", "to": "202"}));
    let incoming = bob.expect("incoming");
    assert!(incoming["caller"].as_str().is_some_and(|caller| caller.contains("ann")), "{incoming}");
    bob.act("answer");
    ann.expect("answered");
    says(&mut ann, ANN);
    says(&mut bob, BOB);
    hears(&mut ann, &[BOB]);
    hears(&mut bob, &[ANN]);
    bob.act("hangup");
    ann.expect("ended");

    // The first that the world hears of is a customer.
    let (_caller, interaction) = waiting(&centre).await;
    let (first, ()) = centre.fact(|event| matches!(event, Event::InteractionStarted(_)).then_some(())).await;
    assert_eq!(first, interaction);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_who_declines_or_is_not_there_is_told_to_the_caller() {
    let centre = Centre::start().await;
    let (mut ann, mut bob) = open(&centre);

    ann.tell(json!({"do": "call", "to": "bob"}));
    bob.expect("incoming");
    bob.tell(json!({"do": "decline", "code": 486}));
    assert_eq!(ann.expect("ended")["code"], 480);

    for nobody in ["cy", "ann", "299"] {
        ann.tell(json!({"do": "call", "to": nobody}));
        assert_eq!(ann.expect("ended")["code"], 480, "{nobody}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_gives_up_stops_the_ringing() {
    let centre = Centre::start().await;
    let (mut ann, mut bob) = open(&centre);

    ann.tell(json!({"do": "call", "to": "bob"}));
    bob.expect("incoming");
    ann.act("hangup");

    bob.expect("ended");
    ann.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_reach_no_extension() {
    let centre = Centre::start().await;
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));
    let mut stranger = Phone::open(&centre.sip, "ann", None);
    let mut number = Phone::open(&centre.sip, "+15550123", None);

    stranger.tell(json!({"do": "call", "to": "bob"}));
    assert_eq!(stranger.expect("ended")["code"], 401);
    number.tell(json!({"do": "call", "to": "bob"}));
    assert_eq!(number.expect("ended")["code"], 404);
    assert!(!bob.sees("incoming", Duration::from_millis(300)));
}
