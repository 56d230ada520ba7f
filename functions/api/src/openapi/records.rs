//! The records that the API answers with.

use super::schema::{
    about, answer, approval_id, count, digest, environment_id, excerpt, flag, form, integration_id,
    labels, list, may, moment, need, refer, string, text, uuid, whole, words,
};
use super::terms;
use crate::approvals::STATES;
use serde_json::{Value, json};

/// By name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("Incident", incident()),
        ("Environment", environment()),
        ("Approval", approval()),
        ("Integration", integration()),
        ("Runbook", runbook()),
        ("Event", event()),
    ]
}

fn incident() -> Value {
    let severities = terms::severities();
    let version =
        answer("A profile's version.", [need("name", string()), need("version", count(1))]);
    let change = answer(
        "A change of severity.",
        [
            need("to", words(&severities)),
            need("at", moment()),
            need("by", string()),
            need("rationale", string()),
        ],
    );
    let cause = answer("Why it happened.", [need("text", string()), may("category", string())]);
    answer(
        "An incident.",
        [
            need("id", uuid()),
            need("display_id", super::schema::form("^INC-[0-9]{8}-[0-9]{4}[A-Z2-7]{0,26}$")),
            may("number", about("Another system's number of it.", string())),
            need("title", string()),
            may("description", string()),
            need("severity", words(&severities)),
            may("severity_history", list(change)),
            need("profile", about("What it was opened under.", version)),
            need("status", words(&terms::statuses())),
            need("public_status", about("The word for those outside.", words(terms::PUBLIC))),
            may("kind", words(terms::KINDS)),
            may("tags", labels()),
            need(
                "tenants",
                about("Its home first, then those that it is shared with.", list(string())),
            ),
            may(
                "clearance",
                about(
                    "Of whoever may see it and what belongs to it; absent: it asks for none.",
                    whole(1, 100),
                ),
            ),
            may("owner", string()),
            may("roles", about("Persons by role.", labels())),
            need("sla_deadline", about("When somebody must have responded.", moment())),
            may("started_at", moment()),
            may("detected_at", moment()),
            may("root_cause", cause),
            may("affected_users_percent", json!({ "type": "number" })),
            may("service_impact", string()),
            may("linked_alert_ids", list(string())),
            may("linked_runbook_ids", list(string())),
            may(
                "runbook_reasons",
                about(
                    "Why, of those that the catalogue linked.",
                    json!({ "type": "object", "additionalProperties": words(terms::REASONS) }),
                ),
            ),
            may("linked_approval_ids", list(approval_id())),
            may("plan", string()),
            may("drill", flag()),
            may(
                "flapping",
                about("Its alarm goes on and off: nobody is told of each change.", flag()),
            ),
            may(
                "confirm_severity",
                about("The matrix said it: a person should confirm it.", flag()),
            ),
            may("by_hand", about("Fields that machines leave alone.", list(string()))),
            may("trace", string()),
            need("created_at", moment()),
            may("acknowledged_at", moment()),
            may("mitigated_at", moment()),
            may("resolved_at", moment()),
            may("reopened_at", moment()),
            may("closed_at", moment()),
            may("updated_at", about("Of its newest event.", moment())),
            may("provenance_hash", about("The head of its chain.", digest())),
            need("rationale_required", about("Closing it now needs a rationale.", flag())),
            need("version", about("What `If-Match` says.", count(1))),
        ],
    )
}

