use super::*;
use crate::{ActorKind, HOUR, IncidentId, MINUTE, Rejected, patch};
use expect_test::expect;
use std::fmt::Write as _;

mod names;
mod walks;

fn at(minutes: i64) -> Timestamp {
    Timestamp::parse("2026-11-21T03:12:00Z").unwrap().plus(minutes.saturating_mul(MINUTE))
}

fn person() -> Actor {
    Actor { kind: ActorKind::User, id: "alice@example.com".to_owned() }
}

fn spec() -> Spec {
    serde_json::from_str(r#"{"cluster_id":"rosa-prod-01","number":"456"}"#).unwrap()
}

fn evidence(verdict: Verdict) -> Evidence {
    Evidence { verdict, prefix: None, files: 3, manifest: None, problem: None }
}

fn requested(launch: Launch) -> Environment {
    let id = EnvironmentId { incident: IncidentId::at(at(0), [7; 10]), n: 1 };
    let spec = Spec { launch, ..spec() };
    Environment::request(id, &spec, "1", "rosa-boundary-dev", &person(), at(0)).after
}

type Asked = Result<Option<Change<Environment>>, Rejected>;
type Operation = (&'static str, fn(&Environment) -> Asked);

/// Everything that can be asked of an environment.
const OPERATIONS: [Operation; 19] = [
    ("create", |one| one.created("fsap-1", "family:1", None, Ok(None), &person())),
    ("create, no broker", |one| {
        one.created("fsap-1", "family:1", None, Err("down".into()), &person())
    }),
    ("ask launch", |one| one.ask_launch(&person())),
    ("launch", |one| one.launched("task-1", &person(), at(2))),
    ("launch another", |one| one.launched("task-2", &person(), at(2))),
    ("run", |one| one.running(3, &Ok(None), &person(), at(3))),
    ("ask stop", |one| one.ask_stop("done", None, &person(), at(4))),
    ("ask stop, remove", |one| one.ask_stop("done", Some(Removal::Remove), &person(), at(4))),
    ("stop", |one| one.stopped(None, evidence(Verdict::Verified), &person())),
    ("stop, no evidence", |one| one.stopped(None, evidence(Verdict::Missing), &person())),
    ("waive", |one| one.waive("it never ran", &person())),
    ("find evidence", |one| Ok(one.evidence_found(evidence(Verdict::Verified), &person()))),
    ("find the same", |one| Ok(one.evidence_found(evidence(Verdict::Missing), &person()))),
    ("extend", |one| one.extend(4, &person(), at(5)).map(Some)),
    ("fail", |one| Ok(one.fail("launch", "no capacity", &person(), at(6)))),
    ("keep", |one| Ok(one.keep("nobody could be asked", &person()))),
    ("restart", |one| Ok(one.restart(&person()))),
    ("close, removed", |one| one.close(CloseAs::Removed, 1, None, &person(), at(7))),
    ("close, kept", |one| one.close(CloseAs::Kept("refused"), 1, None, &person(), at(7))),
];

fn ask(one: &Environment, name: &str) -> Environment {
    let (_, operation) = OPERATIONS.iter().find(|(word, _)| *word == name).unwrap();
    operation(one).unwrap().unwrap_or_else(|| panic!("{name} changes nothing")).after
}

/// An environment after these operations.
fn after(operations: &[&str]) -> Environment {
    operations.iter().fold(requested(Launch::Now), |one, name| ask(&one, name))
}

fn states() -> Vec<(&'static str, Environment)> {
    vec![
        ("requested", requested(Launch::Now)),
        ("requested, later", requested(Launch::Later)),
        ("created", after(&["create"])),
        ("launching", after(&["create", "launch"])),
        ("running", after(&["create", "launch", "run"])),
        ("stopping", after(&["create", "launch", "run", "ask stop"])),
        ("stopping, no task", after(&["ask stop"])),
        ("stopped", after(&["create", "launch", "run", "ask stop", "stop"])),
        ("stopped, no evidence", after(&["create", "launch", "run", "stop, no evidence"])),
        ("failed, no task", after(&["create", "fail"])),
        ("failed, with task", after(&["create", "launch", "fail"])),
        ("closed", after(&["create", "launch", "ask stop", "stop", "close, kept"])),
    ]
}

#[test]
fn every_operation_in_every_state() {
    let mut table = String::new();
    for (word, one) in states() {
        writeln!(table, "{word}, next: {:?}", one.next()).unwrap();
        for (name, operation) in OPERATIONS {
            let answer = match operation(&one) {
                Ok(None) => "nothing to do".to_owned(),
                Ok(Some(change)) => {
                    assert_eq!(change.before.as_ref(), Some(&one));
                    assert_eq!(change.after.version, one.version + 1);
                    assert_eq!(change.draft.detail["environment"], one.id.to_string());
                    let attempt = change.after.attempt - one.attempt;
                    let attempt = if attempt > 0 { ", next attempt" } else { "" };
                    let (kind, state) = (change.draft.kind, change.after.state.name());
                    format!("{state} ({kind}){attempt}")
                }
                Err(refused) => format!("- {refused}"),
            };
            writeln!(table, "  {name:<18} {answer}").unwrap();
        }
    }
    expect![[r#"
        requested, next: Launch
          create             created (environment_created)
          create, no broker  created (environment_created)
          ask launch         nothing to do
          launch             - the environment is `requested`: it cannot be launched
          launch another     - the environment is `requested`: it cannot be launched
          run                - the environment is `requested`: it cannot run
          ask stop           stopping (stop_requested)
          ask stop, remove   stopping (stop_requested)
          stop               - the environment is `requested`: it cannot be stopped
          stop, no evidence  - the environment is `requested`: it cannot be stopped
          waive              - the environment is `requested`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             requested (environment_extended)
          fail               failed (environment_failed)
          keep               requested (environment_removal_settled)
          restart            requested (environment_restarted), next attempt
          close, removed     - the environment is `requested`: it cannot be closed before it is stopped
          close, kept        - the environment is `requested`: it cannot be closed before it is stopped
        requested, later, next: WaitLaunch
          create             created (environment_created)
          create, no broker  created (environment_created)
          ask launch         requested (launch_requested)
          launch             - the environment is `requested`: it cannot be launched
          launch another     - the environment is `requested`: it cannot be launched
          run                - the environment is `requested`: it cannot run
          ask stop           stopping (stop_requested)
          ask stop, remove   stopping (stop_requested)
          stop               - the environment is `requested`: it cannot be stopped
          stop, no evidence  - the environment is `requested`: it cannot be stopped
          waive              - the environment is `requested`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             requested (environment_extended)
          fail               failed (environment_failed)
          keep               requested (environment_removal_settled)
          restart            requested (environment_restarted), next attempt
          close, removed     - the environment is `requested`: it cannot be closed before it is stopped
          close, kept        - the environment is `requested`: it cannot be closed before it is stopped
        created, next: Launch
          create             nothing to do
          create, no broker  nothing to do
          ask launch         nothing to do
          launch             launching (task_launched)
          launch another     launching (task_launched)
          run                - the environment is `created`: it cannot run
          ask stop           stopping (stop_requested)
          ask stop, remove   stopping (stop_requested)
          stop               - the environment is `created`: it cannot be stopped
          stop, no evidence  - the environment is `created`: it cannot be stopped
          waive              - the environment is `created`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             created (environment_extended)
          fail               failed (environment_failed)
          keep               created (environment_removal_settled)
          restart            created (environment_restarted), next attempt
          close, removed     - the environment is `created`: it cannot be closed before it is stopped
          close, kept        - the environment is `created`: it cannot be closed before it is stopped
        launching, next: Launch
          create             nothing to do
          create, no broker  nothing to do
          ask launch         - task `task-1` runs already
          launch             nothing to do
          launch another     - task `task-1` runs already
          run                running (task_running)
          ask stop           stopping (stop_requested)
          ask stop, remove   stopping (stop_requested)
          stop               stopped (task_stopped)
          stop, no evidence  stopped (task_stopped)
          waive              - the environment is `launching`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             launching (environment_extended)
          fail               failed (environment_failed)
          keep               launching (environment_removal_settled)
          restart            launching (environment_restarted), next attempt
          close, removed     - the environment is `launching`: it cannot be closed before it is stopped
          close, kept        - the environment is `launching`: it cannot be closed before it is stopped
        running, next: WaitStop
          create             nothing to do
          create, no broker  nothing to do
          ask launch         - task `task-1` runs already
          launch             nothing to do
          launch another     - task `task-1` runs already
          run                nothing to do
          ask stop           stopping (stop_requested)
          ask stop, remove   stopping (stop_requested)
          stop               stopped (task_stopped)
          stop, no evidence  stopped (task_stopped)
          waive              - the environment is `running`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             running (environment_extended)
          fail               failed (environment_failed)
          keep               running (environment_removal_settled)
          restart            running (environment_restarted), next attempt
          close, removed     - the environment is `running`: it cannot be closed before it is stopped
          close, kept        - the environment is `running`: it cannot be closed before it is stopped
        stopping, next: Stop
          create             nothing to do
          create, no broker  nothing to do
          ask launch         - the environment is `stopping`: it cannot be launched; create another, its files are still there
          launch             nothing to do
          launch another     - task `task-1` runs already
          run                nothing to do
          ask stop           nothing to do
          ask stop, remove   stopping (stop_requested)
          stop               stopped (task_stopped)
          stop, no evidence  stopped (task_stopped)
          waive              - the environment is `stopping`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             - the environment is `stopping`: it cannot be extended
          fail               failed (environment_failed)
          keep               stopping (environment_removal_settled)
          restart            stopping (environment_restarted), next attempt
          close, removed     - the environment is `stopping`: it cannot be closed before it is stopped
          close, kept        - the environment is `stopping`: it cannot be closed before it is stopped
        stopping, no task, next: Stop
          create             stopping (environment_created)
          create, no broker  stopping (environment_created)
          ask launch         - the environment is `stopping`: it cannot be launched; create another, its files are still there
          launch             stopping (task_launched)
          launch another     stopping (task_launched)
          run                - the environment is `stopping`: it cannot run
          ask stop           nothing to do
          ask stop, remove   stopping (stop_requested)
          stop               stopped (task_stopped)
          stop, no evidence  stopped (task_stopped)
          waive              - the environment is `stopping`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             - the environment is `stopping`: it cannot be extended
          fail               failed (environment_failed)
          keep               stopping (environment_removal_settled)
          restart            stopping (environment_restarted), next attempt
          close, removed     - the environment is `stopping`: it cannot be closed before it is stopped
          close, kept        - the environment is `stopping`: it cannot be closed before it is stopped
        stopped, next: Approve
          create             nothing to do
          create, no broker  nothing to do
          ask launch         - the environment is `stopped`: it cannot be launched; create another, its files are still there
          launch             nothing to do
          launch another     - task `task-1` runs already
          run                nothing to do
          ask stop           nothing to do
          ask stop, remove   stopped (stop_requested)
          stop               nothing to do
          stop, no evidence  nothing to do
          waive              nothing to do
          find evidence      nothing to do
          find the same      nothing to do
          extend             - the environment is `stopped`: it cannot be extended
          fail               failed (environment_failed)
          keep               stopped (environment_removal_settled)
          restart            stopped (environment_restarted), next attempt
          close, removed     closed (environment_closed)
          close, kept        closed (environment_closed)
        stopped, no evidence, next: Approve
          create             nothing to do
          create, no broker  nothing to do
          ask launch         - the environment is `stopped`: it cannot be launched; create another, its files are still there
          launch             nothing to do
          launch another     - task `task-1` runs already
          run                nothing to do
          ask stop           nothing to do
          ask stop, remove   stopped (stop_requested)
          stop               nothing to do
          stop, no evidence  nothing to do
          waive              stopped (evidence_waived)
          find evidence      stopped (task_stopped)
          find the same      nothing to do
          extend             - the environment is `stopped`: it cannot be extended
          fail               failed (environment_failed)
          keep               stopped (environment_removal_settled)
          restart            stopped (environment_restarted), next attempt
          close, removed     - the environment is `stopped`: it cannot be closed before its evidence passes
          close, kept        - the environment is `stopped`: it cannot be closed before its evidence passes
        failed, no task, next: Done
          create             nothing to do
          create, no broker  nothing to do
          ask launch         created (launch_requested), next attempt
          launch             - the environment is `failed`: it cannot be launched
          launch another     - the environment is `failed`: it cannot be launched
          run                - the environment is `failed`: it cannot run
          ask stop           stopping (stop_requested), next attempt
          ask stop, remove   stopping (stop_requested), next attempt
          stop               - the environment is `failed`: it cannot be stopped
          stop, no evidence  - the environment is `failed`: it cannot be stopped
          waive              - the environment is `failed`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             - the environment is `failed`: it cannot be extended
          fail               nothing to do
          keep               failed (environment_removal_settled)
          restart            nothing to do
          close, removed     - the environment is `failed`: it cannot be closed before it is stopped
          close, kept        - the environment is `failed`: it cannot be closed before it is stopped
        failed, with task, next: Done
          create             nothing to do
          create, no broker  nothing to do
          ask launch         created (launch_requested), next attempt
          launch             nothing to do
          launch another     - task `task-1` runs already
          run                nothing to do
          ask stop           stopping (stop_requested), next attempt
          ask stop, remove   stopping (stop_requested), next attempt
          stop               - the environment is `failed`: it cannot be stopped
          stop, no evidence  - the environment is `failed`: it cannot be stopped
          waive              - the environment is `failed`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             - the environment is `failed`: it cannot be extended
          fail               nothing to do
          keep               failed (environment_removal_settled)
          restart            nothing to do
          close, removed     - the environment is `failed`: it cannot be closed before it is stopped
          close, kept        - the environment is `failed`: it cannot be closed before it is stopped
        closed, next: Done
          create             - the environment is `closed`: it cannot be created
          create, no broker  - the environment is `closed`: it cannot be created
          ask launch         - the environment is `closed`: it cannot be launched; create another, its files are still there
          launch             nothing to do
          launch another     - task `task-1` runs already
          run                nothing to do
          ask stop           - the environment is `closed`: it cannot be stopped
          ask stop, remove   - the environment is `closed`: it cannot be stopped
          stop               nothing to do
          stop, no evidence  nothing to do
          waive              - the environment is `closed`: it cannot have its evidence check waived
          find evidence      nothing to do
          find the same      nothing to do
          extend             - the environment is `closed`: it cannot be extended
          fail               nothing to do
          keep               nothing to do
          restart            nothing to do
          close, removed     nothing to do
          close, kept        nothing to do
    "#]].assert_eq(&table);
}

#[test]
fn every_step_may_be_asked_for_twice() {
    let walk = ["create", "launch", "run", "ask stop", "stop", "close, kept"];
    let mut one = requested(Launch::Now);
    for name in walk {
        let (_, operation) = OPERATIONS.iter().find(|(word, _)| *word == name).unwrap();
        one = operation(&one).unwrap().unwrap().after;
        assert_eq!(operation(&one), Ok(None), "{name} again");
    }
}

#[test]
fn what_the_spec_leaves_out() {
    let spec = spec();
    let defaults = (spec.launch, spec.hours, spec.removal);
    assert_eq!(defaults, (Launch::Now, 8, Removal::Ask));
    let one = requested(Launch::Now);
    assert_eq!(one.family, "rosa-boundary-dev-rosa-prod-01-456-20261121T031200");
    assert_eq!(one.deadline, at(0).plus(8 * HOUR));
    let unnamed = Spec { number: None, ..spec };
    let one = Environment::request(one.id, &unnamed, "20261121-0312", "w", &person(), at(0)).after;
    assert_eq!(one.number, "20261121-0312");
    assert_eq!((one.state, one.attempt, one.version), (State::Requested, 1, 1));
    assert!(serde_json::from_str::<Spec>(r#"{"cluster_id":"c","sudo":true}"#).is_err());
}

#[test]
fn what_a_stop_and_a_failure_tell() {
    let long = "x".repeat(400);
    let failed = after(&["create"]).fail("launch", &long, &person(), at(6)).unwrap().after;
    assert_eq!(failed.failure.unwrap().reason.len(), 300);
    let stopping = after(&["create", "launch", "run", "ask stop, remove"]);
    let stop = stopping.stop.clone().unwrap();
    let said = (stop.by.as_str(), stop.reason.as_str(), stop.at, stopping.removal);
    assert_eq!(said, ("alice@example.com", "done", at(4), Removal::Remove));
    // Asked again with another wish for the access point: the first reason stays.
    let again = stopping.ask_stop("later", Some(Removal::Keep), &person(), at(9)).unwrap();
    let again = again.unwrap().after;
    assert_eq!((again.stop, again.removal), (Some(stop), Removal::Keep));
}

#[test]
fn a_waiver_needs_words_and_a_failed_check() {
    let failed = after(&["create", "launch", "run", "stop, no evidence"]);
    let refused = failed.waive(" ", &person());
    let what = "waiving the evidence check";
    assert_eq!(refused, Err(Rejected::RationaleMissing { what }));
    let waived = ask(&failed, "waive");
    assert!(!failed.evidence_passes() && waived.evidence_passes());
    assert_eq!(waived.evidence.unwrap().files, 3, "what was found stays");
    let mut table = String::new();
    for verdict in
        [Verdict::Verified, Verdict::Missing, Verdict::Incomplete, Verdict::None, Verdict::Waived]
    {
        let one = Environment { evidence: Some(evidence(verdict)), ..failed.clone() };
        writeln!(table, "{verdict:?}: {}", one.evidence_passes()).unwrap();
    }
    let unlooked = Environment { evidence: None, ..failed };
    writeln!(table, "not looked for: {}", unlooked.evidence_passes()).unwrap();
    expect![[r#"
        Verified: true
        Missing: false
        Incomplete: false
        None: true
        Waived: true
        not looked for: false
    "#]]
    .assert_eq(&table);
}
