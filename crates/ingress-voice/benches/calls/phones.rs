//! All phones, callers' and agents', on one UDP socket.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use actors::phone::message::{Message, description, finish};
use hdrhistogram::Histogram;
use md5::{Digest as _, Md5};

const REALM: &str = "switchboard";

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// The agent hangs up this call.
    AgentHangsUp(String),
}

struct Caller {
    invited_at: Instant,
    answered: bool,
    ended: bool,
    /// Port of the centre's audio.
    audio: Option<u16>,
    /// What a BYE needs: our From, their To, their contact.
    dialog: (String, String, String),
}

struct AgentCall {
    agent: usize,
    confirmed: bool,
    audio: Option<u16>,
    dialog: (String, String, String),
}

/// What was measured.
pub struct Seen {
    /// INVITE in → INVITE to the agent, in microseconds.
    pub setup: Histogram<u64>,
    /// Agent's BYE → the agent's next INVITE, in microseconds.
    pub pickup: Histogram<u64>,
    pub begun: u64,
    pub answered: u64,
    pub served: u64,
    pub refused: u64,
}

impl Seen {
    /// Nothing measured yet.
    pub fn none() -> Self {
        let histogram = || Histogram::new(3).expect("three digits are a precision that exists");
        Self { setup: histogram(), pickup: histogram(), begun: 0, answered: 0, served: 0, refused: 0 }
    }
}

pub struct Phones {
    socket: UdpSocket,
    local: SocketAddr,
    centre: SocketAddr,
    rtp: SocketAddr,
    number: String,
    talk: Duration,
    callers: HashMap<String, Caller>,
    agent_calls: HashMap<String, AgentCall>,
    bye_at: Vec<Option<Instant>>,
    registered: usize,
    leaving: bool,
    timers: BinaryHeap<Reverse<(Instant, Due)>>,
    count: u64,
    pub seen: Seen,
}

