use serde_json::Value;

use crate::{switchboard, text};

const CENTRE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/demo/centre.yaml");
const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/demo/scenarios.yaml");

#[test]
fn every_scenario_of_the_demo_goes_as_it_says() {
    let output = switchboard(&["flow", "test", SCENARIOS, "-f", CENTRE]);

    let printed = text(&output.stdout);
    assert!(output.status.success(), "{printed}");
    let described = std::fs::read_to_string(SCENARIOS).unwrap();
    let described = described.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let described = described.filter(|line| line.ends_with(':')).count();
    assert_eq!(printed.lines().filter(|line| line.starts_with("ok ")).count(), described, "{printed}");
}

#[test]
fn a_flow_is_run_with_the_inputs_of_the_command_line() {
    let output = switchboard(&["flow", "test", "welcome", "-f", CENTRE, "--input", "7,~,2", "--json"]);

    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines = printed["scenarios"][0]["transcript"].as_array().unwrap();
    let last = lines.iter().rfind(|line| line["kind"] != "step").unwrap();
    assert_eq!((&last["kind"], &last["text"]), (&"queue".into(), &"billing".into()), "{printed:#}");
}

#[test]
fn what_does_not_come_as_expected_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.yaml");
    std::fs::write(
        &file,
        "scenarios:\n  wrong:\n    flow: welcome\n    script:\n      - expect: Guten Tag\n      - press: \"2\"\n      - queue: sales\n",
    )
    .unwrap();

    let output = switchboard(&["flow", "test", file.to_str().unwrap(), "-f", CENTRE]);

    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("expected \"Guten Tag\", which was not said"), "{printed}");
    assert!(printed.contains("expected queue sales, came queue billing"), "{printed}");
}

#[test]
fn a_flow_with_a_mistake_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("centre.yaml");
    std::fs::write(
        &file,
        "tenant: { key: demo }\nflows:\n  main:\n    steps:\n      a: { say: { text: \"Hi {nobody}.\", next: a } }\n",
    )
    .unwrap();

    let output = switchboard(&["flow", "test", "main", "-f", file.to_str().unwrap()]);

    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed.contains(":5:25: flows[main].steps[a].text: names the variable \"nobody\""), "{printed}");
}
