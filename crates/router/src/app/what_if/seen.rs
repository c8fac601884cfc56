//! What the log shows of a span: who came when, how long they waited, how long it took, and who was at work.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chassis::Received;
use contract::{
    Event, Name, Timestamp, millis_of_duration,
    router::v1::{self as proto, OfferOutcome, routing_command::Command},
};

use super::{
    figures::{Clockwork, Fate, Sums, WITHIN},
    outcome::{Answer, Answers},
    patience::Patience,
};
use crate::{
    app::convert::{channel, inputs, interaction_id},
    core::{
        AgentConfig, AgentState, Channel, Details, Entry, Input, InteractionId, MessageId, PerChannel,
        Queued, Router, Status,
    },
};

/// More customers than this are not played at once.
const MOST: usize = 1_000_000;

/// The span holds more than is played at once.
#[derive(Debug, thiserror::Error)]
#[error("more than {MOST} interactions were queued in this span, ask for a shorter one")]
pub(super) struct TooMany;

/// Somebody who wanted an agent. Who was handed on to another queue wants one again.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub id: InteractionId,
    pub arrives: Timestamp,
    pub queued: Queued,
    /// Into other queues while they waited: milliseconds after the arrival.
    pub moves: Vec<(i64, Queued)>,
    /// Whether they arrived within the span.
    pub counts: bool,
    pub fate: Fate,
    pub talk: Option<i64>,
    pub wrap_up: Option<i64>,
    assigned: bool,
    connected_at: Option<Timestamp>,
}

impl Customer {
    /// The queue in which they waited last.
    fn queue(&self) -> &Name {
        self.moves.last().map_or(&self.queued.queue, |(_, queued)| &queued.queue)
    }
}

/// See the module.
pub(super) struct Seen {
    pub tenant: Name,
    /// The router as the warm-up begins, with nobody waiting.
    pub router: Router,
    warm: Timestamp,
    pub from: Timestamp,
    pub to: Timestamp,
    within: BTreeMap<Name, i64>,
    /// Whether the log is read beyond the beginning of the warm-up.
    begun: bool,
    /// What people configured and declared.
    pub script: Vec<(Timestamp, Input)>,
    pub customers: Vec<Customer>,
    index: BTreeMap<InteractionId, usize>,
    offers: BTreeMap<String, (Timestamp, Channel)>,
    pub answers: Answers,
    pub patience: PerChannel<Patience>,
    handling: BTreeMap<Name, Vec<(i64, i64)>>,
    /// Everybody who ever was there, as last configured.
    pub people: BTreeMap<Name, AgentConfig>,
    clockwork: Clockwork,
    left_out: BTreeMap<&'static str, usize>,
    assumed: BTreeSet<Name>,
    no_details: Arc<Details>,
}

impl Seen {
    pub fn new(
        tenant: Name,
        router: Router,
        warm: Timestamp,
        from: Timestamp,
        to: Timestamp,
        within: Vec<(Name, i64)>,
    ) -> Self {
        Self {
            clockwork: Clockwork::new(from.as_millis(), to.as_millis()),
            people: router.people(&tenant).into_iter().collect(),
            tenant,
            router,
            warm,
            from,
            to,
            within: within.into_iter().collect(),
            begun: false,
            script: Vec::new(),
            customers: Vec::new(),
            index: BTreeMap::new(),
            offers: BTreeMap::new(),
            answers: Answers::default(),
            patience: PerChannel::default(),
            handling: BTreeMap::new(),
            left_out: BTreeMap::new(),
            assumed: BTreeSet::new(),
            no_details: Arc::default(),
        }
    }

    /// The next message of the log.
    pub fn take(&mut self, received: &Received) -> Result<(), TooMany> {
        let at = received.stored_at;
        if at < self.warm {
            if let Some(entry) = inputs::entry(received) {
                if let Input::AgentConfigured(agent, config) = &entry.input {
                    self.people.insert(agent.clone(), config.clone());
                }
                self.router.handle(entry);
            }
            return Ok(());
        }
        if !self.begun {
            self.begin();
        }
        if let Some(entry) = inputs::entry(received) {
            self.input(at, entry.input, &received.envelope.event)?;
        } else {
            self.output(at, &received.envelope.interaction_id, &received.envelope.event);
        }
        Ok(())
    }

    /// Clears the queues: who waits as the warm-up begins is not played.
    fn begin(&mut self) {
        self.begun = true;
        for view in self.router.agents(&self.tenant, "", usize::MAX) {
            self.clockwork.becomes(&view.agent, view.now.state, self.warm.as_millis());
        }
        let open = self.router.open_work(&self.tenant);
        let mut inputs: Vec<Input> =
            open.iter().map(|(interaction, _)| Input::InteractionEnded(*interaction, 1)).collect();
        inputs.extend(open.into_iter().filter_map(|(interaction, agent)| {
            let (disposition, note) = (String::new(), String::new());
            Some(Input::CompleteWrapUp { agent: agent?, interaction, disposition, note })
        }));
        for input in inputs {
            let sequence = self.router.sequence() + 1;
            let entry = Entry {
                sequence,
                at: self.warm,
                message: MessageId(u128::MAX - u128::from(sequence)),
                tenant: self.tenant.clone(),
                input,
            };
            self.router.handle(entry);
        }
    }

