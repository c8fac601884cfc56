use std::path::Path;

use contract::{
    directory::v1::{AlternativeKind, ProficiencyMode, Sticky},
    duration_from_millis,
    interaction::v1::Channel,
    ivr::v1::step::Verb,
};

use super::{CentreFile, Mistake};

const DEMO: &str = include_str!("../../../../deploy/demo/centre.yaml");

fn read(text: &str) -> Result<CentreFile, Vec<Mistake>> {
    CentreFile::read(text, Path::new("."))
}

fn mistakes(text: &str) -> Vec<String> {
    read(text).unwrap_err().iter().map(|mistake| mistake.render("centre.yaml")).collect()
}

#[test]
fn the_demo_centre_is_what_the_readme_says() {
    let CentreFile { centre, flows, .. } = read(DEMO).unwrap();

    assert_eq!(centre.tenant.unwrap().key, "demo");
    assert_eq!(
        centre.users.iter().map(|user| &*user.key).collect::<Vec<_>>(),
        ["ann", "bob", "cy", "sue", "amy"]
    );
    assert_eq!(centre.agents[0].name, "Ann Abel");
    assert!((centre.agents[0].skills[0].proficiency - 4.0).abs() < f64::EPSILON);
    assert_eq!(centre.entry_points[0].addresses, ["+15550100"]);
    assert_eq!(centre.entry_points[1].channel(), Channel::Chat);
    assert_eq!(centre.queues[1].offer_timeout, Some(duration_from_millis(20_000)));
    assert_eq!(centre.hours[0].intervals.len(), 7);
    assert_eq!(flows[0].start, "opening");
    let Some(Verb::Ask(menu)) = &flows[0].steps[1].verb else { panic!("the second step asks") };
    assert_eq!(menu.choices.iter().map(|choice| &*choice.digit).collect::<Vec<_>>(), ["1", "2", "0"]);
}

