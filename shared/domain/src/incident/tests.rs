use super::*;
use crate::{ActorKind, MINUTE, Rejected, patch};
use expect_test::expect;
use proptest::prelude::*;
use std::fmt::Write as _;

mod edits;
mod severity;

fn at(minutes: i64) -> Timestamp {
    Timestamp::parse("2026-11-21T03:12:00Z").unwrap().plus(minutes.saturating_mul(MINUTE))
}

fn person() -> Actor {
    Actor { kind: ActorKind::User, id: "alice@example.com".to_owned() }
}

fn tenant() -> Tenant {
    Tenant::vouched("acme", crate::Voucher::Claims).unwrap()
}

/// An incident of severity `medium`, opened at 03:12 under the profile `sev`.
fn opened() -> Change<Incident> {
    let opening = Opening {
        id: IncidentId::at(at(0), [7; 10]),
        title: "Storage is slow".to_owned(),
        description: String::new(),
        severity: Severity::Medium,
        confirm_severity: false,
        extra: Extra::default(),
    };
    Incident::open(&tenant(), &Profile::sev(), opening, 0, &person(), at(0))
}

fn incident() -> Incident {
    opened().after
}

fn to(to: Status) -> Transition {
    Transition { to, rationale: None }
}

fn because(to: Status) -> Transition {
    Transition { to, rationale: Some("the disk was full".to_owned()) }
}

/// An incident that came to `status` step by step, one a minute.
fn in_status(status: Status) -> Incident {
    let mut incident = incident();
    for (minute, next) in Status::ALL.into_iter().enumerate().skip(1) {
        if incident.status >= status {
            break;
        }
        let minute = i64::try_from(minute).unwrap();
        incident = incident.transition(&to(next), &person(), at(minute)).unwrap().after;
    }
    incident
}

