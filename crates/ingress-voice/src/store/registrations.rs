//! `ingress_voice.registrations`.

use std::net::SocketAddr;

use chassis::{Db, Tx, TxError};
use contract::Timestamp;

use crate::sip::{ring::Target, signalling::Signalling};

/// Contacts of browsers begin with this, those of telephones with `sip:`.
pub const BROWSER: &str = "web:";

/// One phone of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub agent_id: String,
    /// SIP URI of the device, or the id of a browser.
    pub contact: String,
    /// Where its packets come from: `192.0.2.1:5062`.
    pub source: String,
    /// What it registered over.
    pub signalling: Signalling,
    pub user_agent: String,
    /// Of the REGISTER that last touched it.
    pub call_id: String,
    /// See `call_id`.
    pub cseq: i64,
    pub expires_at: Timestamp,
}

type Row = (String, String, String, bool, bool, String, String, i64, i64);

const COLUMNS: &str = "agent_id, contact, source, tcp, tls, user_agent, call_id, cseq,
    (extract(epoch FROM expires_at) * 1000)::bigint";

impl Registration {
    /// It answers by RPC, and is not rung.
    #[must_use]
    pub fn is_browser(&self) -> bool {
        self.contact.starts_with(BROWSER)
    }

    /// How to ring it; none for a browser, and when its source is unreadable.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        if self.is_browser() {
            return None;
        }
        let source: SocketAddr = self.source.parse().ok()?;
        Some(Target { contact: self.contact.clone(), source, signalling: self.signalling })
    }
}

fn registration(
    (agent_id, contact, source, tcp, tls, user_agent, call_id, cseq, expires): Row,
) -> Registration {
    let expires_at = Timestamp::from_millis(expires);
    let signalling = match (tls, tcp) {
        (true, _) => Signalling::Tls,
        (false, true) => Signalling::Tcp,
        (false, false) => Signalling::Udp,
    };
    Registration { agent_id, contact, source, signalling, user_agent, call_id, cseq, expires_at }
}

/// The phones of one agent that have not expired.
pub async fn of_agent(
    db: &Db,
    tenant: &str,
    agent: &str,
    now: Timestamp,
) -> Result<Vec<Registration>, TxError> {
    let mut tx = db.begin(tenant).await?;
    select(&mut tx, agent, now).await
}

/// As [`of_agent`] within a transaction; an empty agent means all of the tenant's.
pub async fn select(tx: &mut Tx, agent: &str, now: Timestamp) -> Result<Vec<Registration>, TxError> {
    let tenant = tx.tenant().to_owned();
    let statement = format!(
        "SELECT {COLUMNS} FROM ingress_voice.registrations
         WHERE tenant_id = $1 AND ($2 = '' OR agent_id = $2) AND expires_at > to_timestamp($3::double precision / 1000)
         ORDER BY agent_id, contact LIMIT 10000"
    );
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(tenant)
        .bind(agent)
        .bind(now.as_millis() as f64)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(registration).collect())
}

/// Adds or renews a phone. A request older than the phone's last one changes nothing.
pub async fn upsert(tx: &mut Tx, phone: &Registration) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query(
        "INSERT INTO ingress_voice.registrations
           (tenant_id, agent_id, contact, source, tcp, tls, user_agent, call_id, cseq, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10::double precision / 1000))
         ON CONFLICT (tenant_id, agent_id, contact) DO UPDATE SET
           source = EXCLUDED.source, tcp = EXCLUDED.tcp, tls = EXCLUDED.tls, user_agent = EXCLUDED.user_agent,
           call_id = EXCLUDED.call_id, cseq = EXCLUDED.cseq, expires_at = EXCLUDED.expires_at
         WHERE registrations.call_id <> EXCLUDED.call_id OR registrations.cseq < EXCLUDED.cseq",
    )
    .bind(tenant)
    .bind(&phone.agent_id)
    .bind(&phone.contact)
    .bind(&phone.source)
    .bind(phone.signalling == Signalling::Tcp)
    .bind(phone.signalling == Signalling::Tls)
    .bind(&phone.user_agent)
    .bind(&phone.call_id)
    .bind(phone.cseq)
    .bind(phone.expires_at.as_millis() as f64)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets one phone of an agent, or with an empty contact all of them, and whatever has expired.
pub async fn remove(tx: &mut Tx, agent: &str, contact: &str, now: Timestamp) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query(
        "DELETE FROM ingress_voice.registrations
         WHERE tenant_id = $1 AND agent_id = $2
           AND ($3 = '' OR contact = $3 OR expires_at <= to_timestamp($4::double precision / 1000))",
    )
    .bind(tenant)
    .bind(agent)
    .bind(contact)
    .bind(now.as_millis() as f64)
    .execute(tx.conn())
    .await?;
    Ok(())
}
