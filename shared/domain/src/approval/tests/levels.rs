use super::*;
use crate::approval::Level;

const DORA: &str = "dora@example.com";

fn level(need: u8, people: &[&str]) -> Level {
    Level {
        people: people.iter().map(|one| (*one).to_owned()).collect(),
        need,
        on_call: false,
        hours: None,
        role: None,
        clearance: None,
    }
}

/// One of Alice and Erin, then both Bob and Carol, then Dora, who must be on call.
fn levels() -> Approval {
    let last = Level { on_call: true, ..level(1, &[DORA]) };
    let then = vec![level(2, &[BOB, CAROL]), last];
    let ask = ApprovalAsk { then, ..ask(1, &[ALICE, "erin@example.com"], &[]) };
    Approval::request(ask, &machine(), at(0)).unwrap().after
}

fn said(one: &Approval, who: &str, answer: Answer) -> Result<Option<Change<Approval>>, Rejected> {
    one.decide(who, answer, Proof::Code(CODE), at(2))
}

#[test]
fn a_level_answers_once_all_before_it_have_agreed() {
    let mut one = levels();
    let mut table = String::new();
    for who in ["bob", "dora", "alice", "dora", "bob", "alice", "dora", "erin", "carol", "dora"] {
        let verdict = match said(&one, &format!("{who}@example.com"), Answer::Grant) {
            Ok(None) => "stands already".to_owned(),
            Ok(Some(change)) => {
                let level = change.draft.detail["level"].clone();
                one = change.after;
                format!("{} (level {level})", change.draft.kind)
            }
            Err(refused) => format!("- {refused}"),
        };
        let (turn, missing) = (one.turn(), one.missing());
        writeln!(table, "{who:<5} {verdict}; {turn} of 3 done, {missing} missing").unwrap();
    }
    expect![[r#"
        bob   - not an approver of this request; 0 of 3 done, 4 missing
        dora  - not an approver of this request; 0 of 3 done, 4 missing
        alice approval_answered (level 1); 1 of 3 done, 3 missing
        dora  - not an approver of this request; 1 of 3 done, 3 missing
        bob   approval_answered (level 2); 1 of 3 done, 2 missing
        alice stands already; 1 of 3 done, 2 missing
        dora  - not an approver of this request; 1 of 3 done, 2 missing
        erin  approval_answered (level 1); 1 of 3 done, 2 missing
        carol approval_answered (level 2); 2 of 3 done, 1 missing
        dora  approval_granted (level 3); 2 of 3 done, 0 missing
    "#]]
    .assert_eq(&table);
    assert_eq!(one.state, ApprovalState::Granted);
    let duty = |who: &str| one.asked_in(who).map(|level| level.on_call);
    assert_eq!((duty(ALICE), duty(DORA), duty("eve@example.com")), (Some(false), Some(true), None));
}

/// Also by somebody whose level has agreed without them: the question is still open.
#[test]
fn a_refusal_at_any_level_is_the_end() {
    let first = decided(&levels(), &[(ALICE, Answer::Grant)]);
    let second = decided(&first, &[(BOB, Answer::Grant), (CAROL, Answer::Grant)]);
    for (one, who) in [
        (&levels(), ALICE),
        (&first, BOB),
        (&first, "erin@example.com"),
        (&second, DORA),
        (&second, "erin@example.com"),
    ] {
        let change = said(one, who, Answer::Deny).unwrap().unwrap();
        let (denied, kind) = (change.after, change.draft.kind);
        assert_eq!((denied.state, kind), (ApprovalState::Denied, EventType::ApprovalDenied));
        let after = said(&denied, CAROL, Answer::Grant);
        assert!(!matches!(after, Ok(Some(_))), "{after:?}");
    }
    assert_eq!(said(&first, DORA, Answer::Deny), Err(Rejected::NotApprover), "not asked yet");
}

#[test]
fn between_levels_it_ends_as_at_any_time() {
    let first = decided(&levels(), &[(ALICE, Answer::Grant)]);
    assert_eq!(first.state, ApprovalState::Pending);
    assert_eq!(first.expire(&machine(), at(59)), None);
    let expired = first.expire(&machine(), at(60)).unwrap().after;
    assert_eq!(expired.state, ApprovalState::Expired);
    assert_eq!(
        said(&expired, BOB, Answer::Grant).unwrap_err().to_string(),
        "the approval is `expired` already"
    );
    let revoked = first.revoke("why", &machine()).unwrap().after;
    assert_eq!((revoked.state, revoked.link_gen), (ApprovalState::Revoked, 2));
    // Everybody who has not agreed is skipped, asked or not.
    let ahead = first.go_ahead("it burns", &dave(), at(3)).unwrap().unwrap().after;
    let skipped = ["erin@example.com", BOB, CAROL, DORA].map(str::to_owned);
    assert_eq!(ahead.overridden.unwrap().skipped, skipped);
}

#[test]
fn nobody_is_asked_in_two_levels_and_each_must_be_able_to_agree() {
    let mut table = String::new();
    for (first, second, excluded) in [
        (&[ALICE][..], &[BOB][..], &[][..]),
        (&[ALICE], &[ALICE], &[]),
        (&[ALICE], &["Alice+ci@example.com", BOB], &[]),
        (&[ALICE], &[], &[]),
        (&[ALICE], &[BOB, CAROL], &["bob+x@example.com"]),
        (&[ALICE], &[BOB], &[BOB]),
        (&[ALICE], &[BOB], &[ALICE]),
    ] {
        let second: Vec<String> = second.iter().map(|one| one.to_lowercase()).collect();
        let then = vec![Level {
            people: second.clone(),
            need: 0,
            on_call: false,
            hours: None,
            role: None,
            clearance: None,
        }];
        let ask = ApprovalAsk { then, ..ask(1, first, excluded) };
        let answer = match Approval::request(ask, &machine(), at(0)) {
            Ok(change) => {
                let levels =
                    change.after.levels().map(|one| format!("{} of {:?}", one.need, one.people));
                levels.collect::<Vec<_>>().join(", then ")
            }
            Err(refused) => refused.to_string(),
        };
        writeln!(table, "{first:?}, then {second:?} without {excluded:?}: {answer}").unwrap();
    }
    expect![[r#"
        ["alice"], then ["bob"] without []: 1 of ["alice"], then 1 of ["bob"]
        ["alice"], then ["alice"] without []: 0 approvers can be asked, and 1 are needed
        ["alice"], then ["alice+ci", "bob"] without []: 1 of ["alice"], then 1 of ["bob"]
        ["alice"], then [] without []: 0 approvers can be asked, and 1 are needed
        ["alice"], then ["bob", "carol"] without ["bob+x"]: 1 of ["alice"], then 1 of ["carol"]
        ["alice"], then ["bob"] without ["bob"]: 0 approvers can be asked, and 1 are needed
        ["alice"], then ["bob"] without ["alice"]: 0 approvers can be asked, and 1 are needed
    "#]]
    .assert_eq(&table.replace("@example.com", ""));
}

/// A record of another hand: an alias that stands in two levels agrees once.
#[test]
fn one_person_counts_once_under_two_spellings() {
    let mut one = levels();
    one.then = vec![level(1, &["alice+two@example.com"])];
    let one = decided(&one, &[(ALICE, Answer::Grant), ("alice+two@example.com", Answer::Grant)]);
    assert_eq!((one.state, one.missing()), (ApprovalState::Pending, 1));
}

#[test]
fn one_level_is_stored_as_it_was_before_there_were_levels() {
    let one = decided(&requested(2), &[(ALICE, Answer::Grant)]);
    let stored = serde_json::to_value(&one).unwrap();
    assert!(stored.get("then").is_none(), "{stored}");
    assert_eq!(serde_json::from_value::<Approval>(stored).unwrap(), one);
    let change = said(&one, BOB, Answer::Grant).unwrap().unwrap();
    assert!(!change.draft.detail.contains_key("level"));
}

proptest! {
    /// In whichever order people answer: whoever did was asked, and all agreed if it is granted.
    #[test]
    fn levels_agree_one_after_the_other(
        steps in prop::collection::vec((0usize..5, 0u8..8), 0..24)
    ) {
        let mut one = levels();
        for (who, answer) in steps {
            let who = [ALICE, "erin@example.com", BOB, CAROL, DORA][who];
            let answer = if answer == 0 { Answer::Deny } else { Answer::Grant };
            if let Ok(Some(change)) = said(&one, who, answer) {
                one = change.after;
            }
        }
        let agreed = |who: &str| {
            one.decisions.iter().position(|said| said.approver == who && said.answer == Answer::Grant)
        };
        let when = |who: &str| one.decisions.iter().position(|said| said.approver == who);
        let first = agreed(ALICE).into_iter().chain(agreed("erin@example.com")).min();
        let second = agreed(BOB).zip(agreed(CAROL)).map(|(bob, carol)| bob.max(carol));
        for who in [BOB, CAROL] {
            prop_assert!(when(who).is_none_or(|at| first.is_some_and(|first| first < at)));
        }
        prop_assert!(when(DORA).is_none_or(|at| second.is_some_and(|second| second < at)));
        let denied = one.decisions.iter().any(|said| said.answer == Answer::Deny);
        prop_assert_eq!(one.state == ApprovalState::Denied, denied);
        prop_assert_eq!(one.state == ApprovalState::Granted, !denied && agreed(DORA).is_some());
    }
}

#[test]
fn its_document_names_every_level() {
    let one = levels();
    let denied = said(&one, ALICE, Answer::Deny).unwrap().unwrap().after;
    let text = denied.document().unwrap().text;
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["asked"], serde_json::json!([ALICE, "erin@example.com"]));
    assert_eq!(told["then"], serde_json::to_value(&one.then).unwrap());
    assert_eq!(told["then"].as_array().unwrap().len(), 2);
}

#[test]
fn a_level_says_in_words_what_it_takes() {
    let of = |role: Option<LeastRole>, clearance: Option<u8>| {
        let one = ask(1, &[ALICE], &[]);
        let one = ApprovalAsk { role, clearance, ..one };
        let one = Approval::request(one, &machine(), at(0)).unwrap().after;
        one.levels().next().and_then(|level| level.wants()).unwrap_or_default()
    };
    assert_eq!(of(None, None), "");
    assert_eq!(of(Some(LeastRole::Admin), None), "the role of an administrator");
    let both = "the role of a commander or more and a clearance of 60 or more";
    assert_eq!(of(Some(LeastRole::Commander), Some(60)), both);
}
