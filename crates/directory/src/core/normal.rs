//! One way to say the same: defaults filled in, lists in order. Whoever reads a stored centre or an event finds every
//! value there, and a centre applied twice is the same centre.

use std::collections::BTreeMap;

use contract::{
    directory::v1::{
        Agent, Alternative, AlternativeKind, CallbackPolicy, Centre, EntryPoint, Hours, ProficiencyMode,
        Queue, RoutingProfile, Sticky, Strategy, User, WrapUpMode,
    },
    duration_from_millis,
    interaction::v1::Channel,
};

/// The centre with defaults filled in and every list in the order of its keys. Lists whose order means something (rings,
/// queues of a profile, addresses, dispositions) keep it.
#[must_use]
pub fn normal(mut centre: Centre) -> Centre {
    if let Some(tenant) = &mut centre.tenant {
        name(&mut tenant.name, &tenant.key);
    }
    centre.users.iter_mut().for_each(user);
    let names: BTreeMap<String, String> =
        centre.users.iter().map(|user| (user.key.clone(), user.name.clone())).collect();
    centre.agents.iter_mut().for_each(|one| agent(one, &names));
    centre.skills.iter_mut().for_each(|skill| name(&mut skill.name, &skill.key));
    centre.teams.iter_mut().for_each(|team| name(&mut team.name, &team.key));
    centre.queues.iter_mut().for_each(queue);
    centre.routing_profiles.iter_mut().for_each(profile);
    centre.hours.iter_mut().for_each(hours);
    centre.entry_points.iter_mut().for_each(entry_point);

    centre.users.sort_by(|a, b| a.key.cmp(&b.key));
    centre.agents.sort_by(|a, b| a.key.cmp(&b.key));
    centre.skills.sort_by(|a, b| a.key.cmp(&b.key));
    centre.teams.sort_by(|a, b| a.key.cmp(&b.key));
    centre.queues.sort_by(|a, b| a.key.cmp(&b.key));
    centre.routing_profiles.sort_by(|a, b| a.key.cmp(&b.key));
    centre.hours.sort_by(|a, b| a.key.cmp(&b.key));
    centre.entry_points.sort_by(|a, b| a.key.cmp(&b.key));
    centre
}

fn name(name: &mut String, key: &str) {
    if name.trim().is_empty() {
        key.clone_into(name);
    }
}

fn user(user: &mut User) {
    name(&mut user.name, &user.key);
    user.roles.sort_unstable();
    user.roles.dedup();
}

fn agent(agent: &mut Agent, users: &BTreeMap<String, String>) {
    name(&mut agent.name, users.get(&agent.key).unwrap_or(&agent.key));
    agent.skills.sort_by(|a, b| a.skill.cmp(&b.skill));
}

fn queue(queue: &mut Queue) {
    name(&mut queue.name, &queue.key);
    if queue.strategy() == Strategy::Unspecified {
        queue.set_strategy(Strategy::LongestIdle);
    }
    if queue.wrap_up_mode() == WrapUpMode::Unspecified {
        queue.set_wrap_up_mode(WrapUpMode::Optional);
    }
    queue.priority_worth.get_or_insert(duration_from_millis(60_000));
    queue.offer_timeout.get_or_insert(duration_from_millis(20_000));
    queue.retry_same_agent_after.get_or_insert(duration_from_millis(60_000));
    queue.wrap_up_limit.get_or_insert(duration_from_millis(30_000));
    queue.service_level_within.get_or_insert(duration_from_millis(20_000));
    if queue.proficiency_mode() == ProficiencyMode::Unspecified {
        queue.set_proficiency_mode(ProficiencyMode::All);
    }
    if queue.sticky() == Sticky::Unspecified {
        queue.set_sticky(Sticky::QueueMembers);
    }
    alternative(queue.on_exhausted.get_or_insert_default());
    alternative(queue.on_closed.get_or_insert_default());
    queue.preferred_for.get_or_insert(duration_from_millis(30_000));
    queue.wrap_up_extension.get_or_insert(duration_from_millis(300_000));
    let CallbackPolicy { attempts, gap } = queue.callback.get_or_insert_default();
    if *attempts == 0 {
        *attempts = 3;
    }
    gap.get_or_insert(duration_from_millis(900_000));
    for ring in &mut queue.rings {
        ring.lasts = ring.lasts.filter(|lasts| contract::millis_of_duration(lasts) > 0);
    }
}

fn alternative(alternative: &mut Alternative) {
    if alternative.kind() == AlternativeKind::Unspecified {
        alternative.set_kind(AlternativeKind::AnyAgent);
    }
}

fn profile(profile: &mut RoutingProfile) {
    name(&mut profile.name, &profile.key);
    profile.capacities.sort_by_key(|capacity| capacity.channel);
    for capacity in &mut profile.capacities {
        capacity.interruptible_by.sort_unstable();
        capacity.interruptible_by.dedup();
    }
    if let Some(blending) = &mut profile.blending {
        blending.dwell.get_or_insert(duration_from_millis(60_000));
    }
    for served in &mut profile.queues {
        served.delay = served.delay.filter(|delay| contract::millis_of_duration(delay) > 0);
    }
}

fn hours(hours: &mut Hours) {
    name(&mut hours.name, &hours.key);
    hours.intervals.sort_by_key(|interval| (interval.weekday, interval.from_minute));
    hours.holidays.sort_by(|a, b| a.date.cmp(&b.date));
    for holiday in &mut hours.holidays {
        holiday.intervals.iter_mut().for_each(|interval| interval.weekday = 0);
        holiday.intervals.sort_by_key(|interval| interval.from_minute);
    }
}

fn entry_point(point: &mut EntryPoint) {
    name(&mut point.name, &point.key);
    if matches!(point.channel(), Channel::Chat | Channel::Video) {
        point.addresses.clear();
    }
}
