//! Events of the log as inputs of the core. What can't be read is counted and left out; nothing is lost for it.

use std::sync::Arc;

use chassis::Received;
use contract::{
    Event, Name, Timestamp, directory::v1 as directory, interaction::v1 as interaction, millis_of_duration,
    router::v1 as router,
};

use super::{channel, interaction_id, message_id};
use crate::{
    core::{
        AgentConfig, Alternative, Blending, CallbackPolicy, CallbackWish, Capacity, ChannelSet, Details,
        Entry, HoursConfig, Input, PerChannel, Proficiency, ProfileConfig, ProfileRule, QueueConfig, Queued,
        Ring, Status, Strategy, Transfer, WrapUp,
    },
    metrics,
};

/// Longest wrap-up, offer and ring: an hour, ten minutes, a week.
const MAX_WRAP_UP_MS: i64 = 3_600_000;
const MAX_OFFER_MS: i64 = 600_000;
const MAX_RING_MS: i64 = 604_800_000;
const DAY_MS: i64 = 86_400_000;
/// Skills that one interaction may ask for.
const MAX_SKILLS: usize = 20;

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
                not_before: queued
                    .not_before
                    .as_ref()
                    .or_else(|| queued.callback.as_ref()?.not_before.as_ref())
                    .map(Timestamp::from_proto),
                skills: queued.skills.iter().take(MAX_SKILLS).map(skill).collect(),
                preferred: given(&queued.preferred_agent),
                keep_place: queued.keep_place,
                enqueued_at: queued.enqueued_at.as_ref().map(Timestamp::from_proto),
                callback: queued.callback.as_ref().map(|wish| CallbackWish {
                    phone: wish.phone.as_str().into(),
                    of: interaction_id(&wish.of_interaction_id),
                }),
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
        Event::HoursConfigured(configured) => {
            let hours = configured.hours.as_ref()?;
            let config = hours_config(hours);
            if crate::core::is_unreadable(&config) {
                malformed("hours");
            }
            Input::HoursConfigured(hours.key.as_str().into(), config)
        }
        Event::HoursRemoved(removed) => Input::HoursRemoved(removed.key.as_str().into()),
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
        Command::TransferInteraction(transfer) => Input::Transfer(Transfer {
            interaction: interaction_id(&transfer.interaction_id)?,
            agent: given(&transfer.agent_id),
            queue: given(&transfer.queue),
            to_agent: given(&transfer.to_agent_id),
            only_for_ms: transfer
                .only_for
                .as_ref()
                .map(|span| millis_of_duration(span).clamp(0, MAX_RING_MS) as u32),
            keep_place: transfer.keep_place,
        }),
        Command::AssignInteraction(assign) => {
            Input::Assign(interaction_id(&assign.interaction_id)?, assign.agent_id.as_str().into())
        }
        Command::PullInteraction(pull) => {
            Input::Pull(interaction_id(&pull.interaction_id)?, pull.agent_id.as_str().into())
        }
        Command::ChangePriority(change) => Input::ChangePriority(
            interaction_id(&change.interaction_id)?,
            change.priority.clamp(-1_000, 1_000),
        ),
        Command::ParkInteraction(park) => {
            Input::Park(interaction_id(&park.interaction_id)?, park.agent_id.as_str().into())
        }
        Command::UnparkInteraction(unpark) => {
            Input::Unpark(interaction_id(&unpark.interaction_id)?, given(&unpark.agent_id))
        }
        Command::ExtendWrapUp(extend) => Input::ExtendWrapUp {
            agent: extend.agent_id.as_str().into(),
            interaction: interaction_id(&extend.interaction_id)?,
            by_ms: extend
                .by
                .as_ref()
                .map_or(30_000, |by| millis_of_duration(by).clamp(1_000, MAX_WRAP_UP_MS) as u32),
        },
        Command::RequestCallback(wish) => Input::RequestCallback {
            interaction: interaction_id(&wish.interaction_id)?,
            callback: interaction_id(&wish.callback_interaction_id)?,
            phone: wish.phone.as_str().into(),
            not_before: wish.not_before.as_ref().map(Timestamp::from_proto),
        },
        Command::ReportCallbackAttempt(report) => {
            Input::CallbackAttempt(interaction_id(&report.interaction_id)?, report.outcome)
        }
        Command::SetQueueClosure(set) => Input::SetClosure(set.queue.as_str().into(), set.closed),
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

