//! `ivr.prompt` and `ivr.recording`

use std::collections::BTreeSet;

use chassis::{Tx, TxError};

/// A prompt without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub key: String,
    pub language: String,
    pub audio: String,
    pub size: i64,
    pub length_ms: i64,
}

/// Keys of the tenant's prompts.
pub async fn keys(tx: &mut Tx) -> Result<BTreeSet<String>, TxError> {
    let tenant = tx.tenant().to_owned();
    let rows: Vec<(String,)> = sqlx::query_as("SELECT DISTINCT key FROM ivr.prompt WHERE tenant_id = $1")
        .bind(tenant)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// All prompts of the tenant, by key and language.
pub async fn list(tx: &mut Tx) -> Result<Vec<Row>, TxError> {
    let tenant = tx.tenant().to_owned();
    let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(
        "SELECT key, language, audio, length(wav)::bigint, length_ms
         FROM ivr.prompt JOIN ivr.recording USING (tenant_id, audio)
         WHERE tenant_id = $1 ORDER BY key, language",
    )
    .bind(tenant)
    .fetch_all(tx.conn())
    .await?;
    let row = |(key, language, audio, size, length_ms)| Row { key, language, audio, size, length_ms };
    Ok(rows.into_iter().map(row).collect())
}

/// The recording of a prompt for a language, else the one for every language.
pub async fn audio(tx: &mut Tx, key: &str, language: &str) -> Result<Option<String>, TxError> {
    let tenant = tx.tenant().to_owned();
    let row: Option<(String,)> = sqlx::query_as(
        "SELECT audio FROM ivr.prompt WHERE tenant_id = $1 AND key = $2 AND language IN ($3, '')
         ORDER BY language DESC LIMIT 1",
    )
    .bind(tenant)
    .bind(key)
    .bind(language)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(audio,)| audio))
}

/// The bytes of a recording.
pub async fn wav(tx: &mut Tx, audio: &str) -> Result<Option<Vec<u8>>, TxError> {
    let tenant = tx.tenant().to_owned();
    let row: Option<(Vec<u8>,)> =
        sqlx::query_as("SELECT wav FROM ivr.recording WHERE tenant_id = $1 AND audio = $2")
            .bind(tenant)
            .bind(audio)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|(wav,)| wav))
}

/// Keeps a recording, and has the prompt name it; `false`: it did already.
pub async fn put(tx: &mut Tx, row: &Row, wav: &[u8]) -> Result<bool, TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query(
        "INSERT INTO ivr.recording (tenant_id, audio, wav, length_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, audio) DO NOTHING",
    )
    .bind(&tenant)
    .bind(&row.audio)
    .bind(wav)
    .bind(row.length_ms)
    .execute(tx.conn())
    .await?;
    let changed = sqlx::query(
        "INSERT INTO ivr.prompt (tenant_id, key, language, audio) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, key, language) DO UPDATE SET audio = EXCLUDED.audio
         WHERE ivr.prompt.audio <> EXCLUDED.audio",
    )
    .bind(&tenant)
    .bind(&row.key)
    .bind(&row.language)
    .bind(&row.audio)
    .execute(tx.conn())
    .await?
    .rows_affected();
    sweep(tx).await?;
    Ok(changed > 0)
}

/// Removes a prompt; `false`: there was none.
pub async fn delete(tx: &mut Tx, key: &str, language: &str) -> Result<bool, TxError> {
    let tenant = tx.tenant().to_owned();
    let removed = sqlx::query("DELETE FROM ivr.prompt WHERE tenant_id = $1 AND key = $2 AND language = $3")
        .bind(tenant)
        .bind(key)
        .bind(language)
        .execute(tx.conn())
        .await?
        .rows_affected();
    sweep(tx).await?;
    Ok(removed > 0)
}

/// Removes recordings that no prompt names.
async fn sweep(tx: &mut Tx) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query(
        "DELETE FROM ivr.recording WHERE tenant_id = $1 AND NOT EXISTS (
           SELECT FROM ivr.prompt WHERE prompt.tenant_id = recording.tenant_id AND prompt.audio = recording.audio)",
    )
    .bind(tenant)
    .execute(tx.conn())
    .await?;
    Ok(())
}
