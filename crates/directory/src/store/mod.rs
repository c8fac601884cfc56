//! The schema `directory`, one file a table.

pub mod account;
pub mod address;
pub mod change;
pub mod entity;
pub mod extension;
pub mod session;
pub mod tenant;

use std::collections::BTreeMap;

use chassis::{Tx, TxError};
use contract::directory::v1::Centre;

use account::Credential;

/// A tenant's whole configuration as it stands, with what proves who its users are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// In normal form; without a tenant when there is none yet.
    pub centre: Centre,
    /// By login.
    pub credentials: BTreeMap<String, Credential>,
}

/// Loads everything of the transaction's tenant.
pub async fn load(tx: &mut Tx) -> Result<Stored, TxError> {
    let mut centre = Centre { tenant: tenant::find(tx).await?, ..Centre::default() };
    for entity in entity::all(tx).await? {
        entity.push_to(&mut centre);
    }
    let mut credentials = BTreeMap::new();
    for account in account::all(tx).await? {
        credentials.insert(account.user.key.clone(), account.credential);
        centre.users.push(account.user);
    }
    Ok(Stored { centre: crate::core::normal::normal(centre), credentials })
}

/// Serialises changes of one tenant until the transaction ends.
pub async fn lock(tx: &mut Tx) -> Result<(), TxError> {
    let name = format!("directory/{}", tx.tenant());
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(name)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A row that does not decode is a fault of ours or of the disk.
fn undecodable(error: prost::DecodeError) -> TxError {
    TxError::Database(sqlx::Error::Decode(Box::new(error)))
}
