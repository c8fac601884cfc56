//! SRTP (RFC 3711) as session descriptions key it (RFC 4568): AES-128 in counter mode, HMAC-SHA1, no key derivation but the
//! first. In place: nothing is allocated per packet. RTCP is neither sent nor read, so SRTCP is not here.

use std::fmt;

use aes::{
    Aes128, Block,
    cipher::{BlockCipherEncrypt as _, KeyInit as _},
};
use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use thiserror::Error;

use crate::rtp::HEADER_LEN;

/// Bytes of a master key and its salt (RFC 4568 §6.2).
pub const MASTER_LEN: usize = 30;
/// Longest authentication tag.
pub const MAX_TAG: usize = 10;
/// Streams of one key that are told apart; the one unheard for longest gives way.
const STREAMS: usize = 8;
/// Packets a late one may be behind the newest (RFC 3711 §3.3.2 wants at least 64).
const WINDOW: u64 = u128::BITS as u64;

/// How packets are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// `AES_CM_128_HMAC_SHA1_80`.
    Tag80,
    /// `AES_CM_128_HMAC_SHA1_32`: the same with a short tag.
    Tag32,
}

impl Suite {
    /// As a session description writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tag80 => "AES_CM_128_HMAC_SHA1_80",
            Self::Tag32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    /// The suite of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Tag80, Self::Tag32].into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    fn tag(self) -> usize {
        match self {
            Self::Tag80 => MAX_TAG,
            Self::Tag32 => 4,
        }
    }
}

/// A master key with its salt. Never printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKey(pub [u8; MASTER_LEN]);

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey(…)")
    }
}

/// Why a packet is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Too short, or no RTP.
    #[error("the datagram is no SRTP packet")]
    NoPacket,
    /// Seen before, or too old to know.
    #[error("the packet is a replay")]
    Replayed,
    /// Another key, or changed on the way.
    #[error("the packet's tag is wrong")]
    Forged,
}

/// What a master key becomes for the packets of one direction (RFC 3711 §4.3).
struct Keys {
    cipher: Aes128,
    salt: [u8; 14],
    mac: Hmac<Sha1>,
}

impl Keys {
    fn derive(master: &MasterKey) -> Self {
        let (key, salt) = master.0.split_at(16);
        let cipher = cipher(key);
        let derived = |label: u8, out: &mut [u8]| {
            let mut iv = [0; 16];
            iv[..14].copy_from_slice(salt);
            iv[7] ^= label;
            out.fill(0);
            counter_mode(&cipher, iv, out);
        };
        let (mut session, mut auth, mut session_salt) = ([0; 16], [0; 20], [0; 14]);
        derived(0, &mut session);
        derived(1, &mut auth);
        derived(2, &mut session_salt);
        let mut block = hmac::digest::Key::<Hmac<Sha1>>::default();
        block[..auth.len()].copy_from_slice(&auth);
        Self { cipher: self::cipher(&session), salt: session_salt, mac: Hmac::new(&block) }
    }

    /// The counter of a packet's first block (RFC 3711 §4.1.1).
    fn iv(&self, ssrc: [u8; 4], index: u64) -> [u8; 16] {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        for (byte, with) in iv[4..8].iter_mut().zip(ssrc) {
            *byte ^= with;
        }
        for (byte, with) in iv[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= with;
        }
        iv
    }

    /// The code over a packet and its roll-over counter (RFC 3711 §4.2).
    fn mac(&self, packet: &[u8], index: u64) -> Hmac<Sha1> {
        let mut mac = self.mac.clone();
        mac.update(packet);
        mac.update(&((index >> 16) as u32).to_be_bytes());
        mac
    }
}

fn cipher(key: &[u8]) -> Aes128 {
    let mut block = Block::default();
    block.copy_from_slice(key);
    Aes128::new(&block)
}

/// Adds the key stream that begins at `iv`. The last two bytes count blocks.
fn counter_mode(cipher: &Aes128, iv: [u8; 16], data: &mut [u8]) {
    const AT_ONCE: usize = 8;
    let mut count = u16::from_be_bytes([iv[14], iv[15]]);
    for part in data.chunks_mut(AT_ONCE * 16) {
        let mut blocks = [Block::default(); AT_ONCE];
        let used = part.len().div_ceil(16);
        for block in &mut blocks[..used] {
            block.copy_from_slice(&iv);
            block[14..].copy_from_slice(&count.to_be_bytes());
            count = count.wrapping_add(1);
        }
        cipher.encrypt_blocks(&mut blocks[..used]);
        for (bytes, block) in part.chunks_mut(16).zip(&blocks) {
            for (byte, with) in bytes.iter_mut().zip(block) {
                *byte ^= with;
            }
        }
    }
}

/// Where a packet's payload begins: behind its sources and its extension. None: it is no RTP packet.
fn payload_at(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    if first >> 6 != 2 || packet.len() < HEADER_LEN {
        return None;
    }
    let sources = HEADER_LEN + usize::from(first & 0x0f) * 4;
    let at = if first & 0x10 == 0 {
        sources
    } else {
        let words = packet.get(sources + 2..sources + 4)?;
        sources + 4 + usize::from(u16::from_be_bytes([words[0], words[1]])) * 4
    };
    (at <= packet.len()).then_some(at)
}

fn ssrc(packet: &[u8]) -> [u8; 4] {
    [packet[8], packet[9], packet[10], packet[11]]
}

