//! The Python programs that the local stack, the template's checks and the bench need, each set in
//! an environment of its own under `.venv/`, from pinned and hashed requirements.

use crate::places;
use crate::run::{Run, note};
use crate::trouble::{Doing, Done, Trouble};
use std::ffi::OsString;
use std::path::PathBuf;

/// An environment: its folder's name, which its requirements share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Venv {
    /// The local stack and the token issuer.
    Stack,
    /// What deploys and checks the template.
    Sam,
    /// Another engine of Rego.
    Oracle,
    /// What the bench compares our functions with.
    Peers,
}

const OLDEST: (u32, u32) = (3, 11);

impl Venv {
    const fn name(self) -> &'static str {
        match self {
            Self::Stack => "stack",
            Self::Sam => "sam",
            Self::Oracle => "oracle",
            Self::Peers => "peers",
        }
    }

    /// The folder of its programs.
    pub(crate) fn bin(self) -> PathBuf {
        places::at(".venv").join(self.name()).join("bin")
    }

    /// A search path with its programs in front.
    pub(crate) fn path(self) -> Result<OsString, Trouble> {
        let before = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(std::iter::once(self.bin()).chain(std::env::split_paths(&before)))
            .doing("reading PATH")
    }

    /// Makes it, unless it is there and made from the same requirements.
    pub(crate) fn ready(self) -> Done {
        let name = self.name();
        let wanted = format!("tests/stack/requirements-{name}.txt");
        let text =
            std::fs::read_to_string(places::at(&wanted)).doing(&format!("reading {wanted}"))?;
        let folder = places::at(".venv").join(name);
        // Written last, so that a half-made environment is made anew.
        let made_from = folder.join("made-from.txt");
        if std::fs::read_to_string(&made_from).is_ok_and(|made| made == text) {
            return Ok(());
        }
        let python = python()?;
        if folder.exists() {
            std::fs::remove_dir_all(&folder).doing(&format!("removing {}", folder.display()))?;
        }
        note(&format!("making .venv/{name} from {wanted} (once; it takes a minute)"));
        let folder_text = folder.display().to_string();
        Run::new(&python, &["-m", "venv", &folder_text])
            .advise("Python's venv module must be complete: Debian and Ubuntu want `apt-get install python3-venv`")
            .go()?;
        Run::new(
            folder.join("bin/python"),
            &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
                .into_iter()
                .chain(["--require-hashes", "--no-deps", "-r", &wanted])
                .collect::<Vec<_>>(),
        )
        .advise("the packages come from the Python package index: is it reachable?")
        .go()?;
        std::fs::write(&made_from, text).doing(&format!("writing {}", made_from.display()))
    }
}

/// A Python that is new enough.
fn python() -> Result<String, Trouble> {
    const ASK: &str = "import sys; print(sys.version_info[0], sys.version_info[1])";
    for name in ["python3", "python3.14", "python3.13", "python3.12", "python3.11"] {
        let output = std::process::Command::new(name).args(["-c", ASK]).output();
        let Ok(text) = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        else {
            continue;
        };
        let mut parts = text.split_whitespace().filter_map(|part| part.parse::<u32>().ok());
        if let (Some(major), Some(minor)) = (parts.next(), parts.next())
            && (major, minor) >= OLDEST
        {
            return Ok(name.to_owned());
        }
    }
    let (major, minor) = OLDEST;
    Err(Trouble::new(format!("there is no Python {major}.{minor} or newer"))
        .advise("install it; `cargo xtask test --fast` does without"))
}
