//! The AWS command line.

use super::Found;
use crate::lint::program;

/// Beginnings of operations that only read.
const LOOKS: [&str; 13] = [
    "describe-",
    "get-",
    "list-",
    "head-",
    "lookup-",
    "filter-",
    "search-",
    "test-",
    "scan",
    "query",
    "wait",
    "tail",
    "ls",
];

/// Beginnings of operations that are not easily put back.
const DESTROYS: [&str; 27] = [
    "delete-",
    "terminate-",
    "stop-",
    "reboot-",
    "restore-",
    "failover-",
    "deregister-",
    "detach-",
    "disable-",
    "revoke-",
    "remove-",
    "purge-",
    "reset-",
    "rotate-",
    "promote-",
    "switchover-",
    "release-",
    "cancel-",
    "schedule-key-deletion",
    "change-resource-record-sets",
    "execute-change-set",
    "start-failover",
    "rm",
    "mv",
    "rb",
    "abort-",
    "batch-delete",
];

/// Operations that begin like those that destroy and do not.
const HARMLESS: [&str; 4] =
    ["stop-query", "restore-object", "cancel-key-deletion", "deregister-targets"];

/// Judges the words after `aws`.
pub(super) fn judged(words: &[&str]) -> Found {
    const VALUED: [&str; 8] = [
        "--region",
        "--profile",
        "--output",
        "--query",
        "--endpoint-url",
        "--ca-bundle",
        "--color",
        "--cli-read-timeout",
    ];
    let plain = program::plain(words, &VALUED);
    let mut plain = plain.iter();
    let (Some(service), operation) = (plain.next(), plain.next()) else {
        return Found::looks();
    };
    let Some(operation) = operation else { return Found::changes(service) };
    let has = |option: &str| words.contains(&option);
    let zero = program::SIZES
        .iter()
        .any(|option| program::value(words, option).is_some_and(|size| size.parse() == Ok(0_u64)));
    let at_once = has("--apply-immediately") || has("--force-failover") || has("--force");
    let mirrored = *service == "s3" && *operation == "sync" && has("--delete");
    let starts = |list: &[&str]| {
        list.iter().any(|start| {
            operation == start || (start.ends_with('-') && operation.starts_with(start))
        })
    };
    let named = format!("aws {service} {operation}");
    if zero || at_once || mirrored {
        return Found::destroys(&named);
    }
    // An automation is known by its document's name, as in a step of its own.
    let document = program::value(words, "--document-name").unwrap_or_default();
    let document = document.to_ascii_lowercase();
    if super::WORDS.iter().any(|word| document.contains(word)) {
        return Found::destroys(&named);
    }
    if HARMLESS.contains(operation) {
        return Found::changes(&named);
    }
    if starts(&DESTROYS) {
        return Found::destroys(&named);
    }
    if starts(&LOOKS) && !has("--with-decryption") {
        return Found::looks();
    }
    // Insights asks; it changes nothing.
    if *service == "logs" && *operation == "start-query" {
        return Found::looks();
    }
    Found::changes(&named)
}
