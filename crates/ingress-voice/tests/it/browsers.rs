//! Agents' browsers at several instances: whichever a browser comes to, it gets the call that another holds. And browsers that
//! are never heard.

use chassis::Running;
use contract::{
    Event,
    directory::v1::Role,
    subject,
    voice::v1::{
        CallColleagueRequest, CallGuestSignal, ConnectDeviceRequest, DropParticipantRequest,
        RegisterDeviceRequest, device_service_client::DeviceServiceClient,
        voice_service_client::VoiceServiceClient,
    },
};
use futures::{Stream, StreamExt as _};
use serde_json::json;
use tonic::{Status, transport::Channel};

use crate::{
    browser::{self, Browser},
    calls::waiting,
    centre::Centre,
    control::says,
    phone::Phone,
    registrations::request,
};

const ANN: f32 = 440.0;
const BOB: f32 = 1_500.0;

/// The services as one instance has them.
struct Instance {
    devices: DeviceServiceClient<Channel>,
    calls: VoiceServiceClient<Channel>,
}

impl Instance {
    async fn at(grpc: String) -> Self {
        let devices = DeviceServiceClient::connect(grpc.clone()).await.unwrap();
        Self { devices, calls: VoiceServiceClient::connect(grpc).await.unwrap() }
    }

    async fn another(running: &Running) -> Self {
        Self::at(format!("http://{}", running.grpc())).await
    }

    async fn register(&mut self, user: &str) {
        let device = RegisterDeviceRequest { device_id: format!("{user}-1"), name: "Chrome".to_owned() };
        self.devices.register_device(request(device, user, Role::Agent)).await.unwrap();
    }

