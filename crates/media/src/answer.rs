//! What has answered a call: a person, an answering machine, a fax machine, or a signal of the network.
//!
//! A person says a word or two and waits; a machine speaks on. The parameters are those of Asterisk's `AMD()`
//! (`amd.conf`), which the field talks in; the signals are those of ITU-T E.180 with its supplement 2 (busy, congestion,
//! ringing, special information tones) and T.30 (the answering tone of a fax machine, 2100 Hz). A line that rings on after
//! it was "answered" is waited for.

use std::fmt;

use crate::{
    FRAME_MS, Frame,
    sounds::{STEADY, Sound, Sounds, Stretch},
};

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FarEnd {
    /// Somebody.
    Human,
    /// An answering machine.
    Machine,
    /// A fax machine.
    Fax,
    /// The number is busy, or the network.
    Busy,
    /// The network says that the number can't be reached: special information tones, or a signal without end.
    Sit,
    /// It could not be told in time.
    NotSure,
}

/// Why it is taken for that; people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It spoke for so long, milliseconds, and then waited.
    Waits(u32),
    /// It speaks for so long, milliseconds, without waiting for an answer.
    SpeaksOn(u32),
    /// It said more than so many words at once.
    Words(u32),
    /// A tone followed what it said: record now.
    Beep,
    /// It says nothing, milliseconds.
    Silent(u32),
    /// The time is over, milliseconds.
    TimeIsOver(u32),
    /// The busy tone.
    BusyTone,
    /// The tone of a congested network.
    CongestionTone,
    /// Three rising tones: a recorded announcement follows.
    InformationTones,
    /// A signal that does not end: no such number.
    EndlessTone,
    /// 2100 Hz.
    FaxTone,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |millis: u32| f64::from(millis) / 1_000.0;
        match self {
            Self::Waits(millis) => write!(formatter, "spoke for {:.1} s and waited", seconds(*millis)),
            Self::SpeaksOn(millis) => write!(formatter, "spoke on after {:.1} s", seconds(*millis)),
            Self::Words(words) => write!(formatter, "said {words} words at once"),
            Self::Beep => formatter.write_str("a tone after the greeting"),
            Self::Silent(millis) => write!(formatter, "said nothing for {:.1} s", seconds(*millis)),
            Self::TimeIsOver(millis) => write!(formatter, "undecided after {:.1} s", seconds(*millis)),
            Self::BusyTone => formatter.write_str("busy tone"),
            Self::CongestionTone => formatter.write_str("congestion tone"),
            Self::InformationTones => formatter.write_str("special information tones"),
            Self::EndlessTone => formatter.write_str("a tone without end"),
            Self::FaxTone => formatter.write_str("the tone of a fax machine"),
        }
    }
}

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What has answered.
    pub far_end: FarEnd,
    /// Why.
    pub reason: Reason,
    /// Milliseconds since the answer.
    pub after_ms: u32,
}

/// What decides, in milliseconds; the names in brackets are those of `amd.conf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Nobody speaks for so long: not sure (`initial_silence`, which Asterisk takes for a machine).
    pub initial_silence_ms: u32,
    /// Whoever speaks for so long without waiting is a machine (`greeting`).
    pub greeting_ms: u32,
    /// Whoever waits for so long after having spoken is a person (`after_greeting_silence`).
    pub after_greeting_ms: u32,
    /// It must be known by then (`total_analysis_time`).
    pub total_ms: u32,
    /// Shorter sounds are no words (`min_word_length`).
    pub word_ms: u32,
    /// Shorter pauses do not part words (`between_words_silence`).
    pub between_words_ms: u32,
    /// Whoever says more words without waiting is a machine (`maximum_number_of_words`).
    pub most_words: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            initial_silence_ms: 2_500,
            greeting_ms: 1_500,
            after_greeting_ms: 800,
            total_ms: 2_500,
            word_ms: 100,
            between_words_ms: 60,
            most_words: 4,
        }
    }
}

/// What exchanges send, found in the stretches of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// The line rings.
    Ringing,
    /// It is over, for this reason.
    Over(FarEnd, Reason),
}

