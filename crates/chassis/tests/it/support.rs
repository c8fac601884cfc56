//! A small service that counts what it hears, and facts to be heard.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chassis::{
    Bus, Clock, Db, Fact,
    config::{Secret, Settings},
};
use contract::{Event, interaction::v1::InteractionConnected};
use testkit::Stack;

/// Position of a fact made by [`numbered`].
pub fn number(event: &Event) -> u64 {
    match event {
        Event::InteractionConnected(connected) => connected.offer_id.parse().unwrap_or_default(),
        _ => 0,
    }
}

/// The `n`th fact of an interaction.
pub fn numbered(interaction: &str, n: u64) -> Fact {
    Fact::of(InteractionConnected { agent_id: "ann".to_owned(), offer_id: n.to_string() })
        .tenant("demo")
        .interaction(interaction)
        .id(format!("{interaction}-{n}"))
}

/// Settings of a stack, for parts of the chassis used without a process.
pub fn settings(stack: &Stack) -> Settings {
    stack.settings(&chassis::Process::new("test"))
}

/// A connection to the stack's bus.
pub async fn bus(stack: &Stack, instance: &str) -> Bus {
    Bus::connect(&settings(stack).nats, instance, Clock::system()).await.unwrap()
}

/// The prepared schema `probe` of the stack, and a pool as the unprivileged role.
pub async fn db(stack: &Stack) -> Db {
    let mut settings = settings(stack);
    settings.postgres.url = Secret::new(stack.postgres_url.as_str());
    let mut owner = chassis::connect_owner(&settings.postgres).await.unwrap();
    chassis::prepare_schema(&mut owner, "probe", &settings.postgres.app_role, None).await.unwrap();
    let pool = chassis::open_pool(&settings.postgres).await.unwrap();
    Db::new(pool, "probe", "probe/test", Clock::system())
}

/// What was heard, by interaction, in order.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<BTreeMap<String, Vec<u64>>>>);

impl Heard {
    pub fn add(&self, interaction: &str, number: u64) {
        self.0.lock().unwrap().entry(interaction.to_owned()).or_default().push(number);
    }

    pub fn of(&self, interaction: &str) -> Vec<u64> {
        self.0.lock().unwrap().get(interaction).cloned().unwrap_or_default()
    }

    pub fn total(&self) -> usize {
        self.0.lock().unwrap().values().map(Vec::len).sum()
    }

    /// Waits until `total` were heard, at most 60 s, then a little longer for those that should not come.
    pub async fn wait_for(&self, total: usize) {
        for _ in 0..600 {
            if self.total() >= total {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(self.total(), total);
    }
}
