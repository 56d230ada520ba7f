//! The names that an environment gives to things in the account (S0-09, S0-12, S0-16).

use crate::{Timestamp, Unnamed, hex};
use sha2::{Digest as _, Sha256};

const PART: &str = "1 to 48 letters, digits, `.`, `-` or `_`, with a letter or digit at both ends";
const CLUSTER: &str = "a cluster id: 1 to 48 letters, digits, `.`, `-` or `_`, with a letter or \
                       digit at both ends, and no `-incident` before a hyphen or at its end";

fn is_part(text: &str, longest: usize) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.len() <= longest
        && edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        && !text.contains("..")
}

/// Checks a cluster id: a path element, a tag value and, without dots, a part of a family name.
///
/// INVARIANT: two pairs (cluster, number) never share a target's name. A cluster id that holds the
/// word which joins the two could be cut in two ways, and one tenant would find another's target.
pub fn cluster_id(text: &str) -> Result<&str, Unnamed> {
    let ambiguous = format!("{text}-").contains("-incident-");
    if is_part(text, 48) && !ambiguous { Ok(text) } else { Err(Unnamed::new(text, CLUSTER)) }
}

/// Checks an incident number, by the same rule: EFS allows 100 characters for both together
/// (decision 15).
pub fn incident_number(text: &str) -> Result<&str, Unnamed> {
    if is_part(text, 48) { Ok(text) } else { Err(Unnamed::new(text, PART)) }
}

/// The access point's path (S0-09), without the slash at its end that EFS forbids.
pub fn access_path(cluster: &str, number: &str) -> String {
    format!("/{cluster}/{number}")
}

/// `rosa-boundary-{stage}-{cluster}-{number}-{YYYYMMDDTHHMMSS}` (S0-12); `prefix` is all before the
/// cluster. Family names take no dots (ECS `RegisterTaskDefinition`).
pub fn family(prefix: &str, cluster: &str, number: &str, now: Timestamp) -> String {
    let plain = |text: &str| text.replace('.', "_");
    format!("{prefix}-{}-{}-{}", plain(cluster), plain(number), now.stamp())
}

/// `{cluster}-incident-{number}` (S0-16).
pub fn target_name(cluster: &str, number: &str) -> String {
    format!("{cluster}-incident-{number}")
}

/// 32 hex digits that stand for the pair (cluster, number): the key of its slot. They are also in
/// every task's `startedBy`, so that an ECS event finds its tenant without a pointer of its own.
pub fn slot(cluster: &str, number: &str) -> String {
    let digest = Sha256::digest(format!("environment-slot/v1\0{cluster}\0{number}"));
    hex(digest.first_chunk::<16>().map_or(&[], |first| first.as_slice()))
}

/// What `RunTask` is told as `startedBy`: within the 36 characters that older pages allow.
pub fn started_by(slot: &str) -> String {
    format!("wf-{slot}")
}
