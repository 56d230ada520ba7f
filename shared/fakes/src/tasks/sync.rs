//! What a container does with its last minutes: it carries its files into the audit bucket.

use super::life::Leaves;
use crate::evidence::FakeEvidence;
use crate::words::hex;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use watchfire_domain::Timestamp;

/// Where a container puts its files: the date is that of its signal, by its own clock.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) cluster: String,
    pub(super) number: String,
    pub(super) task: String,
    pub(super) at: Timestamp,
}

impl Place {
    fn key(&self, path: &str) -> String {
        let Self { cluster, number, task, at } = self;
        format!("{cluster}/{number}/{}/{task}/{path}", at.date_compact())
    }

    fn files(&self) -> [(&'static str, String); 3] {
        [
            (".bash_history", format!("oc get nodes\noc logs {}\n", self.number)),
            ("logs/must-gather.txt", format!("gathered from {}\n", self.cluster)),
            ("notes.md", format!("# What was seen by {}\n", self.task)),
        ]
    }

    /// The signal came: the first file is on its way.
    pub(super) fn begin(&self, bucket: &FakeEvidence, leaves: Leaves) {
        let [(path, text), ..] = self.files();
        if leaves != Leaves::Nothing {
            bucket.put(&self.key(path), text.as_bytes());
        }
    }

    /// The container ends: all is there, and the manifest last.
    pub(super) fn end(&self, bucket: &FakeEvidence, leaves: Leaves) {
        let files = self.files();
        let short = files.len().saturating_sub(1);
        for (at, (path, text)) in files.iter().enumerate() {
            let bytes = text.as_bytes();
            let cut = bytes.get(..5).unwrap_or(bytes);
            match leaves {
                Leaves::Nothing => {}
                Leaves::Unfinished if at == short => {}
                Leaves::Truncated if at == short => bucket.put(&self.key(path), cut),
                Leaves::Everything | Leaves::Truncated | Leaves::Unfinished => {
                    bucket.put(&self.key(path), bytes);
                }
            }
        }
        match leaves {
            Leaves::Nothing | Leaves::Unfinished => {}
            Leaves::Everything | Leaves::Truncated => {
                let listed: Vec<_> = files
                    .iter()
                    .map(|(path, text)| json!({"path": path, "size": text.len(), "sha256": digest(text)}))
                    .collect();
                let manifest = json!({"version": 1, "files": listed}).to_string();
                bucket.put(&self.key("manifest.json"), manifest.as_bytes());
            }
        }
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}
