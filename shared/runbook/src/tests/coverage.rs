//! Which content of the procedures the shipped runbooks hold, by the ids of the inventory.

use super::shipped::SHIPPED;
use expect_test::expect;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What is content (C) or an example command (X) of each group, and what is asked for beside it.
const WANTED: &[(&str, &[&str])] = &[
    ("S1", &["10-14", "17-19", "21-31", "33-37", "41-45"]),
    ("S2", &["8", "12-25", "27-29"]),
    ("S3", &["63-72", "88"]),
    ("S4", &["11-13", "15-17", "24-26", "33-34"]),
];

fn wanted() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (group, ranges) in WANTED {
        for range in *ranges {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
            ids.extend((from..=to).map(|id| format!("{group}-{id:02}")));
        }
    }
    ids
}

#[test]
fn every_id_is_held_by_a_shipped_runbook() {
    let mut held: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in SHIPPED.iter() {
        assert!(!one.spec.sources.is_empty(), "{} names no source", one.name);
        for id in &one.spec.sources {
            held.entry(id).or_default().push(&one.name);
        }
    }
    let missing: Vec<String> =
        wanted().into_iter().filter(|id| !held.contains_key(id.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new());
    let mut table = String::new();
    for (id, names) in held {
        writeln!(table, "{id} {}", names.join(", ")).unwrap();
    }
    expect![[r#"
        S1-10 sev-1-detection
        S1-11 sev-2-assessment
        S1-12 sev-3-containment
        S1-13 sev-4-resolution
        S1-14 sev-5-recovery-verification
        S1-17 sev-1-detection
        S1-18 sev-1-detection
        S1-19 sev-1-detection
        S1-20 sev-1-detection
        S1-21 sev-2-assessment
        S1-22 sev-2-assessment
        S1-23 sev-2-assessment
        S1-24 sev-2-assessment
        S1-25 after-the-incident, sev-1-detection, sev-2-assessment
        S1-26 contain-instance
        S1-27 contain-database
        S1-28 contain-network
        S1-29 sev-4-resolution
        S1-30 rollback-by-commit
        S1-31 sev-5-recovery-verification
        S1-32 communicate-sev-initial, communicate-sev-resolution, communicate-sev-update, sev-5-recovery-verification
        S1-33 end-process, high-cpu
        S1-34 application-redeploy, database-connections-exhausted, database-larger-instance, database-raise-connections
        S1-35 disk-full
        S1-36 after-the-incident, database-connections-exhausted, disk-full, high-cpu, mitigation-catalogue, p0-containment, sev-3-containment, sev-4-resolution
        S1-37 server-errors
        S1-38 after-the-incident
        S1-39 after-the-incident
        S1-40 after-the-incident
        S1-41 after-the-incident
        S1-42 communicate-sev-initial
        S1-43 communicate-sev-update
        S1-44 communicate-sev-resolution
        S1-45 database-connections-exhausted, disk-full, high-cpu, high-response-times, memory-high, server-errors
        S2-08 p0-immediate
        S2-09 p0-immediate
        S2-10 p0-resolution
        S2-11 p0-immediate
        S2-12 p0-immediate
        S2-13 p0-investigation
        S2-14 p0-containment
        S2-15 p0-resolution
        S2-16 healing-strategies-failing
        S2-17 webhook-processing-failures
        S2-18 high-response-times
        S2-19 memory-high
        S2-20 database-corruption
        S2-21 configuration-corruption
        S2-22 unauthorized-access
        S2-23 communicate-p-initial
        S2-24 communicate-p-update
        S2-25 communicate-p-resolution
        S2-27 post-incident-24-hours
        S2-28 post-incident-first-week
        S2-29 post-incident-first-month
        S3-63 evidence-storage-latency-triage
        S3-64 evidence-storage-latency-triage
        S3-65 evidence-storage-latency-triage
        S3-66 evidence-storage-latency-triage
        S3-67 evidence-storage-latency-triage
        S3-68 evidence-storage-latency-triage
        S3-69 evidence-storage-latency-triage
        S3-70 evidence-storage-latency-triage
        S3-71 evidence-storage-latency-triage
        S3-72 evidence-storage-latency-triage
        S3-88 watchfire-backlog-drain, watchfire-degraded, watchfire-executions-stuck, watchfire-more-readers
        S4-11 checklist-first-15-minutes
        S4-12 checklist-15-to-30-minutes
        S4-13 checklist-15-to-30-minutes, checklist-first-15-minutes
        S4-15 investigation-collector
        S4-16 root-cause-analysis
        S4-17 mitigation-catalogue
        S4-24 recovery-verification
        S4-25 recovery-verification
        S4-26 data-integrity-verification
        S4-33 disaster-recovery-activation
        S4-34 disaster-recovery-activation
    "#]].assert_eq(&table);
}