/// Stretches looked back on.
const REMEMBERED: usize = 6;
/// On and off of busy (0.3 to 0.7 s) and congestion (0.16 to 0.3 s), frames.
const BUSY: std::ops::RangeInclusive<u32> = 15..=35;
const CONGESTION: std::ops::RangeInclusive<u32> = 8..=14;
/// A ring of 0.9 s and more; and the double one of 0.4, 0.2 and 0.4 s.
const RING: u32 = 45;
const DOUBLE_RING: (std::ops::RangeInclusive<u32>, std::ops::RangeInclusive<u32>) = (15..=25, 7..=13);
/// The pause between two rings, and what is waited beyond it: 6 s.
const RING_PAUSE: u32 = 300;
/// A signal of so many frames has no end: 4 s.
const ENDLESS: u32 = 200;
/// The three tones, hertz, and how long each lasts, frames (330 ms, 70 more or less, and a frame).
const INFORMATION: [std::ops::RangeInclusive<u16>; 3] = [890..=1_010, 1_340..=1_460, 1_740..=1_860];
const INFORMATION_LASTS: std::ops::RangeInclusive<u32> = 10..=22;
/// The fax machine's answer, hertz, and frames until it is believed: half a second of its three.
const FAX: std::ops::RangeInclusive<u16> = 2_060..=2_140;
const FAX_LASTS: u32 = 25;
/// The tone after which a message is recorded, frames: 120 ms to 2 s.
const BEEP: std::ops::RangeInclusive<u32> = 6..=100;

/// Follows the stretches of a line.
#[derive(Debug, Clone, Default)]
struct Signals {
    past: [Option<Stretch>; REMEMBERED],
}

impl Signals {
    /// A stretch is over.
    fn remember(&mut self, over: Stretch) {
        self.past.rotate_right(1);
        self.past[0] = Some(over);
    }

    fn back(&self, place: usize) -> Option<Stretch> {
        self.past.get(place).copied().flatten()
    }

    /// What the line says by now: the present stretch, and those that are over.
    fn judge(&self, now: Stretch) -> Option<Signal> {
        match now.sound {
            Sound::Signal if now.frames == ENDLESS => Some(Signal::Over(FarEnd::Sit, Reason::EndlessTone)),
            Sound::Signal if now.frames == RING => Some(Signal::Ringing),
            Sound::Tone(hertz) if FAX.contains(&hertz) && now.frames == FAX_LASTS => {
                Some(Signal::Over(FarEnd::Fax, Reason::FaxTone))
            }
            Sound::Tone(_) if now.frames >= *INFORMATION_LASTS.start() => self.information(now),
            Sound::Silence if now.frames == 2 => self.cadence(),
            _ => None,
        }
    }

    /// On, off and on again are over.
    fn cadence(&self) -> Option<Signal> {
        let (second, pause, first) = (self.back(0)?, self.back(1)?, self.back(2)?);
        if (second.sound, pause.sound, first.sound) != (Sound::Signal, Sound::Silence, Sound::Signal) {
            return None;
        }
        let (on, off) = (first.frames, pause.frames);
        if on.abs_diff(second.frames) > 3 {
            return None;
        }
        let even = on.abs_diff(off) <= 2 + on * 3 / 10;
        match on {
            on if even && BUSY.contains(&on) => Some(Signal::Over(FarEnd::Busy, Reason::BusyTone)),
            on if even && CONGESTION.contains(&on) => {
                Some(Signal::Over(FarEnd::Busy, Reason::CongestionTone))
            }
            on if DOUBLE_RING.0.contains(&on) && DOUBLE_RING.1.contains(&off) => Some(Signal::Ringing),
            _ => None,
        }
    }

    fn information(&self, now: Stretch) -> Option<Signal> {
        // Some exchanges leave a gap of 30 ms between the tones.
        let is_gap = |stretch: &Stretch| !stretch.sound.is_tone() && stretch.frames <= 4;
        let mut tones = self.past.iter().flatten().filter(|stretch| !is_gap(stretch));
        let (second, first) = (tones.next()?, tones.next()?);
        let fits = |stretch: Stretch, place: usize| match stretch.sound {
            Sound::Tone(hertz) => INFORMATION[place].contains(&hertz),
            _ => false,
        };
        let lasted = |stretch: &Stretch| INFORMATION_LASTS.contains(&stretch.frames);
        let all = fits(*first, 0) && fits(*second, 1) && fits(now, 2) && lasted(first) && lasted(second);
        all.then_some(Signal::Over(FarEnd::Sit, Reason::InformationTones))
    }
}

/// Listens to whatever has answered until it knows what it is. Allocates nothing.
#[derive(Debug, Clone)]
pub struct AnswerDetector {
    parameters: Parameters,
    sounds: Sounds,
    signals: Signals,
    frames: u32,
    /// Frame from which the time counts: the answer, or the last ring.
    since: u32,
    /// The line rings: nobody speaks before this frame.
    rings_until: u32,
    /// First and last frame of speech.
    spoke: Option<(u32, u32)>,
    voiced: u32,
    quiet: u32,
    words: u32,
}

