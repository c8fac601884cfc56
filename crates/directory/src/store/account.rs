//! `directory.account`

use std::fmt;

use chassis::{Tx, TxError};
use contract::directory::v1::User;
use prost::Message as _;

use super::undecodable;

/// What proves who a user is. `Debug` shows none of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credential {
    /// Argon2id, PHC format; empty: no password.
    pub password_hash: String,
    /// Hex H(login:switchboard:password); empty unless the user is an agent.
    pub sip_ha1_md5: String,
    /// As above, with SHA-256.
    pub sip_ha1_sha256: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credential(hidden)")
    }
}

/// A user with credentials.
#[derive(Clone, Debug)]
pub struct Account {
    /// Slug of the tenant.
    pub tenant: String,
    /// Without the password.
    pub user: User,
    /// What proves who they are.
    pub credential: Credential,
}

type Row = (String, Vec<u8>, String, String, String);

const COLUMNS: &str = "tenant_id, document, password_hash, sip_ha1_md5, sip_ha1_sha256";

fn account((tenant, document, password_hash, sip_ha1_md5, sip_ha1_sha256): Row) -> Result<Account, TxError> {
    let user = User::decode(document.as_slice()).map_err(undecodable)?;
    Ok(Account { tenant, user, credential: Credential { password_hash, sip_ha1_md5, sip_ha1_sha256 } })
}

/// Every user of the transaction's tenant.
pub async fn all(tx: &mut Tx) -> Result<Vec<Account>, TxError> {
    let tenant = tx.tenant().to_owned();
    let statement = format!("SELECT {COLUMNS} FROM directory.account WHERE tenant_id = $1");
    let rows: Vec<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(tenant).fetch_all(tx.conn()).await?;
    rows.into_iter().map(account).collect()
}

/// Users of that login whom the transaction sees, at most two: one is the user, two are too many.
pub async fn with_login(tx: &mut Tx, login: &str) -> Result<Vec<Account>, TxError> {
    let statement = format!("SELECT {COLUMNS} FROM directory.account WHERE login = $1 LIMIT 2");
    let rows: Vec<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(login).fetch_all(tx.conn()).await?;
    rows.into_iter().map(account).collect()
}

/// Adds or changes users of the transaction's tenant.
pub async fn put(tx: &mut Tx, accounts: &[(&User, &Credential)]) -> Result<(), TxError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant().to_owned();
    let column = |of: fn(&Credential) -> &str| -> Vec<String> {
        accounts.iter().map(|(_, credential)| of(credential).to_owned()).collect()
    };
    let documents: Vec<Vec<u8>> = accounts
        .iter()
        .map(|(user, _)| User { password: String::new(), ..(*user).clone() }.encode_to_vec())
        .collect();
    sqlx::query(
        "INSERT INTO directory.account
           (tenant_id, login, document, password_hash, sip_ha1_md5, sip_ha1_sha256)
         SELECT $1, new.* FROM UNNEST($2::text[], $3::bytea[], $4::text[], $5::text[], $6::text[]) AS new
         ON CONFLICT (tenant_id, login) DO UPDATE SET document = EXCLUDED.document,
           password_hash = EXCLUDED.password_hash, sip_ha1_md5 = EXCLUDED.sip_ha1_md5,
           sip_ha1_sha256 = EXCLUDED.sip_ha1_sha256",
    )
    .bind(tenant)
    .bind(accounts.iter().map(|(user, _)| user.key.clone()).collect::<Vec<_>>())
    .bind(documents)
    .bind(column(|credential| &credential.password_hash))
    .bind(column(|credential| &credential.sip_ha1_md5))
    .bind(column(|credential| &credential.sip_ha1_sha256))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes users of the transaction's tenant.
pub async fn remove(tx: &mut Tx, logins: &[&str]) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query("DELETE FROM directory.account WHERE tenant_id = $1 AND login = ANY($2)")
        .bind(tenant)
        .bind(logins)
        .execute(tx.conn())
        .await?;
    Ok(())
}