#[test]
fn every_transition_and_what_it_needs() {
    let mut table = String::new();
    for from in Status::ALL {
        for next in Status::ALL {
            let verdict = |incident: &Incident| {
                let plain = incident.transition(&to(next), &person(), at(60));
                let told = incident.transition(&because(next), &person(), at(60));
                match (plain, told) {
                    (Ok(plain), Ok(told)) => {
                        assert_eq!(plain.after, told.after);
                        format!("{:?}", plain.draft.kind)
                    }
                    (Err(Rejected::RationaleMissing { what }), Ok(_)) => format!("why? {what}"),
                    (Err(plain), Err(told)) => {
                        assert_eq!(plain, told);
                        assert_eq!(plain, Rejected::Transition { from, to: next });
                        "-".to_owned()
                    }
                    other => panic!("{from:?} {next:?} {other:?}"),
                }
            };
            let mitigated = verdict(&in_status(from));
            let never = Incident { mitigated_at: None, ..in_status(from) };
            let never = Some(verdict(&never)).filter(|text| *text != mitigated);
            let never = never.map(|text| format!("; never mitigated: {text}")).unwrap_or_default();
            let (from, next) = (from.name(), next.name());
            writeln!(table, "{from:<12} {next:<12} {mitigated}{never}").unwrap();
        }
    }
    expect![[r#"
        new          new          -
        new          acknowledged StatusChanged
        new          mitigating   why? skipping a status
        new          monitoring   why? skipping a status
        new          resolved     why? skipping a status
        new          closed       why? closing without mitigation
        acknowledged new          -
        acknowledged acknowledged -
        acknowledged mitigating   StatusChanged
        acknowledged monitoring   why? skipping a status
        acknowledged resolved     why? skipping a status
        acknowledged closed       why? closing without mitigation
        mitigating   new          -
        mitigating   acknowledged -
        mitigating   mitigating   -
        mitigating   monitoring   StatusChanged
        mitigating   resolved     why? skipping a status
        mitigating   closed       why? skipping a status; never mitigated: why? closing without mitigation
        monitoring   new          -
        monitoring   acknowledged -
        monitoring   mitigating   StatusChanged
        monitoring   monitoring   -
        monitoring   resolved     StatusChanged
        monitoring   closed       why? skipping a status; never mitigated: why? closing without mitigation
        resolved     new          -
        resolved     acknowledged -
        resolved     mitigating   StatusChanged
        resolved     monitoring   -
        resolved     resolved     -
        resolved     closed       IncidentClosed; never mitigated: why? closing without mitigation
        closed       new          -
        closed       acknowledged -
        closed       mitigating   -
        closed       monitoring   -
        closed       resolved     -
        closed       closed       -
    "#]].assert_eq(&table);
}

#[test]
fn what_a_transition_stamps() {
    let mut table = String::new();
    let mut note = |word: &str, incident: &Incident| {
        let minute = |at: Option<Timestamp>| {
            at.map_or("-".to_owned(), |at| (at.since(self::at(0)) / MINUTE).to_string())
        };
        let [acknowledged, mitigated, resolved, closed] = [
            incident.acknowledged_at,
            incident.mitigated_at,
            incident.resolved_at,
            incident.closed_at,
        ]
        .map(minute);
        let version = incident.version;
        writeln!(
            table,
            "{word:<22} v{version} ack {acknowledged:<3} mit {mitigated:<3} res {resolved:<3} closed {closed}"
        )
        .unwrap();
    };
    let mut one = incident();
    note("new", &one);
    let walk = [
        ("acknowledged", 1),
        ("mitigating", 2),
        ("monitoring", 3),
        ("mitigating", 4),
        ("monitoring", 5),
        ("resolved", 6),
        ("mitigating", 7),
        ("monitoring", 8),
        ("resolved", 9),
        ("closed", 10),
    ];
    for (name, minute) in walk {
        let next = Status::parse(name).unwrap();
        one = one.transition(&to(next), &person(), at(minute)).unwrap().after;
        note(name, &one);
    }
    let skipped = incident().transition(&because(Status::Resolved), &person(), at(1)).unwrap();
    note("skipped by a person", &skipped.after);
    let machine = Actor::service("sweep");
    let skipped = incident().transition(&because(Status::Resolved), &machine, at(1)).unwrap();
    note("skipped by a machine", &skipped.after);
    expect![[r#"
        new                    v1 ack -   mit -   res -   closed -
        acknowledged           v2 ack 1   mit -   res -   closed -
        mitigating             v3 ack 1   mit 2   res -   closed -
        monitoring             v4 ack 1   mit 2   res -   closed -
        mitigating             v5 ack 1   mit 2   res -   closed -
        monitoring             v6 ack 1   mit 2   res -   closed -
        resolved               v7 ack 1   mit 2   res 6   closed -
        mitigating             v8 ack 1   mit 2   res -   closed -
        monitoring             v9 ack 1   mit 2   res -   closed -
        resolved               v10 ack 1   mit 2   res 9   closed -
        closed                 v11 ack 1   mit 2   res 9   closed 10
        skipped by a person    v2 ack 1   mit -   res 1   closed -
        skipped by a machine   v2 ack -   mit -   res 1   closed -
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_blank_rationale_is_none_and_a_given_one_is_told_trimmed() {
    for blank in ["", " \t\n", "\u{3000}"] {
        let ask = Transition { to: Status::Closed, rationale: Some(blank.to_owned()) };
        let refused = incident().transition(&ask, &person(), at(1));
        let what = "closing without mitigation";
        assert_eq!(refused, Err(Rejected::RationaleMissing { what }), "{blank:?}");
    }
    let ask = Transition { to: Status::Closed, rationale: Some("  a false alarm\n".to_owned()) };
    let change = incident().transition(&ask, &person(), at(1)).unwrap();
    assert_eq!(change.draft.detail["rationale"], "a false alarm");
    assert_eq!(change.draft.kind, EventType::IncidentClosed);
}

#[test]
fn the_words_for_those_outside() {
    let mut table = String::new();
    for status in Status::ALL {
        let [unknown, known] = [false, true].map(|known| status.public_word(known));
        writeln!(table, "{:<12} {unknown:<13} {known}", status.name()).unwrap();
    }
    expect![[r#"
        new          Investigating Identified
        acknowledged Investigating Identified
        mitigating   Mitigating    Mitigating
        monitoring   Mitigating    Mitigating
        resolved     Resolved      Resolved
        closed       Resolved      Resolved
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_new_incident_stands_at_its_beginning() {
    let change = opened();
    let incident = &change.after;
    assert_eq!((change.before, change.draft.kind), (None, EventType::IncidentCreated));
    assert_eq!((incident.status, incident.version), (Status::New, 1));
    assert_eq!(incident.display_id, "INC-20261121-0312");
    assert_eq!((incident.home(), incident.profile.name.as_str()), ("acme", "sev"));
    assert_eq!(incident.sla_deadline, at(60));
    assert!(incident.rationale_required());
    let json = serde_json::to_value(incident).unwrap();
    assert_eq!(serde_json::from_value::<Incident>(json).unwrap(), *incident);
}

#[test]
fn it_began_when_that_is_known_or_else_when_it_was_seen() {
    let mut incident = incident();
    let opened = incident.created_at;
    (incident.started_at, incident.detected_at) = (None, None);
    assert_eq!(incident.began_at(), opened);
    incident.detected_at = Some(at(-5));
    assert_eq!(incident.began_at(), at(-5));
    incident.started_at = Some(at(-30));
    assert_eq!(incident.began_at(), at(-30));
}

proptest! {
    /// Whatever is asked of it, in whatever order: what the fields say stays true.
    #[test]
    fn a_walk_never_breaks_what_the_fields_say(
        asks in prop::collection::vec((0usize..6, any::<bool>(), any::<bool>()), 0..40)
    ) {
        let mut incident = incident();
        let mut folded = vec![patch::diff(&serde_json::json!({}), &serde_json::to_value(&incident).unwrap())];
        for (minute, (next, why, human)) in asks.into_iter().enumerate() {
            let next = Status::ALL[next];
            let actor = if human { person() } else { Actor::service("sweep") };
            let now = at(i64::try_from(minute).unwrap());
            let ask = if why { because(next) } else { to(next) };
            let Ok(change) = incident.transition(&ask, &actor, now) else { continue };
            let after = change.after;
            prop_assert_eq!(after.version, incident.version.saturating_add(1));
            prop_assert_eq!(after.status, next);
            prop_assert!(incident.status != Status::Closed);
            prop_assert!(after.resolved_at.is_none() || after.status >= Status::Resolved);
            prop_assert!(after.resolved_at.is_some() || after.status != Status::Resolved);
            prop_assert_eq!(after.closed_at.is_some(), after.status == Status::Closed);
            prop_assert!(incident.mitigated_at.is_none() || after.mitigated_at == incident.mitigated_at);
            prop_assert!(incident.acknowledged_at.is_none() || after.acknowledged_at == incident.acknowledged_at);
            prop_assert!(!human || after.acknowledged_at.is_some());
            prop_assert!(after.status != Status::Mitigating || after.mitigated_at.is_some());
            folded.push(patch::diff(
                &serde_json::to_value(&incident).unwrap(), &serde_json::to_value(&after).unwrap()));
            incident = after;
        }
        let mut state = serde_json::json!({});
        for one in &folded {
            patch::apply(&mut state, one);
        }
        prop_assert_eq!(state, serde_json::to_value(&incident).unwrap());
    }
}
