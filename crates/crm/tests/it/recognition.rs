//! Who is it, and which case is it about?

use chassis::{Fact, Start};
use contract::{
    Event,
    interaction::v1::{Channel, CustomerAddress},
    subject,
};

use crate::{
    story::{phone, started},
    world::World,
};

const DAY: i64 = 24 * 60 * 60;

fn chat(customer: CustomerAddress) -> contract::interaction::v1::InteractionStarted {
    started(Channel::Chat, 0, customer)
}

fn visitor(id: &str, verified: bool) -> CustomerAddress {
    CustomerAddress { visitor_id: id.to_owned(), visitor_verified: verified, ..CustomerAddress::default() }
}

#[tokio::test]
async fn a_caller_is_recognised_in_any_notation() {
    let world = World::start().await;

    world.tell("i1", started(Channel::Voice, 0, phone("+1 (555) 01-23"))).await;
    world.tell("i2", started(Channel::Voice, 60, phone("sip:+15550123@example.org"))).await;
    world.tell("i3", started(Channel::Voice, 60, phone("+15550199"))).await;
    world.settled().await;

    let (first, second, other) = (world.who("i1").await, world.who("i2").await, world.who("i3").await);
    assert_eq!(first, second);
    assert_ne!(first.0, other.0);
    let customer = world.customer(&first.0).await.customer.unwrap();
    assert_eq!((customer.interactions, customer.identities[0].value.as_str()), (2, "+15550123"));
}

#[tokio::test]
async fn only_a_proven_visitor_id_recognises() {
    let world = World::start().await;

    world.tell("proven", chat(visitor("v1", true))).await;
    world.tell("again", chat(visitor("v1", true))).await;
    world.tell("claimed", chat(visitor("v1", false))).await;
    world.tell("claimed-too", chat(visitor("v1", false))).await;
    world.settled().await;

    let proven = world.who("proven").await.0;
    assert_eq!(world.who("again").await.0, proven);
    assert_ne!(world.who("claimed").await.0, proven);
    assert_ne!(world.who("claimed-too").await.0, world.who("claimed").await.0);
}

#[tokio::test]
async fn the_strongest_identity_decides_and_nobody_is_merged() {
    let world = World::start().await;
    world.tell("call", started(Channel::Voice, 0, phone("+15550123"))).await;
    let mail = CustomerAddress { email: "ann@example.org".to_owned(), ..CustomerAddress::default() };
    world.tell("mail", started(Channel::Email, 0, mail)).await;

    let both = CustomerAddress {
        phone: "+15550123".to_owned(),
        email: "Ann@Example.org".to_owned(),
        display_name: "Ann".to_owned(),
        ..visitor("v9", true)
    };
    world.tell("both", chat(both)).await;
    world.tell("back", chat(visitor("v9", true))).await;
    world.settled().await;

    let by_phone = world.who("call").await.0;
    assert_eq!(world.who("both").await.0, by_phone);
    assert_eq!(world.who("back").await.0, by_phone, "the visitor id was learned");
    assert_ne!(world.who("mail").await.0, by_phone);
    assert_eq!(world.customer(&by_phone).await.customer.unwrap().name, "Ann");
}

#[tokio::test]
async fn a_case_goes_on_for_a_week_and_numbers_count_up_for_each_tenant() {
    let world = World::start().await;

    world.tell("d0", started(Channel::Voice, 0, phone("+15550123"))).await;
    world.tell("d6", started(Channel::Voice, 6 * DAY, phone("+15550123"))).await;
    world.tell("d12", started(Channel::Voice, 12 * DAY, phone("+15550123"))).await;
    world.tell("d20", started(Channel::Voice, 20 * DAY, phone("+15550123"))).await;
    world.tell("other", started(Channel::Voice, 0, phone("+15550199"))).await;
    world.tell_tenant("acme", "a1", started(Channel::Voice, 0, phone("+15550123"))).await;
    world.settled().await;

    let mut numbers = Vec::new();
    for id in ["d0", "d6", "d12", "d20", "other"] {
        numbers.push(world.who(id).await.1);
    }
    assert_eq!(numbers, [1, 1, 1, 2, 3]);
    let acme: i64 = sqlx::query_scalar("SELECT number FROM crm.support_case WHERE tenant_id = 'acme'")
        .fetch_one(&mut world.owner().await)
        .await
        .unwrap();
    assert_eq!(acme, 1);
}

#[tokio::test]
async fn who_it_is_is_published_once() {
    let world = World::start().await;
    let start = Fact::of(started(Channel::Voice, 0, phone("+15550123"))).tenant("demo").interaction("i1");
    world.publish(start.clone().id("s1")).await;
    world.settled().await;

    // Told again under another name: the same fact of a producer that forgot what it said.
    world.publish(start.id("s2")).await;
    world.tell("last", started(Channel::Voice, 0, phone("+15550123"))).await;
    world.settled().await;

    let mut tail =
        world.bus.tail(vec![subject::events_named("crm", "customer_recognised")], Start::Beginning);
    let mut heard = Vec::new();
    while heard.last().is_none_or(|(interaction, _)| interaction != "last") {
        let received = std::sync::Arc::unwrap_or_clone(tail.next().await);
        let Event::CustomerRecognised(recognised) = received.envelope.event else { panic!("another fact") };
        heard.push((received.envelope.interaction_id, recognised));
    }
    let told: Vec<(&str, bool)> = heard.iter().map(|(id, fact)| (id.as_str(), fact.created)).collect();
    assert_eq!(told, [("i1", true), ("last", false)]);
    assert_eq!(
        (&heard[0].1.customer_id, &heard[0].1.case_id),
        (&heard[1].1.customer_id, &heard[1].1.case_id)
    );
    assert_eq!(world.customer(&heard[0].1.customer_id).await.customer.unwrap().interactions, 2);
}
