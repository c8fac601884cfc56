//! The span once more, in virtual time: the real core decides, people do what was seen or drawn.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use contract::{Name, Timestamp, router::v1 as proto};

use super::{
    chance::{About, draw},
    changes::Changes,
    figures::{Clockwork, Fate, Sums},
    outcome::Answer,
    seen::{Customer, Seen},
};
use crate::core::{
    AgentState, Effect, Entry, Input, InteractionId, MessageId, OfferId, Queued, Router, Status,
};

/// From acceptance to the first word, milliseconds.
const CONNECTING: i64 = 100;
/// After letting it ring an agent is back at their desk, milliseconds.
const BACK_AFTER: i64 = 30_000;
/// Customers of the span are followed for this long after it, milliseconds.
const AFTERWARDS: i64 = 4 * 3_600_000;
/// A customer who comes again arrives within this many milliseconds of the first.
const SPREAD: f64 = 120_000.0;

/// Something that is going to happen. Small, because all arrivals of a span are planned at once.
enum Happening {
    Says(Box<Input>),
    Arrives(usize),
    Moves(usize, Box<Queued>),
    GivesUp(usize),
    Answers(Box<Input>),
    Connects(usize),
    Ends(usize),
    WrapsUp(Box<Input>),
    ComesBack(Name),
}

/// A customer in this play.
struct Played {
    id: InteractionId,
    /// Whose arrival and conversation these are.
    model: usize,
    arrives: Timestamp,
    queue: Name,
    offers: u64,
    assigned: bool,
    connected: Option<Timestamp>,
    fate: Fate,
    closed: bool,
}

struct Play<'a> {
    seen: &'a Seen,
    changes: &'a Changes,
    router: Router,
    agenda: BinaryHeap<Reverse<(Timestamp, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    planned: u64,
    customers: Vec<Played>,
    index: BTreeMap<InteractionId, usize>,
    wanted: BTreeMap<Name, Status>,
    clockwork: Clockwork,
    sums: Sums,
    /// Customers of the span who are neither answered nor gone.
    left: usize,
}

/// Plays a span; none when `stop` says so. `played` counts customers.
pub(super) fn play(
    seen: &Seen,
    changes: &Changes,
    stop: &AtomicBool,
    played: &AtomicU64,
) -> Option<proto::WhatIfOutcome> {
    let mut play = Play {
        seen,
        changes,
        router: seen.router.clone(),
        agenda: BinaryHeap::new(),
        happenings: BTreeMap::new(),
        planned: 0,
        customers: Vec::with_capacity(seen.customers.len()),
        index: BTreeMap::new(),
        wanted: BTreeMap::new(),
        clockwork: Clockwork::new(seen.from.as_millis(), seen.to.as_millis()),
        sums: Sums::default(),
        left: 0,
    };
    play.people();
    play.arrivals();
    let end = seen.to.plus_millis(AFTERWARDS);
    let mut rounds = 0_u64;
    loop {
        rounds += 1;
        if rounds.is_multiple_of(1_024) && stop.load(Ordering::Relaxed) {
            return None;
        }
        let next = play.agenda.peek().map(|Reverse((at, _))| *at);
        let deadline = play.router.next_deadline().map(|(at, _)| at);
        let at = match (next, deadline) {
            (None, None) => break,
            (Some(next), Some(deadline)) => next.min(deadline),
            (one, other) => one.or(other).unwrap_or_default(),
        };
        if at > end || (at > seen.to && play.left == 0) {
            break;
        }
        if deadline.is_some_and(|deadline| deadline <= at) {
            play.say(at, Input::DeadlinePassed);
            continue;
        }
        if let Some(Reverse((at, number))) = play.agenda.pop()
            && let Some(happening) = play.happenings.remove(&number)
        {
            played.fetch_add(u64::from(matches!(happening, Happening::Arrives(_))), Ordering::Relaxed);
            play.happens(at, happening);
        }
    }
    Some(play.finish())
}

