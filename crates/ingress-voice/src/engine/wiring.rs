//! Who hears whom. Changes come as commands; what a packet or frame needs is kept ready at the legs: who listens to
//! them, and an ear where somebody mixes or records them.

use media::{FRAME_SAMPLES, clip::Playback, g711::Law};

use super::{
    LegId, StatsSnapshot,
    detector::Detector,
    ear::Ear,
    leg::{Leg, Source},
    listener::Listener,
    tape::{Tape, TapeSink},
    voices::{MAX_VOICES, Voices},
    worker::Worker,
};

impl Worker {
    /// Has a leg hear these voices (its own too, as an echo): none, one passed on packet by packet, or several mixed.
    pub(super) fn hear(&mut self, id: LegId, voices: Voices) {
        if self.leg(id).is_none_or(|leg| leg.source.voices() == voices && !voices.is_empty()) {
            return;
        }
        self.detach(id);
        let mut voices_here =
            voices.iter().filter(|voice| self.places.contains_key(voice)).collect::<Voices>();
        let source = match (voices_here.iter().next(), voices_here.len()) {
            (None, _) => Source::Nothing,
            (Some(peer), 1) => Source::Peer(peer),
            (Some(_), _) => Source::Mix(voices_here),
        };
        let mixes = matches!(source, Source::Mix(_));
        if let Some(leg) = self.leg(id) {
            leg.play(source);
        } else {
            voices_here = Voices::NONE;
        }
        for voice in voices_here.iter() {
            if let Some(speaker) = self.leg(voice) {
                speaker.listeners.push(id);
            }
            if mixes {
                self.lend_ear(voice);
            }
        }
    }

    /// Plays to a leg, which then hears nobody.
    pub(super) fn play(&mut self, id: LegId, playback: Playback, token: Option<u64>) {
        self.detach(id);
        if let Some(leg) = self.leg(id) {
            leg.play(Source::Clip(playback, token));
        }
    }

    /// Takes a leg away from whomever it hears.
    fn detach(&mut self, id: LegId) {
        let Some(leg) = self.leg(id) else { return };
        let mixes = matches!(leg.source, Source::Mix(_));
        let voices = leg.source.voices();
        if !voices.is_empty() {
            leg.play(Source::Nothing);
        }
        for voice in voices.iter() {
            if let Some(speaker) = self.leg(voice) {
                speaker.listeners.retain(|listener| *listener != id);
            }
            if mixes {
                self.return_ear(voice);
            }
        }
    }

    /// Whoever hears this leg does not any more, and it hears nobody: it is about to go, or its bridge ends.
    pub(super) fn part(&mut self, id: LegId) {
        self.detach(id);
        let listeners = self.leg(id).map(|leg| leg.listeners.clone()).unwrap_or_default();
        for listener in listeners {
            let Some(mut left) = self.leg(listener).map(|leg| leg.source.voices()) else { continue };
            left.remove(id);
            self.hear(listener, left);
        }
        for index in 0..self.tapes.len() {
            let (mut left, mut right) = (self.tapes[index].left, self.tapes[index].right);
            left.remove(id);
            right.remove(id);
            self.retune(index, left, right);
        }
    }

    pub(super) fn record(&mut self, sink: TapeSink) {
        self.tapes.push(Tape::new(sink));
    }

    /// Has a tape record these voices from now on.
    pub(super) fn tune(&mut self, tape: u64, left: Voices, right: Voices) {
        if let Some(index) = self.tapes.iter().position(|known| known.sink.tape == tape) {
            self.retune(index, left, right);
        }
    }

    fn retune(&mut self, index: usize, left: Voices, right: Voices) {
        let old = [self.tapes[index].left, self.tapes[index].right];
        if old == [left, right] {
            return;
        }
        for voice in [left, right].iter().flat_map(|voices| voices.iter().collect::<Vec<_>>()) {
            self.lend_ear(voice);
        }
        for voice in old.iter().flat_map(|voices| voices.iter().collect::<Vec<_>>()) {
            self.return_ear(voice);
        }
        self.tapes[index].left = left;
        self.tapes[index].right = right;
    }

