//! The shipped runbooks are sound, and their cases hold.

use super::shipped::{SHIPPED, shipped};
use crate::cases::{change, given};
use crate::lint::{Harm, must_stop, of_action};
use crate::spec::places::actions;
use crate::spec::{Action, OnFailure, Step, Verifies, Within};
use crate::verdict::of_output;
use crate::{Inputs, Rendered, Risk, lint, parse, render, spec_hash};
use expect_test::expect;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[test]
fn every_shipped_runbook_lints_without_a_word() {
    assert!(SHIPPED.len() >= 30, "{}", SHIPPED.len());
    for one in SHIPPED.iter() {
        assert_eq!(lint(&one.spec), vec![], "{}", one.name);
        assert_eq!(one.spec.name, one.name, "the file is named as the runbook");
    }
}

#[test]
fn every_case_of_a_shipped_runbook_holds() {
    let mut cases = 0;
    for one in SHIPPED.iter() {
        assert_eq!(one.cases.play(&one.spec, &one.value), vec![], "{}", one.name);
        assert!(!one.cases.previews.is_empty(), "{} shows nothing", one.name);
        assert!(!one.cases.mutants.is_empty(), "{} has no mutants", one.name);
        // Whoever asks for inputs says which ones it refuses.
        assert!(one.spec.inputs.is_empty() || !one.cases.refusals.is_empty(), "{}", one.name);
        for refusal in &one.cases.refusals {
            assert!(!refusal.says.is_empty(), "{}: `{}` refuses nothing", one.name, refusal.name);
        }
        cases += one.cases.count();
    }
    assert!(cases > 400, "{cases}");
}

#[test]
fn a_case_that_expects_something_else_does_not_hold() {
    let one = shipped("high-cpu");
    let mut cases = one.cases.clone();
    cases.previews[0].preview = cases.previews[0].preview.replacen("high", "low", 1);
    cases.refusals[0].says.push("nothing of the kind".to_owned());
    cases.mutants[0].finds.insert("units".to_owned());
    let failed = cases.play(&one.spec, &one.value);
    assert_eq!(failed.len(), 3, "{failed:?}");
    assert_eq!(cases.renewed(&one.spec, &one.value), one.cases);
}

#[test]
fn whatever_destroys_is_high_guarded_and_explained() {
    let mut destroyers = 0;
    for one in SHIPPED.iter() {
        for within in one.spec.walk() {
            let step = within.step;
            let own = actions(step, "").into_iter().map(|(_, action)| of_action(action).harm).max();
            if own == Some(Harm::Destroys) {
                destroyers += 1;
                assert_eq!(step.risk, Some(Risk::High), "{}: {}", one.name, step.id);
            }
            if step.risk == Some(Risk::High) && step.alternatives().is_empty() {
                assert!(step.guard.as_ref().is_some_and(|guard| !guard.only_if.is_empty()));
                assert!(step.rollback.is_some() != step.irreversible.is_some(), "{}", step.id);
                assert!(step.evidence.is_some() && step.downtime.is_some());
            }
        }
    }
    assert!(destroyers >= 20, "{destroyers}");
}

/// What a runbook goes on without is looked at whatever else is down: nothing that changes something
/// elsewhere, and might fail, comes first.
#[test]
fn a_look_waits_for_nothing_that_may_be_down() {
    let mut looks = 0;
    for one in SHIPPED.iter() {
        let onward = |step: &Step| step.on_failure == OnFailure::Continue;
        let Some(last) = one.spec.steps.iter().rposition(onward) else { continue };
        looks += 1;
        // Whoever broke in is thrown out first, and looked for afterwards (S2-22).
        let contains = one.name == "unauthorized-access";
        for step in one.spec.steps.iter().take(last).filter(|_| !contains) {
            let acts = matches!(step.action, Action::Http(_) | Action::Command(_) | Action::Ssm(_));
            let waits = acts && !onward(step);
            assert!(!waits, "{}: `{}` comes before the last look", one.name, step.id);
        }
    }
    assert!(looks >= 5, "{looks}");
}

