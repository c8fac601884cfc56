//! Messages cut out of a stream of bytes (RFC 3261 §18.3): the head up to the empty line, and as much of a body as
//! `Content-Length` says. Pure, and bounded whatever comes.

use thiserror::Error;

/// Largest head of a message, and largest message, in bytes. A datagram could hold less.
pub const MAX_HEAD: usize = 16 * 1_024;
/// See [`MAX_HEAD`].
pub const MAX_MESSAGE: usize = 32 * 1_024;
/// Memory that a quiet connection keeps.
const KEPT: usize = 4 * 1_024;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole message.
    Message(Vec<u8>),
    /// "Are you there?" (RFC 5626 §3.5.1): two line ends.
    Ping,
}

/// Why a stream can't be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// A head or a message beyond the limits.
    #[error("a message is too large")]
    TooLarge,
    /// A length that is no number, or two that differ.
    #[error("a message's length is not readable")]
    Length,
}

/// The bytes of one connection that are no whole message yet.
#[derive(Default)]
pub struct Framer {
    bytes: Vec<u8>,
    /// Bytes that hold no end of a head.
    searched: usize,
}

impl Framer {
    /// Takes what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether a message has begun and is not whole.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !matches!(self.bytes.as_slice(), [] | b"\r" | b"\r\n" | b"\r\n\r")
    }

    /// The next message or ping; none: more bytes are needed.
    pub fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.bytes.starts_with(b"\r\n\r\n") {
            self.take(4);
            return Ok(Some(Frame::Ping));
        }
        // A line end alone is an answer to a ping, and may stand before a message (RFC 3261 §7.5).
        while self.bytes.starts_with(b"\r\n") && self.bytes.len() > 2 && self.bytes[2] != b'\r' {
            self.take(2);
        }
        let from = self.searched.min(self.bytes.len());
        let Some(end) = self.bytes[from..].windows(4).position(|four| four == b"\r\n\r\n") else {
            if self.bytes.len() > MAX_HEAD {
                return Err(FrameError::TooLarge);
            }
            self.searched = self.bytes.len().saturating_sub(3);
            return Ok(None);
        };
        let head = from + end + 4;
        if head > MAX_HEAD {
            return Err(FrameError::TooLarge);
        }
        self.searched = from + end;
        let length = head + content_length(&self.bytes[..head])?;
        if length > MAX_MESSAGE {
            return Err(FrameError::TooLarge);
        }
        if self.bytes.len() < length {
            return Ok(None);
        }
        Ok(Some(Frame::Message(self.take(length))))
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.bytes.split_off(length);
        let taken = std::mem::replace(&mut self.bytes, rest);
        self.searched = 0;
        if self.bytes.is_empty() {
            self.bytes.shrink_to(KEPT);
        }
        taken
    }
}

/// The length of the body that a head announces; 0: it announces none.
fn content_length(head: &[u8]) -> Result<usize, FrameError> {
    let mut found = None;
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = line[..colon].trim_ascii();
        if !name.eq_ignore_ascii_case(b"content-length") && !name.eq_ignore_ascii_case(b"l") {
            continue;
        }
        let value = line[colon + 1..].trim_ascii();
        let digits = value.len() <= 9 && !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let length = std::str::from_utf8(value).ok().filter(|_| digits).and_then(|value| value.parse().ok());
        let length: usize = length.ok_or(FrameError::Length)?;
        if found.is_some_and(|before| before != length) {
            return Err(FrameError::Length);
        }
        found = Some(length);
    }
    Ok(found.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(body: &str) -> Vec<u8> {
        format!("MESSAGE sip:a SIP/2.0\r\nl: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    fn all(framer: &mut Framer) -> Vec<Frame> {
        std::iter::from_fn(|| framer.next().unwrap()).collect()
    }

    #[test]
    fn messages_come_out_whole_however_they_are_cut() {
        let stream = [message("hello"), b"\r\n\r\n".to_vec(), message(""), b"\r\n".to_vec(), message("x")];
        let bytes = stream.concat();
        for size in 1..40 {
            let mut framer = Framer::default();
            let mut frames = Vec::new();
            for part in bytes.chunks(size) {
                framer.push(part);
                frames.extend(all(&mut framer));
            }
            let expected = [
                Frame::Message(message("hello")),
                Frame::Ping,
                Frame::Message(message("")),
                Frame::Message(message("x")),
            ];
            assert_eq!(frames, expected, "{size}");
            assert!(!framer.is_waiting());
        }
    }

    #[test]
    fn a_begun_message_is_waited_for_and_line_ends_are_not() {
        let mut framer = Framer::default();
        framer.push(b"\r\n");
        assert!(framer.next() == Ok(None) && !framer.is_waiting());
        framer.push(b"INV");
        assert!(framer.next() == Ok(None) && framer.is_waiting());
    }

    #[test]
    fn what_is_too_large_is_known_before_it_has_come() {
        let next = |bytes: &[u8]| {
            let mut framer = Framer::default();
            framer.push(bytes);
            framer.next()
        };

        assert_eq!(next(&vec![b'a'; MAX_HEAD + 1]), Err(FrameError::TooLarge));
        assert_eq!(next(b"X\r\nContent-Length: 40000\r\n\r\n"), Err(FrameError::TooLarge));
        assert_eq!(next(b"X\r\nContent-Length: 99999999999\r\n\r\n"), Err(FrameError::Length));
        assert_eq!(next(b"X\r\nContent-Length: -1\r\n\r\n"), Err(FrameError::Length));
        assert_eq!(next(b"X\r\nContent-Length: 1\r\nl: 2\r\n\r\n"), Err(FrameError::Length));
    }

    proptest! {
        #[test]
        fn any_bytes_are_framed_or_refused_within_bounds(parts in proptest::collection::vec("[a-zA-Z:0-9\r\n ]{0,60}", 0..60)) {
            let mut framer = Framer::default();
            for part in parts {
                framer.push(part.as_bytes());
                loop {
                    match framer.next() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(_) => return Ok(()),
                    }
                }
                prop_assert!(framer.bytes.len() <= MAX_MESSAGE);
            }
        }
    }
}
