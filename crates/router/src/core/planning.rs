//! What planning asks of a state: who works here, and what is in hand.

use contract::Timestamp;

use super::{
    Router,
    config::AgentConfig,
    ids::{InteractionId, Name},
};

impl Router {
    /// Every configured agent of a tenant.
    pub fn people(&self, tenant: &Name) -> Vec<(Name, AgentConfig)> {
        let Some(tenant) = self.tenant_of.get(tenant) else { return Vec::new() };
        let agents = self.tenants[tenant as usize].agents.iter();
        agents.filter_map(|agent| Some((agent.name.clone(), agent.config.clone()?))).collect()
    }

    /// The rings of an interaction that is not closed: expression, and from when on each applies. After a last ring that
    /// ends, everyone who serves the queue: no expression.
    pub fn rings(&self, tenant: &Name, interaction: InteractionId) -> Vec<(String, Timestamp)> {
        let Some(tenant) = self.tenant_of.get(tenant) else { return Vec::new() };
        let tenant = &self.tenants[tenant as usize];
        let Some((_, held)) = tenant.interactions.iter().find(|(_, held)| held.id == interaction) else {
            return Vec::new();
        };
        let of_queue = tenant.queues[held.queue as usize].config.as_ref();
        let rings = match of_queue {
            Some(config) if held.rings.is_empty() => &config.rings,
            _ => &held.rings[..],
        };
        let mut from = held.search_from;
        let mut spans = Vec::with_capacity(rings.len() + 1);
        for ring in rings {
            spans.push((ring.expression.to_string(), from));
            match ring.lasts_ms {
                Some(lasts) => from = from.plus_millis(i64::from(lasts)),
                None => return spans,
            }
        }
        spans.push((String::new(), from));
        spans
    }

    /// Everything of a tenant between queued and closed, with who was offered it, holds it or wraps it up.
    pub fn open_work(&self, tenant: &Name) -> Vec<(InteractionId, Option<Name>)> {
        let Some(tenant) = self.tenant_of.get(tenant) else { return Vec::new() };
        let tenant = &self.tenants[tenant as usize];
        let open = tenant.interactions.iter().map(|(_, held)| {
            let agent = held.stage.agent().map(|agent| tenant.agents[agent as usize].name.clone());
            (held.id, agent)
        });
        open.collect()
    }
}
