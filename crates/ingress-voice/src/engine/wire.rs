//! What carries a leg's RTP packets: a pair of sockets of its own, or a browser's session on the shared port.
//!
//! Everything above a wire (whom to believe, numbering, clips, bridges) sees plain RTP datagrams, whatever the wire
//! does to them on the way.

use std::{
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
};

use super::web::WebWire;

/// What reading a wire gives.
pub(super) enum Received {
    /// A datagram of this length, from there.
    Packet(usize, SocketAddr),
    /// Nothing to read now.
    Nothing,
    /// An error about an earlier packet (ICMP); the next read is a packet again.
    Again,
}

/// The carrier of one leg.
pub(super) enum Wire {
    /// Plain RTP and RTCP on sockets of its own.
    Rtp {
        /// Even port.
        rtp: UdpSocket,
        /// The odd one above.
        rtcp: UdpSocket,
    },
    /// A browser.
    Web(Box<WebWire>),
}

impl Wire {
    /// Reads one RTP datagram into `buffer`. Never waits.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> Received {
        match self {
            Self::Rtp { rtp, .. } => match rtp.recv_from(buffer) {
                Ok((length, from)) => Received::Packet(length, from),
                Err(error) if error.kind() == ErrorKind::WouldBlock => Received::Nothing,
                Err(_) => Received::Again,
            },
            Self::Web(web) => web.receive(buffer),
        }
    }

    /// Sends one RTP datagram. `false`: it did not leave.
    pub(super) fn send(&mut self, datagram: &[u8], to: SocketAddr) -> bool {
        match self {
            Self::Rtp { rtp, .. } => rtp.send_to(datagram, to).is_ok(),
            Self::Web(web) => web.send(datagram),
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