#[test]
fn callbacks_messages_and_transfers_are_read() {
    let text = "tenant: { key: demo, name: Demo, time_zone: UTC }
flows:
  main:
    fax: bye
    steps:
      wait: { queue: { queue: billing, callback: { key: 5, number: \"{caller}\", text: Soon. } } }
      short: { queue: { queue: billing, callback: \"9\" } }
      back: { callback: { queue: billing, priority: 2, next: bye, otherwise: left } }
      left: { voicemail: { text: Speak., queue: billing, longest: 1m, silence: 4s, callback: true, next: bye } }
      away: { transfer: { number: \"+15550100\", text: One moment., otherwise: left } }
      bye: { end: Bye. }
";
    let file = read(text).unwrap();
    assert_eq!(file.flows[0].fax, "bye");
    let verbs: Vec<&Verb> = file.flows[0].steps.iter().filter_map(|step| step.verb.as_ref()).collect();

    let Verb::Queue(wait) = verbs[0] else { panic!("{verbs:?}") };
    let offer = wait.callback.as_ref().unwrap();
    assert_eq!((&*offer.key, &*offer.number, &*offer.text), ("5", "{caller}", "Soon."));
    let Verb::Queue(short) = verbs[1] else { panic!("{verbs:?}") };
    assert_eq!(short.callback.as_ref().unwrap().key, "9");
    let Verb::Callback(back) = verbs[2] else { panic!("{verbs:?}") };
    assert_eq!((&*back.queue, back.priority, &*back.next, &*back.otherwise), ("billing", 2, "bye", "left"));
    let Verb::Voicemail(left) = verbs[3] else { panic!("{verbs:?}") };
    assert_eq!(
        (left.longest, left.silence),
        (Some(duration_from_millis(60_000)), Some(duration_from_millis(4_000)))
    );
    assert!(left.callback && left.queue == "billing");
    let Verb::Transfer(away) = verbs[4] else { panic!("{verbs:?}") };
    assert_eq!((&*away.number, &*away.otherwise), ("+15550100", "left"));
}

#[test]
fn every_mistake_of_a_file_is_found_at_once_with_its_place() {
    let found = mistakes(
        "tenant: { key: demo }
queues:
  billing:
    offer_timeout: 20
    prioritty: 2
    strategy: fastest
  Billing: {}
agents:
  ann: { skills: { billing: lots }, routing_profile: standard }
  bob: [sales]
flow: {}
",
    );

    assert_eq!(
        found,
        [
            "centre.yaml:4:20: queues[billing].offer_timeout: \"20\" needs a unit: ms, s, min or h",
            "centre.yaml:5:5: queues[billing].prioritty: is not a known key, did you mean \"priority\"?; known here: \
             name, strategy, wrap_up_mode, rings, priority, priority_worth, offer_timeout, retry_same_agent_after, \
             stay_available_after_no_answer, wrap_up_limit, dispositions, service_level_within, \
             service_level_in_business_time, proficiency_mode, sticky, preferred_for, on_exhausted, hours, closed, \
             on_closed, whisper, farewell, message_greeting, handling_time, minimum_wait, callback, wrap_up_extension",
            "centre.yaml:6:15: queues[billing].strategy: \"fastest\" is not known here, choose from longest_idle, \
             least_occupied, round_robin, most_skilled, fewest_today, ring_all",
            "centre.yaml:7:3: queues[Billing]: the key contains 'B', may contain a-z, 0-9, \"-\" and \"_\", and begin \
             with a-z or 0-9",
            "centre.yaml:9:29: agents[ann].skills[billing]: \"lots\" is not a number",
            "centre.yaml:10:3: agents[bob]: must have fields such as `name: …`",
            "centre.yaml:10:3: agents[bob]: needs `routing_profile`",
            "centre.yaml:11:1: flow: is not a known key, did you mean \"flows\"?; known here: tenant, users, agents, \
             skills, teams, queues, routing_profiles, hours, entry_points, flows",
        ]
    );
}

#[test]
fn everything_that_routing_knows_of_a_queue_and_a_profile_can_be_written() {
    let file = read(
        "tenant: { key: demo }
queues:
  billing:
    proficiency_mode: best
    sticky: any_agent
    preferred_for: 45s
    on_exhausted: { queue: general }
    hours: office
    closed: true
    on_closed: voicemail
    whisper: A bill
    farewell: Goodbye.
    message_greeting: Speak after the tone.
    handling_time: 5min
    minimum_wait: 1min
    callback: { attempts: 2, gap: 10min }
    wrap_up_extension: 2min
    service_level_in_business_time: true
  general: {}
routing_profiles:
  all:
    capacities: { chat: { slots: 3, auto_accept: true } }
    queues: [billing, general]
    max_offers_at_once: 2
    blending: { inbound: [billing], outbound: [general], leave_at: 5, return_at: 1, dwell: 30s }
",
    )
    .unwrap();

    let (queue, profile) = (&file.centre.queues[0], &file.centre.routing_profiles[0]);
    assert_eq!(queue.proficiency_mode(), ProficiencyMode::Best);
    assert_eq!(queue.sticky(), Sticky::AnyAgent);
    assert_eq!(queue.preferred_for, Some(duration_from_millis(45_000)));
    let exhausted = queue.on_exhausted.as_ref().unwrap();
    assert_eq!((exhausted.kind(), exhausted.queue.as_str()), (AlternativeKind::Queue, "general"));
    assert_eq!(queue.on_closed.as_ref().unwrap().kind(), AlternativeKind::Voicemail);
    assert_eq!((queue.hours.as_str(), queue.closed, queue.whisper.as_str()), ("office", true, "A bill"));
    assert_eq!(
        (queue.farewell.as_str(), queue.message_greeting.as_str()),
        ("Goodbye.", "Speak after the tone.")
    );
    assert_eq!(queue.handling_time, Some(duration_from_millis(300_000)));
    assert_eq!(queue.minimum_wait, Some(duration_from_millis(60_000)));
    assert_eq!(queue.callback.as_ref().unwrap().attempts, 2);
    assert_eq!(queue.callback.as_ref().unwrap().gap, Some(duration_from_millis(600_000)));
    assert_eq!(queue.wrap_up_extension, Some(duration_from_millis(120_000)));
    assert!(queue.service_level_in_business_time && profile.capacities[0].auto_accept);
    let blending = profile.blending.as_ref().unwrap();
    assert_eq!((profile.max_offers_at_once, blending.leave_at, blending.return_at), (2, 5, 1));
    assert_eq!((&blending.inbound[0][..], &blending.outbound[0][..]), ("billing", "general"));
    assert_eq!(blending.dwell, Some(duration_from_millis(30_000)));
}

#[test]
fn what_is_not_yaml_is_shown_where_it_stops_being_it() {
    let found = mistakes("tenant:\n  key: demo\n queues: [\n");

    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("centre.yaml:3:"), "{found:?}");
    assert!(found[0].contains("is not YAML"), "{found:?}");
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    assert_eq!(
        mistakes("tenant: { key: demo }\nskills:\n  sales: Sales\n  sales: More\n"),
        ["centre.yaml:4:3: sales: stands twice, first on line 3"]
    );
}

#[test]
fn aliases_deep_nesting_and_empty_files_are_refused() {
    let bomb = "a: &a [x]\nb: [*a, *a]\n";
    let deep = format!("tenant: {}\n", "[".repeat(200));

    assert!(mistakes(bomb)[0].contains("anchors"));
    assert!(mistakes(&deep)[0].contains("nested more than 32"), "{:?}", mistakes(&deep));
    assert_eq!(mistakes("# nothing\n"), ["centre.yaml:1:1: is empty: a centre begins with `tenant:`"]);
    assert!(mistakes("tenant: { key: a }\n---\ntenant: { key: b }\n")[0].contains("second document"));
    assert!(mistakes("- a\n")[0].contains("must have fields"));
}

#[test]
fn a_violation_of_a_service_is_shown_in_its_line() {
    let file = read(DEMO).unwrap();
    let line = |field: &str| {
        let place = file.mistake(field, "").position;
        DEMO.lines().nth(place.line - 1).unwrap().chars().skip(place.column - 1).collect::<String>()
    };

    assert!(line("queues[billing].offer_timeout").starts_with("20s"));
    assert!(line("queues[billing].rings[0].expression").starts_with("billing >= 1]"));
    assert!(line("queues[billing].priority").starts_with("billing:"));
    assert!(line("agents[ann].skills[sales].proficiency").starts_with("2 }"));
    assert!(line("routing_profiles[standard].capacities[1].slots").starts_with("3, interruptible"));
    assert!(line("flows[welcome].steps[menu].choices[2].next").starts_with("to-billing"));
    assert!(line("flows[welcome].steps[menu].ask.choices[0].next").starts_with("to-anyone"));
    assert!(line("flows[welcome].steps[opening].closed").starts_with("offline"));
    assert!(line("hours[always].intervals[3]").starts_with("week:"));
    assert!(line("nothing[of].the.kind").starts_with("tenant:"));
}

#[test]
fn passwords_come_from_a_file_or_the_environment_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ann"), "s3cret\n").unwrap();
    let text =
        "tenant: { key: demo }\nusers:\n  ann: { password_file: ann }\n  bob: { password: \"${HOME}\" }\n";

    let users = CentreFile::read(text, folder.path()).unwrap().centre.users;

    assert_eq!(users[0].password, "s3cret");
    assert!(!users[1].password.starts_with('$'));
    assert_eq!(
        mistakes("tenant: { key: demo }\nusers:\n  ann: { password: \"${NO_SUCH_NAME_HERE}\" }\n"),
        ["centre.yaml:3:20: users[ann].password: the environment has no NO_SUCH_NAME_HERE"]
    );
}

#[test]
fn a_step_is_exactly_one_verb() {
    let found = mistakes(
        "tenant: { key: demo }\nflows:\n  main:\n    steps:\n      a: { say: { text: Hi, next: b }, end: }\n      b: {}\n",
    );

    let [first, second] = found.as_slice() else { panic!("{found:?}") };
    assert!(first.starts_with("centre.yaml:5:7: flows[main].steps[a]: must have exactly one of say, ask,"));
    assert!(second.starts_with("centre.yaml:6:7: flows[main].steps[b]: must have exactly one of say, ask,"));
}
