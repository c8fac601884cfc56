//! What callers can ask, and what they are told.

use contract::{
    Event,
    directory::v1::Role,
    router::v1::{
        AcceptOfferRequest, AgentState, AgentStatus, CandidateVerdict, CompleteWrapUpRequest,
        DeclineOfferRequest, ExplainRequest, GetAgentRequest, GetPositionRequest, ListAgentsRequest,
        ListQueuesRequest, OfferOutcome, SetAgentStatusRequest, WorkState,
    },
};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{World, uuid};

fn accept(offer_id: &str, agent_id: &str, request_id: &str) -> AcceptOfferRequest {
    let (offer_id, agent_id) = (offer_id.to_owned(), agent_id.to_owned());
    AcceptOfferRequest { offer_id, agent_id, request_id: request_id.to_owned() }
}

#[tokio::test]
async fn a_call_is_offered_accepted_wrapped_up_and_explained() {
    let (mut world, running, clients) = World::open().await;
    clients.status("ann", AgentStatus::Available).await;
    let call = uuid(1);
    world.call(&call, "billing").await;

    let offer = world.offer(&call).await;
    assert_eq!((offer.agent_id.as_str(), offer.customer_label.as_str()), ("ann", "+15550123"));
    let decision = offer.decision.clone().unwrap();
    assert_eq!((decision.position, decision.strategy.as_str()), (1, "longest idle"));
    assert_eq!(decision.candidates[0].verdict(), CandidateVerdict::Chosen);
    assert!(decision.candidates.iter().any(|one| one.detail == "billing >= 2, has 0"), "{decision:?}");

    let answer = clients.service().accept_offer(accept(&offer.offer_id, "ann", "")).await.unwrap();
    assert_eq!(answer.into_inner().work.unwrap().interaction_id, call);
    world.connected(&call).await;
    world.ended(&call).await;
    world.next(|fact| matches!(fact.envelope.event, Event::WrapUpStarted(_)).then_some(())).await;
    let wrap_up = CompleteWrapUpRequest {
        interaction_id: call.clone(),
        agent_id: "ann".to_owned(),
        disposition: "paid".to_owned(),
        note: "by card".to_owned(),
        request_id: "w1".to_owned(),
    };
    clients.service().complete_wrap_up(wrap_up).await.unwrap();
    let closed = world
        .next(|fact| match &fact.envelope.event {
            Event::InteractionClosed(closed) => Some(closed.clone()),
            _ => None,
        })
        .await;
    assert_eq!(
        (closed.agent_id.as_str(), closed.disposition.as_str(), closed.note.as_str()),
        ("ann", "paid", "by card")
    );
    assert!(closed.answered_at.is_some() && closed.wait.is_some());

    let explained = loop {
        let request = ExplainRequest { interaction_id: call.clone(), at: None };
        match clients.service().explain(request).await {
            Ok(explained) if explained.get_ref().offers.first().is_some_and(|offer| offer.outcome != 0) => {
                break explained.into_inner();
            }
            _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    assert_eq!(explained.offers[0].outcome(), OfferOutcome::Accepted);
    assert_eq!(explained.offers[0].decision, offer.decision);
    assert_eq!(explained.work.unwrap().state(), WorkState::Closed);
    running.stop().await;
}

#[tokio::test]
async fn who_waits_learns_the_place_and_why_nobody_comes() {
    let (mut world, running, clients) = World::open().await;
    for number in 1..=3 {
        world.call(&uuid(number), "billing").await;
    }
    clients.status("bob", AgentStatus::Available).await;

    let position = GetPositionRequest { interaction_id: uuid(3) };
    let position = clients.service().get_position(position).await.unwrap().into_inner();
    let explained =
        clients.service().explain(ExplainRequest { interaction_id: uuid(3), at: None }).await.unwrap();
    let queues = clients.service().list_queues(ListQueuesRequest {}).await.unwrap().into_inner().queues;
    let agents = ListAgentsRequest { page_size: 2, page_token: String::new() };
    let agents = clients.service().list_agents(agents).await.unwrap().into_inner();

    assert_eq!((position.position, position.waiting, position.state()), (3, 3, WorkState::Queued));
    assert_eq!(position.estimated_wait, None);
    let now = explained.into_inner().now.unwrap();
    let verdict = |agent: &str| now.candidates.iter().find(|one| one.agent_id == agent).unwrap().verdict();
    assert_eq!(verdict("ann"), CandidateVerdict::NotAvailable);
    assert_eq!(verdict("bob"), CandidateVerdict::MissingSkill);
    assert_eq!((queues[0].queue.as_str(), queues[0].waiting, queues[0].agents_ready), ("billing", 3, 1));
    assert_eq!(agents.agents.len(), 2);
    assert_eq!(agents.next_page_token, "bob");
    clients.status("cy", AgentStatus::Available).await;
    assert_eq!(world.offer(&uuid(1)).await.agent_id, "cy");
    running.stop().await;
}

#[tokio::test]
async fn a_late_or_foreign_answer_is_refused_with_a_reason() {
    let (mut world, running, clients) = World::open().await;
    clients.status("ann", AgentStatus::Available).await;
    world.call(&uuid(1), "billing").await;
    let offer = world.offer(&uuid(1)).await;

    let foreign = clients.service().accept_offer(accept(&offer.offer_id, "cy", "")).await.unwrap_err();
    let outcome = world
        .next(|fact| match &fact.envelope.event {
            Event::OfferEnded(ended) => Some(ended.outcome()),
            _ => None,
        })
        .await;
    let late = clients.service().accept_offer(accept(&offer.offer_id, "ann", "")).await.unwrap_err();
    let nonsense = clients.service().accept_offer(accept("nonsense", "ann", "")).await.unwrap_err();

    let reason =
        |status: &tonic::Status| status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    assert_eq!((foreign.code(), reason(&foreign).as_str()), (Code::FailedPrecondition, "NOT_YOURS"));
    assert_eq!(outcome, OfferOutcome::TimedOut);
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "OFFER_GONE"));
    assert_eq!(nonsense.code(), Code::InvalidArgument);
    let ann = clients.service().get_agent(GetAgentRequest { agent_id: "ann".to_owned() }).await.unwrap();
    assert_eq!(ann.into_inner().agent.unwrap().state(), AgentState::NotResponding);
    running.stop().await;
}

