//! Every shipped runbook can be walked to its end, on every one of its ways.

use super::*;
use crate::spec::OnFailure;
use std::fs;
use std::path::Path;

fn shipped() -> Vec<(String, Hashed, serde_json::Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.strip_suffix(".yaml").is_some_and(|name| !name.contains('.')))
        .collect();
    names.sort();
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let one = |name: String| {
        let spec = hashed(&spec(&read(&name)));
        let cases = crate::yaml::read(&read(&name.replace(".yaml", ".cases.yaml"))).unwrap();
        // The inputs of its first preview.
        let inputs = cases["previews"][0]["inputs"].clone();
        let inputs = if inputs.is_object() { inputs } else { json!({}) };
        (name, spec, inputs)
    };
    names.into_iter().map(one).collect()
}

/// How many ways there are through a runbook, at most: any alternative of one choice may come with
/// any of another.
fn ways(spec: &Hashed) -> usize {
    let choices = spec.walk();
    choices.iter().map(|within| within.step.alternatives().len().max(1)).product()
}

/// Walks a runbook on the way of this number, and answers how many steps of high risk were carried
/// out. `down`: every step fails that it may go on without.
fn walk(
    name: &str,
    spec: &Hashed,
    inputs: &serde_json::Value,
    number: usize,
    down: bool,
) -> (Execution, usize) {
    let ask = Start {
        id: ExecutionId::at(at(0), [1; 10]),
        incident: Some(incident(7)),
        inputs: inputs.as_object().unwrap(),
    };
    let pin = Pin { spec, version: 1, editors: vec![DAVE] };
    let mut one = Execution::start(&ask, &pin, &person(ALICE), at(0))
        .unwrap_or_else(|refused| panic!("{name}: {refused}"))
        .after;
    let (mut approval, mut dangerous, mut way) = (None, Vec::new(), number);
    for _ in 0..5 * MOST_STEPS {
        let run = one.with(spec, &TENANT).unwrap();
        let change = match run.next() {
            Next::Ask(turn) => {
                let id = &turn.step.id;
                let excluded = run.exclusions("service:step").into_iter().collect();
                let request = asked(run.subject(id).unwrap(), 1, excluded);
                approval = Some(answered(&request, Answer::Grant));
                dangerous.push(id.clone());
                run.block(id, &request, &machine())
            }
            Next::Approval(turn, _) => {
                run.begin(&turn.step.id, approval.as_ref(), &machine(), at(3))
            }
            Next::Begin(turn) => run.begin(&turn.step.id, None, &machine(), at(3)),
            Next::Act(turn) => {
                let id = turn.step.id.as_str();
                let told = Told { incident: Some(&crate::cases::FACTS), now: at(3) };
                run.act(id, 1, approval.as_ref(), told)
                    .unwrap_or_else(|why| panic!("{name}: {id}: {why}"));
                assert!(turn.deadline.is_some(), "{name}: {id} may run for ever");
                let fails = down && turn.step.on_failure == OnFailure::Continue;
                run.returned(id, &returned(1, !fails), &machine(), at(4))
            }
            Next::Operator(turn) => {
                let id = turn.step.id.as_str();
                run.complete(id, &report(&one, id), approval.as_ref(), &person(ALICE), at(4))
            }
            Next::Choose(turn) => {
                let options = turn.step.alternatives();
                let option = &options.iter().cycle().nth(way).unwrap().name;
                way = way.checked_div(options.len()).unwrap();
                run.choose(&turn.step.id, option, approval.as_ref(), &person(ALICE), at(4))
            }
            Next::Finish => run.finish(&machine(), at(5)),
            Next::Over => break,
        };
        one = change.unwrap_or_else(|why| panic!("{name}: {why}")).unwrap().after;
    }
    (one, dangerous.len())
}