    fn input(&mut self, at: Timestamp, input: Input, event: &Event) -> Result<(), TooMany> {
        match input {
            Input::InteractionQueued(queued) => return self.queued(at, queued),
            Input::InteractionConnected(interaction) => {
                if let Some(customer) = self.customer(interaction)
                    && customer.connected_at.is_none()
                {
                    customer.connected_at = Some(at);
                    customer.fate = Fate::Answered(at - customer.arrives);
                }
            }
            Input::InteractionEnded(interaction, _) => {
                if let Some(customer) = self.customer(interaction) {
                    match customer.connected_at {
                        Some(connected) => customer.talk = Some(at - connected),
                        None => customer.fate = Fate::Abandoned(at - customer.arrives),
                    }
                }
            }
            Input::AcceptOffer(..)
            | Input::DeclineOffer(..)
            | Input::DeadlinePassed
            | Input::CompleteWrapUp { .. } => {}
            Input::AgentConfigured(agent, config) => {
                self.people.insert(agent.clone(), config.clone());
                self.says(at, Input::AgentConfigured(agent, config));
            }
            Input::SetAgentStatus(..)
            | Input::AgentRemoved(_)
            | Input::QueueConfigured(..)
            | Input::QueueRemoved(_)
            | Input::ProfileConfigured(..)
            | Input::ProfileRemoved(_)
            | Input::HoursConfigured(..)
            | Input::HoursRemoved(_)
            | Input::SetClosure(..) => self.says(at, input),
            _ => {
                let what = match event {
                    Event::RoutingCommand(command) => match &command.command {
                        Some(Command::ReportUnreachable(_)) => "telephones that could not be reached",
                        _ => "what supervisors and agents did by hand, such as transfers to somebody",
                    },
                    _ => "facts that are newer than this play",
                };
                *self.left_out.entry(what).or_default() += 1;
            }
        }
        Ok(())
    }

    fn says(&mut self, at: Timestamp, input: Input) {
        if at < self.to {
            self.script.push((at, input));
        }
    }

    fn customer(&mut self, interaction: InteractionId) -> Option<&mut Customer> {
        let place = *self.index.get(&interaction)?;
        self.customers.get_mut(place)
    }

    fn queued(&mut self, at: Timestamp, mut queued: Queued) -> Result<(), TooMany> {
        // Nothing is decided by it, and of a long span it is the most.
        queued.details = Arc::clone(&self.no_details);
        let interaction = queued.interaction;
        let mut id = interaction;
        if let Some(place) = self.index.get(&interaction).copied() {
            let customer = &mut self.customers[place];
            if !customer.assigned {
                if customer.fate == Fate::Open {
                    customer.moves.push((at - customer.arrives, queued));
                }
                return Ok(());
            }
            // Handed on: this conversation is over, and they wait again.
            customer.talk = customer.talk.or(customer.connected_at.map(|connected| at - connected));
            customer.wrap_up = customer.wrap_up.or(Some(0));
            id = InteractionId(interaction.0 ^ ((place as u128 + 1) << 64));
        }
        if at >= self.to {
            return Ok(());
        }
        if self.customers.len() >= MOST {
            return Err(TooMany);
        }
        self.index.insert(interaction, self.customers.len());
        self.customers.push(Customer {
            id,
            arrives: at,
            queued: Queued { interaction: id, ..queued },
            moves: Vec::new(),
            counts: at >= self.from,
            fate: Fate::Open,
            talk: None,
            wrap_up: None,
            assigned: false,
            connected_at: None,
        });
        Ok(())
    }

    fn output(&mut self, at: Timestamp, about: &str, event: &Event) {
        match event {
            Event::OfferMade(offer) => {
                if let Some(channel) = channel(offer.channel) {
                    self.offers.insert(offer.offer_id.clone(), (at, channel));
                }
            }
            Event::OfferEnded(ended) => {
                let Some((made, channel)) = self.offers.remove(&ended.offer_id) else { return };
                let answer = match ended.outcome() {
                    OfferOutcome::Accepted => Answer::Accepts(at - made),
                    OfferOutcome::Declined => Answer::Declines(at - made),
                    OfferOutcome::TimedOut => Answer::LetsRing,
                    _ => return,
                };
                self.answers.add(channel, answer);
            }
            Event::InteractionAssigned(_) => {
                if let Some(customer) = interaction_id(about).and_then(|id| self.customer(id)) {
                    customer.assigned = true;
                }
            }
            Event::InteractionClosed(closed) => {
                if let Some(customer) = interaction_id(about).and_then(|id| self.customer(id)) {
                    customer.wrap_up = closed.wrap_up.as_ref().map(millis_of_duration).or(Some(0));
                }
            }
            Event::AgentStateChanged(changed) => {
                let state = state_of(changed.state());
                self.clockwork.becomes(&changed.agent_id.as_str().into(), state, at.as_millis());
            }
            _ => {}
        }
    }

