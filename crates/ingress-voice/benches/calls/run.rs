//! The five measurements.

use std::{
    collections::HashMap,
    io::Write as _,
    net::{SocketAddr, UdpSocket},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use contract::router::v1::AgentStatus;
use hdrhistogram::Histogram;
use media::{
    FRAME_SAMPLES,
    rtp::{HEADER_LEN, write_header},
};

use crate::{
    Arguments, Mode, centre,
    phones::{Phones, Seen},
    process::{self, Spent},
};

/// Between two packets of a phone.
const FRAME: Duration = Duration::from_millis(20);

/// What a run found.
pub struct Figures {
    pub seen: Seen,
    /// CPU and memory before and after.
    pub before: Spent,
    pub after: Spent,
    pub took: Duration,
    /// Calls served before the callers stopped coming, when that is what counts.
    served_in_time: Option<u64>,
    /// Calls held or bridged while CPU was read.
    pub at_once: usize,
    /// Audio that came in while CPU was read.
    pub heard: Heard,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Figures> {
    let mut audio = Audio::new()?;
    let talk = match arguments.mode {
        Mode::Setup | Mode::Backlog => Duration::from_millis(arguments.talk_ms),
        Mode::Held | Mode::Bridged | Mode::Soak => Duration::from_hours(24),
    };
    let registered = arguments.mode != Mode::Held;
    let mut phones = Phones::new(arguments.sip, audio.address, &arguments.number, arguments.agents, talk)?;
    if registered {
        phones.register()?;
    }
    let status = if registered { AgentStatus::Available } else { AgentStatus::Offline };
    centre::set_status(&arguments.grpc, arguments.agents, status)?;
    let mut figures = match arguments.mode {
        Mode::Setup => at_a_rate(arguments, &mut phones, arguments.rate),
        Mode::Backlog => {
            // Enough callers that agents never wait for one, without a queue that only grows.
            let ideal = arguments.agents as f64 / talk.as_secs_f64();
            at_a_rate(arguments, &mut phones, ideal * 1.2)
        }
        Mode::Held | Mode::Bridged | Mode::Soak => at_once(arguments, &mut phones, &mut audio)?,
    };
    if registered {
        centre::set_status(&arguments.grpc, arguments.agents, AgentStatus::Offline)?;
        phones.unregister()?;
    }
    figures.seen = phones.seen;
    if let Some(served) = figures.served_in_time {
        figures.seen.served = served;
    }
    Ok(figures)
}

fn at_a_rate(arguments: &Arguments, phones: &mut Phones, rate: f64) -> Figures {
    let every = Duration::from_secs_f64(1.0 / rate);
    let before = process::read(&arguments.pid);
    let start = Instant::now();
    let end = start + Duration::from_secs(arguments.seconds);
    let mut next = start;
    while Instant::now() < end {
        if Instant::now() >= next {
            phones.call();
            next += every;
        }
        phones.poll();
    }
    let took = start.elapsed();
    let served = phones.seen.served;
    settle(phones, Duration::from_secs(if arguments.mode == Mode::Setup { 5 } else { 0 }));
    let after = process::read(&arguments.pid);
    phones.hang_up_all();
    settle(phones, Duration::from_secs(2));
    let served_in_time = (arguments.mode == Mode::Backlog).then_some(served);
    let heard = Heard::default();
    Figures { seen: Seen::none(), before, after, took, served_in_time, at_once: 0, heard }
}

fn at_once(arguments: &Arguments, phones: &mut Phones, audio: &mut Audio) -> anyhow::Result<Figures> {
    let before_memory = process::read(&arguments.pid).resident_kb;
    while (phones.seen.begun as usize) < arguments.calls {
        phones.call();
        let until = Instant::now() + Duration::from_millis(10);
        while Instant::now() < until {
            phones.poll();
        }
    }
    settle(phones, Duration::from_secs(3));
    let at_once = if arguments.mode == Mode::Held { phones.live() } else { phones.bridged() };
    let ports = if arguments.mode == Mode::Held { Vec::new() } else { phones.audio_ports() };
    audio.speak(arguments.sip, &ports, Duration::from_secs(2));
    audio.heard();
    let mut before = process::read(&arguments.pid);
    let start = Instant::now();
    let mut soak = (arguments.mode == Mode::Soak).then(|| Soak::begin(arguments));
    while start.elapsed() < Duration::from_secs(arguments.seconds) {
        if let Some(soak) = &mut soak {
            soak.look(&arguments.pid)?;
        }
        if ports.is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        } else {
            audio.speak(arguments.sip, &ports, Duration::from_millis(200));
        }
        phones.poll();
    }
    let took = start.elapsed();
    let heard = audio.heard();
    let after = process::read(&arguments.pid);
    before.resident_kb = before_memory;
    phones.hang_up_all();
    settle(phones, Duration::from_secs(2));
    if let Some(soak) = soak {
        soak.end()?;
    }
    Ok(Figures { seen: Seen::none(), before, after, took, served_in_time: None, at_once, heard })
}

/// How memory stands while calls go on.
struct Soak {
    begun: Instant,
    next: Instant,
    /// When everything that is made once has been made.
    settled: Instant,
    settled_kb: Option<f64>,
    last_kb: f64,
}

impl Soak {
    fn begin(arguments: &Arguments) -> Self {
        let begun = Instant::now();
        let settled = begun + Duration::from_secs(arguments.seconds / 4);
        Self { begun, next: begun, settled, settled_kb: None, last_kb: 0.0 }
    }

    /// Twice a minute, prints what the processes hold.
    fn look(&mut self, pids: &[u32]) -> anyhow::Result<()> {
        let now = Instant::now();
        if now < self.next {
            return Ok(());
        }
        self.next += Duration::from_secs(30);
        self.last_kb = process::read(pids).resident_kb;
        if now >= self.settled {
            self.settled_kb.get_or_insert(self.last_kb);
        }
        let seconds = now.duration_since(self.begun).as_secs();
        writeln!(std::io::stdout(), "{seconds:4} s  {:.1} MB", self.last_kb / 1_024.0)?;
        Ok(())
    }

    /// An error when more is held than after a quarter of the time.
    fn end(self) -> anyhow::Result<()> {
        let settled = self.settled_kb.unwrap_or(self.last_kb);
        let most = settled * 1.05 + 4_096.0;
        anyhow::ensure!(self.last_kb <= most, "memory grew from {settled} kB to {} kB", self.last_kb);
        Ok(())
    }
}

fn settle(phones: &mut Phones, time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        phones.poll();
    }
}

