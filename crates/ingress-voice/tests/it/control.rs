//! Live control of calls, asked for by gRPC as a desktop does and judged by ear: every party says its own tone.

use std::time::Duration;

use contract::{
    Event,
    directory::v1::Role,
    interaction::v1::{CallTarget, SupervisionMode, call_target::Target},
    voice::v1::{self as voice, voice_service_client::VoiceServiceClient},
};
use serde_json::json;
use tonic::{Code, transport::Channel};

use crate::{calls::talking, centre::Centre, phone::Phone, registrations::request};

pub const CALLER: u32 = 1_000;
pub const ANN: u32 = 440;
pub const BOB: u32 = 1_500;
const SUE: u32 = 2_100;
const ALL: [u32; 4] = [CALLER, ANN, BOB, SUE];

/// Asserts that a phone hears these tones and none of the others.
pub fn hears(phone: &mut Phone, wanted: &[u32]) {
    let mut last = Vec::new();
    for _ in 0..8 {
        let (_, tones) = phone.listen(&ALL);
        let heard: Vec<u32> = ALL
            .into_iter()
            .zip(&tones)
            .filter(|(_, amplitude)| **amplitude > 1_500)
            .map(|(tone, _)| tone)
            .collect();
        let quiet = ALL.iter().zip(&tones).all(|(tone, amplitude)| wanted.contains(tone) || *amplitude < 150);
        if heard == wanted && quiet {
            return;
        }
        last = tones;
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{wanted:?} wanted, of {ALL:?} heard as loud as {last:?}");
}

/// Whether a phone hears that another rings: one second in five.
pub fn hears_ringing(phone: &mut Phone) -> bool {
    (0..15).any(|_| phone.listen(&[425]).1[0] > 500)
}

pub fn says(phone: &mut Phone, tone: u32) {
    phone.tell(json!({"do": "say", "hertz": tone}));
}

struct Desk {
    api: VoiceServiceClient<Channel>,
    interaction: String,
    user: &'static str,
    role: Role,
}

/// One request to the voice service as this user.
macro_rules! ask {
    ($desk:expr, $method:ident, $request:ident { $($field:ident: $value:expr),* }) => {{
        let message = voice::$request {
            interaction_id: $desk.interaction.clone(),
            $($field: $value,)*
            ..voice::$request::default()
        };
        $desk.api.$method(request(message, $desk.user, $desk.role)).await.map(|answer| answer.into_inner())
    }};
}

impl Desk {
    async fn of(centre: &Centre, interaction: &str, user: &'static str, role: Role) -> Self {
        let api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
        Self { api, interaction: interaction.to_owned(), user, role }
    }

    async fn ann(centre: &Centre, interaction: &str) -> Self {
        Self::of(centre, interaction, "ann", Role::Agent).await
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as the callers take it")]
fn agent(key: &str) -> Option<CallTarget> {
    Some(CallTarget { target: Some(Target::AgentId(key.to_owned())) })
}

async fn seen(centre: &Centre, name: &'static str) {
    centre.fact(|event| (event.subject_tokens().1 == name).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn v5_hold_is_really_silent_for_the_agent_and_music_for_the_customer() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut desk = Desk::ann(&centre, &interaction).await;

    let call = ask!(desk, hold, HoldRequest {}).unwrap().call.unwrap();
    assert!(call.held && call.agent_id == "ann");
    hears(&mut ann, &[]);
    assert!(ann.listen(&[]).0 < 20, "not even music");
    hears(&mut caller, &[]);
    assert!(caller.listen(&[]).0 > 100, "music");

    ask!(desk, resume, ResumeRequest {}).unwrap();
    hears(&mut caller, &[ANN]);
    hears(&mut ann, &[CALLER]);
    let (_, held_for) = centre
        .fact(|event| match event {
            Event::InteractionResumed(resumed) => resumed.held_for,
            _ => None,
        })
        .await;
    assert!(held_for.seconds >= 0 && (held_for.seconds > 0 || held_for.nanos > 100_000_000));
    seen(&centre, "interaction_held").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muted_agent_is_not_heard_and_keys_reach_the_customer() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut desk = Desk::ann(&centre, &interaction).await;

    ask!(desk, mute, MuteRequest { muted: true }).unwrap();
    hears(&mut caller, &[]);
    hears(&mut ann, &[CALLER]);
    ask!(desk, mute, MuteRequest { muted: false }).unwrap();
    hears(&mut caller, &[ANN]);

    ask!(desk, send_digits, SendDigitsRequest { digits: "4".to_owned() }).unwrap();
    assert_eq!(caller.expect("digit")["digit"], "4");
    let wrong = ask!(desk, send_digits, SendDigitsRequest { digits: "4x".to_owned() }).unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blind_transfer_reaches_the_other_agent_through_the_router() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));
    let mut desk = Desk::ann(&centre, &interaction).await;

    ask!(desk, transfer, TransferRequest { target: agent("bob") }).unwrap();
    ann.expect("ended");
    assert!(caller.listen(&[]).0 > 100, "music meanwhile");
    centre
        .fact(|event| match event {
            Event::InteractionQueued(queued) => queued.rings.first().map(|ring| {
                assert_eq!(ring.expression, "agent.id in [\"bob\"]");
            }),
            _ => None,
        })
        .await;

    centre.offer(&interaction, "o2", "bob").await;
    bob.expect("incoming");
    bob.act("answer");
    centre.peers.told("accept o2 bob").await;
    says(&mut bob, BOB);
    hears(&mut caller, &[BOB]);
    hears(&mut bob, &[CALLER]);
    let gone = ask!(desk, hold, HoldRequest {}).unwrap_err();
    assert_eq!(gone.code(), Code::FailedPrecondition, "it is Bob's now");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_phone_gives_the_call_away_by_refer() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;

    ann.tell(json!({"do": "refer", "to": "bob"}));

    seen(&centre, "call_transferred").await;
    ann.expect("ended");
    assert!(caller.listen(&[]).0 > 100, "music meanwhile");
    caller.act("hangup");
    assert_eq!(centre.end().await.0, "abandoned");
    drop(interaction);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_is_unheard_by_the_customer_and_completes_to_the_consulted() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));
    let mut desk = Desk::ann(&centre, &interaction).await;

    ask!(desk, consult, ConsultRequest { target: agent("bob") }).unwrap();
    bob.expect("incoming");
    assert!(hears_ringing(&mut ann), "ringing is heard");
    bob.act("answer");
    says(&mut bob, BOB);
    hears(&mut ann, &[BOB]);
    hears(&mut bob, &[ANN]);
    hears(&mut caller, &[]);
    assert!(caller.listen(&[]).0 > 100, "music");

    ask!(desk, complete_transfer, CompleteTransferRequest {}).unwrap();
    ann.expect("ended");
    hears(&mut caller, &[BOB]);
    hears(&mut bob, &[CALLER]);
    centre.offer(&interaction, "o2", "bob").await;
    centre.peers.told("accept o2 bob").await;
    assert!(!bob.sees("incoming", Duration::from_millis(300)), "it does not ring again");
    hears(&mut caller, &[BOB]);
    bob.act("hangup");
    caller.expect("ended");
    assert_eq!(centre.end().await, ("agent_ended".to_owned(), "agent".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn three_in_conference_hear_each_other_and_one_can_be_dropped() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));
    let mut desk = Desk::ann(&centre, &interaction).await;

    ask!(desk, consult, ConsultRequest { target: agent("bob") }).unwrap();
    bob.expect("incoming");
    bob.act("answer");
    bob.expect("answered");
    says(&mut bob, BOB);
    let call = ask!(desk, conference, ConferenceRequest {}).unwrap().call.unwrap();
    let participant_id = call.participants[0].participant.clone().unwrap().participant_id;
    hears(&mut caller, &[ANN, BOB]);
    hears(&mut ann, &[CALLER, BOB]);
    hears(&mut bob, &[CALLER, ANN]);

    ask!(desk, drop_participant, DropParticipantRequest { participant_id: participant_id }).unwrap();
    bob.expect("ended");
    hears(&mut caller, &[ANN]);
    hears(&mut ann, &[CALLER]);
    seen(&centre, "participant_left").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn v6_a_supervisor_monitors_whispers_and_barges_and_it_is_written_down() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut sue = Phone::open(&centre.sip, "sue", Some("demo"));
    let mut desk = Desk::of(&centre, &interaction, "sue", Role::Supervisor).await;
    let mut agents_desk = Desk::ann(&centre, &interaction).await;
    let mode = |mode: SupervisionMode| i32::from(mode);

    let denied = ask!(agents_desk, supervise, SuperviseRequest { mode: mode(SupervisionMode::Monitor) });
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    ask!(desk, supervise, SuperviseRequest { mode: mode(SupervisionMode::Monitor) }).unwrap();
    sue.expect("incoming");
    sue.act("answer");
    says(&mut sue, SUE);
    hears(&mut sue, &[CALLER, ANN]);
    hears(&mut caller, &[ANN]);
    hears(&mut ann, &[CALLER]);

    ask!(desk, supervise, SuperviseRequest { mode: mode(SupervisionMode::Whisper) }).unwrap();
    hears(&mut ann, &[CALLER, SUE]);
    hears(&mut caller, &[ANN]);
    hears(&mut sue, &[CALLER, ANN]);

    ask!(desk, supervise, SuperviseRequest { mode: mode(SupervisionMode::Barge) }).unwrap();
    hears(&mut ann, &[CALLER, SUE]);
    hears(&mut caller, &[ANN, SUE]);

    ask!(desk, stop_supervision, StopSupervisionRequest {}).unwrap();
    sue.expect("ended");
    hears(&mut caller, &[ANN]);
    hears(&mut ann, &[CALLER]);
    let (_, ended) = centre
        .fact(|event| match event {
            Event::SupervisionEnded(ended) if ended.mode() == SupervisionMode::Barge => Some(ended.clone()),
            _ => None,
        })
        .await;
    assert_eq!((ended.supervisor_id.as_str(), ended.agent_id.as_str()), ("sue", "ann"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_call_is_picked_up_by_another_agent() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, interaction) = talking(&centre).await;
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));
    let mut desk = Desk::ann(&centre, &interaction).await;
    let mut bobs_desk = Desk::of(&centre, &interaction, "bob", Role::Agent).await;

    assert!(ask!(desk, park, ParkRequest {}).unwrap().call.unwrap().parked);
    ann.expect("ended");
    assert!(caller.listen(&[]).0 > 100, "music");
    let parked = parked(&centre, 1).await.remove(0);
    assert_eq!((&parked.interaction_id, parked.agent_id.as_str()), (&interaction, "ann"));
    assert!(!parked.label.is_empty() && parked.parked_at.is_some(), "{parked:?}");
    ask!(bobs_desk, retrieve, RetrieveRequest {}).unwrap();
    centre.offer(&interaction, "o2", "bob").await;
    bob.expect("incoming");
    bob.act("answer");
    says(&mut bob, BOB);

    hears(&mut caller, &[BOB]);
    seen(&centre, "call_retrieved").await;
    self::parked(&centre, 0).await;
}

