//! Executions: a runbook with a bit of everything, the people around it, and what may be asked.

mod approvals;
mod bounds;
mod model;
mod onward;
mod output;
mod paths;
mod proof;
mod shipped;
mod shown;
mod starts;
mod table;
mod walks;

use super::*;
use crate::Hashed;
use crate::Spec;
use serde_json::json;
use std::sync::LazyLock;
use watchfire_domain::approval::{Answer, ApprovalAsk, Proof, Subject};
use watchfire_domain::{Actor, ActorKind, Approval, EventType, MINUTE, Tenant, Voucher};

static SPEC: LazyLock<Hashed> = LazyLock::new(|| hashed(&spec(include_str!("tests/fixture.yaml"))));
static TENANT: LazyLock<Tenant> = LazyLock::new(|| tenant("A1"));

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";
const DAVE: &str = "dave@example.com";

fn spec(text: &str) -> Spec {
    crate::parse::read(&crate::yaml::read(text).unwrap()).unwrap()
}

fn hashed(spec: &Spec) -> Hashed {
    Hashed::of(spec.clone()).unwrap()
}

fn tenant(name: &str) -> Tenant {
    Tenant::vouched(name, Voucher::Claims).unwrap()
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::parse("2026-11-21T03:12:00Z").unwrap().plus(minutes.saturating_mul(MINUTE))
}

fn incident(byte: u8) -> IncidentId {
    IncidentId::at(at(0), [byte; 10])
}

fn person(id: &str) -> Actor {
    Actor { kind: ActorKind::User, id: id.to_owned() }
}

fn machine() -> Actor {
    Actor::service("step")
}

/// The fixture's execution of this id, on the first incident: started by Alice, edited by Dave.
fn started(byte: u8) -> Execution {
    let inputs = json!({ "host": "web-1" });
    let ask = Start {
        id: ExecutionId::at(at(0), [byte; 10]),
        incident: Some(incident(7)),
        inputs: inputs.as_object().unwrap(),
    };
    let pin = Pin { spec: &SPEC, version: 3, editors: vec![DAVE] };
    Execution::start(&ask, &pin, &person(ALICE), at(0)).unwrap().after
}

fn run(one: &Execution) -> Run<'_> {
    one.with(&SPEC, &TENANT).unwrap()
}

/// A request about `subject` that Bob and Carol can answer, `n` in its incident, good for an hour.
fn asked(subject: Subject, n: u16, excluded: Vec<String>) -> Approval {
    let ask = ApprovalAsk {
        id: ApprovalId { incident: incident(7), n },
        subject,
        need: 1,
        approvers: [BOB, CAROL].map(str::to_owned).into(),
        then: Vec::new(),
        excluded,
        on_call: false,
        hours: None,
        role: None,
        clearance: None,
        requested_by: "service:step".to_owned(),
        expires_at: at(60),
        random: [0; 4],
    };
    Approval::request(ask, &machine(), at(1)).unwrap().after
}

/// The request that the engine makes for a step: one number for each attempt of each step.
fn request(one: &Execution, step: &str) -> Approval {
    let run = run(one);
    let place = one.steps.keys().position(|id| id == step).unwrap();
    let n = format!("{}{:02}", place.saturating_add(1), one.steps[step].attempt).parse().unwrap();
    let excluded = run.exclusions("service:step").into_iter().collect();
    asked(run.subject(step).unwrap(), n, excluded)
}

fn answered(approval: &Approval, answer: Answer) -> Approval {
    approval.decide(BOB, answer, Proof::SignedIn, at(2)).unwrap().unwrap().after
}

fn granted(one: &Execution, step: &str) -> Approval {
    answered(&request(one, step), Answer::Grant)
}

fn denied(one: &Execution, step: &str) -> Approval {
    answered(&request(one, step), Answer::Deny)
}

/// A report that satisfies every step of the fixture.
fn report(one: &Execution, step: &str) -> Report {
    Report { approval_ids: one.steps[step].approvals.clone(), ..Report::done("s3://evidence/1") }
}

fn returned(attempt: u32, passed: bool) -> Returned<'static> {
    let output = b"ok";
    Returned { attempt, passed, exit_code: None, output, whole: None, evidence: &[], problem: None }
}

/// Does whatever is next, as everybody whose turn it is would: takes the alternative `option`,
/// grants what is asked, and passes every step. None once nothing is left.
fn moved(one: &Execution, option: &str) -> Option<Change<Execution>> {
    let (run, told) = (run(one), Told { incident: Some(&crate::cases::FACTS), now: at(3) });
    let change = match run.next() {
        Next::Ask(turn) => run.block(&turn.step.id, &request(one, &turn.step.id), &machine()),
        Next::Approval(turn, _) => {
            let approval = granted(one, &turn.step.id);
            run.begin(&turn.step.id, Some(&approval), &machine(), at(3))
        }
        Next::Begin(turn) => run.begin(&turn.step.id, None, &machine(), at(3)),
        Next::Act(turn) => {
            let (id, attempt) = (turn.step.id.as_str(), turn.attempt);
            run.act(id, attempt, Some(&granted(one, id)), told).unwrap();
            run.returned(id, &returned(attempt, true), &machine(), at(4))
        }
        Next::Operator(turn) => {
            let (id, approval) = (turn.step.id.as_str(), granted(one, &turn.step.id));
            run.complete(id, &report(one, id), Some(&approval), &person(ALICE), at(4))
        }
        Next::Choose(turn) => run.choose(&turn.step.id, option, None, &person(ALICE), at(4)),
        Next::Finish => run.finish(&machine(), at(5)),
        Next::Over => return None,
    };
    Some(change.unwrap().unwrap())
}

fn driven(mut one: Execution, option: &str, stop: impl Fn(&Execution) -> bool) -> Execution {
    while !stop(&one) {
        let Some(change) = moved(&one, option) else { break };
        one = change.after;
    }
    one
}

/// The execution as it stands when `step` stands so.
fn standing(step: &str, option: &str, state: Standing) -> Execution {
    let one = driven(started(1), option, |one| one.steps[step].state == state);
    assert_eq!(one.steps[step].state, state, "{step}");
    one
}
