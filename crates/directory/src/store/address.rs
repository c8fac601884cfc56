//! `directory.address`

use chassis::{Tx, TxError};
use contract::{directory::v1::EntryPoint, interaction::v1::Channel};

/// Addresses of an entry point as rows: channel and address. A widget is addressed by its key.
pub fn rows_of(point: &EntryPoint) -> Vec<(i32, &str)> {
    if is_widget(point.channel) {
        vec![(point.channel, point.key.as_str())]
    } else {
        point.addresses.iter().map(|address| (point.channel, address.as_str())).collect()
    }
}

/// True for channels whose addresses are keys inside a tenant.
pub const fn is_widget(channel: i32) -> bool {
    channel == Channel::Chat as i32 || channel == Channel::Video as i32
}

/// Tenant and entry point of each owner of that address whom the transaction sees, at most two.
pub async fn owners(tx: &mut Tx, channel: i32, address: &str) -> Result<Vec<(String, String)>, TxError> {
    let rows = sqlx::query_as(
        "SELECT tenant_id, entry_point FROM directory.address WHERE channel = $1 AND address = $2 LIMIT 2",
    )
    .bind(channel)
    .bind(address)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Which of these addresses, widgets left aside, belong to somebody other than `tenant`. Asked across all tenants.
pub async fn taken_by_others(
    tx: &mut Tx,
    tenant: &str,
    addresses: &[(i32, &str)],
) -> Result<Vec<(i32, String)>, TxError> {
    let (channels, texts): (Vec<i32>, Vec<&str>) =
        addresses.iter().filter(|(channel, _)| !is_widget(*channel)).copied().unzip();
    if channels.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(
        "SELECT channel, address FROM directory.address
         JOIN UNNEST($2::int[], $3::text[]) AS wanted (channel, address) USING (channel, address)
         WHERE tenant_id <> $1",
    )
    .bind(tenant)
    .bind(channels)
    .bind(texts)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Replaces all addresses of the transaction's tenant.
pub async fn replace(tx: &mut Tx, points: &[EntryPoint]) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query("DELETE FROM directory.address WHERE tenant_id = $1")
        .bind(&tenant)
        .execute(tx.conn())
        .await?;
    let (mut channels, mut addresses, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for point in points {
        for (channel, address) in rows_of(point) {
            channels.push(channel);
            addresses.push(address);
            keys.push(point.key.as_str());
        }
    }
    sqlx::query(
        "INSERT INTO directory.address (tenant_id, channel, address, entry_point)
         SELECT $1, new.* FROM UNNEST($2::int[], $3::text[], $4::text[]) AS new",
    )
    .bind(tenant)
    .bind(channels)
    .bind(addresses)
    .bind(keys)
    .execute(tx.conn())
    .await?;
    Ok(())
}
