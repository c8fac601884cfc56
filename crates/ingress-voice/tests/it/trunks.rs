//! Outgoing calls over trunks, and who may call in. The carriers are phones that answer.

use std::{
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use contract::{
    Event,
    directory::v1::Role,
    interaction::v1::{CallTarget, Direction, call_target::Target},
    voice::v1::{DialRequest, TransferRequest, voice_service_client::VoiceServiceClient},
};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::{
    calls::talking,
    centre::{Centre, free_port},
    control::hears_ringing,
    phone::Phone,
    registrations::request,
};

pub const NUMBER: &str = "+442079460018";

pub fn carrier() -> (Phone, u16) {
    let port = free_port();
    (Phone::start(json!({"server": "127.0.0.1:5060", "user": "carrier", "port": port})), port)
}

pub fn trunk(name: &str, port: u16, priority: u16) -> Value {
    json!({
        "name": name, "address": format!("127.0.0.1:{port}"), "priority": priority,
        "caller_ids": ["+442079460000", "+442079460001"], "ping_every": "0s",
    })
}

pub async fn centre(trunks: Vec<Value>) -> Centre {
    Centre::start_with(&[
        ("trunks", trunks.into()),
        ("dial_allowed", json!(["+44"])),
        ("dial_denied", json!(["+449"])),
        ("trunk_patience", "1s".into()),
    ])
    .await
}

async fn dial(centre: &Centre, number: &str) -> Result<String, Status> {
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let wish = DialRequest {
        number: number.to_owned(),
        queue: "sales".to_owned(),
        caller_id: "+442079460001".to_owned(),
        ..DialRequest::default()
    };
    Ok(api.dial(request(wish, "ann", Role::Agent)).await?.into_inner().interaction_id)
}

/// Ann wants to call out, the router offers her the call, she picks up.
pub async fn dialling(centre: &Centre) -> (Phone, String) {
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let interaction = dial(centre, NUMBER).await.unwrap();
    let (queued, _) = centre.queued().await;
    assert_eq!(queued, interaction);
    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    ann.act("answer");
    centre.peers.told("accept o1 ann").await;
    ann.tell(json!({"do": "say", "hertz": 440}));
    (ann, interaction)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_calls_out_over_a_trunk() {
    let (mut carrier, port) = carrier();
    let centre = centre(vec![trunk("one", port, 1)]).await;

    let (mut ann, _) = dialling(&centre).await;
    let incoming = carrier.expect("incoming");
    assert!(incoming["headers"]["P-Asserted-Identity"].as_str().unwrap().contains("+442079460001"));
    assert!(incoming["headers"]["To"].as_str().unwrap().contains(NUMBER));
    assert!(hears_ringing(&mut ann), "the agent hears it ring");
    carrier.act("answer");
    carrier.tell(json!({"do": "say", "hertz": 1000}));

    ann.expect_tone(1000, 440);
    carrier.expect_tone(440, 1000);
    let (_, started) = centre
        .fact(|event| match event {
            Event::InteractionStarted(started) => Some(started.clone()),
            _ => None,
        })
        .await;
    assert_eq!((started.direction(), started.to_address.as_str()), (Direction::Outbound, NUMBER));
    carrier.act("hangup");
    ann.expect("ended");
    assert_eq!(centre.end().await, ("customer_left".to_owned(), "customer".to_owned()));
    assert!(centre.names().contains(&"interaction_connected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_does_not_answer_is_passed_over() {
    let (mut good, port) = carrier();
    let centre = centre(vec![trunk("dead", free_port(), 1), trunk("good", port, 2)]).await;

    let (_ann, _) = dialling(&centre).await;

    good.expect("incoming");
    good.act("answer");
    centre.fact(|event| matches!(event, Event::InteractionConnected(_)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_number_ends_the_call_and_tells_the_agent() {
    let (mut carrier, port) = carrier();
    let centre = centre(vec![trunk("one", port, 1)]).await;
    let (mut ann, _) = dialling(&centre).await;

    carrier.expect("incoming");
    carrier.tell(json!({"do": "decline", "code": 486}));

    ann.expect("ended");
    assert_eq!(centre.end().await.0, "not_reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn v9_numbers_off_the_list_are_not_called() {
    let centre = centre(vec![trunk("one", free_port(), 1)]).await;

    for (number, code) in [
        ("+33123456789", Code::FailedPrecondition),
        ("+449001234567", Code::FailedPrecondition),
        ("020 7946 0018", Code::InvalidArgument),
        ("ann", Code::InvalidArgument),
    ] {
        assert_eq!(dial(&centre, number).await.unwrap_err().code(), code, "{number}");
    }
    assert!(centre.names().is_empty(), "nothing happened");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_given_to_a_number_goes_on_without_the_centre() {
    let (mut carrier, port) = carrier();
    let centre = centre(vec![trunk("one", port, 1)]).await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let transfer = TransferRequest {
        interaction_id: interaction,
        target: Some(CallTarget { target: Some(Target::Number(NUMBER.to_owned())) }),
        ..TransferRequest::default()
    };

    api.transfer(request(transfer, "ann", Role::Agent)).await.unwrap();
    ann.expect("ended");
    carrier.expect("incoming");
    carrier.act("answer");
    carrier.tell(json!({"do": "say", "hertz": 1500}));

    assert_eq!(centre.end().await.0, "transferred");
    caller.expect_tone(1500, 440);
    carrier.expect_tone(1000, 440);
    carrier.act("hangup");
    caller.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused_where_only_trunks_may_call() {
    let closed = |from: Value| async move {
        let mut trunk = trunk("one", free_port(), 1);
        trunk["from"] = from;
        Centre::start_with(&[("trunks", json!([trunk])), ("calls_from_anywhere", false.into())]).await
    };
    let call = |centre: &Centre| {
        let mut caller = Phone::open(&centre.sip, "+15550123", None);
        caller.tell(json!({"do": "call", "to": "+15550101"}));
        caller
    };

    let centre = closed(json!(["203.0.113.0/24"])).await;
    assert_eq!(call(&centre).expect("ended")["code"], 401);
    let centre = closed(json!(["127.0.0.0/8"])).await;
    call(&centre).expect("answered");
}

/// A carrier by hand: it answers every INVITE with these codes at once, and counts them.
fn answering(codes: &'static [u16]) -> (u16, Arc<AtomicUsize>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (port, invites) = (socket.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&invites);
    std::thread::spawn(move || {
        let mut datagram = [0; 4_096];
        while let Ok((length, from)) = socket.recv_from(&mut datagram) {
            let request = String::from_utf8_lossy(&datagram[..length]).into_owned();
            if !request.starts_with("INVITE ") {
                continue;
            }
            count.fetch_add(1, Ordering::SeqCst);
            let kept = |names: &[&str]| -> String {
                let of = |line: &&str| names.iter().any(|name| line.starts_with(name));
                request.lines().filter(of).map(|line| line.to_owned() + "\r\n").collect()
            };
            for code in codes {
                let answer = format!(
                    "SIP/2.0 {code} x\r\n{}{};tag=carrier\r\nContent-Length: 0\r\n\r\n",
                    kept(&["Via:", "From:", "Call-ID:", "CSeq:"]),
                    kept(&["To:"]).trim_end(),
                );
                socket.send_to(answer.as_bytes(), from).unwrap();
            }
        }
    });
    (port, invites)
}

/// Whether the second trunk is asked when the first answers with these codes, all in one moment.
async fn is_passed_on(codes: &'static [u16]) -> bool {
    let (first, firsts) = answering(codes);
    let (second, seconds) = answering(&[100, 486]);
    let centre = centre(vec![trunk("first", first, 1), trunk("second", second, 2)]).await;

    let (_ann, _) = dialling(&centre).await;

    // The call is over, so nobody is called any more.
    assert_eq!(centre.end().await.0, "not_reached");
    assert!(firsts.load(Ordering::SeqCst) >= 1);
    seconds.load(Ordering::SeqCst) > 0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_fails_before_it_rings_is_passed_over() {
    assert!(is_passed_on(&[100, 503]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_rang_is_not_rung_again_over_the_next_trunk() {
    assert!(!is_passed_on(&[100, 180, 503]).await, "ringing");
    assert!(!is_passed_on(&[183, 503]).await, "early media");
    assert!(!is_passed_on(&[100, 180, 500]).await);
}
