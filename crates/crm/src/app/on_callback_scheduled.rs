//! A customer is to be called back: the call-back is of the customer and the case of the call whose place it keeps; without
//! one, of whoever owns the number.

use std::collections::BTreeMap;

use chassis::{HandleError, Received, Tx};
use contract::{
    interaction::v1::{Channel, CustomerAddress, Direction, InteractionStarted},
    router::v1::CallbackScheduled,
};

use super::{
    on_interaction_started::{recognise, tell_recognised},
    record::Recorder,
};
use crate::store::{
    customers,
    interactions::{Record, owner},
};

/// Gives the call-back under `interaction_id` among `records` its customer and case; once.
pub async fn recognise_callback(
    recorder: &Recorder,
    tx: &mut Tx,
    received: &Received,
    scheduled: &CallbackScheduled,
    records: &mut BTreeMap<String, Record>,
) -> Result<(), HandleError> {
    let tenant = tx.tenant().to_owned();
    let of = &scheduled.of_interaction_id;
    let known = match records.get(of).filter(|record| !record.customer_id.is_empty()) {
        Some(record) => Some((record.customer_id.clone(), record.case_id.clone())),
        None if of.is_empty() => None,
        None => owner(tx.conn(), &tenant, of).await?.filter(|(customer_id, _)| !customer_id.is_empty()),
    };
    let Some(record) = records.get_mut(&received.envelope.interaction_id) else { return Ok(()) };
    if !record.customer_id.is_empty() {
        return Ok(());
    }
    let Some((customer_id, case_id)) = known else {
        let started = InteractionStarted {
            channel: Channel::Voice.into(),
            direction: Direction::Outbound.into(),
            entry_point: scheduled.entry_point.clone(),
            customer: Some(CustomerAddress { phone: scheduled.phone.clone(), ..CustomerAddress::default() }),
            ..InteractionStarted::default()
        };
        return recognise(recorder, tx, received, &started, record).await;
    };
    record.customer_id.clone_from(&customer_id);
    record.case_id.clone_from(&case_id);
    let at = received.envelope.occurred_at.as_millis();
    let seen = customers::seen(tx.conn(), &tenant, &customer_id, "", at).await?;
    let name = seen.map(|(_, name)| name).unwrap_or_default();
    tell_recognised(tx, received, &customer_id, &case_id, &name, false);
    Ok(())
}
