//! Customers, agents and their channels: what they do, and what they do because of what they see in the log.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    sync::Arc,
};

use contract::Timestamp;

use super::{
    centre,
    log::{Body, Message},
    rng::Rng,
};
use crate::core::{
    Alternative, CallbackWish, Effect, Input, InteractionId, MessageId, Name, OfferId, Queued, Ring, Status,
    Transfer,
};

pub(super) const PARTITION: u16 = 8;
pub(super) const TENANT: &str = "demo";
/// More slots than any profile of the simulated centre has.
pub(super) const MOST_SLOTS: u8 = 3;
const START: i64 = 1_700_000_000_000;
/// When the last customer has come.
const CLOSING: i64 = START + 120_000;
/// When everything must be over.
pub(super) const END_OF_TIME: i64 = START + 3_600_000;

pub(super) enum Happening {
    Deliver(MessageId, Input),
    Step(usize),
    Lease,
}

pub(super) struct World {
    agenda: BinaryHeap<Reverse<(Timestamp, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    planned: u64,
    messages: u128,
    /// Interactions whose line is gone, or about to be.
    ended: BTreeSet<InteractionId>,
    /// How many come; their interactions are numbered from 1.
    customers: u128,
}

/// The interaction that stands in for a call whose customer is called back.
const fn callback_of(interaction: InteractionId) -> InteractionId {
    InteractionId(interaction.0 + 1_000)
}

impl World {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let mut world = Self {
            agenda: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            planned: 0,
            messages: 0,
            ended: BTreeSet::new(),
            customers: 0,
        };
        let start = Timestamp::from_millis(START);
        for input in centre::opening(rng) {
            world.send(start.plus_millis(rng.between(0, 200)), input, rng);
        }
        for agent in centre::AGENTS {
            world.send(
                start.plus_millis(rng.between(0, 20_000)),
                Input::SetAgentStatus(agent.into(), Status::Available),
                rng,
            );
        }
        world.customers = rng.between(8, 40) as u128;
        for number in 1..=world.customers {
            let at = Timestamp::from_millis(rng.between(START, CLOSING));
            world.customer(at, InteractionId(number), rng);
        }
        for _ in 0..rng.between(2, 16) {
            let at = Timestamp::from_millis(rng.between(START + 5_000, CLOSING));
            let input = centre::change(rng);
            world.send(at, input, rng);
        }
        for _ in 0..rng.between(0, 12) {
            let at = Timestamp::from_millis(rng.between(START + 2_000, CLOSING));
            let wish = world.supervisor(rng);
            world.send(at, wish, rng);
        }
        // After closing time everything is as it was, and everyone comes to finish the work.
        for input in centre::opening(rng) {
            world.send(Timestamp::from_millis(CLOSING + 5_000), input, rng);
        }
        for index in 0..super::REPLICAS {
            world.plan(start, Happening::Step(index));
        }
        world.plan(start.plus_millis(3_000), Happening::Lease);
        world
    }

    /// The next thing that happens.
    pub(super) fn next(&mut self) -> Option<(Timestamp, Happening)> {
        let Reverse((at, number)) = self.agenda.pop()?;
        self.happenings.remove(&number).map(|happening| (at, happening))
    }

    fn plan(&mut self, at: Timestamp, happening: Happening) {
        self.planned += 1;
        self.happenings.insert(self.planned, happening);
        self.agenda.push(Reverse((at, self.planned)));
    }

    pub(super) fn schedule_step(&mut self, index: usize, now: Timestamp, rng: &mut Rng) {
        // Coarser once nothing new comes, so that the last wrap-ups do not take for ever.
        let step = if now.as_millis() > CLOSING + 60_000 { rng.between(20, 400) } else { rng.between(5, 80) };
        self.plan(now.plus_millis(step), Happening::Step(index));
    }

    pub(super) fn schedule_lease(&mut self, now: Timestamp, rng: &mut Rng) {
        self.plan(now.plus_millis(rng.between(500, 15_000)), Happening::Lease);
    }

    pub(super) fn new_message(&mut self) -> MessageId {
        self.messages += 1;
        MessageId(self.messages)
    }

    /// Sends a message, which the bus delays, and sometimes delivers twice.
    fn send(&mut self, at: Timestamp, input: Input, rng: &mut Rng) {
        let message = self.new_message();
        let at = at.plus_millis(rng.between(0, 30));
        if rng.chance(10) {
            self.plan(at.plus_millis(rng.between(0, 5_000)), Happening::Deliver(message, input.clone()));
        }
        self.plan(at, Happening::Deliver(message, input));
    }

