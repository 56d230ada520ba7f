//! Everything else that can be changed.

use super::*;
use serde_json::json;

fn edit(value: serde_json::Value) -> Edit {
    serde_json::from_value(value).unwrap()
}

#[test]
fn an_edit_changes_what_it_names_and_remembers_the_hand() {
    let everything = edit(json!({
        "title": "t", "description": "d", "kind": "data_corruption", "tags": {"a": "b"},
        "number": "7", "started_at": "2026-11-21T03:00:00Z", "detected_at": "2026-11-21T03:01:00Z",
        "affected_users_percent": 12.5, "service_impact": "s",
    }));
    let change = incident().edit(everything.clone(), &person()).unwrap();
    expect![[r#"["title","description","kind","tags","number","started_at","detected_at","affected_users_percent","service_impact"]"#]].assert_eq(&change.draft.detail["fields"].to_string());
    let by_hand = change.after.by_hand.iter().cloned().collect::<Vec<_>>().join(" ");
    expect!["affected_users_percent description detected_at kind number service_impact started_at tags title"].assert_eq(&by_hand);
    let machine = incident().edit(everything, &Actor::service("sweep")).unwrap();
    assert_eq!(machine.after.by_hand, BTreeSet::new());
    let unnamed = incident().edit(edit(json!({"title": "t"})), &person()).unwrap().after;
    assert_eq!(
        unnamed,
        Incident {
            title: "t".to_owned(),
            by_hand: ["title".to_owned()].into(),
            version: 2,
            ..incident()
        }
    );
    assert!(serde_json::from_value::<Edit>(json!({"status": "closed"})).is_err());
}

/// Nothing is stored of a clearance that asks for none: what was hashed before stays as it was.
#[test]
fn no_clearance_is_not_stored() {
    let text = json!(incident()).to_string();
    assert!(!text.contains("clearance"), "{text}");
    assert_eq!(serde_json::from_str::<Incident>(&text).unwrap().clearance, 0);
    let guarded = Incident { clearance: 60, ..incident() };
    assert_eq!(json!(guarded)["clearance"], 60);
}

#[test]
fn a_lower_clearance_needs_a_rationale_and_stands_in_the_timeline_with_it() {
    let guarded = Incident { clearance: 60, ..incident() };
    let mut table = String::new();
    for (to, why) in [
        (61, None),
        (61, Some("it is an intrusion")),
        (60, None),
        (59, None),
        (59, Some("  ")),
        (0, Some(" the press has it ")),
    ] {
        let change = guarded.edit(
            Edit { clearance: Some(to), rationale: why.map(str::to_owned), ..Edit::default() },
            &person(),
        );
        let said = match change {
            Ok(change) => {
                assert_eq!(change.after.clearance, to);
                json!(change.draft.detail).to_string()
            }
            Err(refused) => refused.to_string(),
        };
        writeln!(table, "{to:<3} {said}").unwrap();
    }
    expect![[r#"
        61  {"clearance":61,"clearance_from":60,"fields":["clearance"]}
        61  {"clearance":61,"clearance_from":60,"fields":["clearance"],"rationale":"it is an intrusion"}
        60  {"fields":["clearance"]}
        59  a lower clearance needs a rationale
        59  a lower clearance needs a rationale
        0   {"clearance":0,"clearance_from":60,"fields":["clearance"],"rationale":"the press has it"}
    "#]].assert_eq(&table);
}

#[test]
fn a_closed_incident_only_learns_its_cause_and_its_readers() {
    let closed = in_status(Status::Closed);
    let person = person();
    let mut table = String::new();
    let cause = RootCause { text: "a full disk".to_owned(), category: None };
    let tell = |refused: Option<Rejected>| refused.map_or("yes".to_owned(), |why| why.to_string());
    let role = Role::TechnicalLead;
    for (word, answer) in [
        ("edit", closed.edit(edit(json!({"title": "t"})), &person).err()),
        ("owner", closed.assign_owner("bob", &person).err()),
        ("role", closed.assign_role(role, "bob", &person).err()),
        ("severity", {
            let to = Severity::High;
            closed.change_severity(to, "why", &Profile::sev(), &person, at(99)).err()
        }),
        ("cause", {
            assert_eq!(
                closed.note_root_cause(cause.clone(), &person).after.root_cause,
                Some(cause)
            );
            None
        }),
        ("share", {
            assert_eq!(closed.share("other", &person).unwrap().after.tenants, ["acme", "other"]);
            None
        }),
    ] {
        writeln!(table, "{word:<9} {}", tell(answer)).unwrap();
    }
    expect![[r#"
        edit      the incident is closed
        owner     the incident is closed
        role      the incident is closed
        severity  the incident is closed
        cause     yes
        share     yes
    "#]]
    .assert_eq(&table);
}

#[test]
fn roles_and_owner_are_assigned_and_assigned_anew() {
    let first = incident().assign_owner("alice", &person()).unwrap().after;
    let second = first.assign_owner("bob", &person()).unwrap();
    assert_eq!(second.after.owner.as_deref(), Some("bob"));
    assert!(second.after.by_hand.contains("owner"));
    let lead = second.after.assign_role(Role::IncidentCommander, "carol", &person()).unwrap();
    assert_eq!(lead.draft.detail["role"], "incident_commander");
    let lead = lead.after.assign_role(Role::IncidentCommander, "dave", &person()).unwrap().after;
    assert_eq!(lead.roles, [(Role::IncidentCommander, "dave".to_owned())].into());
}

#[test]
fn sharing_twice_or_with_its_home_is_no_change() {
    assert_eq!(incident().share("acme", &person()), None);
    let shared = incident().share("other", &person()).unwrap().after;
    assert_eq!(shared.share("other", &person()), None);
    assert_eq!(shared.home(), "acme");
}
