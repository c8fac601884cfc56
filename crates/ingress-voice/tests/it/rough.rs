//! Garbage, dead processes and stops.

use std::time::Duration;

use contract::interaction::v1::{Channel, InteractionStarted};
use serde_json::json;

use crate::{
    centre::Centre,
    phone::Phone,
    raw::{Raw, SDP},
};

/// Deterministic noise (xorshift64*).
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

fn mutate(noise: &mut Noise, seed: &str) -> Vec<u8> {
    let mut bytes = seed.as_bytes().to_vec();
    for _ in 0..=noise.below(8) {
        let place = noise.below(bytes.len());
        match noise.below(6) {
            0 => bytes[place] = noise.next() as u8,
            1 => bytes.truncate(place.max(1)),
            2 => {
                let end = (place + noise.below(40)).min(bytes.len());
                bytes.drain(place..end);
            }
            3 => {
                let end = (place + noise.below(200)).min(bytes.len());
                let copied = bytes[place..end].to_vec();
                bytes.splice(place..place, copied);
            }
            4 => {
                let word: &[u8] =
                    [b"\r\n".as_slice(), b"\0", b"\"", b"<", b"99999999999999999999", b";;=", b"%00"]
                        [noise.below(7)];
                bytes.splice(place..place, word.iter().copied());
            }
            _ => bytes[place] ^= 1 << noise.below(8),
        }
        if bytes.is_empty() {
            bytes.push(b'x');
        }
    }
    bytes
}

/// How many are sent; `VOICE_MUTATED` says another number.
fn rounds() -> u64 {
    let asked = std::env::var_os("VOICE_MUTATED").and_then(|text| text.to_str()?.parse().ok());
    asked.unwrap_or(21_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn mutated_datagrams_disturb_nobody() {
    let centre = Centre::start().await;
    let mut raw = Raw::new(&centre.sip);
    let mut noise = Noise(0x5eed);
    let register = "Authorization: Digest username=\"ann\", realm=\"switchboard\", nonce=\"1.2\", uri=\"sip:x\", \
        response=\"0\", qop=auth, nc=00000001, cnonce=\"a\"\r\nExpires: 60\r\n";
    let answer = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
        To: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

    let rounds = rounds();
    for round in 0..rounds {
        let seed = match round % 5 {
            0 => raw.invite("+15550999", SDP),
            1 => raw.invite("+15550101", &String::from_utf8_lossy(&mutate(&mut noise, SDP))),
            2 => raw.request("REGISTER", "ann", register, ""),
            3 => raw.request("OPTIONS", "ping", "", ""),
            _ => answer.to_owned(),
        };
        raw.send(&mutate(&mut noise, &seed));
        if round % 200 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    let flooded = std::time::Instant::now();
    let mut other = Raw::new(&centre.sip);
    let ping = other.request("OPTIONS", "ping", "", "");
    while !other.try_ask(&ping).is_some_and(|answer| answer.starts_with("SIP/2.0 200")) {
        assert!(flooded.elapsed() < Duration::from_mins(1), "no answer a minute after the flood of {rounds}");
    }
    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    assert!(caller.listen(&[]).0 > 100, "music is heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_an_earlier_life_of_the_process_are_closed() {
    let centre = Centre::start().await;
    let started = InteractionStarted {
        channel: Channel::Voice.into(),
        instance: "voice-0@an-earlier-life".to_owned(),
        ..InteractionStarted::default()
    };

    centre.publish("0190-dead", started).await;

    assert_eq!(centre.end().await, ("process_died".to_owned(), "system".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_another_instance_are_closed_once_it_gives_no_sign_of_life() {
    let centre = Centre::start().await;
    let started = InteractionStarted {
        channel: Channel::Voice.into(),
        instance: "voice-7@its-life".to_owned(),
        ..InteractionStarted::default()
    };

    centre.publish("0190-lost", started).await;

    assert_eq!(centre.end().await, ("process_died".to_owned(), "system".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_a_dead_process_are_closed_however_many_others_hold() {
    let centre = Centre::start().await;
    let beat = tokio::spawn({
        let jetstream = centre.bus.jetstream().clone();
        async move {
            let store = jetstream.get_key_value(contract::subject::INSTANCES).await.unwrap();
            loop {
                store.put("voice.voice-7", "its-life".into()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    });
    let started = |instance: &str| InteractionStarted {
        channel: Channel::Voice.into(),
        instance: instance.to_owned(),
        ..InteractionStarted::default()
    };

    for call in 0..1_100 {
        centre.publish(&format!("0190-alive-{call}"), started("voice-7@its-life")).await;
    }
    centre.publish("0190-lost", started("voice-8@its-life")).await;

    assert_eq!(centre.end().await, ("process_died".to_owned(), "system".to_owned()));
    let ended =
        centre.fact(|event| matches!(event, contract::Event::InteractionEnded(_)).then_some(())).await;
    assert_eq!(ended.0, "0190-lost");
    beat.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_process_takes_no_call_and_lets_those_it_has_go_on() {
    let mut centre = Centre::start_with(&[("drain_limit", "3s".into())]).await;
    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    let sip = centre.sip.clone();

    let stopping = tokio::spawn(async move {
        centre.stop().await;
        centre
    });
    tokio::time::sleep(Duration::from_millis(700)).await;
    let mut raw = Raw::new(&sip);
    let invite = raw.invite("+15550101", SDP);
    assert!(raw.ask(&invite).starts_with("SIP/2.0 503"));
    assert!(caller.listen(&[]).0 > 100, "the call goes on");

    let centre = stopping.await.unwrap();
    caller.expect("ended");
    assert_eq!(centre.end().await.0, "failed");
}
