//! One customer with cases, history and notes.

use chassis::{Db, ErrorKind, Failure, TxError};

use crate::store::{
    cases::{self, Case},
    customers::{self, Customer},
    interactions::{self, Filter, Interaction},
    notes::{self, Note},
};

/// Most rows of each kind.
const MOST: u16 = 100;

/// Why there is no such page.
#[derive(Debug, thiserror::Error)]
pub enum GetCustomerError {
    #[error("there is no customer {0:?}")]
    NotFound(String),
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for GetCustomerError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Database(error) => error.kind(),
        }
    }
}

/// A customer and the newest of everything about them.
#[derive(Debug)]
pub struct Page {
    pub customer: Customer,
    pub cases: Vec<Case>,
    pub interactions: Vec<Interaction>,
    pub notes: Vec<Note>,
}

/// Reads one customer.
pub async fn get_customer(db: &Db, tenant: &str, customer_id: &str) -> Result<Page, GetCustomerError> {
    let mut tx = db.begin(tenant).await?;
    let customer = customers::find(tx.conn(), tenant, customer_id)
        .await
        .map_err(TxError::from)?
        .ok_or_else(|| GetCustomerError::NotFound(customer_id.to_owned()))?;
    let cases = cases::of_customer(tx.conn(), tenant, customer_id, MOST).await.map_err(TxError::from)?;
    let filter = Filter { customer_id: Some(customer_id.to_owned()), ..Filter::default() };
    let interactions = interactions::list(tx.conn(), tenant, &filter, MOST).await.map_err(TxError::from)?;
    let notes = notes::of_customer(tx.conn(), tenant, customer_id, MOST).await.map_err(TxError::from)?;
    Ok(Page { customer, cases, interactions, notes })
}
