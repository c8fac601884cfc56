//! Who hangs up when: 26 ways in which a call ends. Each leaves exactly one `InteractionEnded` with the right reason, no
//! phone on the line and no port taken.

use std::{collections::HashSet, fs, time::Duration};

use contract::{
    Event,
    directory::v1::Role,
    interaction::v1::{CallTarget, SupervisionMode, call_target::Target},
    voice::v1::{self as voice, voice_service_client::VoiceServiceClient},
};
use serde_json::json;
use tonic::transport::Channel;

use crate::{
    calls::{talking, waiting},
    centre::Centre,
    phone::Phone,
    raw::{Raw, SDP, cancel_of},
    registrations::request,
    trunks,
};

/// Ports of the range for audio that this process has open: the service runs in it, the phones do not.
fn open_ports() -> usize {
    let ours: HashSet<String> = fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned))
        .collect();
    let is_ours = |line: &str| {
        let mut columns = line.split_whitespace();
        let port = columns.nth(1)?.rsplit_once(':')?.1;
        let port = u16::from_str_radix(port, 16).ok()?;
        Some((22_000..=25_999).contains(&port) && ours.contains(columns.nth(7)?))
    };
    fs::read_to_string("/proc/self/net/udp").unwrap().lines().filter_map(is_ours).filter(|is| *is).count()
}

/// A centre, and what it holds without any call.
struct Watched {
    centre: Centre,
    idle: usize,
}

async fn watched() -> Watched {
    of(Centre::start().await)
}

fn of(centre: Centre) -> Watched {
    Watched { centre, idle: open_ports() }
}

