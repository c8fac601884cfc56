//! What happened so far, as numbers.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};

/// A number that only grows.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What customers and agents count as they live.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub calls: Count,
    pub calls_answered: Count,
    pub calls_abandoned: Count,
    pub calls_failed: Count,
    pub calls_again: Count,
    pub calls_silent: Count,
    pub chats: Count,
    pub chats_answered: Count,
    pub chats_abandoned: Count,
    pub chats_failed: Count,
    pub messages: Count,
    pub turned_away: Count,
    pub let_ring: Count,
    pub breaks: Count,
    pub wrapped_up: Count,
    pub troubles: Count,
}

/// What happened since the beginning, and how it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Seconds since the beginning.
    pub seconds: u64,
    /// Customers on the telephone and in chats now.
    pub calling: usize,
    pub chatting: usize,
    /// Agents by state now, as their desks show it: `ready 4, busy 7`.
    pub agents: Vec<(String, usize)>,
    /// Calls begun, picked up by an agent, given up by the customer, refused or cut by the centre.
    pub calls: u64,
    pub calls_answered: u64,
    pub calls_abandoned: u64,
    pub calls_failed: u64,
    /// Customers who had given up and called once more.
    pub calls_again: u64,
    /// Conversations on the telephone in which one of the two heard nothing.
    pub calls_silent: u64,
    /// The same of chats.
    pub chats: u64,
    pub chats_answered: u64,
    pub chats_abandoned: u64,
    pub chats_failed: u64,
    /// Said in chats, by both sides.
    pub messages: u64,
    /// Customers who did not come because all were busy already.
    pub turned_away: u64,
    /// Offers that an agent let ring, breaks, finished paperwork.
    pub let_ring: u64,
    pub breaks: u64,
    pub wrapped_up: u64,
    /// What went wrong at a desk and was tried again.
    pub troubles: u64,
}

impl Figures {
    pub(super) fn of(counts: &Counts) -> Self {
        Self {
            calls: counts.calls.get(),
            calls_answered: counts.calls_answered.get(),
            calls_abandoned: counts.calls_abandoned.get(),
            calls_failed: counts.calls_failed.get(),
            calls_again: counts.calls_again.get(),
            calls_silent: counts.calls_silent.get(),
            chats: counts.chats.get(),
            chats_answered: counts.chats_answered.get(),
            chats_abandoned: counts.chats_abandoned.get(),
            chats_failed: counts.chats_failed.get(),
            messages: counts.messages.get(),
            turned_away: counts.turned_away.get(),
            let_ring: counts.let_ring.get(),
            breaks: counts.breaks.get(),
            wrapped_up: counts.wrapped_up.get(),
            troubles: counts.troubles.get(),
            ..Self::default()
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let agents = self.agents.iter().map(|(state, count)| (state.clone(), json!(count)));
        json!({
            "seconds": self.seconds,
            "agents": Value::Object(agents.collect()),
            "calls": {
                "now": self.calling, "begun": self.calls, "answered": self.calls_answered,
                "abandoned": self.calls_abandoned, "failed": self.calls_failed, "again": self.calls_again,
                "silent": self.calls_silent,
            },
            "chats": {
                "now": self.chatting, "begun": self.chats, "answered": self.chats_answered,
                "abandoned": self.chats_abandoned, "failed": self.chats_failed, "messages": self.messages,
            },
            "turned_away": self.turned_away, "let_ring": self.let_ring, "breaks": self.breaks,
            "wrapped_up": self.wrapped_up, "troubles": self.troubles,
        })
    }
}

/// One line for people.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, seconds) = (self.seconds / 60, self.seconds % 60);
        write!(
            f,
            "{minutes:02}:{seconds:02}  calls {} now, {} begun, {} answered, {} abandoned",
            self.calling, self.calls, self.calls_answered, self.calls_abandoned
        )?;
        write!(
            f,
            " · chats {} now, {} begun, {} answered, {} abandoned, {} messages",
            self.chatting, self.chats, self.chats_answered, self.chats_abandoned, self.messages
        )?;
        let agents = self.agents.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>();
        write!(f, " · agents {}", agents.join(", "))?;
        for (count, word) in [
            (self.calls_again, "called again"),
            (self.let_ring, "let ring"),
            (self.breaks, "breaks"),
            (self.calls_failed + self.chats_failed, "failed"),
            (self.calls_silent, "silent"),
            (self.turned_away, "not come"),
            (self.troubles, "troubles"),
        ] {
            if count > 0 {
                write!(f, " · {count} {word}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Figures;

    #[test]
    fn what_did_not_happen_is_not_said() {
        let figures = Figures {
            seconds: 70,
            calls: 3,
            breaks: 1,
            agents: vec![("ready".into(), 12)],
            ..Figures::default()
        };

        let line = figures.to_string();

        assert!(line.starts_with("01:10  calls 0 now, 3 begun,"), "{line}");
        assert!(line.ends_with("agents 12 ready · 1 breaks"), "{line}");
        assert_eq!(figures.json()["agents"]["ready"], 12);
    }
}