    pub(super) fn end_tape(&mut self, tape: u64, round: &mut StatsSnapshot) {
        if let Some(index) = self.tapes.iter().position(|known| known.sink.tape == tape) {
            self.retune(index, Voices::NONE, Voices::NONE);
            if !self.tapes.swap_remove(index).end() {
                round.lost_seconds += 1;
            }
        }
    }

    fn lend_ear(&mut self, id: LegId) {
        if let Some(leg) = self.leg(id) {
            leg.ear_users += 1;
            leg.ear.get_or_insert_with(|| Box::new(Ear::new()));
        }
    }

    /// Listens for an utterance of a leg, instead of the one that was listened for.
    pub(super) fn listen(&mut self, id: LegId, listener: Box<Listener>) {
        self.stop_listening(id);
        self.lend_ear(id);
        if let Some(leg) = self.leg(id) {
            leg.listen(listener);
        }
    }

    /// Listens to a leg no more.
    pub(super) fn stop_listening(&mut self, id: LegId) {
        if self.leg(id).is_some_and(Leg::stop_listening) {
            self.return_ear(id);
        }
    }

    /// Listens for what is at the other end of a leg, instead of what was listened for.
    pub(super) fn detect(&mut self, id: LegId, detector: Box<Detector>) {
        let Some(leg) = self.leg(id) else { return };
        if leg.detector.replace(detector).is_none() {
            self.lend_ear(id);
        }
    }

    pub(super) fn return_ear(&mut self, id: LegId) {
        if let Some(leg) = self.leg(id) {
            leg.ear_users = leg.ear_users.saturating_sub(1);
            if leg.ear_users == 0 {
                leg.ear = None;
            }
        }
    }

    /// Where those stand who listen to the leg at `place`.
    pub(super) fn listeners_of(&self, place: usize) -> ([usize; MAX_VOICES], usize) {
        let (mut places, mut count) = ([0; MAX_VOICES], 0);
        for listener in self.legs[place].listeners.iter().take(MAX_VOICES) {
            if let Some(at) = self.places.get(listener) {
                places[count] = *at;
                count += 1;
            }
        }
        (places, count)
    }

    /// Mixes the frame for the leg at `place` in its law. `false` when it hears no mix.
    pub(super) fn mix(&mut self, place: usize, out: &mut [u8; FRAME_SAMPLES]) -> bool {
        let leg = &self.legs[place];
        let Source::Mix(voices) = &leg.source else { return false };
        let law = leg.media.map_or(Law::Mu, |media| media.law);
        self.mixer.clear();
        for voice in voices.iter() {
            let speaker = self.places.get(&voice).map(|at| &self.legs[*at]);
            if let Some(frame) = speaker.and_then(|leg| leg.ear.as_ref()).and_then(|ear| ear.frame()) {
                self.mixer.add(frame);
            }
        }
        let mut mixed = [0; FRAME_SAMPLES];
        self.mixer.hear(None, &mut mixed);
        law.encode_into(&mixed, out);
        true
    }

    /// Writes the frame of this tick to all tapes.
    pub(super) fn write_tapes(&mut self, round: &mut StatsSnapshot) {
        let (legs, places) = (&self.legs, &self.places);
        for tape in &mut self.tapes {
            let (left, right) = (tape.left, tape.right);
            let frame_of = |voice: LegId| {
                let leg = places.get(&voice).map(|at| &legs[*at])?;
                leg.ear.as_ref().and_then(|ear| ear.frame())
            };
            if !tape.write(left.iter().filter_map(frame_of), right.iter().filter_map(frame_of)) {
                round.lost_seconds += 1;
            }
        }
    }
}
