//! What an agent means to do, and when.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use tokio::time::Instant;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Task {
    /// Take this offer of a chat.
    Accept { offer: String },
    /// Say the next thing in this chat.
    Say { interaction: String },
    /// End this chat, if it is still there.
    End { interaction: String },
    /// Finish the paperwork.
    WrapUp { interaction: String, queue: String },
    /// Be away for a while.
    Break,
    /// Be available again.
    Back,
    /// Prolong the telephone's registration.
    Register,
    /// Renew the session.
    Refresh,
}

/// Tasks by time.
#[derive(Debug, Default)]
pub(super) struct Agenda(BinaryHeap<Reverse<(Instant, Task)>>);

/// More than this many things nobody can do; a demo's agent has a handful.
const MOST: usize = 256;

impl Agenda {
    pub fn after(&mut self, wait: Duration, task: Task) {
        if self.0.len() < MOST {
            self.0.push(Reverse((Instant::now() + wait, task)));
        }
    }

    /// The next task, when its time comes. Nothing is lost when the wait is broken off.
    pub async fn next(&mut self) -> Task {
        match self.0.peek() {
            Some(Reverse((at, _))) => tokio::time::sleep_until(*at).await,
            None => std::future::pending().await,
        }
        self.0.pop().map_or(Task::Refresh, |Reverse((_, task))| task)
    }

    pub fn has(&self, wanted: impl Fn(&Task) -> bool) -> bool {
        self.0.iter().any(|Reverse((_, task))| wanted(task))
    }

    pub fn drop_all(&mut self, unwanted: impl Fn(&Task) -> bool) {
        self.0.retain(|Reverse((_, task))| !unwanted(task));
    }
}