fn given(text: &str) -> Option<Name> {
    (!text.is_empty()).then(|| Name::from(text))
}

/// Proficiency in hundredths.
fn level(proficiency: f64) -> u16 {
    (proficiency.clamp(0.0, 5.0) * 100.0).round() as u16
}

fn skill(wanted: &interaction::SkillWanted) -> (Name, u16) {
    (wanted.skill.as_str().into(), level(wanted.least))
}

/// What a queue says to do instead of serving.
fn alternative(given: Option<&directory::Alternative>) -> Alternative {
    use directory::AlternativeKind as Kind;
    let Some(given) = given else { return Alternative::AnyAgent };
    match given.kind() {
        Kind::Unspecified | Kind::AnyAgent => Alternative::AnyAgent,
        Kind::Queue => Alternative::Queue(given.queue.as_str().into()),
        Kind::Voicemail => Alternative::Voicemail,
        Kind::Callback => Alternative::Callback,
        Kind::Disconnect => Alternative::Disconnect,
    }
}

fn hours_config(hours: &directory::Hours) -> HoursConfig {
    let minutes = |of: &directory::OpenInterval| (of.from_minute, of.to_minute);
    HoursConfig {
        time_zone: hours.time_zone.as_str().into(),
        week: hours.intervals.iter().map(|of| (of.weekday, of.from_minute, of.to_minute)).collect(),
        holidays: hours
            .holidays
            .iter()
            .map(|day| (day.date.as_str().into(), day.intervals.iter().map(minutes).collect()))
            .collect(),
        closed: hours.closed,
    }
}

fn agent_config(agent: &directory::Agent) -> AgentConfig {
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
            directory::Strategy::RingAll => Strategy::RingAll,
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
        proficiency: match queue.proficiency_mode() {
            directory::ProficiencyMode::None => Proficiency::None,
            directory::ProficiencyMode::Unspecified | directory::ProficiencyMode::All => Proficiency::All,
            directory::ProficiencyMode::Best => Proficiency::Best,
        },
        on_exhausted: alternative(queue.on_exhausted.as_ref()),
        hours: given(&queue.hours),
        closed: queue.closed,
        on_closed: alternative(queue.on_closed.as_ref()),
        preferred_for_ms: span(&queue.preferred_for, defaults.preferred_for_ms, 0, DAY_MS),
        sticky_any_agent: queue.sticky() == directory::Sticky::AnyAgent,
        whisper: queue.whisper.as_str().into(),
        farewell: queue.farewell.as_str().into(),
        message_greeting: queue.message_greeting.as_str().into(),
        handling_ms: queue
            .handling_time
            .as_ref()
            .map(|span| millis_of_duration(span).clamp(1_000, DAY_MS) as u32),
        minimum_wait_ms: queue
            .minimum_wait
            .as_ref()
            .map(|span| millis_of_duration(span).clamp(0, DAY_MS) as u32),
        callback: queue.callback.as_ref().map_or(defaults.callback, |policy| CallbackPolicy {
            attempts: if policy.attempts == 0 { 3 } else { policy.attempts.clamp(1, 10) as u8 },
            gap_ms: span(&policy.gap, defaults.callback.gap_ms, 60_000, DAY_MS),
        }),
        extension_ms: span(&queue.wrap_up_extension, defaults.extension_ms, 0, MAX_WRAP_UP_MS),
        service_level_ms: span(&queue.service_level_within, defaults.service_level_ms, 1_000, DAY_MS),
        business_time: queue.service_level_in_business_time,
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
            auto_accept: capacity.auto_accept,
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
    let names = |keys: &[String]| keys.iter().map(|key| key.as_str().into()).collect();
    ProfileConfig {
        capacities,
        rules: rules.collect(),
        max_offers: profile.max_offers_at_once.clamp(0, 100) as u8,
        blending: profile.blending.as_ref().map(|blending| Blending {
            inbound: names(&blending.inbound),
            outbound: names(&blending.outbound),
            leave_at: blending.leave_at.max(1) as u32,
            return_at: blending.return_at.clamp(0, blending.leave_at.max(1) - 1) as u32,
            dwell_ms: blending
                .dwell
                .as_ref()
                .map_or(60_000, |dwell| millis_of_duration(dwell).clamp(1_000, 3_600_000) as u32),
        }),
    }
}
