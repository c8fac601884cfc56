use proptest::prelude::*;

use super::*;
use crate::rtp::{Packet, write_header};

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    }
    out
}

fn master() -> MasterKey {
    MasterKey(bytes("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6"))
}

/// A packet of 20 bytes of payload, in a buffer with room for the tag.
fn packet(ssrc: u32, sequence: u16) -> [u8; HEADER_LEN + 20 + MAX_TAG] {
    let mut buffer = [0xab; HEADER_LEN + 20 + MAX_TAG];
    let (header, _) = buffer.split_first_chunk_mut().unwrap();
    write_header(header, false, 0, sequence, 160, ssrc);
    buffer
}

/// As another implementation would send it: with the index that it is at.
fn sealed(key: &MasterKey, ssrc: u32, index: u64) -> Vec<u8> {
    let mut sealer = Sealer::new(Suite::Tag80, key);
    sealer.index = Some(index);
    let mut buffer = packet(ssrc, 0);
    let length = sealer.seal(&mut buffer, HEADER_LEN + 20).unwrap();
    buffer[..length].to_vec()
}

#[test]
fn keys_are_derived_as_in_appendix_b3() {
    let keys = Keys::derive(&master());

    assert_eq!(keys.salt, bytes("30cbbc08863d8c85d49db34a9ae1"));
    let mut stream = [0; 16];
    let mut expected = [0; 16];
    counter_mode(&keys.cipher, [0; 16], &mut stream);
    counter_mode(&cipher(&bytes::<16>("c61e7a93744f39ee10734afe3ff7a087")), [0; 16], &mut expected);
    assert_eq!(stream, expected);
}

