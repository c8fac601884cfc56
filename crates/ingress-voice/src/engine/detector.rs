//! Listening to a leg for what is at its other end: who has answered, the tone of an answering machine, a fax machine that calls.

use std::time::Duration;

use media::{
    FRAME_MS, Frame,
    answer::{AnswerDetector, BeepDetector, Parameters, Verdict},
    fax::FaxCaller,
};

/// What a detector has found; it listens no more then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// What has answered.
    Answer(Verdict),
    /// The machine records.
    Tone,
    /// A fax machine, so many milliseconds after listening began.
    Fax(u32),
}

/// An ear for one thing. Made outside the media thread, which allocates nothing.
#[derive(Debug)]
pub struct Detector(Kind);

#[derive(Debug)]
enum Kind {
    Answer(AnswerDetector),
    Tone(BeepDetector),
    Fax { caller: FaxCaller, heard: u32, most: u32 },
}

/// What came of a frame.
pub(super) enum Heard {
    Nothing,
    Found(Found),
    /// It was not there in time.
    Over,
}

impl Detector {
    /// Finds out what has answered.
    #[must_use]
    pub fn answer(parameters: Parameters) -> Self {
        Self(Kind::Answer(AnswerDetector::new(parameters)))
    }

    /// Waits for the tone of an answering machine.
    #[must_use]
    pub fn tone() -> Self {
        Self(Kind::Tone(BeepDetector::default()))
    }

    /// Listens for a fax machine for so long.
    #[must_use]
    pub fn fax(within: Duration) -> Self {
        let most = u32::try_from(within.as_millis() / u128::from(FRAME_MS)).unwrap_or(u32::MAX);
        Self(Kind::Fax { caller: FaxCaller::default(), heard: 0, most })
    }

    /// Takes the next frame; none when nothing came.
    pub(super) fn frame(&mut self, frame: Option<&Frame>) -> Heard {
        match &mut self.0 {
            Kind::Answer(detector) => {
                detector.frame(frame).map_or(Heard::Nothing, |verdict| Heard::Found(Found::Answer(verdict)))
            }
            Kind::Tone(detector) => {
                detector.frame(frame).map_or(Heard::Nothing, |_| Heard::Found(Found::Tone))
            }
            Kind::Fax { caller, heard, most } => {
                *heard += 1;
                if caller.frame(frame) {
                    Heard::Found(Found::Fax(*heard * FRAME_MS))
                } else if heard >= most {
                    Heard::Over
                } else {
                    Heard::Nothing
                }
            }
        }
    }
}
