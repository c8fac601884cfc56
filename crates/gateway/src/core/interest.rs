//! Which agents a fact concerns: those it names, and those who hold its interaction.
//!
//! Pure. Remembers holders only for agents somebody watches for, so its size is bounded by their work.

use std::collections::{BTreeMap, BTreeSet};

use contract::{Event, router::v1::OfferOutcome};

/// The agent a fact names, if it names one.
pub fn named_agent(event: &Event) -> Option<&str> {
    let agent = match event {
        Event::OfferMade(fact) => &fact.agent_id,
        Event::OfferEnded(fact) => &fact.agent_id,
        Event::InteractionAssigned(fact) => &fact.agent_id,
        Event::WrapUpStarted(fact) => &fact.agent_id,
        Event::InteractionClosed(fact) => &fact.agent_id,
        Event::AgentStateChanged(fact) => &fact.agent_id,
        Event::InteractionConnected(fact) => &fact.agent_id,
        Event::InteractionTransferred(fact) => &fact.from_agent_id,
        Event::InteractionParked(fact) => &fact.agent_id,
        Event::InteractionUnparked(fact) => &fact.agent_id,
        Event::WrapUpExtended(fact) => &fact.agent_id,
        Event::CallbackDue(fact) => &fact.agent_id,
        Event::CallbackAttemptEnded(fact) => &fact.agent_id,
        Event::CallGuestSignal(fact) => &fact.agent_id,
        _ => return None,
    };
    (!agent.is_empty()).then_some(agent.as_str())
}

/// What a fact does to who holds its interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The named agent holds it too: an offer.
    Joins,
    /// The named agent alone holds it: an assignment.
    Takes,
    /// The named agent holds it no more: an offer that was not accepted, a transfer.
    Leaves,
    /// Nobody holds it any more.
    Ends,
    /// As before.
    Stays,
}

/// What `event` does to the holders of its interaction.
pub fn change_of(event: &Event) -> Change {
    match event {
        Event::OfferMade(_) => Change::Joins,
        Event::InteractionAssigned(_) | Event::WrapUpStarted(_) | Event::InteractionUnparked(_) => {
            Change::Takes
        }
        // What is parked stays theirs: they read on what the customer writes.
        Event::InteractionTransferred(_) | Event::CallbackAttemptEnded(_) => Change::Leaves,
        Event::OfferEnded(fact) if fact.outcome() != OfferOutcome::Accepted => Change::Leaves,
        // Queued again by its ingress: parked, given to somebody else, given back.
        Event::InteractionClosed(_) | Event::InteractionQueued(_) => Change::Ends,
        _ => Change::Stays,
    }
}

/// Agents who are watched for in one tenant, and who of them holds what.
#[derive(Clone, Debug, Default)]
pub struct Interests {
    watched: BTreeSet<String>,
    holders: BTreeMap<String, BTreeSet<String>>,
}

impl Interests {
    /// Facts about `agent` are wanted from now on.
    pub fn watch(&mut self, agent: &str) {
        self.watched.insert(agent.to_owned());
    }

    /// Nobody wants facts about `agent` any more.
    pub fn unwatch(&mut self, agent: &str) {
        self.watched.remove(agent);
        self.holders.retain(|_, holders| {
            holders.remove(agent);
            !holders.is_empty()
        });
    }

