//! Things of a centre in a few words, for the lines of a diff.

use contract::{
    directory::v1::{
        Agent, Alternative, AlternativeKind, Blending, CallbackPolicy, EntryPoint, Hours, OpenInterval,
        Queue, Role, RoutingProfile, Tenant, User,
    },
    interaction::v1::{Channel, Ring},
    millis_of_duration,
};

use super::entity::Entity;

/// Longest detail of one change, characters.
const MAX_DETAIL: usize = 600;

/// Names and values of a thing's fields, empty where unset.
pub type Fields = Vec<(&'static str, String)>;

/// `offer_timeout: 20s → 15s; priority: 0 → 2`.
pub fn differences(before: &Fields, after: &Fields) -> String {
    let mut parts = Vec::new();
    for ((name, old), (_, new)) in before.iter().zip(after) {
        if old != new {
            parts.push(format!("{name}: {} → {}", shown(old), shown(new)));
        }
    }
    bounded(parts.join("; "))
}

/// `name: Billing; priority: 2`: what a new thing says of itself.
pub fn summary(fields: &Fields) -> String {
    let said = fields.iter().filter(|(_, value)| !value.is_empty());
    bounded(said.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; "))
}

/// `1h30m`, `20s`, `1.5s`, `0s`.
pub fn span(duration: &prost_types::Duration) -> String {
    let millis = millis_of_duration(duration);
    let (sign, rest) = (if millis < 0 { "-" } else { "" }, millis.unsigned_abs());
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let seconds = (rest % 60_000) as f64 / 1_000.0;
    let part =
        |shown: bool, number: f64, unit: &str| if shown { format!("{number}{unit}") } else { String::new() };
    [
        sign.to_owned(),
        part(hours > 0, hours as f64, "h"),
        part(minutes > 0, minutes as f64, "m"),
        part(seconds > 0.0 || rest < 60_000, seconds, "s"),
    ]
    .concat()
}

/// Fields of a tenant.
pub fn tenant(tenant: &Tenant) -> Fields {
    vec![("name", tenant.name.clone()), ("time_zone", tenant.time_zone.clone())]
}

/// Fields of a thing, always the same names in the same order for one kind.
pub fn fields(entity: &Entity) -> Fields {
    match entity {
        Entity::User(user) => user_fields(user),
        Entity::Agent(agent) => agent_fields(agent),
        Entity::Skill(skill) => vec![("name", skill.name.clone())],
        Entity::Team(team) => vec![("name", team.name.clone())],
        Entity::Queue(queue) => queue_fields(queue),
        Entity::RoutingProfile(profile) => profile_fields(profile),
        Entity::Hours(hours) => hours_fields(hours),
        Entity::EntryPoint(point) => entry_point_fields(point),
    }
}

fn user_fields(user: &User) -> Fields {
    let role = |role: Role| lower(role.as_str_name(), "ROLE_");
    vec![
        ("name", user.name.clone()),
        ("email", user.email.clone()),
        ("roles", list(user.roles().map(role))),
        ("disabled", flag(user.disabled)),
    ]
}

fn agent_fields(agent: &Agent) -> Fields {
    let mut attributes: Vec<_> = agent.attributes.iter().collect();
    attributes.sort();
    vec![
        ("name", agent.name.clone()),
        ("skills", list(agent.skills.iter().map(|level| format!("{} {}", level.skill, level.proficiency)))),
        ("team", agent.team.clone()),
        ("routing_profile", agent.routing_profile.clone()),
        ("extension", agent.extension.clone()),
        ("attributes", list(attributes.iter().map(|(name, value)| format!("{name}={value}")))),
    ]
}

fn queue_fields(queue: &Queue) -> Fields {
    vec![
        ("name", queue.name.clone()),
        ("rings", list(queue.rings.iter().map(ring))),
        ("strategy", lower(queue.strategy().as_str_name(), "STRATEGY_")),
        ("priority", queue.priority.to_string()),
        ("priority_worth", optional_span(queue.priority_worth.as_ref())),
        ("offer_timeout", optional_span(queue.offer_timeout.as_ref())),
        ("retry_same_agent_after", optional_span(queue.retry_same_agent_after.as_ref())),
        ("stay_available_after_no_answer", flag(queue.stay_available_after_no_answer)),
        ("wrap_up_mode", lower(queue.wrap_up_mode().as_str_name(), "WRAP_UP_MODE_")),
        ("wrap_up_limit", optional_span(queue.wrap_up_limit.as_ref())),
        ("dispositions", queue.dispositions.join(", ")),
        ("service_level_within", optional_span(queue.service_level_within.as_ref())),
        ("service_level_in_business_time", flag(queue.service_level_in_business_time)),
        ("proficiency_mode", lower(queue.proficiency_mode().as_str_name(), "PROFICIENCY_MODE_")),
        ("sticky", lower(queue.sticky().as_str_name(), "STICKY_")),
        ("preferred_for", optional_span(queue.preferred_for.as_ref())),
        ("on_exhausted", queue.on_exhausted.as_ref().map(alternative).unwrap_or_default()),
        ("hours", queue.hours.clone()),
        ("closed", closure(queue.closed, queue.closed_by_hand)),
        ("on_closed", queue.on_closed.as_ref().map(alternative).unwrap_or_default()),
        ("whisper", queue.whisper.clone()),
        ("farewell", queue.farewell.clone()),
        ("message_greeting", queue.message_greeting.clone()),
        ("handling_time", optional_span(queue.handling_time.as_ref())),
        ("minimum_wait", optional_span(queue.minimum_wait.as_ref())),
        ("callback", queue.callback.as_ref().map(callback).unwrap_or_default()),
        ("wrap_up_extension", optional_span(queue.wrap_up_extension.as_ref())),
    ]
}

/// Who closes by hand today describes nothing: it is told apart.
fn closure(closed: bool, by_hand: bool) -> String {
    if by_hand { "by hand".to_owned() } else { flag(closed) }
}

fn alternative(alternative: &Alternative) -> String {
    match alternative.kind() {
        AlternativeKind::Queue => format!("queue {}", alternative.queue),
        kind => lower(kind.as_str_name(), "ALTERNATIVE_KIND_"),
    }
}

fn callback(policy: &CallbackPolicy) -> String {
    format!("{} attempts, {} apart", policy.attempts, optional_span(policy.gap.as_ref()))
}

fn blending(blending: &Blending) -> String {
    format!(
        "from {} to {} at {} waiting, back at {}, {} apart",
        blending.outbound.join(", "),
        blending.inbound.join(", "),
        blending.leave_at,
        blending.return_at,
        optional_span(blending.dwell.as_ref())
    )
}

fn ring(ring: &Ring) -> String {
    let expression = if ring.expression.trim().is_empty() { "anyone" } else { &ring.expression };
    match &ring.lasts {
        Some(lasts) => format!("[{expression}] for {}", span(lasts)),
        None => format!("[{expression}]"),
    }
}

fn profile_fields(profile: &RoutingProfile) -> Fields {
    let capacities = profile.capacities.iter().map(|capacity| {
        let interrupts = list(capacity.interruptible_by().map(channel));
        let suffix =
            if interrupts.is_empty() { String::new() } else { format!(" (interruptible by {interrupts})") };
        let taken = if capacity.auto_accept { " (auto-accept)" } else { "" };
        format!("{} {}{suffix}{taken}", channel(capacity.channel()), capacity.slots)
    });
    let queues = profile.queues.iter().map(|served| {
        let by = match served.channel() {
            Channel::Unspecified => String::new(),
            line => format!(" by {}", channel(line)),
        };
        let priority = if served.priority == 0 { String::new() } else { format!(" {:+}", served.priority) };
        let delay = served.delay.as_ref().map(|delay| format!(" after {}", span(delay)));
        [served.queue.as_str(), &by, &priority, &delay.unwrap_or_default()].concat()
    });
    let at_once = profile.max_offers_at_once;
    vec![
        ("name", profile.name.clone()),
        ("capacities", list(capacities)),
        ("queues", list(queues)),
        ("max_offers_at_once", if at_once == 0 { String::new() } else { at_once.to_string() }),
        ("blending", profile.blending.as_ref().map(blending).unwrap_or_default()),
    ]
}

fn hours_fields(hours: &Hours) -> Fields {
    let holidays = hours.holidays.iter().map(|holiday| match holiday.intervals.as_slice() {
        [] => format!("{} closed", holiday.date),
        intervals => {
            format!(
                "{} {}",
                holiday.date,
                list(intervals.iter().map(|interval| open_interval(interval, false)))
            )
        }
    });
    vec![
        ("name", hours.name.clone()),
        ("time_zone", hours.time_zone.clone()),
        ("intervals", list(hours.intervals.iter().map(|interval| open_interval(interval, true)))),
        ("holidays", list(holidays)),
        ("closed", closure(hours.closed, hours.closed_by_hand)),
    ]
}

/// `Mon 09:00–17:00`, or without the day.
pub fn open_interval(interval: &OpenInterval, weekly: bool) -> String {
    const DAYS: [&str; 7] = ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "];
    let day = usize::try_from(interval.weekday - 1).ok().and_then(|day| DAYS.get(day));
    let day = if weekly { day.unwrap_or(&"? ") } else { "" };
    let time = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{day}{}–{}", time(interval.from_minute), time(interval.to_minute))
}

fn entry_point_fields(point: &EntryPoint) -> Fields {
    vec![
        ("name", point.name.clone()),
        ("channel", channel(point.channel())),
        ("addresses", point.addresses.join(", ")),
        ("flow", point.flow.clone()),
        ("allowed_origins", point.allowed_origins.join(", ")),
    ]
}

fn channel(channel: Channel) -> String {
    lower(channel.as_str_name(), "CHANNEL_")
}

fn lower(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_lowercase()
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn flag(flag: bool) -> String {
    if flag { "yes".to_owned() } else { String::new() }
}

fn optional_span(duration: Option<&prost_types::Duration>) -> String {
    duration.map(span).unwrap_or_default()
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

fn bounded(text: String) -> String {
    if text.chars().count() <= MAX_DETAIL {
        return text;
    }
    let mut cut: String = text.chars().take(MAX_DETAIL - 1).collect();
    cut.push('…');
    cut
}
