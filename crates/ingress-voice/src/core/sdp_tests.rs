use proptest::prelude::*;

use super::*;
use crate::core::srtp::Srtp;

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 9 8 0 96 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:96 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n";

const KEY: &str = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const PLAIN: Terms = Terms { srtp: Srtp::Off, tls: false, keys_in_clear: false };
const SECURE: Terms = Terms { srtp: Srtp::Optional, tls: true, keys_in_clear: false };
const STRICT: Terms = Terms { srtp: Srtp::Required, tls: true, keys_in_clear: false };

fn local() -> Local {
    Local { address: "198.51.100.7:20000".parse().unwrap(), session: 5, version: 1 }
}

#[test]
fn an_offer_is_answered_with_its_own_first_law_and_the_events_of_that_clock() {
    let offer = Description::parse(OFFER.as_bytes(), PLAIN).unwrap();

    let answer = offer.answer(&local(), offer.law(None), None);

    assert_eq!(offer.remote, "192.0.2.1:4000".parse().unwrap());
    assert_eq!(offer.laws, [Law::A, Law::Mu]);
    assert!(answer.contains("m=audio 20000 RTP/AVP 8 101\r\n"), "{answer}");
    assert!(answer.contains("a=rtpmap:101 telephone-event/8000\r\n"));
    assert!(answer.contains("a=sendrecv\r\n"));
}

#[test]
fn our_offer_reads_back() {
    let parsed = Description::parse(
        offer(&local(), &[Law::Mu, Law::A], Direction::SendReceive, &[]).as_bytes(),
        PLAIN,
    )
    .unwrap();

    assert_eq!(parsed.remote, local().address);
    assert_eq!(parsed.laws, [Law::Mu, Law::A]);
    assert_eq!(parsed.events, Some(101));
}

#[test]
fn comfort_noise_is_agreed_where_both_understand_it() {
    let with = OFFER.replace("96 101", "13 96 101");
    let renamed = format!("{with}a=rtpmap:13 X/16000\r\n");
    let answer =
        |text: &str| Description::parse(text.as_bytes(), PLAIN).unwrap().answer(&local(), Law::Mu, None);

    assert!(answer(&with).contains("RTP/AVP 0 13 101\r\n") && answer(&with).contains("a=rtpmap:13 CN/8000"));
    assert!(!answer(OFFER).contains(" 13") && !answer(&renamed).contains(" 13"));
    let ours = offer(&local(), &[Law::Mu], Direction::SendReceive, &[]);
    assert!(Description::parse(ours.as_bytes(), PLAIN).unwrap().noise, "{ours}");
}

#[test]
fn a_video_line_is_refused_in_its_place() {
    let text = format!("{OFFER}m=video 4002 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n");

    let answer = Description::parse(text.as_bytes(), PLAIN).unwrap().answer(&local(), Law::Mu, None);

    assert!(answer.ends_with("m=video 0 RTP/AVP 97\r\n"), "{answer}");
}

#[test]
fn hold_is_understood_in_both_its_forms() {
    let new = Description::parse(format!("{OFFER}a=sendonly\r\n").as_bytes(), PLAIN).unwrap();
    let old = Description::parse(OFFER.replace("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0").as_bytes(), PLAIN)
        .unwrap();

    assert_eq!((new.direction, old.direction), (Direction::SendOnly, Direction::SendOnly));
    assert!(new.answer(&local(), Law::Mu, None).contains("a=recvonly\r\n"));
}

#[test]
fn what_cannot_be_answered_says_why() {
    let parse = |text: &str| Description::parse(text.as_bytes(), PLAIN).unwrap_err();

    assert_eq!(parse("hello"), SdpError::Line { line: 1, reason: "must be v=0" });
    assert_eq!(parse("v=0\r\nm=audio x RTP/AVP 0"), SdpError::Line { line: 2, reason: "is no media line" });
    assert_eq!(parse("v=0\r\nc=IN IP4 host.example"), SdpError::Line { line: 2, reason: "is no IP address" });
    assert_eq!(parse("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 9"), SdpError::NoCommonCodec);
    assert_eq!(parse("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/SAVP 0"), SdpError::SecureRefused);
    assert_eq!(parse("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 UDP/TLS/RTP/SAVPF 0"), SdpError::NoAudio);
    assert_eq!(Description::parse(&[0xff; 20], PLAIN), Err(SdpError::Unreadable));
    assert_eq!(Description::parse(&vec![b'a'; 20_000], PLAIN), Err(SdpError::Unreadable));
}

