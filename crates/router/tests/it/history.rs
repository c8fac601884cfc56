//! The log folded again over gRPC: the same decisions, the first that is not, and a log that lost its beginning.

use std::time::Duration;

use contract::{
    Timestamp,
    directory::v1::Role,
    router::v1::{
        AddAgents, AgentStatus, CandidateVerdict, ExplainRequest, OfferEnded, ReplayRequest, ReplayResponse,
        WhatIfRequest, WhatIfResponse, history_service_client::HistoryServiceClient,
    },
    subject,
};
use tonic::{Code, Status};

use crate::{
    processes::Router,
    world::{Clients, World, uuid},
};

async fn replay(clients: &Clients, from: Option<Timestamp>) -> Result<ReplayResponse, Status> {
    let request = ReplayRequest { from: from.map(Timestamp::to_proto), to: None };
    let mut found = clients.history().replay(request).await?.into_inner();
    let mut last = ReplayResponse::default();
    while let Some(word) = found.message().await? {
        last = word;
    }
    Ok(last)
}

async fn some_calls(world: &mut World, clients: &Clients, numbers: std::ops::Range<u64>) {
    for agent in ["ann", "bob", "cy"] {
        clients.status(agent, AgentStatus::Available).await;
    }
    for number in numbers.clone() {
        world.call(&uuid(number), if number % 2 == 0 { "billing" } else { "sales" }).await;
        world.offer(&uuid(number)).await;
        world.ended(&uuid(number)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn a_replay_over_the_wire_finds_every_decision_the_same() {
    let (mut world, running, clients) = World::open().await;
    some_calls(&mut world, &clients, 1..5).await;

    let found = replay(&clients, None).await.unwrap();

    assert!(found.done && found.difference.is_none(), "{found:?}");
    assert!(!found.began_from_snapshot);
    assert!(found.inputs >= 15 && found.outputs >= 12 && found.bytes > 1_000, "{found:?}");
    assert_eq!(found.unwritten, 0);
    running.stop().await;
}

#[tokio::test]
async fn a_decision_that_the_fold_does_not_say_is_found() {
    let (mut world, running, clients) = World::open().await;
    some_calls(&mut world, &clients, 1..3).await;
    running.stop().await;
    let forged = OfferEnded { agent_id: "ann".to_owned(), ..OfferEnded::default() };
    let id = format!("router:{}:1:7", subject::partition_of("demo"));
    let fact = chassis::Fact::of(forged).tenant("demo").interaction(uuid(2)).id(id.clone());
    world.bus.publish(&fact).await.unwrap();

    let running = world.run().await;
    let found = replay(&Clients::of(running.grpc()), None).await.unwrap();

    let difference = found.difference.expect("the forged decision");
    assert!(difference.logged.contains(&id) && difference.folded.is_empty(), "{difference:?}");
    assert_eq!(difference.interaction_id, uuid(2));
    running.stop().await;
}

#[tokio::test]
async fn a_log_that_lost_its_beginning_is_folded_from_a_state_that_was_kept() {
    let mut world = World::new().await;
    world.configure().await;
    let router = Router::start(&world, "a").await;
    some_calls(&mut world, &router.clients, 1..4).await;
    // Saved every two seconds, and kept every second.
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    let (_, last) = world.bus.sequences().await.unwrap();
    some_calls(&mut world, &router.clients, 4..7).await;
    let stream = world.bus.jetstream().get_stream(subject::EVENTS).await.unwrap();
    stream.purge().sequence(last + 1).await.unwrap();

    let found = replay(&router.clients, None).await.unwrap();
    let early = replay(&router.clients, Some(Timestamp::from_millis(1))).await.unwrap_err();
    router.kill();
    let router = Router::start(&world, "b").await;
    world.call(&uuid(9), "billing").await;
    let offer = world.offer(&uuid(9)).await;

    assert!(found.difference.is_none() && found.began_from_snapshot, "{found:?}");
    assert!(found.outputs >= 9, "{found:?}");
    assert_eq!(early.code(), Code::FailedPrecondition, "{early}");
    assert!(["ann", "cy"].contains(&offer.agent_id.as_str()), "the snapshot suffices: {offer:?}");
    drop(router);
}

#[tokio::test]
async fn who_left_without_an_offer_is_explained_after_the_end_with_every_ring_and_agent() {
    let (world, running, clients) = World::open().await;
    clients.status("bob", AgentStatus::Available).await;
    world.call(&uuid(1), "billing").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.ended(&uuid(1)).await;

    let explained = loop {
        let request = ExplainRequest { interaction_id: uuid(1), at: None };
        match clients.service().explain(request).await {
            Ok(explained) if explained.get_ref().closed_at.is_some() => break explained.into_inner(),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };

    let past = explained.past.expect("how it was as the customer left");
    let verdicts: Vec<_> = past.candidates.iter().map(|one| (one.agent_id.as_str(), one.verdict())).collect();
    assert!(explained.offers.is_empty() && explained.now.is_none());
    assert!(verdicts.contains(&("bob", CandidateVerdict::MissingSkill)), "{verdicts:?}");
    assert!(verdicts.contains(&("ann", CandidateVerdict::NotAvailable)), "{verdicts:?}");
    assert_eq!(explained.rings[0].expression, "billing >= 2");
    assert!(explained.rings[0].in_force);
    let before = ExplainRequest { interaction_id: uuid(1), at: Some(Timestamp::from_millis(1).to_proto()) };
    let before = clients.service().explain(before).await.unwrap().into_inner();
    assert!(before.past.is_none(), "it was not there yet");
    running.stop().await;
}

#[tokio::test]
async fn what_if_answers_with_three_ways_and_only_planners_may_ask() {
    let (mut world, running, clients) = World::open().await;
    some_calls(&mut world, &clients, 1..4).await;

    let add_agents = vec![AddAgents { skill: "billing".to_owned(), count: 2 }];
    let request = WhatIfRequest { add_agents, ..WhatIfRequest::default() };
    let mut told = clients.history().what_if(request.clone()).await.unwrap().into_inner();
    let mut last = WhatIfResponse::default();
    while let Some(word) = told.message().await.unwrap() {
        last = word;
    }
    let (_, request) = clients.person("ann", &[Role::Agent], request);
    let denied = HistoryServiceClient::new(clients.channel()).what_if(request).await.unwrap_err();

    assert!(last.done, "{last:?}");
    for way in [&last.seen, &last.baseline, &last.changed] {
        assert_eq!(way.as_ref().unwrap().figures[0].offered, 3, "{last:?}");
    }
    assert_eq!(denied.code(), Code::PermissionDenied);
    running.stop().await;
}
