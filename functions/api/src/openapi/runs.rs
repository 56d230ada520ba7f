//! Executions of runbooks: what is said of them, and what they look like.

use super::schema::{
    about, answer, approval_id, body, count, digest, excerpt, flag, list, may, moment, need,
    or_null, refer, string, text, uuid, words,
};
use super::terms;
use serde_json::{Value, json};

/// By name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let reference = || {
        about("Where it lies, as an `s3://` or `https://` address without its query.", text(1, 256))
    };
    vec![
        (
            "StartRunbook",
            body(
                "What a start says.",
                [
                    may(
                        "incident_id",
                        about("The incident that it is about: its uuid or display id.", string()),
                    ),
                    may(
                        "version",
                        about(
                            "The newest published one, if none.",
                            json!({ "type": "integer", "minimum": 1 }),
                        ),
                    ),
                    may("inputs", json!({ "type": "object", "additionalProperties": {} })),
                ],
            ),
        ),
        (
            "StepReport",
            body(
                "What an operator says of a step.",
                [
                    need("outcome", words(&["passed", "failed"])),
                    may("note", text(1, 500)),
                    may("evidence_ref", reference()),
                    may(
                        "approval_ids",
                        about(
                            "Of a step of high risk: what it was done under.",
                            list(approval_id()),
                        ),
                    ),
                ],
            ),
        ),
        ("StepChoice", body("An alternative.", [need("option", text(1, 64))])),
        ("StepReason", body("Why.", [need("reason", text(1, 500))])),
        (
            "StepRetry",
            body(
                "Which attempt failed: a later one is not tried again by this.",
                [need("attempt", json!({ "type": "integer", "minimum": 1, "maximum": 10 }))],
            ),
        ),
        ("RunbookLink", body("A runbook, by its id or name.", [need("runbook", text(1, 128))])),
        (
            "ApprovalAnswer",
            body(
                "An approver's answer.",
                [
                    need("link", about("What follows `/approvals/` in the mail.", text(1, 1_000))),
                    need("answer", words(terms::ANSWERS)),
                ],
            ),
        ),
        ("Execution", execution()),
        super::answers::written("ExecutionWritten", "execution", "Execution"),
        (
            "Executions",
            answer(
                "All of them, the oldest first.",
                [need("executions", list(refer("Execution")))],
            ),
        ),
        (
            "ExecutionView",
            answer(
                "An execution, and how it goes on.",
                [
                    need("execution", refer("Execution")),
                    need("provenance_hash", about("The head of its timeline's chain.", digest())),
                    need("title", string()),
                    need("next", next()),
                    need(
                        "ways_back",
                        about(
                            "What can be taken back, the newest first. Nothing is by itself.",
                            list(answer(
                                "A step.",
                                [
                                    need("step", string()),
                                    need("rollback", string()),
                                    may(
                                        "does",
                                        about(
                                            "What would take it back, if an action does: as \
                                             `next.does` has it, filled in as of now; null if \
                                             that cannot be said.",
                                            or_null(json!({ "type": "object" })),
                                        ),
                                    ),
                                ],
                            )),
                        ),
                    ),
                ],
            ),
        ),
    ]
}

fn next() -> Value {
    answer(
        "What it waits for.",
        [
            need("kind", words(terms::NEXTS)),
            may("step", string()),
            may("title", string()),
            may("attempt", count(1)),
            may("risk", words(terms::RISKS)),
            may(
                "does",
                about(
                    "What the step would do; null if that cannot be said.",
                    or_null(json!({ "type": "object" })),
                ),
            ),
            may("deadline", moment()),
            may("approval", approval_id()),
        ],
    )
}

fn execution() -> Value {
    let output = answer(
        "What an automatic step returned, of a program its standard output alone: cut, and \
         cleared of what looks like a secret.",
        [
            need("text", string()),
            need(
                "sha256",
                about("Of the whole; of its first `hashed` bytes, where that is said.", digest()),
            ),
            need("bytes", about("Of the whole.", count(0))),
            may(
                "hashed",
                about(
                    "How much of an output over 4 MiB was hashed, if S3 has no SHA-256 of it.",
                    count(0),
                ),
            ),
            may("cut", flag()),
            may("redacted", flag()),
        ],
    );
    let step = answer(
        "What became of a step.",
        [
            need("state", words(terms::STANDINGS)),
            need("attempt", count(1)),
            may("begun_before", about("The newest attempt before it that was begun.", count(1))),
            may("operator", string()),
            may("started_at", moment()),
            may(
                "inputs",
                excerpt(
                    "What it was begun with: its action as canonical JSON, secrets by their names, \
                     what only the moment says as its variable.",
                ),
            ),
            may("overridden_by", about("Who went ahead without the approvers.", string())),
            may("completed_at", moment()),
            may("outcome", words(terms::OUTCOMES)),
            may("chosen", string()),
            may("note", string()),
            may("evidence", list(string())),
            may("approvals", list(approval_id())),
            may(
                "exit_code",
                about(
                    "Of its program, if it is a `command` or a check by one, and ran to its end.",
                    json!({ "type": "integer" }),
                ),
            ),
            may("output", output),
            may("passed_over", about("Whether it failed and the run went on without it.", flag())),
        ],
    );
    answer(
        "A runbook, carried out.",
        [
            need("id", uuid()),
            may("incident", uuid()),
            need("runbook", string()),
            need("runbook_version", count(1)),
            need("spec_hash", digest()),
            need("edited_by", string()),
            may("writers", about("Who else wrote that version.", list(string()))),
            need("state", words(terms::RUN_STATES)),
            may("current_step", string()),
            may("inputs", json!({ "type": "object" })),
            need("steps", json!({ "type": "object", "additionalProperties": step })),
            may("involved", about("Who may approve nothing of it any more.", list(string()))),
            need("started_by", string()),
            need("started_at", moment()),
            may("completed_at", moment()),
            may("reason", string()),
            need("drive", count(1)),
            need("version", about("What `If-Match` says.", count(1))),
        ],
    )
}
