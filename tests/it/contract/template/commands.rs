//! What runbooks' commands run as in a fresh deployment: the profiles that the shipped runbooks
//! name, each a task definition with a role of its own.

use super::roles::{Statement, of_role};
use super::{TEMPLATE, listed, referred, resources};
use crate::repo;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watchfire_edge::config::Config;

/// The shipped definitions by their logical names, and the profiles that they are for.
pub(super) const DEFINITIONS: [(&str, &str); 4] = [
    ("ObserverCommand", "observer"),
    ("OperatorCommand", "operator"),
    ("DeployerCommand", "deployer"),
    ("RecoveryCommand", "recovery"),
];

fn definition(name: &str) -> &'static Value {
    assert_eq!(resources()[name]["Type"], "AWS::ECS::TaskDefinition", "{name}");
    &resources()[name]["Properties"]
}

/// The one container of a definition.
pub(super) fn container(name: &str) -> &'static Value {
    let [container] = listed(&definition(name)["ContainerDefinitions"]).try_into().unwrap();
    container
}

/// The roles that the tasks of commands have.
pub(super) fn roles() -> Vec<&'static str> {
    let role = |(name, _): &(&str, _)| referred(&definition(name)["TaskRoleArn"]).unwrap();
    DEFINITIONS.iter().map(role).collect()
}

/// Every profile that a `command` below `value` names.
fn named(value: &Value, profiles: &mut BTreeSet<String>) {
    profiles.extend(value["command"]["profile"].as_str().map(str::to_owned));
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for value in inner {
        named(value, profiles);
    }
}

#[test]
fn every_profile_of_a_shipped_runbook_is_shipped() {
    let mut profiles = BTreeSet::new();
    let runbooks = repo::files().into_iter().filter(|path| {
        let name = path.strip_prefix("runbooks/").and_then(|name| name.strip_suffix(".yaml"));
        name.is_some_and(|name| name.strip_suffix(".cases").is_none())
    });
    for path in runbooks {
        named(&serde_yaml_ng::from_str(&repo::read(&path)).unwrap(), &mut profiles);
    }
    let shipped = DEFINITIONS.iter().map(|(_, profile)| (*profile).to_owned());
    assert_eq!(profiles, shipped.collect());
}

#[test]
fn commands_run_in_the_gated_image_behind_the_wrapper() {
    let all = super::of_type("AWS::ECS::TaskDefinition").map(|(name, _)| name);
    let shipped: BTreeSet<_> = DEFINITIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(all.collect::<BTreeSet<_>>(), shipped);
    for (name, profile) in DEFINITIONS {
        let role = format!("{name}Role");
        let expected = json!({
            "Family": { "Fn::Sub": format!("watchfire-step-{profile}-${{Stage}}") },
            "RequiresCompatibilities": ["FARGATE"],
            "NetworkMode": "awsvpc",
            "Cpu": { "Ref": "TaskCpu" },
            "Memory": { "Ref": "TaskMemory" },
            "RuntimePlatform":
                { "CpuArchitecture": { "Ref": "TaskArchitecture" }, "OperatingSystemFamily": "LINUX" },
            "TaskRoleArn": { "Fn::GetAtt": [role, "Arn"] },
            "ExecutionRoleArn": { "Fn::GetAtt": ["CommandExecutionRole", "Arn"] },
            "ContainerDefinitions": [{
                "Name": "command",
                "Image": { "Ref": "ContainerImage" },
                "Essential": true,
                "EntryPoint":
                    ["/bin/sh", "-c", { "Fn::FindInMap": ["Command", "Wrapper", "Script"] }, "command"],
                "LinuxParameters": { "InitProcessEnabled": true },
                "LogConfiguration": { "LogDriver": "awslogs", "Options": {
                    "awslogs-group": { "Ref": "CommandLogGroup" },
                    "awslogs-region": { "Ref": "AWS::Region" },
                    "awslogs-stream-prefix": profile,
                } },
            }],
        });
        assert_eq!(*definition(name), expected, "{name}");
    }
}

