//! Browsers on the media threads: one UDP port a thread for all of them, told apart by the name in their STUN requests,
//! then by where they come from.

use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use media::{
    g711::Law,
    rtp::HEADER_LEN,
    webrtc::{Agreed, Identity, Outlet, WebError, WebSession, is_stun, local_name},
};

use super::{LegId, PortRange, StatsSnapshot, leg::Leg, wire::Received, wire::Wire, worker::Worker};

/// Where a browser's packets come from and go to, as the rest of the engine sees it: its session knows better.
pub const BROWSER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 9);
/// Packets of one browser that wait to be passed on: those of a third of a second.
const INBOX: usize = 16;
/// Largest packet that waits: 60 ms of G.711 with room to spare.
const LARGEST: usize = HEADER_LEN + 512;
/// Addresses one browser may use at once: its interfaces, and a relay or two.
const SOURCES: usize = 8;
/// Datagrams read from a socket in one round, and more for each browser: what is beyond waits, so that a flood of nonsense
/// starves nobody.
const DATAGRAMS_PER_ROUND: usize = 32;
const DATAGRAMS_PER_BROWSER: usize = 8;
/// Largest datagram that is looked at.
const DATAGRAM: usize = 1_500;

/// How browsers reach the media threads.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Addresses to bind, each with the one told to browsers.
    pub addresses: Vec<(IpAddr, IpAddr)>,
    /// Port of the first thread, the next one for the second; 0: free ones out of the RTP range.
    pub port: u16,
    /// How long a browser may not be heard before its leg is reported silent: a page that is loaded anew comes back
    /// within this time.
    pub silence_limit: Duration,
}

impl Default for WebConfig {
    /// No browsers.
    fn default() -> Self {
        Self { addresses: Vec::new(), port: 0, silence_limit: Duration::from_secs(15) }
    }
}

/// One bound socket.
pub(super) struct WebSocket {
    socket: UdpSocket,
    /// What browsers are told.
    at: SocketAddr,
}

/// What answers browsers' offers: the certificate, and the sockets of every thread.
pub(super) struct Web {
    identity: Identity,
    threads: Vec<Arc<[WebSocket]>>,
    silence_limit: Duration,
}

impl Web {
    pub(super) fn bind(config: &WebConfig, threads: usize, range: &PortRange) -> io::Result<Self> {
        let identity = Identity::generate().map_err(io::Error::other)?;
        let mut bound = Vec::with_capacity(threads);
        for thread in 0..threads {
            bound.push(match config.port {
                0 => any_port(&config.addresses, range)?,
                first => bind_all(&config.addresses, first.saturating_add(thread as u16))?,
            });
        }
        Ok(Self { identity, threads: bound, silence_limit: config.silence_limit })
    }

    pub(super) fn sockets(&self, thread: usize) -> Arc<[WebSocket]> {
        Arc::clone(&self.threads[thread])
    }

    pub(super) fn limits(&self) -> (Duration, Duration) {
        (self.silence_limit, self.silence_limit)
    }

    /// Answers an offer; the wire belongs to this thread.
    pub(super) fn answer(
        &self,
        thread: usize,
        offer: &str,
        law: Option<Law>,
    ) -> Result<(WebWire, Agreed), WebError> {
        let sockets = self.sockets(thread);
        let locals: Vec<SocketAddr> = sockets.iter().map(|socket| socket.at).collect();
        let (session, agreed) = WebSession::answer(offer, law, &self.identity, &locals, Instant::now())?;
        let packets = Box::new([[0; LARGEST]; INBOX]);
        let waiting = Waiting { packets, lengths: [0; INBOX], first: 0, count: 0, heard: Arc::default() };
        Ok((WebWire { session, sockets, waiting, sources: Vec::with_capacity(SOURCES) }, agreed))
    }
}

fn bind_all(addresses: &[(IpAddr, IpAddr)], port: u16) -> io::Result<Arc<[WebSocket]>> {
    let bind = |(bind, told): &(IpAddr, IpAddr)| {
        let socket = UdpSocket::bind((*bind, port))?;
        socket.set_nonblocking(true)?;
        Ok(WebSocket { socket, at: SocketAddr::new(*told, port) })
    };
    addresses.iter().map(bind).collect()
}

