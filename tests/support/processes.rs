//! Processes to kill.

use std::{fs, path::Path};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

/// Ids of the direct children of a process whose program is called `name`.
pub fn children(parent: u32, name: &str) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse::<u32>().ok()?;
            let (program, of) = program_and_parent(&entry.path())?;
            (of == parent && program == name).then_some(pid)
        })
        .collect()
}

/// Reads `pid (program) state parent …`; the program's name may hold spaces and brackets.
fn program_and_parent(process: &Path) -> Option<(String, u32)> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (program, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    Some((program.to_owned(), rest.split_whitespace().nth(1)?.parse().ok()?))
}

/// `SIGKILL`.
pub fn kill(pid: u32) -> anyhow::Result<()> {
    let pid = Pid::from_raw(i32::try_from(pid)?).context("a process id")?;
    Ok(kill_process(pid, Signal::KILL)?)
}
