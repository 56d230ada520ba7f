mod document;
mod hours;
mod levels;

use super::*;
use crate::{ActorKind, IncidentId, MINUTE, Voucher, patch};
use expect_test::expect;
use proptest::prelude::*;
use std::fmt::Write as _;

const CODE: &str = "000007";
const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";

fn at(minutes: i64) -> Timestamp {
    Timestamp::parse("2026-11-21T03:12:00Z").unwrap().plus(minutes.saturating_mul(MINUTE))
}

fn machine() -> Actor {
    Actor::service("approve")
}

fn dave() -> Actor {
    Actor { kind: ActorKind::User, id: "dave@example.com".to_owned() }
}

fn tenant(name: &str) -> Tenant {
    Tenant::vouched(name, Voucher::Claims).unwrap()
}

fn ask(need: u8, approvers: &[&str], excluded: &[&str]) -> ApprovalAsk {
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ApprovalAsk {
        id: ApprovalId { incident: IncidentId::at(at(0), [7; 10]), n: 1 },
        subject: Subject {
            action: "remove_access_point".to_owned(),
            target: "env-1".to_owned(),
            summary: "Delete it".to_owned(),
            does: None,
            risk: Risk::Medium,
            spec_hash: None,
            inputs_hash: None,
        },
        need,
        approvers: texts(approvers),
        then: Vec::new(),
        excluded: texts(excluded),
        on_call: false,
        hours: None,
        role: None,
        clearance: None,
        requested_by: "service:approve".to_owned(),
        expires_at: at(60),
        random: [0, 0, 0, 7],
    }
}

fn does(text: &str) -> Excerpt {
    let (text, sha256) = (text.to_owned(), "5".repeat(64));
    Excerpt { bytes: 9_000, text, sha256, cut: true, redacted: false }
}

fn requested(need: u8) -> Approval {
    Approval::request(ask(need, &[CAROL, ALICE, BOB], &[]), &machine(), at(0)).unwrap().after
}

fn decided(approval: &Approval, answers: &[(&str, Answer)]) -> Approval {
    answers.iter().fold(approval.clone(), |approval, (who, answer)| {
        approval.decide(who, *answer, Proof::Code(CODE), at(1)).unwrap().unwrap().after
    })
}

