use crate::{switchboard, text};

#[test]
fn apply_lists_every_mistake_with_file_line_and_field_before_it_asks_any_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("centre.yaml");
    std::fs::write(
        &file,
        "tenant: { key: demo }\nqueues:\n  billing:\n    offer_timeout: soon\n    colour: red\n",
    )
    .unwrap();
    let file = file.to_str().unwrap();

    let output = switchboard(&["apply", "-f", file, "--dry-run"]);

    let printed = text(&output.stdout);
    let lines = printed.lines().collect::<Vec<_>>();
    assert_eq!(output.status.code(), Some(1));
    assert!(lines[0].starts_with(&format!("{file}:4:20: queues[billing].offer_timeout: ")), "{printed}");
    assert!(
        lines[1].starts_with(&format!("{file}:5:5: queues[billing].colour: is not a known key")),
        "{printed}"
    );
    assert_eq!(*lines.last().unwrap(), "2 mistakes, nothing was changed");
}

#[test]
fn apply_names_a_file_that_is_not_there() {
    let output = switchboard(&["apply", "-f", "nowhere.yaml"]);

    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("switchboard: nowhere.yaml can't be read: "), "{output:?}");
}

#[test]
fn a_right_file_without_a_centre_to_apply_it_to_says_so() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/demo/centre.yaml");

    let output = switchboard(&["apply", "-f", demo]);

    assert!(text(&output.stderr).contains("no centre answers"), "{output:?}");
}