/// Protects the packets of one outgoing stream, which it numbers itself: a leg that was silent for long (on hold) leaves no
/// gap, and so never loses its roll-over counter.
pub struct Sealer {
    suite: Suite,
    keys: Keys,
    /// Of the next packet; before the first, none.
    index: Option<u64>,
}

impl Sealer {
    /// For a key of our own.
    #[must_use]
    pub fn new(suite: Suite, key: &MasterKey) -> Self {
        Self { suite, keys: Keys::derive(key), index: None }
    }

    /// Protects the RTP packet in the first `length` bytes in place; its length then. None: it is no RTP packet, or the buffer
    /// has no room for [`MAX_TAG`] bytes more.
    pub fn seal(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        let tag = self.suite.tag();
        let at = payload_at(buffer.get(..length)?)?;
        let (packet, room) = buffer.get_mut(..length + tag)?.split_at_mut(length);
        // RFC 3711 §3.3.1: the first number is below 2^15, so that a lost beginning hides no roll-over.
        let first = u64::from(u16::from_be_bytes([packet[2], packet[3]]) & 0x7fff);
        let index = self.index.unwrap_or(first);
        self.index = Some(index + 1);
        packet[2..4].copy_from_slice(&(index as u16).to_be_bytes());
        let iv = self.keys.iv(ssrc(packet), index);
        counter_mode(&self.keys.cipher, iv, &mut packet[at..]);
        let code = self.keys.mac(packet, index).finalize().into_bytes();
        room.copy_from_slice(&code[..tag]);
        Some(length + tag)
    }
}

/// What is known of one incoming stream.
#[derive(Clone, Copy)]
struct Stream {
    ssrc: [u8; 4],
    /// The highest index heard.
    highest: u64,
    /// Bit n: the packet n before the highest was heard.
    heard: u128,
    /// Grows with every packet of the key: who was heard last.
    used: u64,
}

impl Stream {
    /// The index that a sequence number most likely means (RFC 3711 §3.3.1).
    fn index(&self, sequence: u16) -> u64 {
        let near = (self.highest & !0xffff) | u64::from(sequence);
        if near + 0x8000 < self.highest {
            near + 0x1_0000
        } else if near > self.highest + 0x8000 && near >= 0x1_0000 {
            near - 0x1_0000
        } else {
            near
        }
    }

    fn is_replay(&self, index: u64) -> bool {
        let Some(behind) = self.highest.checked_sub(index) else { return false };
        behind >= WINDOW || self.heard & (1 << behind) != 0
    }

    fn note(&mut self, index: u64) {
        if let Some(behind) = self.highest.checked_sub(index) {
            self.heard |= 1 << behind;
            return;
        }
        let ahead = index - self.highest;
        self.heard = if ahead >= WINDOW { 1 } else { self.heard << ahead | 1 };
        self.highest = index;
    }
}

/// Believes the packets of whoever has the key, each once.
pub struct Opener {
    suite: Suite,
    keys: Keys,
    streams: [Option<Stream>; STREAMS],
    used: u64,
}

impl Opener {
    /// For the other end's key.
    #[must_use]
    pub fn new(suite: Suite, key: &MasterKey) -> Self {
        Self { suite, keys: Keys::derive(key), streams: [None; STREAMS], used: 0 }
    }

    /// Makes a packet plain in place; the length of the RTP packet. Unless it is believed, the bytes stay and nothing is noted.
    pub fn open(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        let length = packet.len().checked_sub(self.suite.tag()).ok_or(OpenError::NoPacket)?;
        let (packet, tag) = packet.split_at_mut(length);
        let at = payload_at(packet).ok_or(OpenError::NoPacket)?;
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let ssrc = ssrc(packet);
        let known = self.streams.iter().position(|stream| stream.is_some_and(|stream| stream.ssrc == ssrc));
        let verify = |index: u64| self.keys.mac(packet, index).verify_truncated_left(tag).is_ok();
        let index = if let Some(stream) = known.and_then(|place| self.streams[place]) {
            let index = stream.index(sequence);
            if stream.is_replay(index) {
                return Err(OpenError::Replayed);
            }
            verify(index).then_some(index)
        } else {
            // A stream whose beginning was lost may have rolled over once.
            let first = u64::from(sequence);
            let rolled = (sequence < 0x8000).then_some(first + 0x1_0000);
            [Some(first), rolled].into_iter().flatten().find(|index| verify(*index))
        };
        let index = index.ok_or(OpenError::Forged)?;
        counter_mode(&self.keys.cipher, self.keys.iv(ssrc, index), &mut packet[at..]);
        self.note(known, ssrc, index);
        Ok(length)
    }

    fn note(&mut self, known: Option<usize>, ssrc: [u8; 4], index: u64) {
        self.used += 1;
        let place = known.unwrap_or_else(|| {
            let age = |stream: &Option<Stream>| stream.map_or(0, |stream| stream.used);
            (0..STREAMS).min_by_key(|place| age(&self.streams[*place])).unwrap_or(0)
        });
        let stream = self.streams[place].get_or_insert(Stream { ssrc, highest: index, heard: 0, used: 0 });
        if stream.ssrc != ssrc {
            *stream = Stream { ssrc, highest: index, heard: 0, used: 0 };
        }
        stream.note(index);
        stream.used = self.used;
    }
}

#[cfg(test)]
#[path = "srtp_tests.rs"]
mod tests;