    /// True when nobody is watched for.
    pub fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }

    /// `agent` holds these interactions, as the router says.
    pub fn hold(&mut self, agent: &str, interactions: impl IntoIterator<Item = String>) {
        if !self.watched.contains(agent) {
            return;
        }
        for interaction in interactions {
            self.holders.entry(interaction).or_default().insert(agent.to_owned());
        }
    }

    /// The agents a fact concerns. Learns from it who holds the interaction afterwards.
    pub fn concerned(&mut self, interaction: &str, event: &Event) -> BTreeSet<String> {
        let mut concerned = match event {
            // Whose call it is asks how it stands; only whom it names is rung.
            Event::CallGuestSignal(_) => BTreeSet::new(),
            _ => self.holders.get(interaction).cloned().unwrap_or_default(),
        };
        let named = named_agent(event).filter(|agent| self.watched.contains(*agent));
        concerned.extend(named.map(str::to_owned));
        if interaction.is_empty() {
            return concerned;
        }
        match (change_of(event), named) {
            (Change::Joins, Some(agent)) => self.hold(agent, [interaction.to_owned()]),
            (Change::Takes, agent) => {
                self.holders.remove(interaction);
                if let Some(agent) = agent {
                    self.hold(agent, [interaction.to_owned()]);
                }
            }
            (Change::Leaves, Some(agent)) => {
                if let Some(holders) = self.holders.get_mut(interaction) {
                    holders.remove(agent);
                    if holders.is_empty() {
                        self.holders.remove(interaction);
                    }
                }
            }
            (Change::Ends, _) => {
                self.holders.remove(interaction);
            }
            _ => {}
        }
        concerned
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use contract::{
        Event,
        interaction::v1::{InteractionEnded, InteractionQueued, MessageAdded},
        router::v1::{
            InteractionAssigned, InteractionClosed, InteractionParked, InteractionTransferred, OfferEnded,
            OfferMade, OfferOutcome,
        },
        voice::v1::CallGuestSignal,
    };

    use super::Interests;

    fn watching(agents: &[&str]) -> Interests {
        let mut interests = Interests::default();
        for agent in agents {
            interests.watch(agent);
        }
        interests
    }

    fn offered(agent: &str) -> Event {
        OfferMade { agent_id: agent.to_owned(), ..OfferMade::default() }.into()
    }

    fn offer_ended(agent: &str, outcome: OfferOutcome) -> Event {
        OfferEnded { agent_id: agent.to_owned(), outcome: outcome.into(), ..OfferEnded::default() }.into()
    }

    fn assigned(agent: &str) -> Event {
        InteractionAssigned { agent_id: agent.to_owned(), ..InteractionAssigned::default() }.into()
    }

    fn said() -> Event {
        MessageAdded::default().into()
    }

    fn names(agents: &[&str]) -> BTreeSet<String> {
        agents.iter().map(|agent| (*agent).to_owned()).collect()
    }

    #[test]
    fn what_is_said_concerns_the_agent_who_holds_the_chat_and_nobody_else() {
        let mut interests = watching(&["ann", "bob"]);

        interests.concerned("chat", &offered("ann"));
        interests.concerned("chat", &offer_ended("ann", OfferOutcome::Accepted));
        interests.concerned("chat", &assigned("ann"));

        assert_eq!(interests.concerned("chat", &said()), names(&["ann"]));
        assert_eq!(interests.concerned("other", &said()), names(&[]));
    }

    #[test]
    fn an_offer_that_was_declined_is_no_longer_theirs() {
        let mut interests = watching(&["ann"]);
        interests.concerned("chat", &offered("ann"));

        let told = interests.concerned("chat", &offer_ended("ann", OfferOutcome::Declined));

        assert_eq!(told, names(&["ann"]));
        assert_eq!(interests.concerned("chat", &said()), names(&[]));
    }

    #[test]
    fn the_last_word_about_an_interaction_is_heard_by_who_held_it() {
        let mut interests = watching(&["ann"]);
        interests.hold("ann", ["chat".to_owned()]);

        let ended = interests.concerned("chat", &InteractionEnded::default().into());
        let closed = interests.concerned("chat", &InteractionClosed::default().into());

        assert_eq!((ended, closed), (names(&["ann"]), names(&["ann"])));
        assert!(interests.holders.is_empty());
    }

    #[test]
    fn what_is_parked_stays_with_the_agent_and_what_is_transferred_does_not() {
        let mut interests = watching(&["ann"]);
        interests.hold("ann", ["chat".to_owned()]);

        let parked = InteractionParked { agent_id: "ann".to_owned(), ..InteractionParked::default() };
        interests.concerned("chat", &parked.into());
        let written = interests.concerned("chat", &said());
        let moved = InteractionTransferred { from_agent_id: "ann".to_owned(), ..Default::default() };
        let told = interests.concerned("chat", &moved.into());

        assert_eq!((written, told), (names(&["ann"]), names(&["ann"])));
        assert_eq!(interests.concerned("chat", &said()), names(&[]));
    }

    #[test]
    fn an_interaction_that_moves_to_another_agent_leaves_the_first() {
        let mut interests = watching(&["ann", "bob"]);
        interests.hold("ann", ["chat".to_owned()]);

        let told = interests.concerned("chat", &assigned("bob"));

        assert_eq!(told, names(&["ann", "bob"]));
        assert_eq!(interests.concerned("chat", &said()), names(&["bob"]));
    }

    #[test]
    fn what_is_queued_again_is_told_to_who_held_it_and_is_theirs_no_more() {
        let mut interests = watching(&["ann"]);
        interests.hold("ann", ["call".to_owned()]);

        let told = interests.concerned("call", &InteractionQueued::default().into());

        assert_eq!(told, names(&["ann"]));
        assert_eq!(interests.concerned("call", &InteractionEnded::default().into()), names(&[]));
    }

    #[test]
    fn whoever_is_asked_into_a_call_hears_of_it_without_holding_it() {
        let mut interests = watching(&["ann", "bob"]);
        interests.hold("ann", ["call".to_owned()]);

        let asked = CallGuestSignal { agent_id: "bob".to_owned(), ..CallGuestSignal::default() };
        let told = interests.concerned("call", &asked.into());

        assert_eq!(told, names(&["bob"]));
        assert_eq!(interests.concerned("call", &InteractionEnded::default().into()), names(&["ann"]));
    }

    #[test]
    fn nothing_is_remembered_for_agents_nobody_watches_for() {
        let mut interests = watching(&["ann"]);
        interests.concerned("call", &offered("bob"));
        interests.hold("ann", ["chat".to_owned()]);

        interests.unwatch("ann");

        assert!(interests.holders.is_empty() && interests.is_empty());
    }
}
