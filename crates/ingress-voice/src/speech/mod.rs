//! Prompts as audio: recorded ones from the binary, others from text to speech, each made once and kept.

mod cache;
mod espeak;

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use cache::Cache;
use chassis::Peers;
use contract::ivr::v1::{GetPromptRequest, prompt_service_client::PromptServiceClient};
use ingress::Prompt;
use media::{clip::Clip, tone::Tone};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

pub use espeak::SpeakError;

use crate::metrics;

/// Prompts kept in memory at once; at 8 kB a second in two laws, some 60 MB.
const KEPT: usize = 1_000;
/// Texts turned into speech at once.
const SPEAKERS: usize = 2;
/// Largest message with a recording in it, bytes.
const MAX_FILE: usize = 9 << 20;
/// Longest text that is spoken, in characters.
const MAX_TEXT: usize = 2_000;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Recorded;

/// How prompts are spoken and kept.
#[derive(Debug, Clone, Default)]
pub struct SpeechConfig {
    /// espeak-ng or compatible; empty: not at all.
    pub command: String,
    /// Its voice for texts without a language.
    pub voice: String,
    /// Folder where what was spoken is kept; empty: in memory alone.
    pub cache: String,
    /// Most bytes in it.
    pub cache_limit: u64,
}

/// All prompts.
pub struct Speech {
    command: String,
    voice: String,
    cache: Arc<Cache>,
    kept: Mutex<HashMap<String, Clip>>,
    speakers: Semaphore,
}

/// The name under which a prompt is recorded: the beginning of the SHA-256 of its text, white space evened.
#[must_use]
pub fn name_of(text: &str) -> String {
    let even = text.split_whitespace().collect::<Vec<_>>().join(" ");
    hexadecimal(&Sha256::digest(even)[..8])
}

