//! Programs that must not outlive us. Each holds the end of a pipe from us and stops when it
//! closes, which it does however we end: done, failed, interrupted or killed. Ctrl-C reaches us
//! alone, so that they stop in order.

use crate::trouble::{Doing, Done, Trouble};
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const LOOK: Duration = Duration::from_millis(100);
/// How long a program may take to end by itself, in looks.
const PATIENCE: u32 = 100;

/// A program that ends with us. Dropped, it is ended and waited for.
#[derive(Debug)]
pub(crate) struct Guarded {
    child: Child,
    name: String,
}

impl Guarded {
    /// Starts a program that stops when its standard input ends. Its output goes to `log`.
    pub(crate) fn start(
        name: &str,
        program: &Path,
        words: &[&str],
        log: &Path,
    ) -> Result<Self, Trouble> {
        let log = File::create(log).doing(&format!("making {}", log.display()))?;
        let errors = log.try_clone().doing("sharing a log")?;
        let child = Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .doing(&format!("starting {name}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// Fails if it has ended.
    pub(crate) fn still_runs(&mut self) -> Done {
        match self.child.try_wait().doing("looking after a program")? {
            None => Ok(()),
            Some(status) => Err(Trouble::new(format!("{} ended by itself ({status})", self.name))),
        }
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> Done {
        loop {
            self.still_runs()?;
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        for _ in 0..PATIENCE {
            if self.still_runs().is_err() {
                return;
            }
            std::thread::sleep(LOOK);
        }
        // It had its time; there is nobody left to tell of a failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guarded_program_ends_with_its_guard() {
        let log = std::env::temp_dir().join(format!("watchfire-guard-{}", std::process::id()));
        let mut cat = Guarded::start("cat", Path::new("cat"), &[], &log).unwrap();
        cat.still_runs().unwrap();
        drop(cat.child.stdin.take());
        cat.wait().unwrap_err();
        let mut deaf = Guarded::start("sh", Path::new("sh"), &["-c", "exit 3"], &log).unwrap();
        assert!(deaf.wait().unwrap_err().to_string().contains("exit status: 3"));
        std::fs::remove_file(log).unwrap();
    }
}
