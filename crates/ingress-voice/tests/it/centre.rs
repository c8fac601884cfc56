//! The voice service with a real database and bus, and the answers of its peers written down.

use std::{
    collections::BTreeMap,
    net::UdpSocket,
    sync::{Arc, Mutex},
    time::Duration,
};

use chassis::{Bus, Clock, Fact, Process, Running, Start, config::Secret};
use contract::{Envelope, Event, router::v1::OfferMade, subject};
use ingress_voice::IngressVoice;
use serde_json::Value;
use testkit::Stack;

use crate::peers::Peers;

const PATIENCE: Duration = Duration::from_secs(15);

/// A running voice service and what the test does to it.
pub struct Centre {
    pub sip: String,
    pub peers: Arc<Peers>,
    pub bus: Bus,
    pub facts: Arc<Mutex<Vec<Envelope>>>,
    running: Option<Running>,
    pub stack: Stack,
    settings: BTreeMap<&'static str, Value>,
}

impl Centre {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With settings of `[ingress_voice]`.
    pub async fn start_with(settings: &[(&'static str, Value)]) -> Self {
        let stack = Stack::infra().await;
        let peers = Peers::serve().await;
        let mut all = BTreeMap::from([
            ("sip_bind", "127.0.0.1".into()),
            ("rtp_ports", "22000-25999".into()),
            ("registration_failures_per_minute", 1_000.into()),
        ]);
        all.extend(settings.iter().cloned());
        let mut tries = 0;
        let (running, port) = loop {
            let port = free_port();
            all.insert("sip_port", port.into());
            // Another test may take the port in between.
            match run(&stack, &peers, &all, "voice-0").await {
                Ok(running) => break (running, port),
                Err(error) if tries == 4 => panic!("{error:#}"),
                Err(_) => tries += 1,
            }
        };
        let (bus, facts) = hear(&stack).await;
        Self {
            sip: format!("127.0.0.1:{port}"),
            peers,
            bus,
            facts,
            running: Some(running),
            stack,
            settings: all,
        }
    }

    /// Database, bus and peers alone; whoever serves at `sip` is the test's.
    pub async fn without_service(sip: String) -> Self {
        let stack = Stack::infra().await;
        let peers = Peers::serve().await;
        let (bus, facts) = hear(&stack).await;
        Self { sip, peers, bus, facts, running: None, stack, settings: BTreeMap::new() }
    }

    /// Stops the service gracefully and starts it again on the same data.
    pub async fn restart(&mut self) {
        self.running.take().unwrap().stop().await;
        self.running = Some(run(&self.stack, &self.peers, &self.settings, "voice-0").await.unwrap());
    }

    /// Another instance beside it, on the same data.
    pub async fn another(&self) -> Running {
        let mut settings = self.settings.clone();
        settings.insert("sip_port", free_port().into());
        run(&self.stack, &self.peers, &settings, "voice-1").await.unwrap()
    }

    pub async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub fn grpc(&self) -> String {
        format!("http://{}", self.running.as_ref().unwrap().grpc())
    }

    /// What `/metrics` says.
    pub fn metrics(&self) -> String {
        assert!(self.running.is_some());
        chassis::metrics::render()
    }

    /// Queues that calls came to, in order.
    pub fn queues(&self) -> Vec<String> {
        let facts = self.facts.lock().unwrap();
        let queues = facts.iter().filter_map(|envelope| match &envelope.event {
            Event::InteractionQueued(queued) => Some(queued.queue.clone()),
            _ => None,
        });
        queues.collect()
    }

    pub async fn publish(&self, interaction_id: &str, event: impl Into<Event>) {
        self.bus.publish(&Fact::of(event).tenant("demo").interaction(interaction_id)).await.unwrap();
    }

    /// Does what the router does when it has chosen an agent.
    pub async fn offer(&self, interaction_id: &str, offer_id: &str, agent: &str) {
        let expires_at = Some(Clock::system().now().plus_millis(20_000).to_proto());
        let offer = OfferMade {
            offer_id: offer_id.to_owned(),
            agent_id: agent.to_owned(),
            expires_at,
            ..OfferMade::default()
        };
        self.publish(interaction_id, offer).await;
    }

    /// Waits for a fact that `wanted` takes; with the id of its interaction.
    pub async fn fact<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> (String, T) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let found = self.facts.lock().unwrap().iter().find_map(|envelope| {
                wanted(&envelope.event).map(|fact| (envelope.interaction_id.clone(), fact))
            });
            if let Some(found) = found {
                return found;
            }
            assert!(tokio::time::Instant::now() < deadline, "the fact did not come: {:?}", self.names());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Names of the facts of interactions, in order.
    pub fn names(&self) -> Vec<&'static str> {
        let facts = self.facts.lock().unwrap();
        facts
            .iter()
            .map(|envelope| envelope.event.subject_tokens())
            .filter(|(context, _)| *context == "interaction")
            .map(|(_, name)| name)
            .collect()
    }

    /// Waits for the end of a call: its reason and who ended it.
    pub async fn end(&self) -> (String, String) {
        let (_, ended) = self
            .fact(|event| match event {
                Event::InteractionEnded(ended) => Some(ended.clone()),
                _ => None,
            })
            .await;
        (short(ended.reason().as_str_name()), short(ended.ended_by().as_str_name()))
    }

    /// Waits until a call waits in a queue: its id and the queue.
    pub async fn queued(&self) -> (String, String) {
        self.fact(|event| match event {
            Event::InteractionQueued(queued) => Some(queued.queue.clone()),
            _ => None,
        })
        .await
    }
}

fn short(name: &str) -> String {
    name.trim_start_matches("END_REASON_").trim_start_matches("PARTY_").to_lowercase()
}

/// The bus, and all that was ever said on it.
async fn hear(stack: &Stack) -> (Bus, Arc<Mutex<Vec<Envelope>>>) {
    let mut nats = Process::new("test").load(None).unwrap().nats;
    nats.url = Secret::new(stack.nats_url.clone());
    let bus = Bus::connect(&nats, "test", Clock::system()).await.unwrap();
    let facts = Arc::new(Mutex::new(Vec::new()));
    let mut tail = bus.tail(vec![subject::EVENTS_SUBJECTS.to_owned()], Start::Beginning);
    tail.ready().await;
    let seen = Arc::clone(&facts);
    tokio::spawn(async move {
        loop {
            let received = tail.next().await;
            seen.lock().unwrap().push(Arc::unwrap_or_clone(received).envelope);
        }
    });
    (bus, facts)
}

async fn run(
    stack: &Stack,
    peers: &Peers,
    all: &BTreeMap<&'static str, Value>,
    instance: &str,
) -> anyhow::Result<Running> {
    let process = Process::new("voice-test").with::<IngressVoice>();
    let mut settings = process.load(None).unwrap();
    settings.postgres.url = Secret::new(stack.postgres_url.clone());
    settings.nats.url = Secret::new(stack.nats_url.clone());
    settings.auth.secret = Secret::new("0123456789abcdef0123456789abcdef");
    settings.http.listen = "127.0.0.1:0".parse().unwrap();
    settings.grpc.listen = "127.0.0.1:0".parse().unwrap();
    instance.clone_into(&mut settings.instance);
    settings.peers.insert("default".to_owned(), peers.url.clone());
    for (key, value) in all {
        settings.set("ingress_voice", key, value.clone());
    }
    process.start(settings).await
}

pub fn free_port() -> u16 {
    loop {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
