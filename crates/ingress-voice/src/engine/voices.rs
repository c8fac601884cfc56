//! A small set of legs: whom a leg hears, or whom a tape records.

use super::LegId;

/// Most legs that one leg hears at once.
pub const MAX_VOICES: usize = 8;

/// Up to [`MAX_VOICES`] legs, each once. Copied, never allocated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Voices([Option<LegId>; MAX_VOICES]);

impl Voices {
    /// Nobody.
    pub const NONE: Self = Self([None; MAX_VOICES]);

    /// The legs in it.
    pub fn iter(&self) -> impl Iterator<Item = LegId> + '_ {
        self.0.iter().map_while(|leg| *leg)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Nobody is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    /// Adds one; whoever finds no room is left out.
    pub fn add(&mut self, leg: LegId) {
        if self.iter().any(|known| known == leg) {
            return;
        }
        if let Some(room) = self.0.iter_mut().find(|place| place.is_none()) {
            *room = Some(leg);
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, leg: LegId) {
        *self = self.iter().filter(|known| *known != leg).collect();
    }
}

impl FromIterator<LegId> for Voices {
    fn from_iter<T: IntoIterator<Item = LegId>>(legs: T) -> Self {
        let mut voices = Self::NONE;
        for leg in legs {
            voices.add(leg);
        }
        voices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_is_in_it_once_and_nobody_beyond_the_room() {
        let mut voices: Voices = [3, 1, 3, 2].into_iter().map(LegId).collect();
        assert_eq!(voices.iter().collect::<Vec<_>>(), [LegId(3), LegId(1), LegId(2)]);

        voices.remove(LegId(1));
        assert_eq!(voices.iter().collect::<Vec<_>>(), [LegId(3), LegId(2)]);

        let many: Voices = (0..20).map(LegId).collect();
        assert_eq!(many.len(), MAX_VOICES);
    }
}
