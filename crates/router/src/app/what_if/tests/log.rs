//! A log made in virtual time: customers and agents around the real core, and every message told as it is written.

use std::collections::{BTreeMap, BTreeSet};

use chassis::Received;
use contract::{
    Envelope, Event, Timestamp,
    interaction::v1::{self as interaction, Channel},
    router::v1::{self as router, routing_command::Command},
};

use crate::{
    app::convert::{inputs, outputs},
    core::Router,
};

pub(super) const TENANT: &str = "demo";
pub(super) const BEGIN: i64 = 1_700_000_000_000;
pub(super) const MINUTE: i64 = 60_000;
const PAPERWORK: i64 = 5_000;

/// Somebody who wants an agent; times in milliseconds, `at` after the beginning of the log.
pub(super) struct Caller {
    pub at: i64,
    pub channel: Channel,
    pub queue: String,
    pub patience: i64,
    pub talk: i64,
}

enum Happening {
    Says(Event),
    GivesUp,
}

pub(super) struct Log<F> {
    take: F,
    router: Router,
    /// Of the last message.
    pub sequence: u64,
    agenda: BTreeMap<(i64, u64), (String, Happening)>,
    planned: u64,
    talks: BTreeMap<String, i64>,
    answered: BTreeSet<String>,
    /// Some offers are declined, some ring in vain.
    pub careless: bool,
}

impl<F: FnMut(&Received)> Log<F> {
    pub(super) fn new(take: F) -> Self {
        Self {
            take,
            router: Router::new(contract::subject::partition_of(TENANT)),
            sequence: 0,
            agenda: BTreeMap::new(),
            planned: 0,
            talks: BTreeMap::new(),
            answered: BTreeSet::new(),
            careless: false,
        }
    }

    /// Plays until nothing is left to do.
    pub(super) fn play(&mut self) {
        while let Some((&(at, _), _)) = self.agenda.first_key_value() {
            while let Some((deadline, _)) = self.router.next_deadline()
                && deadline.as_millis() <= BEGIN + at
            {
                let passed = router::DeadlinePassed { deadline: Some(deadline.to_proto()) };
                let event = command(Command::DeadlinePassed(passed));
                self.say(deadline.as_millis() - BEGIN, "", event);
            }
            let Some(((at, _), (id, happening))) = self.agenda.pop_first() else { return };
            match happening {
                Happening::Says(event) => self.say(at, &id, event),
                Happening::GivesUp if self.answered.contains(&id) => {}
                Happening::GivesUp => self.say(at, &id, interaction::InteractionEnded::default().into()),
            }
        }
    }

    fn planned(&mut self, at: i64, interaction: &str, happening: Happening) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), (interaction.to_owned(), happening));
    }

    pub(super) fn plan(&mut self, at: i64, interaction: &str, event: Event) {
        self.planned(at, interaction, Happening::Says(event));
    }

    pub(super) fn status(&mut self, at: i64, agent: &str, status: router::AgentStatus) {
        let (agent_id, status) = (agent.to_owned(), status.into());
        let set = router::SetAgentStatus { agent_id, status, ..Default::default() };
        self.plan(at, "", command(Command::SetAgentStatus(set)));
    }

    pub(super) fn arrives(&mut self, caller: Caller) {
        let Caller { at, channel, queue, patience, talk } = caller;
        let id = uuid::Uuid::from_u128(self.talks.len() as u128 + 1).to_string();
        let queued = interaction::InteractionQueued { channel: channel.into(), queue, ..Default::default() };
        self.plan(at, &id, queued.into());
        self.planned(at + patience, &id, Happening::GivesUp);
        self.talks.insert(id, talk);
    }

    fn push(&mut self, at: i64, envelope: Envelope) -> Received {
        self.sequence += 1;
        let stored_at = Timestamp::from_millis(BEGIN + at);
        let received = Received { envelope, subject: String::new(), sequence: self.sequence, stored_at };
        (self.take)(&received);
        received
    }

    fn say(&mut self, at: i64, interaction: &str, event: Event) {
        let envelope = Envelope {
            message_id: uuid::Uuid::from_u128(1 << 100 | u128::from(self.sequence)).to_string(),
            tenant_id: TENANT.into(),
            interaction_id: interaction.to_owned(),
            causation_id: String::new(),
            occurred_at: Timestamp::from_millis(BEGIN + at),
            producer: String::new(),
            traceparent: String::new(),
            event,
        };
        let received = self.push(at, envelope);
        let Some(entry) = inputs::entry(&received) else { return };
        let effects = self.router.handle(entry);
        let said: Vec<Envelope> =
            outputs::envelopes(&received, self.router.partition(), "", &effects).collect();
        for envelope in said {
            self.react(at, &envelope);
            self.push(at, envelope);
        }
    }

    fn react(&mut self, at: i64, said: &Envelope) {
        let id = said.interaction_id.clone();
        match &said.event {
            Event::OfferMade(offer) => {
                let (offer_id, agent_id) = (offer.offer_id.clone(), offer.agent_id.clone());
                let answer = match self.planned % 40 {
                    0 if self.careless => return,
                    1 if self.careless => Command::DeclineOffer(router::DeclineOffer { offer_id, agent_id }),
                    _ => Command::AcceptOffer(router::AcceptOffer { offer_id, agent_id }),
                };
                self.plan(at + 2_000, "", command(answer));
            }
            Event::InteractionAssigned(_) => {
                self.plan(at + 100, &id, interaction::InteractionConnected::default().into());
                let talk = self.talks.get(&id).copied().unwrap_or(MINUTE);
                self.plan(at + talk, &id, interaction::InteractionEnded::default().into());
                self.answered.insert(id);
            }
            Event::WrapUpStarted(started) => {
                let complete = router::CompleteWrapUp {
                    interaction_id: id,
                    agent_id: started.agent_id.clone(),
                    ..Default::default()
                };
                self.plan(at + PAPERWORK, "", command(Command::CompleteWrapUp(complete)));
            }
            Event::AgentStateChanged(changed) if changed.state() == router::AgentState::NotResponding => {
                self.status(at + 20_000, &changed.agent_id.clone(), router::AgentStatus::Available);
            }
            _ => {}
        }
    }
}

fn command(command: Command) -> Event {
    router::RoutingCommand { actor: String::new(), command: Some(command) }.into()
}
