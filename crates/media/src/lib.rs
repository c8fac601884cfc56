//! Sans-IO audio for telephone calls: RTP, jitter, G.711, digits, tones, mixing, clips, utterances, who has answered.
//!
//! Nothing here owns a socket, a clock or a thread: bytes, samples and tick counts go in, bytes, samples and
//! events come out. What runs once per packet or per frame neither locks nor allocates.

pub mod answer;
pub mod clip;
pub mod comfort;
pub mod dtmf;
pub mod fax;
pub mod g711;
pub mod inband;
pub mod jitter;
pub mod melody;
pub mod mixer;
pub mod rtp;
pub mod sounds;
pub mod srtp;
pub mod stream;
pub mod tone;
pub mod utterance;
pub mod webrtc;
pub mod wide;

/// Samples a second of every stream here: the telephone's narrow band.
pub const SAMPLE_RATE: u32 = 8_000;

/// Milliseconds of audio in one frame, and so between two packets of a stream.
pub const FRAME_MS: u32 = 20;

/// Samples (and G.711 bytes, and RTP timestamp units) in one frame of [`FRAME_MS`].
pub const FRAME_SAMPLES: usize = 160;

/// One frame of linear 16-bit samples.
pub type Frame = [i16; FRAME_SAMPLES];
