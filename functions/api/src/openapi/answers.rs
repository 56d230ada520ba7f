//! What each route answers with.

use super::schema::{
    about, answer, count, digest, environment_id, flag, form, list, may, moment, need, or_null,
    refer, string, uuid,
};
use serde_json::{Value, json};

/// By name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let cursor = || about("Where the next page goes on; null on the last.", or_null(string()));
    let all = |name: &'static str, record: &str| need(name, list(refer(record)));
    vec![
        (
            "Receipt",
            answer(
                "The event that was written: its place in the chain, and its hash.",
                [need("seq", count(1)), need("event_hash", digest())],
            ),
        ),
        written("IncidentWritten", "incident", "Incident"),
        (
            "EnvironmentWritten",
            answer(
                "The environment as it stands, where what it leaves is found, and the receipt.",
                [
                    need("environment", refer("Environment")),
                    need("evidence_at", about("In the evidence bucket.", form("^s3://"))),
                    need("data_at", about("On the file system; a close leaves it.", string())),
                    need("receipt", receipt()),
                ],
            ),
        ),
        written("ApprovalWritten", "approval", "Approval"),
        written("PlanWritten", "plan", "Plan"),
        written("ProfileWritten", "profile", "Profile"),
        (
            "IntegrationWritten",
            answer(
                "The integration, and its secret where one was made: it is told here and nowhere \
                 else.",
                [
                    need("integration", refer("Integration")),
                    need("receipt", receipt()),
                    may(
                        "secret",
                        about(
                            "What its sender proves itself by: a routing key of PagerDuty's.",
                            string(),
                        ),
                    ),
                ],
            ),
        ),
        view("IntegrationView", "integration", "Integration"),
        view("EnvironmentView", "environment", "Environment"),
        view("ApprovalView", "approval", "Approval"),
        (
            "ApprovalEvidence",
            answer(
                "Where the document of an approval lies, and how it is read without asking again. \
                 The address is a secret.",
                [
                    need("key", about("In the checkpoint bucket.", form("^approvals/"))),
                    need("sha256", about("Of the document.", digest())),
                    need("url", form("^https?://")),
                    need(
                        "expires_at",
                        about("It may end before, with the credentials that signed it.", moment()),
                    ),
                ],
            ),
        ),
        view("PlanView", "plan", "Plan"),
        view("ProfileView", "profile", "Profile"),
        (
            "IncidentView",
            answer(
                "An incident with what belongs to it.",
                [
                    need("incident", refer("Incident")),
                    all("environments", "Environment"),
                    all("approvals", "Approval"),
                    need(
                        "timeline",
                        about("The newest 50 events, in order.", list(refer("Event"))),
                    ),
                ],
            ),
        ),
        (
            "Incidents",
            answer(
                "A page. It may be short, or empty, and still have a next one.",
                [all("incidents", "Incident"), need("next_cursor", cursor())],
            ),
        ),
        ("Environments", answer("All of them, in order.", [all("environments", "Environment")])),
        (
            "Approvals",
            answer(
                "A page. It may be empty and still have a next one.",
                [all("approvals", "Approval"), need("next_cursor", cursor())],
            ),
        ),
        ("Plans", answer("All of them, by name.", [all("plans", "Plan")])),
        ("Profiles", answer("The built-in ones, then the tenant's.", [all("profiles", "Profile")])),
        written("RunbookWritten", "runbook", "Runbook"),
        ("Runbooks", answer("All of them, by name.", [all("runbooks", "Runbook")])),
        ("UnlinkedAlarms", unlinked(cursor())),
        (
            "RunbookView",
            answer(
                "A runbook, and one of its specs.",
                [
                    need("runbook", refer("Runbook")),
                    need("spec", json!({ "type": "object" })),
                    need(
                        "version",
                        about("Whose spec it is; null: the draft's.", or_null(count(1))),
                    ),
                    need(
                        "origin",
                        about(
                            "Where the version comes from: who wrote, published and agreed to it, \
                             and its place in the locked bucket. Null of a draft.",
                            or_null(json!({ "type": "object" })),
                        ),
                    ),
                ],
            ),
        ),
        (
            "Simulation",
            answer(
                "The decision, what it rests on, and all that it was made from.",
                [
                    need("input", refer("JudgedInput")),
                    need("allowed", flag()),
                    need(
                        "satisfied",
                        about("What was required and met.", list(refer("Obligation"))),
                    ),
                    need(
                        "missing",
                        about("What was required and not met.", list(refer("Obligation"))),
                    ),
                    need(
                        "changes",
                        about(
                            "What would have it allowed, together: no set of fewer attributes \
                             would, of the values that are known. Empty if it is allowed, or if \
                             none are known.",
                            list(refer("AttributeChange")),
                        ),
                    ),
                    need("policy_hash", about("Of the policies that were asked.", digest())),
                ],
            ),
        ),
        (
            "JudgedInput",
            answer(
                "The document that the policies read.",
                [
                    need("action", string()),
                    need("actor", about("Who asks, as judged.", json!({ "type": "object" }))),
                    need("resource", about("The record, as judged.", json!({ "type": "object" }))),
                    need("request", about("What the request says.", json!({ "type": "object" }))),
                ],
            ),
        ),
        (
            "Obligation",
            answer(
                "What an action requires, and what it was judged by.",
                [
                    need("code", string()),
                    need("text", string()),
                    need(
                        "actual",
                        about(
                            "The attributes that it looks at, as they are.",
                            json!({ "type": "object" }),
                        ),
                    ),
                    need(
                        "required",
                        about(
                            "For each attribute the known values that meet it, each by itself. Of \
                             what is met, only the attributes that it rests on.",
                            json!({ "type": "object", "additionalProperties": { "type": "array" } }),
                        ),
                    ),
                ],
            ),
        ),
        (
            "AttributeChange",
            answer(
                "An attribute that would have to be otherwise.",
                [
                    need("attribute", about("`actor.role`.", string())),
                    need("from", about("As it is; null if absent.", json!({}))),
                    need("to", about("As it would have to be.", json!({}))),
                ],
            ),
        ),
        ("Integrations", answer("All of them, by id.", [all("integrations", "Integration")])),
        ("Timeline", timeline()),
        ("Export", export()),
        ("ExportWritten", export()),
        (
            "Connection",
            answer(
                "How to open a shell in the container.",
                [
                    need("environment", environment_id()),
                    need("broker", string()),
                    need("region", string()),
                    need("cluster", string()),
                    need("task_arn", form("^arn:")),
                    need("container", string()),
                    need("command", string()),
                    need("expires_at", moment()),
                ],
            ),
        ),
        ("Error", error()),
    ]
}

