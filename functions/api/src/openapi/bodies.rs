//! The bodies that the API takes.

use super::schema::{
    Field, about, body, count, flag, form, labels, list, may, moment, need, or, refer, tenant,
    text, whole, words,
};
use super::terms;
use serde_json::{Value, json};

/// By name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let percent = || json!({ "type": "number", "minimum": 0, "maximum": 100 });
    let reason = |least| about("Why, on one line.", text(least, 200));
    vec![
        (
            "Question",
            body(
                "What somebody would do: the caller, but for `actor_attrs`. Without `resource` it is \
                 asked of the tenant's: of creating an incident, or of its plans.",
                [
                    need("action", words(&terms::asked())),
                    may("actor_attrs", refer("ActorAttributes")),
                    may("resource", refer("AskedResource")),
                    may("request", refer("AskedRequest")),
                ],
            ),
        ),
        (
            "Approvers",
            body(
                "People who approve.",
                [
                    need("people", about("Mail addresses.", few(20, text(3, 254)))),
                    may("need", about("How many must agree.", or(1, whole(1, 20)))),
                    may("minutes", about("For how long they are asked.", or(60, whole(5, 1_440)))),
                    may("on_call", about("Whether only those count who are on call.", flag())),
                    may("hours", about("Within which hours they agree.", refer("Calendar"))),
                    may(
                        "role",
                        about("The least role of whoever agrees.", words(terms::LEAST_ROLES)),
                    ),
                    may("clearance", about("The clearance of whoever agrees.", whole(0, 100))),
                    may(
                        "then",
                        about(
                            "The levels that are asked after these, each once all before it have \
                             agreed: 20 people in all, each of one level.",
                            few(19, refer("ApproverLevel")),
                        ),
                    ),
                ],
            ),
        ),
        (
            "ApproverLevel",
            body(
                "People who are asked together.",
                [
                    need("people", about("Mail addresses.", few(20, text(3, 254)))),
                    may("need", about("How many must agree.", or(1, whole(1, 20)))),
                    may("on_call", about("Whether only those count who are on call.", flag())),
                    may("hours", about("Within which hours they agree.", refer("Calendar"))),
                    may(
                        "role",
                        about("The least role of whoever agrees.", words(terms::LEAST_ROLES)),
                    ),
                    may("clearance", about("The clearance of whoever agrees.", whole(0, 100))),
                ],
            ),
        ),
        (
            "RunbookSpec",
            json!({
                "type": "object",
                "description": "A runbook's spec, as JSON. Its own schema is published as \
                    `runbooks/schema.json`; `watchfire runbook lint` reads YAML as well.",
                "required": ["name", "title", "description", "author", "steps"],
                "additionalProperties": {},
                "properties": {
                    "name": form("^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"),
                    "title": text(1, 200),
                    "description": text(1, 4_000),
                    "author": text(1, 128),
                    "steps": { "type": "array", "items": { "type": "object" }, "minItems": 1, "maxItems": 100 },
                },
            }),
        ),
        (
            "ActorAttributes",
            body(
                "What is other than the caller's own.",
                [
                    may("role", words(terms::CLAIMED)),
                    may("clearance", json!({ "type": "integer", "minimum": 0, "maximum": 100 })),
                    may("on_call", flag()),
                    may("stage", about("The one deployment that they are good for.", text(1, 128))),
                    may("tenants", list(tenant())),
                ],
            ),
        ),
        (
            "AskedResource",
            body(
                "One record, which the caller must be allowed to see.",
                [
                    may("incident_id", about("A uuid or a display id.", text(1, 64))),
                    may("environment_id", text(1, 64)),
                    may("approval_id", text(1, 64)),
                    may("runbook_id", about("A uuid or a name.", text(1, 64))),
                    may("execution_id", text(1, 64)),
                    may(
                        "step",
                        about("Of the execution, for what is done to a step.", text(1, 64)),
                    ),
                ],
            ),
        ),
        (
            "AskedRequest",
            body(
                "What the request would say.",
                [
                    may("to", about("A status or a severity.", text(1, 64))),
                    may("rationale", text(0, 1_000)),
                    may("answer", words(terms::ANSWERS)),
                    may("confirmed", flag()),
                    may("outcome", about("Of a step: `passed` or `failed`.", text(1, 64))),
                    may("evidence_ref", text(1, 256)),
                ],
            ),
        ),
        (
            "NewIncident",
            body(
                "A new incident. Its severity is what it says, else the matrix's (from \
                 `affected_users_percent` and `impact`), else its plan's.",
                [
                    need("title", text(1, 200)),
                    may("description", text(0, 4_000)),
                    may("severity", label()),
                    may("plan", about("The response plan to follow.", text(1, 64))),
                    may("kind", words(terms::KINDS)),
                    may("tags", tags()),
                    may(
                        "clearance",
                        about(
                            "Of whoever may see it. By default its plan's, and never less; never \
                             more than the caller's.",
                            whole(0, 100),
                        ),
                    ),
                    may("owner", text(1, 128)),
                    may("number", about("Another system's number of it.", text(1, 48))),
                    may("started_at", moment()),
                    may("detected_at", moment()),
                    may("affected_users_percent", percent()),
                    may("impact", words(&terms::impacts())),
                    may("service_impact", about("What users notice.", text(1, 500))),
                ],
            ),
        ),
        (
            "Edit",
            body(
                "What shall change; at least one field.",
                [
                    may("title", text(1, 200)),
                    may("description", text(0, 4_000)),
                    may("kind", words(terms::KINDS)),
                    may("tags", about("Replaces all of them.", tags())),
                    may("number", text(1, 48)),
                    may("started_at", moment()),
                    may("detected_at", moment()),
                    may("affected_users_percent", percent()),
                    may("service_impact", text(0, 500)),
                    may(
                        "clearance",
                        about(
                            "Of whoever may see it; never more than the caller's.",
                            whole(0, 100),
                        ),
                    ),
                    may(
                        "rationale",
                        about(
                            "Why the clearance changes; needed if it becomes less.",
                            text(1, 1_000),
                        ),
                    ),
                ],
            ),
        ),
        (
            "Transition",
            body(
                "The next status. A skip needs a rationale, and so does closing an incident that \
                 never was `mitigating`.",
                [need("status", words(&terms::statuses())), may("rationale", text(0, 1_000))],
            ),
        ),
        (
            "SeverityChange",
            body(
                "The new severity, and why.",
                [need("severity", label()), need("rationale", text(0, 1_000))],
            ),
        ),
        ("Owner", body("Who owns it.", [need("owner", text(1, 128))])),
        ("RootCause", body("Why it happened.", root_cause())),
        ("Person", body("Who has the role.", [need("person", text(1, 128))])),
        ("Note", body("A note.", [need("text", text(1, 4_000))])),
        ("Revoke", body("Why nobody need answer.", [need("reason", reason(1))])),
        ("Override", body("Why it cannot wait for the approvers.", [need("reason", reason(1))])),
        (
            "OverrideReview",
            body(
                "What was found of an override.",
                [
                    need("justified", about("Whether it was right to go ahead.", flag())),
                    need("note", reason(1)),
                ],
            ),
        ),
        ("Reason", body("Why more people are needed.", [need("reason", text(1, 1_000))])),
        ("Share", body("With whom.", [need("tenant", tenant())])),
        ("EnvironmentSpec", body("The environment that is asked for.", spec())),
        ("Nothing", body("Nothing.", [])),
        (
            "Stop",
            body(
                "Why it is stopped, and what becomes of its access point.",
                [may("reason", reason(0)), may("removal", words(terms::REMOVALS))],
            ),
        ),
        (
            "Close",
            body(
                "How it is closed.",
                [
                    may("reason", reason(0)),
                    may(
                        "remove_access_point",
                        about("Without asking approvers. Its data stay.", or(false, flag())),
                    ),
                ],
            ),
        ),
        ("Extend", body("By how many hours from now.", [need("hours", whole(1, 168))])),
        ("Waive", body("Why the evidence may be incomplete.", [need("rationale", reason(1))])),
        (
            "NewIntegration",
            body(
                "Who sends.",
                [
                    need("name", text(1, 64)),
                    need("kind", words(terms::SENDERS)),
                    may("plan", about("The plan that its alarms follow.", text(1, 64))),
                ],
            ),
        ),
        ("Plan", body("What an alarm turns into.", plan())),
        ("Match", body("Which alarms: all that is said must hold.", matching())),
        (
            "Target",
            json!({
                "description": "Whom a plan tells: a topic's ARN, a mail address or an https address.",
                "oneOf": [
                    body("A topic.", [need("sns", form("^arn:")), audiences()]),
                    body("A mailbox.", [need("email", text(3, 254)), audiences()]),
                    body("A webhook, signed.", [need("webhook", form("^https://")), audiences()]),
                ],
            }),
        ),
    ]
}

