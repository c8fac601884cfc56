//! Recorded sound, encoded once and shared by all who listen: prompts and music on hold.

use std::{
    io::{Cursor as Bytes, Read},
    sync::Arc,
};

use thiserror::Error;

use crate::{FRAME_SAMPLES, SAMPLE_RATE, g711::Law};

/// Longest clip that is taken, in samples: ten minutes.
const MAX_SAMPLES: usize = 600 * SAMPLE_RATE as usize;

/// Why a WAV file can't be played.
#[derive(Debug, Error)]
pub enum ClipError {
    /// The container or its coding is not understood.
    #[error("not a readable WAV file: {0}")]
    Wav(#[from] hound::Error),
    /// Sample format other than 8, 16, 24 or 32-bit integer or 32-bit float.
    #[error("a WAV file of {0} bits a sample is not supported")]
    Bits(u16),
    /// No audio in it.
    #[error("the WAV file holds no samples")]
    Empty,
    /// Longer than ten minutes.
    #[error("the WAV file is longer than ten minutes")]
    TooLong,
}

/// Audio at 8000 Hz mono in both laws. Cloning shares the bytes.
#[derive(Debug, Clone)]
pub struct Clip {
    mu: Arc<[u8]>,
    a: Arc<[u8]>,
}

impl Clip {
    /// Encodes linear samples at 8000 Hz.
    #[must_use]
    pub fn from_samples(samples: &[i16]) -> Self {
        let encode = |law: Law| samples.iter().map(|sample| law.encode(*sample)).collect();
        Self { mu: encode(Law::Mu), a: encode(Law::A) }
    }

    /// Reads a WAV file of any rate, width and number of channels; channels are averaged, the rate is converted.
    pub fn from_wav(bytes: &[u8]) -> Result<Self, ClipError> {
        let samples = read_wav(Bytes::new(bytes))?;
        Ok(Self::from_samples(&samples))
    }

    /// The bytes in one law.
    #[must_use]
    pub fn bytes(&self, law: Law) -> &Arc<[u8]> {
        match law {
            Law::Mu => &self.mu,
            Law::A => &self.a,
        }
    }

    /// Length in milliseconds.
    #[must_use]
    pub fn milliseconds(&self) -> u64 {
        self.mu.len() as u64 * 1_000 / u64::from(SAMPLE_RATE)
    }

