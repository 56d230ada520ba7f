//! Instructions, counted by valgrind: the same on a busy machine and on a quiet one.

use crate::answerer::Cloud;
use crate::subject::{Program, Running};
use crate::trouble::{Doing as _, Trouble, odd};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What was counted of one program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// From the process's start until it asks for work.
    pub init: u64,
    /// The same, and the first event.
    pub init_first: u64,
    /// Each event after the first.
    pub warm: u64,
}

/// Where valgrind is, and where it may write.
#[derive(Debug, Clone)]
pub struct Valgrind {
    /// The program.
    pub path: PathBuf,
    /// A folder for its logs.
    pub folder: PathBuf,
    /// Where it writes which instructions a process ran, a file for each process, if it does.
    pub dumps: Option<PathBuf>,
}

const COUNTING: [&str; 3] =
    ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];

impl Valgrind {
    /// Valgrind, if it is installed.
    pub fn find(folder: &Path, dumps: Option<&Path>) -> Option<Self> {
        ["/usr/bin/valgrind", "/usr/local/bin/valgrind"]
            .map(PathBuf::from)
            .into_iter()
            .find(|path| path.exists())
            .map(|path| Self { path, folder: folder.into(), dumps: dumps.map(Into::into) })
    }

    /// What it calls itself.
    pub fn version(&self) -> Option<String> {
        let output = Command::new(&self.path).arg("--version").output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// How many instructions the program has run when it has started and handled these events.
    pub fn instructions(&self, program: &Program, events: &[Value]) -> Result<u64, Trouble> {
        let mut running = self.start(program)?;
        running.ready()?;
        for event in events {
            running.invoke(event)?;
        }
        self.end(running)
    }

    /// How many it has run when its first write to DynamoDB is on the wire: the write is never
    /// answered.
    pub fn until_write(
        &self,
        program: &Program,
        events: &[Value],
        cloud: &Cloud,
    ) -> Result<u64, Trouble> {
        let mut running = self.start(program)?;
        running.ready()?;
        let held = cloud.hold_writes();
        if let [event] = events {
            running.hand_out(event)?;
        }
        let came = held.came();
        let counted = self.end(running);
        came?;
        counted
    }

    fn start(&self, program: &Program) -> Result<Running, Trouble> {
        let mut options = vec![format!("--log-file={}", self.log().display())];
        match &self.dumps {
            None => options.extend(COUNTING.map(str::to_owned)),
            // %p is the process.
            Some(folder) => options.extend([
                "--tool=callgrind".to_owned(),
                "--dump-instr=yes".to_owned(),
                format!("--callgrind-out-file={}", folder.join("%p").display()),
            ]),
        }
        program.start_under(&self.path, &options)
    }

    fn end(&self, running: Running) -> Result<u64, Trouble> {
        running.end()?;
        let text = std::fs::read_to_string(self.log()).doing("reading valgrind's log")?;
        refs(&text).ok_or_else(|| odd(format!("valgrind counted nothing:\n{text}")))
    }

    fn log(&self) -> PathBuf {
        self.folder.join("valgrind.log")
    }

    /// Counts with none, one and `1 + warm` events; `events` makes as many as it is asked for, anew
    /// each time, since a step that was done once is cheaper the second time.
    pub fn count(
        &self,
        program: &Program,
        warm: u64,
        events: &mut dyn FnMut(u64) -> Result<Vec<Value>, Trouble>,
    ) -> Result<Counted, Trouble> {
        let init = self.instructions(program, &[])?;
        let init_first = self.instructions(program, &events(1)?)?;
        let all = self.instructions(program, &events(warm.saturating_add(1))?)?;
        let warm = all.saturating_sub(init_first).checked_div(warm).unwrap_or_default();
        Ok(Counted { init, init_first, warm })
    }
}

/// The number in `==123== I   refs:      1,234,567`.
fn refs(log: &str) -> Option<u64> {
    let line = log.lines().find(|line| line.contains('I') && line.contains("refs:"))?;
    let number: String = line.rsplit(':').next()?.chars().filter(char::is_ascii_digit).collect();
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valgrinds_count_is_read() {
        let log = "==7== Cachegrind\n==7== \n==7== I   refs:      1,234,567\n";
        assert_eq!(refs(log), Some(1_234_567));
        assert_eq!(refs("==7== I refs:        89\n"), Some(89));
        assert_eq!(refs("==7== nothing\n"), None);
    }
}
