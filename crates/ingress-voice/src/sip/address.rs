//! Which of our addresses another end can reach us at.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use rsipstack::sip::Transport;

/// The address we advertise: the configured one, else the one the kernel would send from towards `peer`.
#[must_use]
pub fn towards(peer: IpAddr, advertised: Option<IpAddr>) -> IpAddr {
    advertised.unwrap_or_else(|| local_towards(peer).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)))
}

/// Where we are, as others are told.
#[derive(Debug, Clone, Copy)]
pub struct Ours {
    /// Of UDP and TCP.
    pub port: u16,
    /// Of TLS; none: nobody can connect so.
    pub tls_port: Option<u16>,
    /// Address told to others; none: the one each of them reaches.
    pub advertised: Option<IpAddr>,
}

impl Ours {
    /// As `peer` reaches us over a transport.
    #[must_use]
    pub fn towards(&self, peer: IpAddr, transport: Transport) -> SocketAddr {
        let port = if transport == Transport::Tls { self.tls_port } else { None };
        SocketAddr::new(towards(peer, self.advertised), port.unwrap_or(self.port))
    }
}

/// The addresses to bind for browsers, each with the one they are told. A browser on this machine uses the loopback when
/// there is no network.
#[must_use]
pub fn for_browsers(bind: IpAddr, advertised: Option<IpAddr>) -> Vec<(IpAddr, IpAddr)> {
    if let Some(advertised) = advertised {
        return vec![(bind, advertised)];
    }
    if !bind.is_unspecified() {
        return vec![(bind, bind)];
    }
    // An address that is never used (RFC 5737): the kernel only says which way it would go.
    let outside = local_towards(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut addresses: Vec<(IpAddr, IpAddr)> = outside.into_iter().map(|ip| (ip, ip)).collect();
    if outside != Some(loopback) {
        addresses.push((loopback, loopback));
    }
    addresses
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
