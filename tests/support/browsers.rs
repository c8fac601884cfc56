//! Journeys that real browsers play: scripts of `crates/gateway/web/e2e`, run against a centre.

use std::{path::Path, process::Stdio};

use testkit::Centre;

/// Runs `e2e/<script>.mjs URL …arguments PHOTOGRAPHS` and gives what it said, a line a step. Photographs go to
/// `target/tmp/journeys/<script>`.
///
/// # Panics
/// When a step fails: with everything that was said.
pub async fn browsers(centre: &Centre, script: &str, arguments: &[&str]) -> String {
    let said = play(&centre.http_url, None, script, arguments);
    steps(script, said.await)
}

/// The same with a centre at this address, and the browser that this program starts.
///
/// # Panics
/// As [`browsers`].
pub async fn browsers_by(program: &Path, url: &str, script: &str, arguments: &[&str]) -> String {
    steps(script, play(url, Some(program), script, arguments).await)
}

fn steps(script: &str, said: anyhow::Result<String>) -> String {
    let said = said.unwrap_or_else(|error| panic!("{script}: {error}"));
    assert!(said.contains("steps passed"), "{said}");
    said
}

async fn play(url: &str, program: Option<&Path>, script: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let photographs = root.join("target/tmp/journeys").join(script);
    std::fs::create_dir_all(&photographs)?;
    let mut node = tokio::process::Command::new("node");
    if let Some(program) = program {
        node.env("CHROMIUM", program);
    }
    let played = node
        .arg(format!("e2e/{script}.mjs"))
        .arg(url)
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
