//! What the service does, one file per message, request or job.

pub mod call;
pub mod call_colleague;
pub mod calls;
pub mod close_orphans;
pub mod connect_device;
pub mod control;
pub mod cut_off;
pub mod dial;
pub mod dial_colleague;
mod extensions;
pub mod facts;
pub mod hang_up;
pub mod ice_servers;
pub mod invitations;
pub mod list_parked_calls;
pub mod list_registrations;
pub mod list_trunks;
pub mod on_callback;
pub mod on_offer;
pub mod phones;
pub mod presence;
pub mod recordings;
pub mod register_device;
pub mod register_phone;
pub mod replace_line;
pub mod report_attempts;
pub mod second_line;
pub mod start_call;
pub mod start_web_call;
pub mod talks;
pub mod test_device;
pub mod throttle;
pub mod track_live_calls;
pub mod trunk_registration;
pub mod trunks;

use std::sync::Arc;

use chassis::{Bus, Clock, Context, Db, Ids, Peers};
use media::clip::Clip;

use crate::{
    config::Config,
    engine::Engine,
    recogniser::{self, Recogniser},
    recording::Recorder,
    sip::{digest::Challenger, stack::Stack},
    speech::Speech,
};

/// Everything the handlers share.
pub struct Voice {
    pub config: Config,
    /// Name of this process among its replicas.
    pub instance: String,
    /// Tells this life of the process from its earlier ones.
    pub life: String,
    pub clock: Clock,
    pub ids: Ids,
    pub db: Db,
    pub bus: Bus,
    pub peers: Peers,
    pub stack: Stack,
    pub engine: Engine,
    pub speech: Speech,
    /// None: spoken answers are switched off.
    pub recogniser: Option<Arc<dyn Recogniser>>,
    pub sounds: Sounds,
    /// None: no key is configured, nothing is recorded.
    pub recorder: Option<Recorder>,
    pub challenger: Challenger,
    pub calls: calls::Calls,
    pub phones: phones::Phones,
    /// What rings for agents' browsers.
    pub invitations: invitations::Invitations,
    /// Echoes that agents listen to.
    pub echoes: test_device::Echoes,
    /// Calls that web pages began, by address.
    pub web_calls: throttle::Throttle,
    pub facts: facts::Facts,
    pub entry_points: start_call::EntryPoints,
    pub failures: throttle::Throttle,
    pub trunks: trunks::Trunks,
    /// How other instances' trunks stand.
    pub elsewhere: list_trunks::Elsewhere,
    /// Who of the centre is in whose call, on any instance.
    pub talks: talks::Talks,
    /// Customers whose calls died with a process.
    pub cut_off: cut_off::CutOffs,
    pub stopping: tokio_util::sync::CancellationToken,
}

impl Voice {
    /// Puts the parts together.
    pub fn new(
        config: Config,
        context: Context,
        stack: Stack,
        engine: Engine,
        facts: facts::Facts,
        recorder: Option<Recorder>,
    ) -> Arc<Self> {
        let life = context.ids.new_id(context.clock.now());
        Arc::new(Self {
            speech: Speech::new(&config.speech()),
            recogniser: recogniser::start(&config.recogniser()),
            sounds: Sounds::new(),
            recorder,
            challenger: Challenger::new(secret()),
            calls: calls::Calls::default(),
            phones: phones::Phones::default(),
            invitations: invitations::Invitations::default(),
            echoes: test_device::Echoes::default(),
            web_calls: throttle::Throttle::new(config.web_calls_per_minute),
            entry_points: start_call::EntryPoints::default(),
            trunks: trunks::Trunks::new(&config.trunks),
            elsewhere: list_trunks::Elsewhere::default(),
            talks: talks::Talks::default(),
            cut_off: cut_off::CutOffs::default(),
            failures: throttle::Throttle::new(config.registration_failures_per_minute),
            instance: context.instance,
            life,
            clock: context.clock,
            ids: context.ids,
            db: context.db,
            bus: context.bus,
            peers: context.peers,
            stopping: context.stop,
            config,
            stack,
            engine,
            facts,
        })
    }

    /// What `InteractionStarted.instance` says: who holds the line, and in which life.
    #[must_use]
    pub fn holder(&self) -> String {
        format!("{}@{}", self.instance, self.life)
    }
}

/// What everybody may hear, encoded once.
pub struct Sounds {
    /// On hold and in queues.
    pub music: Clip,
    /// Somebody's phone rings: 425 Hz, one second in five (ITU-T E.180).
    pub ringback: Clip,
    /// A message may begin: 1000 Hz for 400 ms.
    pub beep: Clip,
    /// Nothing, sent as such: it keeps the way through address translation open.
    pub silence: Clip,
}

impl Sounds {
    fn new() -> Self {
        let mut ringback = vec![0; 5 * media::SAMPLE_RATE as usize];
        let mut beep = vec![0; media::SAMPLE_RATE as usize * 2 / 5];
        media::tone::Tone::new(1_000.0, 6_000.0).fill(&mut beep);
        media::tone::Tone::new(425.0, 4_000.0).fill(&mut ringback[..media::SAMPLE_RATE as usize]);
        Self {
            music: Clip::from_samples(&media::melody::music_on_hold()),
            ringback: Clip::from_samples(&ringback),
            beep: Clip::from_samples(&beep),
            silence: Clip::from_samples(&[0; media::SAMPLE_RATE as usize]),
        }
    }
}

fn secret() -> [u8; 64] {
    let mut secret = [0; 64];
    rand::fill(&mut secret);
    secret
}