    fn customer(&mut self, at: Timestamp, interaction: InteractionId, rng: &mut Rng) {
        let (channel, queue) = (*rng.pick(&centre::CHANNELS), *rng.pick(&centre::QUEUES));
        let queued = Queued {
            priority: if rng.chance(20) { rng.between(-1, 2) as i32 } else { 0 },
            rings: if rng.chance(30) { centre::rings(rng) } else { Arc::from(Vec::<Ring>::new()) },
            not_before: rng.chance(5).then(|| at.plus_millis(rng.between(-1_000, 10_000))),
            skills: if rng.chance(25) { centre::skills(rng) } else { Arc::from(Vec::new()) },
            preferred: rng.chance(20).then(|| (*rng.pick(&centre::AGENTS)).into()),
            enqueued_at: rng.chance(10).then(|| at.plus_millis(rng.between(-60_000, 5_000))),
            callback: rng.chance(8).then(|| CallbackWish { phone: "+15550123".into(), of: None }),
            ..Queued::new(interaction, channel, queue.into())
        };
        self.send(at, Input::InteractionQueued(queued), rng);
        if rng.chance(25) {
            self.end(at.plus_millis(rng.between(100, 60_000)), interaction, rng);
        }
        if rng.chance(12) {
            self.wants_callback(at.plus_millis(rng.between(100, 30_000)), interaction, rng);
        }
        // Nobody waits for ever.
        self.end(Timestamp::from_millis(CLOSING + 40_000), interaction, rng);
    }

    /// The customer gives up the line to be called back, at a chosen time or when the place comes up.
    fn wants_callback(&mut self, at: Timestamp, interaction: InteractionId, rng: &mut Rng) {
        let callback = callback_of(interaction);
        let wish = Input::RequestCallback {
            interaction,
            callback,
            phone: "+15550123".into(),
            not_before: rng.chance(30).then(|| at.plus_millis(rng.between(-1_000, 20_000))),
        };
        self.send(at, wish, rng);
        self.end(Timestamp::from_millis(CLOSING + 40_000), callback, rng);
    }

    /// Someone with a board in front of them does something to someone's call.
    fn supervisor(&self, rng: &mut Rng) -> Input {
        let interaction = InteractionId(rng.between(1, self.customers as i64) as u128);
        let agent: Name = (*rng.pick(&centre::AGENTS)).into();
        match rng.below(6) {
            0 => Input::Assign(interaction, agent),
            1 => Input::Pull(interaction, agent),
            2 => Input::ChangePriority(interaction, rng.between(-2, 3) as i32),
            3 => Input::Unpark(interaction, None),
            _ => Input::Transfer(Self::transfer(interaction, None, rng)),
        }
    }

    fn transfer(interaction: InteractionId, agent: Option<Name>, rng: &mut Rng) -> Transfer {
        Transfer {
            interaction,
            agent,
            queue: rng.chance(60).then(|| (*rng.pick(&centre::QUEUES)).into()),
            to_agent: rng.chance(40).then(|| (*rng.pick(&centre::AGENTS)).into()),
            only_for_ms: rng.chance(60).then(|| rng.between(0, 15_000) as u32),
            keep_place: rng.chance(50),
        }
    }

    fn end(&mut self, at: Timestamp, interaction: InteractionId, rng: &mut Rng) {
        self.send(at, Input::InteractionEnded(interaction, 1), rng);
    }

    pub(super) fn is_over(now: Timestamp) -> bool {
        now.as_millis() > CLOSING + 60_000
    }

    /// People answer what they see.
    pub(super) fn react(&mut self, seen: &Message, rng: &mut Rng) {
        let Body::Output(_, effect) = &seen.body else {
            if let Body::Input(Input::InteractionEnded(interaction, _)) = &seen.body {
                self.ended.insert(*interaction);
            }
            return;
        };
        match effect {
            Effect::OfferMade { offer, agent, expires_at, .. } => {
                self.answer(seen.at, *offer, agent, *expires_at, rng);
            }
            Effect::InteractionAssigned { callback: true, .. } => {}
            Effect::CallbackDue { interaction, .. } => self.dial(seen.at, *interaction, rng),
            Effect::InteractionDiverted { interaction, to, .. } => {
                self.take_away(seen.at, *interaction, to, rng);
            }
            Effect::InteractionParked { interaction, agent, .. } => {
                let who = rng.chance(50).then(|| agent.clone());
                let at = seen.at.plus_millis(rng.between(500, 20_000));
                self.send(at, Input::Unpark(*interaction, who), rng);
            }
            Effect::InteractionAssigned { interaction, agent, offer, .. } => {
                self.connect(seen.at, *interaction, agent, *offer, rng);
            }
            Effect::WrapUpStarted { interaction, agent, until, .. } => {
                if rng.chance(30) {
                    let extend = Input::ExtendWrapUp {
                        agent: agent.clone(),
                        interaction: *interaction,
                        by_ms: rng.between(1_000, 10_000) as u32,
                    };
                    self.send(seen.at.plus_millis(rng.between(100, 10_000)), extend, rng);
                }
                if until.is_none() || rng.chance(60) {
                    let complete = Input::CompleteWrapUp {
                        agent: agent.clone(),
                        interaction: *interaction,
                        disposition: (*rng.pick(&["", "done", "nonsense"])).to_owned(),
                        note: String::new(),
                    };
                    self.send(seen.at.plus_millis(rng.between(100, 30_000)), complete.clone(), rng);
                    let Input::CompleteWrapUp { agent, interaction, note, .. } = complete else { return };
                    let again =
                        Input::CompleteWrapUp { agent, interaction, disposition: "done".into(), note };
                    self.send(seen.at.plus_millis(31_000), again, rng);
                }
            }
            Effect::AgentStateChanged { agent, now, .. } => {
                let back = now.state == crate::core::AgentState::NotResponding;
                if back || rng.chance(2) {
                    let status = if back { Status::Available } else { centre::status(rng) };
                    self.send(
                        seen.at.plus_millis(rng.between(100, 15_000)),
                        Input::SetAgentStatus(agent.clone(), status),
                        rng,
                    );
                }
            }
            _ => {}
        }
    }