#[test]
fn a_fresh_deployment_lists_the_shipped_profiles() {
    let variables = &resources()["StepFunction"]["Properties"]["Environment"]["Variables"];
    let [condition, own, shipped] =
        listed(&variables["WATCHFIRE_STEP_PROFILES"]["Fn::If"]).try_into().unwrap();
    assert_eq!(condition, "HasStepProfiles");
    // Whoever lists profiles has these and no others.
    assert_eq!(*own, json!({ "Fn::Join": [",", { "Ref": "StepProfiles" }] }));
    let mut text = shipped["Fn::Sub"].as_str().unwrap().to_owned();
    let arn = |profile: &str| {
        format!(
            "arn:aws-us-gov:ecs:us-gov-west-1:111122223333:task-definition/watchfire-step-{profile}-dev:7"
        )
    };
    for (name, profile) in DEFINITIONS {
        text = text.replace(&format!("${{{name}}}"), &arn(profile));
    }
    let get = |name: &str| match name {
        "WATCHFIRE_TABLE" => Some("watchfire".to_owned()),
        "WATCHFIRE_STEP_PROFILES" => Some(text.clone()),
        _ => None,
    };
    let config = Config::read(&get).unwrap();
    let read = config.step_profiles.iter().map(|one| (one.name.clone(), one.definition.clone()));
    let expected = DEFINITIONS.map(|(_, profile)| (profile.to_owned(), arn(profile)));
    assert_eq!(read.collect::<Vec<_>>(), expected);
    let step = of_role("StepRole");
    let run = step.iter().find(|one| one.actions() == ["ecs:RunTask"]).unwrap();
    let pattern = run.inner["Resource"]["Fn::Sub"].as_str().unwrap();
    assert!(pattern.ends_with(":task-definition/watchfire-step-*:*"), "{pattern}");
}

#[test]
fn a_commands_role_keeps_its_output_and_no_more() {
    for (name, profile) in DEFINITIONS {
        let role = format!("{name}Role");
        let [statement] = of_role(&role).try_into().ok().unwrap();
        assert!(statement.allows() && statement.actions() == ["s3:PutObject"], "{role}");
        let [place] = statement.resources().try_into().unwrap();
        let evidence = "${AWS::AccountId}-rosa-boundary-${Stage}-${AWS::Region}/commands/*";
        let place = place["Fn::Sub"].as_str().unwrap();
        assert_eq!(place, format!("arn:${{AWS::Partition}}:s3:::{evidence}"), "{role}");
        let properties = &resources()[&role]["Properties"];
        let trusts = |role: &str| &resources()[role]["Properties"]["AssumeRolePolicyDocument"];
        assert_eq!(trusts(&role), trusts("TaskRole"), "{role}");
        let parameter = format!("{}{}Policies", profile[..1].to_uppercase(), &profile[1..]);
        assert_eq!(TEMPLATE["Parameters"][&parameter]["Default"], "", "{parameter}");
        let attached = json!({ "Fn::If":
            [format!("Has{parameter}"), { "Ref": parameter }, { "Ref": "AWS::NoValue" }] });
        assert_eq!(properties["ManagedPolicyArns"], attached, "{role}");
    }
    let starts = of_role("CommandExecutionRole");
    let logs = starts.iter().filter(|one| one.actions().contains(&"logs:PutLogEvents"));
    let logs: Vec<_> = logs.flat_map(Statement::resources).map(referred).collect();
    assert_eq!(logs, [Some("CommandLogGroup")]);
    // An investigation's shell writes to its own log group, which is another one.
    let shell = of_role("TaskRole");
    let shell = shell.iter().flat_map(Statement::resources).filter_map(referred);
    assert!(shell.into_iter().all(|place| place != "CommandLogGroup"));
}

#[test]
fn commands_are_given_their_roles_by_the_step_function_alone() {
    let mut needed: BTreeSet<_> = roles().into_iter().collect();
    let starts = |(name, _): &(&str, _)| referred(&definition(name)["ExecutionRoleArn"]).unwrap();
    needed.extend(DEFINITIONS.iter().map(starts));
    assert_eq!(needed.len(), 5, "four roles, and the one that starts them");
    for (role, _) in super::of_type("AWS::IAM::Role") {
        let statements = of_role(role);
        let passes = statements.iter().filter(|one| one.actions().contains(&"iam:PassRole"));
        let mut given = BTreeSet::new();
        for one in passes {
            let roles: BTreeSet<_> = one.resources().into_iter().filter_map(referred).collect();
            if roles.iter().any(|role| needed.contains(role)) {
                let to =
                    json!({ "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } });
                assert_eq!(one.inner["Condition"], to, "{role}");
                given.extend(roles);
            }
        }
        let expected = if role == "StepRole" { needed.clone() } else { BTreeSet::new() };
        assert_eq!(given, expected, "{role}");
    }
}