/// What bob's desk lists, once there are so many.
async fn parked(centre: &Centre, many: usize) -> Vec<voice::ParkedCall> {
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    for _ in 0..500 {
        let list = request(voice::ListParkedCallsRequest {}, "bob", Role::Agent);
        let calls = api.list_parked_calls(list).await.unwrap().into_inner().calls;
        if calls.len() == many {
            return calls;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{many} parked calls were expected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_to_a_call_of_another_instance_is_answered_over_the_bus() {
    let centre = Centre::start().await;
    let (_caller, _ann, interaction) = talking(&centre).await;
    let command = voice::ControlCommand {
        tenant_id: "demo".to_owned(),
        interaction_id: interaction,
        actor: "ann".to_owned(),
        overseer: false,
        command: Some(voice::control_command::Command::Hold(voice::HoldRequest::default())),
    };
    let ask = |command: voice::ControlCommand| {
        let subject = contract::subject::command("voice", "control", "voice-0");
        let bus = centre.bus.clone();
        async move {
            let answer = bus.nats().request(subject, prost::Message::encode_to_vec(&command).into()).await;
            <voice::CommandReply as prost::Message>::decode(answer.unwrap().payload).unwrap()
        }
    };

    let held = ask(command.clone()).await;
    assert!(held.ok && held.call.unwrap().held);
    let refused = ask(voice::ControlCommand { actor: "bob".to_owned(), ..command }).await;
    assert_eq!((refused.ok, refused.reason.as_str()), (false, "NOT_YOURS"));
}
