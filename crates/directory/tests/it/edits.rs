//! Editing one thing at a time, closures, and the record of who changed what.

use contract::{
    Event,
    directory::v1::{
        Centre, CheckHoursRequest, EditRequest, EditResponse, GetCentreRequest, ListChangesRequest, Queue,
        Role, SetClosureRequest, Skill, Thing, ThingEdit, User, set_closure_request::Target, thing,
        thing_edit::Edit,
    },
    duration_from_millis,
};
use tonic::{Code, Status};

use crate::support::{House, centre};

fn put(thing: thing::Thing, version: &str) -> ThingEdit {
    ThingEdit { edit: Some(Edit::Put(Thing { thing: Some(thing) })), version: version.into() }
}

fn remove(path: &str, version: &str) -> ThingEdit {
    ThingEdit { edit: Some(Edit::Remove(path.into())), version: version.into() }
}

fn asked(edits: Vec<ThingEdit>) -> EditRequest {
    EditRequest { edits, ..EditRequest::default() }
}

async fn read(house: &House) -> (Centre, impl Fn(&str) -> String) {
    let found = house.as_service("demo").get_centre(GetCentreRequest {}).await.unwrap().into_inner();
    let versions = found.versions;
    (found.centre.unwrap(), move |path: &str| versions[path].clone())
}

async fn edit(house: &House, request: EditRequest) -> Result<EditResponse, Status> {
    let mut amy = house.administration("amy", Role::Administrator);
    amy.edit(request).await.map(tonic::Response::into_inner)
}

fn paths(response: &EditResponse) -> Vec<String> {
    response.changes.iter().map(|change| format!("{} {}", change.kind, change.path)).collect()
}

async fn demo() -> House {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;
    house
}

#[tokio::test]
async fn one_thing_is_edited_told_and_recorded() {
    let house = demo().await;
    let (stored, version) = read(&house).await;
    let queue = Queue { offer_timeout: Some(duration_from_millis(15_000)), ..stored.queues[0].clone() };

    let response =
        edit(&house, asked(vec![put(thing::Thing::Queue(queue), &version("queues/billing"))])).await.unwrap();

    assert_eq!(paths(&response), ["2 queues/billing"]);
    let told = house.told(8).await;
    let [Event::QueueConfigured(queue), Event::CentreChanged(record)] = &told[6..] else {
        panic!("{told:?}")
    };
    assert_eq!(queue.queue.as_ref().unwrap().offer_timeout, Some(duration_from_millis(15_000)));
    assert_eq!((record.actor.as_str(), &record.changes), ("amy", &response.changes));
    let mut amy = house.administration("amy", Role::Administrator);
    let recorded = amy.list_changes(ListChangesRequest { page_size: 1, ..Default::default() }).await;
    let recorded = recorded.unwrap().into_inner();
    assert_eq!(recorded.changes[0].actor, "amy");
    assert_eq!(recorded.changes[0].change.as_ref().unwrap().detail, "offer_timeout: 20s → 15s");
    let older = ListChangesRequest { page_size: 200, page_token: recorded.next_page_token };
    let older = amy.list_changes(older).await.unwrap().into_inner();
    assert_eq!((older.changes.len(), older.next_page_token.as_str()), (10, ""));
}

#[tokio::test]
async fn of_two_editors_the_second_is_told_and_nothing_is_lost() {
    let house = demo().await;
    let (stored, version) = read(&house).await;
    let with = |priority| {
        let queue = Queue { priority, ..stored.queues[0].clone() };
        asked(vec![put(thing::Thing::Queue(queue), &version("queues/billing"))])
    };

    edit(&house, with(3)).await.unwrap();
    let second = edit(&house, with(4)).await.unwrap_err();
    let again = edit(&house, with(3)).await.unwrap();

    assert_eq!(second.code(), Code::FailedPrecondition);
    assert!(second.message().contains("queues/billing"), "{}", second.message());
    assert_eq!(paths(&again), Vec::<String>::new());
    assert_eq!(read(&house).await.0.queues[0].priority, 3);
}

