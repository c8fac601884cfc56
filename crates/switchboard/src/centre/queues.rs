//! `queues:` and `routing_profiles:`.

use contract::{
    directory::v1::{
        Alternative, AlternativeKind, Blending, CallbackPolicy, ChannelCapacity, ProficiencyMode,
        ProfileQueue, Queue, RoutingProfile, Sticky, Strategy, WrapUpMode,
    },
    interaction::v1::Ring,
};

use super::{channel, fields::Field};

const STRATEGIES: [(&str, Strategy); 6] = [
    ("longest_idle", Strategy::LongestIdle),
    ("least_occupied", Strategy::LeastOccupied),
    ("round_robin", Strategy::RoundRobin),
    ("most_skilled", Strategy::MostSkilled),
    ("fewest_today", Strategy::FewestToday),
    ("ring_all", Strategy::RingAll),
];

const WRAP_UP_MODES: [(&str, WrapUpMode); 3] =
    [("optional", WrapUpMode::Optional), ("mandatory", WrapUpMode::Mandatory), ("timed", WrapUpMode::Timed)];

const PROFICIENCY_MODES: [(&str, ProficiencyMode); 3] =
    [("all", ProficiencyMode::All), ("best", ProficiencyMode::Best), ("none", ProficiencyMode::None)];

const STICKY: [(&str, Sticky); 2] =
    [("queue_members", Sticky::QueueMembers), ("any_agent", Sticky::AnyAgent)];

/// A queue as an alternative is written `{ queue: general }`.
const ALTERNATIVES: [(&str, AlternativeKind); 4] = [
    ("any_agent", AlternativeKind::AnyAgent),
    ("voicemail", AlternativeKind::Voicemail),
    ("callback", AlternativeKind::Callback),
    ("disconnect", AlternativeKind::Disconnect),
];

pub(super) fn queue(key: String, field: &Field<'_>) -> Queue {
    let mut fields = field.fields();
    let name = fields.text("name");
    let strategy = fields.take("strategy").and_then(|field| field.word(&STRATEGIES));
    let wrap_up_mode = fields.take("wrap_up_mode").and_then(|field| field.word(&WRAP_UP_MODES));
    let queue = Queue {
        name: if name.is_empty() { key.clone() } else { name },
        key,
        rings: fields.take("rings").map(|field| rings(&field)).unwrap_or_default(),
        strategy: strategy.unwrap_or(Strategy::LongestIdle).into(),
        priority: fields.take("priority").and_then(|field| field.integer()).unwrap_or_default(),
        priority_worth: fields.take("priority_worth").and_then(|field| field.duration()),
        offer_timeout: fields.take("offer_timeout").and_then(|field| field.duration()),
        retry_same_agent_after: fields.take("retry_same_agent_after").and_then(|field| field.duration()),
        stay_available_after_no_answer: fields
            .take("stay_available_after_no_answer")
            .and_then(|field| field.boolean())
            .unwrap_or_default(),
        wrap_up_mode: wrap_up_mode.unwrap_or(WrapUpMode::Timed).into(),
        wrap_up_limit: fields.take("wrap_up_limit").and_then(|field| field.duration()),
        dispositions: fields.take("dispositions").map(|field| field.texts()).unwrap_or_default(),
        service_level_within: fields.take("service_level_within").and_then(|field| field.duration()),
        service_level_in_business_time: fields
            .take("service_level_in_business_time")
            .and_then(|field| field.boolean())
            .unwrap_or_default(),
        proficiency_mode: fields
            .take("proficiency_mode")
            .and_then(|field| field.word(&PROFICIENCY_MODES))
            .unwrap_or(ProficiencyMode::All)
            .into(),
        sticky: fields
            .take("sticky")
            .and_then(|field| field.word(&STICKY))
            .unwrap_or(Sticky::QueueMembers)
            .into(),
        preferred_for: fields.take("preferred_for").and_then(|field| field.duration()),
        on_exhausted: fields.take("on_exhausted").and_then(|field| alternative(&field)),
        hours: fields.text("hours"),
        closed: fields.take("closed").and_then(|field| field.boolean()).unwrap_or_default(),
        on_closed: fields.take("on_closed").and_then(|field| alternative(&field)),
        whisper: fields.text("whisper"),
        farewell: fields.text("farewell"),
        message_greeting: fields.text("message_greeting"),
        handling_time: fields.take("handling_time").and_then(|field| field.duration()),
        minimum_wait: fields.take("minimum_wait").and_then(|field| field.duration()),
        callback: fields.take("callback").map(|field| callback(&field)),
        wrap_up_extension: fields.take("wrap_up_extension").and_then(|field| field.duration()),
        closed_by_hand: false,
    };
    fields.finish();
    queue
}

