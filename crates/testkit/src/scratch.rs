//! Folders for tests, inside the build folder, so that `cargo clean` and `make clean` take them along.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use tempfile::TempDir;

/// `target/tmp/testkit`, found from the place of the test program (`target/<profile>/deps/<test>`).
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let root = build_dir()?.parent().context("the build folder has a parent")?.join("tmp/testkit");
    fs::create_dir_all(&root).with_context(|| format!("creating {}", root.display()))?;
    Ok(root)
}

/// `target/<profile>`, where the programs of the workspace lie.
pub(crate) fn build_dir() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("the path of the test program")?;
    let dir = program.ancestors().nth(1).context("the test program is in a folder")?;
    let dir =
        if dir.ends_with("deps") || dir.ends_with("examples") { dir.parent().unwrap_or(dir) } else { dir };
    Ok(dir.to_owned())
}

/// A folder that goes when it is dropped; folders of test processes that were killed go with the next one.
pub fn scratch_dir() -> anyhow::Result<TempDir> {
    let root = root()?;
    remove_orphans(&root);
    let prefix = format!("{}-", std::process::id());
    tempfile::Builder::new().prefix(&prefix).tempdir_in(&root).context("creating a folder for a test")
}

fn remove_orphans(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.split_once('-')).and_then(|(pid, _)| pid.parse().ok());
        if owner.is_some_and(|pid| !is_alive(pid)) {
            // Another process may be removing it too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

pub(crate) fn is_alive(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}