impl Phones {
    pub fn new(
        centre: SocketAddr,
        rtp: SocketAddr,
        number: &str,
        agents: usize,
        talk: Duration,
    ) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
        socket.set_read_timeout(Some(Duration::from_micros(200)))?;
        let local = socket.local_addr()?;
        Ok(Self {
            socket,
            local,
            centre,
            rtp,
            number: number.to_owned(),
            talk,
            callers: HashMap::new(),
            agent_calls: HashMap::new(),
            bye_at: vec![None; agents],
            registered: 0,
            leaving: false,
            timers: BinaryHeap::new(),
            count: 0,
            seen: Seen::none(),
        })
    }

    /// Registers all agents, some at a time.
    pub fn register(&mut self) -> anyhow::Result<()> {
        self.sign_all()
    }

    /// Forgets all agents' phones, so that the next run does not ring these.
    pub fn unregister(&mut self) -> anyhow::Result<()> {
        self.leaving = true;
        self.registered = 0;
        self.sign_all()
    }

    fn sign_all(&mut self) -> anyhow::Result<()> {
        let agents = self.bye_at.len();
        let mut next = 0;
        let until = Instant::now() + Duration::from_mins(2);
        while self.registered < agents {
            anyhow::ensure!(
                Instant::now() < until,
                "only {} of {agents} phones could register",
                self.registered
            );
            while next < agents && next < self.registered + 16 {
                self.send_register(next, "");
                next += 1;
            }
            self.poll();
        }
        Ok(())
    }

    /// Begins a call.
    pub fn call(&mut self) {
        self.count += 1;
        let call_id = format!("c{}-{}", self.count, self.local.port());
        let from = format!("<sip:+1666{:07}@{}>;tag=f{}", self.count, self.local, self.count);
        let to = format!("<sip:{}@{}>", self.number, self.centre);
        let head = format!(
            "INVITE sip:{}@{} SIP/2.0\r\n{}From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:caller@{}>\r\n",
            self.number,
            self.centre,
            self.via(),
            self.local
        );
        let invite = finish(head, &description(self.rtp));
        let caller = Caller {
            invited_at: Instant::now(),
            answered: false,
            ended: false,
            audio: None,
            dialog: (from, to, String::new()),
        };
        self.callers.insert(call_id, caller);
        self.seen.begun += 1;
        self.send(&invite);
    }

    /// Reads what has come, and does what is due.
    pub fn poll(&mut self) {
        let mut datagram = [0; 16_384];
        for _ in 0..64 {
            let Ok((length, _)) = self.socket.recv_from(&mut datagram) else { break };
            let now = Instant::now();
            if let Some(message) = Message::read(&datagram[..length]) {
                self.take(&message, now);
            }
        }
        while let Some(Reverse((at, _))) = self.timers.peek()
            && *at <= Instant::now()
        {
            if let Some(Reverse((_, Due::AgentHangsUp(call_id)))) = self.timers.pop() {
                self.agent_hangs_up(&call_id);
            }
        }
    }

    /// Callers that have not ended.
    pub fn live(&self) -> usize {
        self.callers.values().filter(|caller| !caller.ended).count()
    }

    /// Ports of the centre's audio, of both legs of every call.
    pub fn audio_ports(&self) -> Vec<u16> {
        let callers = self.callers.values().filter(|caller| !caller.ended).filter_map(|caller| caller.audio);
        callers.chain(self.agent_calls.values().filter_map(|call| call.audio)).collect()
    }

    /// Conversations going on.
    pub fn bridged(&self) -> usize {
        self.agent_calls.values().filter(|call| call.confirmed).count()
    }

    /// Every caller hangs up.
    pub fn hang_up_all(&mut self) {
        let live: Vec<String> =
            self.callers.iter().filter(|(_, caller)| !caller.ended).map(|(id, _)| id.clone()).collect();
        for (index, call_id) in live.into_iter().enumerate() {
            if let Some(caller) = self.callers.get_mut(&call_id) {
                caller.ended = true;
                let (from, to, contact) = caller.dialog.clone();
                self.bye(&call_id, &from, &to, &contact);
            }
            if index % 16 == 0 {
                self.poll();
            }
        }
    }

    fn take(&mut self, message: &Message<'_>, now: Instant) {
        let call_id = message.header("Call-ID").to_owned();
        match (message.method, message.code, message.answers()) {
            ("INVITE", ..) => self.agent_rings(&call_id, message, now),
            ("ACK", ..) => {
                if let Some(call) = self.agent_calls.get_mut(&call_id)
                    && !call.confirmed
                {
                    call.confirmed = true;
                    self.timers.push(Reverse((now + self.talk, Due::AgentHangsUp(call_id))));
                }
            }
            ("BYE", ..) => {
                self.send(&message.respond("200 OK", "x", "", ""));
                self.agent_calls.remove(&call_id);
                if let Some(caller) = self.callers.remove(&call_id)
                    && !caller.ended
                {
                    self.seen.served += 1;
                }
            }
            ("OPTIONS" | "CANCEL", ..) => self.send(&message.respond("200 OK", "x", "", "")),
            ("", 200, "REGISTER") => self.registered += 1,
            ("", 401, "REGISTER") => self.sign(message),
            ("", 200, "INVITE") => self.caller_answered(&call_id, message),
            ("", code, "INVITE") if code >= 300 => {
                self.acknowledge(&call_id, message, false);
                if self.callers.remove(&call_id).is_some() {
                    self.seen.refused += 1;
                }
            }
            _ => {}
        }
    }

    fn agent_rings(&mut self, call_id: &str, message: &Message<'_>, now: Instant) {
        let agent = message
            .address("To")
            .trim_start_matches("sip:b")
            .split('@')
            .next()
            .and_then(|key| key.parse::<usize>().ok());
        let Some(agent) = agent.filter(|agent| *agent < self.bye_at.len()) else { return };
        let contact = format!("sip:b{agent}@{}", self.local);
        if !self.agent_calls.contains_key(call_id) {
            if let Some(bye_at) = self.bye_at[agent].take() {
                let _ = self.seen.pickup.record((now - bye_at).as_micros() as u64);
            }
            let number =
                message.address("From").trim_start_matches("sip:+1666").split('@').next().unwrap_or_default();
            if let Ok(number) = number.parse::<u64>()
                && let Some(caller) = self.callers.get(&format!("c{number}-{}", self.local.port()))
            {
                let _ = self.seen.setup.record((now - caller.invited_at).as_micros() as u64);
            }
            let ours = format!("{};tag=a{call_id}", message.header("To"));
            let call = AgentCall {
                agent,
                confirmed: false,
                audio: message.audio_port(),
                dialog: (ours, message.header("From").to_owned(), message.address("Contact").to_owned()),
            };
            self.agent_calls.insert(call_id.to_owned(), call);
        }
        let answer = message.respond("200 OK", &format!("a{call_id}"), &contact, &description(self.rtp));
        self.send(&answer);
    }

    fn agent_hangs_up(&mut self, call_id: &str) {
        let Some(call) = self.agent_calls.remove(call_id) else { return };
        let (from, to, contact) = call.dialog;
        self.bye_at[call.agent] = Some(Instant::now());
        self.bye(call_id, &from, &to, &contact);
    }

    fn caller_answered(&mut self, call_id: &str, message: &Message<'_>) {
        self.acknowledge(call_id, message, true);
        let Some(caller) = self.callers.get_mut(call_id) else { return };
        if !caller.answered {
            caller.answered = true;
            self.seen.answered += 1;
        }
        caller.audio = message.audio_port();
        message.header("To").clone_into(&mut caller.dialog.1);
        message.address("Contact").clone_into(&mut caller.dialog.2);
    }

    fn acknowledge(&self, call_id: &str, message: &Message<'_>, successful: bool) {
        let target = if successful {
            message.address("Contact").to_owned()
        } else {
            format!("sip:{}@{}", self.number, self.centre)
        };
        // The ACK of a failure belongs to the INVITE's transaction, that of a success to none.
        let via = if successful { self.via() } else { format!("Via: {}\r\n", message.header("Via")) };
        let ack = format!(
            "ACK {target} SIP/2.0\r\n{via}From: {}\r\nTo: {}\r\nCall-ID: {call_id}\r\nCSeq: 1 ACK\r\n",
            message.header("From"),
            message.header("To")
        );
        self.send(&finish(ack, ""));
    }

    fn bye(&self, call_id: &str, from: &str, to: &str, contact: &str) {
        let bye = format!(
            "BYE {contact} SIP/2.0\r\n{}From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: 2 BYE\r\n",
            self.via()
        );
        self.send(&finish(bye, ""));
    }

    fn send_register(&self, agent: usize, authorization: &str) {
        let sequence = 1 + u32::from(!authorization.is_empty()) + 2 * u32::from(self.leaving);
        let wish = if self.leaving {
            "Contact: *\r\nExpires: 0\r\n".to_owned()
        } else {
            format!("Contact: <sip:b{agent}@{}>\r\nExpires: 3600\r\n", self.local)
        };
        let register = format!(
            "REGISTER sip:{} SIP/2.0\r\n{}From: <sip:b{agent}@{REALM}>;tag=r{agent}\r\nTo: <sip:b{agent}@{REALM}>\r\n\
             Call-ID: r{agent}-{}\r\nCSeq: {sequence} REGISTER\r\n{wish}{authorization}",
            self.centre,
            self.via(),
            self.local.port(),
        );
        self.send(&finish(register, ""));
    }

    /// Signs a REGISTER with MD5 (RFC 2617, without qop).
    fn sign(&self, challenge: &Message<'_>) {
        let user = challenge.address("To").trim_start_matches("sip:").split('@').next().unwrap_or_default();
        let Ok(agent) = user.trim_start_matches('b').parse() else { return };
        let nonce = challenge
            .header("WWW-Authenticate")
            .split("nonce=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let Some(nonce) = nonce else { return };
        let uri = format!("sip:{}", self.centre);
        let hash = |text: String| hex(&Md5::digest(text));
        let (ha1, ha2) = (hash(format!("{user}:{REALM}:demo")), hash(format!("REGISTER:{uri}")));
        let response = hash(format!("{ha1}:{nonce}:{ha2}"));
        let authorization = format!(
            "Authorization: Digest username=\"{user}\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm=MD5\r\n"
        );
        self.send_register(agent, &authorization);
    }

    fn via(&self) -> String {
        static BRANCH: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let branch = BRANCH.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        format!(
            "Via: SIP/2.0/UDP {0};rport;branch=z9hG4bK{1}-{branch}\r\nMax-Forwards: 70\r\n",
            self.local,
            self.local.port()
        )
    }

    fn send(&self, message: &str) {
        let _ = self.socket.send_to(message.as_bytes(), self.centre);
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
