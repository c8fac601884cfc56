//! Journeys that real browsers play: scripts of `crates/gateway/web/e2e`, run against a centre.

use std::{path::Path, process::Stdio};

use testkit::Centre;

/// Runs `e2e/<script>.mjs URL …arguments PHOTOGRAPHS` and gives what it said, a line a step. Photographs go to
/// `target/tmp/journeys/<script>`.
///
/// # Panics
/// When a step fails: with everything that was said.
pub async fn browsers(centre: &Centre, script: &str, arguments: &[&str]) -> String {
    let said = play(centre, script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"));
    assert!(said.contains("steps passed"), "{said}");
    said
}

async fn play(centre: &Centre, script: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let photographs = root.join("target/tmp/journeys").join(script);
    std::fs::create_dir_all(&photographs)?;
    let played = tokio::process::Command::new("node")
        .arg(format!("e2e/{script}.mjs"))
        .arg(&centre.http_url)
        .args(arguments)
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
