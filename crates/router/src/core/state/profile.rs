//! One routing profile with its rules by queue and channel.

use std::collections::BTreeMap;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::{channel::Channel, config::ProfileConfig, ids::Name};

/// What a profile says about one queue and channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub priority: i32,
    pub delay_ms: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub name: Name,
    pub config: Option<ProfileConfig>,
    /// The outbound queues were left, and since when it has been so.
    pub left_outbound: bool,
    pub moved_at: Option<Timestamp>,
    /// When they are to be moved next, as far as a deadline stands for it.
    #[serde(skip)]
    pub move_due: Option<Timestamp>,
    /// By queue and channel; only channels with slots. Rebuilt after a restart.
    #[serde(skip)]
    pub rules: BTreeMap<(u32, Channel), Rule>,
}

impl Profile {
    pub(crate) fn new(name: Name) -> Self {
        Self {
            name,
            config: None,
            left_outbound: false,
            moved_at: None,
            move_due: None,
            rules: BTreeMap::new(),
        }
    }

    /// The queues it names, ascending and once each.
    pub(crate) fn queues(&self) -> Vec<u32> {
        let mut queues: Vec<u32> = self.rules.keys().map(|(queue, _)| *queue).collect();
        queues.dedup();
        queues
    }
}
