//! The past of one tenant: a state of the fold from before a moment, and the log from there on.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chassis::{BusError, ErrorKind, Failure, Received, Start, Tail, TxError};
use contract::{Envelope, Timestamp, subject};

use super::{App, RequestError, convert::outputs::Output};
use crate::{
    core::{RestoreError, Router, publication::Publication},
    store::history,
};

/// What the router reads of the log: contexts and names of facts.
pub(crate) type Facts = &'static [(&'static str, &'static str)];

/// How long the next message of the log may take.
pub(crate) const UNREADABLE: Duration = Duration::from_secs(10);

/// Why the past can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PastError {
    /// The request itself is wrong.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The log has lost its beginning, and no earlier state is kept.
    #[error("the log can be folded from {earliest} on, and {wanted} is earlier")]
    Incomplete { earliest: String, wanted: Timestamp },
    /// As many replays and plays are under way as one process does.
    #[error("other replays are under way, try again in a moment")]
    Busy,
    /// The kept state is of another version of the program.
    #[error("the state that was kept can't be used by this version")]
    State(#[from] RestoreError),
    /// The kept outputs are of another version of the program.
    #[error("the outputs that were kept can't be used by this version")]
    Outbox(#[from] postcard::Error),
    /// The database refused or is away.
    #[error(transparent)]
    Store(#[from] TxError),
    /// The log can't be read.
    #[error("the log is unavailable")]
    Log(#[from] BusError),
}

impl Failure for PastError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Request(error) => error.kind(),
            Self::Incomplete { .. } | Self::State(_) | Self::Outbox(_) => {
                ErrorKind::Precondition { reason: "LOG_INCOMPLETE" }
            }
            Self::Busy => ErrorKind::Exhausted,
            Self::Store(error) => error.kind(),
            Self::Log(_) => ErrorKind::Unavailable,
        }
    }
}

/// See the module.
pub(crate) struct Past {
    /// The tenant's fold at the beginning.
    router: Option<Router>,
    /// What it had said and the log did not hold.
    pub pending: VecDeque<Envelope>,
    /// As of when; absent: nothing had happened.
    pub began_at: Option<Timestamp>,
    tail: Tail,
    /// The log's last position when it was opened.
    last: u64,
    /// Whether everything up to `last` is read.
    over: bool,
}

impl App {
    /// Opens the past of a tenant at a state from `from` or before; from as early as can be when absent.
    pub(crate) async fn past(
        &self,
        tenant: &str,
        from: Option<Timestamp>,
        facts: Facts,
    ) -> Result<Past, PastError> {
        let number = subject::partition_of(tenant);
        let (first, last) = self.bus.sequences().await?;
        let mut tx = self.db.begin_for_every_tenant().await?;
        let kept = match from {
            Some(from) => history::before(&mut tx, number, from).await?,
            None if first <= 1 => None,
            None => match history::first(&mut tx, number).await? {
                Some(at) => history::before(&mut tx, number, at).await?,
                None => None,
            },
        };
        // A state whose continuation the log has lost is of no use.
        let kept = kept.filter(|kept| kept.sequence + 1 >= first && kept.sequence <= last);
        if kept.is_none() && first > 1 {
            let earliest = history::first(&mut tx, number).await?;
            let earliest = earliest.map_or_else(|| "no moment".to_owned(), |at| at.to_string());
            return Err(PastError::Incomplete { earliest, wanted: from.unwrap_or_default() });
        }
        drop(tx);
        let (router, pending, start, began_at) = match kept {
            None => (Router::new(number), VecDeque::new(), Start::Beginning, None),
            Some(kept) => {
                let publication: Publication<Output> = postcard::from_bytes(&kept.outbox)?;
                let said =
                    publication.pending().filter_map(|(_, output)| contract::decode(&output.envelope).ok());
                let said = said.filter(|envelope| envelope.tenant_id == tenant).collect();
                (Router::restore(&kept.state)?, said, Start::After(kept.sequence), Some(kept.at))
            }
        };
        let filters = facts.iter().map(|(context, name)| subject::event(context, name, tenant)).collect();
        let (mut tail, over) = (self.bus.past(filters, start), last == 0);
        tail.ready().await;
        Ok(Past { router: Some(router), pending, began_at, tail, last, over })
    }
}

impl Past {
    /// The tenant's fold at the beginning, once.
    pub(crate) fn take_router(&mut self) -> Router {
        self.router.take().unwrap_or_else(|| Router::new(0))
    }

    /// The next message of the tenant; none when the log is read up to where it ended when the past was opened.
    pub(crate) async fn next(&mut self) -> Option<Arc<Received>> {
        // The last message of the log may be another tenant's: then nothing of this one is left.
        if self.over || self.tail.pending() == Some(0) {
            return None;
        }
        // Unless what is left is nothing that can be read.
        let received = tokio::time::timeout(UNREADABLE, self.tail.next()).await.ok()?;
        self.over = received.sequence >= self.last;
        (received.sequence <= self.last).then_some(received)
    }
}
