//! Prompts as audio: recorded ones from the binary, others from text to speech, each made once and kept.

mod espeak;

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

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
/// Longest text that is spoken, in characters.
const MAX_TEXT: usize = 2_000;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Recorded;

/// All prompts.
pub struct Speech {
    command: String,
    voice: String,
    kept: Mutex<HashMap<String, Clip>>,
    speakers: Semaphore,
}

/// The name under which a prompt is recorded: the beginning of the SHA-256 of its text, white space evened.
#[must_use]
pub fn name_of(text: &str) -> String {
    let even = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut name = String::with_capacity(16);
    for byte in Sha256::digest(even).iter().take(8) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

impl Speech {
    /// Speaks with `command` (espeak-ng or compatible; empty: not at all) and `voice`.
    #[must_use]
    pub fn new(command: &str, voice: &str) -> Self {
        Self {
            command: command.to_owned(),
            voice: voice.to_owned(),
            kept: Mutex::default(),
            speakers: Semaphore::new(SPEAKERS),
        }
    }

    /// The prompt, if it can be had without waiting.
    #[must_use]
    pub fn ready(&self, text: &str) -> Option<Clip> {
        let name = name_of(text);
        if let Some(clip) = self.lock().get(&name) {
            metrics::PROMPTS.with_label_values(&["kept"]).inc();
            return Some(clip.clone());
        }
        let file = Recorded::get(&format!("{name}.wav"))?;
        let clip = Clip::from_wav(&file.data).ok()?;
        metrics::PROMPTS.with_label_values(&["recorded"]).inc();
        self.keep(name, &clip);
        Some(clip)
    }

    /// The prompt; spoken if it is not recorded, a short tone if it can't be spoken either.
    pub async fn clip(&self, text: &str) -> Clip {
        if let Some(clip) = self.ready(text) {
            return clip;
        }
        let Ok(_turn) = self.speakers.acquire().await else { return attention() };
        if let Some(clip) = self.ready(text) {
            return clip;
        }
        let short: String = text.chars().take(MAX_TEXT).collect();
        match espeak::speak(&self.command, &self.voice, &short).await {
            Ok(clip) => {
                metrics::PROMPTS.with_label_values(&["spoken"]).inc();
                self.keep(name_of(text), &clip);
                clip
            }
            Err(error) => {
                metrics::PROMPTS.with_label_values(&["missing"]).inc();
                tracing::warn!(error = &error as &dyn std::error::Error, "a prompt can't be spoken");
                attention()
            }
        }
    }

    fn keep(&self, name: String, clip: &Clip) {
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(name, clip.clone());
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

    #[test]
    fn every_announcement_of_a_place_is_recorded() {
        let speech = Speech::new("", "");

        for place in 1..=10 {
            let clip = speech.ready(&position(place)).unwrap_or_else(|| panic!("{place} is not recorded"));
            assert!((1_000..8_000).contains(&clip.milliseconds()), "{} ms", clip.milliseconds());
        }
    }

    #[tokio::test]
    async fn what_can_be_neither_found_nor_spoken_is_a_tone() {
        let clip = Speech::new("", "").clip("Nobody has recorded this.").await;

        assert_eq!(clip.milliseconds(), 500);
    }
}
