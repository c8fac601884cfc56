//! Puts the flags of `up`, and what was started for it, on top of the configured settings.

use std::path::Path;

use anyhow::Context as _;
use chassis::{
    config::{Secret, Settings},
    embedded::{Embedded, default_parts_dir},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{cli::UpArgs, local::DataFolder};

const VOICE: &str = "ingress_voice";
const IVR: &str = "ivr";

/// Flags win over files and the environment. Services find each other on the one gRPC port.
pub(super) fn apply_flags(settings: &mut Settings, args: &UpArgs) {
    if let Some(port) = args.http_port {
        settings.http.listen.set_port(port);
    }
    if let Some(port) = args.grpc_port {
        settings.grpc.listen.set_port(port);
    }
    if let Some(port) = args.sip_port {
        settings.set(VOICE, "sip_port", port.into());
    }
    if let Some(ports) = &args.rtp_ports {
        settings.set(VOICE, "rtp_ports", ports.as_str().into());
    }
    let grpc = settings.grpc.listen.port();
    settings.peers.insert("default".to_owned(), format!("http://127.0.0.1:{grpc}"));
}

/// What was spoken once is kept in the data folder, unless the configuration names another.
pub(super) fn keep_speech(settings: &mut Settings, data: &Path) {
    #[derive(Deserialize)]
    struct Speech {
        speech_cache: String,
    }
    let configured = settings.service::<Speech>(VOICE).is_ok_and(|speech| !speech.speech_cache.is_empty());
    if !configured {
        settings.set(VOICE, "speech_cache", data.join("speech").display().to_string().into());
    }
}

/// Speech is recognised by what `make` installed, unless the configuration names another folder.
pub(super) fn hear_speech(settings: &mut Settings) {
    #[derive(Deserialize)]
    struct Recogniser {
        recogniser_packages: String,
    }
    let configured =
        settings.service::<Recogniser>(VOICE).is_ok_and(|named| !named.recogniser_packages.is_empty());
    if !configured {
        let parts = default_parts_dir().display().to_string();
        settings.set(VOICE, "recogniser_packages", parts.into());
    }
}

/// Adds a backend that flows may ask.
pub(super) fn add_backend(settings: &mut Settings, name: &str, url: &str, token: &str) {
    #[derive(Deserialize)]
    struct Ivr {
        #[serde(default)]
        backends: Map<String, Value>,
    }
    let mut backends = settings.service::<Ivr>(IVR).map(|ivr| ivr.backends).unwrap_or_default();
    backends.insert(name.to_owned(), json!({ "url": url, "private": true, "token": token }));
    settings.set(IVR, "backends", backends.into());
}

/// Whether the configuration says how to call out.
pub(super) fn has_trunks(settings: &Settings) -> bool {
    #[derive(Deserialize)]
    struct Trunks {
        trunks: Vec<Value>,
    }
    settings.service::<Trunks>(VOICE).is_ok_and(|voice| !voice.trunks.is_empty())
}

/// Adds the only trunk. Where the configuration does not say which numbers may be called, those with this prefix may.
pub(super) fn add_trunk(settings: &mut Settings, name: &str, address: &str, caller_id: &str, prefix: &str) {
    #[derive(Deserialize)]
    struct Allowed {
        dial_allowed: Vec<String>,
    }
    let trunk = json!({ "name": name, "address": address, "caller_ids": [caller_id], "prefixes": [prefix] });
    settings.set(VOICE, "trunks", json!([trunk]));
    if settings.service::<Allowed>(VOICE).is_ok_and(|voice| voice.dial_allowed.is_empty()) {
        settings.set(VOICE, "dial_allowed", json!([prefix]));
    }
}

/// Where Postgres and NATS are, and what tokens are signed with.
pub(super) fn connect(
    settings: &mut Settings,
    embedded: &Embedded,
    folder: &DataFolder,
) -> anyhow::Result<()> {
    settings.postgres.url = Secret::new(embedded.postgres_url.clone());
    settings.nats.url = Secret::new(embedded.nats_url.clone());
    if settings.auth.secret.is_empty() {
        let secret = folder.secret_or_new().context("auth.secret")?;
        settings.auth.secret = Secret::new(secret);
    }
    let mut recording = settings.service::<Recorded>(VOICE).context("configuration")?.recording;
    if recording.get("key_file").is_none_or(|key| key.as_str().is_none_or(str::is_empty)) {
        let key = folder.recording_key_or_new().context("ingress_voice.recording.key_file")?;
        recording.insert("key_file".to_owned(), key.display().to_string().into());
        recording.insert("folder".to_owned(), folder.recordings().display().to_string().into());
        settings.set(VOICE, "recording", recording.into());
    }
    Ok(())
}

/// The part of voice's table about recordings: without a key of their own they are kept in the data folder.
#[derive(Deserialize)]
struct Recorded {
    recording: serde_json::Map<String, serde_json::Value>,
}

/// The part of voice's table that people are told.
#[derive(Deserialize)]
pub(super) struct Voice {
    /// Where phones register and callers arrive.
    pub sip_port: u16,
    /// First and last port for audio: `20000-29999`.
    pub rtp_ports: String,
}

/// Reads it from the settings.
pub(super) fn voice(settings: &Settings) -> anyhow::Result<Voice> {
    settings.service(VOICE).context("configuration")
}
