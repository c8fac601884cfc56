//! The list of interactions, newest first, page by page.

use chassis::{Db, ErrorKind, Failure, TxError};
use contract::Timestamp;

use crate::{
    core::page::Position,
    store::interactions::{self, Filter, Interaction},
};

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListInteractionsError {
    /// Nobody here made this token.
    #[error("is no token of this list")]
    PageToken,
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for ListInteractionsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::PageToken => ErrorKind::Invalid { field: "page_token" },
            Self::Database(error) => error.kind(),
        }
    }
}

/// A page, and the token of the next; empty: there is none.
#[derive(Debug, Default)]
pub struct Page {
    pub interactions: Vec<Interaction>,
    pub next_page_token: String,
}

/// Lists `size` interactions that `filter` lets through, from where `page_token` (may be empty) left off.
pub async fn list_interactions(
    db: &Db,
    tenant: &str,
    mut filter: Filter,
    size: u16,
    page_token: &str,
) -> Result<Page, ListInteractionsError> {
    if !page_token.is_empty() {
        filter.after = Some(Position::parse(page_token).ok_or(ListInteractionsError::PageToken)?);
    }
    let mut tx = db.begin(tenant).await?;
    let mut found = interactions::list(tx.conn(), tenant, &filter, size + 1).await.map_err(TxError::from)?;
    let more = found.len() > usize::from(size);
    found.truncate(usize::from(size));
    let next_page_token = found
        .last()
        .filter(|_| more)
        .map(|last| Position {
            started_at: Timestamp::from_millis(last.started_at),
            interaction_id: last.interaction_id.clone(),
        })
        .map(|position| position.token())
        .unwrap_or_default();
    Ok(Page { interactions: found, next_page_token })
}
