//! What the media threads spend: on a relayed packet, a bridged call and a held call. No signalling, no bus.

use std::{
    io::Write as _,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use ingress_voice::engine::{Engine, EngineConfig, Leg, LegMedia, WebConfig};
use media::{
    FRAME_SAMPLES,
    clip::Clip,
    g711::Law,
    melody::music_on_hold,
    rtp::{HEADER_LEN, write_header},
};
use tokio::sync::mpsc;

const LEGS: usize = 400;
const TIME: Duration = Duration::from_secs(5);

/// All phones on one socket: it says frames to every leg and drops what it hears.
struct Phones(UdpSocket);

impl Phones {
    fn new() -> anyhow::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
        Ok(Self(socket))
    }

    fn speak(&self, legs: &[Leg], time: Duration) {
        let mut packet = [0x55; HEADER_LEN + FRAME_SAMPLES];
        let start = Instant::now();
        let mut frame = 0u32;
        while start.elapsed() < time {
            let (header, _) = packet.split_at_mut(HEADER_LEN);
            if let Ok(header) = header.try_into() {
                write_header(header, false, 0, frame as u16, frame.wrapping_mul(160), 7);
            }
            for leg in legs {
                let _ = self.0.send_to(&packet, ("127.0.0.1", leg.port()));
            }
            self.drop_all();
            frame += 1;
            std::thread::sleep(
                (start + Duration::from_millis(20) * frame).saturating_duration_since(Instant::now()),
            );
        }
    }

    fn drop_all(&self) {
        let mut datagram = [0; 2_048];
        while self.0.recv_from(&mut datagram).is_ok() {}
    }
}

fn main() -> anyhow::Result<()> {
    let engine = Engine::start(&EngineConfig {
        bind: "127.0.0.1".parse()?,
        ports: 26_000..=29_999,
        threads: 1,
        silence_limit: Duration::from_mins(1),
        first_packet_limit: Duration::from_mins(1),
        web: WebConfig::default(),
    })?;
    let phones = Phones::new()?;
    let call = engine.for_call();
    let (events, _mailbox) = mpsc::channel(64);
    let remote: SocketAddr = phones.0.local_addr()?;
    let memory = resident();
    let mut legs = Vec::new();
    for seed in 0..LEGS {
        let leg = call.open(seed as u64, events.clone())?;
        let (events_in, events_out) = (Some(101), Some(101));
        leg.agree(LegMedia {
            remote,
            law: Law::Mu,
            events_in,
            events_out,
            noise: false,
            sending: true,
            receiving: true,
        })?;
        legs.push(leg);
    }
    let music = Clip::from_samples(&music_on_hold());
    for leg in &legs {
        leg.play(music.play(Law::Mu, true), None)?;
    }
    let (busy, _) = measure(&engine, || {
        let start = Instant::now();
        while start.elapsed() < TIME {
            phones.drop_all();
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    print("a held call with music, media thread", per_mille(busy, LEGS), "≤ 0.2 ‰ of a core")?;
    print("a leg's memory", format!("{:.1} KB", (resident() - memory) / LEGS as f64), "≤ 40 KB a call")?;

    for pair in legs.chunks(2) {
        call.bridge(pair[0].id(), pair[1].id())?;
    }
    phones.speak(&legs, Duration::from_millis(500));
    let (busy, packets) = measure(&engine, || phones.speak(&legs, TIME));
    let each = busy.as_secs_f64() * 1e6 / packets.max(1) as f64;
    print("relaying one packet", format!("{each:.2} µs ({packets} relayed)"), "≤ 3 µs")?;
    print("a bridged two-way call, media thread", per_mille(busy, LEGS / 2), "≤ 0.4 ‰ of a core")?;
    let late = engine.stats().late_rounds;
    print("rounds more than 5 ms late", late.to_string(), "0")?;
    Ok(())
}

/// Time the engine worked, and packets it received, while `action` ran.
fn measure(engine: &Engine, action: impl FnOnce()) -> (Duration, u64) {
    let before = engine.stats();
    action();
    let after = engine.stats();
    (Duration::from_nanos(after.busy_nanos - before.busy_nanos), after.received - before.received)
}

fn per_mille(busy: Duration, calls: usize) -> String {
    format!("{:.3} ‰", busy.as_secs_f64() / TIME.as_secs_f64() * 1_000.0 / calls as f64)
}

fn print(what: &str, value: String, aim: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "| {what} | {value} | {aim} |")?;
    Ok(())
}

fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0.0)
}
