//! Lambda, as far as one account needs it: a warm process for each function, and a new one for one
//! that died.

use super::wire::Wire;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use watchfire_bench::answerer::{Answerer, Answers};
use watchfire_bench::runtime_api::Answer;
use watchfire_bench::scene::settings;
use watchfire_bench::subject::{Program, Running};

const PRINCIPALS: &str =
    r#"[{"arn_prefix":"arn:aws:iam::111122223333:role/ci","tenants":["acme"],"role":"admin"}]"#;

#[derive(Debug)]
pub(super) struct Lambda {
    wire: Arc<Wire>,
    answerer: Answerer,
    folder: PathBuf,
    warm: BTreeMap<String, Running>,
}

/// The settings of a function; one principal may do all that a person may.
pub(super) fn configured(handler: &str) -> Vec<(String, String)> {
    let mut env = settings(handler);
    env.retain(|(name, _)| name != "WATCHFIRE_IAM_PRINCIPALS");
    env.push(("WATCHFIRE_IAM_PRINCIPALS".to_owned(), PRINCIPALS.to_owned()));
    env
}

impl Lambda {
    pub(super) fn new(wire: Arc<Wire>, life: u64) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("life-{life}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("roots.pem"), Answerer::root()).unwrap();
        let answerer = Answerer::start(Arc::clone(&wire) as Arc<dyn Answers>).unwrap();
        Self { wire, answerer, folder, warm: BTreeMap::new() }
    }

    /// Has a function handle the event. None if its process died before Lambda had the answer.
    pub(super) fn call(&mut self, handler: &str, event: &Value) -> Option<Answer> {
        let warm = self.warm.remove(handler);
        let mut process = warm.unwrap_or_else(|| self.started(handler));
        self.wire.begin(handler, process.mortal().unwrap());
        let answer = process.outlive(event).unwrap()?;
        if self.wire.answered() {
            return None;
        }
        process.ready().unwrap();
        self.warm.insert(handler.to_owned(), process);
        Some(answer)
    }

    fn started(&self, handler: &str) -> Running {
        let mut env = configured(handler);
        let mut set = |name: &str, value: String| env.push((name.to_owned(), value));
        set("AWS_ENDPOINT_URL", self.answerer.endpoint());
        set("WATCHFIRE_TRUST", "native".to_owned());
        set("SSL_CERT_FILE", self.folder.join("roots.pem").display().to_string());
        let program = Program {
            path: PathBuf::from(env!("CARGO_BIN_EXE_bootstrap")),
            words: Vec::new(),
            env,
            log: self.folder.join(format!("{handler}.log")),
        };
        let mut process = program.start().unwrap();
        process.ready().unwrap();
        process
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        // The logs of a life that went wrong stay.
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}
