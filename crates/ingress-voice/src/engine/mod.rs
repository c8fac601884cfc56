//! The media engine: every leg's audio on dedicated threads with their own clock.
//!
//! A thread owns its legs outright. Signalling talks to it through a bounded channel and a flag per leg, it talks
//! back through each call's own bounded mailbox. Per packet there is no lock and no allocation. Receiving and
//! sending are one plain non-blocking system call a packet: each leg has its own port, so a batch call would
//! carry one packet anyway. Only sockets that have a packet are read.

mod detector;
mod ear;
mod leg;
mod listener;
mod ports;
mod readiness;
mod stats;
mod tape;
mod voices;
mod watch;
mod web;
mod wire;
mod wiring;
mod worker;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use media::{
    clip::Playback,
    g711::Law,
    webrtc::{Agreed, WebError},
};
use thiserror::Error;
use tokio::sync::mpsc;

pub use detector::{Detector, Found};
pub use listener::{Listener, Utterance};
pub use ports::PortRange;
use readiness::Readiness;
pub use stats::{EngineStats, StatsSnapshot};
pub use tape::{BLOCK_BYTES, BLOCK_FRAMES, Block, TapeSink, Taped};
pub use voices::{MAX_VOICES, Voices};
pub use web::{BROWSER, WebConfig};
pub use wire::Protection;

/// Names a leg for its whole life; never used twice in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegId(u64);

/// What the engine tells the call a leg belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaEvent {
    /// A key was pressed.
    Digit { leg: LegId, digit: char },
    /// The clip started with this token has been heard to its end.
    Played { leg: LegId, token: u64 },
    /// Nothing was heard for longer than the leg's limit. Said once, until the leg is expected anew.
    Silent { leg: LegId },
    /// The watched leg has said something. Said once.
    Spoke { leg: LegId },
    /// The watched leg has said nothing for as long as the watch's limit. Said once.
    Paused { leg: LegId },
    /// The leg that is listened to begins to speak.
    Speaks { leg: LegId },
    /// What a detector was to find is found.
    Detected { leg: LegId, found: Found },
}

/// What both ends agreed on for a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegMedia {
    /// Where the other end wants its packets, until its own packets say otherwise.
    pub remote: SocketAddr,
    /// How both directions are coded.
    pub law: Law,
    /// Payload type of telephone events we receive and send, if agreed.
    pub events_in: Option<u8>,
    /// See `events_in`.
    pub events_out: Option<u8>,
    /// Comfort noise (RFC 3389) is agreed: it may be sent. It is understood in any case.
    pub noise: bool,
    /// Packets go to the other end.
    pub sending: bool,
    /// Packets are expected from the other end; if they stop for too long, the leg is reported silent.
    pub receiving: bool,
}

/// Why a leg could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Every port pair of the range is in use.
    #[error("no free pair of RTP ports")]
    NoPort,
    /// The socket could not be made.
    #[error("the RTP socket could not be opened")]
    Socket(#[source] io::Error),
    /// The media thread is behind with its commands, or gone.
    #[error("the media engine is overloaded")]
    Overloaded,
}

/// Why a browser got no leg.
#[derive(Debug, Error)]
pub enum OpenWebError {
    /// Its description can't be answered.
    #[error(transparent)]
    Description(#[from] WebError),
    /// No room.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// How the engine runs.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Address the sockets are bound to.
    pub bind: IpAddr,
    /// Ports for RTP (even) and RTCP (odd).
    pub ports: RangeInclusive<u16>,
    /// Media threads; calls are spread over them.
    pub threads: usize,
    /// Silence after which a leg that was heard before is reported.
    pub silence_limit: Duration,
    /// Silence after which a leg that was never heard is reported.
    pub first_packet_limit: Duration,
    /// Browsers.
    pub web: WebConfig,
}

enum Command {
    Open(Box<leg::Leg>),
    Agree(LegId, LegMedia),
    Protect(LegId, Box<Protection>),
    Play { leg: LegId, playback: Playback, token: Option<u64> },
    Quiet(LegId),
    Hear(LegId, Voices),
    Part(LegId),
    Record(TapeSink),
    Tune { tape: u64, left: Voices, right: Voices },
    EndTape(u64),
    Press { leg: LegId, digits: String },
    Expect(LegId),
    Watch { leg: LegId, silence_ms: u64 },
    Listen(LegId, Box<Listener>),
    StopListening(LegId),
    Detect(LegId, Box<Detector>),
}

/// The running threads. Cheap to share; the threads stop when the last clone is gone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    workers: Vec<Door>,
    joins: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    ports: PortRange,
    bind: IpAddr,
    next_leg: AtomicU64,
    next_worker: AtomicU64,
    limits: (Duration, Duration),
    stats: Arc<EngineStats>,
    web: web::Web,
}

