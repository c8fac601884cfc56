//! Dead letters go back, once more, to the consumers that gave them up.

use chassis::{Bus, BusError, Caller, DeadLetters, ErrorKind, Failure};
use contract::operations::v1::{ReplayDeadLettersRequest, ReplayDeadLettersResponse};

use super::list_dead_letters::may_see;
use crate::metrics::REPLAYED;

/// Letters handed back in one call.
const MOST: usize = 1_000;

/// Why nothing, or not everything, was handed back.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Everything at once needs a service to be named.
    #[error("name the sequences, or a service to replay all of its letters")]
    Nothing,
    /// More than one call takes.
    #[error("at most {MOST} sequences in one call")]
    TooMany,
    /// The bus is away. What was handed back before is not undone; the same call again goes on.
    #[error("dead letters can't be handed back now")]
    Bus(#[from] BusError),
}

impl Failure for ReplayError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Nothing | Self::TooMany => ErrorKind::Invalid { field: "sequences" },
            Self::Bus(error) => error.kind(),
        }
    }
}

/// Hands them back. Those of other tenants, and those that are gone, are passed over.
pub async fn replay_dead_letters(
    bus: &Bus,
    caller: &Caller,
    request: ReplayDeadLettersRequest,
) -> Result<ReplayDeadLettersResponse, ReplayError> {
    if request.sequences.is_empty() && request.service.is_empty() {
        return Err(ReplayError::Nothing);
    }
    if request.sequences.len() > MOST {
        return Err(ReplayError::TooMany);
    }
    let letters = DeadLetters::new(bus.clone());
    let first = request.sequences.iter().min().map_or(0, |first| first.saturating_sub(1));
    let found = letters.list(&request.service, first, usize::MAX).await?;
    let wanted = found
        .into_iter()
        .filter(|letter| may_see(caller, letter))
        .filter(|letter| request.sequences.is_empty() || request.sequences.contains(&letter.sequence))
        .take(MOST);
    let mut replayed = 0;
    for letter in wanted {
        if letters.replay(letter.sequence).await? {
            replayed += 1;
            REPLAYED.with_label_values(&[&letter.service]).inc();
        }
    }
    tracing::info!(tenant.id = caller.tenant, user.id = caller.user, replayed, "dead letters handed back");
    Ok(ReplayDeadLettersResponse { replayed })
}