pub(super) fn written(
    name: &'static str,
    field: &'static str,
    record: &str,
) -> (&'static str, Value) {
    let about = "The record as it stands, and the receipt.";
    (name, answer(about, [need(field, refer(record)), need("receipt", receipt())]))
}

fn receipt() -> Value {
    about("Null if nothing was written to a timeline.", or_null(refer("Receipt")))
}

fn view(name: &'static str, field: &'static str, record: &str) -> (&'static str, Value) {
    (name, answer("The record.", [need(field, refer(record))]))
}

fn timeline() -> Value {
    let raw = answer(
        "An event under `raw=true`: the exact text that was hashed, and what surrounds it.",
        [
            need("seq", count(1)),
            need("epoch", count(1)),
            need("body", string()),
            need("prev_hash", digest()),
            need("event_hash", digest()),
            need("type", string()),
            need("at", moment()),
        ],
    );
    answer(
        "A page of a timeline.",
        [
            need("incident_id", uuid()),
            need("tenant", about("The home tenant: the chain is bound to it.", string())),
            need("events", list(json!({ "anyOf": [refer("Event"), raw] }))),
            need(
                "next_after",
                about("What `after` says for the next page; null if this one is short.", {
                    or_null(count(1))
                }),
            ),
        ],
    )
}

fn error() -> Value {
    let problem =
        answer("What is wrong with a field.", [need("field", string()), need("problem", string())]);
    let missing = answer(
        "What the policy required and was not met.",
        [need("code", string()), need("text", string())],
    );
    let error = answer(
        "What went wrong.",
        [
            need("code", about("Stable; it has a page.", form("^WF-[0-9]{4}$"))),
            need("name", about("Stable.", string())),
            need("message", string()),
            need("request_id", string()),
            need("help", about("The page.", string())),
            need("retryable", about("The same request may succeed later.", flag())),
            may("problems", about("All of them at once.", list(problem))),
            may("missing", list(missing)),
            may("task", about("The task that runs.", string())),
            may("tasks", about("The tasks that live.", list(string()))),
            may("opens_at", about("When the hours of whoever agrees begin again.", moment())),
        ],
    );
    answer("An error.", [need("error", error)])
}

fn unlinked(cursor: Value) -> Value {
    let advice = answer(
        "What the quick reference says.",
        [need("alert", string()), need("cause", string()), need("action", string())],
    );
    let alarm = answer(
        "An alarm.",
        [
            need("alarm", about("As `linked_alert_ids` has it.", string())),
            need("name", about("Its name, or its sender's key of it.", string())),
            need("incidents", about("Of this page.", count(1))),
            need("newest", about("The newest of them.", uuid())),
            need("title", string()),
            need("at", moment()),
            need("advice", or_null(advice)),
        ],
    );
    answer(
        "A page, which `limit` incidents end. It may be empty and still have a next one.",
        [
            need("alarms", about("The most frequent first.", list(alarm))),
            need("left_out", about("How many alarms beyond 500.", count(0))),
            need("next_cursor", cursor),
        ],
    )
}

fn export() -> Value {
    let newest = answer(
        "The newest bundle.",
        [
            need("seq", about("Up to which event.", count(1))),
            need("size", about("The size of its newest checkpoint.", count(1))),
            need("at", moment()),
            need("location", form("^s3://")),
        ],
    );
    answer(
        "Where an incident's evidence bundles lie; a new one is there within minutes.",
        [
            need("incident_id", uuid()),
            need("below", form("^s3://")),
            need("newest", about("Null before the first.", or_null(newest))),
        ],
    )
}
