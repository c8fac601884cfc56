//! The router of one partition: one fold over one log.

use contract::Timestamp;

use super::{
    channel::Channel,
    decision::Decision,
    effect::Effect,
    estimate::Estimate,
    ids::{InteractionId, MessageId, Name},
    input::{Entry, Input},
    lookup::{Lookup, Recent},
    mutation::{Guard, stands},
    tenant::{AgentView, QueueView, Tenant, Turn, WorkView, invariants::Violation, unknown_tenant},
};

/// How many of the last message ids are remembered. JetStream itself refuses a repeated id within its own window; this
/// guards against a producer that repeats one later.
pub const REMEMBERED_MESSAGES: usize = 16_384;

/// Decides which agent is offered which interaction, for the tenants of one partition.
///
/// Pure: time arrives with each [`Entry`]; what should happen leaves as [`Effect`]s, all for the entry's tenant. The
/// invariants R1 … are in the crate's README and checked by [`Router::check`].
#[derive(Clone, Debug)]
pub struct Router {
    pub(super) partition: u16,
    /// Of the last entry handled.
    pub(super) sequence: u64,
    pub(super) now: Timestamp,
    pub(super) recent: Recent<MessageId, REMEMBERED_MESSAGES>,
    pub(super) tenants: Vec<Tenant>,
    pub(super) tenant_of: Lookup<Name, u32>,
}

impl Router {
    /// A router that has read nothing of the log of `partition`.
    pub fn new(partition: u16) -> Self {
        Self {
            partition,
            sequence: 0,
            now: Timestamp::default(),
            recent: Recent::default(),
            tenants: Vec::new(),
            tenant_of: Lookup::default(),
        }
    }

    /// Takes the next entry of the log. An entry at or before the last one, or with a message id seen lately, changes
    /// nothing and leads to nothing. Time never goes back.
    pub fn handle(&mut self, entry: Entry) -> Vec<Effect> {
        if entry.sequence <= self.sequence {
            return Vec::new();
        }
        self.sequence = entry.sequence;
        self.now = self.now.max(entry.at);
        if !self.recent.insert(entry.message) && stands(Guard::OnceOnly) {
            return Vec::new();
        }
        let tenant = match self.tenant_of.get(&entry.tenant) {
            Some(tenant) => tenant,
            None if entry.input.is_command() || entry.input == Input::DeadlinePassed => {
                return unknown_tenant(&entry.input, entry.message);
            }
            None => {
                let tenant = self.tenants.len() as u32;
                self.tenants.push(Tenant::new(entry.tenant.clone(), self.now));
                self.tenant_of.insert(entry.tenant.clone(), tenant);
                tenant
            }
        };
        let mut turn = Turn::new(self.partition, entry.sequence, self.now);
        self.tenants[tenant as usize].handle(&mut turn, entry);
        turn.effects
    }

    /// The earliest deadline of all tenants, and whose it is. When it has passed, `DeadlinePassed` belongs in the log.
    pub fn next_deadline(&mut self) -> Option<(Timestamp, Name)> {
        let deadlines =
            self.tenants.iter_mut().filter_map(|tenant| Some((tenant.next_deadline()?, &tenant.name)));
        deadlines.min().map(|(at, tenant)| (at, tenant.clone()))
    }

    /// Which log this is the fold of.
    pub fn partition(&self) -> u16 {
        self.partition
    }

    /// Of the last entry handled.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The log's time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    fn tenant(&self, name: &Name) -> Option<&Tenant> {
        self.tenant_of.get(name).map(|tenant| &self.tenants[tenant as usize])
    }

    /// How the router sees an interaction that waits or is offered: every agent of the queue, and why not.
    pub fn explain(&self, tenant: &Name, interaction: InteractionId) -> Option<Decision> {
        let decision = self.tenant(tenant)?.explain(interaction)?;
        Some(Decision { decided_at: self.now, log_sequence: self.sequence, ..decision })
    }

    /// One interaction, unless it is closed or was never queued.
    pub fn work(&self, tenant: &Name, interaction: InteractionId) -> Option<WorkView> {
        self.tenant(tenant)?.work_view(interaction)
    }

    /// One agent, if configured.
    pub fn agent(&self, tenant: &Name, agent: &Name) -> Option<AgentView> {
        self.tenant(tenant)?.agent_view(agent)
    }

    /// Configured agents whose key comes after `after`, by key, at most `limit`.
    pub fn agents(&self, tenant: &Name, after: &str, limit: usize) -> Vec<AgentView> {
        self.tenant(tenant).map(|tenant| tenant.agent_views(after, limit)).unwrap_or_default()
    }

    /// Every queue, by key.
    pub fn queues(&self, tenant: &Name) -> Vec<QueueView> {
        self.tenant(tenant).map(|tenant| tenant.queue_views(self.now)).unwrap_or_default()
    }

    /// Whether a tenant is known.
    pub fn is_inhabited(&self) -> bool {
        !self.tenants.is_empty()
    }

    /// How many interactions are anywhere between queued and closed.
    pub fn open_interactions(&self) -> usize {
        self.tenants.iter().map(|tenant| tenant.interactions.iter().count()).sum()
    }

    /// The facts of all tenants as bytes, without what the router remembers of the log: equal before and after an entry
    /// that changes nothing.
    pub fn facts(&self) -> Result<Vec<u8>, super::RestoreError> {
        let facts: Vec<_> = self.tenants.iter().map(Tenant::to_snapshot).collect();
        postcard::to_stdvec(&facts).map_err(super::RestoreError::Unwritable)
    }

    /// As [`Router::check`], when that takes well under a second.
    pub fn check_if_small(&self) -> Result<(), Violation> {
        let small = |tenant: &&Tenant| tenant.agents.len() * tenant.interactions.iter().count() <= 200_000;
        self.tenants.iter().filter(small).try_for_each(Tenant::check)
    }

    /// Whether a queue is served; one that nobody knows is.
    pub fn is_open(&self, tenant: &Name, queue: &Name) -> bool {
        self.tenant(tenant).is_none_or(|tenant| tenant.is_queue_open(queue))
    }

    /// Agents of a queue who are available or have work in hand.
    pub fn staffed(&self, tenant: &Name, queue: &Name) -> usize {
        self.tenant(tenant).map(|tenant| tenant.staffed(queue)).unwrap_or_default()
    }

    /// How long a waiting interaction still has to wait.
    pub fn estimate(&self, tenant: &Name, interaction: InteractionId) -> Option<Estimate> {
        self.tenant(tenant)?.estimate(interaction, self.now)
    }

    /// Checks an offer just made: within slots, interruption and pace.
    pub fn check_offer(
        &self,
        tenant: &Name,
        agent: &Name,
        channel: Channel,
        by_hand: bool,
    ) -> Result<(), Violation> {
        self.tenant(tenant).map_or(Ok(()), |tenant| tenant.check_offer(agent, channel, by_hand))
    }

    /// Checks the invariants of all tenants by looking at everything.
    pub fn check(&self) -> Result<(), Violation> {
        self.tenants.iter().try_for_each(Tenant::check)
    }
}