/// The way into one media thread.
struct Door {
    commands: SyncSender<Command>,
    readiness: Arc<Readiness>,
}

/// Commands a thread may be behind before calls are refused.
const COMMAND_QUEUE: usize = 8_192;

impl Engine {
    /// Starts the media threads.
    pub fn start(config: &EngineConfig) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stats = Arc::new(EngineStats::default());
        let mut workers = Vec::new();
        let mut joins = Vec::new();
        let ports = PortRange::new(config.ports.clone());
        let web = web::Web::bind(&config.web, config.threads.max(1), &ports)?;
        for index in 0..config.threads.max(1) {
            let (sender, receiver) = sync_channel(COMMAND_QUEUE);
            let port = web::WebPort::new(web.sockets(index));
            let readiness = Arc::new(Readiness::new()?);
            let worker = worker::Worker::new(
                receiver,
                Arc::clone(&stop),
                Arc::clone(&stats),
                port,
                Arc::clone(&readiness),
            );
            joins.push(
                std::thread::Builder::new().name(format!("media-{index}")).spawn(move || worker.run())?,
            );
            workers.push(Door { commands: sender, readiness });
        }
        Ok(Self {
            inner: Arc::new(Inner {
                workers,
                joins,
                stop,
                ports,
                web,
                bind: config.bind,
                next_leg: AtomicU64::new(1),
                next_worker: AtomicU64::new(0),
                limits: (config.silence_limit, config.first_packet_limit),
                stats,
            }),
        })
    }

    /// Picks the thread for a new call. All legs of a call are opened on the same one, so that they can be bridged.
    #[must_use]
    pub fn for_call(&self) -> CallMedia {
        let worker =
            self.inner.next_worker.fetch_add(1, Ordering::Relaxed) as usize % self.inner.workers.len();
        CallMedia { engine: self.clone(), worker }
    }

    /// Counters of all threads together.
    #[must_use]
    pub fn stats(&self) -> StatsSnapshot {
        self.inner.stats.snapshot()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for join in self.joins.drain(..) {
            if join.join().is_err() {
                tracing::error!("a media thread panicked");
            }
        }
    }
}

/// The thread that holds one call's legs.
#[derive(Clone)]
pub struct CallMedia {
    engine: Engine,
    worker: usize,
}

impl CallMedia {
    /// Binds a port pair and hands it to the thread. `random` seeds the stream's numbers (RFC 3550 §5.1); `events`
    /// is the call's mailbox, which is never waited for.
    pub fn open(&self, random: u64, events: mpsc::Sender<MediaEvent>) -> Result<Leg, OpenError> {
        let inner = &self.engine.inner;
        let (rtp, rtcp, port) = inner.ports.bind(inner.bind)?;
        let id = LegId(inner.next_leg.fetch_add(1, Ordering::Relaxed));
        let closed = Arc::new(AtomicBool::new(false));
        let wire = wire::Wire::Rtp { rtp, rtcp, protection: None };
        let door = &inner.workers[self.worker];
        door.readiness.watch(id, &wire).map_err(OpenError::Socket)?;
        let leg = leg::Leg::new(id, wire, random, events, Arc::clone(&closed), inner.limits);
        let handle = Leg { id, port, closed, heard: None, sender: door.commands.clone() };
        handle.send(Command::Open(Box::new(leg)))?;
        Ok(handle)
    }

    /// Answers a browser's offer and hands its session to the thread. With a `law` nothing else is agreed on.
    pub fn open_web(
        &self,
        offer: &str,
        law: Option<Law>,
        random: u64,
        events: mpsc::Sender<MediaEvent>,
    ) -> Result<(Leg, Agreed), OpenWebError> {
        let inner = &self.engine.inner;
        let (wire, agreed) = inner.web.answer(self.worker, offer, law)?;
        let id = LegId(inner.next_leg.fetch_add(1, Ordering::Relaxed));
        let closed = Arc::new(AtomicBool::new(false));
        let heard = Some(wire.heard());
        let wire = wire::Wire::Web(Box::new(wire));
        let limits = inner.web.limits();
        let leg = leg::Leg::new(id, wire, random, events, Arc::clone(&closed), limits);
        let handle = Leg { id, port: 0, closed, heard, sender: inner.workers[self.worker].commands.clone() };
        handle.send(Command::Open(Box::new(leg)))?;
        handle.agree(LegMedia {
            remote: BROWSER,
            law: agreed.law,
            events_in: agreed.events,
            events_out: agreed.events,
            noise: false,
            sending: true,
            receiving: true,
        })?;
        Ok((handle, agreed))
    }

    /// Lets two legs of this call hear each other, whatever they heard before.
    pub fn bridge(&self, one: LegId, other: LegId) -> Result<(), OpenError> {
        self.hear(one, [other].into_iter().collect())?;
        self.hear(other, [one].into_iter().collect())
    }