/// `voicemail`, or `{ queue: general }`.
fn alternative(field: &Field<'_>) -> Option<Alternative> {
    if !field.is_map() {
        let kind = field.word(&ALTERNATIVES)?;
        return Some(Alternative { kind: kind.into(), queue: String::new() });
    }
    let mut fields = field.fields();
    let queue = fields.needed_text("queue");
    fields.finish();
    Some(Alternative { kind: AlternativeKind::Queue.into(), queue })
}

/// `{ attempts: 3, gap: 15min }`
fn callback(field: &Field<'_>) -> CallbackPolicy {
    let mut fields = field.fields();
    let policy = CallbackPolicy {
        attempts: fields.take("attempts").and_then(|field| field.integer()).unwrap_or_default(),
        gap: fields.take("gap").and_then(|field| field.duration()),
    };
    fields.finish();
    policy
}

/// `{ inbound: [sales], outbound: [campaign], leave_at: 5, return_at: 1, dwell: 60s }`
fn blending(field: &Field<'_>) -> Blending {
    let mut fields = field.fields();
    let blending = Blending {
        inbound: fields.need("inbound").map(|field| field.texts()).unwrap_or_default(),
        outbound: fields.need("outbound").map(|field| field.texts()).unwrap_or_default(),
        leave_at: fields.need("leave_at").and_then(|field| field.integer()).unwrap_or_default(),
        return_at: fields.need("return_at").and_then(|field| field.integer()).unwrap_or_default(),
        dwell: fields.take("dwell").and_then(|field| field.duration()),
    };
    fields.finish();
    blending
}

/// A list of `{ expression, lasts }`; an expression alone is a ring that lasts.
pub(super) fn rings(field: &Field<'_>) -> Vec<Ring> {
    field.items().iter().map(ring).collect()
}

fn ring(field: &Field<'_>) -> Ring {
    if !field.is_map() {
        return Ring { expression: field.text().unwrap_or_default(), lasts: None };
    }
    let mut fields = field.fields();
    let ring = Ring {
        expression: fields.text("expression"),
        lasts: fields.take("lasts").and_then(|field| field.duration()),
    };
    fields.finish();
    ring
}

pub(super) fn routing_profile(key: String, field: &Field<'_>) -> RoutingProfile {
    let mut fields = field.fields();
    let name = fields.text("name");
    let capacities = fields.need("capacities").map(|field| field.entries()).unwrap_or_default();
    let profile = RoutingProfile {
        name: if name.is_empty() { key.clone() } else { name },
        key,
        capacities: capacities.into_iter().filter_map(|(name, field)| capacity(&name, &field)).collect(),
        queues: fields.need("queues").map(|field| profile_queues(&field)).unwrap_or_default(),
        max_offers_at_once: fields
            .take("max_offers_at_once")
            .and_then(|field| field.integer())
            .unwrap_or_default(),
        blending: fields.take("blending").map(|field| blending(&field)),
    };
    fields.finish();
    profile
}

/// `voice: 1` or `chat: { slots: 3, interruptible_by: [voice], auto_accept: true }`.
fn capacity(name: &str, field: &Field<'_>) -> Option<ChannelCapacity> {
    let channel = match channel::named(name) {
        Ok(channel) => channel,
        Err(reason) => {
            field.wrong(reason);
            return None;
        }
    };
    if !field.is_map() {
        let slots = field.integer()?;
        return Some(ChannelCapacity { channel: channel.into(), slots, ..ChannelCapacity::default() });
    }
    let mut fields = field.fields();
    let slots = fields.need("slots").and_then(|field| field.integer());
    let interruptible_by = fields
        .take("interruptible_by")
        .map(|field| field.items())
        .unwrap_or_default()
        .iter()
        .filter_map(channel::of)
        .map(i32::from)
        .collect();
    let auto_accept = fields.take("auto_accept").and_then(|field| field.boolean()).unwrap_or_default();
    fields.finish();
    Some(ChannelCapacity { channel: channel.into(), slots: slots?, interruptible_by, auto_accept })
}

/// A list of queue keys, or of `{ queue, channel, priority, delay }` where more is to be said.
fn profile_queues(field: &Field<'_>) -> Vec<ProfileQueue> {
    field.items().iter().map(profile_queue).collect()
}

fn profile_queue(field: &Field<'_>) -> ProfileQueue {
    if !field.is_map() {
        return ProfileQueue { queue: field.text().unwrap_or_default(), ..ProfileQueue::default() };
    }
    let mut fields = field.fields();
    let queue = ProfileQueue {
        queue: fields.needed_text("queue"),
        channel: fields.take("channel").and_then(|field| channel::of(&field)).map_or(0, i32::from),
        priority: fields.take("priority").and_then(|field| field.integer()).unwrap_or_default(),
        delay: fields.take("delay").and_then(|field| field.duration()),
    };
    fields.finish();
    queue
}