impl AnswerDetector {
    /// Begins at the answer.
    #[must_use]
    pub fn new(parameters: Parameters) -> Self {
        Self {
            parameters,
            sounds: Sounds::default(),
            signals: Signals::default(),
            frames: 0,
            since: 0,
            rings_until: 0,
            spoke: None,
            voiced: 0,
            quiet: 0,
            words: 0,
        }
    }

    /// Takes the next frame, none when nothing came; what it is, once that is known. Nothing is to be asked after that.
    pub fn frame(&mut self, frame: Option<&Frame>) -> Option<Verdict> {
        self.frames += 1;
        if let Some(over) = self.sounds.hear(frame) {
            self.signals.remember(over);
            if over.sound.is_tone() && BEEP.contains(&over.frames) && self.spoke.is_some() {
                return Some(self.verdict(FarEnd::Machine, Reason::Beep));
            }
        }
        let now = self.sounds.now();
        match self.signals.judge(now) {
            Some(Signal::Over(far_end, reason)) => return Some(self.verdict(far_end, reason)),
            Some(Signal::Ringing) => self.rings(),
            None => {}
        }
        if now.sound == Sound::Signal && self.frames < self.rings_until {
            self.rings();
        }
        self.follow(now);
        self.decide(now)
    }

    /// The line still rings: nothing was said, and the time begins anew.
    fn rings(&mut self) {
        self.since = self.frames;
        self.rings_until = self.frames + RING_PAUSE;
        (self.spoke, self.voiced, self.quiet, self.words) = (None, 0, 0, 0);
    }

    fn follow(&mut self, now: Stretch) {
        let tone = now.sound.is_tone() && now.frames >= STEADY;
        if tone || now.sound == Sound::Silence {
            self.quiet += 1;
            if self.quiet >= frames(self.parameters.between_words_ms) {
                self.voiced = 0;
            }
            return;
        }
        self.quiet = 0;
        self.voiced += 1;
        let word = frames(self.parameters.word_ms);
        if self.voiced == word {
            self.words += 1;
            self.spoke.get_or_insert((self.frames - word, self.frames));
        }
        if let Some((_, last)) = &mut self.spoke {
            *last = self.frames;
        }
    }

    fn decide(&self, now: Stretch) -> Option<Verdict> {
        let Parameters { initial_silence_ms, greeting_ms, after_greeting_ms, total_ms, most_words, .. } =
            self.parameters;
        if let Some((first, last)) = self.spoke {
            let spoke = last - first;
            if spoke >= frames(greeting_ms) {
                return Some(self.verdict(FarEnd::Machine, Reason::SpeaksOn(millis(spoke))));
            }
            if self.words > most_words {
                return Some(self.verdict(FarEnd::Machine, Reason::Words(self.words)));
            }
            if self.quiet >= frames(after_greeting_ms) {
                return Some(self.verdict(FarEnd::Human, Reason::Waits(millis(spoke))));
            }
        }
        if self.frames < self.rings_until || (now.sound == Sound::Signal && now.frames >= STEADY) {
            return None;
        }
        let elapsed = millis(self.frames - self.since);
        if self.spoke.is_none() && elapsed >= initial_silence_ms {
            return Some(self.verdict(FarEnd::NotSure, Reason::Silent(elapsed)));
        }
        (elapsed >= total_ms).then(|| self.verdict(FarEnd::NotSure, Reason::TimeIsOver(elapsed)))
    }

    const fn verdict(&self, far_end: FarEnd, reason: Reason) -> Verdict {
        Verdict { far_end, reason, after_ms: millis(self.frames) }
    }
}

/// Silence after the greeting of a machine that gives no tone, frames: 3 s.
const NO_BEEP: u32 = 150;
/// What must be quiet after the tone: 100 ms.
const AFTER_BEEP: u32 = 5;

/// Waits until an answering machine records. Allocates nothing.
#[derive(Debug, Clone, Default)]
pub struct BeepDetector {
    sounds: Sounds,
    beeped: bool,
}

impl BeepDetector {
    /// Takes the next frame; what came: the tone, or a silence that says as much.
    pub fn frame(&mut self, frame: Option<&Frame>) -> Option<Reason> {
        if let Some(over) = self.sounds.hear(frame) {
            self.beeped = over.sound.is_tone() && BEEP.contains(&over.frames);
        }
        let now = self.sounds.now();
        let quiet = now.sound == Sound::Silence;
        match now.frames {
            AFTER_BEEP if quiet && self.beeped => Some(Reason::Beep),
            NO_BEEP if quiet => Some(Reason::Silent(millis(NO_BEEP))),
            _ => None,
        }
    }
}

const fn frames(millis: u32) -> u32 {
    millis / FRAME_MS
}

const fn millis(frames: u32) -> u32 {
    frames * FRAME_MS
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
