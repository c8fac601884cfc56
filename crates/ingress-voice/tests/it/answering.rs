//! What answers the calls that we make: a person, an answering machine, a busy tone, a fax machine, said by real phones. And fax
//! machines that call.

use std::{path::PathBuf, process::Command, time::Duration};

use chassis::Clock;
use contract::{
    Event,
    directory::v1::Role,
    interaction::v1::{Channel, FarEnd},
    router::v1::{CallbackDue, OfferMade},
    voice::v1::{GetCallRequest, LeaveMessageRequest, voice_service_client::VoiceServiceClient},
};
use media::tone::Tone;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    centre::Centre,
    control::hears_ringing,
    phone::Phone,
    registrations::request,
    trunks::{carrier, trunk},
};

const CUSTOMER: &str = "+442079460018";
const BACK: &str = "0192a000-0000-7000-8000-000000000078";
/// What is left on machines: 800 Hz would not be spoken, so this is.
const MESSAGE: &str =
    "Welcome to Harbour Supply. For sales press 1, for billing press 2, for an agent press 0.";

async fn centre(port: u16, on_machine: &str) -> Centre {
    let answering = json!({
        "detect": true, "within": "2500ms", "fax_within": "30s",
        "rules": [{ "queue": "billing", "on_machine": on_machine, "message": MESSAGE }],
    });
    Centre::start_with(&[
        ("trunks", vec![trunk("one", port, 1)].into()),
        ("dial_allowed", json!(["+44"])),
        ("trunk_patience", "1s".into()),
        ("answering", answering),
    ])
    .await
}

/// Sounds in files.
struct Sounds(TempDir);

impl Sounds {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Tones and silences: hertz (0: silence) and milliseconds.
    fn tones(&self, name: &str, parts: &[(f32, usize)]) -> PathBuf {
        let mut samples = Vec::new();
        for (hertz, milliseconds) in parts {
            let mut part = vec![0; milliseconds * 8];
            if *hertz > 0.0 {
                Tone::new(*hertz, 6_000.0).fill(&mut part);
            }
            samples.extend(part);
        }
        self.write(name, &samples)
    }

    fn speech(&self, words: &str) -> Vec<i16> {
        let file = self.0.path().join("said.wav");
        let made =
            Command::new("espeak-ng").args(["-v", "en-us", "-s", "140", "-w"]).arg(&file).arg(words).status();
        assert!(made.unwrap().success());
        media::clip::read_wav(&std::fs::read(file).unwrap()[..]).unwrap()
    }

    fn write(&self, name: &str, samples: &[i16]) -> PathBuf {
        let file = self.0.path().join(format!("{name}.wav"));
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 8_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&file, spec).unwrap();
        for sample in samples {
            writer.write_sample(*sample).unwrap();
        }
        writer.finalize().unwrap();
        file
    }

    fn person(&self) -> PathBuf {
        let said = self.speech("Hello?");
        self.write("person", &[vec![0; 1_600], said, vec![0; 16_000]].concat())
    }

    /// A greeting of some seconds, a tone, silence.
    fn machine(&self) -> PathBuf {
        let said =
            self.speech("You have reached the Smith family. We are not at home. Please leave a message.");
        let mut beep = vec![0; 3_200];
        Tone::new(1_000.0, 6_000.0).fill(&mut beep);
        self.write("machine", &[vec![0; 1_600], said, vec![0; 4_000], beep, vec![0; 80_000]].concat())
    }
}

/// Ann has taken the call-back, its customer's end answers and plays this.
async fn answered(centre: &Centre, ann: &mut Phone, carrier: &mut Phone, file: &PathBuf) {
    let offer = OfferMade {
        offer_id: "o1".to_owned(),
        agent_id: "ann".to_owned(),
        queue: "billing".to_owned(),
        channel: Channel::Voice.into(),
        expires_at: Some(Clock::system().now().plus_millis(20_000).to_proto()),
        customer_label: "Eve Ewing".to_owned(),
        callback: true,
        ..OfferMade::default()
    };
    centre.publish(BACK, offer).await;
    ann.expect("incoming");
    ann.act("answer");
    let due = CallbackDue {
        agent_id: "ann".to_owned(),
        offer_id: "o1".to_owned(),
        queue: "billing".to_owned(),
        phone: CUSTOMER.to_owned(),
        attempt: 1,
    };
    centre.publish(BACK, due).await;
    carrier.expect("incoming");
    carrier.act("answer");
    carrier.expect("answered");
    carrier.tell(json!({"do": "speak", "file": file}));
}

