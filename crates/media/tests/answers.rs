//! What has answered, judged on speech: espeak-ng says what people and machines say, with the noise of a line, in both laws.
//!
//! `cargo nextest run -p media --no-capture -E 'test(greetings)'` prints how much was decided right.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{collections::BTreeMap, process::Command};

use media::{
    FRAME_SAMPLES,
    answer::{AnswerDetector, BeepDetector, FarEnd, Parameters, Reason},
    clip::read_wav,
    fax::FaxCaller,
    g711::Law,
    tone::{Tone, loudness},
};

/// What people say when they pick up.
const PEOPLE: [(&str, &str); 14] = [
    ("en-gb", "Hello?"),
    ("en-us+f3", "Hello?"),
    ("en-gb+m3", "Yes?"),
    ("en-us", "Yeah, hi."),
    ("en-gb+f2", "Hello, Anna speaking."),
    ("en-us+m7", "This is John."),
    ("en-gb-scotland", "Good morning."),
    ("en-us+f4", "Miller residence."),
    ("de", "Hallo?"),
    ("de+f2", "Schmidt."),
    ("fr-fr", "Allô, oui?"),
    ("es", "¿Diga?"),
    ("it+f3", "Pronto?"),
    ("nl", "Met Jan de Vries."),
];

/// What machines say.
const MACHINES: [(&str, &str); 14] = [
    (
        "en-gb",
        "Hello, you have reached the Smith family. We can't come to the phone right now. Please leave a message after the tone.",
    ),
    (
        "en-us+f3",
        "Hi, this is Anna. I can't take your call right now, so leave me a message and I will call you back.",
    ),
    ("en-gb+m3", "The person you are calling is not available. Please leave a message after the tone."),
    (
        "en-us",
        "Your call has been forwarded to an automatic voice message system. At the tone, please record your message.",
    ),
    (
        "en-gb+f2",
        "Thank you for calling Harbour Supply. Our office is closed at the moment. Please leave your name and number.",
    ),
    ("en-us+m7", "Hey, it's John, you know what to do. Leave a message."),
    ("en-gb-scotland", "Welcome to voicemail. The customer you have called cannot take your call."),
    ("en-us+f4", "Sorry we missed you. Please leave your name and your number after the beep."),
    (
        "de",
        "Guten Tag, Sie sind verbunden mit dem Anschluss von Familie Schmidt. Bitte hinterlassen Sie eine Nachricht nach dem Ton.",
    ),
    (
        "de+f2",
        "Der gewünschte Gesprächspartner ist zur Zeit nicht erreichbar. Bitte sprechen Sie nach dem Ton.",
    ),
    ("fr-fr", "Bonjour, vous êtes bien sur le répondeur de Marie Dupont. Laissez un message après le bip."),
    ("es", "En este momento no podemos atenderle. Por favor, deje su mensaje después de la señal."),
    ("it+f3", "Risponde la segreteria telefonica. Lasciate un messaggio dopo il segnale acustico."),
    ("nl", "Dit is de voicemail van Jan de Vries. Spreek een bericht in na de toon."),
];

/// Tones after which machines record.
const BEEPS: [(f32, usize); 4] = [(440.0, 400), (1_000.0, 250), (1_400.0, 500), (850.0, 900)];

fn says(voice: &str, words: &str, speed: &str) -> Vec<i16> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("said.wav");
    let made =
        Command::new("espeak-ng").args(["-v", voice, "-s", speed, "-w"]).arg(&file).arg(words).status();
    assert!(made.unwrap().success(), "{voice}");
    let samples = read_wav(&std::fs::read(file).unwrap()[..]).unwrap();
    // As loud as speech is on a telephone line: -20 dB of full scale while it lasts.
    let gain = 3_277.0 / loudness(&samples).max(1.0);
    let first = samples.iter().position(|sample| sample.unsigned_abs() > 200).unwrap_or(0);
    let last = samples.iter().rposition(|sample| sample.unsigned_abs() > 200).unwrap_or(0);
    samples[first..=last].iter().map(|sample| (f32::from(*sample) * gain) as i16).collect()
}

fn tone(hertz: f32, milliseconds: usize) -> Vec<i16> {
    let mut samples = vec![0; milliseconds * 8];
    Tone::new(hertz, 5_000.0).fill(&mut samples);
    samples
}

