//! `crm.display_name`: what people call agents and queues.

use std::collections::BTreeMap;

use sqlx::PgConnection;

/// What a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    Agent,
    Queue,
}

impl Named {
    const fn text(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Queue => "queue",
        }
    }
}

/// Keeps a name, unless a later one is known.
pub async fn put(
    connection: &mut PgConnection,
    tenant: &str,
    kind: Named,
    key: &str,
    name: &str,
    stored_at: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO crm.display_name AS known (tenant_id, kind, key, name, stored_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, kind, key) DO UPDATE SET name = excluded.name, stored_at = excluded.stored_at
         WHERE known.stored_at <= excluded.stored_at",
    )
    .bind(tenant)
    .bind(kind.text())
    .bind(key)
    .bind(name)
    .bind(stored_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// The names of some agents and queues by kind and key.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<(String, String), String>);

impl Names {
    /// The name, or the key when nobody gave it one.
    pub fn of<'a>(&'a self, kind: Named, key: &'a str) -> &'a str {
        self.0.get(&(kind.text().to_owned(), key.to_owned())).map_or(key, String::as_str)
    }
}

/// Loads the names of `keys`, whatever they belong to.
pub async fn load(connection: &mut PgConnection, tenant: &str, keys: &[String]) -> sqlx::Result<Names> {
    if keys.is_empty() {
        return Ok(Names::default());
    }
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT kind, key, name FROM crm.display_name
         WHERE tenant_id = $1 AND kind IN ('agent', 'queue') AND key = ANY($2)",
    )
    .bind(tenant)
    .bind(keys)
    .fetch_all(connection)
    .await?;
    Ok(Names(rows.into_iter().map(|(kind, key, name)| ((kind, key), name)).collect()))
}
