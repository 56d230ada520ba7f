//! Messages about an override: that it happened, and that its review is owed.

use crate::messages::digest;
use serde_json::json;
use std::collections::BTreeSet;
use watchfire_domain::plan::Target;
use watchfire_domain::{Approval, Incident};
use watchfire_ports::Message;

/// A message to everybody who was skipped, and to each of `targets`; `again` if the review is owed
/// still.
pub(crate) fn overridden(
    targets: BTreeSet<&Target>,
    incident: &Incident,
    approval: &Approval,
    again: bool,
) -> Vec<Message> {
    let Some(over) = &approval.overridden else { return Vec::new() };
    let skipped = over.skipped.iter().map(|who| Target::Email(who.clone()));
    let all: BTreeSet<Target> = targets.into_iter().cloned().chain(skipped).collect();
    let drill = if incident.drill { "[DRILL] " } else { "" };
    let what = if again { "Review owed" } else { "Done without its approvers" };
    let subject = format!("{drill}{what}: {} in {}", approval.subject.action, incident.display_id);
    let text = format!(
        "{} went ahead without the approvers in incident {} ({}).\n\n{}\n\n\
         why:     {}\nwhen:    {}\nskipped: {}\n\n\
         Nobody need answer any more. A review is owed by somebody who has no part in it:\n\
         POST /v1/approvals/{}/review\n",
        over.by,
        incident.display_id,
        incident.title,
        approval.subject.summary,
        over.reason,
        over.at,
        over.skipped.join(", "),
        approval.id,
    );
    let round = over.reminded.to_string();
    let message = |to: Target| {
        let whom = serde_json::to_string(&to).unwrap_or_default();
        Message {
            id: digest(&["approval.overridden", &approval.id.to_string(), &round, &whom]),
            to,
            subject: subject.chars().take(100).collect(),
            text: text.clone(),
            data: json!({
                "event": if again { "approval.review_owed" } else { "approval.overridden" },
                "incident": incident.id,
                "display_id": incident.display_id,
                "approval": approval.id,
                "by": over.by,
                "reason": over.reason,
                "drill": incident.drill,
            }),
        }
    };
    all.into_iter().map(message).collect()
}