#[test]
fn a_checklist_is_ticked_in_any_order_and_by_anybody() {
    let (_, spec, inputs) =
        shipped().into_iter().find(|(name, ..)| name == "checklist-first-15-minutes.yaml").unwrap();
    let start = Start {
        id: ExecutionId::at(at(0), [1; 10]),
        incident: Some(incident(7)),
        inputs: inputs.as_object().unwrap(),
    };
    let pin = Pin { spec: &spec, version: 1, editors: vec![DAVE] };
    let mut one = Execution::start(&start, &pin, &person(ALICE), at(0)).unwrap().after;
    for (place, step) in spec.steps.iter().rev().enumerate() {
        let run = one.with(&spec, &TENANT).unwrap();
        let (who, when) = (person([ALICE, BOB][place & 1]), at(i64::try_from(place).unwrap()));
        let tick = |report: &Report| run.complete(&step.id, report, None, &who, when);
        // What failed stops the run, and so it waits for its turn.
        let failed = Report { failed: true, ..Report::default() };
        let first = one.current_step.as_deref() == Some(step.id.as_str());
        assert_eq!(tick(&failed).is_ok(), first);
        one = tick(&Report::default()).unwrap().unwrap().after;
        let state = &one.steps[&step.id];
        assert_eq!((state.operator.as_ref(), state.completed_at), (Some(&who.id), Some(when)));
    }
    let run = one.with(&spec, &TENANT).unwrap();
    assert_eq!((run.next(), one.current_step.clone()), (Next::Finish, None));
}

#[test]
fn every_shipped_runbook_can_be_walked_on_every_way() {
    let all = shipped();
    assert!(all.len() >= 30);
    let (mut walks, mut done, mut dangerous) = (0, 0, 0);
    for (name, spec, inputs) in &all {
        let mut reached = std::collections::BTreeSet::new();
        for number in 0..ways(spec) {
            let (one, high) = walk(name, spec, inputs, number, false);
            assert_eq!(one.state, State::Completed, "{name}");
            let passed = one.steps.iter().filter(|(_, step)| step.state == Standing::Done);
            reached.extend(passed.map(|(id, _)| id.clone()));
            (walks, dangerous) = (walks + 1, dangerous + high);
        }
        done += reached.len();
        // No step is there that no run ever does.
        assert_eq!(reached.len(), spec.walk().len(), "{name}");
    }
    assert!(walks > all.len() && done > 250 && dangerous > 30, "{walks} {done} {dangerous}");
}

/// What is down fails its step, and keeps nobody from what else there is to see.
#[test]
fn what_is_down_ends_no_shipped_diagnosis() {
    let mut onward = Vec::new();
    for (name, spec, inputs) in &shipped() {
        let looks = spec.walk();
        let looks = looks.iter().filter(|one| one.step.on_failure == OnFailure::Continue);
        let looks: Vec<&str> = looks.map(|one| one.step.id.as_str()).collect();
        if looks.is_empty() {
            continue;
        }
        onward.push(format!("{name}: {}", looks.join(" ")));
        for number in 0..ways(spec) {
            let (one, _) = walk(name, spec, inputs, number, true);
            // A proof has failed, but has looked at all.
            let proves = spec.verifies.is_some();
            let end = if proves { State::Failed } else { State::Completed };
            assert_eq!(one.state, end, "{name}");
            let failed = |id: &&String| one.steps[*id].state == Standing::Failed;
            assert_eq!(one.steps.keys().filter(failed).count(), looks.len(), "{name}");
            assert!(looks.iter().all(|id| one.steps[*id].passed_over), "{name}");
            let run = one.with(spec, &TENANT).unwrap();
            assert_eq!(run.passed_over().collect::<Vec<_>>(), looks, "{name}");
        }
    }
    expect_test::expect![[r#"
        contain-database.yaml: db-status db-connections
        contain-network.yaml: security-groups routes
        data-integrity-verification.yaml: users experiments models activity
        database-connections-exhausted.yaml: connections limit
        database-corruption.yaml: integrity
        evidence-storage-latency-triage.yaml: collect logs
        healing-strategies-failing.yaml: logs strategies model
        high-cpu.yaml: cpu
        high-response-times.yaml: p95 slow-queries usage connections
        investigation-collector.yaml: health pods deployments-api deployments-worker nodes-usage pods-usage newest-events events errors database dependencies alerts
        memory-high.yaml: trend usage process logs
        p0-immediate.yaml: health pods history
        p0-investigation.yaml: logs up database deployment commits configuration
        recovery-verification.yaml: endpoint-health endpoint-status endpoint-metrics database cache-ping cache-memory cache-clients prometheus grafana
        server-errors.yaml: errors failed latency deployments
        sev-1-detection.yaml: instances alarms
        sev-2-assessment.yaml: logs cpu deployments infrastructure
        sev-5-recovery-verification.yaml: targets smoke-api smoke-app errors
        unauthorized-access.yaml: sessions access-log usage
        watchfire-backlog-drain.yaml: age depth reader stream
        watchfire-degraded.yaml: alarms errors throttles log table stack-events
        watchfire-executions-stuck.yaml: running history sweep
        webhook-processing-failures.yaml: depth depth-again workers"#]].assert_eq(&onward.join("\n"));
}