fn secure(lines: &str) -> String {
    format!("{}{lines}", OFFER.replace("RTP/AVP", "RTP/SAVP"))
}

#[test]
fn an_encrypted_offer_is_answered_with_the_tag_of_the_line_that_was_taken_and_our_key() {
    let text = secure(&format!(
        "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:AAAA\r\na=crypto:7 AES_CM_128_HMAC_SHA1_32 {KEY}\r\n"
    ));
    let offer = Description::parse(text.as_bytes(), SECURE).unwrap();
    let theirs = offer.cryptos[0];
    let ours = Crypto { key: media::srtp::MasterKey([0; 30]), ..theirs };

    let answer = offer.answer(&local(), Law::A, Some(ours));

    assert_eq!((theirs.tag, theirs.suite), (7, media::srtp::Suite::Tag32));
    assert!(answer.contains("m=audio 20000 RTP/SAVP 8 101\r\n"), "{answer}");
    let zeroes = "A".repeat(40);
    assert!(answer.contains(&format!("a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:{zeroes}\r\n")), "{answer}");
}

#[test]
fn our_encrypted_offer_reads_back() {
    let cryptos = [Crypto::parse(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}")).unwrap()];
    let text = offer(&local(), &[Law::Mu], Direction::SendReceive, &cryptos);

    let parsed = Description::parse(text.as_bytes(), STRICT).unwrap();

    assert!(text.contains("m=audio 20000 RTP/SAVP 0 13 101\r\n"), "{text}");
    assert_eq!(parsed.cryptos, cryptos);
}

#[test]
fn what_the_terms_do_not_allow_is_refused_and_the_next_line_is_looked_at() {
    let parse = |text: &str, terms| Description::parse(text.as_bytes(), terms);
    let key = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n");

    assert_eq!(parse(&secure(&key), PLAIN), Err(SdpError::SecureRefused));
    assert_eq!(parse(&secure(""), SECURE), Err(SdpError::NoCommonCrypto));
    assert_eq!(parse(OFFER, STRICT), Err(SdpError::PlainRefused));
    assert!(parse(&secure(&key), STRICT).is_ok());
    let both = format!("{}m=audio 4100 RTP/AVP 0\r\n", secure(&key));
    assert_eq!(parse(&both, PLAIN).unwrap().remote.port(), 4100);
    assert_eq!(parse(&both, SECURE).unwrap().remote.port(), 4000);
    assert!(
        parse(&both, PLAIN).unwrap().answer(&local(), Law::Mu, None).contains("m=audio 0 RTP/SAVP 9 8 0")
    );
}

#[test]
fn keys_on_a_plain_line_are_taken_where_they_may_be() {
    let text = format!("{OFFER}a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n");
    let parse = |terms| Description::parse(text.as_bytes(), terms).unwrap();

    assert_eq!(parse(SECURE).cryptos.len(), 1);
    assert_eq!(parse(STRICT).cryptos.len(), 1);
    assert!(parse(PLAIN).cryptos.is_empty());
    assert!(parse(SECURE).answer(&local(), Law::A, None).contains("RTP/AVP 8 101\r\n"));
}

#[test]
fn a_static_payload_type_with_another_name_is_not_g711() {
    let text = OFFER.replace("a=rtpmap:8 PCMA/8000", "a=rtpmap:8 OPUS/48000");

    assert_eq!(Description::parse(text.as_bytes(), PLAIN).unwrap().laws, [Law::Mu]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(v=0\r\n)?([a-z]=[ -~]{0,40}\r\n){0,12}") {
        if let Ok(description) = Description::parse(text.as_bytes(), SECURE) {
            let _ = description.answer(&local(), description.law(None), None);
        }
    }

    #[test]
    fn a_mutated_offer_is_read_or_refused(place in 0usize..300, byte in any::<u8>(), cut in 0usize..400) {
        let mut bytes = OFFER.as_bytes().to_vec();
        let place = place % bytes.len();
        bytes[place] = byte;
        bytes.truncate(cut.max(1));
        if let Ok(description) = Description::parse(&bytes, SECURE) {
            let _ = description.answer(&local(), description.law(Some(Law::Mu)), None);
        }
    }
}
