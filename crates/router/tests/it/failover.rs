//! Two replicas on one log: one is killed, paused, cut off; the other goes on, and nothing is said twice.

use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chassis::Received;
use contract::{
    Event,
    router::v1::{
        AcceptOfferRequest, AgentState, AgentStatus, CompleteWrapUpRequest, ListAgentsRequest,
        SetAgentStatusRequest,
    },
};
use rustix::process::Signal;
use tonic::Code;

use crate::{
    processes::{Router, leader},
    proxy::Wire,
    sound::assert_sound,
    world::{Clients, Teller, World, tail, uuid, whole_log},
};

/// The design says two seconds; a test machine that compiles meanwhile gets more. What it took is printed.
const TAKEOVER: Duration = Duration::from_secs(6);

fn check(what: &str, took: Duration) {
    writeln!(std::io::stdout(), "{what}: the standby decided after {took:.2?}").expect("a standard output");
    assert!(took < TAKEOVER, "{what}: {took:?}");
}

async fn pair(world: &World) -> Vec<Router> {
    vec![Router::start(world, "a").await, Router::start(world, "b").await]
}

#[tokio::test]
async fn a_killed_leader_is_succeeded_and_waiting_work_is_offered() {
    let mut world = World::new().await;
    world.configure().await;
    let mut replicas = pair(&world).await;
    for agent in ["ann", "cy"] {
        replicas[0].clients.status(agent, AgentStatus::Available).await;
    }
    world.call(&uuid(1), "billing").await;
    world.offer(&uuid(1)).await;

    let dead = leader(&replicas).await;
    replicas.remove(dead).kill();
    let killed_at = Instant::now();
    world.call(&uuid(2), "billing").await;
    let offer = world.offer(&uuid(2)).await;

    check("killed", killed_at.elapsed());
    assert_eq!(offer.agent_id, "cy");
    router::replay(&whole_log(&world.bus).await).unwrap();
}

