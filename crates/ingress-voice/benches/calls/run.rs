//! The five measurements.

use std::{
    io::Write as _,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use contract::router::v1::AgentStatus;
use media::{
    FRAME_SAMPLES,
    rtp::{HEADER_LEN, write_header},
};

use crate::{
    Arguments, Mode, centre,
    phones::{Phones, Seen},
    process::{self, Spent},
};

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
    /// Audio packets that came in while CPU was read.
    pub packets: u64,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Figures> {
    let audio = Audio::new()?;
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
        Mode::Held | Mode::Bridged | Mode::Soak => at_once(arguments, &mut phones, &audio)?,
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
    Figures { seen: Seen::none(), before, after, took, served_in_time, at_once: 0, packets: 0 }
}

fn at_once(arguments: &Arguments, phones: &mut Phones, audio: &Audio) -> anyhow::Result<Figures> {
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
    audio.hear();
    let mut before = process::read(&arguments.pid);
    let start = Instant::now();
    let mut packets = 0;
    let mut soak = (arguments.mode == Mode::Soak).then(|| Soak::begin(arguments));
    while start.elapsed() < Duration::from_secs(arguments.seconds) {
        if let Some(soak) = &mut soak {
            soak.look(&arguments.pid)?;
        }
        if ports.is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        } else {
            packets += audio.speak(arguments.sip, &ports, Duration::from_millis(200));
        }
        packets += audio.hear();
        phones.poll();
    }
    let took = start.elapsed();
    let after = process::read(&arguments.pid);
    before.resident_kb = before_memory;
    phones.hang_up_all();
    settle(phones, Duration::from_secs(2));
    if let Some(soak) = soak {
        soak.end()?;
    }
    Ok(Figures { seen: Seen::none(), before, after, took, served_in_time: None, at_once, packets })
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

/// The audio of all phones, on one socket.
struct Audio {
    socket: UdpSocket,
    address: SocketAddr,
}

impl Audio {
    fn new() -> anyhow::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// Sends a frame to every port each 20 ms; how many packets came meanwhile.
    fn speak(&self, centre: SocketAddr, ports: &[u16], time: Duration) -> u64 {
        let mut packets = 0;
        static FRAME: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let mut packet = [0x55; HEADER_LEN + FRAME_SAMPLES];
        let start = Instant::now();
        let mut due = start;
        while start.elapsed() < time && !ports.is_empty() {
            let frame = FRAME.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let (header, _) = packet.split_at_mut(HEADER_LEN);
            if let Ok(header) = header.try_into() {
                write_header(header, false, 0, frame as u16, frame.wrapping_mul(160), 7);
            }
            for port in ports {
                let _ = self.socket.send_to(&packet, (centre.ip(), *port));
            }
            packets += self.hear();
            due += Duration::from_millis(20);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        packets
    }

    /// Takes what has come; how many packets.
    fn hear(&self) -> u64 {
        let mut datagram = [0; 2_048];
        let mut packets = 0;
        while self.socket.recv_from(&mut datagram).is_ok() {
            packets += 1;
        }
        packets
    }
}
