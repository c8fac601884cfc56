//! Agents, queues and routing profiles were configured: their names, limits, and who serves what.

use std::collections::BTreeSet;

use chassis::Received;
use contract::{Event, millis_of_duration};
use sqlx::PgConnection;

use super::on_progress::key;
use crate::{
    core::live::{DEFAULT_WITHIN, Queue},
    store::{agents, profiles, queues},
};

/// Keeps what a fact of the directory says; others change nothing.
pub async fn keep(connection: &mut PgConnection, tenant: &str, received: &Received) -> sqlx::Result<()> {
    let stored_at = received.stored_at.as_millis();
    match &received.envelope.event {
        Event::AgentConfigured(configured) => {
            let Some(agent) = &configured.agent else { return Ok(()) };
            let (id, name, profile) = (key(&agent.key), key(&agent.name), key(&agent.routing_profile));
            agents::configure(connection, tenant, &id, &name, &profile, stored_at).await
        }
        Event::AgentRemoved(removed) => {
            agents::remove(connection, tenant, &key(&removed.key), stored_at).await
        }
        Event::QueueConfigured(configured) => {
            let Some(queue) = &configured.queue else { return Ok(()) };
            let within =
                queue.service_level_within.as_ref().map(millis_of_duration).filter(|within| *within > 0);
            let name = if queue.name.is_empty() { key(&queue.key) } else { key(&queue.name) };
            let known = Queue { name, within: within.unwrap_or(DEFAULT_WITHIN), removed: false };
            queues::configure(connection, tenant, &key(&queue.key), &known, stored_at).await
        }
        Event::QueueRemoved(removed) => {
            queues::remove(connection, tenant, &key(&removed.key), stored_at).await
        }
        Event::RoutingProfileConfigured(configured) => {
            let Some(profile) = &configured.profile else { return Ok(()) };
            let served: BTreeSet<String> = profile.queues.iter().map(|rule| key(&rule.queue)).collect();
            profiles::configure(connection, tenant, &key(&profile.key), &served, stored_at).await
        }
        Event::RoutingProfileRemoved(removed) => {
            let none = BTreeSet::new();
            profiles::configure(connection, tenant, &key(&removed.key), &none, stored_at).await
        }
        _ => Ok(()),
    }
}
