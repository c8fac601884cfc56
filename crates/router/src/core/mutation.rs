//! Guards that tests take away one at a time, to show that a property notices. Outside tests every guard stands, and
//! the question is answered by the compiler.

/// One thing that keeps an invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// A channel has no more slots than the profile says.
    Slots,
    /// A channel in use is interrupted only by those that may.
    Interruption,
    /// Offers are paced.
    Pace,
    /// Who declined or let it ring is not asked at once again.
    Exclusion,
    /// What was offered in vain goes back to its old place.
    Place,
    /// Offers end by themselves.
    OfferDeadline,
    /// Wrap-ups end by themselves.
    WrapUpDeadline,
    /// Waiting work is looked at again when a ring ends.
    Look,
    /// Whoever rang beside the winner is told.
    Rescind,
    /// A message counts once.
    OnceOnly,
    /// Only who was asked may answer.
    Owner,
    /// A freed slot takes what waits.
    FreedSlot,
    /// What comes looks for an agent.
    Arrival,
    /// Who signs out gives back what rings.
    Withdrawal,
    /// A declared status comes when the work is done.
    NextStatus,
    /// What was parked comes back before anything new.
    Unpark,
    /// A call-back keeps the place of the call.
    CallbackPlace,
    /// Nothing is offered before its time.
    NotBefore,
    /// A closed queue sends its work elsewhere.
    Closure,
    /// Exhausted work goes elsewhere.
    Exhaustion,
    /// What waits for one agent waits for nobody else.
    Preference,
    /// Agents are not moved to and fro.
    Dwell,
    /// The last attempt is the last.
    Attempts,
    /// The index follows what agents take.
    Listing,
}

#[cfg(test)]
pub(crate) use removed::{stands, without};

/// Whether a guard stands: always, outside tests.
#[cfg(not(test))]
pub(crate) const fn stands(_: Guard) -> bool {
    true
}

#[cfg(test)]
mod removed {
    use std::cell::Cell;

    use super::Guard;

    thread_local!(static REMOVED: Cell<Option<Guard>> = const { Cell::new(None) });

    impl Guard {
        pub(crate) const ALL: [Self; 24] = [
            Self::Slots,
            Self::Interruption,
            Self::Pace,
            Self::Exclusion,
            Self::Place,
            Self::OfferDeadline,
            Self::WrapUpDeadline,
            Self::Look,
            Self::Rescind,
            Self::OnceOnly,
            Self::Owner,
            Self::FreedSlot,
            Self::Arrival,
            Self::Withdrawal,
            Self::NextStatus,
            Self::Unpark,
            Self::CallbackPlace,
            Self::NotBefore,
            Self::Closure,
            Self::Exhaustion,
            Self::Preference,
            Self::Dwell,
            Self::Attempts,
            Self::Listing,
        ];
    }

    /// Whether a guard stands on this thread.
    pub(crate) fn stands(guard: Guard) -> bool {
        REMOVED.get() != Some(guard)
    }

    /// Does something without a guard.
    pub(crate) fn without<T>(guard: Guard, what: impl FnOnce() -> T) -> T {
        REMOVED.set(Some(guard));
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(what));
        REMOVED.set(None);
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