fn label() -> Value {
    let what = "A severity under any built-in profile's label: `high`, `Sev2`, `P1`.";
    about(what, json!({ "type": "string", "examples": ["high", "Sev2", "P1"] }))
}

fn audiences() -> Field {
    let what = "For which audiences: notices of runbooks name theirs, and all that Watchfire says of \
                itself is for responders. For all, if left out.";
    may("audiences", about(what, list(words(terms::TOLD))))
}

fn few(most: u32, items: Value) -> Value {
    let mut list = list(items);
    if let Value::Object(fields) = &mut list {
        fields.insert("maxItems".into(), json!(most));
    }
    list
}

fn tags() -> Value {
    let mut tags = labels();
    if let Value::Object(fields) = &mut tags {
        fields.insert("maxProperties".into(), json!(50));
        fields.insert("propertyNames".into(), json!({ "minLength": 1, "maxLength": 64 }));
        fields.insert("additionalProperties".into(), json!({ "type": "string", "maxLength": 256 }));
    }
    tags
}

fn root_cause() -> [super::schema::Field; 2] {
    [need("text", text(1, 4_000)), may("category", about("For counting.", text(1, 64)))]
}

const PART: &str = "^[A-Za-z0-9]([A-Za-z0-9._-]{0,46}[A-Za-z0-9])?$";

