//! Provisional answers that are confirmed (RFC 3262), in both directions, and requests that follow a call's new contact.

use std::{net::UdpSocket, time::Duration};

use serde_json::json;

use crate::{
    calls::waiting,
    centre::{Centre, free_port},
    phone::Phone,
    raw::{Raw, SDP, ack_of},
    trunks::{self, dialling, trunk},
};

fn confirmations(centre: &Centre) -> bool {
    centre.metrics().contains("switchboard_voice_sip_requests_total{method=\"prack\"} 1")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_requires_confirmed_answers_is_served() {
    let centre = Centre::start().await;
    let mut caller = Phone::open_with(json!({"server": centre.sip, "user": "+15550123", "reliable": true}));

    caller.tell(json!({"do": "call", "to": "+15550101"}));

    caller.expect("answered");
    assert!(caller.listen(&[]).0 > 100, "music is heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_ringing_is_confirmed_once() {
    let centre = Centre::start().await;
    let fields = json!({"server": centre.sip, "user": "ann", "password": "demo", "reliable": true});
    let mut ann = Phone::open_with(fields);
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));

    ann.tell(json!({"do": "call", "to": "202"}));
    bob.expect("incoming");
    assert_eq!(ann.expect("ringing")["code"], 180);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert!(confirmations(&centre), "{}", centre.metrics());
    bob.act("answer");

    ann.expect("answered");
    bob.expect("answered");
    ann.act("hangup");
    bob.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_wants_its_ringing_confirmed_is_used() {
    let port = free_port();
    let fields = json!({"server": "127.0.0.1:5060", "user": "carrier", "port": port, "reliable": true});
    let mut carrier = Phone::start(fields);
    let centre = trunks::centre(vec![trunk("one", port, 1)]).await;

    let (mut ann, _) = dialling(&centre).await;
    carrier.expect("incoming");
    tokio::time::sleep(Duration::from_millis(700)).await;
    carrier.act("answer");
    carrier.expect("answered");
    carrier.tell(json!({"do": "say", "hertz": 1000}));
    ann.expect_tone(1000, 440);
    carrier.expect_tone(440, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_nothing_waits_for_is_refused_and_the_call_goes_on() {
    let centre = Centre::start().await;
    let mut raw = Raw::new(&centre.sip);
    let invite = raw.invite("+15550101", SDP).replace("Max-Forwards", "Require: 100rel\r\nMax-Forwards");
    let answer = raw.ask(&invite);
    assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
    let ack = ack_of(&invite, &answer);
    raw.send(ack.as_bytes());
    centre.queued().await;

    for rack in ["RAck: 7 1 INVITE\r\n", "RAck: x\r\n", ""] {
        let prack = ack
            .replace("CSeq: 1 ACK", "CSeq: 2 PRACK")
            .replace("ACK sip:", "PRACK sip:")
            .replace("z9hG4bKack", &format!("z9hG4bKprack{}", rack.len()))
            .replace("Max-Forwards", &format!("{rack}Max-Forwards"));
        let answer = raw.ask(&prack);
        assert!(answer.starts_with("SIP/2.0 481"), "{prack}\n{answer}");
    }
    assert!(!centre.names().contains(&"interaction_ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_to_the_contact_that_a_reinvite_names() {
    let mut centre = Centre::start_with(&[("drain_limit", "0s".into())]).await;
    let mut raw = Raw::new(&centre.sip);
    let moved = UdpSocket::bind("127.0.0.1:0").unwrap();
    moved.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
    let invite = raw.invite("+15550101", SDP);
    let answer = raw.ask(&invite);
    raw.send(ack_of(&invite, &answer).as_bytes());
    centre.queued().await;

    let to = answer.lines().find(|line| line.starts_with("To:")).unwrap();
    let again = invite
        .lines()
        .map(|line| if line.starts_with("To:") { to } else { line })
        .collect::<Vec<_>>()
        .join("\r\n")
        .replace("CSeq: 1", "CSeq: 2")
        .replace("z9hG4bK", "z9hG4bKagain")
        .replace(
            &format!("Contact: <sip:raw@{}>", raw.local()),
            &format!("Contact: <sip:raw@{}>", moved.local_addr().unwrap()),
        );
    let answer = raw.ask(&format!("{again}\r\n"));
    assert!(answer.starts_with("SIP/2.0 200"), "{again}\n{answer}");
    raw.send(ack_of(&again, &answer).as_bytes());
    tokio::time::sleep(Duration::from_millis(300)).await;
    centre.stop().await;

    let mut datagram = [0; 4_096];
    let (length, _) = moved.recv_from(&mut datagram).expect("a BYE");
    let bye = String::from_utf8_lossy(&datagram[..length]).into_owned();
    assert!(bye.starts_with(&format!("BYE sip:raw@{}", moved.local_addr().unwrap())), "{bye}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_knows_nothing_of_it_rings_as_ever() {
    let centre = Centre::start().await;
    let (mut caller, interaction) = waiting(&centre).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    ann.act("answer");
    ann.expect("answered");
    caller.act("hangup");
    ann.expect("ended");
}
