//! How offers end when agents are asked: a sample of what was seen.

use super::chance::{About, draw};
use crate::core::{Channel, InteractionId, PerChannel};

/// Most answers kept of a channel.
const MOST: usize = 10_000;
/// How long it takes to answer where nothing was seen, milliseconds.
const USUAL: i64 = 3_000;

/// What an agent did with an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Took it after this long.
    Accepts(i64),
    /// Refused it after this long.
    Declines(i64),
    /// Let it ring.
    LetsRing,
}

/// Answers by channel.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers(PerChannel<Vec<Answer>>);

impl Answers {
    pub fn add(&mut self, channel: Channel, answer: Answer) {
        let all = &mut self.0[channel];
        if all.len() < MOST {
            all.push(answer);
        }
    }

    /// What the agent does with the `number`th offer of an interaction.
    pub fn draw(&self, seed: u64, interaction: InteractionId, channel: Channel, number: u64) -> Answer {
        let all = &self.0[channel];
        let place = (draw(seed, interaction, About::Answer, number) * all.len() as f64) as usize;
        all.get(place).copied().unwrap_or(Answer::Accepts(USUAL))
    }
}
