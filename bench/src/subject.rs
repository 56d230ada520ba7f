//! What is measured: a bootstrap in a Lambda-like environment, under our Runtime API.

mod figures;

pub use figures::Figures;

use crate::runtime_api::{Answer, Invocation, Obituary, RuntimeApi};
use crate::trouble::{Doing as _, Trouble, odd};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Far more than valgrind needs for the slowest of them.
const LIMIT: Duration = Duration::from_mins(2);

/// A program and what it finds in its environment.
#[derive(Debug, Clone)]
pub struct Program {
    /// The bootstrap, or what takes its place.
    pub path: PathBuf,
    /// What stands behind it on the command line: an interpreter's script.
    pub words: Vec<String>,
    /// What it finds beside Lambda's own variables.
    pub env: Vec<(String, String)>,
    /// Where its output goes.
    pub log: PathBuf,
}

/// Lambda's own variables, with credentials that open nothing.
const LAMBDA: [(&str, &str); 15] = [
    ("AWS_REGION", "us-east-1"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "ASIAQAAAAAAAAAAAAAAA"),
    ("AWS_SECRET_ACCESS_KEY", "not-a-secret-of-anybody-0123456789abcdef"),
    ("AWS_SESSION_TOKEN", "not-a-token-of-anybody"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
    ("AWS_LAMBDA_FUNCTION_NAME", "watchfire-bench"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("HOME", "/nonexistent"),
    ("LANG", "en_US.UTF-8"),
    ("TZ", ":UTC"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
];

/// Has the C library copy and clear by vectors, whatever the length. From two kilobytes on it uses
/// `rep stosb` and `rep movsb`, of which valgrind counts each byte as an instruction: clearing
/// 131,072 bytes counts 131,166, and by vectors 7,260. Lambda's arm64 has no such instruction.
/// (The GNU C Library's manual, Hardware Capability Tunables.)
const BY_VECTORS: &str =
    "glibc.cpu.x86_rep_stosb_threshold=1073741824:glibc.cpu.x86_rep_movsb_threshold=1073741824";

impl Program {
    /// Starts it as it is.
    pub fn start(&self) -> Result<Running, Trouble> {
        let mut command = Command::new(&self.path);
        command.env_clear().args(&self.words);
        self.launch(command)
    }

    /// Starts it under `valgrind` with these options.
    pub fn start_under(&self, valgrind: &Path, options: &[String]) -> Result<Running, Trouble> {
        let mut command = Command::new(valgrind);
        command.env_clear().env("GLIBC_TUNABLES", BY_VECTORS);
        command.args(options).arg(&self.path).args(&self.words);
        self.launch(command)
    }

    fn launch(&self, mut command: Command) -> Result<Running, Trouble> {
        let api = RuntimeApi::start()?;
        let log = File::create(&self.log).doing(&format!("making {}", self.log.display()))?;
        let errors = log.try_clone().doing("sharing a log")?;
        let child = command
            .envs(LAMBDA)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .doing(&format!("starting {}", self.path.display()))?;
        Ok(Running { child, api, log: self.log.clone(), served: 0 })
    }
}

/// A program that runs. Dropped, it is killed.
#[derive(Debug)]
pub struct Running {
    child: Child,
    api: RuntimeApi,
    log: PathBuf,
    served: u64,
}

impl Running {
    /// Waits until it has started and asks for work: the end of INIT.
    pub fn ready(&mut self) -> Result<(), Trouble> {
        self.api.await_ask(LIMIT).map_err(|trouble| self.explained(&trouble))
    }

    /// Has it handle `event`, and waits until it asks for the next one.
    pub fn invoke(&mut self, event: &Value) -> Result<Vec<u8>, Trouble> {
        self.hand_out(event)?;
        let answer = self.api.await_answer(LIMIT).and_then(Answer::response);
        let answer = answer.map_err(|trouble| self.explained(&trouble))?;
        self.ready()?;
        Ok(answer)
    }

    /// Has it handle `event`, and waits until it answers; none if it was killed before it did.
    pub fn outlive(&mut self, event: &Value) -> Result<Option<Answer>, Trouble> {
        self.hand_out(event)?;
        self.api.await_end(LIMIT).map_err(|trouble| self.explained(&trouble))
    }

    /// What somebody else needs to kill it: its id, and whom to tell.
    pub fn mortal(&self) -> Result<(Pid, Obituary), Trouble> {
        let id = i32::try_from(self.child.id()).map_err(|_| odd("a process id is too large"))?;
        Ok((Pid::from_raw(id), self.api.obituary()))
    }

    /// Has it handle `event`, and does not wait.
    pub fn hand_out(&mut self, event: &Value) -> Result<(), Trouble> {
        self.served = self.served.saturating_add(1);
        self.api.hand_out(Invocation::of(format!("request-{:06}", self.served), event))
    }

    /// What it has used so far.
    pub fn figures(&self) -> Result<Figures, Trouble> {
        Figures::of(self.child.id())
    }

    /// Ends it as Lambda does, and waits until it has.
    pub fn end(mut self) -> Result<(), Trouble> {
        let (id, _) = self.mortal()?;
        kill(id, Signal::SIGTERM)
            .map_err(|error| odd(format!("a process cannot be ended: {error}")))?;
        self.child.wait().doing("waiting for a process").map(|_| ())
    }

    /// With the last lines that the program wrote.
    fn explained(&self, trouble: &Trouble) -> Trouble {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(8);
        let last: Vec<&str> = lines.into_iter().skip(from).collect();
        odd(format!("{trouble}\n  {}", last.join("\n  ")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already: then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
