//! The echo test: an agent's browser hears what it says.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chassis::{ErrorKind, Failure};
use thiserror::Error;
use tokio::{
    sync::{mpsc, oneshot},
    task::AbortHandle,
};

use super::{
    Voice,
    invitations::{BrowserOffer, NotConnected},
};
use crate::engine::MediaEvent;

/// How long an echo lasts at most.
const LASTS: Duration = Duration::from_secs(60);
/// Echoes at once; they are for trying a headset, not for living in.
const MAX_ECHOES: usize = 100;
/// How long the answer to the browser may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// Why there is no echo.
#[derive(Debug, Error)]
pub enum TestDeviceError {
    /// As many as may be.
    #[error("too many echo tests at once, try again in a moment")]
    TooMany,
    /// The browser can't be answered.
    #[error(transparent)]
    Refused(#[from] NotConnected),
}

impl Failure for TestDeviceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(NotConnected::Description(_)) => ErrorKind::Invalid { field: "description" },
            Self::TooMany | Self::Refused(_) => ErrorKind::Exhausted,
        }
    }
}

/// The echoes of this process, one for an agent.
#[derive(Default)]
pub struct Echoes(Mutex<HashMap<(String, String), AbortHandle>>);

impl Echoes {
    /// Ends the agent's echo before, and keeps the new one. `false`: there is no room for it.
    fn put(&self, key: (String, String), echo: AbortHandle) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, echo| !echo.is_finished());
        if all.len() >= MAX_ECHOES && !all.contains_key(&key) {
            return false;
        }
        if let Some(before) = all.insert(key, echo) {
            before.abort();
        }
        true
    }
}

impl Voice {
    /// Answers the browser's offer with a leg that hears itself.
    pub async fn test_device(
        &self,
        tenant: &str,
        agent: &str,
        description: String,
    ) -> Result<String, TestDeviceError> {
        let (answer, answered) = oneshot::channel();
        let media = self.engine.for_call();
        let (events, mut heard) = mpsc::channel(8);
        let echo = tokio::spawn(async move {
            let offer = BrowserOffer { description, answer };
            let Some((leg, _)) = offer.open("echo", &media, None, &events) else { return };
            if media.bridge(leg.id(), leg.id()).is_err() {
                return;
            }
            let gone = async {
                while let Some(event) = heard.recv().await {
                    if matches!(event, MediaEvent::Silent { .. }) {
                        return;
                    }
                }
            };
            let _ = tokio::time::timeout(LASTS, gone).await;
        });
        if !self.echoes.put((tenant.to_owned(), agent.to_owned()), echo.abort_handle()) {
            echo.abort();
            return Err(TestDeviceError::TooMany);
        }
        match tokio::time::timeout(DEADLINE, answered).await {
            Ok(Ok(answer)) => Ok(answer?),
            _ => Err(NotConnected::Gone.into()),
        }
    }
}
