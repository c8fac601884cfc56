//! Events of the log as inputs of the core. What can't be read is counted and left out; nothing is lost for it.

use std::sync::Arc;

use chassis::Received;
use contract::{
    Event, Name, directory::v1 as directory, interaction::v1 as interaction, millis_of_duration,
    router::v1 as router,
};

use super::{channel, interaction_id, message_id};
use crate::{
    core::{
        AgentConfig, Capacity, ChannelSet, Details, Entry, Input, PerChannel, ProfileConfig, ProfileRule,
        QueueConfig, Queued, Ring, Status, Strategy, WrapUp,
    },
    metrics,
};

/// Longest wrap-up, offer and ring: an hour, ten minutes, a week.
const MAX_WRAP_UP_MS: i64 = 3_600_000;
const MAX_OFFER_MS: i64 = 600_000;
const MAX_RING_MS: i64 = 604_800_000;

fn malformed(what: &'static str) {
    metrics::MALFORMED.with_label_values(&[what]).inc();
}

/// The entry that a message of the log is; none when it is no input of the router.
pub(crate) fn entry(received: &Received) -> Option<Entry> {
    let envelope = &received.envelope;
    Some(Entry {
        sequence: received.sequence,
        at: received.stored_at,
        message: message_id(&envelope.message_id),
        tenant: envelope.tenant_id.as_str().into(),
        input: input(&envelope.event, &envelope.interaction_id)?,
    })
}

fn input(event: &Event, about: &str) -> Option<Input> {
    let about = || {
        let id = interaction_id(about);
        if id.is_none() {
            malformed("interaction_id");
        }
        id
    };
    Some(match event {
        Event::InteractionQueued(queued) => {
            let Some(channel) = channel(queued.channel) else {
                malformed("channel");
                return None;
            };
            Input::InteractionQueued(Queued {
                interaction: about()?,
                channel,
                queue: queued.queue.as_str().into(),
                priority: queued.priority.clamp(-1_000, 1_000),
                rings: rings(&queued.rings).into(),
                not_before: None,
                details: Arc::new(Details {
                    customer_label: queued.customer_label.clone(),
                    entry_point: queued.entry_point.clone(),
                    attributes: queued.attributes.clone().into_iter().collect(),
                }),
            })
        }
        Event::InteractionConnected(_) => Input::InteractionConnected(about()?),
        Event::InteractionEnded(ended) => Input::InteractionEnded(about()?, ended.reason),
        Event::AgentConfigured(configured) => {
            let agent = configured.agent.as_ref()?;
            Input::AgentConfigured(agent.key.as_str().into(), agent_config(agent))
        }
        Event::AgentRemoved(removed) => Input::AgentRemoved(removed.key.as_str().into()),
        Event::QueueConfigured(configured) => {
            let queue = configured.queue.as_ref()?;
            Input::QueueConfigured(queue.key.as_str().into(), queue_config(queue))
        }
        Event::QueueRemoved(removed) => Input::QueueRemoved(removed.key.as_str().into()),
        Event::RoutingProfileConfigured(configured) => {
            let profile = configured.profile.as_ref()?;
            Input::ProfileConfigured(profile.key.as_str().into(), profile_config(profile))
        }
        Event::RoutingProfileRemoved(removed) => Input::ProfileRemoved(removed.key.as_str().into()),
        Event::RoutingCommand(command) => return command_input(command),
        _ => return None,
    })
}

fn command_input(command: &router::RoutingCommand) -> Option<Input> {
    use router::routing_command::Command;
    let offer = |text: &str| {
        let id = text.parse().ok();
        if id.is_none() {
            malformed("offer_id");
        }
        id
    };
    Some(match command.command.as_ref()? {
        Command::SetAgentStatus(set) => {
            Input::SetAgentStatus(set.agent_id.as_str().into(), status(set.status, &set.aux_code)?)
        }
        Command::AcceptOffer(accept) => {
            Input::AcceptOffer(accept.agent_id.as_str().into(), offer(&accept.offer_id)?)
        }
        Command::DeclineOffer(decline) => {
            Input::DeclineOffer(decline.agent_id.as_str().into(), offer(&decline.offer_id)?)
        }
        Command::ReportUnreachable(report) => {
            Input::ReportUnreachable(report.agent_id.as_str().into(), offer(&report.offer_id)?)
        }
        Command::CompleteWrapUp(complete) => Input::CompleteWrapUp {
            agent: complete.agent_id.as_str().into(),
            interaction: interaction_id(&complete.interaction_id)?,
            disposition: complete.disposition.clone(),
            note: complete.note.clone(),
        },
        Command::DeadlinePassed(_) => Input::DeadlinePassed,
        _ => return None,
    })
}

