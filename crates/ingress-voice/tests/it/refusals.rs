//! Calls that never begin, and what their callers are told.

use contract::Event;

use crate::{
    centre::Centre,
    raw::{Raw, SDP},
};

fn code(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_answered_says_why_and_leaves_no_record() {
    let centre = Centre::start().await;
    let mut raw = Raw::new(&centre.sip);

    let cases = [
        (raw.invite("+15550999", SDP), "404", ""),
        (raw.invite("nobody", SDP), "404", ""),
        (
            raw.invite("+15550101", "hello"),
            "488",
            "Warning: 399 switchboard \"the session description's line 1",
        ),
        (raw.invite("+15550101", &SDP.replace(" 0 101", " 9")), "488", "no common codec"),
        (raw.request("INVITE", "+15550101", "Content-Type: text/plain\r\n", "hello"), "415", ""),
        (raw.request("INVITE", "+15550101", "Require: unheard-of\r\n", ""), "420", "Unsupported: unheard-of"),
        (raw.invite("+15550101", SDP).replace("Max-Forwards: 70", "Max-Forwards: 0"), "483", ""),
        (raw.request("SUBSCRIBE", "ann", "", ""), "405", "Allow: INVITE"),
        (raw.request("BYE", "ann", "", "").replace("To: <sip:ann", "To: <sip:ann;tag=gone"), "481", ""),
        (raw.request("OPTIONS", "ping", "", ""), "200", "Accept: application/sdp"),
    ];
    for (request, wanted, text) in cases {
        let answer = raw.ask(&request);
        assert_eq!(code(&answer), wanted, "{request}\n{answer}");
        assert!(answer.contains(text), "{text:?} is not in\n{answer}");
    }

    assert!(centre.names().is_empty(), "{:?}", centre.names());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_beyond_the_limit_is_told_to_come_back() {
    let centre = Centre::start_with(&[("max_calls", 1.into())]).await;
    let mut raw = Raw::new(&centre.sip);
    let first = raw.invite("+15550101", SDP);
    assert_eq!(code(&raw.ask(&first)), "200");

    let mut other = Raw::new(&centre.sip);
    let second = other.invite("+15550101", SDP);
    let answer = other.ask(&second);

    assert_eq!(code(&answer), "503");
    assert!(answer.contains("Retry-After: 5"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_flow_ends_in_a_record_of_failure() {
    let centre = Centre::start().await;
    let mut raw = Raw::new(&centre.sip);
    let invite = raw.invite("+15550102", SDP);

    assert_eq!(code(&raw.ask(&invite)), "480");

    assert_eq!(centre.end().await, ("failed".to_owned(), "system".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_before_the_answer_is_recorded_as_left_in_the_flow() {
    let centre = Centre::start().await;
    let mut raw = Raw::new(&centre.sip);
    let invite = raw.invite("+15550103", SDP);
    raw.send(invite.as_bytes());
    centre.fact(|event| matches!(event, Event::InteractionStarted(_)).then_some(())).await;
    let (head, _) = invite.split_once("\r\n\r\n").unwrap();
    let cancel = head
        .replace("INVITE", "CANCEL")
        .replace(&format!("Content-Length: {}", SDP.len()), "Content-Length: 0");

    let answer = raw.ask(&format!("{cancel}\r\n\r\n"));
    let other = raw.answer_but(|message| message.starts_with("SIP/2.0 1") || message == answer);

    let mut codes = [code(&answer).to_owned(), code(&other).to_owned()];
    codes.sort();
    assert_eq!(codes, ["200", "487"]);
    assert_eq!(centre.end().await, ("left_in_flow".to_owned(), "customer".to_owned()));
}
