//! `directory.session`

use chassis::{Tx, TxError};
use contract::Timestamp;

/// Most replaced refresh tokens remembered of one session; at one every quarter of an hour it is never reached.
const MAX_SPENT: i32 = 500;

/// A sign-in.
#[derive(Clone, Debug)]
pub struct Session {
    /// UUIDv7.
    pub session_id: String,
    /// Key of the user.
    pub login: String,
    /// SHA-256 of the secret that is good now.
    pub refresh_hash: Vec<u8>,
    /// The hashes it replaced.
    pub spent_hashes: Vec<Vec<u8>>,
    /// After this it can't be refreshed.
    pub expires_at: Timestamp,
    /// Ended before its time.
    pub revoked: bool,
}

/// Remembers a new sign-in at the transaction's tenant.
pub async fn insert(tx: &mut Tx, session: &Session, now: Timestamp) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query(
        "INSERT INTO directory.session (session_id, tenant_id, login, refresh_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&session.session_id)
    .bind(tenant)
    .bind(&session.login)
    .bind(&session.refresh_hash)
    .bind(now.as_millis())
    .bind(session.expires_at.as_millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}

type Row = (String, String, Vec<u8>, Vec<Vec<u8>>, i64, bool);

/// A session of the transaction's tenant, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, session_id: &str) -> Result<Option<Session>, TxError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT session_id, login, refresh_hash, spent_hashes, expires_at, revoked
         FROM directory.session WHERE session_id = $1 FOR UPDATE",
    )
    .bind(session_id)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(session_id, login, refresh_hash, spent_hashes, expires_at, revoked)| Session {
        session_id,
        login,
        refresh_hash,
        spent_hashes,
        expires_at: Timestamp::from_millis(expires_at),
        revoked,
    }))
}

/// Puts a new secret in the place of the present one, and remembers that.
pub async fn rotate(tx: &mut Tx, session_id: &str, refresh_hash: &[u8]) -> Result<(), TxError> {
    sqlx::query(
        "UPDATE directory.session
         SET spent_hashes = (ARRAY[refresh_hash] || spent_hashes)[1:$3], refresh_hash = $2
         WHERE session_id = $1",
    )
    .bind(session_id)
    .bind(refresh_hash)
    .bind(MAX_SPENT)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a session. False when it was over before.
pub async fn revoke(tx: &mut Tx, session_id: &str) -> Result<bool, TxError> {
    let done =
        sqlx::query("UPDATE directory.session SET revoked = true WHERE session_id = $1 AND NOT revoked")
            .bind(session_id)
            .execute(tx.conn())
            .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all sessions of these users of the transaction's tenant. Returns those that were still good.
pub async fn revoke_of_users(tx: &mut Tx, logins: &[&str], now: Timestamp) -> Result<Vec<String>, TxError> {
    let tenant = tx.tenant().to_owned();
    let rows: Vec<(String,)> = sqlx::query_as(
        "UPDATE directory.session SET revoked = true
         WHERE tenant_id = $1 AND login = ANY($2) AND NOT revoked AND expires_at > $3
         RETURNING session_id",
    )
    .bind(tenant)
    .bind(logins)
    .bind(now.as_millis())
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(session_id,)| session_id).collect())
}

/// Deletes sessions of all tenants that expired before `before`.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<u64, TxError> {
    let done = sqlx::query("DELETE FROM directory.session WHERE expires_at < $1")
        .bind(before.as_millis())
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}
