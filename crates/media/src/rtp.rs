//! RTP packets (RFC 3550 §5.1): parsing what arrives, writing what leaves.

use thiserror::Error;

/// Bytes of an RTP header without contributing sources or extension.
pub const HEADER_LEN: usize = 12;

/// Payload type of G.711 μ-law (RFC 3551 §6).
pub const PT_PCMU: u8 = 0;
/// Payload type of G.711 A-law (RFC 3551 §6).
pub const PT_PCMA: u8 = 8;
/// Payload type of comfort noise at 8000 Hz (RFC 3389).
pub const PT_COMFORT_NOISE: u8 = 13;

/// Why a datagram is not an RTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RtpError {
    /// Fewer bytes than the header (with its sources, extension or padding) needs.
    #[error("the datagram ends inside the RTP header")]
    Truncated,
    /// The version field is not 2.
    #[error("RTP version {0} is not 2")]
    Version(u8),
    /// RTCP sent to the RTP port (RFC 5761 §4: types 64–95 with the marker bit are RTCP).
    #[error("the datagram is RTCP")]
    Rtcp,
    /// The padding count is zero or larger than the payload.
    #[error("the padding count is wrong")]
    Padding,
}

/// A parsed RTP packet; the payload borrows the datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Set on the first packet of a talk spurt or of a telephone event.
    pub marker: bool,
    /// 7-bit payload type.
    pub payload_type: u8,
    /// Increments by one per packet, wraps.
    pub sequence: u16,
    /// In units of the payload's clock (8000 a second for all that is handled here), wraps.
    pub timestamp: u32,
    /// Names the stream.
    pub ssrc: u32,
    /// What follows header, sources and extension, without padding.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Parses a datagram. Never panics, whatever the bytes.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, RtpError> {
        let Some((header, mut rest)) = datagram.split_first_chunk::<HEADER_LEN>() else {
            return Err(RtpError::Truncated);
        };
        let version = header[0] >> 6;
        if version != 2 {
            return Err(RtpError::Version(version));
        }
        if (192..=223).contains(&header[1]) {
            return Err(RtpError::Rtcp);
        }
        let sources = usize::from(header[0] & 0x0f) * 4;
        rest = rest.get(sources..).ok_or(RtpError::Truncated)?;
        if header[0] & 0x10 != 0 {
            let words = rest.get(2..4).ok_or(RtpError::Truncated)?;
            let length = 4 + usize::from(u16::from_be_bytes([words[0], words[1]])) * 4;
            rest = rest.get(length..).ok_or(RtpError::Truncated)?;
        }
        if header[0] & 0x20 != 0 {
            let padding = usize::from(*rest.last().ok_or(RtpError::Padding)?);
            if padding == 0 || padding > rest.len() {
                return Err(RtpError::Padding);
            }
            rest = &rest[..rest.len() - padding];
        }
        Ok(Self {
            marker: header[1] & 0x80 != 0,
            payload_type: header[1] & 0x7f,
            sequence: u16::from_be_bytes([header[2], header[3]]),
            timestamp: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            ssrc: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            payload: rest,
        })
    }
}

/// Writes a header of [`HEADER_LEN`] bytes, without sources, extension or padding.
pub fn write_header(
    out: &mut [u8; HEADER_LEN],
    marker: bool,
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
) {
    out[0] = 0x80;
    out[1] = (payload_type & 0x7f) | if marker { 0x80 } else { 0 };
    out[2..4].copy_from_slice(&sequence.to_be_bytes());
    out[4..8].copy_from_slice(&timestamp.to_be_bytes());
    out[8..12].copy_from_slice(&ssrc.to_be_bytes());
}

/// How far `newer` is ahead of `older` on the wrapping sequence circle: negative when it is behind.
#[must_use]
pub fn sequence_distance(newer: u16, older: u16) -> i16 {
    newer.wrapping_sub(older) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(first: u8, tail: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first, 0x80, 0x12, 0x34, 0, 0, 0, 160, 1, 2, 3, 4];
        bytes.extend_from_slice(tail);
        bytes
    }

    #[test]
    fn a_written_header_parses_back() {
        let mut bytes = [0u8; HEADER_LEN];

        write_header(&mut bytes, true, 101, 65_535, 0xdead_beef, 7);

        let parsed = Packet::parse(&bytes).unwrap();
        assert_eq!(
            parsed,
            Packet {
                marker: true,
                payload_type: 101,
                sequence: 65_535,
                timestamp: 0xdead_beef,
                ssrc: 7,
                payload: &[]
            }
        );
    }

    #[test]
    fn sources_extension_and_padding_are_skipped() {
        let bytes =
            packet(0x80 | 0x20 | 0x10 | 1, &[9, 9, 9, 9, 0, 0, 0, 1, 8, 8, 8, 8, 0x55, 0x66, 0, 0, 3]);

        let parsed = Packet::parse(&bytes).unwrap();

        assert_eq!(parsed.payload, [0x55, 0x66]);
    }

    #[test]
    fn wrong_versions_rtcp_and_short_datagrams_are_refused() {
        assert_eq!(Packet::parse(&[0x80; 11]), Err(RtpError::Truncated));
        assert_eq!(Packet::parse(&packet(0x40, &[])), Err(RtpError::Version(1)));
        assert_eq!(Packet::parse(&packet(0x82, &[1, 2, 3])), Err(RtpError::Truncated));
        assert_eq!(Packet::parse(&packet(0xa0, &[1, 200])), Err(RtpError::Padding));
        assert_eq!(Packet::parse(&[0x80, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Err(RtpError::Rtcp));
    }

    #[test]
    fn sequence_distance_survives_the_wrap() {
        assert_eq!(sequence_distance(1, 65_535), 2);
        assert_eq!(sequence_distance(65_535, 1), -2);
    }

    proptest! {
        #[test]
        fn any_datagram_is_parsed_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Packet::parse(&bytes);
        }
    }
}