/// The name under which it is kept: of the recording, or of the text in its language.
fn key_of(prompt: &Prompt) -> String {
    match (prompt.audio.as_str(), prompt.language.as_str()) {
        ("", "") => name_of(&prompt.text),
        ("", language) => format!("{}-{language}", name_of(&prompt.text)),
        (audio, _) => audio.to_owned(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Speech {
    /// Speaks as `config` says.
    #[must_use]
    pub fn new(config: &SpeechConfig) -> Self {
        Self {
            command: config.command.clone(),
            voice: config.voice.clone(),
            cache: Arc::new(Cache::new(&config.cache, config.cache_limit)),
            kept: Mutex::default(),
            speakers: Semaphore::new(SPEAKERS),
        }
    }

    /// The prompt, if it can be had without waiting.
    #[must_use]
    pub fn ready(&self, prompt: &Prompt) -> Option<Clip> {
        let key = key_of(prompt);
        if let Some(clip) = self.lock().get(&key) {
            metrics::PROMPTS.with_label_values(&["kept"]).inc();
            return Some(clip.clone());
        }
        let file = Recorded::get(&format!("{key}.wav"))?;
        let clip = Clip::from_wav(&file.data).ok()?;
        metrics::PROMPTS.with_label_values(&["recorded"]).inc();
        self.keep(key, &clip);
        Some(clip)
    }

    /// The prompt: a tenant's recording, else its text spoken; a short tone if that can't be had either.
    pub async fn clip(&self, peers: &Peers, tenant: &str, prompt: &Prompt) -> Clip {
        if let Some(clip) = self.ready(prompt) {
            return clip;
        }
        let outcome =
            if prompt.audio.is_empty() { None } else { self.recording(peers, tenant, &prompt.audio).await };
        match outcome {
            Some(clip) => clip,
            None => self.spoken(&Prompt { audio: String::new(), ..prompt.clone() }).await,
        }
    }

    /// An uploaded recording. Two tenants with the same bytes share them, as they do in memory.
    async fn recording(&self, peers: &Peers, tenant: &str, audio: &str) -> Option<Clip> {
        let mut prompts =
            PromptServiceClient::new(peers.of("ivr", tenant)).max_decoding_message_size(MAX_FILE);
        let wav = match prompts.get_prompt(GetPromptRequest { audio: audio.to_owned() }).await {
            Ok(answer) => answer.into_inner().wav,
            Err(status) => {
                tracing::warn!(tenant.id = tenant, audio, code = ?status.code(), "a recording can't be had");
                return None;
            }
        };
        let clip = tokio::task::spawn_blocking(move || Clip::from_wav(&wav)).await.ok()?.ok()?;
        metrics::PROMPTS.with_label_values(&["uploaded"]).inc();
        self.keep(audio.to_owned(), &clip);
        Some(clip)
    }

    async fn spoken(&self, prompt: &Prompt) -> Clip {
        let Ok(_turn) = self.speakers.acquire().await else { return attention() };
        if let Some(clip) = self.ready(prompt) {
            return clip;
        }
        let text: String = prompt.text.chars().take(MAX_TEXT).collect();
        let voice = self.voice_of(&prompt.language).to_owned();
        let named = Sha256::digest(format!("{}\n{voice}\n{text}", self.command));
        let (cache, name) = (Arc::clone(&self.cache), hexadecimal(&named));
        let (reader, wanted) = (Arc::clone(&cache), name.clone());
        let on_disk = tokio::task::spawn_blocking(move || Clip::from_wav(&reader.get(&wanted)?).ok());
        if let Some(clip) = on_disk.await.ok().flatten() {
            metrics::PROMPTS.with_label_values(&["disk"]).inc();
            self.keep(key_of(prompt), &clip);
            return clip;
        }
        let spoken = espeak::speak(&self.command, &voice, &text).await;
        match spoken.and_then(|wav| Ok((Clip::from_wav(&wav)?, wav))) {
            Ok((clip, wav)) => {
                metrics::PROMPTS.with_label_values(&["spoken"]).inc();
                self.keep(key_of(prompt), &clip);
                tokio::task::spawn_blocking(move || cache.put(&name, &wav));
                clip
            }
            Err(error) => {
                metrics::PROMPTS.with_label_values(&["missing"]).inc();
                tracing::warn!(error = &error as &dyn std::error::Error, "a prompt can't be spoken");
                attention()
            }
        }
    }

    /// The voice for a language; what is no language can't become an option of the command.
    fn voice_of<'a>(&'a self, language: &'a str) -> &'a str {
        let is_tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if language.starts_with(|first: char| first.is_ascii_alphabetic()) && language.chars().all(is_tag) {
            language
        } else {
            &self.voice
        }
    }

    fn keep(&self, key: String, clip: &Clip) {
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, clip.clone());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Clip>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a caller hears instead of a prompt that can't be had: half a second of a quiet tone.
fn attention() -> Clip {
    let mut samples = vec![0; 4_000];
    Tone::new(425.0, 3_000.0).fill(&mut samples);
    Clip::from_samples(&samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::speech::position;

    #[test]
    fn the_name_of_a_prompt_does_not_depend_on_its_line_breaks() {
        assert_eq!(name_of("Please  hold.\n"), name_of("Please hold."));
        assert_ne!(name_of("Please hold."), name_of("Please hold"));
    }

    fn mute() -> Speech {
        Speech::new(&SpeechConfig::default())
    }

    #[test]
    fn every_announcement_of_a_place_is_recorded() {
        let speech = mute();

        for place in 1..=10 {
            let prompt = Prompt::text(position(place));
            let clip = speech.ready(&prompt).unwrap_or_else(|| panic!("{place} is not recorded"));
            assert!((1_000..8_000).contains(&clip.milliseconds()), "{} ms", clip.milliseconds());
        }
    }

    #[tokio::test]
    async fn what_can_be_neither_found_nor_spoken_is_a_tone() {
        let clip = mute().spoken(&Prompt::text("Nobody has recorded this.")).await;

        assert_eq!(clip.milliseconds(), 500);
    }

    #[test]
    fn a_language_is_a_voice_and_never_an_option() {
        let speech = Speech::new(&SpeechConfig { voice: "en-gb".into(), ..SpeechConfig::default() });

        assert_eq!(speech.voice_of("pt-BR"), "pt-BR");
        for wrong in ["", "-f/etc/passwd", "de; rm"] {
            assert_eq!(speech.voice_of(wrong), "en-gb", "{wrong}");
        }
    }

    #[test]
    fn the_same_text_in_two_languages_is_two_prompts() {
        let german = Prompt { language: "de".into(), ..Prompt::text("Hotel") };

        assert_ne!(key_of(&german), key_of(&Prompt::text("Hotel")));
    }
}
