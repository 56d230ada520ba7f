//! What a step only asks for is watched by the step behind it: `done` says that it is so.

use super::shipped::SHIPPED;
use crate::lint::{Harm, of_action};
use crate::spec::{Action, Probe, Within};

/// What is accepted long before it is so: the words of the program, one after the other among its
/// own, and whether it is a rollout of Kubernetes, which ends in an exit code.
const ASKED: [(&[&str], bool); 19] = [
    (&["kubectl", "rollout", "restart"], true),
    (&["kubectl", "rollout", "undo"], true),
    (&["kubectl", "scale"], true),
    (&["kubectl", "patch", "deployment"], true),
    (&["kubectl", "patch", "postgresql"], false),
    (&["kubectl", "delete", "pod"], false),
    (&["kubectl", "create", "job"], false),
    (&["aws", "secretsmanager", "rotate-secret"], false),
    (&["aws", "ecs", "update-service"], false),
    (&["aws", "autoscaling", "set-desired-capacity"], false),
    (&["aws", "ec2", "create-snapshot"], false),
    (&["aws", "ec2", "modify-volume"], false),
    (&["aws", "rds", "modify-db-instance"], false),
    (&["aws", "rds", "modify-db-parameter-group"], false),
    (&["aws", "rds", "create-db-instance-read-replica"], false),
    (&["aws", "rds", "restore-db-instance-from-db-snapshot"], false),
    (&["aws", "rds", "failover-db-cluster"], false),
    (&["aws", "elbv2", "deregister-targets"], false),
    (&["aws", "sqs", "start-message-move-task"], false),
];

/// Whether the argv has these words, in this order; a resource may be named as `kind/name`.
fn is(argv: &[String], words: &[&str]) -> bool {
    let mut rest = argv.iter();
    words.iter().all(|word| {
        rest.any(|one| one == word || one.split_once('/').is_some_and(|(kind, _)| kind == *word))
    })
}

/// What it is done to: the first of its words that says so, without the name of a field before it.
fn target(argv: &[String]) -> Option<&str> {
    let names = |one: &&String| {
        one.contains("{{execution.id}}")
            || one.contains("{{input.") && !one.contains("{{input.namespace}}")
    };
    let known = |one: &&String| one.starts_with("deployment/");
    let word = argv.iter().find(known).or_else(|| argv.iter().find(names));
    let selector = || argv.windows(2).find(|two| two[0] == "--selector").map(|two| &two[1]);
    let word = word.or_else(selector).or_else(|| argv.get(3));
    word.map(String::as_str).filter(|word| !word.is_empty() && !word.starts_with('-'))
}

/// What a step looks at, and whether it judges more than an exit code.
fn look<'a>(within: &'a Within<'_>) -> Option<(&'a [String], bool)> {
    if let Action::Command(command) = &within.step.action {
        return Some((&command.argv, false));
    }
    let Action::Check(check) = &within.step.action else { return None };
    let Probe::Command(command) = &check.probe else { return None };
    let judged = command.output_is.is_some() || command.output_contains.is_some();
    Some((&command.argv, judged))
}

#[test]
fn what_is_only_accepted_is_waited_for() {
    let (mut asked, mut problems) = (0, Vec::new());
    for one in SHIPPED.iter() {
        let steps = one.spec.walk();
        for (at, within) in steps.iter().enumerate() {
            let Action::Command(command) = &within.step.action else { continue };
            let Some((_, rollout)) = ASKED.iter().find(|(words, _)| is(&command.argv, words))
            else {
                continue;
            };
            asked += 1;
            let branch = |within: &Within<'_>| within.under.map(|(_, option)| option.name.clone());
            let next = steps.get(at + 1).filter(|next| branch(next) == branch(within));
            let waits = next.is_some_and(|next| {
                let looks = of_action(&next.step.action).harm == Harm::Looks;
                let same = |argv: &[String]| {
                    target(&command.argv).is_some_and(|target| argv.join(" ").contains(target))
                };
                looks
                    && look(next).is_some_and(|(argv, judged)| {
                        let status = is(argv, &["kubectl", "rollout", "status"])
                            || is(argv, &["kubectl", "wait"]);
                        same(argv) && (judged || status && (*rollout || argv[0] == "kubectl"))
                    })
            });
            if !waits {
                problems.push(format!("{}: {}", one.name, within.step.id));
            }
        }
    }
    assert!(asked >= 20, "{asked}");
    // The copy of what somebody broke into is as of its request; isolating does not wait for it.
    assert_eq!(problems, ["contain-instance: snapshot"]);
}
