//! A call on a desk telephone, with a chat beside it (`crates/gateway/web/e2e`).

use e2e::{
    phones,
    support::{browsers, interactions},
};
use testkit::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_has_a_call_on_the_desk_phone_and_a_chat_beside_it() {
    let centre = Centre::start().await;

    browsers(&centre, "call_on_desk", &[&centre.sip.to_string(), phones::python()]).await;

    let all = interactions(&centre).await;
    let ends =
        |channel: &str| all.iter().find(|one| one["channel"] == channel).map(|one| one["end_reason"].clone());
    assert_eq!(
        (ends("voice"), ends("chat")),
        (Some("agent_ended".into()), Some("agent_ended".into())),
        "{all:#?}"
    );
}
