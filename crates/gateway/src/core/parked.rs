//! Facts that concern every agent: which calls wait for whoever takes them.
//!
//! Pure. An end is nobody's news but of a call that waits so; which ones do is remembered, up to a bound. What was parked before
//! this process began to listen is not known here: desktops look for themselves when they open.

use std::collections::BTreeSet;

use contract::Event;

/// Most calls remembered at once, of all tenants.
const MOST: usize = 20_000;

/// Parked calls, by tenant and interaction.
#[derive(Clone, Debug, Default)]
pub struct ParkedCalls(BTreeSet<(String, String)>);

impl ParkedCalls {
    /// Whether every agent of the tenant is to hear this. Learns from it what waits afterwards.
    pub fn tells_all(&mut self, tenant: &str, interaction: &str, event: &Event) -> bool {
        let key = || (tenant.to_owned(), interaction.to_owned());
        match event {
            Event::CallParked(_) => {
                if self.0.len() < MOST {
                    self.0.insert(key());
                }
                true
            }
            Event::CallRetrieved(_) => {
                self.0.remove(&key());
                true
            }
            Event::InteractionEnded(_) => !self.0.is_empty() && self.0.remove(&key()),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::interaction::v1::{CallParked, CallRetrieved, InteractionEnded};

    use super::*;

    #[test]
    fn everybody_hears_of_a_parked_call_until_it_is_taken_or_its_customer_leaves() {
        let mut parked = ParkedCalls::default();
        let (park, take, end) = (
            CallParked::default().into(),
            CallRetrieved::default().into(),
            InteractionEnded::default().into(),
        );

        assert!(!parked.tells_all("demo", "call", &end), "a call like any other");
        assert!(parked.tells_all("demo", "call", &park));
        assert!(!parked.tells_all("acme", "call", &end), "another tenant's");
        assert!(parked.tells_all("demo", "call", &end));
        assert!(!parked.tells_all("demo", "call", &end), "once");

        assert!(parked.tells_all("demo", "other", &park) && parked.tells_all("demo", "other", &take));
        assert!(!parked.tells_all("demo", "other", &end));
    }
}
