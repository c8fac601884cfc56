//! Listening for one answer: the voice of a leg up to the end of what it says.

use media::{
    Frame,
    utterance::{Endpointer, Heard},
};
use tokio::sync::oneshot;

/// What somebody has said.
#[derive(Debug)]
pub struct Utterance {
    /// 8,000 a second.
    pub samples: Vec<i16>,
}

/// An ear for one utterance. Made outside the media thread, which allocates nothing.
#[derive(Debug)]
pub struct Listener {
    endpointer: Endpointer,
    answer: oneshot::Sender<Utterance>,
}

impl Listener {
    /// A listener, and where the utterance comes out. Nothing comes when it is stopped; something that lasts too long to be
    /// an answer comes out empty.
    #[must_use]
    pub fn new() -> (Self, oneshot::Receiver<Utterance>) {
        let (answer, utterance) = oneshot::channel();
        (Self { endpointer: Endpointer::default(), answer }, utterance)
    }

    /// Begins with the noise that was found on this line before.
    pub(super) const fn set_noise(&mut self, noise: f32) {
        self.endpointer.set_noise(noise);
    }

    pub(super) const fn noise(&self) -> f32 {
        self.endpointer.noise()
    }

    /// Takes the next frame; none when nothing came.
    pub(super) fn frame(&mut self, frame: Option<&Frame>) -> Heard {
        self.endpointer.frame(frame)
    }

    /// Gives out what was said.
    pub(super) fn give(self, heard: Heard) {
        let samples = if heard == Heard::Ended { self.endpointer.utterance() } else { Vec::new() };
        // Whoever asked may be gone.
        let _ = self.answer.send(Utterance { samples });
    }
}
