//! What people do with customers: find, correct, write down, resolve.

use contract::{
    crm::v1::{
        AddNoteRequest, CaseState, Identity, IdentityKind, ResolveCaseRequest, SearchCustomersRequest,
        UpdateCustomerRequest,
    },
    directory::v1::Role,
    interaction::v1::{Channel, CustomerAddress},
};
use tonic::Code;

use crate::{
    story::{phone, started},
    world::World,
};

fn named(name: &str, number: &str) -> CustomerAddress {
    CustomerAddress { display_name: name.to_owned(), ..phone(number) }
}

async fn world_with(customers: &[(&str, &str)]) -> World {
    let world = World::start().await;
    for (place, (name, number)) in customers.iter().enumerate() {
        let second = place as i64 * 60;
        world.tell(&format!("i{place}"), started(Channel::Voice, second, named(name, number))).await;
    }
    world.settled().await;
    world
}

async fn found(world: &World, query: &str) -> Vec<String> {
    let request = SearchCustomersRequest { query: query.to_owned(), page_size: 0 };
    let answer = world.service("demo").search_customers(request).await.unwrap().into_inner();
    answer.customers.into_iter().map(|customer| customer.name).collect()
}

#[tokio::test]
async fn customers_are_found_by_name_number_and_case() {
    let world = world_with(&[("Ann Smith", "+15550123"), ("Bob Smithson", "+442079460018")]).await;

    assert_eq!(found(&world, "smi").await, ["Bob Smithson", "Ann Smith"], "last seen first");
    assert_eq!(found(&world, "ann SMITH").await, ["Ann Smith"]);
    assert_eq!(found(&world, "+1 555 0123").await, ["Ann Smith"]);
    assert_eq!(found(&world, "020 7946 0018").await, ["Bob Smithson"]);
    assert_eq!(found(&world, "#2").await, ["Bob Smithson"]);
    assert_eq!(found(&world, "2").await, ["Bob Smithson"], "a case number without its sign");
    assert!(found(&world, "%' OR 1=1 --").await.is_empty());

    let too_long = SearchCustomersRequest { query: "x".repeat(201), page_size: 0 };
    let refused = world.service("demo").search_customers(too_long).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_corrected_customer_is_found_and_recognised_by_what_was_added() {
    let world = world_with(&[("", "+15550123")]).await;
    let customer_id = world.who("i0").await.0;
    let change = UpdateCustomerRequest {
        customer_id: customer_id.clone(),
        name: "Ann Smith".to_owned(),
        add_identities: vec![Identity {
            kind: IdentityKind::Email.into(),
            value: "Ann@Example.org".to_owned(),
        }],
        request_id: "r1".to_owned(),
    };

    let customer =
        world.service("demo").update_customer(change.clone()).await.unwrap().into_inner().customer.unwrap();
    let late = UpdateCustomerRequest { name: "Late".to_owned(), ..change };
    let again = world.service("demo").update_customer(late).await.unwrap().into_inner().customer.unwrap();

    assert_eq!((customer.name.as_str(), customer.identities.len()), ("Ann Smith", 2));
    assert_eq!(again, customer, "the same request is one change");
    assert_eq!(found(&world, "ann@example.org").await, ["Ann Smith"]);
    let mail = CustomerAddress { email: "ANN@example.org".to_owned(), ..CustomerAddress::default() };
    world.tell("mail", started(Channel::Email, 60, mail)).await;
    world.settled().await;
    assert_eq!(world.who("mail").await.0, customer_id);
}

#[tokio::test]
async fn an_identity_of_another_customer_is_refused_and_nothing_changes() {
    let world = world_with(&[("Ann", "+15550123"), ("Bob", "+15550199")]).await;
    let ann = world.who("i0").await.0;
    let change = |kind: IdentityKind, value: &str| UpdateCustomerRequest {
        customer_id: ann.clone(),
        name: "Changed".to_owned(),
        add_identities: vec![
            Identity { kind: IdentityKind::Email.into(), value: "new@example.org".to_owned() },
            Identity { kind: kind.into(), value: value.to_owned() },
        ],
        request_id: String::new(),
    };

    let taken = world.service("demo").update_customer(change(IdentityKind::Phone, "+1 555 0199")).await;
    let bad = world.service("demo").update_customer(change(IdentityKind::Phone, "call me")).await;
    let visitor = world.service("demo").update_customer(change(IdentityKind::Visitor, "v1")).await;

    assert_eq!(taken.unwrap_err().code(), Code::AlreadyExists);
    let bad = bad.unwrap_err();
    assert_eq!((bad.code(), bad.message().contains("add_identities[1]")), (Code::InvalidArgument, true));
    assert_eq!(visitor.unwrap_err().code(), Code::InvalidArgument);
    let customer = world.customer(&ann).await.customer.unwrap();
    assert_eq!((customer.name.as_str(), customer.identities.len()), ("Ann", 1));
}

#[tokio::test]
async fn a_note_is_kept_once_with_its_author_and_told_to_others() {
    let world = world_with(&[("Ann", "+15550123")]).await;
    let draft = AddNoteRequest {
        interaction_id: "i0".to_owned(),
        text: "wants a refund".to_owned(),
        request_id: "r1".to_owned(),
        ..AddNoteRequest::default()
    };

    let (mut client, request) = world.person(draft.clone(), "demo", "bob", &[Role::Agent]);
    let note = client.add_note(request).await.unwrap().into_inner().note.unwrap();
    let (mut client, request) = world.person(draft, "demo", "bob", &[Role::Agent]);
    let again = client.add_note(request).await.unwrap().into_inner().note.unwrap();
    world.settled().await;

    assert_eq!(
        (note.author_id.as_str(), note.customer_id.as_str()),
        ("bob", world.who("i0").await.0.as_str())
    );
    assert_eq!(again, note);
    assert_eq!(world.customer(&note.customer_id).await.notes, [note]);
    let told = world.interaction("i0").await.events;
    assert_eq!(told.iter().filter(|event| event.text == "bob wrote a note").count(), 1);
}

#[tokio::test]
async fn a_note_needs_a_text_and_somebody_it_is_about() {
    let world = world_with(&[("Ann", "+15550123"), ("Bob", "+15550199")]).await;
    let bob = world.who("i1").await.0;
    let refused = async |interaction: &str, customer: &str, text: &str| {
        let draft = AddNoteRequest {
            customer_id: customer.to_owned(),
            interaction_id: interaction.to_owned(),
            text: text.to_owned(),
            request_id: String::new(),
        };
        world.service("demo").add_note(draft).await.unwrap_err().code()
    };

    assert_eq!(refused("i0", "", "").await, Code::InvalidArgument);
    assert_eq!(refused("i0", "", &"x".repeat(20_000)).await, Code::InvalidArgument);
    assert_eq!(refused("", "", "text").await, Code::InvalidArgument);
    assert_eq!(refused("i0", &bob, "text").await, Code::InvalidArgument);
    assert_eq!(refused("nowhere", "", "text").await, Code::NotFound);
    assert_eq!(refused("", "nobody", "text").await, Code::NotFound);
}

#[tokio::test]
async fn after_a_case_is_resolved_the_next_interaction_opens_another() {
    let world = world_with(&[("Ann", "+15550123")]).await;
    let customer_id = world.who("i0").await.0;
    let case = world.customer(&customer_id).await.cases.remove(0);
    let resolve = || ResolveCaseRequest { case_id: case.case_id.clone(), request_id: String::new() };

    let resolved = world.service("demo").resolve_case(resolve()).await.unwrap().into_inner().case.unwrap();
    world.clock.advance_millis(5_000);
    let again = world.service("demo").resolve_case(resolve()).await.unwrap().into_inner().case.unwrap();
    world.tell("next", started(Channel::Voice, 60, phone("+15550123"))).await;
    world.settled().await;

    assert_eq!((resolved.state(), resolved.resolved_at), (CaseState::Resolved, again.resolved_at));
    assert_eq!((case.number, world.who("next").await.1), (1, 2));
    let unknown = ResolveCaseRequest { case_id: "nothing".to_owned(), request_id: String::new() };
    assert_eq!(world.service("demo").resolve_case(unknown).await.unwrap_err().code(), Code::NotFound);
}