/// The line: noise of so many decibels below the speech (none: silence), and the law.
fn line(sound: &[i16], noise: Option<f32>, law: Law, seed: u32) -> Vec<[i16; FRAME_SAMPLES]> {
    let mut seed = seed.wrapping_mul(2_654_435_761) | 1;
    let peak = noise.map_or(0.0, |below| 3_277.0 * 10f32.powf(-below / 20.0) * 3f32.sqrt());
    let noisy: Vec<i16> = sound
        .iter()
        .map(|sample| {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            let noise = (f32::from((seed >> 16) as u16) / 32_768.0 - 1.0) * peak;
            law.decode(law.encode(sample.saturating_add(noise as i16)))
        })
        .collect();
    noisy.as_chunks::<FRAME_SAMPLES>().0.to_vec()
}

const LINES: [(&str, Option<f32>); 3] = [("silent", None), ("30 dB", Some(30.0)), ("20 dB", Some(20.0))];

#[derive(Default)]
struct Tally {
    right: usize,
    not_sure: usize,
    wrong: Vec<String>,
    all: usize,
    after: u32,
}

#[test]
fn greetings_of_people_and_machines_are_told_apart() {
    let pause = |milliseconds: usize| vec![0_i16; milliseconds * 8];
    let mut tallies = BTreeMap::<String, Tally>::new();
    let mut beeps = (0, 0);
    for (kind, cases) in [(FarEnd::Human, &PEOPLE), (FarEnd::Machine, &MACHINES)] {
        for (case, (voice, words)) in cases.iter().enumerate() {
            for speed in ["135", "165"] {
                let said = says(voice, words, speed);
                let (hertz, lasts) = BEEPS[case % BEEPS.len()];
                let sound = if kind == FarEnd::Human {
                    [pause(150 + 90 * (case % 5)), said, pause(3_000)].concat()
                } else {
                    [pause(150 + 90 * (case % 5)), said, pause(700), tone(hertz, lasts), pause(3_000)]
                        .concat()
                };
                for (name, noise) in LINES {
                    for law in [Law::Mu, Law::A] {
                        let frames = line(&sound, noise, law, case as u32 + 1);
                        let mut detector = AnswerDetector::new(Parameters::default());
                        let (at, verdict) = frames
                            .iter()
                            .enumerate()
                            .find_map(|(at, frame)| Some((at, detector.frame(Some(frame))?)))
                            .expect("a verdict");
                        let tally = tallies.entry(format!("{kind:?} {name}")).or_default();
                        tally.all += 1;
                        tally.after = tally.after.max(verdict.after_ms);
                        match verdict.far_end {
                            found if found == kind => tally.right += 1,
                            FarEnd::NotSure => tally.not_sure += 1,
                            found => tally.wrong.push(format!(
                                "{voice} {speed} {law:?} {words:?}: {found:?}, {} after {} ms",
                                verdict.reason, verdict.after_ms
                            )),
                        }
                        if kind == FarEnd::Machine {
                            let mut tone = BeepDetector::default();
                            let heard = frames[at..].iter().find_map(|frame| tone.frame(Some(frame)));
                            beeps.0 += usize::from(heard == Some(Reason::Beep));
                            beeps.1 += 1;
                        }
                    }
                }
            }
        }
    }

    let (mut right, mut all) = (0, 0);
    for (name, tally) in &tallies {
        println!(
            "{name:16} {:3} of {:3} right, {} not sure, latest after {} ms",
            tally.right, tally.all, tally.not_sure, tally.after
        );
        tally.wrong.iter().for_each(|wrong| println!("    {wrong}"));
        right += tally.right;
        all += tally.all;
    }
    println!("all              {right} of {all} right ({:.1} %)", 100.0 * right as f64 / all as f64);
    println!("tones            {} of {} heard", beeps.0, beeps.1);
    assert!(right * 100 >= all * 90, "{right} of {all}");
    assert!(beeps.0 * 100 >= beeps.1 * 95, "{} of {} tones", beeps.0, beeps.1);
    assert!(tallies.values().all(|tally| tally.after <= 2_500));
}

#[test]
fn nobody_who_speaks_is_a_fax_machine() {
    for (voice, words) in PEOPLE.iter().chain(&MACHINES) {
        let said = says(voice, words, "150");
        for (_, noise) in LINES {
            let mut fax = FaxCaller::default();
            let frames = line(&[vec![0; 4_000], said.clone(), vec![0; 4_000]].concat(), noise, Law::Mu, 5);
            assert!(frames.iter().all(|frame| !fax.frame(Some(frame))), "{voice} {words:?}");
        }
    }
}