fn spec() -> [super::schema::Field; 7] {
    [
        need("cluster_id", about("The cluster under investigation.", form(PART))),
        may(
            "number",
            about(
                "The incident's number there; by default the display id less `INC-`.",
                form(PART),
            ),
        ),
        may("oc_version", form("^[0-9.]{1,16}$")),
        may("launch", or("now", words(terms::LAUNCHES))),
        may("hours", about("How long it may live.", or(8, whole(1, 168)))),
        may(
            "approvers",
            about("Who may approve the access point's removal.", {
                json!({ "type": "array", "maxItems": 20, "items": text(3, 254) })
            }),
        ),
        may("removal", or("ask", words(terms::REMOVALS))),
    ]
}

fn plan() -> [super::schema::Field; 22] {
    [
        may(
            "name",
            about("The path's; may be left out of a request.", form("^[a-z0-9_.-]{1,64}$")),
        ),
        may("version", about("Counted by the store; of no meaning in a request.", count(0))),
        may(
            "matches",
            about("Any one suffices; none: it answers no alarm.", few(50, refer("Match"))),
        ),
        need("title", about("`{alarm.name}` and its like are filled in.", text(1, 200))),
        need("severity", label()),
        may(
            "severity_tag",
            about("A tag of the alarm that tells it better.", json!({ "type": "string" })),
        ),
        may("profile", or("sev", json!({ "type": "string" }))),
        may("kind", words(terms::KINDS)),
        may("clearance", about("Of whoever may see its incidents.", or(0, whole(0, 100)))),
        may("tags", tags()),
        may("dedup_key", about("What groups alarms into one incident.", text(1, 200))),
        may("runbooks", few(20, text(1, 128))),
        may("escalation", text(1, 128)),
        may(
            "approvers",
            about("Who approves what runbooks do that is dangerous.", refer("Approvers")),
        ),
        may(
            "recovery",
            about(
                "The runbook that must be completed for an incident, after it was last mitigated, \
                 before it is resolved: a published one that says `verifies: recovery`.",
                text(1, 128),
            ),
        ),
        may("environment", refer("EnvironmentSpec")),
        may("notify", few(20, refer("Target"))),
        may(
            "reopen_minutes",
            about(
                "How long after its resolution an incident is reopened.",
                or(30, whole(0, 10_080)),
            ),
        ),
        may("quiet_minutes", about("How long an alarm must stay OK.", or(5, whole(0, 1_440)))),
        may(
            "join_children",
            about(
                "Whether the children that set off a composite alarm belong to its incident.",
                or(true, flag()),
            ),
        ),
        may(
            "flap_changes",
            about(
                "From how many changes between ALARM and OK on an alarm flaps; 0: never.",
                or(4, whole(0, 8)),
            ),
        ),
        may("flap_minutes", about("Within how many minutes.", or(10, whole(1, 60)))),
    ]
}

fn matching() -> [super::schema::Field; 6] {
    let word = || json!({ "type": "string" });
    [
        may("source", words(terms::SOURCES)),
        may("account", word()),
        may("region", word()),
        may("name", about("The whole name.", word())),
        may("name_prefix", about("How it begins.", word())),
        may("tags", about("Tags that it must have.", labels())),
    ]
}
