//! Where customers leave, loop and mis-key.

use contract::{
    analytics::v1::{FlowReport, ReportFlowsRequest},
    directory::v1::Role,
    interaction::v1::{
        EndReason, FlowStepTaken, InteractionConnected, InteractionEnded, InteractionQueued,
        InteractionStarted,
    },
};
use tonic::Code;

use crate::world::World;

fn took(step: &str, input: &str, outcome: &str) -> FlowStepTaken {
    FlowStepTaken { flow: "main".into(), step: step.into(), input: input.into(), outcome: outcome.into() }
}

fn ended(reason: EndReason) -> InteractionEnded {
    InteractionEnded { reason: reason.into(), ..Default::default() }
}

async fn report(world: &World, tenant: &str) -> Vec<FlowReport> {
    world.settled().await;
    let asked = world.service(tenant).report_flows(ReportFlowsRequest::default()).await;
    asked.unwrap().into_inner().flows
}

#[tokio::test]
async fn where_callers_leave_loop_and_mis_key_is_told() {
    let world = World::start().await;
    for id in ["leaves", "serves-itself"] {
        world.tell(id, InteractionStarted::default()).await;
        world.tell(id, took("menu", "", "entered")).await;
    }
    for (input, outcome) in [("7", "invalid"), ("1234567", "invalid"), ("", "timeout")] {
        world.tell("leaves", took("menu", input, outcome)).await;
    }
    world.tell("leaves", ended(EndReason::LeftInFlow)).await;
    for (input, outcome) in [("", "unclear"), ("billing", "heard"), ("2", "misheard")] {
        world.tell("serves-itself", took("menu", input, outcome)).await;
    }
    for (step, outcome) in [("menu", "choice"), ("balance", "well"), ("menu", "entered"), ("bye", "entered")]
    {
        world.tell("serves-itself", took(step, "", outcome)).await;
    }
    world.tell("serves-itself", ended(EndReason::FlowEnded)).await;

    let flows = report(&world, "demo").await;

    let [main] = flows.as_slice() else { panic!("{flows:?}") };
    assert_eq!((main.interactions, main.left_in_flow, main.self_served, main.queued), (2, 1, 1, 0));
    let step = |key: &str| main.steps.iter().find(|step| step.step == key).unwrap();
    let menu = step("menu");
    assert_eq!((menu.entered, menu.customers, menu.repeated), (3, 2, 1));
    assert_eq!((menu.invalid, menu.timeouts, menu.chosen, menu.left_here), (2, 1, 1, 1));
    assert_eq!((menu.unclear, menu.misheard), (1, 1));
    let keys: Vec<_> = menu.wrong_keys.iter().map(|wrong| (wrong.key.as_str(), wrong.times)).collect();
    assert_eq!(keys, [("7", 1)], "numbers that customers enter are not kept");
    assert_eq!((step("bye").ended_here, step("balance").entered), (1, 1));
    assert_eq!(report(&world, "acme").await, []);
}

#[tokio::test]
async fn agents_and_senseless_spans_are_refused() {
    let world = World::start().await;
    let (mut agent, request) = world.person(ReportFlowsRequest::default(), &[Role::Agent]);
    let now = contract::Timestamp::from_millis(crate::world::NOON).to_proto();
    let backwards = ReportFlowsRequest { from: Some(now), to: Some(now), ..Default::default() };

    let denied = agent.report_flows(request).await.unwrap_err();
    let senseless = world.service("demo").report_flows(backwards).await.unwrap_err();

    assert_eq!(denied.code(), Code::PermissionDenied);
    assert_eq!(
        (senseless.code(), senseless.message()),
        (Code::InvalidArgument, "from must lie before to, at most 367 days")
    );
}

#[tokio::test]
async fn what_customers_answer_to_a_survey_counts_for_queue_and_agent() {
    let world = World::start().await;
    for (id, agent, answers) in
        [("one", "ann", vec!["4"]), ("two", "ann", vec!["7", "5"]), ("three", "bob", vec!["1"])]
    {
        world.tell(id, InteractionStarted::default()).await;
        let queued = InteractionQueued { queue: "billing".into(), ..Default::default() };
        world.tell(id, queued).await;
        let connected = InteractionConnected { agent_id: agent.into(), ..Default::default() };
        world.tell(id, connected).await;
        world.tell(id, ended(EndReason::AgentEnded)).await;
        world.tell(id, took("how-was-it", "", "entered")).await;
        for answer in answers {
            let outcome = if answer == "7" { "invalid" } else { "rated" };
            world.tell(id, took("how-was-it", answer, outcome)).await;
        }
    }
    world.settled().await;

    let asked = world.service("demo").report_flows(ReportFlowsRequest::default()).await;
    let answer = asked.unwrap().into_inner();

    let step = &answer.flows[0].steps[0];
    assert_eq!((step.ratings, (step.mean_rating * 100.0).round()), (3, 333.0));
    let ratings: Vec<_> = answer
        .ratings
        .iter()
        .map(|rated| (rated.queue.as_str(), rated.agent_id.as_str(), rated.ratings, rated.mean))
        .collect();
    assert_eq!(ratings, [("billing", "ann", 2, 4.5), ("billing", "bob", 1, 1.0)]);
}
