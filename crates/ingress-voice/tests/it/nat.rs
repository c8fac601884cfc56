//! Agents and callers at home, behind a router that translates addresses: a network namespace with masquerading of its own, in
//! which real phones tell addresses that nobody outside reaches.

use std::process::Command;

use contract::Event;
use serde_json::json;

use crate::{centre::Centre, phone::Phone};

const CENTRE: &str = "10.99.7.1";
const HOME: &str = "10.99.8.2";

/// Namespaces `home` and `router`; they go with it, and so does the cable to the centre.
struct Home {
    home: String,
    router: String,
}

fn done(line: &str) -> bool {
    let mut words = line.split(' ');
    let program = words.next().unwrap_or_default();
    Command::new(program).args(words).output().is_ok_and(|output| output.status.success())
}

impl Home {
    /// None where the machine does not let us make networks.
    fn build() -> Option<Self> {
        let id = std::process::id();
        let (home, router, cable) = (format!("sbh{id}"), format!("sbr{id}"), format!("sbc{id}"));
        if !done(&format!("ip netns add {router}")) {
            return None;
        }
        let this = Self { home, router };
        let Self { home, router } = &this;
        let steps = [
            format!("ip netns add {home}"),
            format!("ip link add {cable} type veth peer name out netns {router}"),
            format!("ip link add in netns {router} type veth peer name eth0 netns {home}"),
            format!("ip addr add {CENTRE}/24 dev {cable}"),
            format!("ip link set {cable} up"),
            format!("ip -n {router} addr add 10.99.7.2/24 dev out"),
            format!("ip -n {router} addr add 10.99.8.1/24 dev in"),
            format!("ip -n {router} link set out up"),
            format!("ip -n {router} link set in up"),
            format!("ip -n {home} addr add {HOME}/24 dev eth0"),
            format!("ip -n {home} link set eth0 up"),
            format!("ip -n {home} link set lo up"),
            format!("ip -n {home} route add default via 10.99.8.1"),
            format!("ip netns exec {router} sysctl -q -w net.ipv4.ip_forward=1"),
            // Other ports outside than inside, as the worst routers have it.
            format!("ip netns exec {router} iptables -t nat -A POSTROUTING -o out -j MASQUERADE --random"),
        ];
        for step in &steps {
            assert!(done(step), "{step} (Debian packages iproute2, iptables)");
        }
        Some(this)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        done(&format!("ip netns del {}", self.home));
        done(&format!("ip netns del {}", self.router));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_at_home_behind_a_router_talk_through_the_centre() {
    let Some(home) = Home::build() else { return };
    let centre = Centre::start_with(&[("sip_bind", "0.0.0.0".into())]).await;
    let server = centre.sip.replace("127.0.0.1", CENTRE);
    let at_home = json!({ "server": server, "inside": home.home, "address": HOME });
    let with = |more: serde_json::Value| {
        let mut fields = at_home.clone();
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields
    };
    // Remote agent and remote caller, behind the same router.
    let mut ann = Phone::open_with(with(json!({ "user": "ann", "password": "demo" })));
    let mut caller = Phone::open_with(with(json!({ "user": "+15550123" })));
    caller.tell(json!({ "do": "call", "to": "+15550101" }));
    caller.expect("answered");
    let (interaction, _) = centre.queued().await;
    centre.offer(&interaction, "o1", "ann").await;
    let incoming = ann.expect("incoming");
    assert!(incoming["caller"].as_str().is_some_and(|from| from.contains("+15550123")), "{incoming}");
    ann.act("answer");
    ann.expect("answered");
    ann.tell(json!({ "do": "say", "hertz": 440 }));
    caller.tell(json!({ "do": "say", "hertz": 1000 }));

    caller.expect_tone(440, 1000);
    ann.expect_tone(1000, 440);
    // A request of the centre inside the call finds its way too.
    ann.act("hold");
    caller.tell(json!({ "do": "say", "hertz": 700 }));
    let (music, _) = caller.listen(&[]);
    assert!(music > 100, "music on hold");
    ann.act("resume");
    ann.expect_tone(700, 440);
    caller.act("hangup");
    ann.expect("ended");
    centre.fact(|event| matches!(event, Event::InteractionEnded(_)).then_some(())).await;
}