    /// Everything is read.
    pub fn finish(mut self) -> Self {
        if !self.begun {
            self.begin();
        }
        let mut waits = PerChannel::<Vec<(i64, bool)>>::default();
        for customer in &self.customers {
            match customer.fate {
                Fate::Answered(wait) => waits[customer.queued.channel].push((wait, false)),
                Fate::Abandoned(wait) => waits[customer.queued.channel].push((wait, true)),
                Fate::Open => {}
            }
            if let (Some(talk), Some(wrap_up)) = (customer.talk, customer.wrap_up) {
                self.handling.entry(customer.queue().clone()).or_default().push((talk, wrap_up));
            }
        }
        for channel in Channel::ALL {
            self.patience[channel] = Patience::of(std::mem::take(&mut waits[channel]));
        }
        let queues: BTreeSet<Name> = self.customers.iter().map(|customer| customer.queue().clone()).collect();
        self.assumed = queues.into_iter().filter(|queue| !self.within.contains_key(queue)).collect();
        self.index.clear();
        self.offers.clear();
        self
    }

    /// Milliseconds that count as in time.
    pub fn within(&self, queue: &Name) -> i64 {
        self.within.get(queue).copied().unwrap_or(WITHIN)
    }

    /// Talk and paperwork of somebody in a queue, for a draw from 0 to 1.
    pub fn handling(&self, queue: &Name, draw: f64) -> (i64, i64) {
        const USUAL: (i64, i64) = (180_000, 15_000);
        let of_queue = self.handling.get(queue).filter(|seen| !seen.is_empty());
        let sample = of_queue.or_else(|| self.handling.values().find(|seen| !seen.is_empty()));
        sample.map_or(USUAL, |sample| sample[((draw * sample.len() as f64) as usize).min(sample.len() - 1)])
    }

    /// Agents with a skill, best first.
    pub fn masters_of(&self, skill: &Name) -> Vec<(Name, AgentConfig)> {
        let level = |config: &AgentConfig| {
            config.skills.iter().find(|(name, _)| name == skill).map(|(_, level)| *level)
        };
        let mut masters: Vec<_> = self
            .people
            .iter()
            .filter_map(|(agent, config)| Some((level(config)?, agent.clone(), config.clone())))
            .collect();
        masters.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        masters.into_iter().map(|(_, agent, config)| (agent, config)).collect()
    }

    pub fn knows_queue(&self, queue: &Name) -> bool {
        self.customers.iter().any(|customer| &customer.queued.queue == queue || customer.queue() == queue)
    }

    /// What an agent had declared as the warm-up began.
    pub fn status_of(&self, agent: &Name) -> Option<Status> {
        self.router.agent(&self.tenant, agent).map(|view| view.now.status)
    }

    /// How it went, as the log says.
    pub fn outcome(&self) -> proto::WhatIfOutcome {
        let mut sums = Sums::default();
        for customer in self.customers.iter().filter(|customer| customer.counts) {
            let queue = customer.queue();
            sums.customer(queue, customer.fate, self.within(queue));
            if let (Some(talk), Some(wrap_up)) = (customer.talk, customer.wrap_up) {
                sums.handled(queue, talk + wrap_up);
            }
        }
        let (busy, idle) = self.clockwork.clone().finish();
        sums.agents(busy, idle);
        sums.outcome(self.to - self.from)
    }

    /// What the play leaves out or assumes.
    pub fn remarks(&self) -> Vec<String> {
        let left_out = self.left_out.iter().map(|(what, times)| format!("left out, {times} times: {what}"));
        let mut remarks: Vec<String> = left_out.collect();
        if !self.assumed.is_empty() {
            let queues: Vec<&str> = self.assumed.iter().map(Name::as_str).collect();
            let seconds = WITHIN / 1_000;
            remarks.push(format!(
                "the log does not say any more what is in time in {}: taken as {seconds} s",
                queues.join(", ")
            ));
        }
        if self.customers.is_empty() {
            remarks.push("nobody was queued in this span".to_owned());
        }
        remarks
    }
}

const fn state_of(state: proto::AgentState) -> AgentState {
    match state {
        proto::AgentState::Away => AgentState::Away,
        proto::AgentState::Ready => AgentState::Ready,
        proto::AgentState::Offered => AgentState::Offered,
        proto::AgentState::Busy => AgentState::Busy,
        proto::AgentState::WrapUp => AgentState::WrapUp,
        proto::AgentState::NotResponding => AgentState::NotResponding,
        proto::AgentState::Offline | proto::AgentState::Unspecified => AgentState::Offline,
    }
}