    /// A reader from the beginning, in one law.
    #[must_use]
    pub fn play(&self, law: Law, repeat: bool) -> Playback {
        Playback { bytes: Arc::clone(self.bytes(law)), position: 0, repeat, silence: law.silence() }
    }
}

/// One listener's place in a [`Clip`]: a pointer and a position, whatever the clip's length.
#[derive(Debug, Clone)]
pub struct Playback {
    bytes: Arc<[u8]>,
    position: usize,
    repeat: bool,
    silence: u8,
}

impl Playback {
    /// Writes the next frame; the last one is filled up with silence. `false` when nothing is left.
    pub fn next_frame(&mut self, out: &mut [u8; FRAME_SAMPLES]) -> bool {
        if self.position >= self.bytes.len() {
            if !self.repeat || self.bytes.is_empty() {
                return false;
            }
            self.position = 0;
        }
        let rest = &self.bytes[self.position..];
        let length = rest.len().min(FRAME_SAMPLES);
        out[..length].copy_from_slice(&rest[..length]);
        out[length..].fill(self.silence);
        self.position += length;
        true
    }
}

/// Reads a WAV stream into 8000 Hz mono samples.
pub fn read_wav(reader: impl Read) -> Result<Vec<i16>, ClipError> {
    let mut wav = hound::WavReader::new(reader)?;
    let spec = wav.spec();
    let channels = usize::from(spec.channels.max(1));
    let rate = spec.sample_rate.max(1);
    if u64::from(wav.duration()) * u64::from(SAMPLE_RATE) / u64::from(rate) > MAX_SAMPLES as u64 {
        return Err(ClipError::TooLong);
    }
    let linear: Vec<f32> = match (spec.sample_format, spec.bits_per_sample) {
        (hound::SampleFormat::Float, 32) => wav.samples::<f32>().collect::<Result<_, _>>()?,
        (hound::SampleFormat::Int, bits @ (8 | 16 | 24 | 32)) => {
            let full = 2f32.powi(i32::from(bits) - 1);
            wav.samples::<i32>()
                .map(|sample| sample.map(|sample| sample as f32 / full))
                .collect::<Result<_, _>>()?
        }
        (_, bits) => return Err(ClipError::Bits(bits)),
    };
    let mono: Vec<f32> =
        linear.chunks(channels).map(|all| all.iter().sum::<f32>() / all.len() as f32).collect();
    if mono.is_empty() {
        return Err(ClipError::Empty);
    }
    Ok(resample(&mono, rate)
        .into_iter()
        .map(|sample| (sample * 32_767.0).clamp(-32_768.0, 32_767.0) as i16)
        .collect())
}

/// Converts to 8000 Hz: linear interpolation, after averaging over the step when the rate goes down.
fn resample(samples: &[f32], rate: u32) -> Vec<f32> {
    if rate == SAMPLE_RATE {
        return samples.to_vec();
    }
    let step = f64::from(rate) / f64::from(SAMPLE_RATE);
    let length = (samples.len() as f64 / step) as usize;
    let window = (step.round() as usize).max(1);
    let averaged = |index: usize| {
        let start = index.min(samples.len() - 1);
        let block = &samples[start..(start + window).min(samples.len())];
        block.iter().sum::<f32>() / block.len() as f32
    };
    (0..length)
        .map(|n| {
            let place = n as f64 * step;
            let (index, fraction) = (place as usize, (place % 1.0) as f32);
            averaged(index) * (1.0 - fraction) + averaged(index + 1) * fraction
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::{Tone, is_dominated_by};
    use proptest::prelude::*;

    fn wav(rate: u32, channels: u16, hertz: f32) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut bytes = Bytes::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for n in 0..rate {
            let value = (n as f32 * hertz * std::f32::consts::TAU / rate as f32).sin() * 9_000.0;
            for _ in 0..channels {
                writer.write_sample(value as i16).unwrap();
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn wav_files_of_any_rate_keep_their_tone() {
        for (rate, channels) in [(8_000, 1), (16_000, 1), (44_100, 2), (22_050, 1)] {
            let samples = read_wav(Bytes::new(wav(rate, channels, 700.0))).unwrap();

            assert!((7_990..=8_000).contains(&samples.len()), "{rate}: {} samples", samples.len());
            assert!(is_dominated_by(&samples, 700.0), "{rate} Hz, {channels} channels");
        }
    }

    #[test]
    fn a_clip_plays_to_its_end_and_fills_up_with_silence() {
        let clip = Clip::from_samples(&[1_000; 200]);
        let mut playback = clip.play(Law::Mu, false);
        let mut frame = [0; FRAME_SAMPLES];

        assert!(playback.next_frame(&mut frame));
        assert!(playback.next_frame(&mut frame));

        assert_eq!(frame[40..], [0xff; 120]);
        assert!(!playback.next_frame(&mut frame));
    }

    #[test]
    fn a_repeated_clip_never_ends_and_shares_its_bytes() {
        let mut samples = vec![0; 320];
        Tone::new(500.0, 4_000.0).fill(&mut samples);
        let clip = Clip::from_samples(&samples);
        let mut playback = clip.play(Law::A, true);
        let mut frame = [0; FRAME_SAMPLES];

        assert!((0..100).all(|_| playback.next_frame(&mut frame)));

        assert_eq!(Arc::strong_count(clip.bytes(Law::A)), 2);
    }

    #[test]
    fn an_empty_clip_ends_at_once_even_when_repeated() {
        let mut frame = [0; FRAME_SAMPLES];

        assert!(!Clip::from_samples(&[]).play(Law::Mu, true).next_frame(&mut frame));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Clip::from_wav(&bytes);
        }
    }
}
