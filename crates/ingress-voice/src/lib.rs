//! Telephone calls: SIP signalling, call control and media. The README tells what it promises and where to look.

pub mod app;
mod config;
pub mod core;
mod edge;
pub mod engine;
mod metrics;
pub mod recogniser;
pub mod recording;
pub mod sip;
pub mod speech;
mod store;

use std::{pin::Pin, sync::Arc, time::Duration};

use anyhow::Context as _;
use chassis::{Consumer, Context, Parts, Service, config::Secret};
use contract::voice::v1::{
    device_service_server::DeviceServiceServer, recording_service_server::RecordingServiceServer,
    voice_service_server::VoiceServiceServer,
};
use sqlx::migrate::Migrator;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{Voice, facts, track_live_calls::TrackLiveCalls},
    core::call::Input,
    engine::{Engine, EngineConfig, WebConfig},
    recording::{Keys, Recorder},
    sip::stack::Stack,
};

pub use config::{Config, RecordingConfig};

/// How much later than it could be a live call is noted, at most, so that calls share transactions under load.
const LIVE_CALLS_PACE: Duration = Duration::from_millis(100);

/// The voice service.
pub struct IngressVoice;

impl Service for IngressVoice {
    const NAME: &'static str = "ingress-voice";
    const DEFAULTS: &'static str = include_str!("../config.default.toml");
    type Config = Config;

    fn migrations() -> Option<Migrator> {
        Some(sqlx::migrate!())
    }

    async fn start(config: Config, context: Context) -> anyhow::Result<Parts> {
        config.check_ice().map_err(|(key, reason)| anyhow::anyhow!("ingress_voice.{key}: {reason}"))?;
        let engine = Engine::start(&EngineConfig {
            bind: config.rtp_bind,
            ports: config.rtp_ports.clone(),
            threads: config.media_threads,
            silence_limit: config.rtp_timeout.0,
            first_packet_limit: config.rtp_first_packet_timeout.0,
            web: WebConfig {
                addresses: sip::address::for_browsers(config.rtp_bind, config.rtp_advertised),
                port: config.webrtc_port,
                silence_limit: config.webrtc_timeout.0,
            },
        })
        .context("the media threads can't be started")?;
        // Beyond the graceful stop: calls are finished while the process is stopping.
        let end = CancellationToken::new();
        let listen = config.stack().map_err(anyhow::Error::msg)?;
        let (stack, incoming) = Stack::start(&listen, end.clone()).await.context("ingress_voice")?;
        tracing::info!(port = stack.port(), tls_port = stack.tls_port(), "SIP is listening");
        let (facts, publishers) = facts::queues();
        tokio::spawn(publishers.run(context.bus.clone(), end.clone()));
        let recorder = recorder(&config.recording)?;
        let voice = Voice::new(config, context, stack, engine, facts, recorder);
        tokio::spawn(edge::sip::serve(Arc::clone(&voice), incoming, end.clone()));

        let live_calls = Consumer::new(
            "live-calls",
            &[
                ("interaction", "interaction_started"),
                ("interaction", "interaction_ended"),
                ("interaction", "call_parked"),
                ("interaction", "call_retrieved"),
            ],
            TrackLiveCalls,
        )
        .paced(LIVE_CALLS_PACE);
        let task = |job: Job| {
            let (voice, end) = (Arc::clone(&voice), end.clone());
            move || {
                let job = job(Arc::clone(&voice));
                let end = end.clone();
                async move {
                    tokio::select! {
                        () = end.cancelled() => Ok(()),
                        outcome = job => outcome,
                    }
                }
            }
        };
        Ok(Parts::new()
            .grpc(VoiceServiceServer::new(edge::grpc::VoiceApi(Arc::clone(&voice))))
            .grpc(DeviceServiceServer::new(edge::devices::DeviceApi(Arc::clone(&voice))))
            .http(edge::web_calls::routes(&voice))
            .task("obey-devices", task(|voice| Box::pin(edge::devices::obey(voice))))
            .grpc(RecordingServiceServer::new(edge::recordings::RecordingApi(Arc::clone(&voice))))
            .consumer(live_calls)
            .task("follow-router", task(|voice| Box::pin(edge::bus::follow_router(voice))))
            .task("obey-commands", task(|voice| Box::pin(edge::bus::obey_commands(voice))))
            .task("hear-registrations", task(|voice| Box::pin(edge::bus::hear_registrations(voice))))
            .task("hear-talks", task(|voice| Box::pin(async move { voice.hear_talks().await })))
            .task("beat", task(|voice| Box::pin(edge::bus::beat(voice))))
            .task("trunks", task(|voice| Box::pin(voice.keep_trunks())))
            .task("compare-trunks", task(|voice| Box::pin(async move { voice.compare_trunks().await })))
            .task("sweep", task(|voice| Box::pin(edge::bus::sweep(voice))))
            .drain(drain(voice, end)))
    }
}

/// Starts the writer of recordings, if there is a key for them.
fn recorder(config: &RecordingConfig) -> anyhow::Result<Option<Recorder>> {
    if config.key_file.is_empty() {
        anyhow::ensure!(config.rules.is_empty(), "ingress_voice.recording.key_file: is needed to record");
        return Ok(None);
    }
    let secret = Secret::from_file(config.key_file.as_ref());
    let secret = secret.with_context(|| format!("ingress_voice.recording.key_file: {}", config.key_file))?;
    let keys = Keys::parse(secret.reveal()).context("ingress_voice.recording.key_file")?;
    anyhow::ensure!(!keys.is_empty(), "ingress_voice.recording.key_file: holds no key");
    let recorder = Recorder::start(config.folder.clone().into(), keys);
    recorder.map(Some).context("the writer of recordings can't be started")
}

/// A regular job of the service; it goes on while calls are finished, and ends with the process.
type Job = fn(Arc<Voice>) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// Lets calls finish, ends those that do not, and sees their facts off.
async fn drain(voice: Arc<Voice>, end: CancellationToken) {
    let limit = voice.config.drain_limit.0;
    let finished = async {
        while !voice.calls.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    if tokio::time::timeout(limit, finished).await.is_err() {
        tracing::warn!(calls = voice.calls.len(), "calls are ended because the process stops");
        voice.calls.tell_all(&Input::Broken { detail: "the process was stopped".to_owned() });
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    voice.facts.flush(Duration::from_secs(3)).await;
    // They give up their registrations since the stop began, each within its own limit.
    voice.trunks.signed_in.close();
    voice.trunks.signed_in.wait().await;
    end.cancel();
}
