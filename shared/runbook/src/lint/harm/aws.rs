//! The AWS command line.

use super::{Found, script, sql, text};
use crate::lint::program;

/// Beginnings of operations that only read.
const LOOKS: [&str; 18] = [
    "describe-",
    "get-",
    "batch-get-",
    "list-",
    "head-",
    "lookup-",
    "filter-",
    "search-",
    "scan",
    "query",
    "wait",
    "tail",
    "ls",
    // What tries something out without doing it; `test-failover` does it.
    "simulate-principal-policy",
    "simulate-custom-policy",
    "test-metric-filter",
    "test-event-pattern",
    "test-dns-answer",
];

/// Words of operations that are not easily put back, wherever in the name they stand.
const DESTROYS: [&str; 61] = [
    "delete",
    "deletion",
    "terminate",
    "stop",
    "reboot",
    "restore",
    "recovery",
    "failover",
    "failback",
    "switchover",
    "deregister",
    "detach",
    "disable",
    "disassociate",
    "revoke",
    "remove",
    "purge",
    "reset",
    "rotate",
    "promote",
    "release",
    "cancel",
    "abort",
    "rollback",
    "decrease",
    "resize",
    "pause",
    "shutdown",
    "deactivate",
    "flush",
    "wipe",
    "destroy",
    "rm",
    "mv",
    "rb",
    // What expires by a rule, or is kept no longer.
    "lifecycle",
    "retention",
    "update-time-to-live",
    // What rewrites where requests go, or the whole of what serves.
    "swap",
    "replace",
    "nameservers",
    "zonal",
    "change-resource-record-sets",
    "execute-change-set",
    "update-stack",
    "deploy",
    "start-experiment",
    "backtrack",
    "rebuild",
    "close-account",
    "start-instance-refresh",
    "send-diagnostic-interrupt",
    "apply-pending-maintenance-action",
    "set-instance-health",
    "update-container-instances-state",
    "update-access-key",
    "associate-address",
    "update-health-check",
    "update-base-path-mapping",
    "update-service-primary-task-set",
    "update-accelerator",
];

/// What such operations decide where requests go by: changed, it reroutes them.
const ROUTES: [&str; 9] = [
    "listener",
    "rule",
    "route",
    "routing",
    "traffic",
    "alias",
    "aliases",
    "endpoint",
    "distribution",
];

/// Operations that have such a word and do no worse than change.
const HARMLESS: [&str; 8] = [
    "stop-query",
    "restore-object",
    "cancel-key-deletion",
    "deregister-targets",
    "put-lifecycle-hook",
    "complete-lifecycle-action",
    "record-lifecycle-action-heartbeat",
    "update-rule-metadata",
];

/// Options that say how long something is kept: at nought it is gone.
const KEPT: [&str; 3] = [
    "--backup-retention-period",
    "--automated-snapshot-retention-period",
    "--snapshot-retention-limit",
];

/// Options that name what somebody made, which says what it does.
const OWN: [&str; 6] = [
    "--function-name",
    "--state-machine-arn",
    "--project-name",
    "--task-definition",
    "--job-definition",
    "--job-name",
];

/// Options that carry SQL.
const SQL: [&str; 6] =
    ["--sql", "--sqls", "--statement", "--statements", "--query-string", "--cli-input-json"];

/// Judges the words after `aws`.
pub(super) fn judged(words: &[&str]) -> Found {
    let (service, operation) = operation(words);
    let named = format!("aws {service} {operation}");
    if operation.is_empty() {
        return if service.is_empty() { Found::looks() } else { Found::changes(service) };
    }
    let has = |option: &str| words.contains(&option);
    let value = |option: &str| program::value(words, option);
    // `0`, and `minSize=0,desiredSize=0`.
    let none = |size: &str| size.rsplit('=').next().is_some_and(|size| size.parse() == Ok(0_u64));
    let zero = |option: &&str| value(option).is_some_and(|sizes| sizes.split(',').any(none));
    let gone = program::SIZES.iter().chain(&KEPT).any(zero);
    let at_once = has("--apply-immediately") || has("--force-failover") || has("--force");
    let mirrored = service == "s3" && operation == "sync" && has("--delete");
    // It says what it would do.
    if has("--dryrun") || has("--dry-run") {
        return Found::looks();
    }
    // A batch of writes names those that take away.
    let batch = operation.contains("write")
        && words.iter().any(|word| word.contains("DeleteRequest") || word.contains("\"Delete\""));
    if gone || at_once || mirrored || batch {
        return Found::destroys(&named);
    }
    // An automation is known by its document's name, as in a step of its own.
    let document = value("--document-name").unwrap_or_default().to_ascii_lowercase();
    if super::WORDS.iter().any(|word| document.contains(word)) {
        return Found::destroys(&named);
    }
    // So is whatever else of somebody's own is run.
    let runs = ["invoke", "run", "start", "submit"].iter().any(|verb| operation.starts_with(verb));
    let named_so = |option: &&str| value(option).and_then(text::destroying).is_some();
    if runs && OWN.iter().any(named_so) {
        return Found::destroys(&named);
    }
    if HARMLESS.contains(&operation) {
        return Found::changes(&named);
    }
    // To take a task is to be the one who does it.
    let starts = |start: &&str| {
        operation == *start || (start.ends_with('-') && operation.starts_with(start))
    };
    if LOOKS.iter().any(starts) && operation != "get-activity-task" {
        return Found::looks();
    }
    // Insights asks; it changes nothing.
    if service == "logs" && operation == "start-query" {
        return Found::looks();
    }
    let parts: Vec<&str> = operation.split('-').collect();
    let destroys = DESTROYS.iter().any(|word| parts.contains(word) || operation == *word);
    let rewrites = ["modify", "replace", "set", "update", "change", "associate"];
    let rewrites = parts.first().is_some_and(|verb| rewrites.contains(verb));
    let reroutes = rewrites && ROUTES.iter().any(|word| parts.contains(word));
    if destroys || reroutes {
        return Found::destroys(&named);
    }
    let asked = SQL.iter().flat_map(|option| values(words, option));
    let asked = asked.flat_map(script::lines).map(|text| sql::judged(&text));
    // What a task runs in place of its own.
    let run = values(words, "--overrides").into_iter().flat_map(script::lines);
    let run = run.map(|text| text::of_text(&text));
    asked.chain(run).fold(Found::changes(&named), Found::worse)
}

/// All that a command says for an option, up to the next one: `--sqls "SELECT 1" "SELECT 2"`.
fn values<'a>(words: &[&'a str], option: &str) -> Vec<&'a str> {
    let more = words.iter().skip_while(|word| **word != option).skip(1);
    let more = more.take_while(|word| !word.starts_with("--")).copied();
    program::value(words, option).into_iter().chain(more).collect()
}

/// The service and the operation of the words after `aws`; empty, where there is none.
pub(in crate::lint) fn operation<'a>(words: &[&'a str]) -> (&'a str, &'a str) {
    const VALUED: [&str; 10] = [
        "--region",
        "--profile",
        "--output",
        "--query",
        "--endpoint-url",
        "--ca-bundle",
        "--color",
        "--cli-read-timeout",
        "--cli-connect-timeout",
        "--cli-binary-format",
    ];
    let plain = program::plain(words, &VALUED);
    let at = |at: usize| plain.get(at).copied().unwrap_or("");
    (at(0), at(1))
}
