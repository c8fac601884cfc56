//! Applying flows.

use contract::{
    directory::v1::Role,
    ivr::v1::{ApplyFlowsRequest, ApplyFlowsResponse, ListFlowsRequest},
};
use tonic::Code;

use crate::support::{House, flow, request};

fn lines(response: &ApplyFlowsResponse) -> Vec<String> {
    assert_eq!(response.violations, []);
    let changes = response.changes.iter();
    changes.map(|change| format!("{} {} {}", change.kind, change.path, change.detail)).collect()
}

async fn versions(house: &House) -> Vec<(String, i32)> {
    let listed = house.as_service("demo").list_flows(ListFlowsRequest {}).await.unwrap().into_inner();
    listed.flows.into_iter().map(|flow| (flow.key, flow.version)).collect()
}

#[tokio::test]
async fn a_flow_that_differs_gets_a_new_version_and_the_rest_keeps_its_own() {
    let house = House::open().await;

    let first = house.apply("demo", vec![flow("main", "Welcome."), flow("night", "Hush.")]).await;
    let again = house.apply("demo", vec![flow("main", "Welcome."), flow("night", "Hush.")]).await;
    let second = house.apply("demo", vec![flow("main", "Hello."), flow("night", "Hush.")]).await;
    let third = house.apply("demo", vec![flow("main", "Hello.")]).await;
    let fourth = house.apply("demo", vec![flow("main", "Hello."), flow("night", "Hush.")]).await;

    assert_eq!(lines(&first), ["added flows/main 5 steps", "added flows/night 5 steps"]);
    assert!(lines(&again).is_empty());
    assert_eq!(lines(&second), ["changed flows/main 2 steps changed: bye, hello"]);
    assert_eq!(lines(&third), ["removed flows/night "]);
    assert_eq!(lines(&fourth), ["added flows/night 5 steps"]);
    assert_eq!(versions(&house).await, [("main".into(), 2), ("night".into(), 2)]);
}

#[tokio::test]
async fn mistakes_are_listed_and_nothing_is_applied() {
    let house = House::open().await;
    let mut wrong = flow("main", "Welcome.");
    wrong.start = "hallo".into();

    let response = house.apply("demo", vec![wrong]).await;

    assert_eq!(response.violations[0].field, "flows[main].start");
    assert!(versions(&house).await.is_empty());
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_a_repeated_request_changes_nothing_more() {
    let house = House::open().await;
    let mut flows = house.as_service("demo");
    let numbered = |text: &str, id: &str| ApplyFlowsRequest {
        request_id: id.into(),
        ..request(vec![flow("main", text)])
    };

    let dry = ApplyFlowsRequest { dry_run: true, ..numbered("Welcome.", "one") };
    assert_eq!(flows.apply_flows(dry).await.unwrap().into_inner().changes.len(), 1);
    assert!(versions(&house).await.is_empty());
    flows.apply_flows(numbered("Welcome.", "one")).await.unwrap();
    flows.apply_flows(numbered("Hello.", "two")).await.unwrap();
    let late = flows.apply_flows(numbered("Welcome.", "one")).await.unwrap().into_inner();

    assert!(late.changes.is_empty());
    assert_eq!(versions(&house).await, [("main".into(), 2)]);
}

#[tokio::test]
async fn only_administrators_and_services_apply() {
    let house = House::open().await;
    let apply = async |mut flows: crate::support::Flows| {
        flows.apply_flows(request(vec![flow("main", "Welcome.")])).await.map_err(|status| status.code())
    };

    let agent = apply(house.as_person("demo", Role::Agent)).await;
    let administrator = apply(house.as_person("demo", Role::Administrator)).await;
    let everybody = apply(house.as_service("*")).await;

    assert_eq!(agent.unwrap_err(), Code::PermissionDenied);
    assert!(administrator.is_ok());
    assert_eq!(everybody.unwrap_err(), Code::InvalidArgument);
}