    /// Has a leg hear these legs of this call, whatever it heard before. The packets of one are passed on as they come;
    /// several are mixed, which adds the delay of a jitter buffer.
    pub fn hear(&self, leg: LegId, voices: Voices) -> Result<(), OpenError> {
        self.command(Command::Hear(leg, voices))
    }

    /// Begins a tape; it records silence until it is tuned.
    pub fn record(&self, sink: TapeSink) -> Result<(), OpenError> {
        self.command(Command::Record(sink))
    }

    /// Has a tape record these legs of this call on its two channels from now on.
    pub fn tune(&self, tape: u64, left: Voices, right: Voices) -> Result<(), OpenError> {
        self.command(Command::Tune { tape, left, right })
    }

    /// Ends a tape; what it holds still reaches its writer.
    pub fn end_tape(&self, tape: u64) -> Result<(), OpenError> {
        self.command(Command::EndTape(tape))
    }

    fn command(&self, command: Command) -> Result<(), OpenError> {
        send(&self.engine.inner.workers[self.worker].commands, command)
    }
}

/// A leg's handle. Dropping it closes the ports.
pub struct Leg {
    id: LegId,
    port: u16,
    closed: Arc<AtomicBool>,
    /// Of a browser's leg.
    heard: Option<Arc<AtomicBool>>,
    sender: SyncSender<Command>,
}

/// Between two looks whether a browser is heard.
const HEARD_EVERY: Duration = Duration::from_millis(10);

impl Leg {
    /// Waits until a browser's sound comes: only then is there a way for it. A telephone is not waited for.
    pub async fn heard(&self) {
        let Some(heard) = &self.heard else { return };
        while !heard.load(Ordering::Relaxed) {
            tokio::time::sleep(HEARD_EVERY).await;
        }
    }

    /// Its name in commands and events.
    #[must_use]
    pub fn id(&self) -> LegId {
        self.id
    }

    /// The local RTP port; 0 for a browser's leg, which has none of its own.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Tells the thread what both ends agreed on, at first and whenever it changes.
    pub fn agree(&self, media: LegMedia) -> Result<(), OpenError> {
        self.send(Command::Agree(self.id, media))
    }

    /// Protects its packets with these keys from now on; said before the agreement that brought them.
    pub fn protect(&self, protection: Box<Protection>) -> Result<(), OpenError> {
        self.send(Command::Protect(self.id, protection))
    }

    /// Plays to this leg alone, instead of whatever it heard. With a `token`, its end is reported.
    pub fn play(&self, playback: Playback, token: Option<u64>) -> Result<(), OpenError> {
        self.send(Command::Play { leg: self.id, playback, token })
    }

    /// Begins to wait for its packets anew, after it was reported silent.
    pub fn expect(&self) -> Result<(), OpenError> {
        self.send(Command::Expect(self.id))
    }

    /// Reports when this leg, which must be recorded, has said something, and when it has said nothing for so long.
    pub fn watch(&self, silence_ms: u64) -> Result<(), OpenError> {
        self.send(Command::Watch { leg: self.id, silence_ms })
    }

    /// Listens for one utterance, instead of whatever was listened for.
    pub fn listen(&self, listener: Listener) -> Result<(), OpenError> {
        self.send(Command::Listen(self.id, Box::new(listener)))
    }

    /// Listens no more.
    pub fn stop_listening(&self) -> Result<(), OpenError> {
        self.send(Command::StopListening(self.id))
    }

    /// Listens for what is at its other end, instead of whatever else of that kind was listened for.
    pub fn detect(&self, detector: Detector) -> Result<(), OpenError> {
        self.send(Command::Detect(self.id, Box::new(detector)))
    }

    /// Stops what is played to this leg.
    pub fn quiet(&self) -> Result<(), OpenError> {
        self.send(Command::Quiet(self.id))
    }

    /// Ends every bridge this leg is in: it hears nobody and nobody hears it.
    pub fn part(&self) -> Result<(), OpenError> {
        self.send(Command::Part(self.id))
    }

    /// Sends digits as telephone events, if the other end takes them. At most 32.
    pub fn press(&self, digits: &str) -> Result<(), OpenError> {
        self.send(Command::Press { leg: self.id, digits: digits.chars().take(32).collect() })
    }

    fn send(&self, command: Command) -> Result<(), OpenError> {
        send(&self.sender, command)
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

fn send(sender: &SyncSender<Command>, command: Command) -> Result<(), OpenError> {
    sender.try_send(command).map_err(|error| match error {
        TrySendError::Full(_) | TrySendError::Disconnected(_) => OpenError::Overloaded,
    })
}

#[cfg(test)]
mod srtp_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod web_tests;
