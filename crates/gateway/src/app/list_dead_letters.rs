//! What consumers gave up on, of the caller's tenant.

use chassis::{Bus, BusError, Caller, DeadLetter, DeadLetters, ErrorKind, Failure};
use contract::operations::v1::{DeadLetter as Wire, ListDeadLettersRequest, ListDeadLettersResponse};

const PAGE: usize = 100;
const LARGEST_PAGE: usize = 500;
/// Letters looked at for one page: those of other tenants lie between.
const SCANNED: usize = 10_000;

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Not within what a page may hold.
    #[error("page_size must be between 0 and 500")]
    PageSize,
    /// The bus is away.
    #[error("dead letters can't be read now")]
    Bus(#[from] BusError),
}

impl Failure for ListError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::PageSize => ErrorKind::Invalid { field: "page_size" },
            Self::Bus(error) => error.kind(),
        }
    }
}

/// Lists them, oldest first.
pub async fn list_dead_letters(
    bus: &Bus,
    caller: &Caller,
    request: ListDeadLettersRequest,
) -> Result<ListDeadLettersResponse, ListError> {
    let page = match usize::try_from(request.page_size) {
        Ok(0) => PAGE,
        Ok(size) if size <= LARGEST_PAGE => size,
        _ => return Err(ListError::PageSize),
    };
    let found = DeadLetters::new(bus.clone()).list(&request.service, request.after_sequence, SCANNED).await?;
    let letters = found.into_iter().filter(|letter| may_see(caller, letter)).take(page).map(wire).collect();
    Ok(ListDeadLettersResponse { letters })
}

/// People see the letters of their tenant, services all.
pub fn may_see(caller: &Caller, letter: &DeadLetter) -> bool {
    caller.is_service() || letter.tenant_id == caller.tenant
}

fn wire(letter: DeadLetter) -> Wire {
    Wire {
        sequence: letter.sequence,
        service: letter.service,
        subject: letter.subject,
        message_id: letter.message_id,
        tenant_id: letter.tenant_id,
        interaction_id: letter.interaction_id,
        error: letter.error,
        attempts: i32::try_from(letter.attempts).unwrap_or(i32::MAX),
        died_at: Some(letter.died_at.to_proto()),
    }
}
