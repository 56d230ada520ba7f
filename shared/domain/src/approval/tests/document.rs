use super::*;

/// Two were asked, one of them agreed signed in; dave went ahead, and erin looked at it.
fn reviewed() -> Approval {
    let mut ask = ask(2, &[ALICE, BOB], &["frank@example.com"]);
    ask.subject.risk = Risk::High;
    ask.subject.spec_hash = Some("5".repeat(64));
    let one = Approval::request(ask, &machine(), at(0)).unwrap().after;
    let one = one.decide(ALICE, Answer::Grant, Proof::SignedIn, at(1)).unwrap().unwrap().after;
    let one = one.go_ahead("nobody answers", &dave(), at(2)).unwrap().unwrap().after;
    let erin = Actor { kind: ActorKind::User, id: "erin@example.com".to_owned() };
    one.review(true, "it burned", &erin, at(30)).unwrap().unwrap().after
}

#[test]
fn a_document_says_who_was_asked_and_who_answered_how_and_holds_no_code() {
    let approval = reviewed();
    let [end, review] = &approval.documents()[..] else {
        panic!("one of the end, one of the review")
    };
    expect![[r#"{"answers":[{"answer":"grant","approver":"alice@example.com","at":"2026-11-21T03:13:00.000Z","proof":"link_and_sign_in"}],"approval":"apr-01a1fc16e00077078707070707070707-1","asked":["alice@example.com","bob@example.com"],"excluded":["frank@example.com"],"expires_at":"2026-11-21T04:12:00.000Z","format":"watchfire-approval/1","incident_id":"01a1fc16-e000-7707-8707-070707070707","need":2,"on_call":false,"overridden":{"at":"2026-11-21T03:14:00.000Z","by":"dave@example.com","reason":"nobody answers","review":{"at":"2026-11-21T03:42:00.000Z","by":"erin@example.com","justified":true,"note":"it burned"},"skipped":["bob@example.com"]},"requested_at":"2026-11-21T03:12:00.000Z","requested_by":"service:approve","state":"overridden","subject":{"action":"remove_access_point","risk":"high","spec_hash":"5555555555555555555555555555555555555555555555555555555555555555","summary":"Delete it","target":"env-1"},"then":[]}"#]].assert_eq(&review.text);
    assert_eq!(end.text, review.text.replace(
        r#"{"at":"2026-11-21T03:42:00.000Z","by":"erin@example.com","justified":true,"note":"it burned"}"#,
        "null",
    ));
    assert_eq!(review.digest.0, <[u8; 32]>::from(Sha256::digest(&review.text)));
    assert_eq!(approval.document().as_ref(), Some(review));
    let by_code = decided(&requested(1), &[(ALICE, Answer::Grant)]).document().unwrap().text;
    assert!(by_code.contains(r#""proof":"link_and_code""#), "{by_code}");
    assert!(!by_code.contains(CODE) && !by_code.contains("link_gen"), "{by_code}");
}

/// S3-84: the chain says which document there is, from the event on that makes it so.
#[test]
fn every_end_names_its_document_and_nothing_else_names_one() {
    let named = |change: &Change<Approval>| {
        change.draft.detail.get(DOCUMENT).map(|digest| digest.as_str().unwrap().to_owned())
    };
    let newest = |one: &Approval| one.document().map(|document| document.digest.to_string());
    let two = requested(2);
    let asked = Approval::request(ask(2, &[ALICE, BOB], &[]), &machine(), at(0)).unwrap();
    assert_eq!((named(&asked), newest(&asked.after)), (None, None));
    let first = two.decide(ALICE, Answer::Grant, Proof::Code(CODE), at(1)).unwrap().unwrap();
    assert_eq!((named(&first), newest(&first.after)), (None, None));
    let ends = [
        first.after.decide(BOB, Answer::Grant, Proof::Code(CODE), at(2)).unwrap().unwrap(),
        first.after.decide(BOB, Answer::Deny, Proof::Code(CODE), at(2)).unwrap().unwrap(),
        two.expire(&machine(), at(60)).unwrap(),
        two.revoke("no longer needed", &machine()).unwrap(),
        two.go_ahead("nobody answers", &dave(), at(1)).unwrap().unwrap(),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for end in &ends {
        assert!(named(end).is_some() && named(end) == newest(&end.after), "{end:?}");
        seen.insert(named(end));
    }
    assert_eq!(seen.len(), ends.len(), "each is another one");
    // A reminder changes nothing of it; a review makes another one, and the first one stays.
    let ahead = &ends[4].after;
    let reminded = ahead.remind(&machine(), at(1).plus(crate::DAY)).unwrap();
    assert_eq!((named(&reminded), newest(&reminded.after)), (None, newest(ahead)));
    let erin = Actor { kind: ActorKind::User, id: "erin@example.com".to_owned() };
    let reviewed = reminded.after.review(true, "it burned", &erin, at(9)).unwrap().unwrap();
    assert!(named(&reviewed).is_some() && named(&reviewed) == newest(&reviewed.after));
    assert_eq!(reviewed.after.documents().first(), ahead.document().as_ref());
}

/// What was written before answers said how they were proved is read as it was.
#[test]
fn an_answer_by_code_is_stored_as_it_ever_was() {
    let one = decided(&requested(1), &[(ALICE, Answer::Grant)]);
    let stored = serde_json::to_value(&one.decisions).unwrap();
    assert_eq!(
        stored[0].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["answer", "approver", "at"]
    );
    assert_eq!(serde_json::from_value::<Vec<Decision>>(stored).unwrap(), one.decisions);
}

/// What an approver was shown is a part of what they agreed to.
#[test]
fn a_document_has_what_was_shown_and_another_format_for_it() {
    let mut ask = ask(1, &[ALICE], &[]);
    ask.subject.does = Some(does("by hand: Restart web-1."));
    let one = Approval::request(ask, &machine(), at(0)).unwrap().after;
    let told = decided(&one, &[(ALICE, Answer::Grant)]).document().unwrap().text;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["format"], "watchfire-approval/4");
    assert_eq!(told["subject"]["does"]["text"], "by hand: Restart web-1.");
    assert_eq!(told["subject"]["does"]["bytes"], 9_000);
    // Its fields do not depend on what else was asked.
    for field in ["hours", "role", "clearance"] {
        assert_eq!(told.get(field), Some(&serde_json::Value::Null), "{field}");
    }
}
