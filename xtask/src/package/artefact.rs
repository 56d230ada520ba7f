//! What must be true of the artefact, read from the artefact.

use super::{Profile, megabytes};
use crate::run::{Run, note};
use crate::trouble::{Doing, Done, Trouble};

/// A cold start reads the whole package: a larger one shows in the first answer, and Lambda's own
/// quota for a direct upload lies far above. It is the bench's gate G11 too.
const LARGEST_ZIP: usize = 4_500_000;

/// The glibc of the runtime `provided.al2023`.
const GLIBC: (u32, u32) = (2, 34);

/// Checks it. What only matters on AWS fails for what is shipped, and is told otherwise.
pub(super) fn check(profile: Profile, bytes: &[u8], zip: usize, target: Option<&str>) -> Done {
    crates(target)?;
    let mut wrong = Vec::new();
    if zip > LARGEST_ZIP {
        wrong.push(format!("the zip has {}, more than {}", megabytes(zip), megabytes(LARGEST_ZIP)));
    }
    let needed = glibc(bytes);
    if needed > GLIBC {
        let ((major, minor), (_, there)) = (needed, GLIBC);
        wrong.push(format!(
            "it needs glibc {major}.{minor}, and provided.al2023 has {major}.{there}: build it on an older system"
        ));
    }
    match profile {
        Profile::Ci => wrong.iter().for_each(|text| note(&format!("on AWS: {text}"))),
        Profile::Release if wrong.is_empty() => {}
        Profile::Release => return Err(Trouble::new(wrong.join("; "))),
    }
    note(&format!("needs glibc {}.{} at most; TLS by ring, no aws-lc", needed.0, needed.1));
    Ok(())
}

/// aws-lc gathers its entropy from jitter, which costs 419 million instructions on the first
/// request.
fn crates(target: Option<&str>) -> Done {
    let mut words =
        vec!["tree", "--locked", "--package", "watchfire-bootstrap", "--edges", "normal"];
    words.extend(["--prefix", "none", "--format", "{p}"]);
    if let Some(triple) = target {
        words.extend(["--target", triple]);
    }
    let tree = Run::cargo(&words).text()?;
    let has = |name: &str| tree.lines().any(|line| line.split(' ').next() == Some(name));
    if let Some(name) =
        ["aws-lc-rs", "aws-lc-sys", "aws-lc-fips-sys", "openssl"].into_iter().find(|name| has(name))
    {
        return Err(Trouble::new(format!("the bootstrap holds {name}")).advise(format!(
            "`cargo tree -p watchfire-bootstrap -i {name}` says why; take its default features away"
        )));
    }
    if has("ring") { Ok(()) } else { Err(Trouble::new("the bootstrap holds no ring")) }
}

/// What Lambda calls the machine that it was built for, from the ELF header.
pub(super) fn architecture(bytes: &[u8]) -> Result<&'static str, Trouble> {
    match bytes.get(18..20) {
        Some([0x3E, 0]) => Ok("x86_64"),
        Some([0xB7, 0]) => Ok("arm64"),
        _ => Err(Trouble::new("the bootstrap was built for a machine that Lambda does not have")),
    }
    .and_then(|name| {
        bytes.starts_with(b"\x7fELF").then_some(name).doing("the bootstrap is no Linux program")
    })
}

/// The newest version of glibc that it names.
fn glibc(bytes: &[u8]) -> (u32, u32) {
    const MARK: &[u8] = b"GLIBC_";
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    bytes
        .windows(MARK.len().saturating_add(5))
        .filter(|window| window.starts_with(MARK))
        .filter_map(|window| {
            let text = window.iter().skip(MARK.len()).map(|byte| char::from(*byte));
            let text: String = text.take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let mut parts = text.split('.');
            Some((number(parts.next())?, number(parts.next())?))
        })
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_counts() {
        assert_eq!(glibc(b"..GLIBC_2.2.5\0GLIBC_2.17\0GLIBC_2.34\0GLIBC_PRIVATE\0"), (2, 34));
        assert_eq!(glibc(b"static"), (0, 0));
    }

    #[test]
    fn the_machine_is_read_from_the_header() {
        let mut header = b"\x7fELF".to_vec();
        header.resize(64, 0);
        header[18] = 0xB7;
        assert_eq!(architecture(&header).unwrap(), "arm64");
        assert!(architecture(b"#!/bin/sh").is_err());
    }
}