#[tokio::test]
async fn the_same_edit_twice_is_one_change_however_late() {
    let house = demo().await;
    let (stored, version) = read(&house).await;
    let with = |priority, version: String, request_id: &str| EditRequest {
        request_id: request_id.into(),
        ..asked(vec![put(thing::Thing::Queue(Queue { priority, ..stored.queues[0].clone() }), &version)])
    };
    let first = with(3, version("queues/billing"), "first");
    edit(&house, first.clone()).await.unwrap();
    let (_, version) = read(&house).await;
    edit(&house, with(4, version("queues/billing"), "second")).await.unwrap();

    let late = edit(&house, first).await.unwrap();

    assert!(late.changes.is_empty());
    assert_eq!(read(&house).await.0.queues[0].priority, 4);
}

#[tokio::test]
async fn what_is_named_elsewhere_can_not_be_removed_and_the_answer_says_where() {
    let house = demo().await;
    let (_, version) = read(&house).await;

    let response =
        edit(&house, asked(vec![remove("skills/billing", &version("skills/billing"))])).await.unwrap();

    let violation = &response.violations[0];
    assert_eq!(violation.field, "agents[ann].skills[billing].skill");
    assert_eq!(read(&house).await.0.skills.len(), 1);
}

#[tokio::test]
async fn a_person_and_their_agent_come_and_go_together() {
    let house = demo().await;
    let user = User {
        key: "dan".into(),
        roles: vec![Role::Agent.into()],
        password: "dan-secret".into(),
        ..User::default()
    };
    let (stored, _) = read(&house).await;
    let agent = contract::directory::v1::Agent { key: "dan".into(), ..stored.agents[0].clone() };

    let added = asked(vec![put(thing::Thing::User(user), ""), put(thing::Thing::Agent(agent), "")]);
    let added = edit(&house, added).await.unwrap();
    let signed_in = house.sign_in("demo", "dan", "dan-secret").await;
    let (_, version) = read(&house).await;
    let removed =
        asked(vec![remove("users/dan", &version("users/dan")), remove("agents/dan", &version("agents/dan"))]);
    let removed = edit(&house, removed).await.unwrap();

    assert_eq!(paths(&added), ["1 users/dan", "1 agents/dan"]);
    assert!(signed_in.unwrap().is_agent);
    assert_eq!(paths(&removed), ["3 users/dan", "3 agents/dan"]);
    assert!(house.sign_in("demo", "dan", "dan-secret").await.is_err());
}

#[tokio::test]
async fn a_dry_run_finds_mistakes_while_people_type_and_changes_nothing() {
    let house = demo().await;
    let queue =
        Queue { key: "billing".into(), offer_timeout: Some(duration_from_millis(1)), ..Queue::default() };
    let dry = |edits| EditRequest { dry_run: true, ..asked(edits) };

    let wrong = edit(&house, dry(vec![put(thing::Thing::Queue(queue), "")])).await.unwrap();
    let skill = Skill { key: "golf".into(), name: "Golf".into() };
    let right = edit(&house, dry(vec![put(thing::Thing::Skill(skill), "")])).await.unwrap();

    let fields: Vec<_> = wrong.violations.iter().map(|found| found.field.as_str()).collect();
    assert_eq!(fields, ["queues[billing].key", "queues[billing].offer_timeout"]);
    assert_eq!(paths(&right), ["1 skills/golf"]);
    assert_eq!(read(&house).await.0.skills.len(), 1);
}

#[tokio::test]
async fn an_entry_point_keeps_its_flow_without_naming_all_flows() {
    let house = demo().await;
    let (stored, version) = read(&house).await;
    let mut point = stored.entry_points[0].clone();
    point.addresses.push("+15550101".into());

    let kept = edit(
        &house,
        asked(vec![put(thing::Thing::EntryPoint(point.clone()), &version("entry_points/phone"))]),
    );
    let kept = kept.await.unwrap();
    point.flow = "mian".into();
    let (_, version) = read(&house).await;
    let request = asked(vec![put(thing::Thing::EntryPoint(point), &version("entry_points/phone"))]);
    let unknown = edit(&house, request.clone()).await.unwrap();
    let known = EditRequest { known_flows: vec!["mian".into()], ..request };
    let known = edit(&house, known).await.unwrap();

    assert_eq!(paths(&kept), ["2 entry_points/phone"]);
    assert_eq!(unknown.violations[0].field, "entry_points[phone].flow");
    assert_eq!(paths(&known), ["2 entry_points/phone"]);
}

