//! What a process has used, as Linux tells it under `/proc`.

use crate::trouble::{Doing as _, Trouble, odd};

/// What a process has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Time on a processor, in nanoseconds, of all its threads that live.
    pub cpu_ns: u64,
    /// The most memory that was resident, in bytes.
    pub peak_rss: u64,
    /// What of it no file backs, and so nobody else can share and nothing can drop, in bytes: now.
    pub own: u64,
}

impl Figures {
    pub(super) fn of(process: u32) -> Result<Self, Trouble> {
        let tasks = std::fs::read_dir(format!("/proc/{process}/task")).doing("listing threads")?;
        let mut cpu_ns = 0_u64;
        for task in tasks.flatten() {
            // A thread may have ended since it was listed.
            let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            cpu_ns = cpu_ns.saturating_add(first_number(&text).unwrap_or_default());
        }
        let status = std::fs::read_to_string(format!("/proc/{process}/status"));
        let status = status.doing("reading /proc/…/status")?;
        let told =
            |name: &str| kilobytes(&status, name).ok_or_else(|| odd(format!("no {name} is told")));
        Ok(Self { cpu_ns, peak_rss: told("VmHWM:")?, own: told("RssAnon:")? })
    }
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

/// `VmHWM:     7284 kB`, in bytes.
fn kilobytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    first_number(line)?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_says_is_read() {
        let status = "Name:\tbootstrap\nVmPeak:\t  9000 kB\nVmHWM:\t    7284 kB\nThreads:\t1\n";
        assert_eq!(kilobytes(status, "VmHWM:"), Some(7_458_816));
        assert_eq!(kilobytes(status, "RssAnon:"), None);
        assert_eq!(first_number("123456 789 4\n"), Some(123_456));
    }

    #[test]
    fn our_own_process_has_used_something() {
        let figures = Figures::of(std::process::id()).unwrap();
        assert!(figures.peak_rss > 100_000 && figures.cpu_ns > 0, "{figures:?}");
    }
}
