//! Sound: what each line hears, told to the engine.

use super::{CallTask, Note};
use crate::{
    core::call::{Hearing, Input, Side},
    engine::Voices,
};

impl CallTask {
    pub(super) fn play_music(&mut self, side: Side) {
        self.hear(side, Hearing::Music);
    }

    pub(super) fn hear(&mut self, side: Side, hearing: Hearing) {
        if side == Side::Customer {
            self.saying = None;
        }
        let Some(session) = self.session(side) else { return };
        let (leg, law) = (&session.leg, session.law);
        let outcome = match hearing {
            Hearing::Silence => leg.play(self.voice.sounds.silence.play(law, true), None),
            Hearing::Music => leg.play(self.voice.sounds.music.play(law, true), None),
            Hearing::Ringback => leg.play(self.voice.sounds.ringback.play(law, true), None),
            Hearing::Voices(sides) => self.media.hear(leg.id(), self.voices(&sides)),
        };
        if outcome.is_err() {
            let broken = Input::Broken { detail: "the media engine is overloaded".to_owned() };
            let _ = self.mailbox.try_send(Note::Input(broken));
        }
    }

    pub(super) fn voices(&self, sides: &[Side]) -> Voices {
        sides.iter().filter_map(|side| self.session(*side)).map(|session| session.leg.id()).collect()
    }
}
