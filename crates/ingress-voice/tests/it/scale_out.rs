//! Several voice instances behind Kamailio, all of them processes of their own, with the configuration of `deploy/kamailio`.

use std::{
    collections::BTreeMap,
    fs,
    net::{SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use contract::{Event, interaction::v1::InteractionQueued};
use serde_json::json;

use crate::{
    centre::{Centre, free_port},
    phone::Phone,
    program::Program,
    raw::{Raw, SDP, ack_of},
};

/// The edge, two instances, and what they stand on.
struct Edge {
    centre: Centre,
    instances: BTreeMap<&'static str, Program>,
    ports: BTreeMap<&'static str, u16>,
    _kamailio: Program,
    _rtpengine: Option<Program>,
    folder: tempfile::TempDir,
}

const NAMES: [&str; 2] = ["voice-0", "voice-1"];

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(file)
}

/// The relay of `deploy/rtpengine`, here on the loopback.
fn rtpengine(folder: &Path, ng: u16) -> Program {
    let text = fs::read_to_string(deploy("rtpengine/rtpengine.conf")).unwrap();
    let text = text
        .replace("interface = any", "interface = 127.0.0.1")
        .replace("127.0.0.1:2223", &format!("127.0.0.1:{ng}"))
        .replace("port-min = 30000", "port-min = 28000")
        .replace("port-max = 39999", "port-max = 28999");
    let file = folder.join("rtpengine.conf");
    fs::write(&file, text).unwrap();
    Program::start("rtpengine", &["--config-file", file.to_str().unwrap()], &folder.join("rtpengine.log"))
}

impl Edge {
    async fn start() -> Self {
        Self::start_with(false).await
    }

    /// With audio by way of rtpengine or not.
    async fn start_with(relayed: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (edge, ng) = (free_port(), free_port());
        let rtpengine = relayed.then(|| rtpengine(folder.path(), ng));
        let centre = Centre::without_service(format!("127.0.0.1:{edge}")).await;
        let ports: BTreeMap<&str, u16> = NAMES.into_iter().map(|name| (name, free_port())).collect();
        let list: String =
            ports.values().map(|port| format!("1 sip:127.0.0.1:{port} 0 0\n")).collect::<Vec<_>>().concat();
        let list_file = folder.path().join("dispatcher.list");
        fs::write(&list_file, list).unwrap();
        let folder_text = folder.path().to_str().unwrap();
        let mut arguments = vec!["-DD", "-E", "-w", folder_text, "-Y", folder_text, "-A", "PING_EVERY=1"];
        let (file, listen, list, socket) = (
            deploy("kamailio/kamailio.cfg").display().to_string(),
            format!("LISTEN=udp:127.0.0.1:{edge}"),
            format!("DISPATCHER=\"{}\"", list_file.display()),
            format!("RTPENGINE=\"udp:127.0.0.1:{ng}\""),
        );
        arguments.extend(["-f", &file, "-A", &listen, "-A", &list]);
        if relayed {
            arguments.extend(["-A", "WITH_RTPENGINE", "-A", &socket]);
        }
        let kamailio = Program::start("kamailio", &arguments, &folder.path().join("kamailio.log"));
        let mut this = Self {
            centre,
            instances: BTreeMap::new(),
            ports,
            _kamailio: kamailio,
            _rtpengine: rtpengine,
            folder,
        };
        for name in NAMES {
            this.start_instance(name);
        }
        for name in NAMES {
            this.answers(this.ports[name]).await;
        }
        // The edge has pinged both.
        tokio::time::sleep(Duration::from_secs(3)).await;
        this
    }

    fn start_instance(&mut self, name: &'static str) {
        let first = if name == NAMES[0] { 26_000 } else { 27_000 };
        let ports = (self.ports[name], first);
        let program =
            Program::instance(&self.centre, name, ports, "drain_limit = \"20s\"", self.folder.path());
        self.instances.insert(name, program);
    }

    async fn answers(&self, port: u16) {
        self.says(port, " 200 ").await;
    }

    async fn refuses(&self, port: u16) {
        self.says(port, " 503 ").await;
    }

    /// Waits until an instance says this to a ping.
    async fn says(&self, port: u16, code: &str) {
        let mut raw = Raw::new(&format!("127.0.0.1:{port}"));
        for _ in 0..60 {
            let ping = raw.request("OPTIONS", "ping", "", "");
            let answer = raw.try_ask_within(&ping, Duration::from_millis(500));
            if answer.is_some_and(|answer| answer.contains(code)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let logs = NAMES.map(|name| fs::read_to_string(self.folder.path().join(format!("{name}.log"))));
        panic!("no instance says {code} at {port}: {logs:?}");
    }

    /// The instance that holds the newest call, once there are `count` calls in all.
    async fn holder(&self, count: usize) -> (String, String) {
        for _ in 0..1_000 {
            let found = {
                let facts = self.centre.facts.lock().unwrap();
                let started: Vec<_> = facts
                    .iter()
                    .filter_map(|envelope| match &envelope.event {
                        Event::InteractionStarted(started) => {
                            Some((envelope.interaction_id.clone(), started.instance.clone()))
                        }
                        _ => None,
                    })
                    .collect();
                (started.len() >= count).then(|| started[count - 1].clone())
            };
            if let Some((interaction, instance)) = found {
                return (interaction, instance.split('@').next().unwrap().to_owned());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("call {count} did not begin: {:?}", self.centre.names());
    }

    fn started(&self) -> usize {
        self.centre.names().iter().filter(|name| **name == "interaction_started").count()
    }

    /// A bare call by the edge; the interaction and its instance.
    async fn call(&self, raw: &mut Raw) -> (String, String) {
        let before = self.started();
        let invite = raw.invite("+15550101", SDP);
        let answer = raw.ask(&invite);
        assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
        raw.send(ack_of(&invite, &answer).as_bytes());
        self.holder(before + 1).await
    }

    /// A phone's call that the wanted instance holds. The calls on the way there stay up.
    async fn phone_on(&self, wanted: &str, from: &str) -> (Phone, String, Vec<Phone>) {
        let mut others = Vec::new();
        for _ in 0..20 {
            let before = self.started();
            let mut phone = Phone::open(&self.centre.sip, from, None);
            phone.tell(json!({"do": "call", "to": "+15550101"}));
            phone.expect("answered");
            let (interaction, instance) = self.holder(before + 1).await;
            if instance == wanted {
                return (phone, interaction, others);
            }
            others.push(phone);
        }
        panic!("twenty calls, and none came to {wanted}");
    }

    async fn queued(&self, interaction: &str) -> InteractionQueued {
        for _ in 0..1_000 {
            let found = self.centre.facts.lock().unwrap().iter().find_map(|envelope| match &envelope.event {
                Event::InteractionQueued(queued) if envelope.interaction_id == interaction => {
                    Some(queued.clone())
                }
                _ => None,
            });
            if let Some(queued) = found {
                return queued;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{interaction} was not queued");
    }

    async fn end_of(&self, interaction: &str) -> String {
        for _ in 0..2_000 {
            let reason = {
                let facts = self.centre.facts.lock().unwrap();
                facts.iter().find_map(|envelope| match &envelope.event {
                    Event::InteractionEnded(ended) if envelope.interaction_id == interaction => {
                        Some(ended.reason().as_str_name().to_owned())
                    }
                    _ => None,
                })
            };
            if let Some(reason) = reason {
                return reason;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{interaction} did not end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_phones_come_by_the_edge_and_are_spread_over_the_instances() {
    let edge = Edge::start().await;

    let mut count = BTreeMap::<String, usize>::new();
    let mut raw = Raw::new(&edge.centre.sip);
    for _ in 0..20 {
        let (_, instance) = edge.call(&mut raw).await;
        *count.entry(instance).or_default() += 1;
    }
    assert!(count.len() == 2 && count.values().all(|calls| *calls >= 3), "{count:?}");

    // Ann signs in by the edge; whichever instance holds a call rings her there.
    let mut ann = Phone::open(&edge.centre.sip, "ann", Some("demo"));
    for (number, name) in NAMES.into_iter().enumerate() {
        let (mut caller, interaction, _others) = edge.phone_on(name, "+15550123").await;
        edge.centre.offer(&interaction, &format!("o{number}"), "ann").await;
        ann.expect("incoming");
        ann.act("answer");
        ann.expect("answered");
        ann.tell(json!({"do": "say", "hertz": 440}));
        caller.tell(json!({"do": "say", "hertz": 1000}));
        caller.expect_tone(440, 1000);
        ann.expect_tone(1000, 440);
        if number == 0 {
            caller.act("hangup");
            ann.expect("ended");
        } else {
            ann.act("hangup");
            caller.expect("ended");
        }
        let reason = if number == 0 { "END_REASON_CUSTOMER_LEFT" } else { "END_REASON_AGENT_ENDED" };
        assert_eq!(edge.end_of(&interaction).await, reason, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn audio_goes_by_rtpengine_where_the_edge_is_told_so() {
    let edge = Edge::start_with(true).await;
    let mut raw = Raw::new(&edge.centre.sip);
    let invite = raw.invite("+15550101", SDP);
    let answer = raw.ask(&invite);
    let audio = answer.lines().find_map(|line| line.strip_prefix("m=audio ")).expect("audio");
    let port: u16 = audio.split(' ').next().unwrap().parse().unwrap();
    assert!((28_000..29_000).contains(&port), "the relay's port: {answer}");
    raw.send(ack_of(&invite, &answer).as_bytes());

    let mut ann = Phone::open(&edge.centre.sip, "ann", Some("demo"));
    let (mut caller, interaction, _others) = edge.phone_on("voice-1", "+15550123").await;
    edge.centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    ann.act("answer");
    ann.expect("answered");
    ann.tell(json!({"do": "say", "hertz": 440}));
    caller.tell(json!({"do": "say", "hertz": 1000}));
    caller.expect_tone(440, 1000);
    ann.expect_tone(1000, 440);
    ann.act("hangup");
    caller.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_instance_finishes_its_calls_and_gets_no_new_ones() {
    let mut edge = Edge::start().await;
    let (mut caller, interaction, others) = edge.phone_on("voice-0", "+15550123").await;

    edge.instances["voice-0"].signal("-TERM");
    edge.refuses(edge.ports["voice-0"]).await;
    let mut raw = Raw::new(&edge.centre.sip);
    for _ in 0..12 {
        assert_eq!(edge.call(&mut raw).await.1, "voice-1", "the edge need not have pinged");
    }

    assert!(caller.listen(&[]).0 > 100, "the call goes on");
    caller.act("hangup");
    assert_eq!(edge.end_of(&interaction).await, "END_REASON_ABANDONED");
    drop(others);
    let mut drained = edge.instances.remove("voice-0").unwrap();
    assert!(drained.ends_within(Duration::from_secs(25)), "it ends when its calls are over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_instance_loses_only_its_own_calls_and_those_customers_go_first_when_they_call_back() {
    let mut edge = Edge::start().await;
    let (mut lost, dead, _others) = edge.phone_on("voice-0", "+15550123").await;
    let (mut kept, alive, _more) = edge.phone_on("voice-1", "+15550177").await;

    edge.instances.remove("voice-0").unwrap().signal("-KILL");
    lost.kill();
    // At once, before anybody has noticed: the edge passes over the instance that does not answer.
    let mut raw = Raw::new(&edge.centre.sip);
    for _ in 0..6 {
        assert_eq!(edge.call(&mut raw).await.1, "voice-1");
    }

    assert_eq!(edge.end_of(&dead).await, "END_REASON_PROCESS_DIED");
    assert!(kept.listen(&[]).0 > 100, "the other's call goes on");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (_again, interaction, _) = edge.phone_on("voice-1", "+15550123").await;
    let back = edge.queued(&interaction).await;
    assert_eq!((back.priority, back.attributes.contains_key("cut_off_at")), (1_000, true));
    assert_eq!(edge.queued(&alive).await.priority, 0);
    kept.act("hangup");
    assert_eq!(edge.end_of(&alive).await, "END_REASON_ABANDONED");

    // It comes back, and gets calls again.
    edge.start_instance("voice-0");
    edge.answers(edge.ports["voice-0"]).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (_caller, _, _) = edge.phone_on("voice-0", "+15550188").await;
}

/// Somebody who says yes to every ping.
fn says_yes(address: SocketAddr) {
    let socket = UdpSocket::bind(address).unwrap();
    std::thread::spawn(move || {
        let mut datagram = [0; 4_096];
        while let Ok((length, from)) = socket.recv_from(&mut datagram) {
            let request = String::from_utf8_lossy(&datagram[..length]).into_owned();
            let repeated = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
            let kept =
                request.split("\r\n").filter(|line| repeated.iter().any(|name| line.starts_with(name)));
            let answer = kept.fold("SIP/2.0 200 OK\r\n".to_owned(), |all, line| all + line + "\r\n");
            let _ = socket.send_to((answer + "Content-Length: 0\r\n\r\n").as_bytes(), from);
        }
    });
}

#[test]
fn instances_that_come_and_go_are_found_by_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |file: &str| folder.path().join(file).display().to_string();
    let port = free_port();
    says_yes(format!("127.0.0.1:{port}").parse().unwrap());
    says_yes(format!("127.0.0.2:{port}").parse().unwrap());
    // What the cluster's name service would say.
    let named = |addresses: &[&str]| {
        let lines: Vec<_> = addresses.iter().map(|address| format!("{address} STREAM voice\n")).collect();
        fs::write(folder.path().join("named"), lines.concat()).unwrap();
    };
    fs::write(folder.path().join("getent"), format!("#!/bin/sh\ncat {}\n", path("named"))).unwrap();
    Command::new("chmod").args(["+x", &path("getent")]).status().unwrap();
    let search = format!("PATH={}:/usr/sbin:/usr/bin:/sbin:/bin", folder.path().display());
    let script = deploy("kamailio/instances.sh").display().to_string();
    let (list, port) = (path("dispatcher.list"), port.to_string());

    named(&["127.0.0.1"]);
    let once = Command::new("env").args([&search, "sh", &script, &list, &port, "voice"]).status().unwrap();
    assert!(once.success());
    assert_eq!(fs::read_to_string(&list).unwrap(), format!("1 sip:127.0.0.1:{port} 0 0\n"));
    let run = folder.path().display().to_string();
    let (file, listen, dispatcher) = (
        deploy("kamailio/kamailio.cfg").display().to_string(),
        format!("LISTEN=udp:127.0.0.1:{}", free_port()),
        format!("DISPATCHER=\"{list}\""),
    );
    let arguments = [
        "-DD",
        "-E",
        "-w",
        &run,
        "-Y",
        &run,
        "-f",
        &file,
        "-A",
        "PING_EVERY=1",
        "-A",
        &listen,
        "-A",
        &dispatcher,
    ];
    let _kamailio = Program::start("kamailio", &arguments, &folder.path().join("kamailio.log"));
    let socket = path("kamailio_ctl");
    let arguments: [&str; 8] = [&search, "EVERY=1", "sh", &script, &list, &port, "voice", &socket];
    let _watch = Program::start("env", &arguments, &folder.path().join("instances.log"));

    let active = |wanted: usize| {
        let mut last = String::new();
        for _ in 0..150 {
            let asked = Command::new("kamcmd")
                .args(["-s", &format!("unixs:{socket}"), "dispatcher.list"])
                .output()
                .unwrap();
            last = String::from_utf8_lossy(&asked.stdout).into_owned();
            if last.matches("FLAGS: A").count() == wanted && last.matches("URI:").count() == wanted {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let logs = ["kamailio.log", "instances.log"].map(|file| fs::read_to_string(folder.path().join(file)));
        panic!("{wanted} active instances were expected: {last} {logs:?}");
    };
    active(1);
    named(&["127.0.0.1", "127.0.0.2"]);
    active(2);
    named(&[]);
    std::thread::sleep(Duration::from_secs(3));
    active(2);
    named(&["127.0.0.2"]);
    active(1);
}
