use super::*;
use crate::{FRAME_SAMPLES, tone::Tone};

/// A tone or a pair of them.
fn tone(hertz: &[f32], milliseconds: usize) -> Vec<i16> {
    let mut sound = vec![0i16; milliseconds * 8];
    for one in hertz {
        let mut part = vec![0; sound.len()];
        Tone::new(*one, 3_000.0).fill(&mut part);
        sound.iter_mut().zip(part).for_each(|(sum, sample)| *sum += sample);
    }
    sound
}

fn silence(milliseconds: usize) -> Vec<i16> {
    tone(&[], milliseconds)
}

/// Something like a vowel: harmonics under two formants, swelling four times a second.
fn speech(milliseconds: usize) -> Vec<i16> {
    let sample = |n: usize| {
        let turn = std::f32::consts::TAU * n as f32 / 8_000.0;
        let pitch = 120.0 + 15.0 * (turn * 1.7).sin();
        let voice: f32 = (1..=25)
            .map(|harmonic| {
                let hertz = pitch * harmonic as f32;
                let near = |formant: f32| 1.0 / (1.0 + ((hertz - formant) / 150.0).powi(2));
                (near(600.0) + 0.5 * near(1_700.0)) * (turn * hertz).sin()
            })
            .sum();
        (2_500.0 * voice * (0.6 - 0.35 * (turn * 4.0).cos())) as i16
    };
    (0..milliseconds * 8).map(sample).collect()
}

fn verdict(line: &[Vec<i16>]) -> Option<Verdict> {
    let mut detector = AnswerDetector::new(Parameters::default());
    let line = line.concat();
    line.as_chunks::<FRAME_SAMPLES>().0.iter().find_map(|frame| detector.frame(Some(frame)))
}

fn far_end(line: &[Vec<i16>]) -> (FarEnd, Reason) {
    let verdict = verdict(line).expect("a verdict");
    (verdict.far_end, verdict.reason)
}

#[test]
fn who_says_a_word_and_waits_is_a_person_and_waits_no_second_longer() {
    let heard = verdict(&[silence(300), speech(500), silence(2_000)]).unwrap();

    assert_eq!(heard.far_end, FarEnd::Human);
    assert!((1_500..=1_800).contains(&heard.after_ms), "{heard:?}");
}

#[test]
fn who_speaks_on_is_a_machine_within_the_limit() {
    let heard = verdict(&[silence(300), speech(8_000)]).unwrap();

    assert!(matches!(heard.reason, Reason::SpeaksOn(1_500..)), "{heard:?}");
    assert!(heard.far_end == FarEnd::Machine && heard.after_ms <= 2_000, "{heard:?}");
}

#[test]
fn many_words_at_once_are_a_machine() {
    let word = || [speech(140), silence(120)].concat();
    let line: Vec<Vec<i16>> = std::iter::once(silence(200)).chain((0..8).map(|_| word())).collect();

    assert_eq!(far_end(&line), (FarEnd::Machine, Reason::Words(5)));
}

#[test]
fn a_tone_after_the_greeting_is_a_machine() {
    let line = [silence(200), speech(600), silence(100), tone(&[1_000.0], 300), silence(1_000)];

    assert_eq!(far_end(&line), (FarEnd::Machine, Reason::Beep));
}

#[test]
fn who_says_nothing_is_left_to_the_agent() {
    let heard = verdict(&[silence(4_000)]).unwrap();

    assert_eq!(heard, Verdict { far_end: FarEnd::NotSure, reason: Reason::Silent(2_500), after_ms: 2_500 });
    let mut detector = AnswerDetector::new(Parameters::default());
    assert!((0..124).all(|_| detector.frame(None).is_none()));
    assert_eq!(detector.frame(None).map(|heard| heard.far_end), Some(FarEnd::NotSure));
}

