use crate::{switchboard, text};

#[test]
fn status_fails_and_says_how_to_start_when_nothing_runs() {
    let output = switchboard(&["status"]);

    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stdout),
        "not ready: no centre answers at http://127.0.0.1:9: start one with `switchboard up`, or name it with --server\n"
    );
}

#[test]
fn status_is_not_ready_for_programs_too_when_nothing_runs() {
    let output = switchboard(&["status", "--json"]);

    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json["ready"], false);
    assert_eq!(json["server"], "http://127.0.0.1:9");
}

#[test]
fn a_command_without_a_centre_fails_with_one_line() {
    let output = switchboard(&["interactions", "list", "--json"]);

    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("\"error\""));
    assert_eq!(text(&output.stderr).lines().count(), 1);
}

#[test]
fn a_server_that_is_no_url_is_named() {
    let output = switchboard(&["queues", "--server", "centre.example"]);

    assert!(text(&output.stderr).contains("--server \"centre.example\" is not a URL"), "{output:?}");
}
