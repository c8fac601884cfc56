//! What the agent and the router do.

use contract::{
    Event,
    chat::v1::conversation_signal::Signal,
    interaction::v1::{EndReason, InteractionConnected, Party},
};

use super::{
    Conversation, Outcome, Phase, Refusal, Script, Step,
    customer::sign,
    input::{Actor, Said},
    label,
    outcome::Author,
};

impl Conversation {
    pub(super) fn assigned(
        &mut self,
        agent_id: &str,
        agent_name: &str,
        offer_id: &str,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) {
        match &self.phase {
            // The router hears of the end by itself.
            Phase::Ended { .. } => return,
            Phase::WithAgent { offer_id: present, .. } if present == offer_id => return,
            Phase::Flow | Phase::Queued { .. } | Phase::WithAgent { .. } => {}
        }
        self.say_as_system(label::joined(agent_name), step, outcome);
        self.parked = false;
        self.phase = Phase::WithAgent {
            agent_id: agent_id.to_owned(),
            agent_name: agent_name.to_owned(),
            offer_id: offer_id.to_owned(),
        };
        self.script = Script { turn: self.script.turn, ..Script::default() };
        outcome.announce(Event::from(InteractionConnected {
            agent_id: agent_id.to_owned(),
            offer_id: offer_id.to_owned(),
        }));
    }

    pub(super) fn agent_says(
        &mut self,
        agent: &Actor,
        said: &Said,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), Refusal> {
        let name = self.require_agent(agent)?;
        if said.text.is_empty() && said.attachments.is_empty() {
            return Err(Refusal::Empty);
        }
        let author = Author {
            party: Party::Agent,
            id: &agent.user_id,
            name: &name,
            client_message_id: &said.client_message_id,
        };
        self.append(&author, said.text.clone(), said.attachments.clone(), Vec::new(), step, outcome);
        Ok(())
    }

    pub(super) fn agent_marks(
        &mut self,
        agent: &Actor,
        seen: i64,
        outcome: &mut Outcome,
    ) -> Result<(), Refusal> {
        let holder = match &self.phase {
            Phase::WithAgent { agent_id, .. } | Phase::Ended { agent_id, .. } => agent_id,
            Phase::Flow | Phase::Queued { .. } => return Err(Refusal::NotConnected),
        };
        if *holder != agent.user_id && !agent.may_act_for_others {
            return Err(Refusal::NotYours);
        }
        let seen = seen.min(self.last_sequence);
        // A supervisor who looks in is not the agent who has seen it.
        if seen > self.marks.agent_seen && *holder == agent.user_id {
            self.marks.agent_seen = seen;
            outcome.signals.push(sign(Party::Agent, Signal::SeenSequence(seen)));
        }
        Ok(())
    }

    pub(super) fn agent_ends(
        &mut self,
        agent: &Actor,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), Refusal> {
        if let Phase::Ended { agent_id, .. } = &self.phase {
            let allowed = *agent_id == agent.user_id || agent.may_act_for_others;
            return if allowed { Ok(()) } else { Err(Refusal::NotYours) };
        }
        self.require_agent(agent)?;
        self.end(EndReason::AgentEnded, Party::Agent, "", step, outcome);
        Ok(())
    }

    /// True when this user may see who writes into it.
    pub fn may_be_written_by(&self, agent: &Actor) -> Result<(), Refusal> {
        self.require_agent(agent).map(|_| ())
    }

    /// Checks that `agent` may write; returns the name that customers see.
    fn require_agent(&self, agent: &Actor) -> Result<String, Refusal> {
        match &self.phase {
            Phase::Ended { .. } => Err(Refusal::Ended),
            Phase::WithAgent { agent_id, agent_name, .. } if *agent_id == agent.user_id => {
                Ok(agent_name.clone())
            }
            Phase::WithAgent { .. } if agent.may_act_for_others => Ok(agent.name.clone()),
            Phase::WithAgent { .. } => Err(Refusal::NotYours),
            Phase::Flow | Phase::Queued { .. } => Err(Refusal::NotConnected),
        }
    }
}