/// A look that fails keeps nobody from what comes behind it, wherever the lint lets the run go on.
/// What still ends a run is what a person cannot decide without: the copy that is put back, the
/// list of the dumps, whether a rollout came to its end, and whether to try a service that may be down.
#[test]
fn a_look_ends_no_diagnosis_that_could_go_on() {
    let mut ending = String::new();
    for one in SHIPPED.iter() {
        let steps = one.spec.walk();
        let looks = |within: &Within<'_>| must_stop(&one.spec, within).is_none();
        let last = steps.len().saturating_sub(1);
        for within in steps.iter().take(last).filter(|within| looks(within)) {
            if within.step.on_failure == OnFailure::Continue {
                continue;
            }
            let at = format!("{}.on_failure", within.path);
            let onward = change(&one.value, &at, Some(&json!("continue"))).unwrap();
            if lint(&parse::read(&onward).unwrap()).is_empty() {
                writeln!(ending, "{}: {}", one.name, within.step.id).unwrap();
            }
        }
    }
    expect![[r#"
        configuration-corruption: keep
        database-corruption: backups
        database-corruption: started
        healing-strategies-failing: engine-ready
        high-response-times: scaled
        memory-high: restarted
        mitigation-catalogue: restarted
        mitigation-catalogue: scaled
        mitigation-catalogue: worker-rolled-back
        p0-containment: undone
        p0-containment: database-ready
        p0-resolution: health
        p0-resolution: status
        p0-resolution: smoked
        unauthorized-access: restarted
        webhook-processing-failures: more-workers-ready
    "#]]
    .assert_eq(&ending);
}

/// Nothing that may be down stands between the start and the end of an intrusion (S2-22).
#[test]
fn whoever_broke_in_is_thrown_out_before_anybody_looks() {
    let steps = &shipped("unauthorized-access").spec.steps;
    let place = |id: &str| steps.iter().position(|step| step.id == id).unwrap();
    for step in steps.iter().take(place("revoke")) {
        let person = matches!(step.action, Action::Manual(_));
        assert!(person || step.on_failure == OnFailure::Continue, "`{}` may end it", step.id);
    }
    let order = ["sessions", "revoke", "rotate", "restart", "access-log", "usage", "timeline"];
    assert!(order.map(place).is_sorted());
}

/// A number that is set whatever there was is first held against what there is: a step that adds
/// never takes away, and a number of yesterday adds nothing.
#[test]
fn what_adds_is_compared_with_what_there_is() {
    let mut adders = 0;
    for one in SHIPPED.iter() {
        let steps = one.spec.walk();
        for (at, within) in steps.iter().enumerate() {
            let Action::Command(command) = &within.step.action else { continue };
            let added = ["replicas", "capacity", "concurrency"].into_iter().find(|name| {
                command.argv.iter().any(|word| word.ends_with(&format!("{{{{input.{name}}}}}")))
            });
            let Some(added) = added else { continue };
            adders += 1;
            let wanted = format!("{{{{input.{added}}}}}");
            let old = format!("{{{{input.old_{added}}}}}");
            let compares = steps.iter().take(at).any(|before| {
                let Action::Command(look) = &before.step.action else { return false };
                let words = look.argv.join(" ");
                let both = words.contains(&wanted) && words.contains(&old);
                let branch =
                    |within: &Within<'_>| within.under.map(|(_, option)| option.name.clone());
                let same = branch(before) == branch(within);
                same && both
                    && look.output_contains.is_some()
                    && before.step.on_failure == OnFailure::Stop
            });
            assert!(compares, "{}: {}", one.name, within.step.id);
            let kubectl = command.argv[0] == "kubectl";
            assert!(
                !kubectl || command.argv.windows(2).any(|two| two == ["--current-replicas", &old])
            );
        }
    }
    assert_eq!(adders, 7);
}

/// The beginning of an output is what one sees of it: what CloudWatch Logs lists from the oldest on
/// is turned around. What judges a count shows none.
#[test]
fn a_list_of_a_log_begins_with_the_newest() {
    let mut lists = 0;
    for one in SHIPPED.iter() {
        for within in one.spec.walk() {
            let Action::Command(command) = &within.step.action else { continue };
            let has = |word: &str| command.argv.iter().any(|one| one.starts_with(word));
            assert!(!(has("logs") && has("tail")), "{}: {}", one.name, within.step.id);
            if has("filter-log-events") && !has("length(") {
                lists += 1;
                assert!(has("reverse(sort_by(events,"), "{}: {}", one.name, within.step.id);
            }
        }
    }
    assert!(lists >= 7, "{lists}");
}

/// SSM accepts a command long before it ends: what becomes of it is looked at, and judged.
#[test]
fn a_command_that_is_sent_is_waited_for() {
    let mut sent = 0;
    for one in SHIPPED.iter() {
        let inputs = Inputs::bind(&one.spec, &one.cases.previews[0].inputs).unwrap();
        let steps = one.spec.walk();
        for (at, within) in steps.iter().enumerate() {
            let Action::Command(command) = &within.step.action else { continue };
            let argv = &command.argv;
            if !argv.iter().any(|word| word == "send-command") {
                continue;
            }
            sent += 1;
            let place = format!("{}: {}", one.name, within.step.id);
            let comment = argv.iter().position(|word| word == "--comment").unwrap();
            // What is found is that step's, of this very execution.
            let comment = &argv[comment + 1];
            assert!(comment.ends_with(" {{execution.id}}"), "{place}: {comment}");
            let next = steps.get(at + 1).unwrap();
            assert_eq!(next.under.is_some(), within.under.is_some(), "{place}");
            let rendered = render(&next.step.action, "do", &given(&inputs)).unwrap();
            let Rendered::Check { probe, .. } = rendered else { panic!("{place}: no check") };
            let Rendered::Command(program) = *probe else { panic!("{place}: no program") };
            let told = comment.replace("{{execution.id}}", given(&inputs).execution_id);
            let query = program.argv.iter().find(|word| word.starts_with("sort_by")).unwrap();
            assert!(query.contains(&format!("Comment=='{told}'")), "{place}: {query}");
            assert!(program.argv.iter().any(|word| word == "list-command-invocations"), "{place}");
            let judged = |status: &str, output: &str| {
                let found = serde_json::json!({ "Status": status, "Output": output });
                let text = serde_json::to_string_pretty(&found).unwrap();
                of_output(&program, text.as_bytes())
            };
            assert_eq!(judged("Success", "Filesystem"), None, "{place}");
            for status in ["Pending", "InProgress", "Failed", "TimedOut", "Cancelled"] {
                // Nor does a command pass by what it prints.
                assert!(judged(status, "{\"Status\": \"Success\"}").is_some(), "{place}");
            }
            assert!(of_output(&program, b"null").is_some(), "{place}");
        }
    }
    assert!(sent >= 7, "{sent}");
}

#[test]
fn evidence_storage_latency_triage_is_the_six_steps_of_the_golden_path() {
    let triage = shipped("evidence-storage-latency-triage");
    let mut table = format!("{}\n", triage.spec.title);
    for step in &triage.spec.steps {
        let operation = step.guard.as_ref().map_or("-", |guard| guard.operation.as_str());
        writeln!(
            table,
            "{:<8} {:<7} {:<8} {operation:<8} {}",
            step.id,
            step.risk(),
            step.action.kind(),
            step.title
        )
        .unwrap();
    }
    expect![[r#"
        Evidence Storage Latency Triage v1
        collect  low command  -        Collect recent latency metrics
        logs     low command  -        Collect the newest errors of the writer
        radius   medium manual   -        Verify the tenant impact radius and the current SLA
        reroute  high http     reroute  Reroute ingestion to the standby shard
        warm     medium http     -        Trigger the cache warm-up for the affected tenants
        monitor  medium check    -        Monitor until it was stable for 30 minutes
        bundle   medium export   -        Export the post-incident evidence bundle
    "#]]
    .assert_eq(&table);
    let Action::Check(check) = &triage.spec.steps[5].action else { panic!("no check") };
    assert_eq!(check.stable_for.to_string(), "30m");
}

#[test]
fn what_verifies_a_recovery_checks_and_changes_little() {
    let verifying: Vec<_> =
        SHIPPED.iter().filter_map(|one| Some((one.name.as_str(), one.spec.verifies?))).collect();
    assert_eq!(
        verifying,
        [
            ("data-integrity-verification", Verifies::DataIntegrity),
            ("p0-resolution", Verifies::Recovery),
            ("recovery-verification", Verifies::Recovery),
            ("sev-5-recovery-verification", Verifies::Recovery),
        ]
    );
    for (name, _) in verifying {
        assert!(shipped(name).spec.risk() < Risk::High, "{name}");
    }
}

#[test]
fn every_kind_of_step_is_shipped_save_none() {
    let kinds: BTreeSet<&str> = SHIPPED
        .iter()
        .flat_map(|one| one.spec.walk())
        .map(|within| within.step.action.kind())
        .collect();
    let all = [
        "check",
        "choose",
        "command",
        "export",
        "http",
        "manual",
        "notify",
        "ssm",
        "transition",
        "wait",
    ];
    assert_eq!(kinds, BTreeSet::from(all));
}

#[test]
fn a_shipped_runbook_is_the_same_as_json() {
    let mut hashes = BTreeSet::new();
    for one in SHIPPED.iter() {
        let json = crate::text(&one.spec).unwrap();
        let read = parse(&json).unwrap();
        assert_eq!(read, one.spec, "{}", one.name);
        let hash = spec_hash(&read).unwrap();
        assert_eq!(hash, spec_hash(&one.spec).unwrap(), "{}", one.name);
        assert!(hashes.insert(hash), "{} has the hash of another", one.name);
    }
}

/// The table of the library, as `docs/runbooks.md` has it.
fn table() -> String {
    let mut table = "| runbook | risk | what it is |\n|---|---|---|\n".to_owned();
    for one in SHIPPED.iter() {
        let (name, spec) = (&one.name, &one.spec);
        writeln!(table, "| [{name}](../runbooks/{name}.yaml) | {} | {} |", spec.risk(), spec.title)
            .unwrap();
    }
    table
}

#[test]
fn the_page_lists_every_shipped_runbook() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/runbooks.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(&table()), "docs/runbooks.md wants this table:\n{}", table());
}
