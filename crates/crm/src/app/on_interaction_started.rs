//! A customer has reached an entry point: who is it, and which case is it about?
//!
//! The strongest identity decides (a proven visitor id, then the number, then the mail address); identities nobody
//! owns yet become the customer's; nobody is merged silently. Who is not recognised is a new customer.

use chassis::{Fact, HandleError, Received, Tx};
use contract::{
    Timestamp,
    crm::v1::CustomerRecognised,
    derived_id,
    interaction::v1::{CustomerAddress, InteractionStarted},
};

use super::record::Recorder;
use crate::{
    core::{
        case::continued,
        identity::{Address, Identity},
        recognition::recognise as choose,
        search, text,
    },
    metrics,
    store::{cases, customers, identities, interactions::Record, words},
};

struct Recognised {
    customer_id: String,
    name: String,
    created: bool,
}

/// Gives `record` its customer and case and publishes who it is; once for an interaction.
pub async fn recognise(
    recorder: &Recorder,
    tx: &mut Tx,
    received: &Received,
    started: &InteractionStarted,
    record: &mut Record,
) -> Result<(), HandleError> {
    if !record.customer_id.is_empty() {
        return Ok(());
    }
    let started_at = started.started_at.map_or(received.envelope.occurred_at, Timestamp::from);
    let nothing = CustomerAddress::default();
    let address = started.customer.as_ref().unwrap_or(&nothing);

    let customer = find_or_add(recorder, tx, address, started_at).await?;
    let case_id = case_of(recorder, tx, &customer, started_at).await?;

    let outcome = if customer.created { "new" } else { "known" };
    metrics::RECOGNISED.with_label_values(&[outcome]).inc();
    tracing::info!(
        interaction.id = received.envelope.interaction_id,
        customer.id = customer.customer_id,
        case.id = case_id,
        outcome,
        "customer recognised"
    );
    record.customer_id.clone_from(&customer.customer_id);
    record.case_id.clone_from(&case_id);
    tell_recognised(tx, received, &customer.customer_id, &case_id, &customer.name, customer.created);
    Ok(())
}

/// Publishes whose interaction it is.
pub(super) fn tell_recognised(
    tx: &mut Tx,
    received: &Received,
    customer_id: &str,
    case_id: &str,
    name: &str,
    created: bool,
) {
    let fact = CustomerRecognised {
        customer_id: customer_id.to_owned(),
        case_id: case_id.to_owned(),
        name: name.to_owned(),
        created,
    };
    tx.publish(
        Fact::of(fact)
            .id(derived_id(&[
                "crm",
                "recognised",
                &received.envelope.tenant_id,
                &received.envelope.interaction_id,
            ]))
            .interaction(&received.envelope.interaction_id)
            .caused_by(&received.envelope.message_id),
    );
}

async fn find_or_add(
    recorder: &Recorder,
    tx: &mut Tx,
    address: &CustomerAddress,
    started_at: Timestamp,
) -> Result<Recognised, HandleError> {
    let tenant = tx.tenant().to_owned();
    let name = text::name(&address.display_name);
    let came_with = Identity::all_of(
        Address {
            phone: &address.phone,
            email: &address.email,
            visitor_id: &address.visitor_id,
            visitor_verified: address.visitor_verified,
        },
        recorder.config.country_code.digits(),
    );
    let owners = identities::owners(tx.conn(), &tenant, &came_with).await?;
    let choice = choose(&came_with, &owners);
    if !choice.others.is_empty() {
        metrics::AMBIGUOUS.with_label_values(&[] as &[&str]).inc();
    }

    if let Some(customer_id) = choice.customer
        && let Some((before, name)) =
            customers::seen(tx.conn(), &tenant, &customer_id, &name, started_at.as_millis()).await?
    {
        if before != name || !choice.learn.is_empty() {
            identities::learn(tx.conn(), &tenant, &customer_id, &choice.learn).await?;
            let ids = std::slice::from_ref(&customer_id);
            let all = identities::of_customers(tx.conn(), &tenant, ids).await?.remove(&customer_id);
            let found_under = search::words(&name, &all.unwrap_or_default());
            words::replace(tx.conn(), &tenant, &customer_id, &found_under).await?;
        }
        return Ok(Recognised { customer_id, name, created: false });
    }
    let customer_id = recorder.ids.new_id(started_at);
    let newcomer = customers::Newcomer {
        customer_id: &customer_id,
        name: &name,
        seen_at: started_at.as_millis(),
        identities: &choice.learn,
        words: &search::words(&name, &choice.learn),
    };
    customers::insert(tx.conn(), &tenant, newcomer).await?;
    Ok(Recognised { customer_id, name, created: true })
}

async fn case_of(
    recorder: &Recorder,
    tx: &mut Tx,
    customer: &Recognised,
    started_at: Timestamp,
) -> Result<String, HandleError> {
    let tenant = tx.tenant().to_owned();
    let customer_id = &customer.customer_id;
    let open =
        if customer.created { Vec::new() } else { cases::open_of(tx.conn(), &tenant, customer_id).await? };
    if let Some(case) = continued(&open, started_at, recorder.config.case_quiet.as_millis()) {
        cases::touch(tx.conn(), &tenant, &[(case.case_id.clone(), started_at.as_millis())]).await?;
        return Ok(case.case_id.clone());
    }
    let case_id = recorder.ids.new_id(started_at);
    cases::open(tx.conn(), &tenant, &case_id, customer_id, started_at.as_millis()).await?;
    Ok(case_id)
}
