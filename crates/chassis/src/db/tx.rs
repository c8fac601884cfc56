//! A transaction of one tenant: state, inbox and outbox together, or nothing.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use super::{
    Db,
    outbox::{self, Row},
};
use crate::{
    error::{ErrorKind, Failure},
    fact::Fact,
};

/// Why a transaction could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum TxError {
    /// The server refused, is away or was too slow.
    #[error("the database is unavailable")]
    Database(#[from] sqlx::Error),
}

impl Failure for TxError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Unavailable
    }
}

/// An open transaction. Dropped without [`Tx::commit`], nothing of it happened.
pub struct Tx {
    db: Db,
    inner: Transaction<'static, Postgres>,
    tenant: String,
    facts: Vec<Row>,
}

impl Tx {
    pub(super) async fn begin(db: Db, tenant: &str) -> Result<Self, TxError> {
        let inner = db.pool.begin().await?;
        let mut tx = Self { db, inner, tenant: String::new(), facts: Vec::new() };
        tx.enter(tenant).await?;
        Ok(tx)
    }

    /// Goes on for another tenant, as a consumer does between messages.
    pub async fn enter(&mut self, tenant: &str) -> Result<(), TxError> {
        if self.tenant != tenant {
            sqlx::query("SELECT set_config('switchboard.tenant', $1, true)")
                .bind(tenant)
                .execute(&mut *self.inner)
                .await?;
            tenant.clone_into(&mut self.tenant);
        }
        Ok(())
    }

    /// The tenant this transaction is for, `*` for every one.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The connection, for the service's own statements.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Remembers that `consumer` has seen `message_id`; false when it had before. An empty id is always the first time.
    pub async fn first_time(&mut self, consumer: &str, message_id: &str) -> Result<bool, TxError> {
        if message_id.is_empty() {
            return Ok(true);
        }
        Ok(!self.first_times(consumer, &[message_id.to_owned()]).await?.is_empty())
    }

    /// Remembers that `consumer` has seen `message_ids`; returns those it had not seen before.
    pub async fn first_times(
        &mut self,
        consumer: &str,
        message_ids: &[String],
    ) -> Result<HashSet<String>, TxError> {
        let statement = format!(
            "INSERT INTO {}.inbox (consumer, message_id) SELECT $1, id FROM UNNEST($2::text[]) AS id
             ON CONFLICT DO NOTHING RETURNING message_id",
            self.db.schema
        );
        let new: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(statement))
            .bind(consumer)
            .bind(message_ids)
            .fetch_all(&mut *self.inner)
            .await?;
        Ok(new.into_iter().map(|(id,)| id).collect())
    }

    /// Notes that `consumer` has everything up to `sequence` of the stream.
    pub(crate) async fn advance(&mut self, consumer: &str, sequence: u64) -> Result<(), TxError> {
        let statement = format!(
            "INSERT INTO {}.consumer_position AS p (consumer, sequence) VALUES ($1, $2)
             ON CONFLICT (consumer) DO UPDATE SET sequence = GREATEST(p.sequence, EXCLUDED.sequence)",
            self.db.schema
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(consumer)
            .bind(i64::try_from(sequence).unwrap_or(i64::MAX))
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Publishes a fact when, and only when, this transaction commits. Returns its message id.
    /// The fact's tenant is the transaction's unless it names another.
    pub fn publish(&mut self, fact: Fact) -> String {
        let envelope = fact.seal(&self.tenant, &self.db.producer, &self.db.clock, self.db.ids);
        self.facts.push(Row::of(&envelope));
        envelope.message_id
    }

    /// Makes everything durable and wakes the relay.
    pub async fn commit(mut self) -> Result<(), TxError> {
        let wake = !self.facts.is_empty();
        if wake {
            let facts = std::mem::take(&mut self.facts);
            outbox::append(&mut self.inner, &self.db.schema, facts).await?;
        }
        self.inner.commit().await?;
        if wake {
            self.db.outbox_written.notify_one();
        }
        Ok(())
    }
}
