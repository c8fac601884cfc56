//! A person corrects the name of a customer, or adds ways to recognise them.

use chassis::{Db, ErrorKind, Failure, Tx, TxError};

use crate::{
    core::{
        identity::{Identity, IdentityError, Kind},
        search, text,
    },
    store::{
        customers::{self, Customer},
        identities, words,
    },
};

/// Most identities added at once.
const MOST_IDENTITIES: usize = 20;

/// Why a customer stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum UpdateCustomerError {
    #[error("there is no customer {0:?}")]
    NotFound(String),
    #[error("has {0} characters, must have at most 200")]
    Name(usize),
    #[error("names {0} identities, at most {MOST_IDENTITIES} can be added at once")]
    TooMany(usize),
    /// `place` in the list.
    #[error("add_identities[{place}] {source}")]
    Identity {
        place: usize,
        #[source]
        source: IdentityError,
    },
    #[error("add_identities[{0}] has a kind that people can't add: only a number or a mail address")]
    Kind(usize),
    #[error("{0} belongs to another customer")]
    Taken(Identity),
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for UpdateCustomerError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Name(_) => ErrorKind::Invalid { field: "name" },
            Self::TooMany(_) | Self::Identity { .. } | Self::Kind(_) => {
                ErrorKind::Invalid { field: "add_identities" }
            }
            Self::Taken(_) => ErrorKind::AlreadyExists,
            Self::Database(error) => error.kind(),
        }
    }
}

/// What should change.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub customer_id: String,
    /// Empty: stays.
    pub name: String,
    /// Kind (none: unknown) and value as written.
    pub add_identities: Vec<(Option<Kind>, String)>,
    /// The same id twice is one change.
    pub request_id: String,
}

/// Changes a customer and returns how they are now.
pub async fn update_customer(
    db: &Db,
    tenant: &str,
    country_code: &str,
    change: &Change,
) -> Result<Customer, UpdateCustomerError> {
    let identities = identities_of(change, country_code)?;
    let length = change.name.chars().count();
    if length > text::NAME_CHARS {
        return Err(UpdateCustomerError::Name(length));
    }
    let name = text::name(&change.name);

    let mut tx = db.begin(tenant).await?;
    if !customers::lock(tx.conn(), tenant, &change.customer_id).await.map_err(TxError::from)? {
        return Err(UpdateCustomerError::NotFound(change.customer_id.clone()));
    }
    if tx.first_time("update_customer", &change.request_id).await? {
        if !name.is_empty() {
            customers::rename(tx.conn(), tenant, &change.customer_id, &name).await.map_err(TxError::from)?;
        }
        add(&mut tx, &change.customer_id, identities).await?;
    }
    let customer = customers::find(tx.conn(), tenant, &change.customer_id)
        .await
        .map_err(TxError::from)?
        .ok_or_else(|| UpdateCustomerError::NotFound(change.customer_id.clone()))?;
    let found_under = search::words(&customer.name, &customer.identities);
    words::replace(tx.conn(), tenant, &customer.customer_id, &found_under).await.map_err(TxError::from)?;
    tx.commit().await?;
    Ok(customer)
}

fn identities_of(change: &Change, country_code: &str) -> Result<Vec<Identity>, UpdateCustomerError> {
    if change.add_identities.len() > MOST_IDENTITIES {
        return Err(UpdateCustomerError::TooMany(change.add_identities.len()));
    }
    let mut identities = Vec::with_capacity(change.add_identities.len());
    for (place, (kind, value)) in change.add_identities.iter().enumerate() {
        let kind = kind.filter(|kind| *kind != Kind::Visitor).ok_or(UpdateCustomerError::Kind(place))?;
        let identity = Identity::new(kind, value, country_code)
            .map_err(|source| UpdateCustomerError::Identity { place, source })?;
        identities.push(identity);
    }
    Ok(identities)
}

/// Adds identities, or says which of them is somebody else's.
async fn add(tx: &mut Tx, customer_id: &str, identities: Vec<Identity>) -> Result<(), UpdateCustomerError> {
    if identities.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant().to_owned();
    identities::learn(tx.conn(), &tenant, customer_id, &identities).await.map_err(TxError::from)?;
    // Asked after the insertion: whoever was faster is seen now.
    let owners = identities::owners(tx.conn(), &tenant, &identities).await.map_err(TxError::from)?;
    match owners.into_iter().find(|(_, owner)| owner != customer_id) {
        Some((identity, _)) => Err(UpdateCustomerError::Taken(identity)),
        None => Ok(()),
    }
}
