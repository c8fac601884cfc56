//! Recordings, heard as a supervisor hears them.

use std::{io::Cursor, time::Duration};

use contract::{
    Event,
    directory::v1::Role,
    interaction::v1::RecordingState,
    voice::v1::{
        GetRecordingRequest, HoldRequest, ListRecordingAccessRequest, ListRecordingsRequest,
        PauseRecordingRequest, Recording, ResumeRecordingRequest, ResumeRequest, StreamRecordingRequest,
        recording_service_client::RecordingServiceClient, voice_service_client::VoiceServiceClient,
    },
};
use media::tone::{amplitude_at, loudness};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;
use tonic::{Code, transport::Channel};

use crate::{calls::talking, centre::Centre, phone::Phone, registrations::request};

/// A centre that records all calls of the queue "general", in a folder of its own.
async fn centre(keep: &str, consent: &str) -> (Centre, TempDir) {
    let (recording, folder) = recording(keep, json!([{"queue": "general", "consent": consent}]));
    (Centre::start_with(&[("recording", recording)]).await, folder)
}

/// Settings of recordings in a folder of their own.
pub fn recording(keep: &str, rules: Value) -> (Value, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "0123456789abcdef".repeat(4)).unwrap();
    let settings = json!({
        "folder": folder.path().join("recordings"),
        "key_file": key,
        "keep": keep,
        "rules": rules,
    });
    (settings, folder)
}

async fn list(api: &mut RecordingServiceClient<Channel>, user: &str, role: Role) -> Vec<Recording> {
    let all = request(ListRecordingsRequest::default(), user, role);
    api.list_recordings(all).await.unwrap().into_inner().recordings
}

/// Left and right of a part of a recording.
pub async fn play(
    api: &mut RecordingServiceClient<Channel>,
    id: &str,
    from_ms: i64,
    length_ms: i64,
) -> (Vec<i16>, Vec<i16>) {
    let part = StreamRecordingRequest {
        recording_id: id.to_owned(),
        offset: Some(contract::duration_from_millis(from_ms)),
        length: (length_ms > 0).then(|| contract::duration_from_millis(length_ms)),
    };
    let mut pieces = api.stream_recording(request(part, "sue", Role::Supervisor)).await.unwrap().into_inner();
    let mut file = Vec::new();
    while let Some(piece) = pieces.message().await.unwrap() {
        file.extend(piece.data);
    }
    let mut wav = hound::WavReader::new(Cursor::new(file)).unwrap();
    let samples: Vec<i16> = wav.samples().map(Result::unwrap).collect();
    (samples.iter().copied().step_by(2).collect(), samples.iter().copied().skip(1).step_by(2).collect())
}

async fn changed(centre: &Centre, state: RecordingState) -> i64 {
    let (_, length) = centre
        .fact(|event| match event {
            Event::RecordingChanged(changed) if changed.state() == state => {
                Some(changed.length.as_ref().map_or(0, contract::millis_of_duration))
            }
            _ => None,
        })
        .await;
    length
}

