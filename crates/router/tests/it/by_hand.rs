//! What supervisors do with what waits, and what agents may not.

use contract::{
    Event,
    directory::v1::Role,
    router::v1::{
        AgentStatus, AssignInteractionRequest, ChangePriorityRequest, GetPositionRequest,
        PullInteractionRequest, RequestCallbackRequest, TransferInteractionRequest, WorkState,
    },
};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{World, uuid};

fn pull(interaction_id: String, agent_id: &str) -> PullInteractionRequest {
    PullInteractionRequest { interaction_id, agent_id: agent_id.to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_supervisor_pulls_what_waits_and_an_agent_may_not() {
    let (world, running, clients) = World::open().await;
    clients.status("bob", AgentStatus::Available).await;
    world.call(&uuid(1), "billing").await;
    world.call(&uuid(2), "billing").await;

    let (mut agent, request) = clients.person("bob", &[Role::Agent], pull(uuid(1), "bob"));
    let denied = agent.pull_interaction(request).await.unwrap_err();
    let urgent = ChangePriorityRequest { interaction_id: uuid(2), priority: 5, ..Default::default() };
    let (mut supervisor, request) = clients.person("sue", &[Role::Supervisor], urgent);
    supervisor.change_priority(request).await.unwrap();
    let position = GetPositionRequest { interaction_id: uuid(2) };
    let position = clients.service().get_position(position).await.unwrap().into_inner();
    let (mut supervisor, request) = clients.person("sue", &[Role::Supervisor], pull(uuid(1), "bob"));
    let pulled = supervisor.pull_interaction(request).await.unwrap().into_inner().work.unwrap();
    let beyond = AssignInteractionRequest {
        interaction_id: uuid(2),
        agent_id: "bob".to_owned(),
        ..Default::default()
    };
    let beyond = clients.service().assign_interaction(beyond).await.unwrap_err();

    assert_eq!(denied.code(), Code::PermissionDenied);
    assert_eq!(position.position, 1);
    assert!(position.nobody_staffed, "Bob has no billing");
    assert_eq!((pulled.state(), pulled.agent_id.as_str()), (WorkState::Assigned, "bob"));
    assert_eq!(beyond.code(), Code::FailedPrecondition);
    assert_eq!(beyond.get_details_error_info().unwrap().reason, "AGENT_BUSY");
    running.stop().await;
}

#[tokio::test]
async fn a_call_becomes_a_callback_that_is_due_once_an_agent_is_reserved() {
    let (mut world, running, clients) = World::open().await;
    world.call(&uuid(1), "billing").await;
    let wish = || RequestCallbackRequest {
        interaction_id: uuid(1),
        phone: "+15550123".to_owned(),
        ..Default::default()
    };

    let work = clients.service().request_callback(wish()).await.unwrap().into_inner().work.unwrap();
    let again = clients.service().request_callback(wish()).await.unwrap_err();
    clients.status("ann", AgentStatus::Available).await;
    let offer = world.offer(&work.interaction_id).await;
    let pulled = pull(work.interaction_id.clone(), "ann");
    clients.service().pull_interaction(pulled).await.unwrap();
    let due = world
        .next(|fact| match &fact.envelope.event {
            Event::CallbackDue(due) => Some((fact.envelope.interaction_id.clone(), due.clone())),
            _ => None,
        })
        .await;

    assert_eq!((work.state(), work.callback_phone.as_str()), (WorkState::Queued, "+15550123"));
    assert_eq!(again.get_details_error_info().unwrap().reason, "ID_TAKEN");
    assert!(offer.callback);
    assert_eq!((due.0, due.1.phone.as_str(), due.1.attempt), (work.interaction_id, "+15550123", 1));
    running.stop().await;
}

#[tokio::test]
async fn an_agent_transfers_what_they_hold_and_nothing_else() {
    let (mut world, running, clients) = World::open().await;
    clients.status("ann", AgentStatus::Available).await;
    world.call(&uuid(1), "billing").await;
    world.offer(&uuid(1)).await;
    clients.service().pull_interaction(pull(uuid(1), "ann")).await.unwrap();
    world.call(&uuid(2), "billing").await;
    let to_sales = |interaction_id| TransferInteractionRequest {
        interaction_id,
        agent_id: "ann".to_owned(),
        queue: "sales".to_owned(),
        ..Default::default()
    };

    let (mut ann, request) = clients.person("ann", &[Role::Agent], to_sales(uuid(1)));
    let moved = ann.transfer_interaction(request).await.unwrap().into_inner().work.unwrap();
    let (mut ann, request) = clients.person("ann", &[Role::Agent], to_sales(uuid(2)));
    let not_held = ann.transfer_interaction(request).await.unwrap_err();
    let (mut bob, request) = clients.person("bob", &[Role::Agent], to_sales(uuid(1)));
    let foreign = bob.transfer_interaction(request).await.unwrap_err();

    assert_eq!((moved.queue.as_str(), moved.state()), ("sales", WorkState::Queued));
    assert_eq!(not_held.get_details_error_info().unwrap().reason, "NOT_HELD");
    assert_eq!(foreign.code(), Code::PermissionDenied);
    running.stop().await;
}
