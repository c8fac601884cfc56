//! Applying centres.

use std::time::{Duration, Instant};

use contract::{
    Event,
    directory::v1::{ApplyRequest, GetCentreRequest, Role},
    duration_from_millis,
};
use tonic::Code;

use crate::support::{House, centre};

#[tokio::test]
async fn a_centre_is_applied_once_and_told_once() {
    let house = House::open().await;

    let first = house.apply(centre("demo", "+15550100")).await;
    let second = house.apply(centre("demo", "+15550100")).await;

    assert_eq!(
        first,
        [
            "1 tenant/demo",
            "1 users/amy",
            "1 users/ann",
            "1 agents/ann",
            "1 skills/billing",
            "1 queues/billing",
            "1 routing_profiles/all",
            "1 hours/office",
            "1 entry_points/phone",
            "1 entry_points/web-chat",
        ]
    );
    assert!(second.is_empty(), "{second:?}");
    let told: Vec<_> = house.told(6).await.iter().map(|event| event.subject_tokens().1).collect();
    assert_eq!(
        told,
        [
            "hours_configured",
            "routing_profile_configured",
            "queue_configured",
            "agent_configured",
            "directory_changed",
            "centre_changed",
        ]
    );
}

#[tokio::test]
async fn a_change_is_told_with_defaults_filled_in_and_the_rest_stays_silent() {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;
    let mut changed = centre("demo", "+15550100");
    changed.queues[0].priority = 2;
    changed.hours.clear();

    let changes = house.apply(changed).await;

    assert_eq!(changes, ["2 queues/billing", "3 hours/office"]);
    let told = house.told(10).await;
    let [
        Event::QueueConfigured(queue),
        Event::HoursRemoved(hours),
        Event::DirectoryChanged(rest),
        Event::CentreChanged(_),
    ] = &told[6..]
    else {
        panic!("{told:?}")
    };
    let queue = queue.queue.as_ref().unwrap();
    assert_eq!((queue.priority, queue.offer_timeout), (2, Some(duration_from_millis(20_000))));
    assert_eq!((hours.key.as_str(), &rest.paths[..]), ("office", &["hours/office".to_owned()][..]));
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let house = House::open().await;
    let mut client = house.as_service("demo");
    let request = ApplyRequest {
        centre: Some(centre("demo", "+15550100")),
        dry_run: true,
        known_flows: vec!["main".into()],
        request_id: String::new(),
    };

    let dry = client.apply(request).await.unwrap().into_inner();

    assert_eq!(dry.changes.len(), 10);
    let error = client.get_centre(GetCentreRequest {}).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert!(house.told(0).await.is_empty());
}

#[tokio::test]
async fn mistakes_are_listed_and_nothing_is_applied() {
    let house = House::open().await;
    let mut wrong = centre("demo", "+15550100");
    wrong.queues[0].offer_timeout = Some(duration_from_millis(0));
    wrong.entry_points[0].flow = "mian".into();

    let response = house.try_apply(wrong).await.unwrap();

    let fields: Vec<_> = response.violations.iter().map(|found| found.field.as_str()).collect();
    assert_eq!(fields, ["queues[billing].offer_timeout", "entry_points[phone].flow"]);
    assert!(response.changes.is_empty());
    assert!(house.told(0).await.is_empty());
}

#[tokio::test]
async fn the_same_request_twice_is_one_change() {
    let house = House::open().await;
    let apply = |priority, request_id: &str| {
        let mut centre = centre("demo", "+15550100");
        centre.queues[0].priority = priority;
        let request = ApplyRequest {
            centre: Some(centre),
            known_flows: vec!["main".into()],
            request_id: request_id.into(),
            dry_run: false,
        };
        let mut client = house.as_service("demo");
        async move { client.apply(request).await.unwrap().into_inner().changes.len() }
    };

    assert_eq!(apply(1, "first").await, 10);
    assert_eq!(apply(2, "second").await, 1);
    // The first one comes again, late: it must not undo the second.
    assert_eq!(apply(1, "first").await, 0);

    let found = house.as_service("demo").get_centre(GetCentreRequest {}).await.unwrap().into_inner();
    assert_eq!(found.centre.unwrap().queues[0].priority, 2);
}

#[tokio::test]
async fn a_number_has_one_owner_and_a_widget_one_per_tenant() {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;

    let taken = house.try_apply(centre("acme", "+15550100")).await.unwrap();
    let free = house.apply(centre("acme", "+15550199")).await;

    assert_eq!(taken.violations[0].field, "entry_points[phone].addresses[0]");
    assert_eq!(taken.violations[0].reason, "belongs to another tenant");
    assert_eq!(free.len(), 10);
}

#[tokio::test]
async fn two_who_take_a_number_at_once_do_not_both_get_it() {
    let house = House::open().await;

    let (one, two) = tokio::join!(
        house.try_apply(centre("demo", "+15550100")),
        house.try_apply(centre("acme", "+15550100")),
    );

    let refused = [one, two].into_iter().filter(|response| !response.as_ref().unwrap().violations.is_empty());
    assert_eq!(refused.count(), 1);
}

#[tokio::test]
async fn only_administrators_and_services_of_the_tenant_apply() {
    let house = House::open().await;
    let request = |tenant: &str| ApplyRequest {
        centre: Some(centre(tenant, "+15550100")),
        known_flows: vec!["main".into()],
        ..ApplyRequest::default()
    };
    let code = |outcome: Result<_, tonic::Status>| outcome.err().map(|status| status.code());

    let agent = house.as_person("demo", "ann", Role::Agent).apply(request("demo")).await;
    let stranger = house.as_person("acme", "amy", Role::Administrator).apply(request("demo")).await;
    let everybody = house.as_service("*").apply(request("*")).await;
    let administrator = house.as_person("demo", "amy", Role::Administrator).apply(request("demo")).await;

    assert_eq!(code(agent), Some(Code::PermissionDenied));
    assert_eq!(code(stranger), Some(Code::PermissionDenied));
    assert_eq!(code(everybody), Some(Code::InvalidArgument));
    assert_eq!(code(administrator), None);
}

#[tokio::test]
async fn no_secret_is_ever_read_back() {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;

    let seen = house.as_person("demo", "amy", Role::Administrator).get_centre(GetCentreRequest {}).await;
    let by_agent = house.as_person("demo", "ann", Role::Agent).get_centre(GetCentreRequest {}).await;

    let seen = seen.unwrap().into_inner().centre.unwrap();
    assert!(seen.users.iter().all(|user| user.password.is_empty()));
    assert_eq!(seen.users.len(), 2);
    assert_eq!(by_agent.unwrap().into_inner().centre.unwrap().users.len(), 1);
}

#[tokio::test]
async fn a_centre_is_applied_to_its_end_though_the_caller_gave_up() {
    let house = House::open_with(|settings| {
        settings.set("directory", "argon2_memory_kib", 65_536.into());
        settings.set("directory", "argon2_passes", 4.into());
    })
    .await;

    let patience = Duration::from_millis(100);
    let gave_up = tokio::time::timeout(patience, house.try_apply(centre("demo", "+15550100"))).await;

    assert!(gave_up.is_err(), "hashing took no time at all");
    let mut client = house.as_service("demo");
    let started = Instant::now();
    while client.get_centre(GetCentreRequest {}).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(30), "nothing was applied");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
