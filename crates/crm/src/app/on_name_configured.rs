//! An agent or a queue got a name: timelines use it from now on. Who is removed keeps the last name.

use chassis::Received;
use contract::Event;
use sqlx::PgConnection;

use crate::{
    core::text,
    store::names::{self, Named},
};

/// Keeps the names that `facts` give.
pub async fn keep(connection: &mut PgConnection, tenant: &str, facts: &[&Received]) -> sqlx::Result<()> {
    for received in facts {
        if let Some((kind, key, name)) = named(&received.envelope.event) {
            let stored_at = received.stored_at.as_millis();
            names::put(connection, tenant, kind, key, &text::name(name), stored_at).await?;
        }
    }
    Ok(())
}

fn named(event: &Event) -> Option<(Named, &str, &str)> {
    let (kind, key, name) = match event {
        Event::AgentConfigured(configured) => {
            let agent = configured.agent.as_ref()?;
            (Named::Agent, &agent.key, &agent.name)
        }
        Event::QueueConfigured(configured) => {
            let queue = configured.queue.as_ref()?;
            (Named::Queue, &queue.key, &queue.name)
        }
        _ => return None,
    };
    (!name.is_empty()).then_some((kind, key, name))
}