fn any_port(addresses: &[(IpAddr, IpAddr)], range: &PortRange) -> io::Result<Arc<[WebSocket]>> {
    let mut last = io::Error::from(ErrorKind::AddrInUse);
    for _ in 0..range.pairs() {
        match bind_all(addresses, range.next_port()) {
            Ok(sockets) => return Ok(sockets),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Packets that came and were not passed on yet; the oldest makes room.
struct Waiting {
    packets: Box<[[u8; LARGEST]; INBOX]>,
    lengths: [usize; INBOX],
    first: usize,
    count: usize,
    /// Something came at all: there is a way for the sound.
    heard: Arc<AtomicBool>,
}

impl Waiting {
    fn push(&mut self, datagram: &[u8]) {
        self.heard.store(true, Ordering::Relaxed);
        let at = (self.first + self.count) % INBOX;
        let Some(place) = self.packets[at].get_mut(..datagram.len()) else { return };
        place.copy_from_slice(datagram);
        self.lengths[at] = datagram.len();
        if self.count == INBOX {
            self.first = (self.first + 1) % INBOX;
        } else {
            self.count += 1;
        }
    }

    fn pop(&mut self, buffer: &mut [u8]) -> Option<usize> {
        if self.count == 0 {
            return None;
        }
        let length = self.lengths[self.first].min(buffer.len());
        buffer[..length].copy_from_slice(&self.packets[self.first][..length]);
        self.first = (self.first + 1) % INBOX;
        self.count -= 1;
        Some(length)
    }
}

/// The carrier of a browser's leg.
pub(super) struct WebWire {
    session: WebSession,
    sockets: Arc<[WebSocket]>,
    waiting: Waiting,
    /// Addresses whose STUN requests were answered.
    sources: Vec<SocketAddr>,
}

/// Where a session's datagrams go.
struct Out<'a> {
    sockets: &'a [WebSocket],
    waiting: &'a mut Waiting,
    answered: Option<SocketAddr>,
}

impl Outlet for Out<'_> {
    fn transmit(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        let socket = self.sockets.iter().find(|socket| socket.at == from).or(self.sockets.first());
        // A browser that can't be reached is missed by its silence.
        let _ = socket.map(|socket| socket.socket.send_to(datagram, to));
        self.answered = Some(to);
    }

    fn heard(&mut self, datagram: &[u8]) {
        self.waiting.push(datagram);
    }
}

impl WebWire {
    /// Becomes true with the first packet of sound.
    pub(super) fn heard(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.waiting.heard)
    }

    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> Received {
        self.waiting.pop(buffer).map_or(Received::Nothing, |length| Received::Packet(length, BROWSER))
    }

    pub(super) fn send(&mut self, datagram: &[u8]) -> bool {
        let mut out = Out { sockets: &self.sockets, waiting: &mut self.waiting, answered: None };
        self.session.send(Instant::now(), datagram, &mut out)
    }

    /// `true` if the browser at `from` has proven to be this session's.
    fn take(&mut self, now: Instant, from: SocketAddr, at: SocketAddr, datagram: &[u8]) -> bool {
        let mut out = Out { sockets: &self.sockets, waiting: &mut self.waiting, answered: None };
        self.session.receive(now, from, at, datagram, &mut out) && out.answered == Some(from)
    }

    fn wake(&mut self, now: Instant) {
        if now >= self.session.due() {
            let mut out = Out { sockets: &self.sockets, waiting: &mut self.waiting, answered: None };
            self.session.wake(now, &mut out);
        }
    }

    fn close(mut self) {
        let mut out = Out { sockets: &self.sockets, waiting: &mut self.waiting, answered: None };
        self.session.close(Instant::now(), &mut out);
    }
}

/// A thread's port for browsers: whose datagrams are whose.
pub(super) struct WebPort {
    sockets: Arc<[WebSocket]>,
    names: HashMap<String, LegId>,
    sources: HashMap<SocketAddr, LegId>,
    datagram: Box<[u8; DATAGRAM]>,
}

impl WebPort {
    pub(super) fn new(sockets: Arc<[WebSocket]>) -> Self {
        Self { sockets, names: HashMap::new(), sources: HashMap::new(), datagram: Box::new([0; DATAGRAM]) }
    }

    /// Learns a new leg's name, if it is a browser's.
    pub(super) fn know(&mut self, leg: &Leg) {
        if let Wire::Web(web) = &leg.wire {
            self.names.insert(web.session.name().to_owned(), leg.id);
        }
    }

    /// Says good-bye to the browser of a leg that is gone.
    pub(super) fn forget(&mut self, leg: Leg) {
        if let Wire::Web(web) = leg.wire {
            self.names.remove(web.session.name());
            for source in &web.sources {
                if self.sources.get(source) == Some(&leg.id) {
                    self.sources.remove(source);
                }
            }
            web.close();
        }
    }

    /// Whom a datagram is for: a STUN request names it, all else comes from where such a request came from before.
    fn whose(&self, from: SocketAddr, datagram: &[u8]) -> Option<LegId> {
        if is_stun(datagram) {
            return self.names.get(local_name(datagram)?).copied();
        }
        self.sources.get(&from).copied()
    }
}

impl Worker {
    /// Reads what browsers sent, and lets the sessions whose time has come do their work.
    pub(super) fn read_browsers(&mut self, round: &mut StatsSnapshot) {
        let now = Instant::now();
        let sockets = Arc::clone(&self.web.sockets);
        let budget = DATAGRAMS_PER_ROUND + self.web.names.len() * DATAGRAMS_PER_BROWSER;
        for socket in sockets.iter() {
            for _ in 0..budget {
                match socket.socket.recv_from(&mut self.web.datagram[..]) {
                    Ok((length, from)) => self.read_browser(now, from, socket.at, length, round),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    // An ICMP error about an earlier packet; the next read is a packet again.
                    Err(_) => {}
                }
            }
        }
        if !self.web.names.is_empty() {
            for leg in &mut self.legs {
                if let Wire::Web(web) = &mut leg.wire {
                    web.wake(now);
                }
            }
        }
    }

    fn read_browser(
        &mut self,
        now: Instant,
        from: SocketAddr,
        at: SocketAddr,
        length: usize,
        round: &mut StatsSnapshot,
    ) {
        let datagram = &self.web.datagram[..length];
        let place = self.web.whose(from, datagram).and_then(|id| self.places.get(&id).copied());
        let Some(leg) = place.and_then(|place| self.legs.get_mut(place)) else {
            round.invalid += 1;
            return;
        };
        let Wire::Web(web) = &mut leg.wire else { return };
        // The answer to a STUN request goes to whoever has the session's password, and only to them.
        if web.take(now, from, at, datagram)
            && is_stun(datagram)
            && web.sources.len() < SOURCES
            && !web.sources.contains(&from)
        {
            web.sources.push(from);
            self.web.sources.insert(from, leg.id);
        }
    }
}
