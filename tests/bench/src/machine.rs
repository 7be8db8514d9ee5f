//! What the machine does besides measuring: the share of others, and the memory of processes.

use crate::harness::Done;
use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

/// The machine counts as idle while others use less than this share of its processors.
pub(crate) const IDLE_BELOW: f64 = 0.10;

/// The parent of the kernel's own threads: what they do, they do for us as well.
const KERNEL: u32 = 2;

/// Processor time since the start of the machine, in ticks.
pub(crate) struct Look {
    busy: u64,
    all: u64,
    ours: u64,
}

impl Look {
    pub(crate) fn now() -> Done<Self> {
        let stat = fs::read_to_string("/proc/stat")?;
        // cpu user nice system idle iowait irq softirq steal …
        let first = stat.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = first
            .split_whitespace()
            .skip(1)
            .take(8)
            .filter_map(|n| n.parse().ok())
            .collect();
        let [user, nice, system, _, _, irq, softirq, _] = ticks[..] else {
            return Err("/proc/stat does not say what the processors do".into());
        };
        let processes = processes()?;
        let (me, mut ours) = (std::process::id(), 0);
        for (pid, process) in &processes {
            if is_below(&processes, *pid, me) || is_below(&processes, *pid, KERNEL) {
                ours += process.ticks;
            }
        }
        Ok(Self {
            busy: user + nice + system + irq + softirq,
            all: ticks.iter().sum(),
            ours,
        })
    }

    /// The processor time since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Spent {
        let ours = self.ours.saturating_sub(earlier.ours);
        Spent {
            foreign: (self.busy - earlier.busy).saturating_sub(ours),
            all: self.all - earlier.all,
        }
    }
}

/// Processor time of a while or of several, in ticks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    foreign: u64,
    all: u64,
}

impl Spent {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            foreign: self.foreign + other.foreign,
            all: self.all + other.all,
        }
    }

    /// The share that went to neither us, our children nor the kernel.
    pub(crate) fn foreign(self) -> f64 {
        real(self.foreign) / real(self.all.max(1))
    }
}

/// Waits until others leave the machine alone, or for twenty seconds: the figure then says that they did not.
pub(crate) async fn wait_until_idle() -> Done<()> {
    let since = Instant::now();
    let mut before = Look::now()?;
    while since.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let now = Look::now()?;
        if now.since(&before).foreign() < IDLE_BELOW {
            break;
        }
        before = now;
    }
    Ok(())
}

struct Process {
    parent: u32,
    name: String,
    ticks: u64,
}

fn processes() -> Done<HashMap<u32, Process>> {
    let mut found = HashMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One that ended meanwhile is none.
        let Some(process) = fs::read_to_string(entry.path().join("stat"))
            .ok()
            .as_deref()
            .and_then(parse)
        else {
            continue;
        };
        found.insert(pid, process);
    }
    Ok(found)
}

/// `pid (name) state parent …`, and from the twelfth word on the time of the process and of its ended children.
fn parse(stat: &str) -> Option<Process> {
    let (before, after) = stat.rsplit_once(") ")?;
    let (_, name) = before.split_once('(')?;
    let words: Vec<&str> = after.split(' ').collect();
    let ticks = words
        .get(11..15)?
        .iter()
        .filter_map(|word| word.parse::<u64>().ok())
        .sum();
    Some(Process {
        parent: words.get(1)?.parse().ok()?,
        name: name.to_owned(),
        ticks,
    })
}

fn is_below(processes: &HashMap<u32, Process>, mut pid: u32, ancestor: u32) -> bool {
    while pid != ancestor {
        match processes.get(&pid) {
            Some(process) if process.parent != 0 => pid = process.parent,
            _ => return false,
        }
    }
    true
}

/// The resident memory of a process and of all below it, in MiB.
pub(crate) fn resident_mib(root: u32) -> Done<f64> {
    let processes = processes()?;
    let mut kib = 0;
    for pid in processes.keys().filter(|pid| is_below(&processes, **pid, root)) {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap_or_default();
        kib += resident
            .trim()
            .trim_end_matches(" kB")
            .parse::<u64>()
            .unwrap_or(0);
    }
    Ok(real(kib) / 1024.0)
}

/// Whether a process of this name runs below `root`.
pub(crate) fn has_child(root: u32, name: &str) -> Done<bool> {
    let processes = processes()?;
    Ok(processes
        .iter()
        .any(|(pid, process)| process.name == name && is_below(&processes, *pid, root)))
}

/// A count for a quotient; all of ours are far below the limit of u32.
pub(crate) fn real(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_it_calls_itself() {
        let stat = "42 (a) b) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 5 6 7";
        let process = parse(stat).unwrap();
        assert_eq!((process.parent, &*process.name, process.ticks), (7, "a) b", 100));
    }

    #[test]
    fn a_grandchild_is_below_and_a_neighbour_is_not() {
        let process = |parent| Process {
            parent,
            name: String::new(),
            ticks: 0,
        };
        let tree = HashMap::from([(1, process(0)), (5, process(1)), (6, process(5)), (7, process(1))]);
        assert!(is_below(&tree, 6, 1) && is_below(&tree, 6, 5) && !is_below(&tree, 7, 5));
    }
}
