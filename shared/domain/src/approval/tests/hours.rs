//! Within which hours an agreement counts.

use super::*;
use crate::DAY;
use serde_json::json;

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// An hour ahead of UTC, Monday to Friday from nine to five, with Tuesday the 24th off.
fn office() -> Calendar {
    let text = json!({
        "utc_offset_minutes": 60,
        "workdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "opens": "09:00", "closes": "17:00",
        "holidays": ["2026-11-24"],
    });
    serde_json::from_value(text).unwrap()
}

fn night() -> Calendar {
    let text = json!({
        "utc_offset_minutes": 0, "workdays": ["monday"], "opens": "20:00", "closes": "24:00",
    });
    serde_json::from_value(text).unwrap()
}

fn level(who: &str, hours: Option<Calendar>) -> Level {
    Level {
        people: vec![who.to_owned()],
        need: 1,
        on_call: false,
        hours,
        role: None,
        clearance: None,
    }
}

/// Asked at `now` for `length`: Alice within the office's hours, then `then`.
fn asked(now: Timestamp, length: i64, then: Vec<Level>) -> Result<Approval, Rejected> {
    let mut ask = ApprovalAsk { then, ..ask(1, &[ALICE], &[]) };
    ask.hours = Some(office());
    ask.expires_at = now.plus(length);
    Approval::request(ask, &machine(), now).map(|change| change.after)
}

