//! Recording: two sets of voices, left and right, written frame by frame into blocks that a writer takes away.
//!
//! The media thread never waits for the writer: full blocks go one way, empty ones come back the other. When none
//! comes back in time, the audio of that second is lost and counted, and the writer leaves silence in its place.

use std::sync::mpsc::{Receiver, SyncSender};

use media::{FRAME_SAMPLES, Frame, g711::Law, mixer::Mixer};

use super::voices::Voices;

/// Frames in a block: one second.
pub const BLOCK_FRAMES: usize = 50;
/// Bytes in a block: two channels of μ-law, left first.
pub const BLOCK_BYTES: usize = 2 * BLOCK_FRAMES * FRAME_SAMPLES;

/// A second of stereo sound.
#[derive(Debug)]
pub struct Block {
    /// 0 is the first second of the tape.
    pub number: u64,
    /// Bytes in use; less than all in the last block alone.
    pub length: usize,
    /// μ-law, interleaved.
    pub bytes: Box<[u8; BLOCK_BYTES]>,
}

impl Default for Block {
    fn default() -> Self {
        Self { number: 0, length: 0, bytes: Box::new([Law::Mu.silence(); BLOCK_BYTES]) }
    }
}

/// What a tape sends to its writer.
#[derive(Debug)]
pub enum Taped {
    /// The next second.
    Block {
        /// Name of the tape.
        tape: u64,
        /// Its sound.
        block: Block,
    },
    /// Nothing follows.
    End {
        /// Name of the tape.
        tape: u64,
    },
}

/// Where a tape's blocks go and come back from.
pub struct TapeSink {
    /// Name of the tape, unique in the process.
    pub tape: u64,
    /// Full blocks.
    pub full: SyncSender<Taped>,
    /// Empty ones.
    pub empty: Receiver<Block>,
}

/// A tape as its media thread holds it.
pub(super) struct Tape {
    pub(super) sink: TapeSink,
    pub(super) left: Voices,
    pub(super) right: Voices,
    block: Option<Block>,
    number: u64,
    filled: usize,
    mixer: Mixer,
}

impl Tape {
    pub(super) fn new(sink: TapeSink) -> Self {
        Self {
            block: sink.empty.try_recv().ok(),
            sink,
            left: Voices::NONE,
            right: Voices::NONE,
            number: 0,
            filled: 0,
            mixer: Mixer::default(),
        }
    }

    /// Writes one frame of both channels. `false` when a second was lost.
    pub(super) fn write<'a>(
        &mut self,
        left: impl Iterator<Item = &'a Frame>,
        right: impl Iterator<Item = &'a Frame>,
    ) -> bool {
        self.channel(0, left);
        self.channel(1, right);
        self.filled += 1;
        if self.filled < BLOCK_FRAMES {
            return true;
        }
        self.turn()
    }

    fn channel<'a>(&mut self, offset: usize, voices: impl Iterator<Item = &'a Frame>) {
        let Some(block) = &mut self.block else { return };
        self.mixer.clear();
        for voice in voices {
            self.mixer.add(voice);
        }
        let mut frame = [0; FRAME_SAMPLES];
        self.mixer.hear(None, &mut frame);
        let start = 2 * self.filled * FRAME_SAMPLES;
        let places = block.bytes[start..start + 2 * FRAME_SAMPLES].iter_mut().skip(offset).step_by(2);
        for (place, sample) in places.zip(frame) {
            *place = Law::Mu.encode(sample);
        }
    }

    fn turn(&mut self) -> bool {
        let number = self.number;
        self.number += 1;
        let length = 2 * std::mem::take(&mut self.filled) * FRAME_SAMPLES;
        let Some(mut block) = self.block.take().or_else(|| self.sink.empty.try_recv().ok()) else {
            return false;
        };
        block.number = number;
        block.length = length;
        match self.sink.full.try_send(Taped::Block { tape: self.sink.tape, block }) {
            Ok(()) => {
                self.block = self.sink.empty.try_recv().ok();
                true
            }
            Err(error) => {
                let (std::sync::mpsc::TrySendError::Full(taped)
                | std::sync::mpsc::TrySendError::Disconnected(taped)) = error;
                if let Taped::Block { block, .. } = taped {
                    self.block = Some(block);
                }
                false
            }
        }
    }

    /// Sends what is left. `false` when something was lost; the writer notices a missing end by itself.
    pub(super) fn end(mut self) -> bool {
        let whole = self.filled == 0 || self.turn();
        let ended = self.sink.full.try_send(Taped::End { tape: self.sink.tape }).is_ok();
        whole && ended
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn a_writer_that_does_not_keep_up_costs_sound_and_nothing_else() {
        let (full, filled) = sync_channel(1);
        let (back, empty) = sync_channel(4);
        back.send(Block::default()).unwrap();
        back.send(Block::default()).unwrap();
        let mut tape = Tape::new(TapeSink { tape: 7, full, empty });
        let frame = [1_000; FRAME_SAMPLES];
        let second =
            |tape: &mut Tape| (0..BLOCK_FRAMES).all(|_| tape.write([&frame].into_iter(), std::iter::empty()));

        assert!(second(&mut tape));
        assert!(!second(&mut tape), "the queue to the writer is full");

        let Taped::Block { tape: 7, block } = filled.recv().unwrap() else { panic!() };
        assert_eq!((block.number, block.length), (0, BLOCK_BYTES));
        assert_eq!(block.bytes[0], Law::Mu.encode(1_000));
        assert_eq!(block.bytes[1], Law::Mu.encode(0));
        assert!(second(&mut tape));
        let Taped::Block { block, .. } = filled.recv().unwrap() else { panic!() };
        assert_eq!(block.number, 2, "the lost second keeps its place");
    }
}
