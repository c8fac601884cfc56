//! An agent takes calls in the browser, from a telephone and from a web page (`crates/gateway/web/e2e`), and what the
//! command line says about them afterwards.

use std::{path::Path, process::Stdio};

use e2e::{phones, support::interactions};
use testkit::Centre;

/// Plays the browsers' and the telephone's part and gives what they said. Photographs go to `target/tmp/journeys/browser`.
async fn browsers(centre: &Centre) -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let photographs = root.join("target/tmp/journeys/browser");
    std::fs::create_dir_all(&photographs)?;
    let played = tokio::process::Command::new("node")
        .arg("e2e/call_in_browser.mjs")
        .arg(&centre.http_url)
        .arg(centre.sip.to_string())
        .arg(phones::python())
        .arg(photographs.canonicalize()?)
        .current_dir(root.join("crates/gateway/web"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    let errors = String::from_utf8_lossy(&played.stderr).into_owned();
    anyhow::ensure!(played.status.success(), "{said}\n{errors}");
    Ok(said)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_calls_in_the_browser_from_telephones_and_web_pages() {
    let centre = Centre::start().await;

    let said = browsers(&centre).await.unwrap_or_else(|error| panic!("{error}"));

    assert!(said.contains("steps passed"), "{said}");
    let calls = interactions(&centre).await;
    let ends: Vec<&str> = calls.iter().rev().filter_map(|call| call["end_reason"].as_str()).collect();
    let wanted = ["agent_ended", "customer_left", "customer_left", "agent_ended", "customer_left"];
    assert_eq!(ends, wanted, "{calls:#?}");
    for call in &calls {
        assert_eq!((&call["agent"], &call["queue"]), (&"ann".into(), &"billing".into()), "{call:#}");
    }
}
