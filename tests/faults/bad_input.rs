//! What nobody should send. It is answered with a reason, or not at all, and a chat beside it does not notice.

use std::{io::Write as _, net::UdpSocket, time::Duration};

use contract::router::v1::{GetAgentRequest, WorkState, router_service_client::RouterServiceClient};
use e2e::support::{Agent, Visitor, eventually};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::json;
use testkit::Centre;
use tokio_tungstenite::{connect_async, tungstenite::Message};
use tonic::{Code, Request, metadata::MetadataValue};
use tonic_types::StatusExt as _;

/// Repeatable noise (xorshift), so that a failure comes back.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

fn invite(sdp: &str) -> String {
    format!(
        "INVITE sip:+15550100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{}\r\nMax-Forwards: 70\r\n\
         From: <sip:x@127.0.0.1>;tag=a\r\nTo: <sip:+15550100@127.0.0.1>\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:x@127.0.0.1:9>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4(),
        sdp.len(),
    )
}

/// Sends noise and half-right messages to the SIP port.
fn disturb_sip(centre: &Centre) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for seed in 0..200 {
        let _ = socket.send_to(&noise(seed, 20 + seed as usize * 7), centre.sip);
    }
    let right = invite("v=0\r\n");
    for cut in (0..right.len()).step_by(17) {
        let _ = socket.send_to(&right.as_bytes()[..cut], centre.sip);
    }
    for sdp in [
        "",
        "v=0\r\n",
        "garbage",
        "v=0\r\nm=audio 99999999 RTP/AVP 0\r\n",
        "v=0\r\nm=video 4000 RTP/AVP 96\r\n",
    ] {
        let _ = socket.send_to(invite(sdp).as_bytes(), centre.sip);
    }
    if let Ok(mut stream) = std::net::TcpStream::connect(centre.sip) {
        let _ = stream.write_all(&noise(7, 100_000));
    }
}

/// Sends a first frame on a fresh chat line and gives what comes back before it is closed, if anything.
async fn first_answer(http_url: &str, frame: Message) -> String {
    let url = format!("{}/chat/v1/connect", http_url.replacen("http", "ws", 1));
    let (mut socket, _) = connect_async(url).await.expect("a line");
    let _ = socket.send(frame).await;
    match tokio::time::timeout(Duration::from_secs(5), socket.next()).await {
        Ok(Some(Ok(Message::Text(text)))) => text.to_string(),
        _ => String::new(),
    }
}

#[tokio::test]
async fn nonsense_is_refused_and_a_chat_beside_it_does_not_notice() {
    let centre = Centre::start().await;
    let ann = Agent::sign_in(&centre.http_url, "ann").await.unwrap();
    ann.available().await.unwrap();
    let mut visitor = Visitor::arrive(&centre.http_url).await.unwrap();
    visitor.choose("2").await.unwrap();
    ann.accept().await.unwrap();
    visitor.state("with_agent").await.unwrap();

    disturb_sip(&centre);
    let hello =
        |entry_point: &str| Message::text(json!({ "type": "hello", "entry_point": entry_point }).to_string());
    let nowhere = first_answer(&centre.http_url, hello("no-such-door")).await;
    assert!(nowhere.contains("\"error\""), "{nowhere}");
    let no_json = first_answer(&centre.http_url, Message::text("{{{")).await;
    assert!(no_json.contains("\"error\""), "{no_json}");
    first_answer(&centre.http_url, Message::binary(noise(3, 10_000))).await;
    first_answer(&centre.http_url, Message::text("x".repeat(4 << 20))).await;

    visitor.say("all is well here").await.unwrap();
    ann.say(&visitor.interaction, "here too").await.unwrap();
    visitor.hear("here too").await.unwrap();
    let mut impatient = Visitor::arrive(&centre.http_url).await.unwrap();
    impatient.choose("2").await.unwrap();
    let offered = ann.work(WorkState::Offered).await;
    impatient.end().await.unwrap();
    eventually("the offer is withdrawn", Duration::from_secs(5), async || {
        let still = ann.view().await.ok()?.work.iter().any(|work| work.offer_id == offered.offer_id);
        (!still).then_some(())
    })
    .await;
    let gone = ann.accept_offer(&offered.offer_id).await.unwrap_err();
    let gone = gone.downcast_ref::<tonic::Status>().unwrap();
    assert_eq!(gone.code(), Code::FailedPrecondition);
    assert_eq!(gone.get_details_error_info().unwrap().reason, "OFFER_GONE");
    ann.work(WorkState::Connected).await;
    eventually("the centre is ready", Duration::from_secs(5), async || {
        (centre.cli(&["status"]).await.ok()?["ready"] == true).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nobody_acts_without_a_good_token_or_outside_their_role() {
    let centre = Centre::start().await;
    let mut router = RouterServiceClient::connect(centre.http_url.clone()).await.unwrap();
    let ask = || Request::new(GetAgentRequest { agent_id: "ann".to_owned() });

    let anonymous = router.get_agent(ask()).await.unwrap_err();
    let mut forged = ask();
    forged.metadata_mut().insert("authorization", MetadataValue::from_static("Bearer aaaa.bbbb.cccc"));
    let forged = router.get_agent(forged).await.unwrap_err();

    assert_eq!(anonymous.code(), Code::Unauthenticated);
    assert_eq!(forged.code(), Code::Unauthenticated);
    for (login, command) in [
        ("ann:wrong", vec!["queues"]),
        ("nobody:demo", vec!["queues"]),
        ("ann:demo", vec!["agents", "status", "bob", "available"]),
        ("ann:demo", vec!["dlq", "list"]),
        ("sue:demo", vec!["dlq", "list"]),
    ] {
        let mut arguments = vec!["--login", login];
        arguments.extend(&command);
        let refused = centre.cli(&arguments).await;
        assert!(refused.is_err(), "{login} may {command:?}");
    }
    assert_eq!(centre.cli(&["dlq", "list"]).await.unwrap(), json!([]));
}