#[test]
fn an_agreement_counts_within_its_hours_and_a_refusal_at_any_time() {
    let mut table = String::new();
    for (asked_at, answered_at) in [
        ("2026-11-20T12:00:00Z", "2026-11-20T15:59:59.999Z"),
        ("2026-11-20T12:00:00Z", "2026-11-20T16:00:00Z"),
        ("2026-11-22T20:00:00Z", "2026-11-23T07:59:59.999Z"),
        ("2026-11-22T20:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T15:00:00Z", "2026-11-24T09:00:00Z"),
    ] {
        let one = asked(moment(asked_at), DAY, Vec::new()).unwrap();
        for answer in [Answer::Grant, Answer::Deny] {
            let said = one.decide(ALICE, answer, Proof::SignedIn, moment(answered_at));
            let said = match said {
                Ok(change) => change.unwrap().after.state.name().to_owned(),
                Err(refused) => refused.to_string(),
            };
            writeln!(table, "{answered_at:<25} {answer:?}: {said}").unwrap();
        }
    }
    expect![[r#"
        2026-11-20T15:59:59.999Z  Grant: granted
        2026-11-20T15:59:59.999Z  Deny: denied
        2026-11-20T16:00:00Z      Grant: this approver agrees within certain hours, which begin again at 2026-11-23T08:00:00.000Z
        2026-11-20T16:00:00Z      Deny: denied
        2026-11-23T07:59:59.999Z  Grant: this approver agrees within certain hours, which begin again at 2026-11-23T08:00:00.000Z
        2026-11-23T07:59:59.999Z  Deny: denied
        2026-11-23T08:00:00Z      Grant: granted
        2026-11-23T08:00:00Z      Deny: denied
        2026-11-24T09:00:00Z      Grant: this approver agrees within certain hours, which begin again at 2026-11-25T08:00:00.000Z
        2026-11-24T09:00:00Z      Deny: denied
    "#]]
    .assert_eq(&table);
}

/// Whatever else is wrong with a grant: it is not yet time for it.
#[test]
fn outside_its_hours_nothing_proves_a_grant() {
    let one = asked(moment("2026-11-22T20:00:00Z"), DAY, Vec::new()).unwrap();
    let early = moment("2026-11-23T07:00:00Z");
    let outside = Rejected::OutsideHours { opens: moment("2026-11-23T08:00:00Z") };
    for proof in [Proof::SignedIn, Proof::Code(CODE), Proof::Code("000000")] {
        assert_eq!(one.decide(ALICE, Answer::Grant, proof, early), Err(outside.clone()));
    }
    let ahead = one.go_ahead("it burns", &dave(), early).unwrap().unwrap();
    assert_eq!(ahead.after.state, ApprovalState::Overridden, "the way around it stays open");
}

#[test]
fn each_level_has_its_own_hours() {
    let monday = moment("2026-11-23T09:00:00Z");
    let then = vec![level(BOB, Some(night())), level(CAROL, None)];
    let one = asked(monday, DAY, then).unwrap();
    let by = |one: &Approval, who: &str, at: Timestamp| {
        one.decide(who, Answer::Grant, Proof::SignedIn, at).map(|change| change.unwrap().after)
    };
    let one = by(&one, ALICE, monday).unwrap();
    let opens = moment("2026-11-23T20:00:00Z");
    assert_eq!(by(&one, BOB, monday), Err(Rejected::OutsideHours { opens }));
    let one = by(&one, BOB, opens).unwrap();
    let one = by(&one, CAROL, opens).unwrap();
    assert_eq!(one.state, ApprovalState::Granted);
}

#[test]
fn what_no_hours_could_agree_to_in_time_is_not_asked() {
    let friday = moment("2026-11-20T15:00:00Z");
    let late = moment("2026-11-20T16:00:00Z");
    let evening = moment("2026-11-22T20:00:00Z");
    let mut table = String::new();
    for (name, now, length, then) in [
        ("within them", friday, MINUTE, Vec::new()),
        ("over at their end", late, DAY, Vec::new()),
        ("over as they begin", evening, 12 * crate::HOUR, Vec::new()),
        ("over a moment later", evening, 12 * crate::HOUR + 1, Vec::new()),
        ("the second in time", evening, 25 * crate::HOUR, vec![level(BOB, Some(night()))]),
        ("the second too late", evening, DAY, vec![level(BOB, Some(night()))]),
        // The third agrees again only a day after the second begins.
        (
            "one behind the other",
            evening,
            30 * crate::HOUR,
            vec![level(BOB, Some(night())), level(CAROL, Some(office()))],
        ),
    ] {
        let told = match asked(now, length, then) {
            Ok(_) => "asked".to_owned(),
            Err(refused) => refused.to_string(),
        };
        writeln!(table, "{name}: {told}").unwrap();
    }
    expect![[r#"
        within them: asked
        over at their end: the question ends at 2026-11-21T16:00:00.000Z, and the hours of its approvers begin at 2026-11-23T08:00:00.000Z
        over as they begin: the question ends at 2026-11-23T08:00:00.000Z, and the hours of its approvers begin at 2026-11-23T08:00:00.000Z
        over a moment later: asked
        the second in time: asked
        the second too late: the question ends at 2026-11-23T20:00:00.000Z, and the hours of its approvers begin at 2026-11-23T20:00:00.000Z
        one behind the other: the question ends at 2026-11-24T02:00:00.000Z, and the hours of its approvers begin at 2026-11-25T08:00:00.000Z
    "#]]
    .assert_eq(&table);
}

/// As it was before there were hours: its record, its events and its document.
#[test]
fn without_hours_everything_is_stored_as_it_ever_was() {
    let then = vec![level(BOB, None)];
    let one = ApprovalAsk { then, ..ask(1, &[ALICE], &[]) };
    let one = Approval::request(one, &machine(), at(0)).unwrap().after;
    for word in ["hours", "role", "clearance"] {
        assert!(!json!(one).to_string().contains(word), "{one:?}");
    }
    let ended = one.expire(&machine(), at(60)).unwrap().after.document().unwrap().text;
    assert!(!ended.contains("hours") && ended.contains("watchfire-approval/1\""), "{ended}");
}

#[test]
fn with_hours_its_document_says_them_in_a_format_of_its_own() {
    let monday = moment("2026-11-23T09:00:00Z");
    let first = asked(monday, DAY, vec![level(BOB, None)]).unwrap();
    let mut second = ask(1, &[ALICE], &[]);
    second.then = vec![level(BOB, Some(office()))];
    second.expires_at = monday.plus(DAY);
    let second = Approval::request(second, &machine(), monday).unwrap().after;
    for (one, of_first, of_second) in [(first, true, false), (second, false, true)] {
        let stored = json!(one);
        assert_eq!(serde_json::from_value::<Approval>(stored.clone()).unwrap(), one);
        let text = one.expire(&machine(), one.expires_at).unwrap().after.document().unwrap().text;
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told["format"], "watchfire-approval/2");
        assert_eq!(told["hours"] == json!(office()), of_first, "{text}");
        assert_eq!(told["then"][0]["hours"] == json!(office()), of_second, "{text}");
        assert_eq!(told["hours"].is_null(), !of_first, "{text}");
    }
}