#[tokio::test]
async fn a_paused_leader_that_wakes_up_writes_nothing_of_its_own() {
    let mut world = World::new().await;
    world.configure().await;
    let replicas = pair(&world).await;
    for agent in ["ann", "cy", "bob"] {
        replicas[0].clients.status(agent, AgentStatus::Available).await;
    }
    world.call(&uuid(1), "billing").await;
    world.offer(&uuid(1)).await;
    let paused = leader(&replicas).await;

    replicas[paused].signal(Signal::STOP);
    let paused_at = Instant::now();
    world.call(&uuid(2), "billing").await;
    world.offer(&uuid(2)).await;
    let took = paused_at.elapsed();
    world.call(&uuid(3), "sales").await;
    replicas[paused].signal(Signal::CONT);
    world.offer(&uuid(3)).await;
    for number in 1..=3 {
        world.ended(&uuid(number)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;

    check("paused", took);
    let replayed = router::replay(&whole_log(&world.bus).await).unwrap();
    assert_eq!(replayed.unwritten, 0);
}

#[tokio::test]
async fn a_leader_cut_from_the_bus_is_succeeded_and_catches_up_when_it_is_back() {
    let mut world = World::new().await;
    world.configure().await;
    let wires = [Wire::to(&world.stack.nats_url).await, Wire::to(&world.stack.nats_url).await];
    let replicas = vec![
        Router::start_at(&world, "a", &wires[0].url).await,
        Router::start_at(&world, "b", &wires[1].url).await,
    ];
    for agent in ["ann", "cy", "bob"] {
        replicas[0].clients.status(agent, AgentStatus::Available).await;
    }
    world.call(&uuid(1), "billing").await;
    world.offer(&uuid(1)).await;
    let cut = leader(&replicas).await;

    wires[cut].cut();
    let cut_at = Instant::now();
    world.call(&uuid(2), "billing").await;
    world.offer(&uuid(2)).await;
    check("cut from the bus", cut_at.elapsed());
    let lunch = SetAgentStatusRequest {
        agent_id: "bob".to_owned(),
        status: AgentStatus::Away as i32,
        aux_code: "lunch".to_owned(),
        request_id: "lunch".to_owned(),
    };
    let told = replicas[cut].clients.service().set_agent_status(lunch).await.unwrap_err();
    wires[cut].mend();
    world.call(&uuid(3), "sales").await;
    world.offer(&uuid(3)).await;
    for number in 1..=3 {
        world.ended(&uuid(number)).await;
    }
    let caught_up = async {
        loop {
            let agents = replicas[cut].clients.service().list_agents(ListAgentsRequest::default()).await;
            if agents.is_ok_and(|agents| agents.get_ref().agents.iter().all(|agent| agent.work.is_empty())) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), caught_up).await.expect("who was cut off reads on");
    tokio::time::sleep(Duration::from_secs(1)).await;

    assert_eq!(
        told.code(),
        Code::Unavailable,
        "a command that the log does not have is not answered with yes"
    );
    assert_sound(&whole_log(&world.bus).await);
}

/// Customers and agents who do their part, whatever happens to the routers.
#[derive(Clone)]
struct Actors {
    teller: Teller,
    routers: Arc<Mutex<Vec<Clients>>>,
    closed: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Actors {
    fn router(&self, attempt: usize) -> Clients {
        let routers = self.routers.lock().unwrap();
        routers[attempt % routers.len()].clone()
    }

    /// Asks one router after the other, with the same request id, until one knows.
    async fn insist<F, T>(&self, mut ask: impl FnMut(Clients) -> F)
    where
        F: Future<Output = Result<T, tonic::Status>>,
    {
        for attempt in 0..200 {
            match ask(self.router(attempt)).await {
                Ok(_) => return,
                Err(status) if status.code() == Code::FailedPrecondition => return,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn react(self, received: Received) {
        let interaction = received.envelope.interaction_id.clone();
        match received.envelope.event {
            Event::OfferMade(offer) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let request = AcceptOfferRequest {
                    request_id: format!("accept {}", offer.offer_id),
                    offer_id: offer.offer_id,
                    agent_id: offer.agent_id,
                };
                self.insist(|clients| {
                    let request = request.clone();
                    async move { clients.service().accept_offer(request).await }
                })
                .await;
            }
            Event::InteractionAssigned(_) => {
                self.teller.connected(&interaction).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
                self.teller.ended(&interaction).await;
            }
            Event::WrapUpStarted(wrap_up) => {
                let request = CompleteWrapUpRequest {
                    request_id: format!("complete {interaction}"),
                    interaction_id: interaction,
                    agent_id: wrap_up.agent_id,
                    ..CompleteWrapUpRequest::default()
                };
                self.insist(|clients| {
                    let request = request.clone();
                    async move { clients.service().complete_wrap_up(request).await }
                })
                .await;
            }
            Event::AgentStateChanged(changed) if changed.state() == AgentState::NotResponding => {
                let request = SetAgentStatusRequest {
                    agent_id: changed.agent_id,
                    status: AgentStatus::Available as i32,
                    aux_code: String::new(),
                    request_id: format!("back {}", received.envelope.message_id),
                };
                self.insist(|clients| {
                    let request = request.clone();
                    async move { clients.service().set_agent_status(request).await }
                })
                .await;
            }
            Event::InteractionClosed(_) => {
                *self.closed.lock().unwrap().entry(interaction).or_default() += 1;
            }
            _ => {}
        }
    }
}

/// How often the leader dies; `ROUTER_KILLS` says another number.
fn kills() -> usize {
    let asked = std::env::var_os("ROUTER_KILLS").and_then(|text| text.to_str()?.parse().ok());
    asked.unwrap_or(4)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaders_die_under_load_and_every_call_is_closed_once() {
    let world = World::new().await;
    world.configure().await;
    for number in 0..20 {
        world.agent(&format!("agent-{number}"), 4.0, 4.0).await;
    }
    let mut replicas = pair(&world).await;
    let routers = Arc::new(Mutex::new(replicas.iter().map(|replica| replica.clients.clone()).collect()));
    let actors = Actors { teller: world.teller.clone(), routers, closed: Arc::default() };
    for number in 0..20 {
        replicas[0].clients.status(&format!("agent-{number}"), AgentStatus::Available).await;
    }
    let (acting, mut log) = (actors.clone(), tail(&world.bus));
    let people = tokio::spawn(async move {
        loop {
            tokio::spawn(acting.clone().react(std::sync::Arc::unwrap_or_clone(log.next().await)));
        }
    });

    let mut calls = 0;
    let mut takeovers = Vec::new();
    for kill in 0..kills() {
        for _ in 0..60 {
            calls += 1;
            world.call(&uuid(calls), if calls % 2 == 0 { "billing" } else { "sales" }).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let dead = leader(&replicas).await;
        let killed = replicas.remove(dead);
        if kill % 3 == 2 {
            killed.signal(Signal::STOP);
            tokio::time::sleep(Duration::from_millis(1_800)).await;
            killed.signal(Signal::CONT);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        killed.kill();
        let killed_at = Instant::now();
        leader(&replicas).await;
        takeovers.push(killed_at.elapsed());
        replicas.push(Router::start(&world, &format!("r{kill}")).await);
        *actors.routers.lock().unwrap() = replicas.iter().map(|replica| replica.clients.clone()).collect();
    }

    let begun = Instant::now();
    while actors.closed.lock().unwrap().len() < calls as usize {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{} of {calls} are closed",
            actors.closed.lock().unwrap().len()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    people.abort();
    let agents = replicas[0].clients.service().list_agents(ListAgentsRequest::default()).await.unwrap();

    let closed = actors.closed.lock().unwrap().clone();
    assert!(closed.values().all(|times| *times == 1), "something was closed twice");
    let stuck = agents.into_inner().agents.into_iter().find(|agent| !agent.work.is_empty());
    assert!(stuck.is_none(), "{stuck:?}");
    takeovers.sort_unstable();
    println!(
        "{} kills, {calls} calls: the other one leads after {:.2?} (median), {:.2?} (longest)",
        takeovers.len(),
        takeovers[takeovers.len() / 2],
        takeovers[takeovers.len() - 1],
    );
    assert!(takeovers[takeovers.len() / 2] < TAKEOVER, "{takeovers:?}");
    assert_sound(&whole_log(&world.bus).await);
}