#[tokio::test(flavor = "multi_thread")]
async fn v7_the_customer_is_left_the_agent_right_and_pause_and_hold_are_silent() {
    let (centre, _folder) = centre("1h", "").await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut desk = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let mut api = RecordingServiceClient::connect(centre.grpc()).await.unwrap();
    changed(&centre, RecordingState::Recording).await;
    sleep(Duration::from_millis(1_500)).await;
    let id = || interaction.clone();

    let pause = PauseRecordingRequest { interaction_id: id(), ..Default::default() };
    let call =
        desk.pause_recording(request(pause, "ann", Role::Agent)).await.unwrap().into_inner().call.unwrap();
    assert_eq!(call.recording(), RecordingState::Paused);
    let paused_at = changed(&centre, RecordingState::Paused).await;
    sleep(Duration::from_millis(1_500)).await;
    let hold = HoldRequest { interaction_id: id(), ..Default::default() };
    desk.hold(request(hold, "ann", Role::Agent)).await.unwrap();
    let goes_on = ResumeRecordingRequest { interaction_id: id(), ..Default::default() };
    desk.resume_recording(request(goes_on, "ann", Role::Agent)).await.unwrap();
    sleep(Duration::from_millis(1_500)).await;
    let resume = ResumeRequest { interaction_id: id(), ..Default::default() };
    desk.resume(request(resume, "ann", Role::Agent)).await.unwrap();
    sleep(Duration::from_millis(2_500)).await;

    let meanwhile = list(&mut api, "sue", Role::Supervisor).await.remove(0);
    let get = GetRecordingRequest { recording_id: meanwhile.recording_id.clone(), columns: 10 };
    let live = api.get_recording(request(get, "sue", Role::Supervisor)).await.unwrap().into_inner();
    assert!(live.recording.unwrap().length.unwrap().seconds >= 4, "what is written by now is playable");
    assert_eq!((live.left_peaks.len(), live.right_peaks.len()), (10, 10));
    caller.act("hangup");
    ann.expect("ended");
    let total = changed(&centre, RecordingState::Ended).await;

    let mut recording = list(&mut api, "sue", Role::Supervisor).await.remove(0);
    for _ in 0..50 {
        if recording.length.is_some() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
        recording = list(&mut api, "sue", Role::Supervisor).await.remove(0);
    }
    let length = contract::millis_of_duration(recording.length.as_ref().unwrap());
    assert!((length - total).abs() < 500, "{length} ms of {total}");
    assert_eq!((recording.agent_id.as_str(), recording.queue.as_str()), ("ann", "general"));
    let id = &recording.recording_id;
    let (left, right) = play(&mut api, id, 500, 800).await;
    assert_eq!(left.len(), 6_400);
    assert!(amplitude_at(&left, 1_000.0) > 2_000.0 && amplitude_at(&left, 440.0) < 200.0, "the customer");
    assert!(amplitude_at(&right, 440.0) > 2_000.0 && amplitude_at(&right, 1_000.0) < 200.0, "the agent");
    let (left, right) = play(&mut api, id, paused_at + 400, 2_300).await;
    assert!(loudness(&left) < 20.0 && loudness(&right) < 20.0, "pause and hold");
    let (left, right) = play(&mut api, id, length - 1_200, 0).await;
    assert!(amplitude_at(&left, 1_000.0) > 2_000.0 && amplitude_at(&right, 440.0) > 2_000.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_hear_their_own_calls_and_every_look_is_written_down() {
    let (centre, _folder) = centre("1h", "").await;
    let (_caller, _ann, _) = talking(&centre).await;
    changed(&centre, RecordingState::Recording).await;
    sleep(Duration::from_millis(1_500)).await;
    let mut api = RecordingServiceClient::connect(centre.grpc()).await.unwrap();

    let recording = list(&mut api, "ann", Role::Agent).await.remove(0);
    assert!(list(&mut api, "bob", Role::Agent).await.is_empty());
    let get = GetRecordingRequest { recording_id: recording.recording_id.clone(), columns: 0 };
    let denied = api.get_recording(request(get.clone(), "bob", Role::Agent)).await.unwrap_err();
    assert_eq!(denied.code(), Code::NotFound);
    api.get_recording(request(get, "qi", Role::Quality)).await.unwrap();
    play(&mut api, &recording.recording_id, 0, 500).await;

    let who = ListRecordingAccessRequest { recording_id: recording.recording_id };
    let denied = api.list_recording_access(request(who.clone(), "sue", Role::Supervisor)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let accesses = api.list_recording_access(request(who, "amy", Role::Auditor)).await.unwrap().into_inner();
    let told: Vec<(String, String)> =
        accesses.accesses.into_iter().map(|access| (access.user_id, access.what)).collect();
    let wanted = [("sue", "played"), ("qi", "viewed"), ("ann", "listed")];
    assert_eq!(told, wanted.map(|(user, what)| (user.to_owned(), what.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn v13_the_customer_is_told_first() {
    let (centre, _folder) = centre("1h", "Sorry, I did not get that.").await;
    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    let (interaction, _) = centre.queued().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    ann.act("answer");
    ann.tell(json!({"do": "say", "hertz": 440}));

    changed(&centre, RecordingState::Recording).await;
    caller.expect_tone(440, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_deleted_when_their_time_is_over() {
    let (centre, folder) = centre("1s", "").await;
    let (mut caller, _ann, _) = talking(&centre).await;
    changed(&centre, RecordingState::Recording).await;
    let mut api = RecordingServiceClient::connect(centre.grpc()).await.unwrap();
    caller.act("hangup");
    let files = || {
        let mut folders = vec![folder.path().join("recordings")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() { folders.push(entry.path()) } else { files += 1 }
            }
        }
        files
    };

    for _ in 0..100 {
        if files() == 0 && list(&mut api, "sue", Role::Supervisor).await.is_empty() {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("{} files are left", files());
}
