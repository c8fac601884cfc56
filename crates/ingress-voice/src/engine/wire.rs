//! What carries a leg's RTP packets: a pair of sockets of its own, protected (SRTP) or plain, or a browser's session on the
//! shared port.
//!
//! Everything above a wire (whom to believe, numbering, clips, bridges) sees plain RTP datagrams, whatever the wire
//! does to them on the way.

use std::{
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
};

use media::srtp::{MAX_TAG, Opener, Sealer};

use super::web::WebWire;

/// Largest datagram that is sent protected, without its tag.
const LARGEST: usize = 1_500;

/// What reading a wire gives.
pub(super) enum Received {
    /// A datagram of this length, from there.
    Packet(usize, SocketAddr),
    /// Nothing to read now.
    Nothing,
    /// An error about an earlier packet (ICMP); the next read is a packet again.
    Again,
    /// A packet that was not sent by whoever has the key, or not now.
    Forged,
}

/// How a leg's packets are protected (SRTP). It begins with a first agreement on keys, and never ends before the leg does.
pub struct Protection {
    /// For what is sent; none: as before.
    pub sealer: Option<Sealer>,
    /// For what is received; none: as before.
    pub opener: Option<Opener>,
    sealed: [u8; LARGEST + MAX_TAG],
}

impl Protection {
    /// With new keys for one direction, or both.
    #[must_use]
    pub fn new(sealer: Option<Sealer>, opener: Option<Opener>) -> Box<Self> {
        Box::new(Self { sealer, opener, sealed: [0; LARGEST + MAX_TAG] })
    }

    /// The protected packet. None: there is no key, or no room.
    fn seal(&mut self, datagram: &[u8]) -> Option<&[u8]> {
        self.sealed.get_mut(..datagram.len())?.copy_from_slice(datagram);
        let length = self.sealer.as_mut()?.seal(&mut self.sealed, datagram.len())?;
        self.sealed.get(..length)
    }

    fn open(&mut self, datagram: &mut [u8], from: SocketAddr) -> Received {
        match self.opener.as_mut().map(|opener| opener.open(datagram)) {
            Some(Ok(length)) => Received::Packet(length, from),
            Some(Err(_)) | None => Received::Forged,
        }
    }
}

/// The carrier of one leg.
pub(super) enum Wire {
    /// Plain RTP and RTCP on sockets of its own.
    Rtp {
        /// Even port.
        rtp: UdpSocket,
        /// The odd one above.
        rtcp: UdpSocket,
        /// There once keys were agreed on.
        protection: Option<Box<Protection>>,
    },
    /// A browser.
    Web(Box<WebWire>),
}

impl Wire {
    /// Reads one RTP datagram into `buffer`. Never waits.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> Received {
        match self {
            Self::Rtp { rtp, protection, .. } => match rtp.recv_from(buffer) {
                Ok((length, from)) => match protection {
                    None => Received::Packet(length, from),
                    Some(protection) => protection.open(&mut buffer[..length], from),
                },
                Err(error) if error.kind() == ErrorKind::WouldBlock => Received::Nothing,
                Err(_) => Received::Again,
            },
            Self::Web(web) => web.receive(buffer),
        }
    }

    /// Sends one RTP datagram. `false`: it did not leave.
    pub(super) fn send(&mut self, datagram: &[u8], to: SocketAddr) -> bool {
        match self {
            Self::Rtp { rtp, protection: None, .. } => rtp.send_to(datagram, to).is_ok(),
            Self::Rtp { rtp, protection: Some(protection), .. } => {
                protection.seal(datagram).is_some_and(|sealed| rtp.send_to(sealed, to).is_ok())
            }
            Self::Web(web) => web.send(datagram),
        }
    }

    /// Protects packets with these keys from now on. A browser's session has its own.
    pub(super) fn protect(&mut self, new: Box<Protection>) {
        let Self::Rtp { protection, .. } = self else { return };
        match protection {
            None => *protection = Some(new),
            Some(protection) => {
                let new = *new;
                protection.sealer = new.sealer.or(protection.sealer.take());
                protection.opener = new.opener.or(protection.opener.take());
            }
        }
    }

    /// Reads and drops what came to the RTCP port, so that the kernel need not keep it.
    pub(super) fn drain_rtcp(&self, scratch: &mut [u8]) {
        match self {
            Self::Rtp { rtcp, .. } => {
                for _ in 0..4 {
                    if rtcp.recv_from(scratch).is_err() {
                        return;
                    }
                }
            }
            // Its RTCP comes on the same port and is read with the rest.
            Self::Web(_) => {}
        }
    }
}