#[test]
fn busy_and_congestion_of_many_countries_are_busy() {
    for (hertz, on) in [
        (&[425.0][..], 500),
        (&[425.0], 480),
        (&[400.0], 375),
        (&[480.0, 620.0], 500),
        (&[450.0], 350),
        (&[480.0, 620.0], 250),
        (&[425.0], 200),
    ] {
        let line = [silence(130), [tone(hertz, on), silence(on)].concat().repeat(6)];
        let (far_end, reason) = far_end(&line);
        assert_eq!(far_end, FarEnd::Busy, "{hertz:?} {on} ms: {reason}");
        assert_eq!(reason == Reason::CongestionTone, on < 300, "{hertz:?} {on} ms: {reason}");
    }
}

#[test]
fn three_rising_tones_say_that_nobody_can_be_reached() {
    for [first, second, third] in
        [[950.0, 1_400.0, 1_800.0], [913.8, 1_370.6, 1_776.7], [985.2, 1_428.5, 1_776.7]]
    {
        for (lasts, gap) in [(330, 0), (276, 0), (380, 30)] {
            let line = [
                silence(250),
                tone(&[first], lasts),
                silence(gap),
                tone(&[second], lasts),
                silence(gap),
                tone(&[third], lasts),
                speech(3_000),
            ];
            let heard = far_end(&line);
            assert_eq!(heard, (FarEnd::Sit, Reason::InformationTones), "{first} Hz, {lasts} ms, gap {gap}");
        }
    }
    assert_eq!(far_end(&[silence(100), tone(&[400.0], 6_000)]), (FarEnd::Sit, Reason::EndlessTone));
}

#[test]
fn a_fax_machine_that_answers_is_one() {
    let line = [silence(1_800), tone(&[2_100.0], 3_000)];

    assert_eq!(far_end(&line), (FarEnd::Fax, Reason::FaxTone));
}

#[test]
fn a_line_that_rings_on_is_waited_for() {
    let german = || [tone(&[425.0], 1_000), silence(4_000)].concat();
    let american = || [tone(&[440.0, 480.0], 2_000), silence(4_000)].concat();
    let british =
        || [tone(&[400.0, 450.0], 400), silence(200), tone(&[400.0, 450.0], 400), silence(2_000)].concat();
    for ring in [german(), american(), british()] {
        let person = [silence(200), ring.clone(), ring.clone(), speech(500), silence(2_000)];
        let nobody = [silence(200), ring.clone(), silence(10_000)];

        assert_eq!(far_end(&person).0, FarEnd::Human);
        let heard = verdict(&nobody).unwrap();
        assert_eq!(heard.far_end, FarEnd::NotSure);
        assert!(heard.after_ms > 5_000, "{heard:?}");
    }
}

#[test]
fn the_tone_after_the_greeting_is_waited_for_or_else_a_long_silence() {
    let ready = |line: &[Vec<i16>]| {
        let mut detector = BeepDetector::default();
        let line = line.concat();
        let frames = line.as_chunks::<FRAME_SAMPLES>().0;
        frames.iter().enumerate().find_map(|(at, frame)| Some((at * 20, detector.frame(Some(frame))?)))
    };

    for hertz in [440.0, 1_000.0, 1_400.0, 2_000.0] {
        let (at, reason) =
            ready(&[speech(3_000), silence(900), tone(&[hertz], 400), silence(2_000)]).unwrap();
        assert_eq!(reason, Reason::Beep, "{hertz}");
        assert!((4_300..4_600).contains(&at), "{hertz}: {at}");
    }
    assert_eq!(ready(&[speech(3_000), silence(2_000), speech(2_000)]), None);
    assert!(matches!(ready(&[speech(3_000), silence(5_000)]), Some((_, Reason::Silent(_)))));
}

#[test]
fn reasons_are_for_people() {
    assert_eq!(Reason::Waits(620).to_string(), "spoke for 0.6 s and waited");
    assert_eq!(Reason::SpeaksOn(1_500).to_string(), "spoke on after 1.5 s");
}
