use proptest::prelude::*;

use super::*;

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 9 8 0 96 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:96 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n";

fn local() -> Local {
    Local { address: "198.51.100.7:20000".parse().unwrap(), session: 5, version: 1 }
}

#[test]
fn an_offer_is_answered_with_its_own_first_law_and_the_events_of_that_clock() {
    let offer = Description::parse(OFFER.as_bytes()).unwrap();

    let answer = offer.answer(&local(), offer.law(None));

    assert_eq!(offer.remote, "192.0.2.1:4000".parse().unwrap());
    assert_eq!(offer.laws, [Law::A, Law::Mu]);
    assert!(answer.contains("m=audio 20000 RTP/AVP 8 101\r\n"), "{answer}");
    assert!(answer.contains("a=rtpmap:101 telephone-event/8000\r\n"));
    assert!(answer.contains("a=sendrecv\r\n"));
}

#[test]
fn our_offer_reads_back() {
    let parsed =
        Description::parse(offer(&local(), &[Law::Mu, Law::A], Direction::SendReceive).as_bytes()).unwrap();

    assert_eq!(parsed.remote, local().address);
    assert_eq!(parsed.laws, [Law::Mu, Law::A]);
    assert_eq!(parsed.events, Some(101));
}

#[test]
fn a_video_line_is_refused_in_its_place() {
    let text = format!("{OFFER}m=video 4002 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n");

    let answer = Description::parse(text.as_bytes()).unwrap().answer(&local(), Law::Mu);

    assert!(answer.ends_with("m=video 0 RTP/AVP 97\r\n"), "{answer}");
}

#[test]
fn hold_is_understood_in_both_its_forms() {
    let new = Description::parse(format!("{OFFER}a=sendonly\r\n").as_bytes()).unwrap();
    let old = Description::parse(OFFER.replace("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0").as_bytes()).unwrap();

    assert_eq!((new.direction, old.direction), (Direction::SendOnly, Direction::SendOnly));
    assert!(new.answer(&local(), Law::Mu).contains("a=recvonly\r\n"));
}

#[test]
fn what_cannot_be_answered_says_why() {
    let parse = |text: &str| Description::parse(text.as_bytes()).unwrap_err();

    assert_eq!(parse("hello"), SdpError::Line { line: 1, reason: "must be v=0" });
    assert_eq!(parse("v=0\r\nm=audio x RTP/AVP 0"), SdpError::Line { line: 2, reason: "is no media line" });
    assert_eq!(parse("v=0\r\nc=IN IP4 host.example"), SdpError::Line { line: 2, reason: "is no IP address" });
    assert_eq!(parse("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 9"), SdpError::NoCommonCodec);
    assert_eq!(parse("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/SAVP 0"), SdpError::NoAudio);
    assert_eq!(Description::parse(&[0xff; 20]), Err(SdpError::Unreadable));
    assert_eq!(Description::parse(&vec![b'a'; 20_000]), Err(SdpError::Unreadable));
}

#[test]
fn a_static_payload_type_with_another_name_is_not_g711() {
    let text = OFFER.replace("a=rtpmap:8 PCMA/8000", "a=rtpmap:8 OPUS/48000");

    assert_eq!(Description::parse(text.as_bytes()).unwrap().laws, [Law::Mu]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(v=0\r\n)?([a-z]=[ -~]{0,40}\r\n){0,12}") {
        if let Ok(description) = Description::parse(text.as_bytes()) {
            let _ = description.answer(&local(), description.law(None));
        }
    }

    #[test]
    fn a_mutated_offer_is_read_or_refused(place in 0usize..300, byte in any::<u8>(), cut in 0usize..400) {
        let mut bytes = OFFER.as_bytes().to_vec();
        let place = place % bytes.len();
        bytes[place] = byte;
        bytes.truncate(cut.max(1));
        if let Ok(description) = Description::parse(&bytes) {
            let _ = description.answer(&local(), description.law(Some(Law::Mu)));
        }
    }
}
