//! The core by example. `Centre` says the inputs; every one of them is followed by a check of all invariants.

mod after;
mod blending;
mod by_hand;
mod callback;
mod capacity;
mod change;
mod choice;
mod complaints;
mod estimated_wait;
mod explained;
mod found;
mod hands;
mod hours;
mod offer;
mod order;
mod preferred;
mod requirements;

use contract::Timestamp;

use super::*;

const ANN: &str = "ann";
const BOB: &str = "bob";
const CY: &str = "cy";
const BILLING: &str = "billing";
const SALES: &str = "sales";
const FIRST: InteractionId = InteractionId(1);
const SECOND: InteractionId = InteractionId(2);
const THIRD: InteractionId = InteractionId(3);

/// A router with the demo's people: Ann (billing 4, sales 2), Bob (sales 5), Cy (both 3), who take one call and two chats.
struct Centre {
    router: Router,
    now: i64,
    sequence: u64,
    message: u128,
}

impl Centre {
    fn new() -> Self {
        let mut centre = Self { router: Router::new(8), now: 1_700_000_000_000, sequence: 0, message: 0 };
        centre.say(Input::ProfileConfigured("front".into(), profile()));
        for (queue, expression) in [(BILLING, "billing >= 2"), (SALES, "sales >= 2")] {
            centre.say(Input::QueueConfigured(queue.into(), queue_with(expression)));
        }
        for (agent, billing, sales) in [(ANN, 400, 200), (BOB, 0, 500), (CY, 300, 300)] {
            centre.say(Input::AgentConfigured(agent.into(), person(billing, sales)));
        }
        centre
    }

    /// With these agents available, a second apart.
    fn staffed(agents: &[&str]) -> Self {
        let mut centre = Self::new();
        for agent in agents {
            centre.after(1_000).status(agent, Status::Available);
        }
        centre
    }

    fn after(&mut self, millis: i64) -> &mut Self {
        self.now += millis;
        self
    }

    fn say(&mut self, input: Input) -> Vec<Effect> {
        self.message += 1;
        self.say_as(self.message, input)
    }

    fn say_as(&mut self, message: u128, input: Input) -> Vec<Effect> {
        self.sequence += 1;
        let effects = self.router.handle(Entry {
            sequence: self.sequence,
            at: Timestamp::from_millis(self.now),
            message: MessageId(message),
            tenant: "demo".into(),
            input,
        });
        self.router.check().unwrap();
        effects
    }

    fn status(&mut self, agent: &str, status: Status) -> Vec<Effect> {
        self.say(Input::SetAgentStatus(agent.into(), status))
    }

    fn queued(&mut self, interaction: InteractionId, queue: &str) -> Vec<Effect> {
        self.say(Input::InteractionQueued(call(interaction, queue)))
    }

    fn accept(&mut self, agent: &str, offer: OfferId) -> Vec<Effect> {
        self.say(Input::AcceptOffer(agent.into(), offer))
    }

    /// Says that time has passed, as often as it takes.
    fn deadline(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while self.router.next_deadline().is_some_and(|(at, _)| at.as_millis() <= self.now) {
            effects.extend(self.say(Input::DeadlinePassed));
        }
        effects
    }

    /// From queued to connected.
    fn answered(&mut self, interaction: InteractionId, queue: &str) -> String {
        let effects = self.queued(interaction, queue);
        let (agent, offer) = offer_in(&effects).expect("someone is free");
        self.accept(&agent, offer);
        self.say(Input::InteractionConnected(interaction));
        agent
    }

    fn ended(&mut self, interaction: InteractionId) -> Vec<Effect> {
        self.say(Input::InteractionEnded(interaction, 1))
    }

    fn completed(&mut self, agent: &str, interaction: InteractionId) -> Vec<Effect> {
        let disposition = "solved".to_owned();
        self.say(Input::CompleteWrapUp { agent: agent.into(), interaction, disposition, note: String::new() })
    }

    fn state(&self, agent: &str) -> AgentState {
        self.router.agent(&"demo".into(), &agent.into()).unwrap().now.state
    }

    fn stage(&self, interaction: InteractionId) -> Option<StageView> {
        self.router.work(&"demo".into(), interaction).map(|work| work.stage)
    }

    fn place(&self, interaction: InteractionId) -> u32 {
        match self.stage(interaction) {
            Some(StageView::Waiting { place, .. }) => place,
            _ => 0,
        }
    }
}

