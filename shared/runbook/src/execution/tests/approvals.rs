//! No way leads to the action of a step of high risk without its own granted approval (S3-78).

use super::table::states;
use super::*;
use proptest::prelude::*;
use watchfire_domain::approval::{ApprovalState, Decision, Override};

/// What spoils an approval, or what it is held against.
type Spoil = (&'static str, fn(&mut Approval));

const SPOILS: [Spoil; 21] = [
    ("pending", |one| one.state = ApprovalState::Pending),
    ("denied", |one| one.state = ApprovalState::Denied),
    ("expired", |one| one.state = ApprovalState::Expired),
    ("superseded", |one| one.state = ApprovalState::Superseded),
    ("revoked", |one| one.state = ApprovalState::Revoked),
    ("overridden by nobody", |one| one.state = ApprovalState::Overridden),
    ("out of time", |one| one.expires_at = at(3)),
    ("another incident's", |one| one.id.incident = incident(8)),
    ("another number's", |one| one.id.n += 1),
    ("another operation's", |one| one.subject.action = "other".to_owned()),
    ("another target's", |one| one.subject.target.push('0')),
    ("another spec's", |one| one.subject.spec_hash = Some("00".repeat(32))),
    ("no spec's", |one| one.subject.spec_hash = None),
    ("other inputs'", |one| one.subject.inputs_hash = Some("00".repeat(32))),
    ("no inputs'", |one| one.subject.inputs_hash = None),
    ("of less risk", |one| one.subject.risk = watchfire_domain::approval::Risk::Low),
    ("in other words", |one| one.subject.summary.clear()),
    ("without an answer", |one| one.decisions.clear()),
    ("one answer short", |one| one.need = 2),
    ("without its last level", |one| {
        let people = vec!["erin@example.com".to_owned()];
        one.then = vec![watchfire_domain::approval::Level {
            people,
            need: 1,
            on_call: false,
            hours: None,
            role: None,
            clearance: None,
        }];
    }),
    ("with a refusal", |one| {
        one.decisions.push(Decision {
            approver: CAROL.to_owned(),
            answer: Answer::Deny,
            at: at(2),
            signed_in: true,
        });
    }),
];

/// The approvals of others: granted as this one is, about something else.
fn foreign(one: &Execution, step: &str) -> Vec<(&'static str, Approval)> {
    let own = granted(one, step);
    let about = |subject: Subject| answered(&asked(subject, own.id.n, Vec::new()), Answer::Grant);
    let other = tenant("A2");
    let mut inputs = one.clone();
    inputs.inputs.insert("host".to_owned(), json!("web-2"));
    let mut elsewhere = one.clone();
    elsewhere.incident = Some(incident(8));
    let mut twin = one.clone();
    twin.id = ExecutionId::at(at(0), [9; 10]);
    let mut later = one.clone();
    later.steps.get_mut(step).unwrap().attempt = 2;
    let mut newer = one.clone();
    newer.runbook_version = 4;
    let next = if step == "failover" { "reboot" } else { "failover" };
    let subject = |one: &Execution, step: &str| run(one).subject(step).unwrap();
    vec![
        ("another tenant's", about(one.with(&SPEC, &other).unwrap().subject(step).unwrap())),
        ("altered inputs'", about(subject(&inputs, step))),
        ("another incident's subject", about(subject(&elsewhere, step))),
        ("another execution's", about(subject(&twin, step))),
        ("another attempt's", about(subject(&later, step))),
        ("another version's", about(subject(&newer, step))),
        ("another step's", about(subject(one, next))),
    ]
}

/// Granted by people who have a part in it, in whichever spelling.
fn interested(one: &Execution, step: &str) -> Vec<(&'static str, Approval)> {
    let by = |who: &str| {
        let mut approval = granted(one, step);
        approval.decisions[0].approver = who.to_owned();
        approval
    };
    vec![
        ("by who started it", by(ALICE)),
        ("by an alias of hers", by("Alice+ok@Example.com.")),
        ("by who edited it", by(DAVE)),
        ("by who asked", by("service:step")),
    ]
}

/// The approval number `at` of those that do not fit.
pub(super) fn unfit_at(one: &Execution, step: &str, at: usize) -> Option<Approval> {
    match SPOILS.get(at) {
        Some((_, spoil)) => {
            let mut approval = granted(one, step);
            spoil(&mut approval);
            Some(approval)
        }
        None => unfit(one, step).into_iter().nth(at)?.1,
    }
}

fn unfit(one: &Execution, step: &str) -> Vec<(&'static str, Option<Approval>)> {
    let spoilt = SPOILS.iter().map(|(name, spoil)| {
        let mut approval = granted(one, step);
        spoil(&mut approval);
        (*name, approval)
    });
    let all = spoilt.chain(foreign(one, step)).chain(interested(one, step));
    all.map(|(name, approval)| (name, Some(approval))).chain([("none", None)]).collect()
}

/// Every door to the action, with this approval: whether it opened.
fn doors(one: &Execution, step: &str, approval: Option<&Approval>) -> Vec<(&'static str, bool)> {
    let (run, state) = (run(one), &one.steps[step]);
    let told = Told { incident: Some(&crate::cases::FACTS), now: at(3) };
    let begun = |one: &Execution| {
        matches!(one.steps[step].state, Standing::Running | Standing::Waiting | Standing::Done)
            && one.steps[step].outcome != Some(Outcome::Denied)
    };
    let opened = |change: Decided| change.is_ok_and(|one| one.is_some_and(|one| begun(&one.after)));
    let named = |approval: Option<&Approval>| Report {
        approval_ids: approval
            .map(|one| one.id)
            .into_iter()
            .chain(state.approvals.clone())
            .collect(),
        ..Report::done("s3://evidence/1")
    };
    vec![
        ("begin", opened(run.begin(step, approval, &machine(), at(3)))),
        ("act", run.act(step, state.attempt, approval, told).is_ok()),
        ("complete", opened(run.complete(step, &named(approval), approval, &person(ALICE), at(4)))),
        ("choose", opened(run.choose(step, "restart", approval, &person(ALICE), at(4)))),
        ("returned", {
            // The action was begun, if it was, by one of the other doors.
            state.state != Standing::Running
                && opened(run.returned(step, &returned(state.attempt, true), &machine(), at(4)))
        }),
    ]
}

static GUARDED: LazyLock<Vec<(Execution, &str)>> = LazyLock::new(guarded);

fn guarded() -> Vec<(Execution, &'static str)> {
    let mut all = Vec::new();
    for (step, option) in [("failover", "pause"), ("reboot", "restart")] {
        for standing_as in [Standing::Blocked, Standing::Waiting, Standing::Running] {
            let one = driven(started(1), option, |one| one.steps[step].state == standing_as);
            if one.steps[step].state == standing_as {
                all.push((one, step));
            }
        }
    }
    assert_eq!(all.len(), 4);
    all
}

/// The policies are shown the same: two names are equal if and only if the approval is the step's.
#[test]
fn what_the_policies_compare_is_what_the_rules_compare() {
    for (one, step) in guarded() {
        let bound = |approval: &Approval| Bound::of(approval, &TENANT);
        let own = run(&one).bound(step).unwrap();
        assert!(own.is_some());
        assert_eq!(own, bound(&granted(&one, step)));
        for (name, approval) in foreign(&one, step) {
            assert_ne!(own, bound(&approval), "{name}");
        }
        for (name, spoil) in SPOILS {
            let mut approval = granted(&one, step);
            spoil(&mut approval);
            let differs = ["another incident's", "another target's", "another spec's", "no spec's"];
            let differs = differs.contains(&name) || name.ends_with("inputs'");
            assert_eq!(own == bound(&approval), !differs, "{name}");
        }
    }
}

#[test]
fn an_approval_that_is_not_its_own_opens_no_door() {
    let (mut tried, mut open) = (0, Vec::new());
    for (one, step) in guarded() {
        for (name, approval) in unfit(&one, step) {
            for (door, opened) in doors(&one, step, approval.as_ref()) {
                tried += 1;
                if opened {
                    open.push(format!("{step} {}: {name}: {door}", one.steps[step].state.name()));
                }
            }
        }
        // Its own one does.
        let own = granted(&one, step);
        assert!(doors(&one, step, Some(&own)).iter().any(|(_, opened)| *opened), "{step}");
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
    assert_eq!(tried, 4 * 33 * 5);
}

fn overridden(mut approval: Approval) -> Approval {
    approval.overridden = Some(Override {
        by: ALICE.to_owned(),
        reason: "nobody answers".to_owned(),
        at: at(2),
        skipped: approval.approvers.clone(),
        reminded: 0,
        review: None,
    });
    if approval.state == ApprovalState::Granted {
        approval.state = ApprovalState::Overridden;
    }
    approval
}

/// Going ahead stands in for answers that are missing, and for nothing else.
#[test]
fn an_override_opens_only_what_its_own_approval_would() {
    for (one, step) in guarded() {
        let open = |approval: &Approval| {
            doors(&one, step, Some(approval)).iter().any(|(_, opened)| *opened)
        };
        for (name, approval) in unfit(&one, step) {
            let Some(approval) = approval else { continue };
            let stands_in = [
                "without an answer",
                "one answer short",
                "without its last level",
                "overridden by nobody",
            ];
            assert_eq!(open(&overridden(approval)), stands_in.contains(&name), "{step}: {name}");
        }
        let mut unanswered = granted(&one, step);
        unanswered.decisions.clear();
        assert!(open(&overridden(unanswered)), "{step}");
    }
}

#[test]
fn before_it_was_asked_for_even_its_own_opens_nothing() {
    for (words, one, _) in states() {
        for step in ["failover", "reboot"] {
            if matches!(
                one.steps[step].state,
                Standing::Waiting | Standing::Running | Standing::Blocked
            ) {
                continue;
            }
            let own = granted(&one, step);
            for (door, opened) in doors(&one, step, Some(&own)) {
                assert!(!opened, "{words}: {step}: {door}");
            }
        }
    }
}

#[test]
fn a_step_waits_for_no_other_incidents_approval() {
    let one = standing("rest", "pause", Standing::Done);
    let mut foreign = request(&one, "failover");
    foreign.id.incident = incident(8);
    assert_eq!(
        run(&one).block("failover", &foreign, &machine()).unwrap_err(),
        Refusal::Approval { step: "failover".to_owned(), why: Unfit::OtherIncident }
    );
}

#[test]
fn who_did_a_step_does_not_approve_the_next() {
    // Bob looked, and is asked all the same.
    let mut one = standing("rest", "pause", Standing::Done);
    one.steps.get_mut("look").unwrap().operator = Some("Bob@example.com".to_owned());
    let careless = asked(run(&one).subject("failover").unwrap(), 1, Vec::new());
    assert_eq!(
        run(&one).block("failover", &careless, &machine()).unwrap_err(),
        Refusal::Approval { step: "failover".to_owned(), why: Unfit::Interested(BOB.to_owned()) }
    );
    assert!(run(&one).exclusions("eve@example.com").iter().eq([
        ALICE,
        BOB,
        DAVE,
        "eve@example.com",
        "step"
    ]));
    // Nor does who wrote the runbook before its last editor did.
    let mut one = standing("rest", "pause", Standing::Done);
    one.writers = [CAROL.to_owned()].into();
    assert_eq!(
        run(&one).block("failover", &careless, &machine()).unwrap_err(),
        Refusal::Approval { step: "failover".to_owned(), why: Unfit::Interested(CAROL.to_owned()) }
    );
    // Who approved does not carry it out.
    let one = standing("failover", "pause", Standing::Waiting);
    let own = granted(&one, "failover");
    let alias = person("bob+oncall@example.com");
    let refused =
        run(&one).complete("failover", &report(&one, "failover"), Some(&own), &alias, at(4));
    assert!(matches!(refused, Err(Refusal::Approval { why: Unfit::Interested(_), .. })));
}

#[test]
fn completing_high_risk_names_its_approval() {
    let one = standing("failover", "pause", Standing::Waiting);
    let own = granted(&one, "failover");
    let bare = Report::done("s3://evidence/1");
    let needed = Err(Refusal::ApprovalNeeded { step: "failover".to_owned() });
    assert_eq!(run(&one).complete("failover", &bare, Some(&own), &person(ALICE), at(4)), needed);
    let blocked = standing("failover", "pause", Standing::Blocked);
    let named = report(&blocked, "failover");
    assert_eq!(
        run(&blocked).complete("failover", &named, Some(&own), &person(ALICE), at(4)),
        needed
    );
    // Begun in time, it may end after the approval's time.
    assert!(
        run(&one)
            .complete("failover", &report(&one, "failover"), Some(&own), &person(ALICE), at(90))
            .is_ok()
    );
}

#[test]
fn a_second_attempt_needs_a_second_approval() {
    let one = standing("reboot", "restart", Standing::Running);
    let first = granted(&one, "reboot");
    let one = run(&one)
        .returned("reboot", &returned(1, false), &machine(), at(4))
        .unwrap()
        .unwrap()
        .after;
    let one = run(&one).retry("reboot", 1, &person(ALICE)).unwrap().unwrap().after;
    assert!(matches!(run(&one).next(), Next::Ask(turn) if turn.attempt == 2));
    assert!(run(&one).block("reboot", &first, &machine()).is_err());
    let one =
        run(&one).block("reboot", &request(&one, "reboot"), &machine()).unwrap().unwrap().after;
    assert!(doors(&one, "reboot", Some(&first)).iter().all(|(_, opened)| !opened));
    // What was to be done in the first attempt is handed out no more.
    let second = granted(&one, "reboot");
    let begun = run(&one).begin("reboot", Some(&second), &machine(), at(3)).unwrap().unwrap().after;
    let told = Told { incident: None, now: at(3) };
    let act = |attempt| run(&begun).act("reboot", attempt, Some(&second), told);
    assert!(matches!(act(1), Err(Refusal::Attempt { attempt: 2, given: 1, .. })));
    assert!(act(2).is_ok());
    // An answer to the first attempt, which was long on its way, is no answer to the second.
    assert!(matches!(
        run(&one).returned("reboot", &returned(1, true), &machine(), at(5)),
        Err(Refusal::Attempt { attempt: 2, given: 1, .. })
    ));
}

#[test]
fn a_refusal_is_final_and_everything_else_is_tried_again() {
    let blocked = standing("failover", "pause", Standing::Blocked);
    let lapse = |spoil: fn(&mut Approval), now| {
        let mut approval = granted(&blocked, "failover");
        spoil(&mut approval);
        let failed =
            run(&blocked).lapsed("failover", &approval, &machine(), now).unwrap().unwrap().after;
        let outcome = failed.steps["failover"].outcome.unwrap();
        (outcome, run(&failed).retry("failover", 1, &person(ALICE)).is_ok())
    };
    assert_eq!(lapse(|one| one.state = ApprovalState::Denied, at(3)), (Outcome::Denied, false));
    assert_eq!(lapse(|one| one.state = ApprovalState::Expired, at(3)), (Outcome::Expired, true));
    assert_eq!(lapse(|one| one.state = ApprovalState::Revoked, at(3)), (Outcome::Revoked, true));
    assert_eq!(
        lapse(|one| one.state = ApprovalState::Superseded, at(3)),
        (Outcome::Superseded, true)
    );
    assert_eq!(lapse(|_| {}, at(60)), (Outcome::Expired, true));
}

proptest! {
    /// Approvals spoilt in several ways at once, at any moment, in any state: the doors stay shut;
    /// and what is not spoilt opens them until its time is over.
    #[test]
    fn no_combination_opens_a_door(
        place in 0usize..4,
        spoils in prop::collection::vec(0usize..SPOILS.len(), 0..4),
        minutes in 0i64..120,
    ) {
        let (one, step) = &GUARDED[place];
        let mut approval = granted(one, step);
        for spoil in &spoils {
            SPOILS[*spoil].1(&mut approval);
        }
        let begun = one.steps[*step].started_at;
        let now = begun.unwrap_or(at(minutes));
        let fits = run(one).grant(step, &approval, &machine().id, now).is_ok();
        // Two of them may undo each other by chance in one field alone: they all set. One that has
        // less time fits as long as it lasts.
        let hurried = |spoil: &usize| SPOILS[*spoil].0 == "out of time";
        let end = if spoils.is_empty() { 60 } else { 3 };
        prop_assert_eq!(fits, spoils.iter().all(hurried) && now < at(end));
        if !fits && begun.is_some() {
            prop_assert!(doors(one, step, Some(&approval)).iter().all(|(_, opened)| !opened));
        }
    }
}