#[tokio::test]
async fn the_same_request_is_one_command_with_one_answer() {
    let (mut world, running, clients) = World::open().await;
    clients.status("ann", AgentStatus::Available).await;
    world.call(&uuid(1), "billing").await;
    let offer = world.offer(&uuid(1)).await;
    let decline = DeclineOfferRequest {
        offer_id: offer.offer_id.clone(),
        agent_id: "ann".to_owned(),
        request_id: "d1".to_owned(),
    };

    let first = clients.service().decline_offer(decline.clone()).await;
    let again = clients.service().decline_offer(decline).await;

    assert!(first.is_ok(), "{first:?}");
    assert!(again.is_ok(), "a second decline would have been refused: {again:?}");
    running.stop().await;
}

#[tokio::test]
async fn agents_act_for_themselves_and_supervisors_for_anyone() {
    let (_world, running, clients) = World::open().await;
    let status = SetAgentStatusRequest {
        agent_id: "bob".to_owned(),
        status: AgentStatus::Away as i32,
        aux_code: "lunch".to_owned(),
        request_id: String::new(),
    };

    let (mut ann, by_ann) = clients.person("ann", &[Role::Agent], status.clone());
    let (mut sue, by_sue) = clients.person("sue", &[Role::Supervisor], status.clone());
    let denied = ann.set_agent_status(by_ann).await.unwrap_err();
    let done = sue.set_agent_status(by_sue).await.unwrap().into_inner().agent.unwrap();
    let nobody = SetAgentStatusRequest { agent_id: "nobody".to_owned(), ..status };
    let unknown = clients.service().set_agent_status(nobody).await.unwrap_err();

    assert_eq!(denied.code(), Code::PermissionDenied);
    assert_eq!((done.state(), done.aux_code.as_str()), (AgentState::Away, "lunch"));
    assert_eq!(unknown.get_details_error_info().unwrap().reason, "NOT_CONFIGURED");
    running.stop().await;
}
