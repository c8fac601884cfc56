//! `ingress_voice.recordings`, `recorded_agents` and `recording_accesses`.

use chassis::{Db, TxError};
use contract::Timestamp;

/// One recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    pub tenant_id: String,
    pub recording_id: String,
    pub interaction_id: String,
    pub agent_id: String,
    pub queue: String,
    /// A message, rather than a conversation.
    pub voicemail: bool,
    /// Below the recordings folder.
    pub path: String,
    pub started_at: Timestamp,
    /// None while it is written, and after a death of the process.
    pub length_ms: Option<u64>,
    pub kept_until: Timestamp,
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Empty: any.
    pub recording_id: String,
    /// Empty: any.
    pub interaction_id: String,
    /// Only those of calls this agent took; empty: all.
    pub heard_by: String,
    /// Messages alone.
    pub voicemail_only: bool,
    /// Older than this one; empty: from the newest.
    pub before: String,
    pub limit: i64,
}

type Row = (String, String, String, String, String, String, f64, Option<i64>, f64, bool);

const COLUMNS: &str = "tenant_id, recording_id, interaction_id, agent_id, queue, path,
    extract(epoch FROM started_at)::double precision * 1000, length_ms,
    extract(epoch FROM kept_until)::double precision * 1000, voicemail";

fn recording(row: Row) -> Recording {
    let (tenant_id, recording_id, interaction_id, agent_id, queue, path, started, length, kept, voicemail) =
        row;
    Recording {
        tenant_id,
        recording_id,
        interaction_id,
        agent_id,
        queue,
        voicemail,
        path,
        started_at: Timestamp::from_millis(started as i64),
        length_ms: length.and_then(|length| u64::try_from(length).ok()),
        kept_until: Timestamp::from_millis(kept as i64),
    }
}

/// Notes that a recording has begun; twice is once.
pub async fn insert(db: &Db, instance: &str, recording: &Recording) -> Result<(), TxError> {
    let mut tx = db.begin(&recording.tenant_id).await?;
    sqlx::query(
        "INSERT INTO ingress_voice.recordings
           (tenant_id, recording_id, interaction_id, agent_id, queue, path, instance, started_at, kept_until,
            voicemail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::double precision / 1000),
           to_timestamp($9::double precision / 1000), $10) ON CONFLICT DO NOTHING",
    )
    .bind(&recording.tenant_id)
    .bind(&recording.recording_id)
    .bind(&recording.interaction_id)
    .bind(&recording.agent_id)
    .bind(&recording.queue)
    .bind(&recording.path)
    .bind(instance)
    .bind(recording.started_at.as_millis() as f64)
    .bind(recording.kept_until.as_millis() as f64)
    .bind(recording.voicemail)
    .execute(tx.conn())
    .await?;
    if !recording.agent_id.is_empty() {
        insert_agent(&mut tx, &recording.tenant_id, &recording.recording_id, &recording.agent_id).await?;
    }
    tx.commit().await
}

/// Notes that an agent has taken the call; twice is once.
pub async fn add_agent(db: &Db, tenant: &str, recording_id: &str, agent_id: &str) -> Result<(), TxError> {
    let mut tx = db.begin(tenant).await?;
    insert_agent(&mut tx, tenant, recording_id, agent_id).await?;
    tx.commit().await
}

