//! What an observer of the log sees: no interaction twice in anyone's hands, no agent overloaded, everything closed once.

use std::collections::{BTreeMap, BTreeSet};

use super::log::{Body, Log, Message};
use crate::core::{Channel, Effect, Input, InteractionId, Name, OfferId, Outcome};

#[derive(Default)]
pub(super) struct History {
    read: usize,
    effects: Vec<Effect>,
    queued: BTreeSet<InteractionId>,
    ended: BTreeSet<InteractionId>,
    live_offers: BTreeMap<OfferId, (InteractionId, Name)>,
    /// Who did not take what at the input looked at last.
    refused: Option<(u64, Vec<(InteractionId, Name)>)>,
    /// In an agent's hands, since which input.
    assigned: BTreeMap<InteractionId, u64>,
    /// The inputs that last put an interaction in a queue.
    requeued: BTreeMap<InteractionId, Vec<u64>>,
    offers: usize,
    closed: usize,
}

impl History {
    /// Messages that were not observed yet.
    pub(super) fn unread<'a>(&mut self, log: &'a Log) -> &'a [Message] {
        let unread = &log.entries()[self.read..];
        self.read = log.entries().len();
        unread
    }

    pub(super) fn observe(&mut self, message: &Message) -> Result<(), String> {
        match &message.body {
            Body::Input(Input::InteractionQueued(queued)) => {
                self.requeued.entry(queued.interaction).or_default().push(message.sequence);
                if !self.ended.contains(&queued.interaction) {
                    self.queued.insert(queued.interaction);
                }
                Ok(())
            }
            Body::Input(Input::InteractionEnded(interaction, _)) => {
                self.ended.insert(*interaction);
                Ok(())
            }
            Body::Input(_) => Ok(()),
            Body::Output(id, effect) => {
                self.effects.push(effect.clone());
                self.check(id.input, effect)
                    .map_err(|problem| format!("{problem}\n  at output {id}: {effect:?}"))
            }
        }
    }

    fn check(&mut self, input: u64, effect: &Effect) -> Result<(), String> {
        match effect {
            Effect::CallbackScheduled { interaction, .. } => {
                self.queued.insert(*interaction);
            }
            Effect::CallbackAttemptEnded { interaction, attempt, .. } => {
                self.assigned.remove(interaction);
                if *attempt > super::centre::MOST_ATTEMPTS {
                    return Err("a customer is called back for ever".into());
                }
            }
            Effect::InteractionTransferred { interaction, .. } => {
                self.assigned.remove(interaction);
            }
            Effect::OfferMade { offer, interaction, agent, manner, .. } => {
                self.offers += 1;
                let again = self.refused.as_ref().is_some_and(|(at, refused)| {
                    *at == input && refused.contains(&(*interaction, agent.clone()))
                });
                if again && !manner.by_hand {
                    return Err("R11 does not hold: offered again to who did not take it".into());
                }
                if let Some(since) = self.assigned.get(interaction).copied() {
                    let queued = self.requeued.get(interaction).map(Vec::as_slice).unwrap_or_default();
                    if queued.iter().any(|at| *at > since && *at <= input) {
                        self.assigned.remove(interaction);
                    }
                }
                // What rings at all rings at each of them once.
                let twice = self
                    .live_offers
                    .values()
                    .any(|(live, rung)| live == interaction && !(manner.ring_all && rung != agent))
                    || self.assigned.contains_key(interaction);
                if twice {
                    return Err("R4 does not hold: offered while in someone's hands".into());
                }
                if self.live_offers.insert(*offer, (*interaction, agent.clone())).is_some() {
                    return Err("an offer id names two attempts".into());
                }
            }
            Effect::OfferEnded { offer, interaction, outcome, agent, .. } => {
                if matches!(outcome, Outcome::Declined | Outcome::TimedOut | Outcome::Unreachable) {
                    let pair = (*interaction, agent.clone());
                    match &mut self.refused {
                        Some((at, refused)) if *at == input => refused.push(pair),
                        _ => self.refused = Some((input, vec![pair])),
                    }
                }
                let was_live = self.live_offers.remove(offer).is_some();
                let came_back =
                    *outcome == Outcome::Unreachable && self.assigned.remove(interaction).is_some();
                if !was_live && !came_back {
                    return Err("an offer ended twice".into());
                }
            }
            Effect::InteractionAssigned { interaction, .. } => {
                if self.live_offers.values().any(|(live, _)| live == interaction) {
                    return Err("R4 does not hold: rings on though it is taken".into());
                }
                if self.assigned.insert(*interaction, input).is_some() {
                    return Err("R4 does not hold: assigned to two agents".into());
                }
            }
            Effect::InteractionClosed(closed) => {
                self.assigned.remove(&closed.interaction);
                self.ended.insert(closed.interaction);
                if !self.queued.remove(&closed.interaction) {
                    return Err("closed twice, or never queued".into());
                }
                self.closed += 1;
            }
            Effect::AgentStateChanged { now, .. } => {
                for channel in Channel::ALL {
                    let load = now.loads[channel];
                    if load.used > load.slots.max(super::world::MOST_SLOTS) {
                        return Err("R1 does not hold: more work than any capacity".into());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Nothing is open.
    pub(super) fn everything_is_closed(&self) -> bool {
        self.queued.is_empty() && self.live_offers.is_empty()
    }

    pub(super) fn dbg(&self) -> String {
        let all: Vec<String> = self
            .effects
            .iter()
            .map(|e| format!("{e:?}"))
            .filter(|e| {
                self.queued.iter().any(|q| e.contains(&format!("interaction: InteractionId({})", q.0)))
            })
            .collect();
        format!("{:?} {}", self.queued, all.join("\n"))
    }

    pub(super) fn open(&self) -> usize {
        self.queued.len()
    }

    pub(super) fn offers(&self) -> usize {
        self.offers
    }

    pub(super) fn closed(&self) -> usize {
        self.closed
    }

    /// The outputs of the log are what one undisturbed fold says: none lost, none twice, none out of order.
    pub(super) fn must_equal(&self, fold: &[Effect]) -> Result<(), String> {
        if let Some(at) =
            (0..fold.len().max(self.effects.len())).find(|at| fold.get(*at) != self.effects.get(*at))
        {
            return Err(format!(
                "output {at} differs\n  the log says  {:?}\n  the fold says {:?}",
                self.effects.get(at),
                fold.get(at)
            ));
        }
        Ok(())
    }
}