    /// The user's browser takes the call; until it is there to be taken.
    async fn connect(&mut self, user: &str, interaction_id: &str, hertz: f32) -> Browser {
        let (offering, description) = browser::offer(hertz);
        for _ in 0..40 {
            let wish = ConnectDeviceRequest {
                interaction_id: interaction_id.to_owned(),
                device_id: format!("{user}-1"),
                description: description.clone(),
            };
            match self.devices.connect_device(request(wish, user, Role::Agent)).await {
                Ok(answer) => return offering.answered(&answer.into_inner().description),
                Err(status) => assert_eq!(status.code(), tonic::Code::FailedPrecondition, "{status}"),
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{user}'s browser does not get the call");
    }

    async fn call_colleague(&mut self, user: &str, colleague: &str) -> Result<(String, String), Status> {
        let wish =
            CallColleagueRequest { colleague: colleague.to_owned(), ..CallColleagueRequest::default() };
        let called = self.calls.call_colleague(request(wish, user, Role::Agent)).await?.into_inner();
        Ok((called.interaction_id, called.agent_id))
    }

    async fn leave(&mut self, user: &str, interaction_id: &str, participant: &str) {
        let wish = DropParticipantRequest {
            interaction_id: interaction_id.to_owned(),
            participant_id: participant.to_owned(),
            ..DropParticipantRequest::default()
        };
        self.calls.drop_participant(request(wish, user, Role::Agent)).await.unwrap();
    }
}

/// What desks are told.
async fn desks(centre: &Centre) -> impl Stream<Item = chassis::Received> + Unpin + use<> {
    centre.bus.signals(subject::live("voice", "guest", "demo")).await.unwrap()
}

/// The next word to this person that is as wanted, and about which call.
async fn told(
    desks: &mut (impl Stream<Item = chassis::Received> + Unpin),
    agent: &str,
    wanted: impl Fn(&CallGuestSignal) -> bool,
) -> (String, CallGuestSignal) {
    let told = async {
        loop {
            let envelope = desks.next().await.unwrap().envelope;
            if let Event::CallGuestSignal(word) = envelope.event
                && word.agent_id == agent
                && wanted(&word)
            {
                return (envelope.interaction_id, word);
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), told).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_colleagues_call_whichever_instance_it_comes_to() {
    let centre = Centre::start().await;
    let other = centre.another().await;
    let mut desks = desks(&centre).await;
    let mut there = Instance::another(&other).await;
    there.register("bob").await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    ann.tell(json!({ "do": "call", "to": "202" }));
    let (call, word) = told(&mut desks, "bob", |word| !word.answered).await;
    assert_eq!((word.asked_by.as_str(), word.instance.as_str()), ("ann", "voice-0"));
    let bob = there.connect("bob", &call, BOB).await;
    ann.expect("answered");
    says(&mut ann, ANN as u32);
    bob.hears(ANN).await;
    ann.expect_tone(BOB as u32, ANN as u32);
    // And goes on in another window, by the same instance.
    let window = there.connect("bob", &call, BOB).await;
    window.hears(ANN).await;
    there.leave("bob", &call, "1").await;

    ann.expect("ended");
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_called_from_the_desk_at_one_instance_by_a_browser_at_another() {
    let centre = Centre::start().await;
    let other = centre.another().await;
    let mut desks = desks(&centre).await;
    let mut here = Instance::at(centre.grpc()).await;
    let mut there = Instance::another(&other).await;
    here.register("ann").await;
    let refused = here.call_colleague("ann", "bob").await.unwrap_err();
    assert!(refused.message().contains("no phone"), "{refused}");
    there.register("bob").await;

    let (call, called) = there.call_colleague("ann", "202").await.unwrap();
    assert_eq!(called, "bob");
    let (_, word) = told(&mut desks, "ann", |word| word.calls == "bob").await;
    assert_eq!((word.answered, word.participant_id.as_str()), (false, "0"));
    let ann = here.connect("ann", &call, ANN).await;
    ann.hears(425.0).await;
    let (_, word) = told(&mut desks, "bob", |word| !word.answered).await;
    assert_eq!(word.asked_by, "ann");
    let bob = there.connect("bob", &call, BOB).await;
    ann.hears(BOB).await;
    bob.hears(ANN).await;
    told(&mut desks, "ann", |word| word.answered).await;
    let busy = here.call_colleague("sue", "bob").await.unwrap_err();
    assert!(busy.message().contains("no phone"), "sue has none: {busy}");
    here.register("sue").await;
    let busy = here.call_colleague("sue", "bob").await.unwrap_err();
    assert!(busy.message().contains("in a call"), "{busy}");
    here.leave("ann", &call, "0").await;
    told(&mut desks, "bob", |word| word.over).await;

    // A telephone of the caller's own rings before the colleague is bothered, and the colleague's refusal is said.
    let mut phone = Phone::open(&centre.sip, "ann", Some("demo"));
    let mut bobs = Phone::open(&centre.sip, "bob", Some("demo"));
    let (call, _) = here.call_colleague("ann", "bob").await.unwrap();
    let incoming = phone.expect("incoming");
    assert!(incoming["caller"].as_str().is_some_and(|name| name.contains("bob")), "{incoming}");
    phone.act("answer");
    bobs.expect("incoming");
    bobs.tell(json!({ "do": "decline", "code": 486 }));
    let (over, word) = told(&mut desks, "ann", |word| word.over && word.outcome != 0).await;
    assert_eq!((over, word.outcome().as_str_name()), (call, "COLLEAGUE_OUTCOME_DECLINED"));
    phone.expect("ended");
    assert!(centre.names().is_empty(), "V18: {:?}", centre.names());
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whose_browser_is_not_heard_does_not_get_the_call() {
    let centre = Centre::start().await;
    let mut here = Instance::at(centre.grpc()).await;
    here.register("ann").await;
    let (mut caller, interaction) = waiting(&centre).await;
    centre.offer(&interaction, "o1", "ann").await;
    let (_offering, description) = browser::offer(ANN);

    // Its network lets nothing through: the answer comes by the desk's own line, and then nothing.
    let wish = ConnectDeviceRequest {
        interaction_id: interaction.clone(),
        device_id: "ann-1".to_owned(),
        description,
    };
    let connected = async {
        loop {
            let asked = request(wish.clone(), "ann", Role::Agent);
            if here.devices.connect_device(asked).await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), connected).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;

    assert!(centre.peers.told.lock().unwrap().iter().all(|told| !told.starts_with("accept")));
    assert!(caller.listen(&[]).0 > 100, "music");
    // Another window of theirs is heard.
    let ann = here.connect("ann", &interaction, ANN).await;
    centre.peers.told("accept o1 ann").await;
    caller.expect_tone(ANN as u32, BOB as u32);
    drop(ann);
    caller.act("hangup");
}
