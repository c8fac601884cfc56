//! Customers inside flows.

use std::time::{Duration, Instant};

use contract::{
    directory::v1::Role,
    ivr::v1::{Begin, TimedOut, input::Kind},
};
use tonic::Code;

use crate::support::{Customer, House, flow};

#[tokio::test]
async fn a_caller_is_greeted_asked_and_queued() {
    let house = House::open().await;
    house.apply("demo", vec![flow("main", "Welcome.")]).await;
    let mut caller = house.caller();

    assert_eq!(caller.begin("main").await, ["say Welcome.", "ask"]);
    assert_eq!(caller.press("1").await, ["queue sales"]);

    let over = caller.try_give("", Kind::Choice("1".into())).await.unwrap_err();
    assert_eq!(over.code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn who_is_inside_finishes_the_version_they_began() {
    let house = House::open().await;
    house.apply("demo", vec![flow("main", "Old.")]).await;
    let (mut early, mut late) = (house.caller(), house.caller());
    early.begin("main").await;
    early.keep_silent().await;
    early.keep_silent().await;

    house.apply("demo", vec![flow("main", "New.")]).await;
    assert_eq!(late.begin("main").await, ["say New.", "ask"]);
    house.apply("demo", vec![]).await;

    assert_eq!(early.keep_silent().await, ["say Old. Goodbye.", "end"]);
    assert_eq!(late.press("1").await, ["queue sales"]);
    let gone = house.caller().try_give("main", Kind::Begin(Begin {})).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
}

#[tokio::test]
async fn hours_are_kept_to_the_minute_and_a_closure_is_heard() {
    let house = House::open().await;
    house.apply("demo", vec![flow("main", "Welcome.")]).await;

    // 10:00, 16:59:59, 17:00.
    assert_eq!(house.caller().begin("main").await, ["say Welcome.", "ask"]);
    house.clock.advance_millis(7 * 3_600_000 - 1_000);
    assert_eq!(house.caller().begin("main").await, ["say Welcome.", "ask"]);
    house.clock.advance_millis(1_000);
    assert_eq!(house.caller().begin("main").await, ["say Welcome.", "say Welcome. Goodbye.", "end"]);

    // Tuesday, 10:00: open; the clock stands still, so only what is heard can change the answer.
    house.clock.advance_millis(17 * 3_600_000);
    assert_eq!(house.caller().begin("main").await, ["say Welcome.", "ask"]);
    house.close_office().await;
    let patience = Instant::now();
    while house.caller().begin("main").await.len() == 2 {
        assert!(patience.elapsed() < Duration::from_secs(10), "the closure was not heard");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn without_a_directory_and_an_answer_the_caller_is_told_to_try_again() {
    let house = House::open().await;
    house.lose_directory();
    house.apply("demo", vec![flow("main", "Welcome.")]).await;

    let unavailable = house.caller().try_give("main", Kind::Begin(Begin {})).await.unwrap_err();

    assert_eq!(unavailable.code(), Code::Unavailable);
    assert_eq!(unavailable.message(), "the opening hours can't be told now");
}

#[tokio::test]
async fn while_the_directory_is_away_its_last_answer_is_followed() {
    let house = House::open().await;
    house.apply("demo", vec![flow("main", "Welcome.")]).await;
    house.caller().begin("main").await;
    house.lose_directory();

    house.clock.advance_millis(6 * 3_600_000);
    assert_eq!(house.caller().begin("main").await, ["say Welcome.", "ask"]);
    house.clock.advance_millis(2 * 3_600_000);
    assert_eq!(house.caller().begin("main").await, ["say Welcome.", "say Welcome. Goodbye.", "end"]);
    house.clock.advance_millis(13 * 3_600_000);
    let unknown = house.caller().try_give("main", Kind::Begin(Begin {})).await.unwrap_err();
    assert_eq!(unknown.code(), Code::Unavailable);
}

#[tokio::test]
async fn sessions_that_are_not_ours_are_refused_and_harm_nobody() {
    let house = House::open().await;
    house.apply("demo", vec![flow("main", "Welcome.")]).await;
    house.apply("acme", vec![flow("main", "Welcome.")]).await;
    let mut caller = house.caller();
    caller.begin("main").await;
    let mut damaged = caller.session.clone();
    damaged[8] ^= 1;

    for (tenant, session, reason) in [
        ("demo", vec![], "session is not a session of a flow"),
        ("demo", b"garbage".to_vec(), "session is not a session of a flow"),
        ("demo", damaged, "session is not a session of a flow"),
        ("demo", vec![0; 20_000], "session has 20000 bytes, may have 16384"),
        ("acme", caller.session.clone(), "session belongs to another tenant"),
    ] {
        let mut stranger = Customer { flows: house.as_service(tenant), session };

        let refused = stranger.try_give("", Kind::TimedOut(TimedOut {})).await.unwrap_err();

        assert_eq!((refused.code(), refused.message()), (Code::InvalidArgument, reason));
    }
    assert_eq!(caller.press("1").await, ["queue sales"]);
}

#[tokio::test]
async fn requests_that_make_no_sense_name_the_field() {
    let house = House::open().await;
    house.apply("demo", vec![flow("main", "Welcome.")]).await;
    let mut caller = house.caller();
    caller.begin("main").await;

    let twice = caller.try_give("main", Kind::Begin(Begin {})).await.unwrap_err();
    let long = caller.try_give("", Kind::Text("x".repeat(20_000))).await.unwrap_err();
    let unknown = house.caller().try_give("mian", Kind::Begin(Begin {})).await.unwrap_err();
    let mut person =
        Customer { flows: house.as_person("demo", Role::Administrator), session: caller.session.clone() };
    let denied = person.try_give("", Kind::TimedOut(TimedOut {})).await.unwrap_err();

    assert_eq!(twice.message(), "session must be empty when an interaction begins");
    assert_eq!(long.message(), "input is longer than 16 KiB");
    assert_eq!((unknown.code(), unknown.message()), (Code::NotFound, "there is no flow \"mian\""));
    assert_eq!(denied.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_step_is_served_from_memory() {
    let house = House::open().await;
    house.apply("demo", vec![flow("main", "Welcome.")]).await;
    let mut caller = house.caller();
    caller.begin("main").await;

    for _ in 0..50 {
        caller.session.clear();
        assert_eq!(caller.begin("main").await.len(), 2);
    }

    // Served from memory: no look into the database, no call to the directory.
    assert_eq!(house.asked(), 1);
}
