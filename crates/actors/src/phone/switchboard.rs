//! The one socket of all telephones: who sends what, and whose an arriving message is.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{net::UdpSocket, sync::mpsc};

use super::{
    incoming::{self, Incoming},
    message::Message,
};

/// Messages of one call that may wait to be read; more are lost, and come again.
const INBOX: usize = 32;
/// Calls that may ring one line at once; more are lost, and the centre gives up on them.
const RINGING: usize = 4;
/// The line that rings for whoever has none: no user is called so.
const EVERY_LINE: &str = "*";
/// First wait before a request is sent again, and the longest (RFC 3261 §17: T1, T2).
const FIRST_REPEAT: Duration = Duration::from_millis(500);
const LAST_REPEAT: Duration = Duration::from_secs(4);
/// How long an answer is waited for (RFC 3261 §17: 64 × T1).
const PATIENCE: Duration = Duration::from_secs(32);

/// All telephones of this process. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Phones(pub(super) Arc<Exchange>);

#[derive(Debug)]
pub(super) struct Exchange {
    socket: UdpSocket,
    pub local: SocketAddr,
    pub centre: SocketAddr,
    counter: AtomicU64,
    places: Mutex<Places>,
}

/// Who hears what.
#[derive(Debug, Default)]
struct Places {
    /// By Call-ID.
    dialogs: HashMap<String, mpsc::Sender<String>>,
    /// By the user that registered.
    lines: HashMap<String, mpsc::Sender<Incoming>>,
}

impl Phones {
    /// Opens telephones that speak to the centre at this SIP address.
    pub async fn open(centre: SocketAddr) -> io::Result<Self> {
        Self::open_at(centre, 0).await
    }

    /// As [`Phones::open`], at a port of this machine; 0: any that is free.
    pub async fn open_at(centre: SocketAddr, port: u16) -> io::Result<Self> {
        // The address that the centre sees, without sending anything.
        let towards = UdpSocket::bind(any_of(centre.ip())).await?;
        towards.connect(centre).await?;
        let socket = UdpSocket::bind(SocketAddr::new(towards.local_addr()?.ip(), port)).await?;
        let local = socket.local_addr()?;
        let counter = AtomicU64::new(1);
        let exchange = Arc::new(Exchange { socket, local, centre, counter, places: Mutex::default() });
        tokio::spawn(receive(Arc::downgrade(&exchange)));
        Ok(Self(exchange))
    }

    /// Where these telephones are.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.local
    }

    /// Calls for users without a line of their own ring here.
    pub fn every_line(&self) -> mpsc::Receiver<Incoming> {
        self.0.line(EVERY_LINE)
    }

    /// Calls going on or ringing, and registrations under way.
    pub fn dialogs(&self) -> usize {
        self.0.places().dialogs.len()
    }
}

fn any_of(ip: IpAddr) -> SocketAddr {
    if ip.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() }
}

impl Exchange {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that was not given before.
    pub fn number(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// The `Via` of a new transaction, with what goes with it.
    pub fn via(&self) -> String {
        let (local, port, number) = (self.local, self.local.port(), self.number());
        format!("Via: SIP/2.0/UDP {local};rport;branch=z9hG4bK{port}-{number}\r\nMax-Forwards: 70\r\n")
    }

    pub async fn send(&self, message: &str) {
        // Lost is lost: whatever matters is sent again.
        let _ = self.socket.send_to(message.as_bytes(), self.centre).await;
    }

    /// Everything with this Call-ID goes here, for as long as the place is held.
    pub fn listen(self: &Arc<Self>, call_id: &str) -> Place {
        let (sender, inbox) = mpsc::channel(INBOX);
        self.places().dialogs.insert(call_id.to_owned(), sender);
        Place { exchange: Arc::clone(self), call_id: call_id.to_owned(), inbox }
    }

    /// Calls for this user ring here.
    pub fn line(&self, user: &str) -> mpsc::Receiver<Incoming> {
        let (sender, ringing) = mpsc::channel(RINGING);
        self.places().lines.insert(user.to_owned(), sender);
        ringing
    }

    pub fn close_line(&self, user: &str) {
        self.places().lines.remove(user);
    }

    fn dialog(&self, call_id: &str) -> Option<mpsc::Sender<String>> {
        self.places().dialogs.get(call_id).cloned()
    }

    fn ringing(&self, user: &str) -> Option<mpsc::Sender<Incoming>> {
        let places = self.places();
        places.lines.get(user).or_else(|| places.lines.get(EVERY_LINE)).cloned()
    }
}

/// A place where the messages of one Call-ID arrive.
#[derive(Debug)]
pub(super) struct Place {
    pub exchange: Arc<Exchange>,
    pub call_id: String,
    inbox: mpsc::Receiver<String>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.exchange.places().dialogs.remove(&self.call_id);
    }
}

impl Place {
    /// The next message; none when the telephones are closed.
    pub async fn next(&mut self) -> Option<String> {
        self.inbox.recv().await
    }

    /// Sends a request until a final answer comes; none when none comes. Meanwhile `aside` hears everything else.
    pub async fn ask(&mut self, request: &str, method: &str, mut aside: impl FnMut(&str)) -> Option<String> {
        let until = tokio::time::Instant::now() + PATIENCE;
        let mut repeat = FIRST_REPEAT;
        let mut heard = false;
        self.exchange.send(request).await;
        loop {
            let wait = tokio::time::timeout(repeat, self.inbox.recv()).await;
            if tokio::time::Instant::now() > until {
                return None;
            }
            match wait {
                Err(_) => {
                    // A provisional answer ends the repeats of an INVITE.
                    if !(heard && method == "INVITE") {
                        self.exchange.send(request).await;
                    }
                    repeat = (repeat * 2).min(LAST_REPEAT);
                }
                Ok(None) => return None,
                Ok(Some(text)) => {
                    let Some(message) = Message::read(text.as_bytes()) else { continue };
                    if message.code == 0 || message.answers() != method {
                        aside(&text);
                    } else if message.code >= 200 {
                        return Some(text);
                    } else {
                        heard = true;
                    }
                }
            }
        }
    }
}

/// Reads the socket until the telephones are gone.
async fn receive(exchange: Weak<Exchange>) {
    let mut datagram = vec![0; 65_536];
    loop {
        let Some(exchange) = exchange.upgrade() else { return };
        // Looks up now and then whether anyone still holds the telephones.
        let waited = tokio::time::timeout(LAST_REPEAT, exchange.socket.recv_from(&mut datagram)).await;
        let Ok(Ok((length, _))) = waited else { continue };
        let Some(message) = Message::read(&datagram[..length]) else { continue };
        let call_id = message.header("Call-ID");
        if let Some(inbox) = exchange.dialog(call_id) {
            let _ = inbox.try_send(message.text.to_owned());
            continue;
        }
        match message.method {
            "INVITE" => {
                let user = message.user("To").to_owned();
                if let Some(line) = exchange.ringing(&user) {
                    let incoming = incoming::ring(&exchange, &message);
                    let _ = line.try_send(incoming);
                } else {
                    exchange.send(&message.respond("404 Not Found", "x", "", "")).await;
                }
            }
            // A BYE of a call that is over here: the other side did not hear it.
            "OPTIONS" | "CANCEL" | "BYE" => exchange.send(&message.respond("200 OK", "x", "", "")).await,
            _ => {}
        }
    }
}
