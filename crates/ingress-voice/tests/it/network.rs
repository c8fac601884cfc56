//! Audio over networks as they are: packets are lost, late, out of order, twice; they come from elsewhere than the
//! description says; keys are pressed in the moment of the answer.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use contract::{
    Event,
    directory::v1::Role,
    interaction::v1::SupervisionMode,
    voice::v1::{SuperviseRequest, voice_service_client::VoiceServiceClient},
};
use media::{g711::Law, rtp, tone};
use serde_json::json;

use crate::{
    centre::Centre,
    phone::Phone,
    raw::{Raw, SDP, ack_of},
    registrations::request,
    rough::Noise,
};

const FRAME: Duration = Duration::from_millis(20);

/// A caller by hand, with a socket for its audio.
pub struct Caller {
    sip: Raw,
    rtp: Arc<UdpSocket>,
    /// The service's port for our audio.
    theirs: String,
    invite: String,
    answer: String,
    stop: Arc<AtomicBool>,
}

/// What the network does to packets.
#[derive(Clone, Copy)]
pub struct Network {
    /// In a hundred.
    pub lost: usize,
    pub twice: usize,
    /// Each is as late as chance wants, up to this.
    pub late: Duration,
}

fn packet(payload_type: u8, marker: bool, sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let mut header = [0; rtp::HEADER_LEN];
    rtp::write_header(&mut header, marker, payload_type, sequence, timestamp, 0x5eed);
    [&header, payload].concat()
}

impl Caller {
    /// Calls; the 200 is there, its ACK not sent. `told`: the port in the description, if not the true one.
    pub fn answered(centre: &Centre, number: &str, told: Option<u16>) -> Self {
        Self::called(centre, number, told, "").unwrap_or_else(|answer| panic!("{answer}"))
    }

    /// The same with further header lines; a refusal is what was answered.
    pub fn called(centre: &Centre, number: &str, told: Option<u16>, more: &str) -> Result<Self, String> {
        let rtp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = told.unwrap_or_else(|| rtp.local_addr().unwrap().port());
        let mut sip = Raw::new(&centre.sip);
        let invite = sip.invite(number, &SDP.replace("m=audio 6000", &format!("m=audio {port}")));
        let invite = invite.replacen("Content-Type", &format!("{more}Content-Type"), 1);
        let answer = sip.ask(&invite);
        if !answer.starts_with("SIP/2.0 200") {
            return Err(answer);
        }
        let audio = answer.lines().find_map(|line| line.strip_prefix("m=audio ")).unwrap();
        let theirs = format!("127.0.0.1:{}", audio.split(' ').next().unwrap());
        Ok(Self { sip, rtp: Arc::new(rtp), theirs, invite, answer, stop: Arc::default() })
    }

