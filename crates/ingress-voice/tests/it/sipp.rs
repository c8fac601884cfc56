//! Many calls at once by SIPp, a SIP implementation that shares nothing with the phones of the other tests.

use std::{process::Command, time::Duration};

use contract::Event;

use crate::centre::{Centre, free_port};

/// Runs SIPp's own caller scenario; what it printed.
fn calls(centre: &Centre, transport: &str, number: &str, count: u32) -> std::process::Output {
    Command::new("sipp")
        .args(["-sn", "uac", &centre.sip, "-s", number, "-t", transport])
        .args(["-m", &count.to_string(), "-r", "20", "-d", "300", "-i", "127.0.0.1"])
        .args(["-p", &free_port().to_string(), "-nostdin", "-timeout", "30s"])
        .env("TERM", "dumb")
        .output()
        .expect("sipp (Debian package sip-tester)")
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_calls_over_udp_and_tcp_each_have_one_record() {
    let centre = Centre::start().await;

    for transport in ["u1", "t1"] {
        let output = calls(&centre, transport, "+15550101", 20);
        assert!(output.status.success(), "{transport}: {}", String::from_utf8_lossy(&output.stdout));
    }

    let ended = || centre.names().iter().filter(|name| **name == "interaction_ended").count();
    for _ in 0..1_000 {
        if ended() == 40 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(ended(), 40);
    let facts = centre.facts.lock().unwrap();
    let abandoned = facts.iter().filter(|envelope| match &envelope.event {
        Event::InteractionEnded(ended) => ended.reason().as_str_name() == "END_REASON_ABANDONED",
        _ => false,
    });
    assert_eq!(abandoned.count(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_is_refused_to_sipp_too() {
    let centre = Centre::start().await;

    let output = calls(&centre, "u1", "+15550999", 1);

    assert_eq!(output.status.code(), Some(1), "SIPp counts a failed call");
    assert!(centre.names().is_empty());
}
