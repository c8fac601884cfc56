//! What processes spend, from `/proc`.

use std::fs;

/// CPU and memory of some processes at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// Milliseconds of CPU of the processes themselves.
    pub own_ms: f64,
    /// The same with their children: Postgres and NATS of the embedded default.
    pub tree_ms: f64,
    /// Resident memory of the processes themselves, in kB.
    pub resident_kb: f64,
}

/// Reads the processes and their descendants.
pub fn read(pids: &[u32]) -> Spent {
    let mut spent = Spent::default();
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid)?.0)))
        .collect();
    for pid in pids {
        spent.own_ms += stat(*pid).map_or(0.0, |(_, ms)| ms);
        spent.resident_kb += resident(*pid);
        let mut family = vec![*pid];
        let mut next = 0;
        while next < family.len() {
            let parent = family[next];
            family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
            next += 1;
        }
        spent.tree_ms += family.iter().filter_map(|pid| stat(*pid)).map(|(_, ms)| ms).sum::<f64>();
    }
    spent
}

/// Parent, and milliseconds of CPU.
fn stat(pid: u32) -> Option<(u32, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    // 100 ticks a second on Linux.
    Some((fields.get(1)?.parse().ok()?, ticks * 10.0))
}

fn resident(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0.0)
}
