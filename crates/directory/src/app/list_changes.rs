//! What was changed, by whom and when.

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::directory::v1::{ListChangesRequest, ListChangesResponse, Role};

use super::{App, BeginError};
use crate::store;

const DEFAULT_PAGE: i32 = 50;
const LARGEST_PAGE: i32 = 200;

/// Why the changes can't be told.
#[derive(Debug, thiserror::Error)]
pub enum ListChangesError {
    /// No token of ours.
    #[error("the page token is not one of ours")]
    PageToken,
    /// Not the role for it.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for ListChangesError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for ListChangesError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::PageToken => ErrorKind::Invalid { field: "page_token" },
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// One page, newest first.
pub async fn list_changes(
    app: &App,
    caller: &Caller,
    request: ListChangesRequest,
) -> Result<ListChangesResponse, ListChangesError> {
    caller.require(&[Role::Administrator, Role::Auditor])?;
    let before = match request.page_token.as_str() {
        "" => None,
        token => Some(token.parse().map_err(|_| ListChangesError::PageToken)?),
    };
    let size = if request.page_size <= 0 { DEFAULT_PAGE } else { request.page_size.min(LARGEST_PAGE) };
    let mut tx = app.begin(&caller.tenant).await?;
    let mut found = store::change::newest(&mut tx, before, i64::from(size) + 1).await?;
    let more = found.len() > size as usize;
    found.truncate(size as usize);
    let next_page_token = if more { found.last().map(|(seq, _)| seq.to_string()) } else { None };
    Ok(ListChangesResponse {
        changes: found.into_iter().map(|(_, change)| change).collect(),
        next_page_token: next_page_token.unwrap_or_default(),
    })
}
