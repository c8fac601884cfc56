//! The running SIP stack: one UDP socket and one TCP listener on the same port, and one for TLS where there is a certificate.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use rsipstack::{
    EndpointBuilder,
    dialog::dialog_layer::DialogLayer,
    sip::{Auth, HostWithPort, Method, Param, Scheme, Transport, Uri},
    transaction::TransactionReceiver,
    transport::{SipConnection, TransportLayer, udp::UdpConnection},
};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use super::{
    address::{self, Ours},
    directions::Directions,
    reliable::Reliable,
    screen::Screened,
    signalling::Signalling,
    spelling::Spelling,
    streams::{self, CertificateFiles, Limits, Streams, TlsError},
};
use crate::config::TrunkConfig;

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
    /// TLS can't be had as configured.
    #[error("{field}")]
    Tls {
        /// The key of the configuration.
        field: String,
        /// Why.
        #[source]
        source: TlsError,
    },
    /// The stack refused its configuration.
    #[error("the SIP stack does not start")]
    Stack(#[from] rsipstack::Error),
}

/// Where SIP listens over TLS, and with what certificate.
#[derive(Debug, Clone)]
pub struct TlsListen {
    pub listen: SocketAddr,
    pub files: CertificateFiles,
}

/// How one trunk is called over TLS.
#[derive(Debug, Clone)]
pub struct TlsTrunk {
    /// The trunk's name among ours.
    pub name: String,
    /// The name it must prove.
    pub host: String,
    /// File with the authorities that may vouch for it; none: those of the machine.
    pub authorities: Option<PathBuf>,
}

impl TlsTrunk {
    /// Of a trunk that is called so.
    #[must_use]
    pub fn of(trunk: &TrunkConfig) -> Option<Self> {
        let host = if trunk.tls_name.is_empty() { trunk.host() } else { &trunk.tls_name };
        let authorities = (!trunk.tls_authorities.is_empty()).then(|| PathBuf::from(&trunk.tls_authorities));
        (trunk.transport == Signalling::Tls).then(|| Self {
            name: trunk.name.clone(),
            host: host.to_owned(),
            authorities,
        })
    }
}

