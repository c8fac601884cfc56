//! Routing profiles: capacities and the queues they serve.

use std::collections::BTreeSet;

use contract::{
    directory::v1::{Blending, Centre, RoutingProfile},
    interaction::v1::Channel,
};

use super::{Found, Names};

/// Most routing profiles of a tenant.
const MAX_PROFILES: usize = 2_000;
/// Most queues of a profile.
const MAX_PROFILE_QUEUES: usize = 500;

pub(super) fn check(centre: &Centre, names: &Names<'_>, found: &mut Found) {
    let profiles =
        found.keyed("routing_profiles", &centre.routing_profiles, MAX_PROFILES, |profile| &profile.key);
    for (path, profile) in profiles {
        found.name(format!("{path}.name"), &profile.name);
        let mut seen = BTreeSet::new();
        found.count(format!("{path}.capacities"), profile.capacities.len(), 7);
        for (place, capacity) in profile.capacities.iter().take(7).enumerate() {
            let field = format!("{path}.capacities[{}]", name_of(capacity.channel, place));
            found.when(!is_channel(capacity.channel), format!("{field}.channel"), "is not a channel");
            found.when(!seen.insert(capacity.channel), format!("{field}.channel"), "is given more than once");
            found.when(!(1..=100).contains(&capacity.slots), format!("{field}.slots"), "must be 1 to 100");
            for (place, channel) in capacity.interruptible_by.iter().enumerate().take(7) {
                found.when(
                    !is_channel(*channel),
                    format!("{field}.interruptible_by[{place}]"),
                    "is not a channel",
                );
            }
        }
        let mut seen = BTreeSet::new();
        found.count(format!("{path}.queues"), profile.queues.len(), MAX_PROFILE_QUEUES);
        for (place, served) in profile.queues.iter().take(MAX_PROFILE_QUEUES).enumerate() {
            let field = format!("{path}.queues[{place}]");
            found.reference(format!("{field}.queue"), "queue", &served.queue, &names.queues);
            found.when(
                served.channel != 0 && !is_channel(served.channel),
                format!("{field}.channel"),
                "is not a channel",
            );
            found.when(
                !seen.insert((&served.queue, served.channel)),
                format!("{field}.queue"),
                "is given more than once for that channel",
            );
            found.when(
                !(-1_000..=1_000).contains(&served.priority),
                format!("{field}.priority"),
                "must be -1000 to 1000",
            );
            found.span(format!("{field}.delay"), served.delay.as_ref(), 0, 24 * 3_600_000);
        }
        found.when(
            !(0..=100).contains(&profile.max_offers_at_once),
            format!("{path}.max_offers_at_once"),
            "must be 1 to 100, or 0 for one on each channel",
        );
        if let Some(blending) = &profile.blending {
            check_blending(&format!("{path}.blending"), profile, blending, found);
        }
    }
}

fn check_blending(path: &str, profile: &RoutingProfile, blending: &Blending, found: &mut Found) {
    let served: BTreeSet<&str> = profile.queues.iter().map(|served| served.queue.as_str()).collect();
    let mut seen = BTreeSet::new();
    for (list, queues) in [("inbound", &blending.inbound), ("outbound", &blending.outbound)] {
        let field = format!("{path}.{list}");
        found.when(queues.is_empty(), field.as_str(), "is empty: there would be nothing to move between");
        found.count(field.as_str(), queues.len(), MAX_PROFILE_QUEUES);
        for (place, queue) in queues.iter().take(MAX_PROFILE_QUEUES).enumerate() {
            let field = format!("{field}[{place}]");
            found.when(
                !served.contains(queue.as_str()),
                field.as_str(),
                format!("names the queue {queue:?}, which the profile does not serve"),
            );
            found.when(!seen.insert(queue), field, "is given more than once");
        }
    }
    found.when(
        !(1..=100_000).contains(&blending.leave_at),
        format!("{path}.leave_at"),
        "must be 1 to 100000",
    );
    found.when(
        blending.return_at < 0 || blending.return_at >= blending.leave_at,
        format!("{path}.return_at"),
        "must be 0 or more, and below leave_at",
    );
    found.span(format!("{path}.dwell"), blending.dwell.as_ref(), 1_000, 3_600_000);
}

/// A capacity is known by its channel; by its position, counted from 0, when that is none.
fn name_of(channel: i32, place: usize) -> String {
    if is_channel(channel) {
        let name = Channel::try_from(channel).unwrap_or_default().as_str_name();
        name.trim_start_matches("CHANNEL_").to_lowercase()
    } else {
        place.to_string()
    }
}

/// A channel of this build, not "unspecified".
pub(super) fn is_channel(number: i32) -> bool {
    number != 0 && Channel::try_from(number).is_ok()
}
