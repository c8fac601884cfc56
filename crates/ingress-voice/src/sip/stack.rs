//! The running SIP stack: one UDP socket and one TCP listener on the same port.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use rsipstack::{
    EndpointBuilder,
    dialog::dialog_layer::DialogLayer,
    sip::{Auth, HostWithPort, Method, Param, Scheme, Transport, Uri},
    transaction::TransactionReceiver,
    transport::{SipConnection, TcpListenerConnection, TransportLayer, udp::UdpConnection},
};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use super::{address, directions::Directions, screen::Screened};

/// What we say we are in `User-Agent`.
pub const USER_AGENT: &str = "Switchboard";
/// User part of our own contact addresses.
const CONTACT_USER: &str = "switchboard";
/// Receive buffer of the UDP socket: a burst of a few thousand requests.
const RECEIVE_BUFFER: usize = 4 << 20;

/// Why the stack can't run.
#[derive(Debug, Error)]
pub enum StackError {
    /// The port is taken or may not be bound.
    #[error("SIP can't listen on {address}")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The stack refused its configuration.
    #[error("the SIP stack does not start")]
    Stack(#[from] rsipstack::Error),
}

/// Where SIP listens and what it calls itself.
#[derive(Debug, Clone)]
pub struct StackConfig {
    /// UDP and TCP.
    pub listen: SocketAddr,
    /// Address told to others; none: the one each of them reaches.
    pub advertised: Option<IpAddr>,
}

/// A running stack.
#[derive(Clone)]
pub struct Stack {
    /// Dialogs of all calls.
    pub dialogs: Arc<DialogLayer>,
    /// Where requests inside calls really go.
    pub directions: Directions,
    port: u16,
    advertised: Option<IpAddr>,
}

impl Stack {
    /// Binds and starts. Requests arrive in the returned receiver. Everything stops with `stop`.
    pub async fn start(
        config: &StackConfig,
        stop: CancellationToken,
    ) -> Result<(Self, TransactionReceiver), StackError> {
        let bind = |source| StackError::Bind { address: config.listen, source };
        let socket = udp_socket(config.listen).map_err(bind)?;
        let listen = socket.local_addr().map_err(bind)?;
        // The stack binds TCP itself, later, and only logs a failure: find out now.
        drop(std::net::TcpListener::bind(listen).map_err(bind)?);
        let external = config.advertised.map(|ip| SocketAddr::new(ip, listen.port()));
        let transport = TransportLayer::new(stop.clone());
        let udp = UdpConnection::from_socket(
            Arc::new(Screened(Arc::new(socket))),
            external,
            Some(stop.child_token()),
        )
        .await?;
        transport.add_transport(SipConnection::Udp(udp));
        let tcp = TcpListenerConnection::new(listen, external).await?;
        transport.add_transport(SipConnection::TcpListener(tcp));
        let directions = Directions::default();
        let endpoint = EndpointBuilder::new()
            .with_user_agent(USER_AGENT)
            .with_transport_layer(transport)
            .with_cancel_token(stop)
            .with_allows(allowed())
            .with_inspector(Box::new(super::spelling::Spelling))
            .with_target_locator(Box::new(directions.clone()))
            .build();
        let incoming = endpoint.incoming_transactions()?;
        let inner = Arc::clone(&endpoint.inner);
        tokio::spawn(async move {
            if let Err(error) = inner.serve().await {
                tracing::error!(%error, "the SIP stack stopped");
            }
        });
        let dialogs = Arc::new(DialogLayer::new(endpoint.inner));
        Ok((Self { dialogs, directions, port: listen.port(), advertised: config.advertised }, incoming))
    }

    /// The port of both transports.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address `peer` reaches us at.
    #[must_use]
    pub fn address_towards(&self, peer: IpAddr) -> IpAddr {
        address::towards(peer, self.advertised)
    }

    /// Our contact address in a dialog with `peer` over `transport`.
    #[must_use]
    pub fn contact(&self, peer: IpAddr, transport: Transport) -> Uri {
        let params = if transport == Transport::Udp { Vec::new() } else { vec![Param::Transport(transport)] };
        Uri {
            scheme: Some(Scheme::Sip),
            auth: Some(Auth { user: CONTACT_USER.to_owned(), password: None }),
            host_with_port: HostWithPort::from(SocketAddr::new(self.address_towards(peer), self.port)),
            params,
            ..Uri::default()
        }
    }
}

/// Methods we answer.
#[must_use]
pub fn allowed() -> Vec<Method> {
    vec![
        Method::Invite,
        Method::Ack,
        Method::Bye,
        Method::Cancel,
        Method::Options,
        Method::Register,
        Method::Info,
        Method::Update,
        Method::Refer,
    ]
}

fn udp_socket(listen: SocketAddr) -> io::Result<tokio::net::UdpSocket> {
    use socket2::{Domain, Protocol, Socket, Type};

    let socket = Socket::new(Domain::for_address(listen), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(&listen.into())?;
    tokio::net::UdpSocket::from_std(socket.into())
}
