//! Staying signed in with the trunks that want it: asked for at the start, renewed before it ends, given up at the stop.

use std::{sync::Arc, time::Duration};

use contract::Timestamp;

use super::{Voice, trunks::Trunk};
use crate::{
    core::registration::{Outcome, Plan},
    metrics,
    sip::sign_in::{SignIn, Told},
};

/// How long a stopping process waits for trunks to take its leave.
const LEAVE_LIMIT: Duration = Duration::from_secs(3);

/// How a trunk's registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// None is wanted.
    #[default]
    None,
    /// Asked for, or about to be.
    Pending,
    /// Signed in.
    SignedIn,
    /// The trunk refuses us.
    Refused,
    /// The trunk does not answer, or has trouble of its own.
    Unreachable,
}

impl Standing {
    /// For metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::SignedIn => "signed_in",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }
}

/// What is known of a trunk's registration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registered {
    pub standing: Standing,
    /// The last answer, for people: "403 forbidden".
    pub detail: String,
    /// When it ends unless it is renewed. A renewal that fails does not end it.
    pub until: Option<Timestamp>,
    /// Where the trunk is: its calls come from there.
    pub address: Option<std::net::IpAddr>,
}

impl Registered {
    /// Takes what came of a request at `now`.
    fn told(&mut self, told: &Told, now: Timestamp) {
        self.detail.clone_from(&told.detail);
        match told.outcome {
            Outcome::Granted(0) => (self.standing, self.until) = (Standing::Pending, None),
            Outcome::Granted(seconds) => {
                self.standing = Standing::SignedIn;
                self.until = Some(now.plus_millis(i64::from(seconds) * 1_000));
                self.address = told.address.map(|address| address.ip());
            }
            Outcome::Brief(_) | Outcome::Refused(_) => {
                (self.standing, self.until) = (Standing::Refused, None);
            }
            // What was granted holds until its end.
            Outcome::Silent(_) if self.until.is_some_and(|until| until > now) => {}
            Outcome::Silent(_) => (self.standing, self.until) = (Standing::Unreachable, None),
        }
    }
}

impl Voice {
    /// Keeps a trunk's registration until the process stops, then gives it up so that no new call comes here.
    pub(super) async fn keep_signed_in(self: Arc<Self>, trunk: Arc<Trunk>) {
        let mut plan = Plan::new(u32::try_from(trunk.config.register_for.0.as_secs()).unwrap_or(u32::MAX));
        let mut sign_in = SignIn::new(&self.stack, &trunk.config);
        loop {
            let told = tokio::select! {
                told = sign_in.ask(plan.seconds()) => told,
                () = self.stopping.cancelled() => break,
            };
            self.note_registration(&trunk, &told);
            let pause = plan.next(told.outcome, |below| rand::random_range(0..below));
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(pause)) => {}
                () = self.stopping.cancelled() => break,
            }
        }
        if trunk.registered().until.is_some() {
            if let Ok(told) = tokio::time::timeout(LEAVE_LIMIT, sign_in.ask(0)).await {
                self.note_registration(&trunk, &told);
            } else {
                tracing::debug!(trunk = trunk.config.name, "a trunk did not take our leave");
            }
        }
    }

    fn note_registration(&self, trunk: &Trunk, told: &Told) {
        let name = trunk.config.name.as_str();
        let (before, now) = trunk.change_registered(|known| known.told(told, self.clock.now()));
        if before != now {
            if now == Standing::SignedIn {
                tracing::info!(trunk = name, "signed in with a trunk");
            } else {
                tracing::warn!(
                    trunk = name,
                    standing = now.name(),
                    detail = told.detail,
                    "not signed in with a trunk"
                );
            }
        }
        let outcome = match told.outcome {
            Outcome::Granted(0) => "left",
            Outcome::Granted(_) => "signed_in",
            Outcome::Brief(_) => "too_brief",
            Outcome::Refused(_) => "refused",
            Outcome::Silent(_) => "silent",
        };
        metrics::TRUNK_REGISTRATIONS.with_label_values(&[name, outcome]).inc();
        let signed_in = i64::from(now == Standing::SignedIn);
        metrics::TRUNK_SIGNED_IN.with_label_values(&[name]).set(signed_in);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(outcome: Outcome) -> Told {
        Told { outcome, detail: String::new(), address: None }
    }

    #[test]
    fn a_renewal_that_is_not_answered_does_not_end_what_was_granted() {
        let at = Timestamp::from_millis;
        let mut known = Registered { standing: Standing::Pending, ..Registered::default() };

        known.told(&told(Outcome::Granted(60)), at(0));
        known.told(&told(Outcome::Silent(None)), at(59_000));
        assert_eq!((known.standing, known.until), (Standing::SignedIn, Some(at(60_000))));
        known.told(&told(Outcome::Silent(None)), at(60_000));
        assert_eq!((known.standing, known.until), (Standing::Unreachable, None));
        known.told(&told(Outcome::Granted(60)), at(61_000));
        known.told(&told(Outcome::Refused(None)), at(62_000));
        assert_eq!((known.standing, known.until), (Standing::Refused, None));
    }
}
