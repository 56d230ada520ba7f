//! Running it on a bundle in a folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use watchfire_seal::Signer as _;
use watchfire_seal::forge::{Chance, Files, Forged, key};

/// What it answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn watchfire(words: &[&str]) -> Answer {
    let answer = Command::new(env!("CARGO_BIN_EXE_watchfire")).args(words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer {
        code: answer.status.code().unwrap(),
        out: text(answer.stdout),
        err: text(answer.stderr),
    }
}

/// An incident of twelve events, sealed at the ninth.
pub(crate) fn forged(seed: u64) -> Forged {
    Forged::new(&mut Chance::new(seed), 12, 3).unwrap()
}

/// Writes a bundle into a folder of this name.
pub(crate) fn written(name: &str, files: &Files) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // A run before this one may have left checkpoints of other names.
    _ = std::fs::remove_dir_all(&folder);
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

pub(crate) fn trusted() -> String {
    key().unwrap().key().to_string()
}