fn profile() -> ProfileConfig {
    let mut capacities = PerChannel::<Capacity>::default();
    capacities[Channel::Voice] =
        Capacity { slots: 1, interruptible_by: ChannelSet::ALL, ..Capacity::default() };
    capacities[Channel::Chat] =
        Capacity { slots: 2, interruptible_by: ChannelSet::ALL, ..Capacity::default() };
    let rule = |queue: &str| ProfileRule { queue: queue.into(), channel: None, priority: 0, delay_ms: 0 };
    ProfileConfig { capacities, rules: vec![rule(BILLING), rule(SALES)], ..ProfileConfig::default() }
}

fn queue_with(expression: &str) -> QueueConfig {
    QueueConfig {
        rings: vec![Ring { expression: expression.parse().unwrap(), lasts_ms: None }],
        wrap_up: WrapUp::Timed { limit_ms: 30_000 },
        ..QueueConfig::default()
    }
}

fn person(billing: u16, sales: u16) -> AgentConfig {
    let skills = [("billing", billing), ("sales", sales)];
    AgentConfig {
        skills: skills
            .iter()
            .filter(|(_, level)| *level > 0)
            .map(|(skill, level)| ((*skill).into(), *level))
            .collect(),
        routing_profile: Some("front".into()),
        ..AgentConfig::default()
    }
}

fn call(interaction: InteractionId, queue: &str) -> Queued {
    Queued::new(interaction, Channel::Voice, queue.into())
}

/// The first offer among effects: to whom, and its id.
fn offer_in(effects: &[Effect]) -> Option<(String, OfferId)> {
    effects.iter().find_map(|effect| match effect {
        Effect::OfferMade { agent, offer, .. } => Some((agent.to_string(), *offer)),
        _ => None,
    })
}

fn offered_to(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::OfferMade { agent, .. } => Some(agent.to_string()),
            _ => None,
        })
        .collect()
}

fn outcome_in(effects: &[Effect]) -> Option<Outcome> {
    effects.iter().find_map(|effect| match effect {
        Effect::OfferEnded { outcome, .. } => Some(*outcome),
        _ => None,
    })
}

fn reply_in(effects: &[Effect]) -> Option<Result<(), Rejection>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Reply { result, .. } => Some(*result),
        _ => None,
    })
}

fn closed_in(effects: &[Effect]) -> Option<&Closed> {
    effects.iter().find_map(|effect| match effect {
        Effect::InteractionClosed(closed) => Some(closed.as_ref()),
        _ => None,
    })
}

/// Calls numbered from 100 that wait in a queue.
fn waiting_calls(centre: &mut Centre, queue: &str, count: u128) {
    for number in 0..count {
        centre.after(1_000).queued(InteractionId(100 + number), queue);
    }
}

/// Every offer among effects: to whom, and its id.
fn offers_in(effects: &[Effect]) -> Vec<(String, OfferId)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::OfferMade { agent, offer, .. } => Some((agent.to_string(), *offer)),
            _ => None,
        })
        .collect()
}

fn outcomes_in(effects: &[Effect]) -> Vec<(String, Outcome)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::OfferEnded { agent, outcome, .. } => Some((agent.to_string(), *outcome)),
            _ => None,
        })
        .collect()
}

fn diverted_in(effects: &[Effect]) -> Option<(DivertReason, Alternative)> {
    effects.iter().find_map(|effect| match effect {
        Effect::InteractionDiverted { reason, to, .. } => Some((*reason, to.clone())),
        _ => None,
    })
}

fn chat(interaction: InteractionId, queue: &str) -> Queued {
    Queued::new(interaction, Channel::Chat, queue.into())
}

impl Centre {
    fn configure(&mut self, queue: &str, config: QueueConfig) -> Vec<Effect> {
        self.say(Input::QueueConfigured(queue.into(), config))
    }

    fn view(&self, queue: &str) -> QueueView {
        let queues = self.router.queues(&"demo".into());
        queues.into_iter().find(|view| view.queue.as_str() == queue).unwrap()
    }

    fn work(&self, interaction: InteractionId) -> WorkView {
        self.router.work(&"demo".into(), interaction).unwrap()
    }

    /// From queued to closed: talked to for so long, by whoever is free.
    fn handled(&mut self, interaction: InteractionId, queue: &str, millis: i64) {
        let agent = self.answered(interaction, queue);
        self.after(millis).ended(interaction);
        self.completed(&agent, interaction);
    }
}
