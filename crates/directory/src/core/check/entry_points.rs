//! Entry points: addresses, flows and origins.

use std::collections::BTreeMap;

use contract::{
    directory::v1::{Centre, EntryPoint},
    interaction::v1::Channel,
};

use super::{Found, Known, people::is_email, profiles::is_channel};

/// Most entry points of a tenant.
const MAX_ENTRY_POINTS: usize = 5_000;

pub(super) fn check(centre: &Centre, known: &Known, found: &mut Found) {
    let mut owners: BTreeMap<(i32, &str), &str> = BTreeMap::new();
    let points = found.keyed("entry_points", &centre.entry_points, MAX_ENTRY_POINTS, |point| &point.key);
    for (path, point) in points {
        found.name(format!("{path}.name"), &point.name);
        found.when(!is_channel(point.channel), format!("{path}.channel"), "is not a channel");
        if point.flow.is_empty() {
            found.add(format!("{path}.flow"), "is missing");
        } else if !known.flows.contains(&point.flow) {
            let reason = format!("names the flow {:?}, which is not described", point.flow);
            found.add(format!("{path}.flow"), reason);
        }
        check_addresses(&path, point, found);
        for (place, address) in point.addresses.iter().take(1_000).enumerate() {
            if let Some(owner) = owners.insert((point.channel, address), &point.key) {
                let reason = format!("belongs to the entry point {owner:?} already");
                found.add(format!("{path}.addresses[{place}]"), reason);
            }
        }
        check_origins(&path, point, found);
    }
}

fn check_addresses(path: &str, point: &EntryPoint, found: &mut Found) {
    found.count(format!("{path}.addresses"), point.addresses.len(), 1_000);
    let channel = Channel::try_from(point.channel).unwrap_or_default();
    found.when(
        point.addresses.is_empty()
            && !matches!(channel, Channel::Chat | Channel::Video | Channel::Unspecified),
        format!("{path}.addresses"),
        "is empty: nobody could reach it",
    );
    for (place, address) in point.addresses.iter().take(1_000).enumerate() {
        let wrong = match channel {
            Channel::Voice | Channel::Sms | Channel::Fax => {
                (!is_number(address)).then_some("is not a number like \"+15550100\"")
            }
            Channel::Email => (!is_email(address)).then_some("is not a mail address"),
            Channel::Chat | Channel::Video => {
                (*address != point.key).then_some("must be the key itself, or left out")
            }
            Channel::Social | Channel::Unspecified => (address.trim().is_empty()
                || address.chars().count() > 200
                || address.chars().any(char::is_control))
            .then_some("must have 1 to 200 printable characters"),
        };
        if let Some(reason) = wrong {
            found.add(format!("{path}.addresses[{place}]"), reason);
        }
    }
}

fn check_origins(path: &str, point: &EntryPoint, found: &mut Found) {
    let is_web = matches!(Channel::try_from(point.channel), Ok(Channel::Chat | Channel::Video));
    let field = format!("{path}.allowed_origins");
    found.when(!point.allowed_origins.is_empty() && !is_web, field.as_str(), "is only for widgets on pages");
    found.count(field.as_str(), point.allowed_origins.len(), 100);
    for (place, origin) in point.allowed_origins.iter().take(100).enumerate() {
        found.when(
            !is_origin(origin),
            format!("{field}[{place}]"),
            "is not an origin like \"https://shop.example\"",
        );
    }
}

/// E.164 with "+": 7 to 15 digits, the first not 0.
fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Scheme, host and perhaps port, as browsers send it: lower case, no path (RFC 6454 section 6.2).
fn is_origin(text: &str) -> bool {
    let Some(host) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.[:]_".contains(c);
    !name.is_empty()
        && text.len() <= 300
        && name.chars().all(is_name)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}