impl Play<'_> {
    fn plan(&mut self, at: Timestamp, happening: Happening) {
        self.planned += 1;
        self.agenda.push(Reverse((at, self.planned)));
        self.happenings.insert(self.planned, happening);
    }

    /// Who is at work, who stays at home, who is new, and what everybody does in the span.
    fn people(&mut self) {
        let warm = self.router.now();
        for view in self.router.agents(&self.seen.tenant, "", usize::MAX) {
            self.clockwork.becomes(&view.agent, view.now.state, warm.as_millis());
            self.wanted.insert(view.agent, view.now.status);
        }
        for agent in &self.changes.remove {
            self.say(warm, Input::AgentRemoved(agent.clone()));
        }
        for (key, config, model) in &self.changes.added {
            self.say(warm, Input::AgentConfigured(key.clone(), config.clone()));
            if let Some(status) = self.seen.status_of(model) {
                self.wanted.insert(key.clone(), status.clone());
                self.say(warm, Input::SetAgentStatus(key.clone(), status));
            }
        }
        for (at, input) in &self.seen.script {
            if let Input::SetAgentStatus(agent, _) | Input::AgentConfigured(agent, _) = input
                && self.changes.remove.contains(agent)
            {
                continue;
            }
            if let Input::SetAgentStatus(agent, status) = input {
                for (key, ..) in self.changes.added.iter().filter(|(.., model)| model == agent) {
                    let says = Input::SetAgentStatus(key.clone(), status.clone());
                    self.plan(*at, Happening::Says(Box::new(says)));
                }
            }
            self.plan(*at, Happening::Says(Box::new(input.clone())));
        }
    }

    fn arrivals(&mut self) {
        for (model, customer) in self.seen.customers.iter().enumerate() {
            let wanted = self.changes.arrivals;
            let chance = |number| draw(self.changes.seed, customer.id, About::Arrival, number);
            // 1.3: once for sure, and again for three in ten.
            let times = wanted.floor() as u64 + u64::from(chance(0) < wanted.fract());
            for number in 0..times {
                let late = if number == 0 { 0 } else { (chance(number) * SPREAD) as i64 };
                let id = InteractionId(customer.id.0 ^ (u128::from(number) << 48));
                let place = self.customers.len();
                self.customers.push(Played {
                    id,
                    model,
                    arrives: customer.arrives.plus_millis(late),
                    queue: customer.queued.queue.clone(),
                    offers: 0,
                    assigned: false,
                    connected: None,
                    fate: Fate::Open,
                    closed: false,
                });
                self.index.insert(id, place);
                self.left += usize::from(customer.counts);
                self.plan(customer.arrives.plus_millis(late), Happening::Arrives(place));
            }
        }
    }

    fn model(&self, place: usize) -> &Customer {
        &self.seen.customers[self.customers[place].model]
    }

    fn happens(&mut self, at: Timestamp, happening: Happening) {
        match happening {
            Happening::Says(input) => {
                if let Input::SetAgentStatus(agent, status) = &*input {
                    self.wanted.insert(agent.clone(), status.clone());
                }
                self.say(at, *input);
            }
            Happening::Answers(input) | Happening::WrapsUp(input) => self.say(at, *input),
            Happening::Arrives(place) => self.arrives(at, place),
            Happening::Moves(place, queued) => {
                if self.waits(place) {
                    self.customers[place].queue = queued.queue.clone();
                    self.say(at, Input::InteractionQueued(*queued));
                }
            }
            Happening::GivesUp(place) => {
                if self.waits(place) {
                    self.settle(place, Fate::Abandoned(at - self.customers[place].arrives));
                    self.say(at, Input::InteractionEnded(self.customers[place].id, 1));
                }
            }
            Happening::Connects(place) => self.connects(at, place),
            Happening::Ends(place) => self.say(at, Input::InteractionEnded(self.customers[place].id, 1)),
            Happening::ComesBack(agent) => {
                if self.wanted.get(&agent) == Some(&Status::Available) {
                    self.say(at, Input::SetAgentStatus(agent, Status::Available));
                }
            }
        }
    }

    fn waits(&self, place: usize) -> bool {
        let customer = &self.customers[place];
        customer.fate == Fate::Open && !customer.assigned
    }

    fn settle(&mut self, place: usize, fate: Fate) {
        if self.customers[place].fate == Fate::Open {
            self.left -= usize::from(self.model(place).counts);
            self.customers[place].fate = fate;
        }
    }

    fn prioritised(&self, queued: &Queued, id: InteractionId) -> Queued {
        let more = self.changes.priorities.get(&queued.queue).copied().unwrap_or(0);
        Queued { interaction: id, priority: queued.priority.saturating_add(more), ..queued.clone() }
    }

    fn arrives(&mut self, at: Timestamp, place: usize) {
        let (id, model) = (self.customers[place].id, self.model(place));
        let channel = model.queued.channel;
        let chance = draw(self.changes.seed, id, About::Patience, 0);
        let patience = match model.fate {
            Fate::Abandoned(wait) => Some(wait),
            Fate::Answered(wait) => self.seen.patience[channel].draw(chance, wait),
            Fate::Open => self.seen.patience[channel].draw(chance, 0),
        };
        let moves: Vec<_> =
            model.moves.iter().map(|(after, queued)| (*after, self.prioritised(queued, id))).collect();
        let queued = self.prioritised(&model.queued, id);
        if let Some(patience) = patience {
            self.plan(at.plus_millis(patience), Happening::GivesUp(place));
        }
        for (after, queued) in moves {
            self.plan(at.plus_millis(after), Happening::Moves(place, Box::new(queued)));
        }
        self.say(at, Input::InteractionQueued(queued));
    }

    fn connects(&mut self, at: Timestamp, place: usize) {
        let customer = &mut self.customers[place];
        customer.connected = Some(at);
        let (id, arrives) = (customer.id, customer.arrives);
        self.settle(place, Fate::Answered(at - arrives));
        self.say(at, Input::InteractionConnected(id));
        let (talk, _) = self.handling(place);
        self.plan(at.plus_millis(talk), Happening::Ends(place));
    }

    /// Milliseconds of talk and paperwork: as it was, or as somebody else's in the same queue was.
    fn handling(&self, place: usize) -> (i64, i64) {
        let customer = &self.customers[place];
        let drawn =
            || self.seen.handling(&customer.queue, draw(self.changes.seed, customer.id, About::Handling, 0));
        let model = self.model(place);
        let (talk, wrap_up) = match (model.talk, model.wrap_up) {
            (Some(talk), Some(wrap_up)) => (talk, wrap_up),
            _ => drawn(),
        };
        let factor = self.changes.handling(&customer.queue);
        let times = |millis: i64| (millis as f64 * factor) as i64;
        (times(talk), times(wrap_up))
    }

    /// Says something to the core, and has people do what follows.
    fn say(&mut self, at: Timestamp, input: Input) {
        let sequence = self.router.sequence() + 1;
        let message = MessageId((1 << 127) | u128::from(sequence));
        let entry = Entry { sequence, at, message, tenant: self.seen.tenant.clone(), input };
        for effect in self.router.handle(entry) {
            self.follows(at, effect);
        }
    }

    fn follows(&mut self, at: Timestamp, effect: Effect) {
        match effect {
            Effect::OfferMade { offer, interaction, agent, channel, .. } => {
                let Some(place) = self.index.get(&interaction).copied() else { return };
                let number = self.customers[place].offers;
                self.customers[place].offers += 1;
                let (after, input): (i64, fn(Name, OfferId) -> Input) =
                    match self.seen.answers.draw(self.changes.seed, interaction, channel, number) {
                        Answer::Accepts(after) => (after, Input::AcceptOffer),
                        Answer::Declines(after) => (after, Input::DeclineOffer),
                        Answer::LetsRing => return,
                    };
                self.plan(at.plus_millis(after), Happening::Answers(Box::new(input(agent, offer))));
            }
            Effect::InteractionAssigned { interaction, .. } => {
                if let Some(place) = self.index.get(&interaction).copied() {
                    self.customers[place].assigned = true;
                    self.plan(at.plus_millis(CONNECTING), Happening::Connects(place));
                }
            }
            Effect::WrapUpStarted { interaction, agent, .. } => {
                let Some(place) = self.index.get(&interaction).copied() else { return };
                let (_, wrap_up) = self.handling(place);
                let (disposition, note) = (String::new(), String::new());
                let input = Input::CompleteWrapUp { agent, interaction, disposition, note };
                self.plan(at.plus_millis(wrap_up), Happening::WrapsUp(Box::new(input)));
            }
            Effect::InteractionClosed(closed) => {
                let Some(place) = self.index.get(&closed.interaction).copied() else { return };
                let customer = &mut self.customers[place];
                customer.closed = true;
                if let Some(connected) = customer.connected
                    && self.model(place).counts
                {
                    let queue = self.customers[place].queue.clone();
                    self.sums.handled(&queue, at - connected);
                }
            }
            Effect::AgentStateChanged { agent, now, .. } => {
                self.clockwork.becomes(&agent, now.state, at.as_millis());
                if now.state == AgentState::NotResponding {
                    self.plan(at.plus_millis(BACK_AFTER), Happening::ComesBack(agent));
                }
            }
            _ => {}
        }
    }

    fn finish(mut self) -> proto::WhatIfOutcome {
        for place in 0..self.customers.len() {
            if self.model(place).counts {
                let customer = &self.customers[place];
                let (queue, fate) = (customer.queue.clone(), customer.fate);
                self.sums.customer(&queue, fate, self.seen.within(&queue));
            }
        }
        let (busy, idle) = self.clockwork.finish();
        self.sums.agents(busy, idle);
        self.sums.outcome(self.seen.to - self.seen.from)
    }
}
