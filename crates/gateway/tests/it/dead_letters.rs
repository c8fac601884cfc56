//! What consumers gave up on, listed and handed back.

use async_nats::HeaderMap;
use chassis::Bus;
use contract::{
    Envelope, Timestamp,
    directory::v1::Role,
    interaction::v1::MessageAdded,
    operations::v1::{
        ListDeadLettersRequest, ReplayDeadLettersRequest, operations_service_client::OperationsServiceClient,
    },
    subject,
};
use tonic::Code;

use crate::support::House;

/// Leaves a letter as a consumer of `service` does.
async fn bury(bus: &Bus, service: &str, tenant: &str, id: &str) {
    let envelope = Envelope {
        message_id: id.to_owned(),
        tenant_id: tenant.to_owned(),
        interaction_id: "chat-1".to_owned(),
        causation_id: String::new(),
        occurred_at: Timestamp::from_millis(1),
        producer: String::new(),
        traceparent: String::new(),
        event: MessageAdded::default().into(),
    };
    let mut headers = HeaderMap::new();
    headers.insert("Switchboard-Consumer", "history");
    headers.insert("Switchboard-Error", "no such queue");
    headers.insert("Switchboard-Attempts", "8");
    let original = subject::event("interaction", "message_added", tenant);
    let letter = subject::dead_letter(service, &original);
    bus.jetstream()
        .publish_with_headers(letter, headers, contract::wrap(&envelope).into())
        .await
        .unwrap()
        .await
        .unwrap();
}

#[tokio::test]
async fn an_administrator_sees_and_replays_the_letters_of_their_tenant_only() {
    let house = House::open().await;
    let bus = house.bus().await;
    bury(&bus, "crm", "demo", "m-1").await;
    bury(&bus, "crm", "acme", "m-2").await;
    bury(&bus, "analytics", "demo", "m-3").await;
    let mut operations = OperationsServiceClient::new(house.person("amy", Role::Administrator));

    let listed = operations.list_dead_letters(ListDeadLettersRequest::default()).await.unwrap().into_inner();
    let ids: Vec<&str> = listed.letters.iter().map(|letter| letter.message_id.as_str()).collect();
    let replay = ReplayDeadLettersRequest { sequences: vec![1, 2], service: String::new() };
    let replayed = operations.replay_dead_letters(replay).await.unwrap().into_inner().replayed;
    let left = operations.list_dead_letters(ListDeadLettersRequest::default()).await.unwrap().into_inner();

    assert_eq!(ids, ["m-1", "m-3"]);
    assert_eq!((listed.letters[0].error.as_str(), listed.letters[0].attempts), ("no such queue", 8));
    assert_eq!(replayed, 1);
    assert_eq!(left.letters.len(), 1);
}

#[tokio::test]
async fn replaying_everything_needs_a_service_to_be_named() {
    let house = House::open().await;
    let mut operations = OperationsServiceClient::new(house.person("amy", Role::Administrator));

    let refused = operations.replay_dead_letters(ReplayDeadLettersRequest::default()).await.unwrap_err();

    assert_eq!(refused.code(), Code::InvalidArgument);
}
