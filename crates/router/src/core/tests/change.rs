//! People change the centre while it runs, and processes die.

use super::*;

#[test]
fn a_new_skill_brings_waiting_work_at_once() {
    let mut centre = Centre::staffed(&[BOB]);
    centre.queued(FIRST, BILLING);

    let effects = centre.say(Input::AgentConfigured(BOB.into(), person(200, 500)));

    assert_eq!(offered_to(&effects), [BOB]);
}

#[test]
fn wider_rings_of_a_queue_apply_to_who_waits() {
    let mut centre = Centre::staffed(&[BOB]);
    centre.queued(FIRST, BILLING);

    let effects = centre.say(Input::QueueConfigured(BILLING.into(), queue_with("sales >= 1")));

    assert_eq!(offered_to(&effects), [BOB]);
}

#[test]
fn a_queue_named_before_it_is_configured_keeps_what_waits() {
    let mut centre = Centre::staffed(&[ANN]);
    let mut with_night = profile();
    with_night.rules.push(ProfileRule { queue: "night".into(), channel: None, priority: 0, delay_ms: 0 });
    centre.say(Input::ProfileConfigured("front".into(), with_night));
    let before = centre.queued(FIRST, "night");

    let effects = centre.after(5_000).say(Input::QueueConfigured("night".into(), queue_with("")));

    assert_eq!(before, []);
    assert_eq!(offered_to(&effects), [ANN]);
}

#[test]
fn a_removed_agent_finishes_what_they_hold_and_gets_nothing_more() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    centre.say(Input::AgentRemoved(ANN.into()));
    centre.queued(SECOND, BILLING);
    centre.ended(FIRST);

    let effects = centre.completed(ANN, FIRST);

    assert_eq!(reply_in(&effects), Some(Ok(())));
    assert_eq!(offered_to(&effects), Vec::<String>::new());
    assert_eq!(reply_in(&centre.status(ANN, Status::Available)), Some(Err(Rejection::NotConfigured)));
}

#[test]
fn the_same_configuration_again_changes_nothing() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.queued(FIRST, BILLING);
    let before = centre.router.facts().unwrap();

    for input in [
        Input::QueueConfigured(BILLING.into(), queue_with("billing >= 2")),
        Input::ProfileConfigured("front".into(), profile()),
        Input::AgentConfigured(ANN.into(), person(400, 200)),
    ] {
        assert_eq!(centre.say(input), []);
    }

    assert_eq!(centre.router.facts().unwrap(), before);
}

#[test]
fn a_restored_router_goes_on_as_the_one_before() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.answered(FIRST, BILLING);
    centre.queued(SECOND, BILLING);
    centre.queued(THIRD, BILLING);
    let mut twin = Centre { router: Router::restore(&centre.router.snapshot().unwrap()).unwrap(), ..centre };
    let mut centre = Centre { router: centre.router, ..twin };

    for centre in [&mut centre, &mut twin] {
        centre.after(20_000);
    }

    assert_eq!(centre.deadline(), twin.deadline());
    assert_eq!(centre.ended(FIRST), twin.ended(FIRST));
    assert_eq!(centre.router.snapshot().unwrap(), twin.router.snapshot().unwrap());
}

#[test]
fn a_snapshot_of_another_version_is_refused() {
    let mut bytes = Centre::new().router.snapshot().unwrap();
    bytes[0] = 99;

    assert!(matches!(Router::restore(&bytes), Err(RestoreError::Version { found: 99 })));
    assert!(matches!(Router::restore(&bytes[..1]), Err(RestoreError::Malformed(_))));
}

#[test]
fn a_command_for_a_tenant_nobody_knows_is_answered() {
    let mut router = Router::new(8);

    let effects = router.handle(Entry {
        sequence: 1,
        at: Timestamp::from_millis(1),
        message: MessageId(1),
        tenant: "nobody".into(),
        input: Input::SetAgentStatus(ANN.into(), Status::Available),
    });

    assert_eq!(reply_in(&effects), Some(Err(Rejection::NotConfigured)));
}
