//! Calls through the edge: to whom, for whom, and for whom not.

use std::time::Duration;

use contract::{
    crm::v1::{AddNoteRequest, crm_service_client::CrmServiceClient},
    directory::v1::Role,
    operations::v1::{
        GetStatusRequest, ListDeadLettersRequest, operations_service_client::OperationsServiceClient,
    },
    router::v1::{GetAgentRequest, router_service_client::RouterServiceClient},
};
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::support::{House, Line};

async fn ask(line: Line) -> Result<String, Code> {
    let request = GetAgentRequest { agent_id: "ann".to_owned() };
    let answer = RouterServiceClient::new(line).get_agent(request).await;
    answer.map(|answer| answer.into_inner().agent.unwrap().name).map_err(|status| status.code())
}

#[tokio::test]
async fn a_call_reaches_the_service_that_owns_it_as_the_person_who_made_it() {
    let house = House::open().await;

    assert_eq!(ask(house.person("bob", Role::Agent)).await.as_deref(), Ok("bob"));
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_token() {
    let house = House::open().await;
    let expired = House::token("demo", "ann", &[Role::Agent], Duration::ZERO);
    let mut plain = RouterServiceClient::new(house.channel());

    let without = plain.get_agent(GetAgentRequest::default()).await.unwrap_err();

    assert_eq!(without.code(), Code::Unauthenticated);
    assert_eq!(ask(house.line(expired)).await, Err(Code::Unauthenticated));
    assert_eq!(ask(house.line("garbage".to_owned())).await, Err(Code::Unauthenticated));
}

#[tokio::test]
async fn a_person_of_another_tenant_finds_nothing_here() {
    let house = House::open().await;
    let foreign = House::token("acme", "ann", &[Role::Agent], Duration::from_mins(1));

    assert_eq!(ask(house.line(foreign)).await, Err(Code::NotFound));
}

#[tokio::test]
async fn what_is_not_public_does_not_exist_outside() {
    let house = House::open().await;
    let mut health = HealthClient::new(house.person("ann", Role::Administrator));

    let inside = health.check(HealthCheckRequest::default()).await;

    assert!(inside.is_err(), "the health of single services is asked inside");
}

#[tokio::test]
async fn a_service_that_is_away_is_said_to_be_and_the_others_answer() {
    let house = House::open_with(|settings| {
        settings.peers.insert("crm".to_owned(), "http://127.0.0.1:9".to_owned());
    })
    .await;
    let mut crm = CrmServiceClient::new(house.person("ann", Role::Agent));

    let away = crm.add_note(AddNoteRequest::default()).await.unwrap_err();

    assert_eq!(away.code(), Code::Unavailable);
    assert!(ask(house.person("ann", Role::Agent)).await.is_ok());
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_reaches_anyone() {
    let house = House::open().await;
    let mut crm = CrmServiceClient::new(house.person("ann", Role::Agent));

    let refused =
        crm.add_note(AddNoteRequest { text: "x".repeat(300 << 10), ..AddNoteRequest::default() }).await;

    let status = refused.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("262144"), "{}", status.message());
}

#[tokio::test]
async fn the_status_names_every_service_and_needs_no_sign_in() {
    let house = House::open_with(|settings| {
        settings.set("gateway", "status_services", serde_json::json!(["gateway", "router"]));
    })
    .await;
    let mut operations = OperationsServiceClient::new(house.channel());

    let mut status = operations.get_status(GetStatusRequest {}).await.unwrap().into_inner();
    // A process says that it is well a moment after it began.
    for _ in 0..100 {
        if status.services[0].ready {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        status = operations.get_status(GetStatusRequest {}).await.unwrap().into_inner();
    }

    let services: Vec<(&str, bool)> =
        status.services.iter().map(|service| (service.service.as_str(), service.ready)).collect();
    assert_eq!(services, [("gateway", true), ("router", false)]);
    assert!(!status.ready);
}

#[tokio::test]
async fn only_administrators_see_dead_letters() {
    let house = House::open().await;
    let mut agent = OperationsServiceClient::new(house.person("ann", Role::Agent));
    let mut administrator = OperationsServiceClient::new(house.person("amy", Role::Administrator));

    let refused = agent.list_dead_letters(ListDeadLettersRequest::default()).await.unwrap_err();
    let listed = administrator.list_dead_letters(ListDeadLettersRequest::default()).await.unwrap();

    assert_eq!(refused.code(), Code::PermissionDenied);
    assert!(listed.into_inner().letters.is_empty());
}
