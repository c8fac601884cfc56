//! CPU and memory of a process and everything below it, from `/proc`.

use std::{collections::BTreeMap, fs, time::Duration};

/// Kernel ticks a second (`sysconf(_SC_CLK_TCK)` is 100 on every Linux of today).
const TICKS: u64 = 100;

/// What was used so far.
#[derive(Default)]
pub struct Usage {
    pub cpu: Duration,
    pub rss_kib: i64,
    pub by_name: BTreeMap<String, Duration>,
}

impl Usage {
    /// What programs of this name have used.
    pub fn of(&self, name: &str) -> Duration {
        self.by_name.get(name).copied().unwrap_or_default()
    }
}

struct Process {
    pid: i32,
    parent: i32,
    name: String,
    cpu: Duration,
}

/// Use of a process tree; nothing for 0.
pub fn usage(root: i32) -> Usage {
    let mut usage = Usage::default();
    if root == 0 {
        return usage;
    }
    let all: Vec<Process> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| read(entry.ok()?.file_name().to_str()?.parse().ok()?))
        .collect();
    let mut tree = vec![root];
    let mut next = 0;
    while next < tree.len() {
        let parent = tree[next];
        tree.extend(all.iter().filter(|process| process.parent == parent).map(|process| process.pid));
        next += 1;
    }
    for process in all.iter().filter(|process| tree.contains(&process.pid)) {
        usage.cpu += process.cpu;
        *usage.by_name.entry(process.name.clone()).or_default() += process.cpu;
        usage.rss_kib += private_kib(process.pid);
    }
    usage
}

fn read(pid: i32) -> Option<Process> {
    // "pid (name) state ppid …": the name may hold spaces, utime and stime are fields 14 and 15, with those of the reaped after.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (head, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        name: head.split_once('(')?.1.to_owned(),
        cpu: Duration::from_millis(ticks * 1_000 / TICKS),
    })
}

/// Memory that is the process's own: Postgres shares most of its.
fn private_kib(pid: i32) -> i64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    rollup
        .lines()
        .filter(|line| line.starts_with("Private_"))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<i64>().ok())
        .sum()
}
