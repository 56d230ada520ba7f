//! The severity, as people and alarms change it.

use super::*;

fn deadline(incident: &Incident) -> String {
    format!("{} min", incident.sla_deadline.since(at(0)) / MINUTE)
}

#[test]
fn every_change_by_a_person() {
    let profile = Profile::sev();
    let unsure = Incident { confirm_severity: true, ..incident() };
    let mut table = String::new();
    for (word, incident) in [
        ("new", incident()),
        ("unsure", unsure),
        ("acknowledged", in_status(Status::Acknowledged)),
        ("resolved", in_status(Status::Resolved)),
        ("closed", in_status(Status::Closed)),
    ] {
        for to in Severity::ALL {
            let verdict = match incident.change_severity(to, " why ", &profile, &person(), at(20)) {
                Ok(change) => {
                    assert_eq!(change.draft.kind, EventType::SeverityChanged);
                    let (before, after) = (change.before.unwrap(), change.after);
                    assert_eq!((before.severity, after.severity), (Severity::Medium, to));
                    assert!(!after.confirm_severity && after.by_hand.contains("severity"));
                    let last = after.severity_history.last().unwrap();
                    let said = (last.to, last.at, last.by.as_str(), last.rationale.as_str());
                    assert_eq!(said, (to, at(20), "alice@example.com", "why"));
                    format!("answer within {}", deadline(&after))
                }
                Err(refused) => refused.to_string(),
            };
            writeln!(table, "{word:<12} {:<8} {verdict}", to.name()).unwrap();
        }
    }
    expect![[r#"
        new          critical answer within 5 min
        new          high     answer within 15 min
        new          medium   the severity is `medium` already
        new          low      answer within 3708 min
        unsure       critical answer within 5 min
        unsure       high     answer within 15 min
        unsure       medium   answer within 60 min
        unsure       low      answer within 3708 min
        acknowledged critical answer within 60 min
        acknowledged high     answer within 60 min
        acknowledged medium   the severity is `medium` already
        acknowledged low      answer within 60 min
        resolved     critical answer within 60 min
        resolved     high     answer within 60 min
        resolved     medium   the severity is `medium` already
        resolved     low      answer within 60 min
        closed       critical the incident is closed
        closed       high     the incident is closed
        closed       medium   the incident is closed
        closed       low      the incident is closed
    "#]]
    .assert_eq(&table);
}

#[test]
fn no_change_of_severity_goes_without_a_rationale() {
    for blank in ["", "  ", "\n"] {
        let refused =
            incident().change_severity(Severity::High, blank, &Profile::sev(), &person(), at(1));
        assert_eq!(
            refused,
            Err(Rejected::RationaleMissing { what: "a change of severity" }),
            "{blank:?}"
        );
    }
}

#[test]
fn an_alarm_only_raises_and_only_what_no_person_set() {
    let by_hand = incident()
        .change_severity(Severity::Low, "nobody uses it", &Profile::sev(), &person(), at(1))
        .unwrap()
        .after;
    let alarm = Actor { kind: ActorKind::Alarm, id: "arn:cpu".to_owned() };
    let mut table = String::new();
    for (word, incident) in [
        ("medium", incident()),
        ("medium, acknowledged", in_status(Status::Acknowledged)),
        ("low, by hand", by_hand),
    ] {
        for to in Severity::ALL {
            let draft = Draft::new(EventType::AlarmAttached, &alarm);
            let change =
                incident.attach_alert("arn:cpu", to, &Profile::sev(), draft, at(9)).unwrap();
            let after = &change.after;
            let raised = after.severity != incident.severity;
            let history =
                after.severity_history.len().saturating_sub(incident.severity_history.len());
            assert_eq!(usize::from(raised), history, "every change has its entry");
            if raised {
                let last = after.severity_history.last().unwrap();
                assert_eq!((last.to, last.at, last.by.as_str()), (to, at(9), "arn:cpu"));
                assert!(!last.rationale.is_empty());
                assert_eq!(change.draft.detail["severity"], to.name());
            }
            writeln!(
                table,
                "{word:<21} {:<8} -> {:<8} answer within {}",
                to.name(),
                after.severity.name(),
                deadline(after)
            )
            .unwrap();
            let draft = Draft::new(EventType::AlarmAttached, &alarm);
            let again = after.attach_alert("arn:cpu", to, &Profile::sev(), draft, at(10));
            assert_eq!(again, None, "the same alarm again changes nothing");
        }
    }
    expect![[r#"
        medium                critical -> critical answer within 5 min
        medium                high     -> high     answer within 15 min
        medium                medium   -> medium   answer within 60 min
        medium                low      -> medium   answer within 60 min
        medium, acknowledged  critical -> critical answer within 60 min
        medium, acknowledged  high     -> high     answer within 60 min
        medium, acknowledged  medium   -> medium   answer within 60 min
        medium, acknowledged  low      -> medium   answer within 60 min
        low, by hand          critical -> low      answer within 3708 min
        low, by hand          high     -> low      answer within 3708 min
        low, by hand          medium   -> low      answer within 3708 min
        low, by hand          low      -> low      answer within 3708 min
    "#]]
    .assert_eq(&table);
}