    /// A customer is dialled: reached, or not.
    fn dial(&mut self, at: Timestamp, interaction: InteractionId, rng: &mut Rng) {
        let at = at.plus_millis(rng.between(500, 5_000));
        if rng.chance(40) {
            self.send(at, Input::InteractionConnected(interaction), rng);
            self.end(at.plus_millis(rng.between(500, 20_000)), interaction, rng);
        } else {
            self.send(at, Input::CallbackAttempt(interaction, 1), rng);
        }
    }

    /// An ingress does what the queue says.
    fn take_away(&mut self, at: Timestamp, interaction: InteractionId, to: &Alternative, rng: &mut Rng) {
        let at = at.plus_millis(rng.between(100, 5_000));
        match to {
            Alternative::Queue(_) | Alternative::AnyAgent => {}
            Alternative::Callback if rng.chance(70) => self.wants_callback(at, interaction, rng),
            _ if rng.chance(20) => {
                let (channel, queue) = (*rng.pick(&centre::CHANNELS), *rng.pick(&centre::QUEUES));
                let again = Queued::new(interaction, channel, queue.into());
                self.send(at, Input::InteractionQueued(again), rng);
            }
            _ => self.end(at, interaction, rng),
        }
    }

    fn answer(&mut self, at: Timestamp, offer: OfferId, agent: &Name, expires_at: Timestamp, rng: &mut Rng) {
        let soon = at.plus_millis(rng.between(10, 4_000));
        match rng.below(100) {
            0..55 => {
                self.send(soon, Input::AcceptOffer(agent.clone(), offer), rng);
                if rng.chance(5) {
                    self.send(
                        soon.plus_millis(rng.between(0, 2_000)),
                        Input::AcceptOffer(agent.clone(), offer),
                        rng,
                    );
                }
            }
            55..65 => self.send(soon, Input::DeclineOffer(agent.clone(), offer), rng),
            65..70 => self.send(soon, Input::ReportUnreachable(agent.clone(), offer), rng),
            70..80 => self.send(
                expires_at.plus_millis(rng.between(-50, 500)),
                Input::AcceptOffer(agent.clone(), offer),
                rng,
            ),
            80..85 => {
                let other = *rng.pick(&centre::AGENTS);
                self.send(soon, Input::AcceptOffer(other.into(), offer), rng);
            }
            _ => {}
        }
    }

    fn connect(
        &mut self,
        at: Timestamp,
        interaction: InteractionId,
        agent: &Name,
        offer: OfferId,
        rng: &mut Rng,
    ) {
        if self.ended.contains(&interaction) {
            return;
        }
        let at = at.plus_millis(rng.between(10, 800));
        if rng.chance(5) {
            self.send(at, Input::ReportUnreachable(agent.clone(), offer), rng);
            return;
        }
        self.send(at, Input::InteractionConnected(interaction), rng);
        if rng.chance(25) {
            let at = at.plus_millis(rng.between(100, 5_000));
            self.send(at, Input::Park(interaction, agent.clone()), rng);
        }
        let later = at.plus_millis(rng.between(500, 40_000));
        if rng.chance(10) && later.as_millis() < CLOSING {
            let away = Self::transfer(interaction, Some(agent.clone()), rng);
            self.send(later, Input::Transfer(away), rng);
            return;
        }
        if rng.chance(10) && later.as_millis() < CLOSING {
            let (channel, queue) = (*rng.pick(&centre::CHANNELS), *rng.pick(&centre::QUEUES));
            let keep_place = rng.chance(50);
            let transfer = Queued { keep_place, ..Queued::new(interaction, channel, queue.into()) };
            self.send(later, Input::InteractionQueued(transfer), rng);
        } else {
            self.end(later, interaction, rng);
        }
    }
}