/// What the phones heard.
pub struct Heard {
    pub packets: u64,
    /// By how much the time between two packets of a phone differed from 20 ms, microseconds.
    pub jitter: Histogram<u64>,
}

impl Default for Heard {
    fn default() -> Self {
        // Up to a minute, to three digits.
        let jitter = Histogram::new_with_max(60_000_000, 3).expect("valid bounds");
        Self { packets: 0, jitter }
    }
}

/// The audio of all phones, on one socket. A thread listens, so that a packet is timed when it comes.
struct Audio {
    socket: UdpSocket,
    address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
    /// When the next frame is to be sent.
    due: Instant,
    frame: u32,
}

impl Audio {
    fn new() -> anyhow::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
        let address = socket.local_addr()?;
        let heard = Arc::<Mutex<Heard>>::default();
        let (ears, noted) = (socket.try_clone()?, Arc::clone(&heard));
        std::thread::spawn(move || listen(&ears, &noted));
        Ok(Self { socket, address, heard, due: Instant::now(), frame: 0 })
    }

    /// Sends a frame to every port each 20 ms.
    fn speak(&mut self, centre: SocketAddr, ports: &[u16], time: Duration) {
        let mut packet = [0x55; HEADER_LEN + FRAME_SAMPLES];
        let start = Instant::now();
        if start > self.due + FRAME {
            self.due = start;
        }
        while start.elapsed() < time && !ports.is_empty() {
            std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
            self.due += FRAME;
            self.frame = self.frame.wrapping_add(1);
            let (header, _) = packet.split_at_mut(HEADER_LEN);
            if let Ok(header) = header.try_into() {
                write_header(header, false, 0, self.frame as u16, self.frame.wrapping_mul(160), 7);
            }
            for port in ports {
                let _ = self.socket.send_to(&packet, (centre.ip(), *port));
            }
        }
    }

    /// What was heard since this was asked last.
    fn heard(&self) -> Heard {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Notes every packet, until the process ends.
fn listen(socket: &UdpSocket, heard: &Mutex<Heard>) {
    let mut datagram = [0; 2_048];
    let mut last = HashMap::new();
    loop {
        let Ok((_, from)) = socket.recv_from(&mut datagram) else { continue };
        let now = Instant::now();
        let before = last.insert(from, now);
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.packets += 1;
        if let Some(before) = before {
            let off = now.duration_since(before).abs_diff(FRAME);
            heard.jitter.saturating_record(u64::try_from(off.as_micros()).unwrap_or(u64::MAX));
        }
    }
}