    /// The header that names this call's dialog.
    pub fn replaces(&self) -> String {
        let value = |message: &str, name: &str| {
            let line = message.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let tag =
            |value: String| value.split_once(";tag=").map(|(_, tag)| tag.to_owned()).unwrap_or_default();
        let (id, to, from) = (
            value(&self.invite, "Call-ID"),
            tag(value(&self.answer, "To")),
            tag(value(&self.invite, "From")),
        );
        format!("Require: replaces\r\nReplaces: {id};to-tag={to};from-tag={from}\r\n")
    }

    /// The next request inside the call.
    pub fn told(&self) -> String {
        self.sip.answer_but(|message| message.starts_with("SIP/2.0"))
    }

    pub fn confirm(&self) {
        self.sip.send(ack_of(&self.invite, &self.answer).as_bytes());
    }

    /// A key as RFC 4733 has it: its packets, the last three times.
    fn press(&self, code: u8) {
        for (sequence, (end, duration)) in
            [(0, 160u16), (0, 320), (0x80, 480), (0x80, 480), (0x80, 480)].into_iter().enumerate()
        {
            let [high, low] = duration.to_be_bytes();
            let datagram = packet(101, sequence == 0, sequence as u16, 8_000, &[code, end + 10, high, low]);
            self.rtp.send_to(&datagram, &self.theirs).unwrap();
        }
    }

    /// Says a tone through that network until dropped.
    pub fn say(&self, hertz: f32, network: Network) {
        let (socket, to, stop) = (Arc::clone(&self.rtp), self.theirs.clone(), Arc::clone(&self.stop));
        std::thread::spawn(move || {
            let mut noise = Noise(0xbad);
            let mut tone = tone::Tone::new(hertz, 8_000.0);
            let mut on_the_way: BinaryHeap<Reverse<(Instant, Vec<u8>)>> = BinaryHeap::new();
            let begun = Instant::now();
            let mut frames = 0u32;
            while !stop.load(Ordering::Relaxed) {
                let now = Instant::now();
                while begun + FRAME * frames <= now {
                    let (mut samples, mut payload) = ([0; 160], [0; 160]);
                    tone.fill(&mut samples);
                    Law::Mu.encode_into(&samples, &mut payload);
                    let datagram = packet(0, frames == 0, frames as u16, frames * 160, &payload);
                    frames += 1;
                    if noise.below(100) < network.lost {
                        continue;
                    }
                    for _ in 0..=usize::from(noise.below(100) < network.twice) {
                        let late = network.late.mul_f64(noise.below(1_000) as f64 / 1_000.0);
                        on_the_way.push(Reverse((now + late, datagram.clone())));
                    }
                }
                while on_the_way.peek().is_some_and(|Reverse((at, _))| *at <= now) {
                    let Some(Reverse((_, datagram))) = on_the_way.pop() else { break };
                    let _ = socket.send_to(&datagram, &to);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
    }

    /// Amplitude of a tone in what comes, over half a second.
    fn hears(&self, hertz: f32) -> f32 {
        self.rtp.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let mut heard = Vec::new();
        let (until, mut datagram) = (Instant::now() + Duration::from_millis(500), [0; 2_000]);
        while Instant::now() < until {
            let Ok((length, _)) = self.rtp.recv_from(&mut datagram) else { continue };
            let Ok(packet) = rtp::Packet::parse(&datagram[..length]) else { continue };
            if packet.payload_type == 0 {
                let mut samples = vec![0; packet.payload.len()];
                Law::Mu.decode_into(packet.payload, &mut samples);
                heard.extend(samples);
            }
        }
        if heard.len() < 800 { 0.0 } else { tone::amplitude_at(&heard, hertz) }
    }

    pub fn expect_tone(&self, hertz: f32) {
        assert!((0..15).any(|_| self.hears(hertz) > 2_000.0), "{hertz} Hz is not heard");
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The caller waits, and is put through to Ann, who says 440 Hz.
pub async fn with_ann(centre: &Centre, told: Option<u16>) -> (Caller, Phone, String) {
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let caller = Caller::answered(centre, "+15550101", told);
    caller.confirm();
    let (interaction, _) = centre.queued().await;
    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    ann.act("answer");
    centre.fact(|event| matches!(event, Event::InteractionConnected(_)).then_some(())).await;
    ann.tell(json!({"do": "say", "hertz": 440}));
    (caller, ann, interaction)
}

#[tokio::test(flavor = "multi_thread")]
async fn through_loss_delay_disorder_and_repeats_the_tones_are_heard_passed_on_and_mixed() {
    let centre = Centre::start().await;
    let (caller, mut ann, interaction) = with_ann(&centre, None).await;

    caller.say(1_000.0, Network { lost: 5, twice: 10, late: Duration::from_millis(60) });

    ann.expect_tone(1_000, 440);
    caller.expect_tone(440.0);
    // Whoever hears both gets a mix, through our own jitter buffer.
    let mut sue = Phone::open(&centre.sip, "sue", Some("demo"));
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let wish = SuperviseRequest {
        interaction_id: interaction,
        mode: SupervisionMode::Monitor.into(),
        ..SuperviseRequest::default()
    };
    api.supervise(request(wish, "sue", Role::Supervisor)).await.unwrap();
    sue.expect("incoming");
    sue.act("answer");
    let both = (0..15).any(|_| {
        let (_, tones) = sue.listen(&[1_000, 440, 1_700]);
        tones[0] > 1_500 && tones[1] > 1_500 && tones[2] < 600
    });
    assert!(both, "the supervisor hears both");
    ann.expect_tone(1_000, 440);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_third_packet_lost_is_still_speech_and_the_call_goes_on() {
    let centre = Centre::start_with(&[("rtp_timeout", "2s".into())]).await;
    let (caller, mut ann, _) = with_ann(&centre, None).await;

    caller.say(1_000.0, Network { lost: 33, twice: 0, late: Duration::from_millis(20) });

    let heard = (0..15).any(|_| ann.listen(&[1_000]).1[0] > 1_200);
    assert!(heard, "the tone is heard through the gaps");
    assert!(!ann.sees("ended", Duration::from_secs(3)));
    assert!(!centre.names().contains(&"interaction_ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_behind_address_translation_is_heard_and_hears_though_its_description_names_another_address()
{
    let centre = Centre::start().await;
    // What the phone believes to be its port is nobody's.
    let (caller, mut ann, _) = with_ann(&centre, Some(9)).await;

    caller.say(1_000.0, Network { lost: 0, twice: 0, late: Duration::ZERO });

    ann.expect_tone(1_000, 440);
    caller.expect_tone(440.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_moment_of_the_answer_counts_before_the_ack_and_from_another_address() {
    let centre = Centre::start().await;

    for (told, confirmed) in [(None, true), (None, false), (Some(9), true), (Some(9), false)] {
        for _ in 0..5 {
            centre.facts.lock().unwrap().clear();
            let caller = Caller::answered(&centre, "+15550100", told);
            if confirmed {
                caller.confirm();
            }
            caller.press(1);
            if !confirmed {
                caller.confirm();
            }

            assert_eq!(centre.queued().await.1, "sales", "told {told:?}, confirmed first: {confirmed}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_a_caller_behind_address_translation_go_where_its_call_came_from() {
    let centre = Centre::start().await;
    let mut raw = Raw::new(&centre.sip);
    let local = raw.local();
    // What it believes of itself leads nowhere.
    let invite = raw
        .invite("+15550104", SDP)
        .replace(&format!("UDP {local};"), "UDP 10.9.9.9:5060;rport;")
        .replace(&format!("<sip:raw@{local}>"), "<sip:raw@10.9.9.9:5060>");

    let answer = raw.ask(&invite);
    assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
    raw.send(ack_of(&invite, &answer).as_bytes());

    let next = raw.answer_but(|message| message.starts_with("SIP/2.0"));
    assert!(next.starts_with(&format!("BYE sip:raw@{local} ")), "{next}");
}
