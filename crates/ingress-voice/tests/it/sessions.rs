//! Session timers (RFC 4028), by hand.

use std::time::Instant;

use contract::Event;

use crate::{
    centre::Centre,
    raw::{Raw, SDP},
};

fn invite(raw: &mut Raw, more: &str) -> String {
    let more = format!("Content-Type: application/sdp\r\nSupported: timer\r\n{more}");
    raw.request("INVITE", "+15550101", &more, SDP)
}

fn line<'a>(message: &'a str, name: &str) -> &'a str {
    let of_it = |line: &&str| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase()));
    message.lines().find(of_it).and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
}

/// Begins a call with a timer; the request, its 200 and since when.
fn begun(raw: &mut Raw, expires: &str) -> (String, String, Instant) {
    let request = invite(raw, &format!("Session-Expires: {expires}\r\n"));
    let answer = raw.ask(&request);
    assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
    let ack = request
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| !["Content-", "Session-", "Supported"].iter().any(|start| line.starts_with(start)))
        .map(|text| match text {
            to if to.starts_with("To:") => format!("To: {}\r\n", line(&answer, "To")),
            other => format!(
                "{}\r\n",
                other.replace("INVITE", "ACK").replace("branch=z9hG4bK", "branch=z9hG4bKack")
            ),
        })
        .collect::<String>();
    raw.send(format!("{ack}Content-Length: 0\r\n\r\n").as_bytes());
    (request, answer, Instant::now())
}

async fn brief() -> Centre {
    Centre::start_with(&[("session_minimum", "2s".into())]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn too_brief_a_session_is_refused_with_our_minimum() {
    let centre = Centre::start().await;
    let mut raw = Raw::new(&centre.sip);

    let request = invite(&mut raw, "Session-Expires: 30\r\n");
    let answer = raw.ask(&request);

    assert!(answer.starts_with("SIP/2.0 422"), "{answer}");
    assert_eq!(line(&answer, "Min-SE"), "90");
}

#[tokio::test(flavor = "multi_thread")]
async fn v14_a_caller_who_promised_signs_of_life_and_gives_none_is_hung_up_on() {
    let centre = brief().await;
    let mut raw = Raw::new(&centre.sip);

    let (_, answer, since) = begun(&mut raw, "3;refresher=uac");
    assert_eq!((line(&answer, "Session-Expires"), line(&answer, "Require")), ("3;refresher=uac", "timer"));
    let next = raw.answer_but(|message| message.starts_with("SIP/2.0"));

    assert!(next.starts_with("BYE "), "{next}");
    assert!((1_500..3_000).contains(&since.elapsed().as_millis()), "{:?}", since.elapsed());
    assert_eq!(centre.end().await.0, "media_timeout");
}

#[tokio::test(flavor = "multi_thread")]
async fn we_give_the_signs_of_life_that_we_promised() {
    let centre = brief().await;
    let mut raw = Raw::new(&centre.sip);

    let (_, answer, _) = begun(&mut raw, "3;refresher=uas");
    assert_eq!(line(&answer, "Session-Expires"), "3;refresher=uas");
    let next = raw.answer_but(|message| message.starts_with("SIP/2.0"));

    assert!(next.starts_with("UPDATE "), "{next}");
    assert_eq!(line(&next, "Session-Expires"), "3;refresher=uac");
    let ended = |event: &Event| matches!(event, Event::InteractionEnded(_));
    assert!(!centre.facts.lock().unwrap().iter().any(|envelope| ended(&envelope.event)));
}