#[tokio::test]
async fn a_supervisor_closes_hours_and_queues_at_once_and_edits_nothing_else() {
    let house = demo().await;
    let mut sue = house.administration("sue", Role::Supervisor);
    let closure =
        |target, closed| SetClosureRequest { target: Some(target), closed, request_id: String::new() };

    let closed = sue.set_closure(closure(Target::Hours("office".into()), true)).await.unwrap().into_inner();
    let again = sue.set_closure(closure(Target::Hours("office".into()), true)).await.unwrap().into_inner();
    let checked = CheckHoursRequest { hours: "office".into(), at: None };
    let checked = house.as_service("demo").check_hours(checked).await.unwrap().into_inner();
    let queue = sue.set_closure(closure(Target::Queue("billing".into()), true)).await.unwrap().into_inner();
    let unknown = sue.set_closure(closure(Target::Hours("never".into()), true)).await.unwrap_err();
    let skill = Skill { key: "golf".into(), name: String::new() };
    let denied = sue.edit(asked(vec![put(thing::Thing::Skill(skill), "")])).await.unwrap_err();
    let mut ann = house.administration("ann", Role::Agent);
    let agent = ann.set_closure(closure(Target::Hours("office".into()), false)).await.unwrap_err();

    assert_eq!(closed.changes[0].detail, "closed: nothing → by hand");
    assert!(again.changes.is_empty());
    assert_eq!(
        (queue.changes[0].path.as_str(), read(&house).await.0.queues[0].closed),
        ("queues/billing", true)
    );
    assert!(!checked.open && checked.changes_at.is_none());
    assert_eq!(unknown.code(), Code::NotFound);
    assert_eq!((denied.code(), agent.code()), (Code::PermissionDenied, Code::PermissionDenied));
}

#[tokio::test]
async fn a_closure_by_hand_survives_what_is_applied_and_edited_beside_it_and_stands_in_the_record() {
    let house = demo().await;
    let mut sue = house.administration("sue", Role::Supervisor);
    let closure =
        |target, closed| SetClosureRequest { target: Some(target), closed, request_id: String::new() };
    sue.set_closure(closure(Target::Queue("billing".into()), true)).await.unwrap();
    sue.set_closure(closure(Target::Hours("office".into()), true)).await.unwrap();

    let applied = house.apply(centre("demo", "+15550101")).await;
    let (kept, _) = read(&house).await;
    let skill = Skill { key: "golf".into(), name: String::new() };
    edit(&house, asked(vec![put(thing::Thing::Skill(skill), "")])).await.unwrap();
    let (beside, _) = read(&house).await;
    sue.set_closure(closure(Target::Queue("billing".into()), false)).await.unwrap();
    let again = house.apply(kept.clone()).await;
    let (lifted, _) = read(&house).await;

    assert_eq!(applied, ["2 entry_points/phone"], "the rest is as it was");
    for centre in [&kept, &beside] {
        assert!(centre.queues[0].closed && centre.queues[0].closed_by_hand);
        assert!(centre.hours[0].closed && centre.hours[0].closed_by_hand);
    }
    assert!(!lifted.queues[0].closed, "{again:?}");
    assert!(lifted.hours[0].closed);
    let mut amy = house.administration("amy", Role::Administrator);
    let record = amy.list_changes(ListChangesRequest::default()).await.unwrap().into_inner();
    let of_sue: Vec<String> = record
        .changes
        .iter()
        .filter(|change| change.actor == "sue")
        .filter_map(|change| change.change.as_ref())
        .map(|change| format!("{} {}", change.path, change.detail))
        .collect();
    let wanted = [
        "queues/billing closed: by hand → nothing",
        "hours/office closed: nothing → by hand",
        "queues/billing closed: nothing → by hand",
    ];
    assert_eq!(of_sue, wanted);
}

#[tokio::test]
async fn edits_that_make_no_sense_are_refused_by_name() {
    let house = demo().await;

    let none = edit(&house, asked(vec![])).await.unwrap_err();
    let path = edit(&house, asked(vec![remove("nonsense", "")])).await.unwrap_err();
    let mut amy = house.administration("amy", Role::Administrator);
    let page = ListChangesRequest { page_size: 1, page_token: "x".into() };
    let page = amy.list_changes(page).await.unwrap_err();

    assert!([none, path, page].iter().all(|status| status.code() == Code::InvalidArgument));
}
