//! Alertmanager's webhook, version 4, and Grafana's, which is the same with more fields.

use super::field::{self, Labels};
use super::{Draft, Told};
use serde_json::{Map, Value};
use watchfire_domain::Timestamp;
use watchfire_domain::integration::{Notice, Said};
use watchfire_edge::Fault;

pub(super) fn read(body: &Value, now: Timestamp) -> Result<Told, Fault> {
    let alerts = body.get("alerts").and_then(Value::as_array);
    let alerts = alerts.ok_or_else(|| Fault::invalid("alerts", "must be a list"))?;
    if body.get("truncatedAlerts").and_then(Value::as_u64).is_some_and(|count| count > 0) {
        tracing::warn!("The sender left out alerts: its `max_alerts` is too small");
    }
    Told::each(alerts, |alert| alert.as_object().and_then(|_| one(body, alert, now)))
}

fn one(body: &Value, alert: &Value, now: Timestamp) -> Option<Notice> {
    let nothing = Value::Object(Map::new());
    let labels = alert.get("labels").filter(|labels| labels.is_object());
    let labels = labels.or_else(|| body.get("commonLabels")).unwrap_or(&nothing);
    let notes = alert.get("annotations").unwrap_or(&nothing);
    let key = field::text(alert, &["fingerprint"]);
    let name = field::text(labels, &["alertname"]).or_else(|| field::text(notes, &["summary"]));
    // Without any of these it might be any alert.
    if key.is_none() && name.is_none() && labels.as_object().is_none_or(Map::is_empty) {
        return None;
    }
    // Early versions say it of the group only.
    let status = field::text(alert, &["status"]).or_else(|| field::text(body, &["status"]));
    let said = match status {
        Some("resolved" | "ok") => Said::Resolved,
        Some(_) | None => Said::Firing,
    };
    let at = match said {
        Said::Resolved => field::time(alert, &["endsAt"]),
        Said::Firing | Said::Acknowledged => field::time(alert, &["startsAt"]),
    };
    let draft = Draft {
        said,
        key,
        name,
        at,
        reason: field::text(notes, &["summary", "message", "description"]),
        description: field::text(notes, &["description"]),
        labels: Labels::default().with(Some(labels)),
    };
    Some(draft.notice(now))
}
