//! Port pairs for RTP and RTCP out of the configured range.

use std::{
    net::{IpAddr, UdpSocket},
    ops::RangeInclusive,
    sync::atomic::{AtomicU32, Ordering},
};

use super::OpenError;

/// Hands out pairs round robin, so that a port just freed rests before it is used again.
pub struct PortRange {
    first: u16,
    pairs: u32,
    next: AtomicU32,
}

impl PortRange {
    /// The even ports of `range` that have their odd neighbour inside it.
    #[must_use]
    pub fn new(range: RangeInclusive<u16>) -> Self {
        let first = range.start().saturating_add(range.start() % 2);
        let pairs = (u32::from(*range.end()) + 1).saturating_sub(u32::from(first)) / 2;
        Self { first, pairs, next: AtomicU32::new(0) }
    }

    /// How many pairs there are.
    #[must_use]
    pub fn pairs(&self) -> u32 {
        self.pairs
    }

    /// The even port of the next pair, bound or not.
    pub(super) fn next_port(&self) -> u16 {
        let pair = self.next.fetch_add(1, Ordering::Relaxed) % self.pairs;
        self.first + (pair * 2) as u16
    }

    /// Binds the next free pair: RTP socket, RTCP socket, RTP port.
    pub fn bind(&self, address: IpAddr) -> Result<(UdpSocket, UdpSocket, u16), OpenError> {
        for _ in 0..self.pairs {
            let port = self.next_port();
            let Ok(rtp) = UdpSocket::bind((address, port)) else { continue };
            let Ok(rtcp) = UdpSocket::bind((address, port + 1)) else { continue };
            rtp.set_nonblocking(true).map_err(OpenError::Socket)?;
            rtcp.set_nonblocking(true).map_err(OpenError::Socket)?;
            return Ok((rtp, rtcp, port));
        }
        Err(OpenError::NoPort)
    }
}
