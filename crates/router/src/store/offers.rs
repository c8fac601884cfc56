//! `router.offer`: every offer with the decision behind it.

use std::collections::BTreeMap;

use chassis::{Tx, TxError};
use contract::{
    Timestamp,
    router::v1::{Decision, OfferEnded, OfferMade, OfferRecord},
};
use prost::Message as _;

/// Offers shown of one interaction, at most.
const MOST: i64 = 200;

/// Offer, agent, made at, decision, outcome, ended at.
type Row = (String, String, i64, Vec<u8>, i32, Option<i64>);

/// Writes down offers with the interaction they are about and the time.
pub(crate) async fn insert(
    tx: &mut Tx,
    tenant: &str,
    made: &[(&str, &OfferMade, Timestamp)],
) -> Result<(), TxError> {
    if made.is_empty() {
        return Ok(());
    }
    let column = |value: fn(&OfferMade) -> String| -> Vec<String> {
        made.iter().map(|(_, offer, _)| value(offer)).collect()
    };
    let interactions: Vec<&str> = made.iter().map(|(interaction, ..)| *interaction).collect();
    let times: Vec<i64> = made.iter().map(|(.., at)| at.as_millis()).collect();
    let decisions: Vec<Vec<u8>> = made
        .iter()
        .map(|(_, offer, _)| offer.decision.as_ref().map(Decision::encode_to_vec).unwrap_or_default())
        .collect();
    sqlx::query(
        "INSERT INTO router.offer (tenant_id, offer_id, interaction_id, agent_id, made_at, decision)
         SELECT $1, * FROM UNNEST($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[])
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(column(|offer| offer.offer_id.clone()))
    .bind(interactions)
    .bind(column(|offer| offer.agent_id.clone()))
    .bind(times)
    .bind(decisions)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes down how offers ended. An offer that was accepted and then failed keeps the last word.
pub(crate) async fn end(tx: &mut Tx, ended: &[(&OfferEnded, Timestamp)]) -> Result<(), TxError> {
    // The last word on each offer: an update from a list takes any one of several.
    let last: BTreeMap<&str, (i32, i64)> =
        ended.iter().map(|(offer, at)| (offer.offer_id.as_str(), (offer.outcome, at.as_millis()))).collect();
    if last.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE router.offer o SET outcome = ended.outcome, ended_at = ended.at
         FROM UNNEST($1::text[], $2::int[], $3::bigint[]) AS ended (offer_id, outcome, at)
         WHERE o.offer_id = ended.offer_id",
    )
    .bind(last.keys().copied().collect::<Vec<_>>())
    .bind(last.values().map(|(outcome, _)| *outcome).collect::<Vec<_>>())
    .bind(last.values().map(|(_, at)| *at).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The offers of an interaction, oldest first.
pub(crate) async fn of_interaction(tx: &mut Tx, interaction: &str) -> Result<Vec<OfferRecord>, TxError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT offer_id, agent_id, made_at, decision, outcome, ended_at FROM router.offer
         WHERE interaction_id = $1 ORDER BY made_at, offer_id LIMIT $2",
    )
    .bind(interaction)
    .bind(MOST)
    .fetch_all(tx.conn())
    .await?;
    let moment = |millis| Some(Timestamp::from_millis(millis).to_proto());
    let record = |(offer_id, agent_id, made_at, decision, outcome, ended_at): Row| OfferRecord {
        offer_id,
        agent_id,
        made_at: moment(made_at),
        decision: Decision::decode(decision.as_slice()).ok(),
        outcome,
        ended_at: ended_at.and_then(moment),
    };
    Ok(rows.into_iter().map(record).collect())
}

/// Deletes offers made before `before`, some at a time; true when there may be more.
pub(crate) async fn trim(tx: &mut Tx, before: Timestamp) -> Result<bool, TxError> {
    let deleted = sqlx::query(
        "DELETE FROM router.offer WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM router.offer WHERE made_at < $1 LIMIT 10000))",
    )
    .bind(before.as_millis())
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 10_000)
}
