//! Datadog's webhook, by the template that docs/integrations.md publishes, and by its default one.

use super::field::{self, Labels};
use super::{Draft, Told, digest};
use serde_json::Value;
use watchfire_domain::Timestamp;
use watchfire_domain::integration::Said;
use watchfire_edge::Fault;

pub(super) fn read(body: &Value, now: Timestamp) -> Result<Told, Fault> {
    if !body.is_object() {
        return Err(Fault::Malformed { reason: "the body must be an object".to_owned() });
    }
    // `Triggered`, `Warn`, `No Data` and what repeats them; `Recovered`. What cannot be understood
    // fires: nobody must miss it.
    let over = match field::text(body, &["alert_transition", "transition"]) {
        Some(transition) => transition == "Recovered",
        None => field::text(body, &["alert_type"]) == Some("success"),
    };
    let said = if over { Said::Resolved } else { Said::Firing };
    let name = field::text(body, &["alert_title", "title", "event_title"]);
    // A monitor has an alert for each group of its scope. The cycle's key would be another each
    // time.
    let monitor = field::text(body, &["alert_id"]);
    let scope = field::text(body, &["alert_scope"]).unwrap_or_default();
    let of_scope = monitor.map(|id| digest([id, scope].into_iter()));
    let key = of_scope.as_deref().or_else(|| field::text(body, &["aggreg_key"]));
    if key.is_none() && name.is_none() {
        return Err(Fault::invalid("alert_id", "is missing, and so are `aggreg_key` and `title`"));
    }
    let priority = field::text(body, &["alert_priority", "priority"]);
    let mut labels = Labels::default()
        .one("severity", priority.and_then(severity))
        .one("priority", priority)
        .one("host", field::text(body, &["hostname"]))
        .one("monitor", monitor)
        .one("url", field::text(body, &["link"]));
    // `env:prod,service:web`
    let tags = field::text(body, &["tags"]).unwrap_or_default().split(',');
    for (name, value) in tags.filter_map(|tag| tag.trim().split_once(':')) {
        labels = labels.one(name, Some(value));
    }
    let draft = Draft {
        said,
        key,
        name,
        at: field::time(body, &["last_updated", "date"]),
        reason: field::text(body, &["text", "body", "event_msg"]),
        description: field::text(body, &["alert_status", "alert_query"]),
        labels,
    };
    Ok(Told::one(draft.notice(now)))
}

/// Its priorities begin with `P1`, ours with `P0`.
fn severity(priority: &str) -> Option<&'static str> {
    match priority {
        "P1" => Some("critical"),
        "P2" => Some("high"),
        "P3" => Some("medium"),
        "P4" | "P5" => Some("low"),
        _ => None,
    }
}
