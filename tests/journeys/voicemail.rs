//! A caller leaves a message by the menu; an agent hears it on the desk and calls back (`crates/gateway/web/e2e`), and what the
//! history says of it afterwards.

use e2e::{
    phones,
    support::{Outside, browsers, eventually, interactions},
};
use serde_json::json;
use testkit::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_left_by_the_menu_heard_on_the_desk_and_called_back_about() {
    let outside = Outside::new("");
    let centre = Centre::start_with(&outside.settings).await;

    let (sip, trunk) = (centre.sip.to_string(), outside.port.to_string());
    browsers(&centre, "voicemail", &[&sip, phones::python(), &trunk]).await;

    let all = eventually("both are closed", std::time::Duration::from_secs(20), async || {
        let all = interactions(&centre).await;
        all.iter().all(|one| one["state"] == "closed").then_some(all)
    })
    .await;
    let of = |direction: &str| all.iter().find(|one| one["direction"] == direction).unwrap();
    let (left, back) = (of("inbound"), of("outbound"));
    assert_eq!(all.len(), 2, "{all:#?}");
    assert_eq!((&left["end_reason"], &left["entry_point"]), (&json!("voicemail"), &json!("after-hours")));
    assert_eq!((&back["agent"], &back["queue"]), (&json!("bob"), &json!("general")));
    assert_eq!((&back["end_reason"], &back["disposition"]), (&json!("agent_ended"), &json!("resolved")));
    assert_eq!((&left["customer"], &left["case"]), (&back["customer"], &back["case"]));
    let story = |one: &serde_json::Value| {
        let id = one["id"].as_str().unwrap().to_owned();
        let centre = &centre;
        async move { centre.cli(&["interactions", "show", &id]).await.unwrap()["events"].to_string() }
    };
    assert!(story(left).await.contains("message"), "{}", story(left).await);
    assert!(story(back).await.contains("parked by"), "{}", story(back).await);
    let trunks = centre.cli(&["trunks"]).await.unwrap();
    assert_eq!(
        (&trunks[0]["trunk"], &trunks[0]["up"], &trunks[0]["calls"]),
        (&json!("outside"), &json!(true), &json!(0))
    );
}
