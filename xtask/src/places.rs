//! Where things are.

use crate::run::Run;
use crate::trouble::{Doing, Trouble};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    // cargo says where the package lies now; a binary from a shared target folder may remember
    // another clone.
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map(Path::to_path_buf).unwrap_or(package)
}

/// A file or folder of the repository.
pub(crate) fn at(path: &str) -> PathBuf {
    root().join(path)
}

/// The cargo that runs us.
pub(crate) fn cargo() -> String {
    std::env::var_os("CARGO")
        .and_then(|cargo| cargo.into_string().ok())
        .unwrap_or_else(|| "cargo".to_owned())
}

/// Where cargo builds: not always `target`.
pub(crate) fn build_folder() -> Result<PathBuf, Trouble> {
    let text =
        Run::cargo(&["metadata", "--no-deps", "--format-version", "1", "--locked"]).text()?;
    let metadata: Value = serde_json::from_str(&text).doing("reading cargo's metadata")?;
    metadata
        .get("target_directory")
        .and_then(Value::as_str)
        .map(PathBuf::from)
        .doing("cargo's metadata name no target folder")
}