/// What was found at the other end, and why.
async fn found(centre: &Centre) -> (FarEnd, String) {
    let (_, found) = centre
        .fact(|event| match event {
            Event::FarEndDetected(found) => Some((found.far_end(), found.reason.clone())),
            _ => None,
        })
        .await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_says_hello_is_put_through_to_the_agent() {
    let ((mut carrier, port), sounds) = (carrier(), Sounds::new());
    let centre = centre(port, "hang_up").await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    answered(&centre, &mut ann, &mut carrier, &sounds.person()).await;
    let (far_end, reason) = found(&centre).await;
    assert_eq!(far_end, FarEnd::Human, "{reason}");
    centre.fact(|event| matches!(event, Event::InteractionConnected(_)).then_some(())).await;

    carrier.tell(json!({"do": "say", "hertz": 1000}));
    ann.expect_tone(1000, 440);
    ann.act("hangup");
    assert_eq!(centre.end().await.0, "agent_ended");
    assert_eq!(centre.names(), ["far_end_detected", "interaction_connected", "interaction_ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answering_machine_is_hung_up_on_and_the_agent_has_heard_ringing_alone() {
    let ((mut carrier, port), sounds) = (carrier(), Sounds::new());
    let centre = centre(port, "hang_up").await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    answered(&centre, &mut ann, &mut carrier, &sounds.machine()).await;
    assert!(hears_ringing(&mut ann), "the agent hears it ring on");
    let (far_end, reason) = found(&centre).await;

    assert_eq!(far_end, FarEnd::Machine, "{reason}");
    centre.peers.told(&format!("attempt {BACK} machine")).await;
    ann.expect("ended");
    carrier.expect("ended");
    assert_eq!(centre.names(), ["far_end_detected"], "its customer was not reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_left_on_the_machine_after_its_tone() {
    let ((mut carrier, port), sounds) = (carrier(), Sounds::new());
    let centre = centre(port, "leave_message").await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    answered(&centre, &mut ann, &mut carrier, &sounds.machine()).await;
    assert_eq!(found(&centre).await.0, FarEnd::Machine);
    ann.expect("ended");
    let (early, _) = carrier.listen(&[]);
    assert!(early < 50, "nothing is said before the tone, rms {early}");
    let spoken = (0..40).find(|_| carrier.listen(&[]).0 > 300);
    assert!(spoken.is_some(), "the message is said");

    centre.peers.told(&format!("attempt {BACK} message_left")).await;
    carrier.expect("ended");
    assert_eq!(centre.names(), ["far_end_detected"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_tone_after_the_answer_and_a_fax_machine_are_no_customers() {
    let sounds = Sounds::new();
    let busy = sounds.tones("busy", &[(425.0, 500), (0.0, 500)].repeat(20));
    let fax = sounds.tones("fax", &[(0.0, 1_500), (2_100.0, 3_000), (0.0, 5_000)]);
    let sit = [(0.0, 300), (950.0, 330), (1_400.0, 330), (1_800.0, 330), (0.0, 5_000)];
    let sit = sounds.tones("sit", &sit);
    for (file, expected, outcome) in
        [(busy, FarEnd::Busy, "busy"), (fax, FarEnd::Fax, "failed"), (sit, FarEnd::Sit, "failed")]
    {
        let (mut carrier, port) = carrier();
        // The agent is on the line at once here, and the signal is no customer all the same.
        let centre = centre(port, "connect").await;
        let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

        answered(&centre, &mut ann, &mut carrier, &file).await;
        let (far_end, reason) = found(&centre).await;

        assert_eq!(far_end, expected, "{reason}");
        centre.peers.told(&format!("attempt {BACK} {outcome}")).await;
        ann.expect("ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_of_the_machine_and_has_the_message_left() {
    let ((mut carrier, port), sounds) = (carrier(), Sounds::new());
    let centre = centre(port, "connect").await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let mut desk = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let about = || BACK.to_owned();

    answered(&centre, &mut ann, &mut carrier, &sounds.machine()).await;
    assert_eq!(found(&centre).await.0, FarEnd::Machine);
    let look = GetCallRequest { interaction_id: about(), ..GetCallRequest::default() };
    let call = desk.get_call(request(look, "ann", Role::Agent)).await.unwrap().into_inner().call.unwrap();
    assert_eq!((call.far_end(), call.can_leave_message), (FarEnd::Machine, true));
    assert_eq!(centre.names(), ["far_end_detected"], "it does not count as reached");

    let leave = LeaveMessageRequest { interaction_id: about(), ..LeaveMessageRequest::default() };
    desk.leave_message(request(leave, "ann", Role::Agent)).await.unwrap();
    ann.expect("ended");
    assert_eq!(centre.end().await.0, "agent_ended");
    let spoken = (0..40).find(|_| carrier.listen(&[]).0 > 300);
    assert!(spoken.is_some(), "the message is said");
    carrier.expect("ended");
    assert_eq!(centre.names(), ["far_end_detected", "interaction_connected", "interaction_ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fax_machine_that_calls_is_given_to_its_number_and_no_agent_is_asked() {
    let ((mut carrier, port), sounds) = (carrier(), Sounds::new());
    let centre = centre(port, "connect").await;
    let calling: Vec<(f32, usize)> = [(0.0, 1_000), (1_100.0, 500), (0.0, 2_000)].repeat(3);
    let file = sounds.tones("calling", &calling);
    // A menu, and a queue.
    for number in ["+15550100", "+15550101"] {
        let mut caller = Phone::open(&centre.sip, CUSTOMER, None);
        caller.tell(json!({"do": "call", "to": number}));
        caller.expect("answered");
        caller.tell(json!({"do": "speak", "file": file}));

        let incoming: Value = carrier.expect("incoming");
        assert!(incoming["headers"]["To"].as_str().unwrap().contains("+442079460077"), "{incoming}");
        carrier.act("answer");
        carrier.tell(json!({"do": "say", "hertz": 2100}));
        caller.expect_tone(2100, 440);
        assert_eq!(found(&centre).await.0, FarEnd::Fax);
        carrier.act("hangup");
        caller.expect("ended");
    }
    let ends = centre.names().iter().filter(|name| **name == "interaction_ended").count();
    assert_eq!(ends, 2);
    assert!(!centre.names().contains(&"interaction_connected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_speaks_or_presses_keys_is_no_fax_machine() {
    let ((_carrier, port), sounds) = (carrier(), Sounds::new());
    let centre = centre(port, "connect").await;
    let mut caller = Phone::open(&centre.sip, CUSTOMER, None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    let file = sounds.write("speech", &sounds.speech("I would like to talk about my bill, please."));
    caller.tell(json!({"do": "speak", "file": file}));
    caller.tell(json!({"do": "press", "digits": "147"}));

    tokio::time::sleep(Duration::from_secs(5)).await;

    assert!(!centre.names().contains(&"far_end_detected"));
}
