//! Least privilege, read from the template.

use super::{TEMPLATE, commands, functions, listed, of_type, referred, resources, when};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A statement of a policy: where it stands, and what it says.
pub(super) struct Statement {
    owner: &'static str,
    pub(super) inner: &'static Value,
}

impl Statement {
    fn sid(&self) -> &str {
        self.inner["Sid"]
            .as_str()
            .unwrap_or_else(|| panic!("{}: a statement without a Sid", self.owner))
    }

    pub(super) fn allows(&self) -> bool {
        self.inner["Effect"] == "Allow"
    }

    pub(super) fn actions(&self) -> Vec<&str> {
        listed(&self.inner["Action"]).into_iter().map(|action| action.as_str().unwrap()).collect()
    }

    pub(super) fn resources(&self) -> Vec<&'static Value> {
        listed(&self.inner["Resource"])
    }
}

/// Every statement of every policy, keys, queues, topics and buckets included; not who may take a role on.
fn statements() -> Vec<Statement> {
    let mut found = Vec::new();
    for (owner, resource) in resources() {
        let properties = &resource["Properties"];
        let documents = listed(&properties["Policies"])
            .into_iter()
            .map(|policy| &when(policy)["PolicyDocument"])
            .chain([
                &properties["PolicyDocument"],
                &properties["KeyPolicy"],
                &properties["FileSystemPolicy"],
            ]);
        for inner in documents.flat_map(|document| listed(&document["Statement"])) {
            found.push(Statement { owner, inner: when(inner) });
        }
    }
    found
}

pub(super) fn of_role(role: &str) -> Vec<Statement> {
    statements().into_iter().filter(|statement| statement.owner == role).collect()
}

