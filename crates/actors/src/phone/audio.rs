//! Real audio: a frame every 20 ms to the centre, and what comes back is counted and looked at.

use std::{
    f64::consts::TAU,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    time::Duration,
};

use media::{
    FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE,
    clip::Clip,
    dtmf::DigitSender,
    g711::Law,
    rtp::{HEADER_LEN, PT_PCMU, Packet, write_header},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{net::UdpSocket, sync::mpsc, task::JoinHandle, time::MissedTickBehavior};

/// Payload type of keys, as described in `message::description`.
const PT_DIGITS: u8 = 101;
/// Length of a key press.
const PRESS_MS: u16 = 120;
/// Loudness from which a frame counts as sound.
const LOUD: i32 = 600;
/// Seconds of a voice before it repeats.
const VOICE_S: usize = 20;

/// Somebody's way of speaking: words and pauses, made of tones. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Voice(Clip);

impl Voice {
    /// A voice of its own for each seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let pitch = rng.random_range(90.0..240.0);
        let rate = f64::from(SAMPLE_RATE);
        let mut samples = Vec::with_capacity(VOICE_S * SAMPLE_RATE as usize);
        while samples.len() < VOICE_S * SAMPLE_RATE as usize {
            // Whoever picks up says a word and waits: who speaks on is taken for an answering machine.
            let syllables = if samples.is_empty() { 2 } else { rng.random_range(4..12) };
            for _ in 0..syllables {
                syllable(&mut samples, &mut rng, pitch, rate);
            }
            // Then the other one speaks.
            let pause = rng.random_range(1.0..3.0) * rate;
            samples.resize(samples.len() + pause as usize, 0);
        }
        Self(Clip::from_samples(&samples))
    }
}

fn syllable(samples: &mut Vec<i16>, rng: &mut StdRng, pitch: f64, rate: f64) {
    let length = (rng.random_range(0.10..0.28) * rate) as usize;
    let pitch = pitch * rng.random_range(0.9..1.15);
    let vowel = rng.random_range(350.0..900.0);
    for at in 0..length {
        let time = at as f64 / rate;
        let swell = (at as f64 / length as f64 * std::f64::consts::PI).sin();
        let harmonic = |number: f64| (TAU * pitch * number * time).sin() / number;
        let tone = harmonic(1.0) + harmonic(2.0) + harmonic(3.0) + 0.5 * (TAU * vowel * time).sin();
        samples.push((tone * swell * 3_000.0) as i16);
    }
    samples.resize(samples.len() + (0.04 * rate) as usize, 0);
}

/// What a telephone heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Packets of audio.
    pub packets: u64,
    /// Those that were more than silence.
    pub loud: u64,
}

#[derive(Debug, Default)]
struct Ears {
    packets: AtomicU64,
    loud: AtomicU64,
    /// Port the centre wants our audio at; 0: not known.
    port: AtomicU16,
}

/// A port for audio.
#[derive(Debug)]
pub(super) struct Audio {
    socket: UdpSocket,
    local: SocketAddr,
    centre: IpAddr,
}

impl Audio {
    pub async fn open(local: IpAddr, centre: IpAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(SocketAddr::new(local, 0)).await?;
        let local = socket.local_addr()?;
        Ok(Self { socket, local, centre })
    }

    pub fn address(&self) -> SocketAddr {
        self.local
    }

    /// Speaks to a port of the centre until what is returned is dropped.
    pub fn speak(self, voice: &Voice, port: Option<u16>) -> Speaking {
        let ears = Arc::new(Ears::default());
        ears.port.store(port.unwrap_or(0), Ordering::Relaxed);
        let (keys, pressed) = mpsc::channel(16);
        let address = self.local;
        let task = tokio::spawn(run(self, voice.clone(), Arc::clone(&ears), pressed));
        Speaking { task, ears, keys, address }
    }
}

/// Audio under way.
#[derive(Debug)]
pub(super) struct Speaking {
    task: JoinHandle<()>,
    ears: Arc<Ears>,
    keys: mpsc::Sender<char>,
    address: SocketAddr,
}

impl Drop for Speaking {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Speaking {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn press(&self, digit: char) {
        let _ = self.keys.try_send(digit);
    }

    pub fn speak_to(&self, port: u16) {
        self.ears.port.store(port, Ordering::Relaxed);
    }

    pub fn heard(&self) -> Heard {
        Heard {
            packets: self.ears.packets.load(Ordering::Relaxed),
            loud: self.ears.loud.load(Ordering::Relaxed),
        }
    }
}

async fn run(audio: Audio, voice: Voice, ears: Arc<Ears>, mut pressed: mpsc::Receiver<char>) {
    let mut round = tokio::time::interval(Duration::from_millis(FRAME_MS.into()));
    round.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut playback = voice.0.play(Law::Mu, true);
    let ssrc = u32::from(audio.local.port());
    let (mut sequence, mut timestamp) = (0_u16, 0_u32);
    let mut digit: Option<(DigitSender, u32)> = None;
    let mut datagram = [0; 2_048];
    loop {
        tokio::select! {
            _ = round.tick() => {}
            received = audio.socket.recv_from(&mut datagram) => {
                if let Ok((length, _)) = received {
                    listen(&datagram[..length], &ears);
                }
                continue;
            }
        }
        let port = ears.port.load(Ordering::Relaxed);
        if port == 0 {
            continue;
        }
        if digit.is_none()
            && let Ok(key) = pressed.try_recv()
        {
            digit = DigitSender::new(key, PRESS_MS).map(|sender| (sender, timestamp));
        }
        let mut packet = [0; HEADER_LEN + FRAME_SAMPLES];
        let mut head = [0; HEADER_LEN];
        let mut length = HEADER_LEN + FRAME_SAMPLES;
        let key = digit.as_mut().and_then(|(sender, began)| sender.next_packet().map(|key| (key, *began)));
        if let Some((key, began)) = key {
            write_header(&mut head, key.marker, PT_DIGITS, sequence, began, ssrc);
            packet[HEADER_LEN..HEADER_LEN + 4].copy_from_slice(&key.event.to_bytes());
            length = HEADER_LEN + 4;
        } else {
            digit = None;
            let mut frame = [0; FRAME_SAMPLES];
            playback.next_frame(&mut frame);
            write_header(&mut head, sequence == 0, PT_PCMU, sequence, timestamp, ssrc);
            packet[HEADER_LEN..].copy_from_slice(&frame);
        }
        packet[..HEADER_LEN].copy_from_slice(&head);
        let _ = audio.socket.send_to(&packet[..length], (audio.centre, port)).await;
        sequence = sequence.wrapping_add(1);
        timestamp = timestamp.wrapping_add(FRAME_SAMPLES as u32);
    }
}

fn listen(datagram: &[u8], ears: &Ears) {
    let Ok(packet) = Packet::parse(datagram) else { return };
    if packet.payload_type != PT_PCMU {
        return;
    }
    ears.packets.fetch_add(1, Ordering::Relaxed);
    let loudest = packet.payload.iter().map(|byte| i32::from(Law::Mu.decode(*byte)).abs()).max();
    if loudest.is_some_and(|loudest| loudest > LOUD) {
        ears.loud.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Voice;

    #[test]
    fn a_voice_is_its_seed() {
        let bytes = |seed| Voice::new(seed).0.bytes(media::g711::Law::Mu).clone();

        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7), bytes(8));
    }
}
