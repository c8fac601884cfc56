//! The stream a desktop lives on.

use std::time::Duration;

use contract::{
    directory::v1::{Role, SessionRevoked},
    gateway::v1::{
        WatchRequest, WatchResponse, desktop_event::Event, desktop_service_client::DesktopServiceClient,
        watch_response::Item,
    },
    interaction::v1::{Message, MessageAdded},
    router::v1::{GetAgentRequest, OfferMade, router_service_client::RouterServiceClient},
};
use tonic::{Code, Streaming};

use crate::support::{House, Line, publish};

const PATIENCE: Duration = Duration::from_secs(10);

async fn open(line: Line) -> Streaming<WatchResponse> {
    DesktopServiceClient::new(line).watch(WatchRequest {}).await.unwrap().into_inner()
}

async fn next(stream: &mut Streaming<WatchResponse>) -> Result<Item, Code> {
    let item = tokio::time::timeout(PATIENCE, stream.message()).await.expect("something within 10 s");
    match item {
        Ok(Some(response)) => Ok(response.item.unwrap()),
        Ok(None) => Err(Code::Ok),
        Err(status) => Err(status.code()),
    }
}

/// The next event; heartbeats are passed over.
async fn event(stream: &mut Streaming<WatchResponse>) -> Event {
    loop {
        if let Item::Event(event) = next(stream).await.unwrap() {
            return event.event.unwrap();
        }
    }
}

fn said(text: &str) -> MessageAdded {
    MessageAdded { message: Some(Message { text: text.to_owned(), ..Message::default() }), channel: 2 }
}

fn text(event: Event) -> String {
    match event {
        Event::MessageAdded(fact) => fact.message.unwrap().text,
        Event::OfferMade(fact) => fact.offer_id,
        other => panic!("{other:?} was not expected"),
    }
}

#[tokio::test]
async fn a_desktop_gets_its_work_then_what_happens_to_it_and_nothing_else() {
    let house = House::open().await;
    let bus = house.bus().await;
    let mut stream = open(house.person("ann", Role::Agent)).await;

    let Item::Snapshot(snapshot) = next(&mut stream).await.unwrap() else { panic!("a snapshot comes first") };
    assert_eq!(snapshot.agent.unwrap().work[0].interaction_id, "chat-1");
    publish(&bus, "chat-2", said("of somebody else")).await;
    publish(&bus, "chat-1", said("mine")).await;
    let offer = |agent: &str, id: &str| OfferMade {
        agent_id: agent.to_owned(),
        offer_id: id.to_owned(),
        ..OfferMade::default()
    };
    publish(&bus, "chat-3", offer("bob", "his")).await;
    publish(&bus, "chat-4", offer("ann", "hers")).await;
    publish(&bus, "chat-4", said("after the offer")).await;

    for expected in ["mine", "hers", "after the offer"] {
        assert_eq!(text(event(&mut stream).await), expected);
    }
}

#[tokio::test]
async fn a_quiet_stream_says_that_it_is_alive() {
    let house = House::open().await;
    let mut stream = open(house.person("ann", Role::Agent)).await;
    next(&mut stream).await.unwrap();

    assert!(matches!(next(&mut stream).await, Ok(Item::Heartbeat(_))));
}

#[tokio::test]
async fn only_agents_have_a_desktop() {
    let house = House::open().await;

    let supervisor =
        DesktopServiceClient::new(house.person("sue", Role::Supervisor)).watch(WatchRequest {}).await;
    let unknown = DesktopServiceClient::new(house.person("bob", Role::Agent)).watch(WatchRequest {}).await;

    assert_eq!(supervisor.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_desktop_that_takes_nothing_is_closed_and_the_others_go_on() {
    let house = House::open_with(|settings| settings.set("gateway", "watch_buffer", 16.into())).await;
    let bus = house.bus().await;
    let mut lagging = open(house.person("ann", Role::Agent)).await;
    next(&mut lagging).await.unwrap();
    let mut quick = open(house.person("ann", Role::Agent)).await;
    next(&mut quick).await.unwrap();
    let reader = tokio::spawn(async move {
        for _ in 0..400 {
            event(&mut quick).await;
        }
    });

    let large = "x".repeat(15_000);
    for _ in 0..400 {
        publish(&bus, "chat-1", said(&large)).await;
    }

    tokio::time::timeout(PATIENCE, reader).await.expect("the quick one gets everything").unwrap();
    let mut taken = 0;
    let end = loop {
        match next(&mut lagging).await {
            Ok(_) => taken += 1,
            Err(code) => break code,
        }
    };
    assert!(taken < 400, "{taken} were kept for somebody who did not listen");
    assert!(matches!(end, Code::Ok | Code::Unavailable), "{end:?}");
}

#[tokio::test]
async fn a_stream_ends_with_its_access_token() {
    let house = House::open().await;
    let mut stream =
        open(house.line(House::token("demo", "ann", &[Role::Agent], Duration::from_secs(2)))).await;

    let end = loop {
        if let Err(code) = next(&mut stream).await {
            break code;
        }
    };

    assert_eq!(end, Code::Unauthenticated);
}

#[tokio::test]
async fn a_revoked_session_loses_its_stream_and_its_calls_at_once() {
    let house = House::open().await;
    let bus = house.bus().await;
    let mut stream = open(house.person("ann", Role::Agent)).await;
    next(&mut stream).await.unwrap();

    publish(&bus, "", SessionRevoked { session_id: "session-ann".to_owned() }).await;

    let end = loop {
        if let Err(code) = next(&mut stream).await {
            break code;
        }
    };
    let mut router = RouterServiceClient::new(house.person("ann", Role::Agent));
    let call = router.get_agent(GetAgentRequest { agent_id: "ann".to_owned() }).await;
    assert_eq!(end, Code::Unauthenticated);
    assert_eq!(call.unwrap_err().code(), Code::Unauthenticated);
}
