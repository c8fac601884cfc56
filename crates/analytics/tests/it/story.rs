//! Facts of a small centre, as directory, ingresses and router tell them.

use contract::{
    Event,
    directory::v1::{
        Agent, AgentConfigured, ProfileQueue, Queue, QueueConfigured, RoutingProfile,
        RoutingProfileConfigured,
    },
    duration_from_millis,
    interaction::v1::{Channel, EndReason, InteractionConnected, InteractionEnded, InteractionQueued},
    router::v1::{
        AgentState, AgentStateChanged, AgentStatus, ChannelLoad, InteractionAssigned, InteractionClosed,
    },
};

use crate::world::World;

/// Queues billing (20 s) and sales (10 s); Ann serves both, Bob only sales.
pub async fn configure(world: &World) {
    for event in centre() {
        world.tell("", event).await;
    }
}

pub fn centre() -> Vec<Event> {
    let profile = |key: &str, queues: &[&str]| -> Event {
        let queues =
            queues.iter().map(|queue| ProfileQueue { queue: (*queue).to_owned(), ..Default::default() });
        let profile =
            RoutingProfile { key: key.to_owned(), queues: queues.collect(), ..RoutingProfile::default() };
        RoutingProfileConfigured { profile: Some(profile) }.into()
    };
    let agent = |key: &str, name: &str, profile: &str| -> Event {
        let agent = Agent {
            key: key.to_owned(),
            name: name.to_owned(),
            routing_profile: profile.to_owned(),
            ..Agent::default()
        };
        AgentConfigured { agent: Some(agent) }.into()
    };
    vec![
        queue("billing", "Billing", 20),
        queue("sales", "Sales", 10),
        profile("all", &["billing", "sales"]),
        profile("sales-only", &["sales"]),
        agent("ann", "Ann Archer", "all"),
        agent("bob", "Bob Baker", "sales-only"),
    ]
}

pub fn queue(key: &str, name: &str, within_seconds: i64) -> Event {
    let queue = Queue {
        key: key.to_owned(),
        name: name.to_owned(),
        service_level_within: Some(duration_from_millis(within_seconds * 1_000)),
        ..Queue::default()
    };
    QueueConfigured { queue: Some(queue) }.into()
}

pub fn agent_is(agent: &str, state: AgentState) -> AgentStateChanged {
    let status = if state == AgentState::Offline { AgentStatus::Offline } else { AgentStatus::Available };
    AgentStateChanged {
        agent_id: agent.to_owned(),
        status: status.into(),
        state: state.into(),
        loads: vec![ChannelLoad { channel: Channel::Voice.into(), used: 0, slots: 1 }],
        ..AgentStateChanged::default()
    }
}

pub fn queued(queue: &str) -> InteractionQueued {
    InteractionQueued {
        channel: Channel::Voice.into(),
        queue: queue.to_owned(),
        ..InteractionQueued::default()
    }
}

pub fn assigned(agent: &str, queue: &str) -> InteractionAssigned {
    InteractionAssigned {
        agent_id: agent.to_owned(),
        offer_id: "o1".to_owned(),
        queue: queue.to_owned(),
        ..InteractionAssigned::default()
    }
}

pub fn connected(agent: &str) -> InteractionConnected {
    InteractionConnected { agent_id: agent.to_owned(), offer_id: "o1".to_owned() }
}

pub fn ended(reason: EndReason) -> InteractionEnded {
    InteractionEnded { reason: reason.into(), ..InteractionEnded::default() }
}

/// Talk 60 s, wrap-up 20 s when `agent` handled it.
pub fn closed(agent: &str, queue: &str) -> InteractionClosed {
    let spans = (!agent.is_empty()).then_some((60_000, 20_000));
    InteractionClosed {
        queue: queue.to_owned(),
        agent_id: agent.to_owned(),
        talk: spans.map(|(talk, _)| duration_from_millis(talk)),
        wrap_up: spans.map(|(_, wrap_up)| duration_from_millis(wrap_up)),
        ..InteractionClosed::default()
    }
}

/// A call that waits `wait` seconds, talks a minute and is wrapped up by Ann.
pub async fn call(world: &World, id: &str, wait: i64) {
    world.tell(id, queued("billing")).await;
    world.then(wait, id, assigned("ann", "billing")).await;
    world.tell(id, connected("ann")).await;
    world.then(60, id, ended(EndReason::CustomerLeft)).await;
    world.then(20, id, closed("ann", "billing")).await;
}

/// A call that is given up after `wait` seconds.
pub async fn abandoned(world: &World, id: &str, wait: i64) {
    world.tell(id, queued("billing")).await;
    world.then(wait, id, ended(EndReason::Abandoned)).await;
    world.tell(id, closed("", "billing")).await;
}
