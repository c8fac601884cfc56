//! Customers by name, number, mail or case number.

use chassis::{Db, ErrorKind, Failure, TxError};

use crate::{
    core::search,
    store::customers::{self, Customer},
};

/// Longest query, in characters.
const QUERY_CHARS: usize = 200;

/// Why nobody is looked for.
#[derive(Debug, thiserror::Error)]
pub enum SearchCustomersError {
    #[error("has {0} characters, must have 1 to {QUERY_CHARS}")]
    Length(usize),
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for SearchCustomersError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Length(_) => ErrorKind::Invalid { field: "query" },
            Self::Database(error) => error.kind(),
        }
    }
}

/// Finds at most `size` customers, last seen first.
pub async fn search_customers(
    db: &Db,
    tenant: &str,
    query: &str,
    size: u16,
) -> Result<Vec<Customer>, SearchCustomersError> {
    let length = query.trim().chars().count();
    if !(1..=QUERY_CHARS).contains(&length) {
        return Err(SearchCustomersError::Length(length));
    }
    let query = search::query(query);
    let mut tx = db.begin(tenant).await?;
    let found = customers::search(tx.conn(), tenant, &query.prefixes, query.case_number, size).await;
    Ok(found.map_err(TxError::from)?)
}
