//! Whether somebody who is recorded says something, and when they have stopped: by how loud their frames are.

use media::{FRAME_MS, Frame};

/// Mean amplitude from which a frame counts as speech: about -40 dB of full scale, above the noise of a quiet line.
const SPEECH: u32 = 300;
/// Frames of speech that are more than a click: 200 ms.
const MORE_THAN_A_CLICK: u32 = 10;

/// What was noticed, each at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noticed {
    /// Something was said.
    Spoke,
    /// Nothing was said for as long as the limit. Nothing follows.
    Paused,
}

/// The watch over one leg.
pub(super) struct Watch {
    limit: u32,
    quiet: u32,
    voiced: u32,
}

impl Watch {
    /// Reports a silence of `limit_ms`.
    pub(super) fn new(limit_ms: u64) -> Self {
        let limit = (limit_ms / u64::from(FRAME_MS)).clamp(1, u64::from(u32::MAX));
        Self { limit: limit as u32, quiet: 0, voiced: 0 }
    }

    /// Takes the next frame; none when nothing came.
    pub(super) fn frame(&mut self, frame: Option<&Frame>) -> Option<Noticed> {
        if frame.is_some_and(is_speech) {
            self.quiet = 0;
            self.voiced = self.voiced.saturating_add(1);
            return (self.voiced == MORE_THAN_A_CLICK).then_some(Noticed::Spoke);
        }
        self.quiet += 1;
        (self.quiet == self.limit).then_some(Noticed::Paused)
    }
}

fn is_speech(frame: &Frame) -> bool {
    let sum: u32 = frame.iter().map(|sample| u32::from(sample.unsigned_abs())).sum();
    sum / frame.len() as u32 >= SPEECH
}

#[cfg(test)]
mod tests {
    use media::{FRAME_SAMPLES, tone::Tone};

    use super::*;

    fn noticed(watch: &mut Watch, frame: Option<&Frame>, frames: usize) -> Vec<Noticed> {
        (0..frames).filter_map(|_| watch.frame(frame)).collect()
    }

    fn tone(amplitude: f32) -> Frame {
        let mut frame = [0; FRAME_SAMPLES];
        Tone::new(300.0, amplitude).fill(&mut frame);
        frame
    }

    #[test]
    fn who_speaks_and_stops_is_noticed_once_each() {
        let mut watch = Watch::new(2_000);
        let speech = tone(4_000.0);

        assert_eq!(noticed(&mut watch, Some(&speech), 60), [Noticed::Spoke]);
        assert_eq!(noticed(&mut watch, None, 99), []);
        assert_eq!(noticed(&mut watch, Some(&speech), 5), []);
        assert_eq!(noticed(&mut watch, Some(&tone(50.0)), 150), [Noticed::Paused]);
    }

    #[test]
    fn a_click_and_the_noise_of_a_line_are_no_speech() {
        let mut watch = Watch::new(1_000);

        assert_eq!(noticed(&mut watch, Some(&tone(4_000.0)), 3), []);
        assert_eq!(noticed(&mut watch, Some(&tone(200.0)), 60), [Noticed::Paused]);
    }
}
