//! The living demo: played customers call and chat, played agents answer, talk and wrap up, and all of them leave in order.

use e2e::support::interactions;
use serde_json::Value;
use testkit::Centre;

/// What `switchboard demo --json` said, line by line.
async fn demo(centre: &Centre, arguments: &[&str]) -> Vec<Value> {
    let mut program = centre.program("switchboard").expect("the program is built");
    let output = program.args(arguments).output().await.expect("the program runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn played_people_call_chat_talk_and_leave_nothing_behind() {
    let centre = Centre::start().await;

    let told = demo(&centre, &["--json", "demo", "--seed", "7", "--load", "2.5", "--duration", "45s"]).await;

    let last = told.last().expect("something was told");
    let number =
        |path: &str| last.pointer(path).and_then(Value::as_u64).unwrap_or_else(|| panic!("{path}: {last:#}"));
    assert!(told.len() >= 4, "it tells what happens every ten seconds: {told:#?}");
    for path in ["/calls/answered", "/chats/answered", "/chats/messages", "/wrapped_up"] {
        assert!(number(path) > 0, "{path}: {last:#}");
    }
    for path in ["/calls/now", "/chats/now", "/calls/failed", "/chats/failed", "/calls/silent", "/troubles"] {
        assert_eq!(number(path), 0, "{path}: {last:#}");
    }
    let all = interactions(&centre).await;
    assert!(all.iter().all(|one| one["state"] == "closed"), "{all:#?}");
    assert!(!all.iter().any(|one| ["ann", "bob", "cy"].contains(&one["agent"].as_str().unwrap_or_default())));
    let agents = centre.cli(&["agents"]).await.unwrap();
    for agent in agents.as_array().unwrap() {
        assert_eq!(agent["state"], "offline", "{agent:#}");
        assert!(agent["work"].as_array().unwrap().is_empty(), "{agent:#}");
    }
}
