//! Voicemail, left by real phones and heard as a supervisor hears it.

use std::time::Duration;

use contract::{
    Event,
    directory::v1::{AlternativeKind, Role},
    interaction::v1::{Channel, VoicemailLeft},
    router::v1::{InteractionDiverted, OfferMade},
    voice::v1::{
        GetRecordingRequest, ListRecordingsRequest, recording_service_client::RecordingServiceClient,
    },
};
use media::tone::{amplitude_at, loudness};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;
use tonic::Code;

use crate::{
    calls::waiting,
    centre::Centre,
    phone::Phone,
    recordings::{play, recording},
    registrations::request,
    trunks::{carrier, trunk},
};

const CUSTOMER: &str = "+442079460018";

async fn centre() -> (Centre, Phone, TempDir) {
    let (carrier, port) = carrier();
    let (recording, folder) = recording("1h", json!([]));
    let centre = Centre::start_with(&[
        ("trunks", vec![trunk("one", port, 1)].into()),
        ("dial_allowed", json!(["+44"])),
        ("recording", recording),
    ])
    .await;
    (centre, carrier, folder)
}

/// A caller who has heard the tone and says another.
fn speaking(centre: &Centre, from: &str) -> Phone {
    let mut caller = Phone::open(&centre.sip, from, None);
    caller.tell(json!({"do": "call", "to": "+15550106"}));
    caller.expect("answered");
    after_the_tone(&mut caller);
    caller.tell(json!({"do": "say", "hertz": 700}));
    caller
}

fn after_the_tone(caller: &mut Phone) {
    let tone = (0..40).any(|_| caller.listen(&[1000]).1[0] > 1_000);
    assert!(tone, "the tone is heard");
}

async fn left(centre: &Centre) -> (String, VoicemailLeft) {
    centre
        .fact(|event| match event {
            Event::VoicemailLeft(left) => Some(left.clone()),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_kept_heard_and_becomes_work() {
    let (centre, _carrier, _folder) = centre().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let mut caller = speaking(&centre, CUSTOMER);
    sleep(Duration::from_secs(3)).await;
    caller.tell(json!({"do": "press", "digits": "#"}));

    let (call, left) = left(&centre).await;
    caller.expect("ended");
    assert_eq!(centre.end().await.0, "voicemail");
    let length = contract::millis_of_duration(left.length.as_ref().unwrap());
    assert!((2_500..6_000).contains(&length) && left.queue == "billing", "{left:?}");

    let mut api = RecordingServiceClient::connect(centre.grpc()).await.unwrap();
    sleep(Duration::from_millis(1_200)).await;
    let messages = ListRecordingsRequest { voicemail_only: true, ..ListRecordingsRequest::default() };
    let messages = request(messages, "sue", Role::Supervisor);
    let messages = api.list_recordings(messages).await.unwrap().into_inner().recordings;
    assert_eq!(messages.len(), 1);
    assert!(messages[0].voicemail && messages[0].recording_id == left.recording_id);
    assert_eq!((messages[0].interaction_id.as_str(), messages[0].queue.as_str()), (call.as_str(), "billing"));
    let (said, nothing) = play(&mut api, &left.recording_id, 1_500, 1_000).await;
    assert!(amplitude_at(&said, 700.0) > 1_500.0, "{}", amplitude_at(&said, 700.0));
    assert!(loudness(&nothing) < 50.0, "{}", loudness(&nothing));

    // Somebody is to call back about it, and may hear it then.
    let (back, queued) = centre
        .fact(|event| match event {
            Event::InteractionQueued(queued) => Some(queued.clone()),
            _ => None,
        })
        .await;
    assert_eq!(back, left.callback_interaction_id);
    assert_eq!(queued.attributes["voicemail"], left.recording_id);
    assert_eq!(queued.callback.unwrap().phone, CUSTOMER);
    let look = || GetRecordingRequest { recording_id: left.recording_id.clone(), columns: 0 };
    let denied = api.get_recording(request(look(), "ann", Role::Agent)).await.unwrap_err();
    assert_eq!(denied.code(), Code::NotFound);
    let offer = OfferMade {
        offer_id: "o1".to_owned(),
        agent_id: "ann".to_owned(),
        queue: queued.queue,
        channel: Channel::Voice.into(),
        expires_at: Some(chassis::Clock::system().now().plus_millis(20_000).to_proto()),
        attributes: queued.attributes,
        callback: true,
        ..OfferMade::default()
    };
    centre.publish(&back, offer).await;
    ann.expect("incoming");
    ann.act("answer");
    centre.peers.told("accept o1 ann").await;
    sleep(Duration::from_millis(300)).await;
    api.get_recording(request(look(), "ann", Role::Agent)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_a_hang_up_end_a_message_too() {
    let (centre, _carrier, _folder) = centre().await;
    let mut silent = speaking(&centre, CUSTOMER);
    sleep(Duration::from_secs(1)).await;
    silent.tell(json!({"do": "say", "hertz": 0}));
    silent.expect("ended");
    assert_eq!(centre.end().await.0, "voicemail");

    let (first, _) = left(&centre).await;
    let mut caller = speaking(&centre, "+442079460020");
    sleep(Duration::from_secs(1)).await;
    caller.act("hangup");
    let ended = centre
        .fact(|event| match event {
            Event::InteractionEnded(ended) if ended.ended_by().as_str_name() == "PARTY_CUSTOMER" => {
                Some(ended.reason().as_str_name())
            }
            _ => None,
        })
        .await;
    assert!(ended.0 != first && ended.1 == "END_REASON_VOICEMAIL", "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_leaves_nothing() {
    let (centre, _carrier, folder) = centre().await;
    let mut caller = Phone::open(&centre.sip, CUSTOMER, None);
    caller.tell(json!({"do": "call", "to": "+15550106"}));
    caller.expect("answered");
    after_the_tone(&mut caller);

    // The flow is told, and leads to a queue.
    let (_, queue) = centre.queued().await;

    assert_eq!(queue, "general");
    assert!(!centre.names().contains(&"voicemail_left"));
    caller.act("hangup");
    assert_eq!(centre.end().await.0, "abandoned");
    let files = || walk(&folder.path().join("recordings"));
    for _ in 0..100 {
        if files() == 0 {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("the empty message is still there");
}

fn walk(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_sends_to_voicemail_takes_a_message() {
    let (centre, _carrier, _folder) = centre().await;
    let (mut caller, interaction) = waiting(&centre).await;
    let diverted = InteractionDiverted {
        queue: "general".to_owned(),
        channel: Channel::Voice.into(),
        to: AlternativeKind::Voicemail.into(),
        ..InteractionDiverted::default()
    };
    centre.publish(&interaction, diverted).await;
    sleep(Duration::from_millis(500)).await;
    caller.tell(json!({"do": "press", "digits": "1"}));
    after_the_tone(&mut caller);
    caller.tell(json!({"do": "say", "hertz": 700}));
    sleep(Duration::from_secs(1)).await;
    caller.tell(json!({"do": "press", "digits": "#"}));

    let (call, left) = left(&centre).await;
    assert_eq!((call, left.queue.as_str()), (interaction, "general"));
    assert_eq!(left.callback_interaction_id, "", "this number may not be called");
    caller.expect("ended");
    assert_eq!(centre.end().await.0, "voicemail");
}