impl Watched {
    /// Asserts how the call ended, and that nothing is left of it.
    async fn ended(&self, reason: &str, by: &str) {
        assert_eq!(self.centre.end().await, (reason.to_owned(), by.to_owned()));
        for _ in 0..300 {
            if open_ports() == self.idle {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(open_ports(), self.idle, "ports are left open");
        // Whatever was still on its way has come by then.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let names = self.centre.names();
        assert_eq!(names.iter().filter(|name| **name == "interaction_ended").count(), 1, "{names:?}");
        assert_eq!(names.last(), Some(&"interaction_ended"), "{names:?}");
    }

    async fn seen(&self, name: &'static str) {
        self.centre.fact(|event| (event.subject_tokens().1 == name).then_some(())).await;
    }

    async fn api(&self) -> VoiceServiceClient<Channel> {
        VoiceServiceClient::connect(self.centre.grpc()).await.unwrap()
    }

    async fn hold(&self, interaction: &str) {
        let wish = voice::HoldRequest { interaction_id: interaction.to_owned(), ..Default::default() };
        self.api().await.hold(request(wish, "ann", Role::Agent)).await.unwrap();
    }

    async fn park(&self, interaction: &str) {
        let wish = voice::ParkRequest { interaction_id: interaction.to_owned(), ..Default::default() };
        self.api().await.park(request(wish, "ann", Role::Agent)).await.unwrap();
    }

    /// Bob is asked by Ann, and answers if he is to.
    async fn consult(&self, interaction: &str, answers: bool) -> Phone {
        let mut bob = Phone::open(&self.centre.sip, "bob", Some("demo"));
        let target = Some(CallTarget { target: Some(Target::AgentId("bob".to_owned())) });
        let wish =
            voice::ConsultRequest { interaction_id: interaction.to_owned(), target, ..Default::default() };
        self.api().await.consult(request(wish, "ann", Role::Agent)).await.unwrap();
        bob.expect("incoming");
        if answers {
            bob.act("answer");
            self.seen("participant_joined").await;
        }
        bob
    }

    async fn conference(&self, interaction: &str) -> Phone {
        let bob = self.consult(interaction, true).await;
        let wish = voice::ConferenceRequest { interaction_id: interaction.to_owned(), ..Default::default() };
        self.api().await.conference(request(wish, "ann", Role::Agent)).await.unwrap();
        bob
    }

    async fn supervise(&self, interaction: &str) -> Phone {
        let mut sue = Phone::open(&self.centre.sip, "sue", Some("demo"));
        let wish = voice::SuperviseRequest {
            interaction_id: interaction.to_owned(),
            mode: SupervisionMode::Monitor.into(),
            ..Default::default()
        };
        self.api().await.supervise(request(wish, "sue", Role::Supervisor)).await.unwrap();
        sue.expect("incoming");
        sue.act("answer");
        self.seen("supervision_started").await;
        sue
    }

    async fn give_to_number(&self, interaction: &str) {
        let target = Some(CallTarget { target: Some(Target::Number(trunks::NUMBER.to_owned())) });
        let wish =
            voice::TransferRequest { interaction_id: interaction.to_owned(), target, ..Default::default() };
        self.api().await.transfer(request(wish, "ann", Role::Agent)).await.unwrap();
    }

    async fn hang_up_as(&self, interaction: &str, user: &str, role: Role) {
        let wish =
            voice::HangUpRequest { interaction_id: interaction.to_owned(), request_id: "r".to_owned() };
        self.api().await.hang_up(request(wish, user, role)).await.unwrap();
    }

    /// Ann's phone is picked up, and the router has not answered yet.
    async fn accepting(&self) -> (Phone, Phone) {
        self.centre.peers.slow.store(true, std::sync::atomic::Ordering::SeqCst);
        let mut ann = Phone::open(&self.centre.sip, "ann", Some("demo"));
        let (caller, interaction) = waiting(&self.centre).await;
        self.centre.offer(&interaction, "o1", "ann").await;
        ann.expect("incoming");
        ann.act("answer");
        self.centre.peers.told("accept o1 ann").await;
        (caller, ann)
    }
}

fn menu(watched: &Watched) -> Phone {
    let mut caller = Phone::open(&watched.centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550100"}));
    caller.expect("answered");
    caller
}

// The customer.

#[tokio::test(flavor = "multi_thread")]
async fn customer_01_cancels_before_the_answer() {
    let it = watched().await;
    let mut raw = Raw::new(&it.centre.sip);
    let invite = raw.invite("+15550103", SDP);
    raw.send(invite.as_bytes());
    it.seen("interaction_started").await;

    raw.send(cancel_of(&invite).as_bytes());

    it.ended("left_in_flow", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_02_during_a_prompt() {
    let it = watched().await;
    let mut caller = menu(&it);
    assert!(caller.listen(&[]).0 > 300, "the menu is heard");

    caller.act("hangup");

    it.ended("left_in_flow", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_03_while_keys_are_gathered() {
    let it = watched().await;
    let mut caller = menu(&it);
    // A wrong key: the question is asked again.
    caller.tell(json!({"do": "press", "digits": "9"}));
    std::thread::sleep(Duration::from_millis(400));

    caller.act("hangup");

    it.ended("left_in_flow", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_04_in_the_queue() {
    let it = watched().await;
    let (mut caller, _) = waiting(&it.centre).await;

    caller.act("hangup");

    it.ended("abandoned", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_05_while_the_agent_is_rung() {
    let it = watched().await;
    let mut ann = Phone::open(&it.centre.sip, "ann", Some("demo"));
    let (mut caller, interaction) = waiting(&it.centre).await;
    it.centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");

    caller.act("hangup");

    ann.expect("ended");
    it.ended("abandoned", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_06_when_the_agent_has_answered_and_is_not_bridged() {
    let it = watched().await;
    let (mut caller, mut ann) = it.accepting().await;

    caller.act("hangup");

    ann.expect("ended");
    it.ended("abandoned", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_07_in_conversation() {
    let it = watched().await;
    let (mut caller, mut ann, _) = talking(&it.centre).await;

    caller.act("hangup");

    ann.expect("ended");
    it.ended("customer_left", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_08_on_hold() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    it.hold(&interaction).await;

    caller.act("hangup");

    ann.expect("ended");
    it.ended("customer_left", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_09_while_a_colleague_is_rung() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    let mut bob = it.consult(&interaction, false).await;

    caller.act("hangup");

    ann.expect("ended");
    bob.expect("ended");
    it.ended("customer_left", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_10_while_a_colleague_is_consulted() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    let mut bob = it.consult(&interaction, true).await;

    caller.act("hangup");

    ann.expect("ended");
    bob.expect("ended");
    it.ended("customer_left", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_11_in_conference() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    let mut bob = it.conference(&interaction).await;

    caller.act("hangup");

    ann.expect("ended");
    bob.expect("ended");
    it.ended("customer_left", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_12_while_a_supervisor_listens() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    let mut sue = it.supervise(&interaction).await;

    caller.act("hangup");

    ann.expect("ended");
    sue.expect("ended");
    it.ended("customer_left", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_13_parked() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    it.park(&interaction).await;
    ann.expect("ended");

    caller.act("hangup");

    it.ended("abandoned", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_14_while_a_transfer_rings_outside() {
    let (mut carrier, port) = trunks::carrier();
    let it = of(trunks::centre(vec![trunks::trunk("one", port, 1)]).await);
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    it.give_to_number(&interaction).await;
    ann.expect("ended");
    carrier.expect("incoming");

    caller.act("hangup");

    carrier.expect("ended");
    it.ended("customer_left", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_15_of_an_outgoing_call_does_not_pick_up() {
    let (mut carrier, port) = trunks::carrier();
    let it = of(trunks::centre(vec![trunks::trunk("one", port, 1)]).await);
    let (mut ann, _) = trunks::dialling(&it.centre).await;
    carrier.expect("incoming");

    carrier.tell(json!({"do": "decline", "code": 486}));

    ann.expect("ended");
    it.ended("not_reached", "system").await;
}

// The agent.

#[tokio::test(flavor = "multi_thread")]
async fn agent_16_in_conversation() {
    let it = watched().await;
    let (mut caller, mut ann, _) = talking(&it.centre).await;

    ann.act("hangup");

    caller.expect("ended");
    it.ended("agent_ended", "agent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_17_with_the_customer_on_hold() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    it.hold(&interaction).await;

    ann.act("hangup");

    caller.expect("ended");
    it.ended("agent_ended", "agent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_18_while_a_colleague_is_consulted() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    let mut bob = it.consult(&interaction, true).await;

    ann.act("hangup");

    caller.expect("ended");
    bob.expect("ended");
    it.ended("agent_ended", "agent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_19_in_conference() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    let mut bob = it.conference(&interaction).await;

    ann.act("hangup");

    caller.expect("ended");
    bob.expect("ended");
    it.ended("agent_ended", "agent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_20_before_the_router_knows_of_the_answer_and_the_customer_waits_on() {
    let it = watched().await;
    let (mut caller, mut ann) = it.accepting().await;

    ann.act("hangup");

    it.centre.peers.told("decline o1 ann").await;
    assert!(caller.listen(&[]).0 > 100, "music goes on");
    caller.act("hangup");
    it.ended("abandoned", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_21_while_the_number_they_called_rings() {
    let (mut carrier, port) = trunks::carrier();
    let it = of(trunks::centre(vec![trunks::trunk("one", port, 1)]).await);
    let (mut ann, _) = trunks::dialling(&it.centre).await;
    carrier.expect("incoming");

    ann.act("hangup");

    carrier.expect("ended");
    it.ended("agent_ended", "agent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_22_on_the_desktop() {
    let it = watched().await;
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;

    it.hang_up_as(&interaction, "ann", Role::Agent).await;

    caller.expect("ended");
    ann.expect("ended");
    it.ended("agent_ended", "agent").await;
}

// The rest.

#[tokio::test(flavor = "multi_thread")]
async fn other_23_the_flow_has_said_all() {
    let it = watched().await;
    let mut caller = Phone::open(&it.centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550104"}));
    caller.expect("answered");

    caller.expect("ended");

    it.ended("flow_ended", "flow").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_24_outside_after_a_transfer_and_the_record_stays_as_it_was() {
    let (mut carrier, port) = trunks::carrier();
    let it = of(trunks::centre(vec![trunks::trunk("one", port, 1)]).await);
    let (mut caller, mut ann, interaction) = talking(&it.centre).await;
    it.give_to_number(&interaction).await;
    ann.expect("ended");
    carrier.expect("incoming");
    carrier.act("answer");
    it.seen("interaction_ended").await;

    carrier.act("hangup");

    caller.expect("ended");
    it.ended("transferred", "agent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_25_nobody_is_heard_any_more() {
    let it = of(Centre::start_with(&[("rtp_timeout", "1s".into())]).await);
    let (mut caller, mut ann, _) = talking(&it.centre).await;

    caller.kill();

    it.centre.end().await;
    ann.expect("ended");
    it.ended("media_timeout", "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_26_the_process_stops() {
    let mut it = of(Centre::start_with(&[("drain_limit", "500ms".into())]).await);
    let (mut caller, mut ann, _) = talking(&it.centre).await;

    it.centre.stop().await;

    caller.expect("ended");
    ann.expect("ended");
    assert_eq!(it.centre.end().await, ("failed".to_owned(), "system".to_owned()));
    let ended = |event: &Event| matches!(event, Event::InteractionEnded(_));
    let facts = it.centre.facts.lock().unwrap();
    assert_eq!(facts.iter().filter(|envelope| ended(&envelope.event)).count(), 1);
}
