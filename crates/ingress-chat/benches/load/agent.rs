//! One agent takes one chat on the desktop's stream; every message of the visitor is timed from before it is sent to when the
//! stream brings it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use contract::{
    directory::v1::{SignInRequest, session_service_client::SessionServiceClient},
    gateway::v1::{
        WatchRequest, WatchResponse, desktop_event::Event, desktop_service_client::DesktopServiceClient,
        watch_response::Item,
    },
    router::v1::{
        AcceptOfferRequest, AgentStatus, CompleteWrapUpRequest, SetAgentStatusRequest,
        router_service_client::RouterServiceClient,
    },
};
use hdrhistogram::Histogram;
use tonic::{Request, Streaming, metadata::MetadataValue, transport::Channel};

use crate::{Options, histogram, record, visitor::Visitor};

/// Pause between two messages: no faster than one connection may write.
const PAUSE: Duration = Duration::from_millis(110);
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the measurement.
pub async fn seen_by_agent(options: &Options) -> anyhow::Result<Histogram<u64>> {
    let (login, password) = options.agent.split_once(':').context("--agent is login:password")?;
    let channel = Channel::from_shared(options.grpc.clone())?.connect().await?;
    let request = SignInRequest { login: login.into(), password: password.into(), ..Default::default() };
    let session = SessionServiceClient::new(channel.clone()).sign_in(request).await?.into_inner().session;
    let bearer: MetadataValue<_> =
        format!("Bearer {}", session.context("a session")?.access_token).parse()?;
    let authorize = move |mut request: Request<()>| {
        request.metadata_mut().insert("authorization", bearer.clone());
        Ok(request)
    };
    let mut router = RouterServiceClient::with_interceptor(channel.clone(), authorize.clone());
    let mut desktop = DesktopServiceClient::with_interceptor(channel, authorize);
    let mut stream = desktop.watch(WatchRequest {}).await?.into_inner();
    let status = |status: AgentStatus| SetAgentStatusRequest {
        agent_id: login.to_owned(),
        status: status.into(),
        ..Default::default()
    };
    router.set_agent_status(status(AgentStatus::Available)).await?;

    let mut visitor = Visitor::arrive(options).await?;
    let interaction_id = visitor.interaction_id.clone();
    let mut accepted = false;
    loop {
        let (id, event) = next_event(&mut stream).await.context("waiting for the chat's offer")?;
        if id != interaction_id {
            continue;
        }
        match event {
            Event::OfferMade(offer) if !accepted => {
                let accept = AcceptOfferRequest {
                    offer_id: offer.offer_id,
                    agent_id: login.into(),
                    ..Default::default()
                };
                router.accept_offer(accept).await?;
                accepted = true;
            }
            Event::InteractionConnected(_) => break,
            _ => {}
        }
    }

    let mut seen = histogram()?;
    let mut sent = HashMap::new();
    for number in 0..options.seen {
        let id = format!("seen-{number}");
        sent.insert(id.clone(), Instant::now());
        visitor.say(&id, "Do you see this?").await?;
        let pause = tokio::time::sleep(PAUSE);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => break,
                event = next_event(&mut stream) => note(event?, &mut sent, &mut seen),
            }
        }
    }
    while !sent.is_empty() {
        note(next_event(&mut stream).await?, &mut sent, &mut seen);
    }
    visitor.leave().await?;
    let done = CompleteWrapUpRequest { interaction_id, agent_id: login.into(), ..Default::default() };
    // A queue without wrap-up has nothing to complete.
    let _ = router.complete_wrap_up(done).await;
    router.set_agent_status(status(AgentStatus::Offline)).await?;
    Ok(seen)
}

fn note((_, event): (String, Event), sent: &mut HashMap<String, Instant>, seen: &mut Histogram<u64>) {
    if let Event::MessageAdded(added) = event
        && let Some(message) = added.message
        && let Some(moment) = sent.remove(&message.client_message_id)
    {
        record(seen, moment.elapsed());
    }
}

async fn next_event(stream: &mut Streaming<WatchResponse>) -> anyhow::Result<(String, Event)> {
    loop {
        let item =
            tokio::time::timeout(PATIENCE, stream.message()).await.context("nothing came for 30 s")??;
        if let Some(Item::Event(event)) = item.context("the stream ended")?.item
            && let Some(what) = event.event
        {
            return Ok((event.interaction_id, what));
        }
    }
}
