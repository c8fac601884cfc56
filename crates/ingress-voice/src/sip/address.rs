//! Which of our addresses another end can reach us at.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The address we advertise: the configured one, else the one the kernel would send from towards `peer`.
#[must_use]
pub fn towards(peer: IpAddr, advertised: Option<IpAddr>) -> IpAddr {
    advertised.unwrap_or_else(|| local_towards(peer).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)))
}

/// Asks the kernel by connecting a datagram socket, which sends nothing.
fn local_towards(peer: IpAddr) -> Option<IpAddr> {
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect((peer, 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_peer_reaches_us_on_the_loopback_and_a_configured_address_wins() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);

        assert_eq!(towards(loopback, None), loopback);
        assert_eq!(towards(loopback, Some([203, 0, 113, 9].into())), IpAddr::from([203, 0, 113, 9]));
    }
}
