//! Agents and supervisors control live calls on their pages, and hear the recording (`crates/gateway/web/e2e`): what stands in
//! the history afterwards.

use std::{fmt::Write as _, net::UdpSocket};

use e2e::{
    phones,
    support::{browsers, interactions},
};
use testkit::Centre;

/// Calls to +1 go to a phone of the test; calls for billing are recorded, which apart needs a key.
fn voice(trunk: u16, key_file: &str) -> String {
    let mut table = format!(
        "dial_allowed = [\"+1\"]\n[[ingress_voice.trunks]]\nname = \"outside\"\naddress = \"127.0.0.1:{trunk}\"\ncaller_ids = [\"+15550100\"]\n\
         [ingress_voice.recording]\nrules = [{{ queue = \"billing\" }}]\n"
    );
    if std::env::var_os("SWITCHBOARD_TOPOLOGY").is_some_and(|topology| topology == "apart") {
        let _ = writeln!(table, "key_file = \"{key_file}\"\nfolder = \"{key_file}.recordings\"");
    }
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_and_supervisors_control_live_calls_on_their_pages() {
    let trunk = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let keys = testkit::scratch_dir().unwrap();
    let key_file = keys.path().join("recording.key");
    std::fs::write(&key_file, "5a".repeat(32)).unwrap();
    let centre = Centre::start_with(&voice(trunk, key_file.to_str().unwrap())).await;

    let (sip, trunk) = (centre.sip.to_string(), trunk.to_string());
    browsers(&centre, "call_controls", &[&sip, phones::python(), &trunk]).await;

    let calls = interactions(&centre).await;
    let inbound = calls.iter().find(|call| call["direction"] == "inbound").unwrap();
    assert_eq!(
        (&inbound["agent"], &inbound["end_reason"]),
        (&"bob".into(), &"transferred".into()),
        "{inbound:#}"
    );
    let outbound = calls.iter().find(|call| call["direction"] == "outbound").unwrap();
    assert_eq!(
        (&outbound["agent"], &outbound["end_reason"]),
        (&"ann".into(), &"agent_ended".into()),
        "{outbound:#}"
    );
    let shown = centre.cli(&["interactions", "show", inbound["id"].as_str().unwrap()]).await.unwrap();
    let timeline = shown["events"].to_string();
    for told in ["Sue", "Bob"] {
        assert!(timeline.contains(told) || timeline.contains(&told.to_lowercase()), "{told} in {timeline}");
    }
}