async fn insert_agent(
    tx: &mut chassis::Tx,
    tenant: &str,
    recording_id: &str,
    agent_id: &str,
) -> Result<(), TxError> {
    sqlx::query(
        "INSERT INTO ingress_voice.recorded_agents (tenant_id, recording_id, agent_id) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(recording_id)
    .bind(agent_id)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes how long it became.
pub async fn finish(db: &Db, tenant: &str, recording_id: &str, length_ms: u64) -> Result<(), TxError> {
    let mut tx = db.begin(tenant).await?;
    sqlx::query(
        "UPDATE ingress_voice.recordings SET length_ms = $3 WHERE tenant_id = $1 AND recording_id = $2",
    )
    .bind(tenant)
    .bind(recording_id)
    .bind(i64::try_from(length_ms).unwrap_or(i64::MAX))
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Has a recording be deleted at the next sweep. `false`: its row is not there (yet).
pub async fn outdate(db: &Db, tenant: &str, recording_id: &str, now: Timestamp) -> Result<bool, TxError> {
    let mut tx = db.begin(tenant).await?;
    let done = sqlx::query(
        "UPDATE ingress_voice.recordings SET kept_until = to_timestamp($3::double precision / 1000)
         WHERE tenant_id = $1 AND recording_id = $2",
    )
    .bind(tenant)
    .bind(recording_id)
    .bind(now.as_millis() as f64)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Recordings of a tenant, newest first; the look is written down in the same transaction, before anything is shown.
pub async fn look(
    db: &Db,
    tenant: &str,
    filter: &Filter,
    user: &str,
    what: &str,
    now: Timestamp,
) -> Result<Vec<Recording>, TxError> {
    let mut tx = db.begin(tenant).await?;
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM ingress_voice.recordings AS known
         WHERE tenant_id = $1 AND ($2 = '' OR recording_id = $2) AND ($3 = '' OR interaction_id = $3)
           AND ($4 = '' OR EXISTS (SELECT FROM ingress_voice.recorded_agents AS heard
             WHERE heard.tenant_id = known.tenant_id AND heard.recording_id = known.recording_id
               AND heard.agent_id = $4))
           AND ($5 = '' OR recording_id < $5) AND (voicemail OR NOT $7)
         ORDER BY recording_id DESC LIMIT $6"
    )))
    .bind(tenant)
    .bind(&filter.recording_id)
    .bind(&filter.interaction_id)
    .bind(&filter.heard_by)
    .bind(&filter.before)
    .bind(filter.limit)
    .bind(filter.voicemail_only)
    .fetch_all(tx.conn())
    .await?;
    let found: Vec<Recording> = rows.into_iter().map(recording).collect();
    let ids: Vec<&str> = found.iter().map(|recording| recording.recording_id.as_str()).collect();
    sqlx::query(
        "INSERT INTO ingress_voice.recording_accesses (tenant_id, recording_id, user_id, what, at)
         SELECT $1, id, $3, $4, to_timestamp($5::double precision / 1000) FROM unnest($2::text[]) AS id",
    )
    .bind(tenant)
    .bind(&ids)
    .bind(user)
    .bind(what)
    .bind(now.as_millis() as f64)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(found)
}

/// Who looked: recording, user, what, when; newest first, at most 1,000.
pub async fn accesses(
    db: &Db,
    tenant: &str,
    recording_id: &str,
) -> Result<Vec<(String, String, Timestamp)>, TxError> {
    let mut tx = db.begin(tenant).await?;
    let rows: Vec<(String, String, f64)> = sqlx::query_as(
        "SELECT user_id, what, extract(epoch FROM at)::double precision * 1000
         FROM ingress_voice.recording_accesses WHERE tenant_id = $1 AND recording_id = $2
         ORDER BY access_id DESC LIMIT 1000",
    )
    .bind(tenant)
    .bind(recording_id)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(user, what, at)| (user, what, Timestamp::from_millis(at as i64))).collect())
}

/// Recordings of this instance whose time is over, at most 100.
pub async fn outdated(db: &Db, instance: &str, now: Timestamp) -> Result<Vec<Recording>, TxError> {
    let mut tx = db.begin_for_every_tenant().await?;
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM ingress_voice.recordings
         WHERE kept_until < to_timestamp($2::double precision / 1000) AND instance = $1
         ORDER BY kept_until LIMIT 100"
    )))
    .bind(instance)
    .bind(now.as_millis() as f64)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(recording).collect())
}

/// Forgets a recording whose file is gone. Who looked at it stays known.
pub async fn remove(db: &Db, tenant: &str, recording_id: &str) -> Result<(), TxError> {
    let mut tx = db.begin(tenant).await?;
    for table in ["recorded_agents", "recordings"] {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "DELETE FROM ingress_voice.{table} WHERE tenant_id = $1 AND recording_id = $2"
        )))
        .bind(tenant)
        .bind(recording_id)
        .execute(tx.conn())
        .await?;
    }
    tx.commit().await
}
