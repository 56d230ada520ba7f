//! Valgrind, without which no instruction is counted.

use crate::run::{Run, note};
use std::path::Path;
use std::process::Command;

/// Installs it, where that is a matter of one command: on Debian, for root. Elsewhere its absence
/// is said, and the report says what was not measured.
pub(crate) fn ready() {
    let there = ["/usr/bin/valgrind", "/usr/local/bin/valgrind"];
    if there.iter().any(|path| Path::new(path).exists()) {
        return;
    }
    if !Path::new("/etc/debian_version").exists() || !is_root() {
        note(
            "valgrind is not installed: instructions are NOT counted (`apt-get install valgrind`)",
        );
        return;
    }
    note("installing valgrind");
    let installed =
        Run::new("apt-get", &["install", "--yes", "--no-install-recommends", "valgrind"])
            .with("DEBIAN_FRONTEND", "noninteractive")
            .go();
    if installed.is_err() {
        note("valgrind cannot be installed: instructions are NOT counted");
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
