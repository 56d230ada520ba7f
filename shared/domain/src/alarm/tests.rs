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
        metric: None,
        dimensions: [("InstanceId".to_owned(), "i-1".to_owned())].into(),
        tags: [("service".to_owned(), "storage".to_owned())].into(),
        identity: None,
        suppressed_by: None,
        triggered_by: Vec::new(),
        configuration: false,
    }
}

fn open(state: AlarmState, minutes: i64) -> Open {
    let incident = IncidentId::at(at(0), [1; 10]);
    Open::after(None, &alarm(state, minutes), Some(incident))
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
    let newest = Newest { state: AlarmState::Ok, at: at(20) };
    assert_eq!(after.newest(&late), Some(newest), "OK stays the newest");
    assert!(after.is_quiet());
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

#[test]
fn the_quiet_period_of_a_group_starts_with_the_last_of_them() {
    let other = |state, minutes| Alarm { arn: "arn:other".into(), ..alarm(state, minutes) };
    let known = Some(Known { status: Status::New, resolved_at: None });
    let incident = Some(IncidentId::at(at(0), [1; 10]));
    let one = Open::after(None, &alarm(AlarmState::Alarm, 1), incident);
    let both = Open::after(Some(&one), &other(AlarmState::Alarm, 2), incident);
    let well = alarm(AlarmState::Ok, 3);
    let why = "another alarm of its key is not OK";
    assert_eq!(rule(&well, Some(&both), known, 30), Ruling::Record { why });
    let left = remember(&well, Some(&both)).unwrap();
    assert!(!left.is_quiet());
    assert_eq!(rule(&other(AlarmState::Ok, 4), Some(&left), known, 30), Ruling::Clear);
    // One is not late because another was heard of since.
    assert_eq!(rule(&other(AlarmState::Alarm, 2), Some(&left), known, 30), Ruling::Attach);
    let unknown = remember(&other(AlarmState::InsufficientData, 4), Some(&left)).unwrap();
    assert!(!unknown.is_quiet(), "one that nobody knows of is not OK");
}

#[test]
fn what_is_remembered_when_nothing_changes_for_the_incident() {
    let open = open(AlarmState::Ok, 5);
    let mut table = String::new();
    let muted =
        |minutes| Alarm { suppressed_by: Some("Mute".into()), ..alarm(AlarmState::Alarm, minutes) };
    let changed = Alarm { configuration: true, ..alarm(AlarmState::Ok, 9) };
    for (word, came) in [
        ("OK", alarm(AlarmState::Ok, 9)),
        ("an older OK", alarm(AlarmState::Ok, 4)),
        ("nobody knows", alarm(AlarmState::InsufficientData, 9)),
        ("muted", muted(9)),
        ("muted, older", muted(4)),
        ("a configuration", changed),
    ] {
        let [known, unknown] = [Some(&open), None].map(|open| {
            remember(&came, open)
                .map_or("as it was", |open| if open.is_quiet() { "quiet" } else { "not quiet" })
        });
        writeln!(table, "{word:<16} of a quiet key: {known:<10} of an unknown one: {unknown}")
            .unwrap();
    }
    expect![[r#"
        OK               of a quiet key: quiet      of an unknown one: quiet
        an older OK      of a quiet key: as it was  of an unknown one: quiet
        nobody knows     of a quiet key: not quiet  of an unknown one: as it was
        muted            of a quiet key: not quiet  of an unknown one: as it was
        muted, older     of a quiet key: as it was  of an unknown one: as it was
        a configuration  of a quiet key: as it was  of an unknown one: as it was
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_key_remembers_a_hundred_alarms_and_forgets_those_that_are_well_first() {
    let named =
        |n: usize, state, minutes| Alarm { arn: format!("arn:{n}"), ..alarm(state, minutes) };
    let mut open = None;
    for n in 0..60 {
        let well = named(n, AlarmState::Ok, i64::try_from(n).unwrap());
        open = Some(Open::after(open.as_ref(), &well, None));
    }
    for n in 60..140 {
        open = Some(Open::after(open.as_ref(), &named(n, AlarmState::Alarm, 1), None));
    }
    let open = open.unwrap();
    let known = |n| open.newest(&named(n, AlarmState::Ok, 0)).is_some();
    assert_eq!(open.members.len(), 100);
    assert!(
        (0..40).all(|n| !known(n)) && (40..140).all(known),
        "the oldest that are well are gone"
    );
}

#[test]
fn an_arn_tells_what_its_alarm_is_called() {
    for (arn, name) in [
        ("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:disk full", "disk full"),
        ("arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:a:b", "a:b"),
        ("hook:generic:int_aaaaaaaaaaaaaaaa:web:slow", "web:slow"),
        ("something else", "something else"),
    ] {
        assert_eq!(called(arn), name);
    }
}

proptest::proptest! {
    /// Whatever the order: what is newest of each alarm is what is remembered of it.
    #[test]
    fn the_newest_of_each_is_remembered_in_any_order(
        came in proptest::collection::vec((0usize..3, 0i64..20, 0usize..3), 1..30)
    ) {
        const STATES: [AlarmState; 3] =
            [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData];
        let all: Vec<Alarm> = came.iter().map(|(who, minute, state)| Alarm {
            arn: format!("arn:{who}"),
            ..alarm(STATES[*state], *minute)
        }).collect();
        let mut open: Option<Open> = None;
        for one in &all {
            open = Some(Open::after(open.as_ref(), one, None));
        }
        let open = open.unwrap();
        for one in &all {
            let newest = all.iter().filter(|other| other.arn == one.arn).map(|other| other.at).max();
            proptest::prop_assert_eq!(open.newest(one).map(|newest| newest.at), newest);
        }
        proptest::prop_assert_eq!(open.generation, u64::try_from(all.len()).unwrap());
    }
}