fn runbook() -> Value {
    let finding = answer(
        "What the lint says.",
        [
            need("path", string()),
            need("code", string()),
            need("severity", string()),
            need("problem", string()),
            need("mend", string()),
        ],
    );
    let editors = || {
        let times = json!({ "type": "object", "additionalProperties": moment() });
        about("Everybody who wrote it, with when they did last.", times)
    };
    let draft = answer(
        "What is being written.",
        [
            need("title", string()),
            need("sources", list(string())),
            need("risk", words(terms::RISKS)),
            need("spec_hash", digest()),
            need("author", string()),
            need("editors", editors()),
            may(
                "findings",
                about("The first 100 things that the lint says; not in lists.", list(finding)),
            ),
        ],
    );
    let reviewed = answer("Who read it again.", [need("by", string()), need("at", moment())]);
    let agreed = answer(
        "That somebody agreed to a version before it counted.",
        [
            need("by", string()),
            need("role", string()),
            need("at", moment()),
            need("spec_hash", about("Of the spec that they agreed to.", digest())),
            need("policy_hash", about("Of the policies by which they may.", digest())),
        ],
    );
    let published = answer(
        "The newest version.",
        [
            need("version", count(1)),
            need("spec_hash", digest()),
            need("title", string()),
            may("tags", labels()),
            may(
                "sources",
                about(
                    "What it comes from: incidents, procedures, links. Absent of what was \
                     published before this was kept.",
                    list(string()),
                ),
            ),
            need("risk", words(terms::RISKS)),
            need("author", string()),
            need("editors", editors()),
            need("published_by", string()),
            need("published_at", moment()),
            may(
                "approvals",
                about(
                    "Who agreed to it: whoever published it. Absent of what was published before \
                     this was kept.",
                    list(agreed),
                ),
            ),
            may("reviewed", reviewed),
            need("review_due", moment()),
            need("provenance", about("In the locked bucket.", form("^s3://"))),
        ],
    );
    answer(
        "A runbook of the catalogue, without the texts of its specs.",
        [
            need("id", uuid()),
            need("name", string()),
            need("status", words(terms::RUNBOOK_STATES)),
            need("draft", super::schema::or_null(draft)),
            need("published", super::schema::or_null(published)),
            need("usage_count", count(0)),
            need("review_overdue", flag()),
            need("version", about("What `If-Match` says.", count(1))),
        ],
    )
}

fn environment() -> Value {
    let task = answer(
        "The task that runs, or ran.",
        [
            need("arn", string()),
            need("launched_at", moment()),
            may("running_at", moment()),
            may("seen", json!({ "type": "integer" })),
        ],
    );
    let stop = answer(
        "That it was asked to stop.",
        [need("by", string()), need("reason", string()), need("at", moment())],
    );
    let outcome = answer(
        "How its task ended.",
        [
            may("exit_code", json!({ "type": "integer" })),
            may("stop_code", string()),
            may("reason", string()),
            need("stopped_at", moment()),
        ],
    );
    let evidence = answer(
        "What the container left.",
        [
            need("verdict", words(terms::VERDICTS)),
            may("prefix", string()),
            may("files", count(0)),
            may("manifest", digest()),
            may("problem", string()),
        ],
    );
    let failure = answer(
        "Why and where a phase failed.",
        [need("phase", string()), need("reason", string()), need("at", moment())],
    );
    answer(
        "The gated container of an incident.",
        [
            need("id", environment_id()),
            need("cluster_id", string()),
            need("number", string()),
            may("oc_version", string()),
            need("state", words(terms::ENVIRONMENT_STATES)),
            need("attempt", count(1)),
            need("launch", words(terms::LAUNCHES)),
            need("requested_by", string()),
            need("requested_at", moment()),
            need("family", string()),
            need("deadline", moment()),
            may("access_point", string()),
            may("definition", string()),
            may("target", string()),
            may("ecs_cluster", string()),
            may("broker_problem", string()),
            may("task", task),
            may("stop", stop),
            may("outcome", outcome),
            may("evidence", evidence),
            may("approvers", list(string())),
            need("removal", words(terms::REMOVALS)),
            may("kept_because", string()),
            may("failure", failure),
            may("closed_at", moment()),
            need("version", about("What `If-Match` says.", count(1))),
        ],
    )
}

