//! Which attributes an obligation looks at: as long as these stay, it stays as it is. The rules say
//! so in Rego, and a test holds this table against them.

use serde_json::Value;

const ACTOR: &[&str] = &["/actor/id", "/actor/kind", "/actor/role", "/actor/on_call"];
const CLEARANCE: &[&str] = &["/actor/clearance", "/actor/role", "/resource/required_clearance"];
const AGREES: &[&str] = &[
    "/actor/clearance",
    "/request/answer",
    "/resource/agrees_clearance",
    "/resource/required_clearance",
];
const HOURS: &[&str] = &["/request/answer", "/request/now", "/resource/agrees_from"];
const BOUND: &[&str] = &[
    "/resource/home",
    "/resource/step/risk",
    "/resource/step/tenant",
    "/resource/step/incident",
    "/resource/step/execution",
    "/resource/step/step",
    "/resource/step/attempt",
    "/resource/step/spec_hash",
    "/resource/step/inputs_hash",
    "/resource/approval/tenant",
    "/resource/approval/incident",
    "/resource/approval/execution",
    "/resource/approval/step",
    "/resource/approval/attempt",
    "/resource/approval/spec_hash",
    "/resource/approval/inputs_hash",
];
const GRANTED: &[&str] = &[
    "/resource/step/risk",
    "/resource/approval/state",
    "/resource/approval/overridden_by",
    "/resource/approval/overridden_because",
];
const SEPARATE: &[&str] = &[
    "/resource/approval/need",
    "/resource/approval/agreed",
    "/resource/approval/granted_by",
    "/resource/step/risk",
    "/resource/approval/state",
    "/resource/approval/overridden_by",
    "/resource/approval/overridden_because",
];
const EVIDENCE: &[&str] =
    &["/request/evidence_ref", "/request/outcome", "/resource/step/evidence_required"];

/// The places of the attributes that the obligation of this code looks at, besides the action. Of
/// an approval's list, the caller's own line.
pub(super) fn at(code: &str, input: &Value) -> Vec<String> {
    let word = |place: &str| input.pointer(place).and_then(Value::as_str).unwrap_or_default();
    let (action, kind) = (word("/action"), word("/resource/kind"));
    let places: &[&str] = match code {
        "action" => &["/action"],
        "actor" => ACTOR,
        "resource" => &["/resource/kind"],
        "stage" => &["/actor/stage", "/resource/stage"],
        "tenant" => &["/actor/tenants", "/resource/tenants"],
        "home" => &["/actor/tenants", "/resource/home", "/resource/tenants"],
        "role" if action == "approval.revoke" => {
            &["/actor/role", "/actor/on_call", "/actor/id", "/resource/requested_by"]
        }
        "role" if action == "approval.decide" => {
            &["/actor/role", "/request/answer", "/resource/agrees_role"]
        }
        "role" => &["/actor/role", "/actor/on_call"],
        "clearance" if action == "approval.decide" => AGREES,
        "clearance" => CLEARANCE,
        "target" if action == "incident.severity" => &["/request/to", "/resource/severity"],
        "target" => &["/request/to", "/resource/status"],
        "rationale" if action == "incident.transition" => {
            &["/request/rationale", "/request/to", "/resource/status", "/resource/was_mitigated"]
        }
        "rationale" => &["/request/rationale"],
        "person" => &["/actor/kind"],
        "independent" if action == "approval.review" => &["/resource/standing"],
        "independent" if kind == "runbook" || action.starts_with("runbook.") => {
            &["/resource/standing", "/resource/risk"]
        }
        "approver" | "independent" => return vec!["/actor/id".to_owned(), line(input)],
        "pending" | "overridden" | "draft" | "published" => &["/resource/status"],
        "unexpired" if action.starts_with("step.") => {
            &["/request/now", "/resource/approval/expires_at", "/resource/step/risk"]
        }
        "unexpired" => &["/request/now", "/resource/expires_at"],
        "on_call" => &["/actor/on_call", "/request/answer", "/resource/on_call_only"],
        "hours" => HOURS,
        "clean" => &["/resource/findings"],
        "risk" => &["/actor/role", "/resource/step/risk"],
        "granted" => GRANTED,
        "bound" => BOUND,
        "separate" => SEPARATE,
        "evidence" => EVIDENCE,
        "confirmed" => &["/request/answer", "/request/confirmed", "/resource/risk"],
        _ => &[],
    };
    places.iter().map(|place| (*place).to_owned()).collect()
}

/// Who is meant where nobody is named.
pub(super) const SOMEBODY: &str = "somebody";

/// Where the caller stands on an approval's list.
pub(super) fn line(input: &Value) -> String {
    let id = input.pointer("/actor/id").and_then(Value::as_str);
    let id = id.filter(|id| !id.trim().is_empty()).unwrap_or(SOMEBODY);
    format!("/resource/approvers/{}", id.replace('~', "~0").replace('/', "~1"))
}
