//! SIP over connections, TCP and TLS. The stack could listen itself, but would read whatever comes for as long as it comes: here
//! stands what the screen is for datagrams. Connections are counted, messages are bounded in size and time, whoever says nothing
//! sensible is left, and what passes is screened as a datagram is.
//!
//! The stack sees a connection as a channel of whole messages. It finds it by the other end's address, so a phone is rung over
//! the connection it registered by; those we need and do not have are made here.

mod carry;
mod frame;
mod places;
mod tls;

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use rsipstack::{sip::HostWithPort, transaction::endpoint::EndpointInner, transport::SipAddr};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, rustls::ServerConfig};
use tokio_util::sync::CancellationToken;

use self::places::{Place, Places};
use super::signalling::Signalling;
use crate::metrics;

pub use places::Limits;
pub use tls::{CertificateFiles, TlsError, Trust, server, trust};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long a connection of ours may take to come about.
const CONNECT: Duration = Duration::from_secs(3);
/// Between two looks whether a silent other end is still there: its first, its further ones, and how many are missed.
const ALIVE: (Duration, Duration, u32) = (Duration::from_secs(60), Duration::from_secs(15), 4);
/// After an accept that failed, for want of file descriptors mostly.
const BREATH: Duration = Duration::from_millis(100);

type Key = (Signalling, SocketAddr);

/// All connections of a stack. Cheap to share.
#[derive(Clone)]
pub struct Streams(Arc<Inner>);

struct Inner {
    endpoint: Weak<EndpointInner>,
    places: Arc<Places>,
    live: Mutex<HashMap<Key, CancellationToken>>,
    /// How trunks are called over TLS, by their names.
    trusts: HashMap<String, Trust>,
    stop: CancellationToken,
}

impl Streams {
    /// None are open.
    #[must_use]
    pub fn new(
        endpoint: &Arc<EndpointInner>,
        limits: Limits,
        trusts: HashMap<String, Trust>,
        stop: CancellationToken,
    ) -> Self {
        let live = Mutex::default();
        let endpoint = Arc::downgrade(endpoint);
        Self(Arc::new(Inner { endpoint, places: Places::new(limits), live, trusts, stop }))
    }

    /// Takes connections until the stack stops; with a configuration, over TLS.
    pub fn serve(&self, listener: TcpListener, tls: Option<Arc<ServerConfig>>) {
        let streams = self.clone();
        tokio::spawn(async move {
            let signalling = if tls.is_some() { Signalling::Tls } else { Signalling::Tcp };
            let acceptor = tls.map(TlsAcceptor::from);
            loop {
                let accepted = tokio::select! {
                    () = streams.0.stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                match accepted {
                    Ok((stream, remote)) => streams.accept(stream, remote, acceptor.clone()),
                    Err(error) => {
                        tracing::warn!(%error, ?signalling, "a connection could not be taken");
                        tokio::time::sleep(BREATH).await;
                    }
                }
            }
        });
    }

    fn accept(&self, stream: TcpStream, remote: SocketAddr, acceptor: Option<TlsAcceptor>) {
        let Some(place) = self.0.places.take(remote.ip()) else {
            count(if acceptor.is_some() { Signalling::Tls } else { Signalling::Tcp }, "full");
            return;
        };
        let streams = self.clone();
        tokio::spawn(async move {
            settle(&stream);
            let Some(acceptor) = acceptor else {
                return streams.carry(stream, (Signalling::Tcp, remote), place).await;
            };
            match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => streams.carry(stream, (Signalling::Tls, remote), place).await,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a TLS handshake failed");
                    count(Signalling::Tls, "handshake");
                }
                Err(_) => count(Signalling::Tls, "handshake"),
            }
        });
    }

    /// Whether there is a connection with `remote`.
    #[must_use]
    pub fn has(&self, signalling: Signalling, remote: SocketAddr) -> bool {
        let live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.get(&(signalling, remote)).is_some_and(|token| !token.is_cancelled())
    }

    /// Makes sure that there is a connection over TCP.
    pub async fn connect(&self, remote: SocketAddr) -> io::Result<()> {
        if self.has(Signalling::Tcp, remote) {
            return Ok(());
        }
        let (stream, place) = self.dial(remote).await?;
        self.spawn(stream, (Signalling::Tcp, remote), place).await;
        Ok(())
    }

    /// Makes sure that there is a connection with a trunk over TLS. Its name is checked.
    pub async fn connect_tls(&self, trunk: &str, remote: SocketAddr) -> io::Result<()> {
        if self.has(Signalling::Tls, remote) {
            return Ok(());
        }
        let trust = self.0.trusts.get(trunk).cloned().ok_or_else(|| io::Error::other("no such trunk"))?;
        let (stream, place) = self.dial(remote).await?;
        let handshake = TlsConnector::from(trust.config).connect(trust.name, stream);
        let stream = tokio::time::timeout(HANDSHAKE, handshake).await??;
        self.spawn(stream, (Signalling::Tls, remote), place).await;
        Ok(())
    }

    async fn dial(&self, remote: SocketAddr) -> io::Result<(TcpStream, Place)> {
        let full = || io::Error::other("there are as many connections as may be");
        let place = self.0.places.take(remote.ip()).ok_or_else(full)?;
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect(remote)).await??;
        settle(&stream);
        // We wanted it.
        place.prove();
        Ok((stream, place))
    }

    /// Carries a connection of ours beside whatever goes on; returns when the stack knows it.
    async fn spawn<S>(&self, stream: S, key: Key, place: Place)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + 'static,
    {
        let streams = self.clone();
        if let Some(carried) = streams.open(key).await {
            tokio::spawn(async move { streams.run(stream, carried, place).await });
        }
    }
}

/// Small messages go at once, and an other end that vanished is found out. Without either it works, too.
fn settle(stream: &TcpStream) {
    let (first, further, missed) = ALIVE;
    let keepalive = socket2::TcpKeepalive::new().with_time(first).with_interval(further).with_retries(missed);
    let settled =
        stream.set_nodelay(true).and_then(|()| socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive));
    if let Err(error) = settled {
        tracing::debug!(%error, "a connection keeps its settings");
    }
}

fn count(signalling: Signalling, end: &'static str) {
    metrics::STREAMS_ENDED.with_label_values(&[name(signalling), end]).inc();
}

fn name(signalling: Signalling) -> &'static str {
    match signalling {
        Signalling::Udp => "udp",
        Signalling::Tcp => "tcp",
        Signalling::Tls => "tls",
    }
}

fn sip_addr((signalling, remote): Key) -> SipAddr {
    SipAddr { r#type: Some(signalling.transport()), addr: HostWithPort::from(remote) }
}
