//! Menus answered by speaking: a real phone plays what espeak-ng says, a real recogniser understands it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use tokio::time::sleep;

use crate::{centre::Centre, phone::Phone};

/// Noise like that of a street, one second of it.
fn noise(folder: &Path) -> PathBuf {
    let file = folder.join("noise.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&file, spec).unwrap();
    let mut state = 7_u32;
    for _ in 0..8_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writer.write_sample(((state >> 16) as i32 - 32_768) as i16 / 4).unwrap();
    }
    writer.finalize().unwrap();
    file
}

async fn centre() -> Centre {
    let packages = chassis::embedded::default_parts_dir().display().to_string();
    let centre =
        Centre::start_with(&[("recognisers", 1.into()), ("recogniser_packages", packages.into())]).await;
    // The models take a second or two; `make test` installs them.
    for _ in 0..200 {
        let metrics = centre.metrics();
        if metrics.lines().any(|line| line == "switchboard_voice_listens 1") {
            return centre;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("there is no recogniser: is pocketsphinx installed?");
}

fn caller(centre: &Centre, from: &str) -> Phone {
    let mut caller = Phone::open(&centre.sip, from, None);
    caller.tell(serde_json::json!({"do": "call", "to": "+15550109"}));
    caller.expect("answered");
    caller
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_says_what_it_is_about_and_is_asked_whether_it_was_heard_aright() {
    let (centre, folder) = (centre().await, TempDir::new().unwrap());
    let mut eve = caller(&centre, "eve");

    eve.hear_out();
    eve.speak("billing", folder.path());
    centre.peers.told("said \"billing\"").await;
    eve.hear_out();
    eve.speak("yes", folder.path());

    assert_eq!(centre.queued().await.1, "billing");
    eve.act("hangup");
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_is_asked_again_and_the_word_agent_leads_to_a_person() {
    let (centre, folder) = (centre().await, TempDir::new().unwrap());
    let mut eve = caller(&centre, "eve");

    eve.hear_out();
    eve.tell(serde_json::json!({"do": "speak", "file": noise(folder.path())}));
    centre.peers.told("said \"\"").await;
    eve.hear_out();
    eve.speak("agent", folder.path());
    centre.peers.told("said \"agent\"").await;
    eve.hear_out();
    eve.speak("yes", folder.path());

    assert_eq!(centre.queued().await.1, "agent");
    eve.act("hangup");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_answer_while_something_is_said_and_a_tone_says_nothing() {
    let (centre, folder) = (centre().await, TempDir::new().unwrap());
    let mut eve = caller(&centre, "eve");

    eve.hear_out();
    eve.speak("sales", folder.path());
    eve.tell(serde_json::json!({"do": "press", "digits": "2"}));
    assert_eq!(centre.queued().await.1, "2");
    eve.act("hangup");
    centre.end().await;

    let mut tone = caller(&centre, "tone");
    tone.tell(serde_json::json!({"do": "say", "hertz": 440}));
    let silent = async {
        loop {
            let facts = centre.facts.lock().unwrap().len();
            let queued = centre.queues();
            if queued.contains(&"silent".to_owned()) {
                return facts;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), silent).await.expect("a tone is no answer");
    assert!(!centre.peers.told.lock().unwrap().iter().any(|told| told.starts_with("said")));
    tone.act("hangup");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_recogniser_menus_are_answered_by_keys() {
    let centre = Centre::start_with(&[("recogniser_command", "/nowhere/python3".into())]).await;
    let folder = TempDir::new().unwrap();
    let mut eve = caller(&centre, "eve");

    eve.hear_out();
    eve.speak("billing", folder.path());
    sleep(Duration::from_secs(2)).await;
    eve.tell(serde_json::json!({"do": "press", "digits": "1"}));

    assert_eq!(centre.queued().await.1, "1");
    assert!(centre.metrics().lines().any(|line| line == "switchboard_voice_listens 0"));
    eve.act("hangup");
}
