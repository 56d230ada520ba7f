//! Which runbook is suggested for which alarm.

use super::shipped::SHIPPED;
use crate::link::{About, Purpose, advice, suggest};
use crate::matrix::Row;
use expect_test::expect;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

fn purposes() -> Vec<Purpose> {
    SHIPPED.iter().map(|one| Purpose::of(&one.spec)).collect()
}

#[test]
fn the_quick_reference_leads_to_a_runbook_for_each_of_its_rows() {
    let purposes = purposes();
    let mut table = String::new();
    for (name, metric) in [
        ("storage_latency_high", None),
        ("prod-web-1 CPU", Some("CPUUtilization")),
        ("web memory", Some("mem_used_percent")),
        ("root volume", Some("disk_used_percent")),
        ("orders-db storage", Some("FreeStorageSpace")),
        ("alb errors", Some("HTTPCode_Target_5XX_Count")),
        ("api 5xx rate", None),
        ("api p99 latency", None),
        ("prod-database", Some("DatabaseConnections")),
        ("High CPU", None),
        ("Memory high", None),
        ("Disk full", None),
        ("5xx errors", None),
        ("High latency", None),
        ("DB connection", None),
        ("the coffee is out", None),
    ] {
        let about = About { name, metric, ..About::default() };
        let found = suggest(&purposes, &about);
        let named: Vec<String> =
            found.iter().map(|one| format!("{} ({:?})", one.runbook, one.reason)).collect();
        let row = Row::of(name, metric).map_or("-", Row::name);
        writeln!(table, "{name}, {}: {row}: {}", metric.unwrap_or("-"), named.join(", ")).unwrap();
    }
    expect![[r#"
        storage_latency_high, -: high_latency: evidence-storage-latency-triage (Alarm), high-response-times (Matrix)
        prod-web-1 CPU, CPUUtilization: high_cpu: high-cpu (Metric)
        web memory, mem_used_percent: memory_high: memory-high (Metric)
        root volume, disk_used_percent: disk_full: disk-full (Metric)
        orders-db storage, FreeStorageSpace: disk_full: disk-full (Metric)
        alb errors, HTTPCode_Target_5XX_Count: errors_5xx: server-errors (Metric)
        api 5xx rate, -: errors_5xx: server-errors (Matrix)
        api p99 latency, -: high_latency: high-response-times (Matrix)
        prod-database, DatabaseConnections: db_connection: database-connections-exhausted (Metric)
        High CPU, -: high_cpu: high-cpu (Matrix)
        Memory high, -: memory_high: memory-high (Matrix)
        Disk full, -: disk_full: disk-full (Matrix)
        5xx errors, -: errors_5xx: server-errors (Matrix)
        High latency, -: high_latency: high-response-times (Matrix)
        DB connection, -: db_connection: database-connections-exhausted (Matrix)
        the coffee is out, -: -: 
    "#]].assert_eq(&table);
    for row in Row::ALL {
        assert!(purposes.iter().any(|one| one.for_.matrix.contains(&row)), "{}", row.name());
        let advised = advice(&About { name: row.advice().alert, ..About::default() });
        assert_eq!(advised, Some(row.advice()));
    }
}

#[test]
fn the_plan_comes_first_then_what_the_runbook_names() {
    let purposes = purposes();
    let tags = BTreeMap::from([("component".to_owned(), "watchfire".to_owned())]);
    let plan = BTreeSet::from(["server-errors".to_owned(), "no-such-runbook".to_owned()]);
    let about = About {
        name: "storage_latency_high:A1",
        metric: Some("CPUUtilization"),
        tags: Some(&tags),
        plan: Some(&plan),
    };
    let found: Vec<String> = suggest(&purposes, &about)
        .into_iter()
        .map(|one| format!("{:?} {}", one.reason, one.runbook))
        .collect();
    assert_eq!(
        found,
        [
            "Plan server-errors",
            "Alarm evidence-storage-latency-triage",
            "Metric high-cpu",
            "Tag watchfire-backlog-drain",
            "Tag watchfire-degraded",
            "Tag watchfire-executions-stuck",
        ]
    );
}

/// An incident links ten at most: a procedure's phases are not pushed out by its messages.
#[test]
fn the_tag_of_a_profile_leads_to_its_first_message_alone() {
    let purposes = purposes();
    let mut table = String::new();
    for profile in ["sev", "p"] {
        let tags = BTreeMap::from([("profile".to_owned(), profile.to_owned())]);
        let about = About { name: "x", tags: Some(&tags), ..About::default() };
        let found: Vec<String> =
            suggest(&purposes, &about).into_iter().take(10).map(|one| one.runbook).collect();
        writeln!(table, "{profile}: {}", found.join(", ")).unwrap();
    }
    expect![[r#"
        sev: communicate-sev-initial, rollback-by-commit, sev-1-detection, sev-2-assessment, sev-3-containment, sev-4-resolution, sev-5-recovery-verification
        p: communicate-p-initial, configuration-corruption, database-corruption, healing-strategies-failing, high-response-times, memory-high, p0-containment, p0-immediate, p0-investigation, p0-resolution
    "#]].assert_eq(&table);
}