#[test]
fn the_key_stream_is_that_of_appendix_b2() {
    let cipher = cipher(&bytes::<16>("2b7e151628aed2a6abf7158809cf4f3c"));
    let mut stream = [0; 48];

    counter_mode(&cipher, bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"), &mut stream);

    assert_eq!(
        stream,
        bytes(
            "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0"
        )
    );
}

#[test]
fn a_packet_is_protected_as_libsrtp_does() {
    let plain: [u8; 28] = bytes("800f1234decafbadcafebabeabababababababababababababababab");
    let protected: [u8; 38] =
        bytes("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb");
    let mut buffer = [0; 38];
    buffer[..28].copy_from_slice(&plain);

    let length = Sealer::new(Suite::Tag80, &master()).seal(&mut buffer, 28);

    assert_eq!((length, buffer), (Some(38), protected));
    assert_eq!(Opener::new(Suite::Tag80, &master()).open(&mut buffer), Ok(28));
    assert_eq!(buffer[..28], plain);
}

#[test]
fn what_is_sealed_opens_once_and_only_with_its_key() {
    for suite in [Suite::Tag80, Suite::Tag32] {
        let mut buffer = packet(7, 100);
        let length = Sealer::new(suite, &master()).seal(&mut buffer, HEADER_LEN + 20).unwrap();
        let mut opener = Opener::new(suite, &master());
        let (mut once, mut again) = (buffer, buffer);
        let mut other = master();
        other.0[29] ^= 1;

        assert_eq!(opener.open(&mut once[..length]), Ok(HEADER_LEN + 20));
        assert_eq!(Packet::parse(&once[..HEADER_LEN + 20]).unwrap().payload, [0xab; 20]);
        assert_eq!(opener.open(&mut again[..length]), Err(OpenError::Replayed));
        let mut wrong = buffer;
        assert_eq!(Opener::new(suite, &other).open(&mut wrong[..length]), Err(OpenError::Forged));
        assert_eq!(wrong, buffer);
    }
}

#[test]
fn a_changed_packet_is_refused_and_nothing_is_noted_of_it() {
    let mut opener = Opener::new(Suite::Tag80, &master());
    let good = sealed(&master(), 7, 1);
    for place in [1, 5, 11, 15, good.len() - 1] {
        let mut changed = good.clone();
        changed[place] ^= 0x10;
        assert_eq!(opener.open(&mut changed), Err(OpenError::Forged), "{place}");
    }

    assert!(opener.open(&mut good.clone()).is_ok());
}

#[test]
fn a_stream_goes_on_over_its_roll_over() {
    let mut sealer = Sealer::new(Suite::Tag80, &master());
    let mut opener = Opener::new(Suite::Tag80, &master());
    for _ in 0..100_000 {
        let mut buffer = packet(7, 0x7ff0);
        let length = sealer.seal(&mut buffer, HEADER_LEN + 20).unwrap();
        assert_eq!(opener.open(&mut buffer[..length]), Ok(HEADER_LEN + 20));
    }
}

#[test]
fn loss_and_disorder_around_the_roll_over_are_survived() {
    let mut opener = Opener::new(Suite::Tag80, &master());
    let mut open = |index: u64| opener.open(&mut sealed(&master(), 7, index)).is_ok();

    assert!(open(0xfff0));
    assert!(open(0x1_0003));
    assert!(open(0xffff) && open(0x1_0001));
    assert!(!open(0x1_0001) && !open(0xfff0));
    assert!(open(0x1_7000) && open(0x1_f000) && open(0x2_0001));
    assert!(!open(0x1_ff00), "older than the window");
}

#[test]
fn a_stream_whose_beginning_was_lost_is_found_one_roll_over_on() {
    let mut opener = Opener::new(Suite::Tag80, &master());

    assert!(opener.open(&mut sealed(&master(), 7, 0x1_0002)).is_ok());
    assert!(opener.open(&mut sealed(&master(), 7, 0x1_0003)).is_ok());
    assert_eq!(
        Opener::new(Suite::Tag80, &master()).open(&mut sealed(&master(), 7, 0x3_0002)),
        Err(OpenError::Forged)
    );
}

#[test]
fn another_ssrc_of_the_same_key_is_another_stream() {
    let mut opener = Opener::new(Suite::Tag80, &master());
    for ssrc in 0..20 {
        assert!(opener.open(&mut sealed(&master(), ssrc, 5)).is_ok());
        assert!(opener.open(&mut sealed(&master(), ssrc, 6)).is_ok());
    }

    assert_eq!(opener.open(&mut sealed(&master(), 19, 6)), Err(OpenError::Replayed));
}

#[test]
fn a_gap_in_what_is_to_be_sent_is_no_gap_in_what_is_sent() {
    let mut sealer = Sealer::new(Suite::Tag80, &master());
    let mut sequences = Vec::new();
    for sequence in [0x9000, 0x9001, 0x1234] {
        let mut buffer = packet(7, sequence);
        sealer.seal(&mut buffer, HEADER_LEN + 20).unwrap();
        sequences.push(u16::from_be_bytes([buffer[2], buffer[3]]));
    }

    assert_eq!(sequences, [0x1000, 0x1001, 0x1002]);
}

#[test]
fn a_buffer_without_room_is_left_alone() {
    let mut sealer = Sealer::new(Suite::Tag80, &master());

    assert_eq!(sealer.seal(&mut [0x80; 40], 35), None);
    assert_eq!(sealer.seal(&mut [0; 60], 35), None);
    assert_eq!(sealer.seal(&mut [0x80; 40], 5), None);
}

#[test]
fn a_key_is_never_printed() {
    assert_eq!(format!("{:?}", master()), "MasterKey(…)");
}

proptest! {
    #[test]
    fn any_datagram_is_refused(mut datagram in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Opener::new(Suite::Tag80, &master()).open(&mut datagram).is_err());
    }

    #[test]
    fn any_extension_and_sources_come_back(sources in 0usize..16, words in 0u16..20, payload in 0usize..100) {
        let mut plain = vec![0x90 | sources as u8, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2];
        plain.resize(HEADER_LEN + sources * 4, 3);
        plain.extend([0xbe, 0xde]);
        plain.extend(words.to_be_bytes());
        plain.resize(plain.len() + usize::from(words) * 4 + payload, 4);
        let mut buffer = plain.clone();
        buffer.resize(plain.len() + MAX_TAG, 0);

        let length = Sealer::new(Suite::Tag80, &master()).seal(&mut buffer, plain.len()).unwrap();
        prop_assert_eq!(Opener::new(Suite::Tag80, &master()).open(&mut buffer[..length]), Ok(plain.len()));
        prop_assert_eq!(&buffer[..plain.len()], &plain[..]);
    }
}