/// Where SIP listens and what it calls itself.
#[derive(Debug, Clone)]
pub struct StackConfig {
    /// UDP and TCP.
    pub listen: SocketAddr,
    /// TLS, if there is any.
    pub tls: Option<TlsListen>,
    /// Trunks that are called over TLS.
    pub tls_trunks: Vec<TlsTrunk>,
    /// Connections there may be.
    pub limits: Limits,
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
    /// Provisional answers that must arrive.
    pub reliable: Reliable,
    streams: Streams,
    ours: Ours,
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
        let tcp = tcp_listener(listen).map_err(bind)?;
        let (tls, tls_port) = match &config.tls {
            None => (None, None),
            Some(tls) => {
                let bind = |source| StackError::Bind { address: tls.listen, source };
                let listener = tcp_listener(tls.listen).map_err(bind)?;
                let port = listener.local_addr().map_err(bind)?.port();
                let server = streams::server(&tls.files)
                    .map_err(|source| StackError::Tls { field: "tls_certificate".to_owned(), source })?;
                (Some((listener, server)), Some(port))
            }
        };
        let ours = Ours { port: listen.port(), tls_port, advertised: config.advertised };
        let trusts = trusts(config)?;
        let external = config.advertised.map(|ip| SocketAddr::new(ip, listen.port()));
        let transport = TransportLayer::new(stop.clone());
        let udp = UdpConnection::from_socket(
            Arc::new(Screened(Arc::new(socket))),
            external,
            Some(stop.child_token()),
        )
        .await?;
        transport.add_transport(SipConnection::Udp(udp));
        let directions = Directions::default();
        let reliable = Reliable::default();
        let endpoint = EndpointBuilder::new()
            .with_user_agent(USER_AGENT)
            .with_transport_layer(transport)
            .with_cancel_token(stop.clone())
            .with_allows(allowed())
            .with_inspector(Box::new(Spelling { ours, reliable: reliable.clone() }))
            .with_target_locator(Box::new(directions.clone()))
            .build();
        let incoming = endpoint.incoming_transactions()?;
        let inner = Arc::clone(&endpoint.inner);
        tokio::spawn(async move {
            if let Err(error) = inner.serve().await {
                tracing::error!(%error, "the SIP stack stopped");
            }
        });
        let streams = Streams::new(&endpoint.inner, config.limits, trusts, stop);
        directions.connect_by(streams.clone());
        streams.serve(tcp, None);
        if let Some((listener, server)) = tls {
            streams.serve(listener, Some(server));
        }
        let dialogs = Arc::new(DialogLayer::new(endpoint.inner));
        Ok((Self { dialogs, directions, reliable, streams, ours }, incoming))
    }

    /// The port of UDP and TCP.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.ours.port
    }

    /// The port of TLS, if we listen so.
    #[must_use]
    pub fn tls_port(&self) -> Option<u16> {
        self.ours.tls_port
    }

    /// Whether a phone can be asked something there. Over TLS only by the connection it has made; over TCP one may be made.
    pub async fn connected(&self, signalling: Signalling, remote: SocketAddr) -> bool {
        match signalling {
            Signalling::Udp => true,
            Signalling::Tcp => self.streams.connect(remote).await.is_ok(),
            Signalling::Tls => self.streams.has(signalling, remote),
        }
    }

    /// Whether a trunk can be asked something there; makes the connection that is needed.
    pub async fn connected_to(&self, trunk: &TrunkConfig, remote: SocketAddr) -> bool {
        let made = match trunk.transport {
            Signalling::Udp => Ok(()),
            Signalling::Tcp => self.streams.connect(remote).await,
            Signalling::Tls => self.streams.connect_tls(&trunk.name, remote).await,
        };
        if let Err(error) = &made {
            tracing::warn!(trunk = trunk.name, %error, "a trunk takes no connection");
        }
        made.is_ok()
    }

    /// The address `peer` reaches us at.
    #[must_use]
    pub fn address_towards(&self, peer: IpAddr) -> IpAddr {
        address::towards(peer, self.ours.advertised)
    }

    /// Our contact address in a dialog with `peer` over `transport`; as `sips:` where the other end insists on it.
    #[must_use]
    pub fn contact(&self, peer: IpAddr, transport: Transport, sips: bool) -> Uri {
        let params = if transport == Transport::Udp { Vec::new() } else { vec![Param::Transport(transport)] };
        Uri {
            scheme: Some(if sips { Scheme::Sips } else { Scheme::Sip }),
            auth: Some(Auth { user: CONTACT_USER.to_owned(), password: None }),
            host_with_port: HostWithPort::from(self.ours.towards(peer, transport)),
            params,
            ..Uri::default()
        }
    }
}

fn trusts(config: &StackConfig) -> Result<HashMap<String, streams::Trust>, StackError> {
    let files = config.tls.as_ref().map(|tls| &tls.files);
    let trust = |trunk: &TlsTrunk| {
        streams::trust(trunk.authorities.as_deref(), &trunk.host, files)
            .map(|trust| (trunk.name.clone(), trust))
            .map_err(|source| StackError::Tls { field: format!("trunks[{:?}]", trunk.name), source })
    };
    config.tls_trunks.iter().map(trust).collect()
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
        Method::PRack,
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

fn tcp_listener(listen: SocketAddr) -> io::Result<tokio::net::TcpListener> {
    use socket2::{Domain, Protocol, Socket, Type};

    let socket = Socket::new(Domain::for_address(listen), Type::STREAM, Some(Protocol::TCP))?;
    // Connections of a process that just ended do not keep the port.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&listen.into())?;
    socket.listen(1_024)?;
    tokio::net::TcpListener::from_std(socket.into())
}
