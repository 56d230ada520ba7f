use super::*;
use crate::DAY;
use expect_test::expect;
use std::fmt::Write as _;

fn built_in() -> [Profile; 3] {
    Profile::BUILT_IN.map(|name| Profile::built_in(name).unwrap())
}

#[test]
fn the_built_in_profiles() {
    let mut table = String::new();
    for profile in built_in() {
        writeln!(table, "{} {}", profile.name, profile.version).unwrap();
        for level in &profile.levels {
            let Level { severity, label, name, impact, .. } = level;
            writeln!(table, "  {label} {name} ({severity}): {impact}").unwrap();
            writeln!(table, "    such as {}", level.examples.join(", ")).unwrap();
            let respond = match level.response {
                Response::Within { minutes } => format!("within {minutes}"),
                Response::NextBusinessDay => "next business day".to_owned(),
            };
            let updates =
                level.update_every_minutes.map(|every| format!(", updates every {every}"));
            writeln!(table, "    {respond}{}", updates.unwrap_or_default()).unwrap();
            if !level.escalation.is_empty() {
                writeln!(table, "    {}", level.escalation.join(" > ")).unwrap();
            }
            if let Some(team) = &level.team {
                writeln!(table, "    {team}").unwrap();
            }
            if let Some(Notice { audience, within_minutes, update_every_minutes }) = &level.notice {
                let when = [("within", within_minutes), ("every", update_every_minutes)];
                write!(table, "    tell {audience:?}").unwrap();
                for (word, minutes) in when {
                    let Some(minutes) = minutes else { continue };
                    write!(table, " {word} {minutes}").unwrap();
                }
                table.push('\n');
            }
        }
    }
    expect![[r#"
        sev 1
          Sev1 Critical (critical): complete outage
            such as all production instances down, database unavailable, complete network failure
            within 5
            on-call engineer > team lead > CTO
          Sev2 High (high): major degradation
            such as partial instance failure, database connection issues, high latency
            within 15
            on-call engineer > team lead
          Sev3 Medium (medium): minor degradation
            such as single instance issue, monitoring alerts, non-critical errors
            within 60
            on-call engineer
          Sev4 Low (low): no customer impact
            such as warning logs, informational alerts
            next business day
        p 1
          P0 Critical (critical): complete outage
            such as API down, database failure
            within 15, updates every 15
            L1 support > L2 engineering > engineering lead > VP engineering
            incident commander and engineering lead
          P1 High (high): major functionality impaired
            such as healing strategies do not work, webhook failures
            within 60
            L1 support > L2 engineering > engineering lead > VP engineering
          P2 Medium (medium): minor functionality impaired
            such as dashboard issues, delayed notifications
            within 240
            L1 support > L2 engineering > engineering lead
          P3 Low (low): cosmetic or documentation
            such as cosmetic faults, errors in documentation
            within 1440
            L1 support
        p-business 1
          P0 Critical (critical): outage or severe breach
            such as total unavailability, data breach, database failure, exploited vulnerability
            within 15, updates every 15
            primary on-call > secondary on-call > engineering manager > CTO
            full incident response team and executives
            tell Customers within 0 every 30
          P1 High (high): major impairment, many users
            such as core features down, > 50 % of users degraded, corruption for several customers
            within 60
            primary on-call > secondary on-call > engineering manager
            core incident response team
            tell Customers within 120 every 30
          P2 Medium (medium): minor impairment, few users
            such as non-critical feature down, < 25 % of users slowed, minor inconsistency
            within 240
            primary on-call > secondary on-call > engineering manager
            technical lead and on-call engineer
            tell Stakeholders
          P3 Low (low): cosmetic
            such as cosmetic faults, errors in documentation, non-critical monitoring alerts
            next business day
            development team, in business hours
            tell Tracking
    "#]]
    .assert_eq(&table);
}

#[test]
fn when_somebody_must_have_responded() {
    // A Friday, ten minutes before midnight: the next business day is Monday.
    let opened = Timestamp::parse("2026-11-20T23:50:00Z").unwrap();
    let mut table = String::new();
    for profile in built_in() {
        for severity in Severity::ALL {
            let deadline = profile.deadline(severity, opened);
            let minutes = deadline.since(opened) / MINUTE;
            let label = &profile.level(severity).label;
            writeln!(table, "{:<11}{label:<5}{deadline} {minutes:>5}", profile.name).unwrap();
        }
    }
    expect![[r#"
        sev        Sev1 2026-11-20T23:55:00.000Z     5
        sev        Sev2 2026-11-21T00:05:00.000Z    15
        sev        Sev3 2026-11-21T00:50:00.000Z    60
        sev        Sev4 2026-11-23T17:00:00.000Z  3910
        p          P0   2026-11-21T00:05:00.000Z    15
        p          P1   2026-11-21T00:50:00.000Z    60
        p          P2   2026-11-21T03:50:00.000Z   240
        p          P3   2026-11-21T23:50:00.000Z  1440
        p-business P0   2026-11-21T00:05:00.000Z    15
        p-business P1   2026-11-21T00:50:00.000Z    60
        p-business P2   2026-11-21T03:50:00.000Z   240
        p-business P3   2026-11-23T17:00:00.000Z  3910
    "#]]
    .assert_eq(&table);
    assert_eq!(Profile::p().deadline(Severity::Low, opened), opened.plus(DAY));
}

#[test]
fn built_in_profiles_are_in_order_and_read_back() {
    for profile in built_in() {
        assert_eq!(profile.check(), [], "{}", profile.name);
        for (level, severity) in profile.levels.iter().zip(Severity::ALL) {
            assert_eq!((level, level.severity), (profile.level(severity), severity));
            assert_eq!(Severity::parse_label(&level.label), Some(severity), "at any door");
        }
        let text = serde_json::to_string(&profile).unwrap();
        assert!(!text.contains("null"), "records never hold null");
        assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
    }
    assert_eq!(Profile::built_in("none"), None);
    expect![[r#"
        {
          "severity": "critical",
          "label": "P0",
          "name": "Critical",
          "impact": "outage or severe breach",
          "examples": [
            "total unavailability",
            "data breach",
            "database failure",
            "exploited vulnerability"
          ],
          "response": {
            "within": {
              "minutes": 15
            }
          },
          "update_every_minutes": 15,
          "escalation": [
            "primary on-call",
            "secondary on-call",
            "engineering manager",
            "CTO"
          ],
          "team": "full incident response team and executives",
          "notice": {
            "audience": "customers",
            "within_minutes": 0,
            "update_every_minutes": 30
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&Profile::p_business().levels[0]).unwrap());
    expect![[r#"{"utc_offset_minutes":0,"workdays":["monday","tuesday","wednesday","thursday","friday"],"opens":"09:00","closes":"17:00"}"#]].assert_eq(&serde_json::to_string(&Profile::sev().calendar).unwrap());
    let extra = serde_json::to_string(&Profile::p()).unwrap().replacen('{', r#"{"more":1,"#, 1);
    assert!(serde_json::from_str::<Profile>(&extra).is_err(), "a misspelt field is no field");
}

#[test]
fn a_profile_reads_its_own_labels_first() {
    let mut profile = Profile::p();
    for (level, label) in profile.levels.iter_mut().zip(["P1", "P2", "P3", "P4"]) {
        level.label = label.to_owned();
    }
    assert_eq!(profile.parse_label("p1"), Some(Severity::Critical));
    assert_eq!(profile.parse_label(" P4 "), Some(Severity::Low));
    assert_eq!(
        profile.parse_label("P0"),
        Some(Severity::Critical),
        "nobody else's, so everybody's"
    );
    assert_eq!(profile.parse_label("sev2"), Some(Severity::High));
    assert_eq!(profile.parse_label("P5"), None);
}

#[test]
fn a_profile_says_all_that_is_wrong_with_it() {
    let mut profile = Profile::p_business();
    profile.name = "P Business".to_owned();
    profile.version = 0;
    profile.calendar.workdays.clear();
    let [critical, high, medium, low] = &mut profile.levels;
    critical.response = Response::Within { minutes: 0 };
    critical.label = " ".to_owned();
    critical.update_every_minutes = Some(0);
    critical.notice.as_mut().unwrap().within_minutes = Some(43_201);
    critical.notice.as_mut().unwrap().update_every_minutes = Some(1441);
    high.severity = Severity::Medium;
    high.impact = "two\nlines".to_owned();
    high.response = Response::NextBusinessDay;
    medium.label = "p1".to_owned();
    medium.escalation = vec!["x".to_owned(); 21];
    medium.examples = vec![String::new()];
    low.team = Some("x".repeat(201));
    let mut table = String::new();
    for crate::Problem { field, problem } in profile.check() {
        writeln!(table, "{field} {problem}").unwrap();
    }
    expect![[r#"
        name must be 1 to 40 of a-z, 0-9 or `-`
        version must be 1 or more
        levels[0].label must be one line of 1 to 20 characters
        levels[0].response.within.minutes must be 1 to 43200
        levels[0].update_every_minutes must be 1 to 1440
        levels[0].notice.within_minutes must be 0 to 43200
        levels[0].notice.update_every_minutes must be 1 to 1440
        levels[1].severity must be `high`: the most severe comes first
        levels[1].impact must be one line of 1 to 500 characters
        levels[2].examples must be at most 20 lines of 1 to 200 characters
        levels[2].escalation must be at most 20 lines of 1 to 200 characters
        levels[2].label is another severity's as well
        levels[3].team must be one line of 1 to 200 characters
        levels[2].response must not be sooner than that of a more severe level
        calendar.workdays must name a day
    "#]]
    .assert_eq(&table);
}
