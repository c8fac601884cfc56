use contract::directory::v1::{Centre, Queue, Skill, Tenant, Thing, ThingEdit, thing, thing_edit::Edit};

use super::{EditError, edited, steps, versions};
use crate::core::{normal::normal, sample::centre};

fn stored() -> Centre {
    normal(centre())
}

fn put(thing: thing::Thing, version: &str) -> ThingEdit {
    ThingEdit { edit: Some(Edit::Put(Thing { thing: Some(thing) })), version: version.to_owned() }
}

fn remove(path: &str, version: &str) -> ThingEdit {
    ThingEdit { edit: Some(Edit::Remove(path.to_owned())), version: version.to_owned() }
}

fn queue(priority: i32) -> thing::Thing {
    thing::Thing::Queue(Queue { priority, ..stored().queues[0].clone() })
}

fn seen(path: &str) -> String {
    versions(&stored())[path].clone()
}

#[test]
fn one_thing_changes_and_the_rest_stays() {
    let steps = steps(vec![put(queue(7), &seen("queues/billing"))], "demo").unwrap();

    let edited = edited(&stored(), &steps);

    let mut expected = stored();
    expected.queues[0].priority = 7;
    assert_eq!(edited.centre, expected);
    assert!(edited.changed_meanwhile.is_empty() && edited.taken.is_empty());
}

#[test]
fn an_edit_of_what_somebody_else_has_changed_is_refused() {
    let steps = steps(vec![put(queue(7), "0123"), remove("teams/day", "0123")], "demo").unwrap();

    assert_eq!(edited(&stored(), &steps).changed_meanwhile, ["queues/billing", "teams/day"]);
}

#[test]
fn an_edit_that_comes_twice_finds_everything_as_wished() {
    let version = seen("queues/billing");
    let first =
        steps(vec![put(queue(7), &version), remove("teams/day", &seen("teams/day"))], "demo").unwrap();
    let once = edited(&stored(), &first).centre;

    let twice = edited(&once, &first);

    assert_eq!(twice.centre, once);
    assert!(twice.changed_meanwhile.is_empty(), "{twice:?}");
}

#[test]
fn a_new_thing_does_not_take_the_place_of_an_old_one() {
    let skill = |key: &str| thing::Thing::Skill(Skill { key: key.into(), name: "Billing again".into() });
    let steps = steps(vec![put(skill("billing"), ""), put(skill("golf"), "")], "demo").unwrap();

    let edited = edited(&stored(), &steps);

    assert_eq!(edited.taken, ["skills/billing"]);
    assert_eq!(edited.centre.skills.len(), 3);
}

#[test]
fn edits_that_make_no_sense_are_named() {
    let tenant = Tenant { key: "acme".into(), ..Tenant::default() };
    for (edits, error) in [
        (vec![], EditError::Count),
        (vec![ThingEdit::default()], EditError::Nothing(0)),
        (vec![remove("queues", "")], EditError::Path(0)),
        (vec![remove("tenant/demo", "")], EditError::Path(0)),
        (vec![put(thing::Thing::Tenant(tenant), "")], EditError::Tenant(0, "acme".into())),
        (vec![put(queue(1), ""), remove("queues/billing", "")], EditError::Twice("queues/billing".into())),
        (vec![remove("queues/x", ""); 101], EditError::Count),
    ] {
        assert_eq!(steps(edits, "demo"), Err(error));
    }
}

#[test]
fn a_version_says_nothing_of_passwords_and_differs_with_anything_else() {
    let mut other = stored();
    other.users[0].password = "another".into();
    assert_eq!(versions(&other), versions(&stored()));

    other.users[0].name = "Another".into();
    assert_ne!(versions(&other), versions(&stored()));
}