/// A declared status; none when it is not said.
pub(crate) fn status(status: i32, aux_code: &str) -> Option<Status> {
    match router::AgentStatus::try_from(status).ok()? {
        router::AgentStatus::Unspecified => None,
        router::AgentStatus::Offline => Some(Status::Offline),
        router::AgentStatus::Available => Some(Status::Available),
        router::AgentStatus::Away => Some(Status::Away(aux_code.into())),
    }
}

fn rings(rings: &[interaction::Ring]) -> Vec<Ring> {
    let mut read = Vec::with_capacity(rings.len());
    for ring in rings.iter().take(100) {
        let lasts = ring.lasts.as_ref().map(millis_of_duration).filter(|millis| *millis > 0);
        match ring.expression.parse() {
            Ok(expression) => {
                read.push(Ring { expression, lasts_ms: lasts.map(|millis| millis.min(MAX_RING_MS) as u32) });
            }
            // The rest still finds someone; with none left, whoever serves the queue does.
            Err(error) => {
                malformed("ring");
                tracing::warn!(%error, "a ring is left out");
            }
        }
    }
    read
}

fn agent_config(agent: &directory::Agent) -> AgentConfig {
    let given = |text: &str| (!text.is_empty()).then(|| Name::from(text));
    let level = |proficiency: f64| (proficiency.clamp(0.0, 5.0) * 100.0).round() as u16;
    AgentConfig {
        display_name: agent.name.clone(),
        skills: agent.skills.iter().map(|has| (has.skill.as_str().into(), level(has.proficiency))).collect(),
        team: given(&agent.team),
        attributes: agent
            .attributes
            .iter()
            .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
            .collect(),
        routing_profile: given(&agent.routing_profile),
    }
}

fn queue_config(queue: &directory::Queue) -> QueueConfig {
    let defaults = QueueConfig::default();
    let span = |given: &Option<prost_types::Duration>, default: u32, least: i64, most: i64| {
        given.as_ref().map_or(default, |span| millis_of_duration(span).clamp(least, most) as u32)
    };
    let limit_ms = span(&queue.wrap_up_limit, 30_000, 1_000, MAX_WRAP_UP_MS);
    QueueConfig {
        display_name: queue.name.clone(),
        rings: rings(&queue.rings),
        strategy: match directory::Strategy::try_from(queue.strategy).unwrap_or_default() {
            directory::Strategy::LeastOccupied => Strategy::LeastOccupied,
            directory::Strategy::RoundRobin => Strategy::RoundRobin,
            directory::Strategy::MostSkilled => Strategy::MostSkilled,
            directory::Strategy::FewestToday => Strategy::FewestToday,
            directory::Strategy::RingAll => {
                malformed("strategy");
                Strategy::LongestIdle
            }
            directory::Strategy::Unspecified | directory::Strategy::LongestIdle => Strategy::LongestIdle,
        },
        priority: queue.priority.clamp(-1_000, 1_000),
        priority_worth_ms: span(&queue.priority_worth, defaults.priority_worth_ms, 0, MAX_RING_MS),
        offer_timeout_ms: span(&queue.offer_timeout, defaults.offer_timeout_ms, 1_000, MAX_OFFER_MS),
        retry_same_agent_after_ms: span(
            &queue.retry_same_agent_after,
            defaults.retry_same_agent_after_ms,
            0,
            MAX_RING_MS,
        ),
        stay_available_after_no_answer: queue.stay_available_after_no_answer,
        wrap_up: match directory::WrapUpMode::try_from(queue.wrap_up_mode).unwrap_or_default() {
            directory::WrapUpMode::Mandatory => WrapUp::Mandatory,
            directory::WrapUpMode::Timed => WrapUp::Timed { limit_ms },
            directory::WrapUpMode::Unspecified | directory::WrapUpMode::Optional => {
                WrapUp::Optional { limit_ms }
            }
        },
        dispositions: queue.dispositions.iter().map(|code| code.as_str().into()).collect(),
    }
}

fn profile_config(profile: &directory::RoutingProfile) -> ProfileConfig {
    let mut capacities = PerChannel::<Capacity>::default();
    for capacity in &profile.capacities {
        let Some(of) = channel(capacity.channel) else {
            malformed("channel");
            continue;
        };
        let interruptible_by = capacity.interruptible_by.iter().filter_map(|by| channel(*by));
        capacities[of] = Capacity {
            slots: capacity.slots.clamp(0, 100) as u8,
            interruptible_by: interruptible_by.fold(ChannelSet::EMPTY, ChannelSet::with),
        };
    }
    let rules = profile.queues.iter().map(|queue| ProfileRule {
        queue: queue.queue.as_str().into(),
        channel: channel(queue.channel),
        priority: queue.priority.clamp(-1_000, 1_000),
        delay_ms: queue
            .delay
            .as_ref()
            .map_or(0, |delay| millis_of_duration(delay).clamp(0, MAX_RING_MS) as u32),
    });
    ProfileConfig { capacities, rules: rules.collect() }
}