fn approval() -> Value {
    let subject = answer(
        "What is to be approved.",
        [
            need("action", string()),
            need("target", string()),
            need("summary", string()),
            may("does", excerpt("Of a step: what would be done, as its approvers are shown it.")),
            need("risk", words(terms::RISKS)),
            may("spec_hash", digest()),
            may("inputs_hash", digest()),
        ],
    );
    let decision = answer(
        "One approver's answer.",
        [
            need("approver", string()),
            need("answer", words(terms::ANSWERS)),
            need("at", moment()),
            may("signed_in", about("Whether they were, and did not only hold the link.", flag())),
        ],
    );
    let level = answer(
        "People who are asked together, once all before them have agreed.",
        [
            need("people", list(string())),
            need("need", about("How many must agree.", whole(1, 255))),
            may("on_call", about("Whether only those may agree who are on call.", flag())),
            may("hours", about("Within which hours they may agree.", refer("Calendar"))),
            may("role", about("The least role of whoever agrees.", words(terms::LEAST_ROLES))),
            may("clearance", about("The clearance of whoever agrees.", whole(0, 100))),
        ],
    );
    answer(
        "A request for approval. It is answered by its signed links.",
        [
            need("id", approval_id()),
            need("subject", subject),
            need("state", words(&STATES)),
            need("need", about("How many must agree; of its first level.", whole(1, 255))),
            need("approvers", about("Who is asked; of its first level.", list(string()))),
            may("then", about("The levels that are asked after it.", list(level))),
            may("level", about("Which level is asked, from 1; of one with `then`.", count(1))),
            may("excluded", list(string())),
            may("decisions", list(decision)),
            may("on_call", about("Whether only those may agree who are on call.", flag())),
            may("hours", about("Within which hours they may agree.", refer("Calendar"))),
            may("role", about("The least role of whoever agrees.", words(terms::LEAST_ROLES))),
            may("clearance", about("The clearance of whoever agrees.", whole(0, 100))),
            may("overridden", overridden()),
            need("requested_by", string()),
            need("requested_at", moment()),
            need("expires_at", moment()),
            need("link_gen", count(1)),
            may("code", about("For who asked only.", text(6, 6))),
            need("version", count(1)),
        ],
    )
}

fn overridden() -> Value {
    let review = answer(
        "What was found of it.",
        [
            need("by", string()),
            need("at", moment()),
            need("justified", flag()),
            need("note", string()),
        ],
    );
    answer(
        "That somebody went ahead without the approvers.",
        [
            need("by", string()),
            need("reason", string()),
            need("at", moment()),
            need("skipped", about("Who was asked and had not agreed.", list(string()))),
            may("reminded", about("How often the review was asked for again.", count(0))),
            may("review", about("Owed as long as it is not there.", review)),
        ],
    )
}

fn integration() -> Value {
    let generation = || [need("kid", string()), need("number", count(1))];
    let former = answer(
        "The generation before it, whose secret is still taken.",
        [need("kid", string()), need("number", count(1)), need("until", moment())],
    );
    answer(
        "A system that tells of alarms by webhook.",
        [
            need("id", integration_id()),
            need("name", string()),
            need("kind", words(terms::SENDERS)),
            may("plan", about("The plan that its alarms follow.", string())),
            need("path", about("Where it sends to, below the API's address.", form("^/"))),
            need("generation", answer("What its secret follows from.", generation())),
            may("former", former),
            need("created_by", string()),
            need("created_at", moment()),
            may("rotated_at", moment()),
            need("version", about("What `If-Match` says.", count(1))),
        ],
    )
}

fn event() -> Value {
    let actor = answer("Who did it.", [need("kind", words(terms::ACTORS)), need("id", string())]);
    let idem = answer(
        "The idempotency key, hashed, and the digest of its request.",
        [need("key", digest()), need("body", digest())],
    );
    let evidence =
        answer("Evidence that lies elsewhere.", [need("uri", string()), need("sha256", digest())]);
    answer(
        "What happened, in the past tense.",
        [
            need("v", count(1)),
            need("tenant", string()),
            need("incident_id", uuid()),
            need("seq", count(1)),
            need("event_id", uuid()),
            need("type", words(&terms::events())),
            need("actor", actor),
            need("at", moment()),
            need(
                "payload",
                about(
                    "`detail` for readers, `set` the changed fields.",
                    json!({ "type": "object" }),
                ),
            ),
            need("target_ids", about("The records that it changed.", list(string()))),
            may("refs", list(evidence)),
            may("idem", idem),
            need("event_hash", digest()),
            need("prev_hash", digest()),
        ],
    )
}