fn states() -> [(&'static str, Approval); 10] {
    let (one, two) = (requested(1), requested(2));
    [
        ("pending", one.clone()),
        ("pending, alice agreed", decided(&two, &[(ALICE, Answer::Grant)])),
        ("granted by alice", decided(&one, &[(ALICE, Answer::Grant)])),
        ("granted by both", decided(&two, &[(ALICE, Answer::Grant), (BOB, Answer::Grant)])),
        ("denied by alice", decided(&two, &[(ALICE, Answer::Deny)])),
        ("expired", one.expire(&machine(), at(60)).unwrap().after),
        ("revoked", one.revoke("no longer needed", &machine()).unwrap().after),
        ("superseded", one.supersede("asked anew", &machine()).unwrap().after),
        (
            "granted by alice, superseded",
            decided(&one, &[(ALICE, Answer::Grant)]).supersede("anew", &machine()).unwrap().after,
        ),
        ("overridden", two.go_ahead("nobody answers", &dave(), at(1)).unwrap().unwrap().after),
    ]
}

#[test]
fn every_answer_in_every_state() {
    let mut table = String::new();
    for (word, one) in states() {
        writeln!(table, "{word}").unwrap();
        for who in [ALICE, BOB, "eve@example.com"] {
            for answer in [Answer::Grant, Answer::Deny] {
                let verdict = match one.decide(who, answer, Proof::Code(CODE), at(2)) {
                    Ok(None) => "stands already".to_owned(),
                    Ok(Some(change)) => {
                        assert_eq!(change.after.version, one.version + 1);
                        assert_eq!(change.draft.actor.kind, ActorKind::Approver);
                        assert_eq!(change.draft.actor.id, who);
                        format!("{} ({})", change.after.state.name(), change.draft.kind)
                    }
                    Err(refused) => format!("- {refused}"),
                };
                let name = who.split('@').next().unwrap();
                let answer = format!("{answer:?}").to_lowercase();
                writeln!(table, "  {name:<5} {answer:<5} {verdict}").unwrap();
            }
        }
        let tell = |refused: Rejected| format!("- {refused}");
        let revoked = one.revoke("why", &machine());
        let revoked = revoked.map_or_else(tell, |change| change.after.state.name().to_owned());
        writeln!(table, "  revoke      {revoked}").unwrap();
        let anew = one.supersede("anew", &machine()).map(|change| change.after.state.name());
        writeln!(table, "  supersede   {}", anew.unwrap_or("nothing to do")).unwrap();
        let ahead = one.go_ahead("it burns", &dave(), at(2));
        let ahead = ahead.map_or_else(tell, |change| change.unwrap().after.state.name().to_owned());
        writeln!(table, "  go ahead    {ahead}").unwrap();
        let expired = one.expire(&machine(), at(60)).map(|change| change.after.state.name());
        writeln!(table, "  expire      {}", expired.unwrap_or("nothing to do")).unwrap();
    }
    expect![[r#"
        pending
          alice grant granted (approval_granted)
          alice deny  denied (approval_denied)
          bob   grant granted (approval_granted)
          bob   deny  denied (approval_denied)
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      revoked
          supersede   superseded
          go ahead    overridden
          expire      expired
        pending, alice agreed
          alice grant stands already
          alice deny  - this approver answered already
          bob   grant granted (approval_granted)
          bob   deny  denied (approval_denied)
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      revoked
          supersede   superseded
          go ahead    overridden
          expire      expired
        granted by alice
          alice grant stands already
          alice deny  - this approver answered already
          bob   grant - the approval is `granted` already
          bob   deny  - the approval is `granted` already
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      - the approval is `granted` already
          supersede   superseded
          go ahead    - the approval is `granted` already
          expire      nothing to do
        granted by both
          alice grant stands already
          alice deny  - this approver answered already
          bob   grant stands already
          bob   deny  - this approver answered already
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      - the approval is `granted` already
          supersede   superseded
          go ahead    - the approval is `granted` already
          expire      nothing to do
        denied by alice
          alice grant - this approver answered already
          alice deny  stands already
          bob   grant - the approval is `denied` already
          bob   deny  - the approval is `denied` already
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      - the approval is `denied` already
          supersede   nothing to do
          go ahead    - the approval is `denied` already
          expire      nothing to do
        expired
          alice grant - the approval is `expired` already
          alice deny  - the approval is `expired` already
          bob   grant - the approval is `expired` already
          bob   deny  - the approval is `expired` already
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      - the approval is `expired` already
          supersede   nothing to do
          go ahead    - the approval is `expired` already
          expire      nothing to do
        revoked
          alice grant - the approval is `revoked` already
          alice deny  - the approval is `revoked` already
          bob   grant - the approval is `revoked` already
          bob   deny  - the approval is `revoked` already
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      - the approval is `revoked` already
          supersede   nothing to do
          go ahead    - the approval is `revoked` already
          expire      nothing to do
        superseded
          alice grant - a newer question took its place: this one is answered no more
          alice deny  - a newer question took its place: this one is answered no more
          bob   grant - a newer question took its place: this one is answered no more
          bob   deny  - a newer question took its place: this one is answered no more
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      - the approval is `superseded` already
          supersede   nothing to do
          go ahead    - the approval is `superseded` already
          expire      nothing to do
        granted by alice, superseded
          alice grant - a newer question took its place: this one is answered no more
          alice deny  - a newer question took its place: this one is answered no more
          bob   grant - a newer question took its place: this one is answered no more
          bob   deny  - a newer question took its place: this one is answered no more
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      - the approval is `superseded` already
          supersede   nothing to do
          go ahead    - the approval is `superseded` already
          expire      nothing to do
        overridden
          alice grant - the approval is `overridden` already
          alice deny  - the approval is `overridden` already
          bob   grant - the approval is `overridden` already
          bob   deny  - the approval is `overridden` already
          eve   grant - not an approver of this request
          eve   deny  - not an approver of this request
          revoke      - the approval is `overridden` already
          supersede   nothing to do
          go ahead    - the approval is `overridden` already
          expire      nothing to do
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_last_moment_is_the_one_before_it_expires() {
    let one = requested(1);
    let mut table = String::new();
    for millis in [-1, 0, 1] {
        let now = one.expires_at.plus(millis);
        let decided = one.decide(ALICE, Answer::Grant, Proof::Code(CODE), now);
        let decided = decided.map(|change| change.unwrap().after.state.name());
        let expired = one.expire(&machine(), now).map(|change| change.after.state.name());
        writeln!(table, "{millis:>2} ms: {decided:?}, {expired:?}").unwrap();
    }
    expect![[r#"
        -1 ms: Ok("granted"), None
         0 ms: Err(Expired), Some("expired")
         1 ms: Err(Expired), Some("expired")
    "#]]
    .assert_eq(&table);
    let granted = decided(&one, &[(ALICE, Answer::Grant)]);
    let late = granted.decide(ALICE, Answer::Grant, Proof::Code(CODE), at(61));
    assert_eq!(late, Ok(None), "what was answered in time stands");
}

#[test]
fn the_code_shows_that_a_person_read_the_page() {
    let one = requested(1);
    assert_eq!(one.code, CODE);
    for wrong in ["", "7", "000008", "0000070", "०००००७"] {
        let refused = one.decide(ALICE, Answer::Grant, Proof::Code(wrong), at(1));
        assert_eq!(refused, Err(Rejected::WrongCode), "{wrong}");
    }
    assert!(one.decide(ALICE, Answer::Deny, Proof::Code(" 000007\n"), at(1)).unwrap().is_some());
    let random = [0xFF; 4];
    let request = ApprovalAsk { random, ..ask(1, &[ALICE], &[]) };
    assert_eq!(Approval::request(request, &machine(), at(0)).unwrap().after.code, "967295");
}

#[test]
fn who_can_be_asked_at_all() {
    let plus = "alice+ci@example.com";
    let mut table = String::new();
    for (need, approvers, excluded) in [
        (1, &[ALICE][..], &[][..]),
        (0, &[ALICE], &[]),
        (1, &[], &[]),
        (1, &[ALICE], &[ALICE]),
        (1, &[ALICE, BOB], &[ALICE]),
        (2, &[ALICE, BOB], &[ALICE]),
        (2, &[ALICE, ALICE], &[]),
        (2, &[ALICE, plus], &[]),
        (2, &[plus, ALICE, BOB], &[]),
        (1, &[plus], &[ALICE]),
        (1, &[ALICE], &[plus]),
        (3, &[ALICE, BOB, CAROL], &[]),
    ] {
        let answer = match Approval::request(ask(need, approvers, excluded), &machine(), at(0)) {
            Ok(change) => format!("{} of {:?}", change.after.need, change.after.approvers),
            Err(refused) => refused.to_string(),
        };
        writeln!(table, "{need} of {approvers:?} without {excluded:?}: {answer}").unwrap();
    }
    expect![[r#"
        1 of ["alice"] without []: 1 of ["alice"]
        0 of ["alice"] without []: 1 of ["alice"]
        1 of [] without []: 0 approvers can be asked, and 1 are needed
        1 of ["alice"] without ["alice"]: 0 approvers can be asked, and 1 are needed
        1 of ["alice", "bob"] without ["alice"]: 1 of ["bob"]
        2 of ["alice", "bob"] without ["alice"]: 1 approvers can be asked, and 2 are needed
        2 of ["alice", "alice"] without []: 1 approvers can be asked, and 2 are needed
        2 of ["alice", "alice+ci"] without []: 1 approvers can be asked, and 2 are needed
        2 of ["alice+ci", "alice", "bob"] without []: 2 of ["alice", "bob"]
        1 of ["alice+ci"] without ["alice"]: 0 approvers can be asked, and 1 are needed
        1 of ["alice"] without ["alice+ci"]: 0 approvers can be asked, and 1 are needed
        3 of ["alice", "bob", "carol"] without []: 3 of ["alice", "bob", "carol"]
    "#]]
    .assert_eq(&table.replace("@example.com", ""));
}

#[test]
fn nobody_answers_by_an_alias_of_somebody_excluded() {
    // A record of an earlier version, or of another hand: the rule holds at the answer too.
    let one = Approval { excluded: vec![ALICE.to_owned()], ..requested(1) };
    assert!(!one.may_answer(ALICE) && one.may_answer(BOB));
    let alias = "alice+x@example.com".to_owned();
    let one = Approval { approvers: vec![alias.clone(), BOB.to_owned()], ..one };
    let refused = one.decide(&alias, Answer::Grant, Proof::Code(CODE), at(1));
    assert_eq!(refused, Err(Rejected::NotApprover));
}

#[test]
fn the_subject_hash_changes_with_all_that_it_binds() {
    let one = requested(1);
    let hash = one.subject_hash(&tenant("acme"));
    let subject = one.subject.clone();
    let of = |subject: Subject| Approval { subject, ..one.clone() };
    let other = ApprovalId { n: 2, ..one.id };
    let changed = [
        of(Subject { action: "x".to_owned(), ..subject.clone() }),
        of(Subject { target: "x".to_owned(), ..subject.clone() }),
        of(Subject { summary: "x".to_owned(), ..subject.clone() }),
        of(Subject { does: Some(does("x")), ..subject.clone() }),
        of(Subject { does: Some(does("y")), ..subject.clone() }),
        of(Subject { risk: Risk::Low, ..subject.clone() }),
        of(Subject { spec_hash: Some("x".to_owned()), ..subject.clone() }),
        of(Subject { inputs_hash: Some("x".to_owned()), ..subject }),
        Approval { id: other, ..one.clone() },
        Approval { requested_by: "x".to_owned(), ..one.clone() },
        Approval { expires_at: at(61), ..one.clone() },
        one.revoke("why", &machine()).unwrap().after,
    ];
    let mut hashes: Vec<_> = changed.iter().map(|one| one.subject_hash(&tenant("acme"))).collect();
    hashes.extend([hash, one.subject_hash(&tenant("acme2"))]);
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 14);
    // An answer does not make the links of the others void.
    let two = decided(&requested(2), &[(ALICE, Answer::Grant)]);
    assert_eq!(two.subject_hash(&tenant("acme")), hash);
}

proptest! {
    /// However answers, revocations, newer questions and expiries come: one outcome, by distinct approvers.
    #[test]
    fn there_is_one_outcome_and_it_stays(
        need in 1u8..4,
        steps in prop::collection::vec((0usize..8, any::<bool>(), 0i64..80), 0..30)
    ) {
        let mut one = requested(need);
        let value = |one: &Approval| serde_json::to_value(one).unwrap();
        let mut folded = value(&one);
        let mut last = 0;
        for (step, grant, minute) in steps {
            last = last.max(minute);
            let answer = if grant { Answer::Grant } else { Answer::Deny };
            let change = match step {
                0..=3 => {
                    let who = [ALICE, BOB, CAROL, "eve@example.com"][step];
                    one.decide(who, answer, Proof::Code(CODE), at(last)).unwrap_or(None)
                }
                4 => one.expire(&machine(), at(last)),
                5 => one.go_ahead("it burns", &dave(), at(last)).unwrap_or(None),
                6 => one.supersede("anew", &machine()),
                _ => one.revoke("why", &machine()).ok(),
            };
            let Some(change) = change else { continue };
            let anew = change.after.state == ApprovalState::Superseded;
            let unused = anew && one.state == ApprovalState::Granted;
            prop_assert!(unused || one.state == ApprovalState::Pending, "an outcome is final");
            let next = change.after;
            let grants = next.decisions.iter().filter(|one| one.answer == Answer::Grant).count();
            let denied = next.decisions.len() > grants;
            prop_assert_eq!(next.state == ApprovalState::Granted, grants >= usize::from(need) && !anew);
            prop_assert_eq!(next.state == ApprovalState::Denied, denied);
            prop_assert!(next.state != ApprovalState::Expired || last >= 60);
            let mut who: Vec<_> = next.decisions.iter().map(|one| &one.approver).collect();
            who.sort_unstable();
            who.dedup();
            prop_assert_eq!(who.len(), next.decisions.len());
            prop_assert!(who.iter().all(|one| next.approvers.contains(one)));
            patch::apply(&mut folded, &patch::diff(&value(&one), &value(&next)));
            one = next;
        }
        prop_assert_eq!(folded, value(&one));
    }
}

#[test]
fn what_is_dangerous_is_refused_by_a_link_and_granted_by_who_signed_in() {
    let mut one = requested(2);
    one.subject.risk = Risk::High;
    let by_link = one.decide(ALICE, Answer::Grant, Proof::Code(CODE), at(1));
    assert_eq!(by_link, Err(Rejected::SignInNeeded));
    let refused = one.decide(ALICE, Answer::Deny, Proof::Code(CODE), at(1)).unwrap().unwrap();
    assert_eq!(refused.after.state, ApprovalState::Denied);
    let first = one.decide(ALICE, Answer::Grant, Proof::SignedIn, at(1)).unwrap().unwrap().after;
    let both = first.decide(BOB, Answer::Grant, Proof::SignedIn, at(1)).unwrap().unwrap().after;
    assert_eq!((first.state, both.state), (ApprovalState::Pending, ApprovalState::Granted));
}

#[test]
fn an_override_says_why_names_who_was_skipped_and_is_reviewed_by_somebody_else() {
    let mut one = decided(&requested(2), &[(ALICE, Answer::Grant)]);
    one.excluded = vec!["erin@example.com".to_owned()];
    for (reason, now, refused) in [
        (" ", 1, "`reason` must say something"),
        (&"x".repeat(1_001), 1, "`reason` has 1001 characters, more than 1000"),
        ("it burns", 60, "the approval has expired"),
    ] {
        assert_eq!(one.go_ahead(reason, &dave(), at(now)).unwrap_err().to_string(), refused);
    }
    assert_eq!(
        one.review(true, "it was right", &dave(), at(1)).unwrap_err().to_string(),
        "the approval is `pending` already"
    );
    let one = one.go_ahead(" it burns ", &dave(), at(1)).unwrap().unwrap().after;
    let over = one.overridden.clone().unwrap();
    assert_eq!(
        (over.reason.as_str(), over.skipped),
        ("it burns", vec![BOB.to_owned(), CAROL.to_owned()])
    );
    assert_eq!(one.go_ahead("it burns", &dave(), at(2)), Ok(None));
    assert_eq!(
        one.go_ahead("it still burns", &dave(), at(2)).unwrap_err().to_string(),
        "the approval is `overridden` already"
    );
    for who in ["Dave+ops@Example.com", "erin@example.com"] {
        let who = Actor { kind: ActorKind::User, id: who.to_owned() };
        assert_eq!(one.review(true, "it was right", &who, at(9)), Err(Rejected::OwnOverride));
    }
    let frank = Actor { kind: ActorKind::User, id: "frank@example.com".to_owned() };
    let done = one.review(false, "it could wait", &frank, at(9)).unwrap().unwrap().after;
    assert_eq!(done.review(false, "it could wait", &frank, at(10)), Ok(None));
    assert_eq!(done.review(true, "it could wait", &frank, at(10)), Err(Rejected::Reviewed));
    assert_eq!((done.review_due(), done.remind(&machine(), at(9_999))), (None, None));
}

#[test]
fn a_review_is_asked_for_once_a_day_for_a_month() {
    let day = 24 * 60;
    let mut one = requested(1).go_ahead("it burns", &dave(), at(0)).unwrap().unwrap().after;
    assert_eq!(one.remind(&machine(), at(day - 1)), None);
    // However late the third comes, it comes once.
    for (now, next) in [(day, 2), (2 * day + 5, 3), (7 * day, 8)] {
        one = one.remind(&machine(), at(now)).unwrap().after;
        assert_eq!(one.review_due(), Some(at(next * day)));
        assert_eq!(one.remind(&machine(), at(now)), None);
    }
    one = one.remind(&machine(), at(31 * day)).unwrap().after;
    assert_eq!(one.review_due(), None);
}
