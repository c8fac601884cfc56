//! Every subject, stream and bucket of the bus, as constructors. Nobody else writes one.
//!
//! `switchboard.evt.<context>.v1.<event>.<partition>.<tenant>`: facts, stream [`EVENTS`].
//! `switchboard.cmd.<context>.v1.<verb>.<instance>`: live control, request and reply, no stream.
//! `switchboard.live.<context>.v1.<signal>.<tenant>`: passing signs of life, no stream.
//! `switchboard.dlq.<service>.<original subject>`: what a consumer gave up on, stream [`DEAD_LETTERS`].

/// Stream of all facts, and of the commands to the router.
pub const EVENTS: &str = "EVENTS";
/// Subjects of [`EVENTS`].
pub const EVENTS_SUBJECTS: &str = "switchboard.evt.>";
/// Stream of messages that a consumer could not handle.
pub const DEAD_LETTERS: &str = "DLQ";
/// Subjects of [`DEAD_LETTERS`].
pub const DEAD_LETTERS_SUBJECTS: &str = "switchboard.dlq.>";
/// Key-value bucket of leases: one leader per key.
pub const LEASES: &str = "switchboard_leases";
/// Key-value bucket of live instances and their heartbeats.
pub const INSTANCES: &str = "switchboard_instances";

/// How many partitions the facts of all tenants are spread over. Fixed for ever.
pub const PARTITIONS: u16 = 16;

/// The partition whose order a tenant's facts keep: FNV-1a of the slug, modulo [`PARTITIONS`].
pub fn partition_of(tenant: &str) -> u16 {
    let hash = tenant.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash % u64::from(PARTITIONS)) as u16
}

/// Subject of a fact: `event("router", "offer_made", "demo")`.
pub fn event(context: &str, name: &str, tenant: &str) -> String {
    format!("switchboard.evt.{context}.v1.{name}.{}.{tenant}", partition_of(tenant))
}

/// All facts of one partition, of every context.
pub fn events_of_partition(partition: u16) -> String {
    format!("switchboard.evt.*.v1.*.{partition}.>")
}

/// All facts of one context in one partition: what the router's leader writes, and is fenced by.
pub fn context_of_partition(context: &str, partition: u16) -> String {
    format!("switchboard.evt.{context}.v1.*.{partition}.>")
}

/// One kind of fact of one context in one partition.
pub fn event_of_partition(context: &str, name: &str, partition: u16) -> String {
    format!("switchboard.evt.{context}.v1.{name}.{partition}.>")
}

/// All facts of one tenant.
pub fn events_of_tenant(tenant: &str) -> String {
    format!("switchboard.evt.*.v1.*.{}.{tenant}", partition_of(tenant))
}

/// One kind of fact, of every tenant.
pub fn events_named(context: &str, name: &str) -> String {
    format!("switchboard.evt.{context}.v1.{name}.>")
}

/// Live control of what one instance holds: `command("voice", "hang_up", "voice-0")`.
pub fn command(context: &str, verb: &str, instance: &str) -> String {
    format!("switchboard.cmd.{context}.v1.{verb}.{instance}")
}

/// All live commands to one instance.
pub fn commands_of_instance(context: &str, instance: &str) -> String {
    format!("switchboard.cmd.{context}.v1.*.{instance}")
}

/// Passing signs of life: `live("chat", "signal", "demo")`.
pub fn live(context: &str, signal: &str, tenant: &str) -> String {
    format!("switchboard.live.{context}.v1.{signal}.{tenant}")
}

/// One kind of live signal of every tenant.
pub fn live_of_all(context: &str, signal: &str) -> String {
    format!("switchboard.live.{context}.v1.{signal}.*")
}

/// Where `service` leaves a message it gave up on.
pub fn dead_letter(service: &str, original: &str) -> String {
    format!("switchboard.dlq.{service}.{original}")
}

/// Service and original subject of a dead letter, if it is one.
pub fn parse_dead_letter(subject: &str) -> Option<(&str, &str)> {
    subject.strip_prefix("switchboard.dlq.")?.split_once('.')
}

/// Tenant of a fact's subject, if it is one.
pub fn tenant_of(subject: &str) -> Option<&str> {
    subject.starts_with("switchboard.evt.").then(|| subject.rsplit('.').next()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{dead_letter, event, parse_dead_letter, partition_of, tenant_of};

    #[test]
    fn a_tenants_partition_never_changes() {
        assert_eq!(partition_of("demo"), 6);
        assert_eq!(partition_of("acme"), 15);
    }

    #[test]
    fn a_dead_letter_names_who_gave_up_and_what() {
        let original = event("router", "offer_made", "demo");

        let letter = dead_letter("crm", &original);

        assert_eq!(parse_dead_letter(&letter), Some(("crm", original.as_str())));
        assert_eq!(tenant_of(&original), Some("demo"));
    }
}
