//! Customers whose calls died with a process call back, and go first.

use contract::{
    Event,
    interaction::v1::{Channel, CustomerAddress, InteractionQueued, InteractionStarted},
};
use serde_json::json;

use crate::{centre::Centre, phone::Phone};

const CUSTOMER: &str = "+15550123";

/// A call of the customer, held by an instance that gives no sign of life.
async fn a_call_that_died(centre: &Centre, instance: &str) {
    let started = InteractionStarted {
        channel: Channel::Voice.into(),
        instance: instance.to_owned(),
        customer: Some(CustomerAddress { phone: CUSTOMER.to_owned(), ..CustomerAddress::default() }),
        ..InteractionStarted::default()
    };
    centre.publish("0190-dead", started).await;
}

fn calls(centre: &Centre, from: &str) -> Phone {
    let mut caller = Phone::open(&centre.sip, from, None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    caller
}

async fn queued(centre: &Centre, wanted: impl Fn(&InteractionQueued) -> bool) -> InteractionQueued {
    let fact = centre.fact(|event| match event {
        Event::InteractionQueued(queued) if wanted(queued) => Some(queued.clone()),
        _ => None,
    });
    fact.await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_cut_off_goes_first_until_served_and_others_do_not() {
    let centre = Centre::start().await;
    a_call_that_died(&centre, "voice-0@an-earlier-life").await;
    assert_eq!(centre.end().await.0, "process_died");
    // Known with the next sweep, at the latest.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    let mut caller = calls(&centre, CUSTOMER);
    let first = queued(&centre, |_| true).await;
    assert_eq!(first.priority, 1_000);
    assert!(first.enqueued_at.is_some(), "the place of the call that died");
    assert!(first.attributes.contains_key("cut_off_at"), "{:?}", first.attributes);
    let (interaction, _) = centre.queued().await;
    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    ann.act("answer");
    centre.fact(|event| matches!(event, Event::InteractionConnected(_)).then_some(())).await;
    caller.act("hangup");
    ann.expect("ended");

    centre.facts.lock().unwrap().clear();
    let _caller = calls(&centre, CUSTOMER);
    assert_eq!(queued(&centre, |_| true).await.priority, 0, "served: a call like any other");
    centre.facts.lock().unwrap().clear();
    let _other = calls(&centre, "+15550177");
    assert_eq!(queued(&centre, |_| true).await.priority, 0, "was never cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_back_before_the_death_is_noticed_is_put_first_then() {
    let centre = Centre::start().await;
    a_call_that_died(&centre, "voice-7@its-life").await;

    let _caller = calls(&centre, CUSTOMER);
    assert_eq!(queued(&centre, |_| true).await.priority, 0, "nobody knows yet");

    assert_eq!(queued(&centre, |queued| queued.priority > 0).await.priority, 1_000);
}
