use super::*;
use crate::{IncidentId, MINUTE, Status};
use expect_test::expect;
use std::fmt::Write as _;

fn at(minutes: i64) -> Timestamp {
    Timestamp::parse("2026-11-21T03:00:00Z").unwrap().plus(minutes.saturating_mul(MINUTE))
}

fn alarm(state: AlarmState, minutes: i64) -> Alarm {
    Alarm {
        source: Source::Cloudwatch,
        arn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm:Cpu".into(),
        name: "Cpu".into(),
        account: "123456789012".into(),
        region: "us-east-1".into(),
        contributor: None,
        state,
        at: at(minutes),
        reason: String::new(),
        description: String::new(),
        dimensions: [("InstanceId".to_owned(), "i-1".to_owned())].into(),
        tags: [("service".to_owned(), "storage".to_owned())].into(),
        suppressed_by: None,
        triggered_by: Vec::new(),
        configuration: false,
    }
}

fn open(state: AlarmState, minutes: i64) -> Open {
    let incident = IncidentId::at(at(0), [1; 10]);
    Open {
        incident: Some(incident),
        last_state: state,
        last_at: at(minutes),
        generation: 1,
        count: 1,
    }
}

#[test]
fn every_transition_has_one_outcome() {
    let mut table = String::new();
    for status in [None].into_iter().chain(Status::ALL.map(Some)) {
        for state in [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData] {
            let resolved = status.filter(|s| *s >= Status::Resolved).map(|_| at(5));
            let known = status.map(|status| Known { status, resolved_at: resolved });
            let item = open(AlarmState::Alarm, 1);
            let ruling = rule(&alarm(state, 10), known.map(|_| &item), known, 30);
            let text = match ruling {
                Ruling::Open { previous } => format!("open, previous: {}", previous.is_some()),
                Ruling::Record { why } => format!("record: {why}"),
                other @ (Ruling::Attach | Ruling::Reopen | Ruling::Clear) => {
                    format!("{other:?}").to_lowercase()
                }
            };
            let status = status.map_or("nothing", Status::name);
            writeln!(table, "{status:<12} {:<17} {text}", state.name()).unwrap();
        }
    }
    expect![[r#"
        nothing      ALARM             open, previous: false
        nothing      OK                record: nothing is open for it
        nothing      INSUFFICIENT_DATA record: insufficient data
        new          ALARM             attach
        new          OK                clear
        new          INSUFFICIENT_DATA record: insufficient data
        acknowledged ALARM             attach
        acknowledged OK                clear
        acknowledged INSUFFICIENT_DATA record: insufficient data
        mitigating   ALARM             attach
        mitigating   OK                clear
        mitigating   INSUFFICIENT_DATA record: insufficient data
        monitoring   ALARM             attach
        monitoring   OK                clear
        monitoring   INSUFFICIENT_DATA record: insufficient data
        resolved     ALARM             reopen
        resolved     OK                record: nothing is open for it
        resolved     INSUFFICIENT_DATA record: insufficient data
        closed       ALARM             open, previous: true
        closed       OK                record: nothing is open for it
        closed       INSUFFICIENT_DATA record: insufficient data
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_reopen_window_ends() {
    let item = open(AlarmState::Ok, 1);
    let known = Known { status: Status::Resolved, resolved_at: Some(at(5)) };
    assert_eq!(rule(&alarm(AlarmState::Alarm, 35), Some(&item), Some(known), 30), Ruling::Reopen);
    let late = rule(&alarm(AlarmState::Alarm, 36), Some(&item), Some(known), 30);
    assert_eq!(late, Ruling::Open { previous: item.incident });
}

#[test]
fn what_comes_late_changes_nothing() {
    let item = open(AlarmState::Ok, 20);
    let known = Known { status: Status::New, resolved_at: None };
    let ruling = rule(&alarm(AlarmState::Alarm, 10), Some(&item), Some(known), 30);
    assert_eq!(ruling, Ruling::Record { why: "older than the newest transition seen" });
}

#[test]
fn suppressed_and_configuration_open_nothing() {
    let suppressed = Alarm { suppressed_by: Some("Parent".into()), ..alarm(AlarmState::Alarm, 1) };
    assert!(matches!(rule(&suppressed, None, None, 30), Ruling::Record { .. }));
    let configuration = Alarm { configuration: true, ..alarm(AlarmState::Alarm, 1) };
    assert!(matches!(rule(&configuration, None, None, 30), Ruling::Record { .. }));
}

#[test]
fn a_drill_shares_no_key_with_the_real_thing() {
    let real = alarm(AlarmState::Alarm, 1);
    let drill = Alarm { source: Source::Drill, ..real.clone() };
    assert_ne!(real.key(None), drill.key(None));
    assert_ne!(real.key(Some("storage")), drill.key(Some("storage")));
    assert_ne!(real.event_id(), drill.event_id());
    assert_ne!(real.event_id(), alarm(AlarmState::Ok, 1).event_id());
    assert_eq!(real.key(None), alarm(AlarmState::Ok, 9).key(None));
}

#[test]
fn variables_name_what_the_alarm_has() {
    let alarm = alarm(AlarmState::Alarm, 1);
    assert_eq!(alarm.variable("tag.service"), Some("storage"));
    assert_eq!(alarm.variable("dimension.InstanceId"), Some("i-1"));
    assert_eq!(alarm.variable("tag.absent"), None);
    assert_eq!(alarm.variable("secret"), None);
}

#[test]
fn an_alarm_that_comes_after_its_own_ok_opens_all_the_same() {
    let ok = alarm(AlarmState::Ok, 20);
    let item = Open::after(None, &ok, None);
    let late = alarm(AlarmState::Alarm, 10);
    assert_eq!(rule(&late, Some(&item), None, 30), Ruling::Open { previous: None });
    let after = Open::after(Some(&item), &late, Some(IncidentId::at(at(10), [2; 10])));
    assert_eq!((after.last_state, after.last_at), (AlarmState::Ok, at(20)), "OK stays the newest");
    assert_eq!((after.count, after.generation), (1, 2));
    // One that belongs to the time before the incident was resolved is only recorded.
    let known = Known { status: Status::Resolved, resolved_at: Some(at(15)) };
    assert!(matches!(rule(&late, Some(&item), Some(known), 30), Ruling::Record { .. }));
    let later = Known { status: Status::Closed, resolved_at: Some(at(5)) };
    assert!(matches!(rule(&late, Some(&item), Some(later), 30), Ruling::Open { .. }));
}

#[test]
fn a_muted_alarm_is_another_transition_than_the_one_that_speaks() {
    let speaks = alarm(AlarmState::Alarm, 1);
    let muted = Alarm { suppressed_by: Some("Mute".into()), ..speaks.clone() };
    assert_ne!(speaks.event_id(), muted.event_id());
}