fn role_of(properties: &'static Value) -> &'static str {
    referred(&properties["Role"]).unwrap()
}

#[test]
fn nobody_may_do_everything_of_a_kind() {
    assert!(statements().len() > 100);
    for statement in statements().iter().filter(|statement| statement.allows()) {
        for action in statement.actions() {
            assert!(
                !action.contains('*') && action.contains(':'),
                "{} {}: {action}",
                statement.owner,
                statement.sid()
            );
        }
        for not in ["NotAction", "NotResource", "NotPrincipal"] {
            assert!(
                statement.inner.get(not).is_none(),
                "{} {}: {not}",
                statement.owner,
                statement.sid()
            );
        }
    }
}

#[test]
fn everything_of_a_kind_is_touched_only_as_listed() {
    let exceptions: BTreeMap<_, _> = listed(&TEMPLATE["Metadata"]["WatchfireWildcardExceptions"])
        .into_iter()
        .map(|one| {
            (
                (one["Resource"].as_str().unwrap(), one["Sid"].as_str().unwrap()),
                one["Reason"].as_str().unwrap(),
            )
        })
        .collect();
    let statements = statements();
    let found: BTreeSet<_> = statements
        .iter()
        .filter(|statement| {
            statement.allows() && statement.resources().iter().any(|resource| *resource == "*")
        })
        .map(|statement| (statement.owner, statement.sid()))
        .collect();
    assert_eq!(
        found,
        exceptions.keys().copied().collect(),
        "the template's list of exceptions is not what it does"
    );
    assert!(exceptions.values().all(|reason| !reason.is_empty()));
}

#[test]
fn only_owners_of_tokens_can_touch_them() {
    let mut owners = Vec::new();
    for (handler, name, properties) in functions() {
        let statements = of_role(role_of(properties));
        let reads = statements
            .iter()
            .any(|one| one.allows() && one.inner["Resource"].to_string().contains("TokenSecret"));
        let denied = statements.iter().any(|one| {
            one.inner["Effect"] == "Deny"
                && one.actions() == ["dynamodb:*"]
                && one.resources().len() == 2
                && one.inner["Condition"]["ForAnyValue:StringLike"]["dynamodb:LeadingKeys"]
                    == serde_json::json!(["*#TOK#*"])
        });
        let touches = statements.iter().any(|one| {
            one.allows()
                && one
                    .resources()
                    .iter()
                    .any(|it| it["Fn::GetAtt"] == serde_json::json!(["Table", "Arn"]))
        });
        assert!(
            if touches { reads != denied } else { !reads && !denied },
            "{name}: it reads the tokens' key, or is denied the tokens, or has no table"
        );
        owners.extend(reads.then_some(handler));
    }
    owners.sort_unstable();
    assert_eq!(owners, ["approve", "launch", "observe", "stop"]);
}

#[test]
fn the_page_that_shows_cannot_write() {
    let mut actions: Vec<_> = of_role("ApprovalPageRole")
        .iter()
        .filter(|one| one.allows())
        .flat_map(|one| one.actions().into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    actions.sort();
    let expected = [
        "dynamodb:GetItem",
        "dynamodb:Query",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
    ];
    assert_eq!(actions, expected);
}

#[test]
fn the_door_of_webhooks_reads_integrations_and_queues() {
    let allowed: Vec<_> = of_role("HookRole").into_iter().filter(Statement::allows).collect();
    let mut actions: Vec<_> = allowed.iter().flat_map(Statement::actions).collect();
    actions.sort_unstable();
    let expected = [
        "dynamodb:GetItem",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    ];
    assert_eq!(actions, expected);
    let reads = allowed.iter().find(|one| one.actions() == ["dynamodb:GetItem"]).unwrap();
    assert_eq!(
        reads.inner["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"],
        serde_json::json!(["CFG#HOOK#*", "T#*#HOOKS"])
    );
}

/// What programs print and servers answer: each prefix has its writers, and no shell is one.
#[test]
fn the_evidence_of_steps_cannot_be_forged_from_a_shell() {
    let puts = |role: &str, allows: bool| -> Vec<String> {
        let statements = of_role(role).into_iter();
        let puts = statements
            .filter(|one| one.allows() == allows && one.actions().contains(&"s3:PutObject"));
        let puts = puts.flat_map(|one| one.resources());
        puts.map(|place| place["Fn::Sub"].as_str().unwrap().rsplit_once("Region}/").unwrap().1)
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(puts("StepRole", true), ["answers/*"]);
    assert_eq!(puts("TaskRole", false), ["commands/*", "answers/*"]);
    let programs = commands::roles();
    for role in &programs {
        assert_eq!(puts(role, true), ["commands/*"], "{role}");
    }
    let others = of_type("AWS::IAM::Role").map(|(name, _)| name);
    let writers = |name: &str| ["StepRole", "TaskRole"].contains(&name) || programs.contains(&name);
    for role in others.filter(|name| !writers(name)) {
        let statements = of_role(role).into_iter();
        let mut puts = statements
            .filter(|one| one.allows() && one.actions().contains(&"s3:PutObject"))
            .flat_map(|one| one.resources());
        assert!(puts.all(|place| !place.to_string().contains("rosa-boundary")), "{role}");
    }
}

#[test]
fn nobody_scans_or_goes_around_the_conditions() {
    for statement in statements().iter().filter(|statement| statement.allows()) {
        for action in statement.actions() {
            for never in [
                "dynamodb:Scan",
                "dynamodb:BatchWriteItem",
                "dynamodb:PartiQL",
                "s3:BypassGovernanceRetention",
                "s3:PutObjectRetention",
            ] {
                assert!(!action.starts_with(never), "{}: {action}", statement.owner);
            }
        }
    }
}

#[test]
fn services_act_only_for_this_account() {
    // A statement for a service names who may send it: otherwise any account could.
    let guards = ["aws:SourceArn", "aws:SourceAccount", "kms:ViaService"];
    for statement in statements()
        .iter()
        .filter(|one| one.allows() && one.inner["Principal"].get("Service").is_some())
    {
        let condition = statement.inner["Condition"].to_string();
        assert!(
            guards.iter().any(|guard| condition.contains(guard)),
            "{} {}",
            statement.owner,
            statement.sid()
        );
    }
}

#[test]
fn settings_and_grants_agree() {
    // Whoever is given a queue, a secret or the machine may use it; nobody may use what it is not given.
    for (grant, variable, word) in [
        ("states:StartExecution", "WATCHFIRE_LIFECYCLE_ARN", "-lifecycle"),
        ("states:StartExecution", "WATCHFIRE_RUNBOOK_ARN", "-runbook"),
        ("sqs:SendMessage", "WATCHFIRE_PROBE_QUEUE_URL", "ProbeQueue"),
        ("secretsmanager:GetSecretValue", "WATCHFIRE_LINK_SECRET", "LinkSecret"),
        ("secretsmanager:GetSecretValue", "WATCHFIRE_CURSOR_SECRET", "CursorSecret"),
        ("secretsmanager:GetSecretValue", "WATCHFIRE_TOKEN_SECRET", "TokenSecret"),
        ("secretsmanager:GetSecretValue", "WATCHFIRE_CHECKPOINT_SECRET", "CheckpointSecret"),
        ("sqs:SendMessage", "WATCHFIRE_SEAL_QUEUE_URL", "SealQueue"),
        ("sqs:SendMessage", "WATCHFIRE_ALARM_QUEUE_URL", "AlarmQueue"),
        ("sqs:SendMessage", "WATCHFIRE_ALARM_LINE_URL", "AlarmLine"),
        ("secretsmanager:GetSecretValue", "WATCHFIRE_INTEGRATION_SECRET", "IntegrationSecret"),
        ("ses:SendEmail", "WATCHFIRE_MAIL_FROM", ""),
    ] {
        for (_, name, properties) in functions() {
            let given = properties["Environment"]["Variables"].get(variable).is_some();
            let granted = of_role(role_of(properties)).iter().any(|one| {
                one.allows()
                    && one.actions().contains(&grant)
                    && one.inner["Resource"].to_string().contains(word)
            });
            assert_eq!(given, granted, "{name}: {variable} and {grant}");
        }
    }
}

#[test]
fn roles_are_used() {
    let text = TEMPLATE.to_string();
    for (name, _) in of_type("AWS::IAM::Role") {
        assert!(text.contains(&format!("{{\"Fn::GetAtt\":[\"{name}\",\"Arn\"]}}")), "{name}");
    }
}
