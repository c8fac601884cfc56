//! What all of them share: the plan, the telephones, who is busy, and what is counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use contract::router::v1::AgentState;
use rand::{RngExt as _, rngs::StdRng};
use tokio::time::Instant;

use super::{
    Plan, chance,
    figures::{Counts, Figures},
};
use crate::phone::{Phones, Voice};

/// How many customers there are: no more can be there at once, and who comes again is known.
pub const CUSTOMERS: usize = 240;
/// Different voices.
const VOICES: u64 = 8;
/// How often somebody who is not busy is looked for.
const TRIES: usize = 20;

const FIRST_NAMES: &[&str] = &[
    "Alma", "Bruno", "Carla", "Duarte", "Elsa", "Filipe", "Greta", "Hugo", "Inês", "Jonas", "Kiki", "Luís",
    "Marta", "Nuno", "Olga", "Paulo", "Quirin", "Rita", "Simão", "Tilda",
];
const LAST_NAMES: &[&str] = &[
    "Almeida", "Barros", "Castelo", "Duarte", "Esteves", "Faria", "Guerra", "Horta", "Leal", "Matos",
    "Neves", "Pinto",
];

/// Somebody who may want something.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub index: usize,
    pub name: String,
    pub number: String,
    pub email: String,
}

/// Who is doing what right now.
#[derive(Debug, Default)]
struct Now {
    busy: BTreeSet<usize>,
    calling: usize,
    chatting: usize,
    /// Numbers whose call an agent has picked up.
    talking: BTreeSet<String>,
    agents: BTreeMap<String, AgentState>,
}

/// See the module.
pub(super) struct World {
    pub plan: Plan,
    pub phones: Phones,
    pub counts: Counts,
    voices: Vec<Voice>,
    began: Instant,
    now: Mutex<Now>,
}

impl World {
    pub fn new(plan: Plan, phones: Phones) -> Self {
        let voices = (0..VOICES).map(|number| Voice::new(plan.seed.wrapping_add(number))).collect();
        let (counts, began, now) = (Counts::default(), Instant::now(), Mutex::default());
        Self { plan, phones, counts, voices, began, now }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody's voice.
    pub fn voice(&self, index: usize) -> &Voice {
        &self.voices[index % self.voices.len()]
    }

    /// A customer who does nothing at the moment; busy until [`World::leaves`].
    pub fn somebody(&self, rng: &mut StdRng) -> Option<Customer> {
        let mut now = self.now();
        (0..TRIES).map(|_| rng.random_range(0..CUSTOMERS)).find(|index| now.busy.insert(*index)).map(customer)
    }

    pub fn leaves(&self, customer: &Customer) {
        self.now().busy.remove(&customer.index);
    }

    pub fn calls(&self, is: bool) {
        let mut now = self.now();
        now.calling = if is { now.calling + 1 } else { now.calling.saturating_sub(1) };
    }

    pub fn chats(&self, is: bool) {
        let mut now = self.now();
        now.chatting = if is { now.chatting + 1 } else { now.chatting.saturating_sub(1) };
    }

    /// An agent has picked up the call of this number, or hung up.
    pub fn talks(&self, number: &str, is: bool) {
        let mut now = self.now();
        if is {
            now.talking.insert(number.to_owned());
        } else {
            now.talking.remove(number);
        }
    }

    pub fn is_talking(&self, number: &str) -> bool {
        self.now().talking.contains(number)
    }

    /// What a desk shows of its agent.
    pub fn agent_is(&self, key: &str, state: AgentState) {
        self.now().agents.insert(key.to_owned(), state);
    }

    pub fn figures(&self) -> Figures {
        let now = self.now();
        let mut agents: BTreeMap<i32, (String, usize)> = BTreeMap::new();
        for state in now.agents.values() {
            let word =
                state.as_str_name().trim_start_matches("AGENT_STATE_").to_lowercase().replace('_', " ");
            agents.entry((*state).into()).or_insert((word, 0)).1 += 1;
        }
        Figures {
            seconds: self.began.elapsed().as_secs(),
            calling: now.calling,
            chatting: now.chatting,
            agents: agents.into_values().collect(),
            ..Figures::of(&self.counts)
        }
    }

    /// How an interaction of a queue may have ended.
    pub fn disposition(&self, queue: &str, rng: &mut StdRng) -> String {
        let all = self.plan.dispositions.get(queue).map_or(&[][..], Vec::as_slice);
        let all = all.iter().map(String::as_str).collect::<Vec<_>>();
        if all.is_empty() { String::new() } else { chance::one_of(rng, &all).to_owned() }
    }
}

fn customer(index: usize) -> Customer {
    let first = FIRST_NAMES[index % FIRST_NAMES.len()];
    let last = LAST_NAMES[index / FIRST_NAMES.len() % LAST_NAMES.len()];
    Customer {
        index,
        name: format!("{first} {last}"),
        number: format!("+1555700{index:04}"),
        email: format!("customer{index}@living.example"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CUSTOMERS, customer};

    #[test]
    fn every_customer_is_somebody_else() {
        let names: BTreeSet<_> = (0..CUSTOMERS).map(|index| customer(index).name).collect();

        assert_eq!(names.len(), CUSTOMERS);
    }
}
