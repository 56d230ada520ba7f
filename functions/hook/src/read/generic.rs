//! Our own JSON, for everything else: one alert, a list of them, or `{"alerts": […]}`.

use super::field::{self, Labels};
use super::{Draft, Told};
use serde_json::Value;
use watchfire_domain::Timestamp;
use watchfire_domain::integration::{Notice, Said};
use watchfire_edge::Fault;

pub(super) fn read(body: &Value, now: Timestamp) -> Result<Told, Fault> {
    let list = body.get("alerts").unwrap_or(body);
    if let Some(alerts) = list.as_array() {
        return Told::each(alerts, |alert| one(alert, now));
    }
    let notice = one(body, now);
    notice.map(Told::one).ok_or_else(|| Fault::invalid("title", "is missing, and so is `key`"))
}

fn one(alert: &Value, now: Timestamp) -> Option<Notice> {
    let key = field::text(alert, &["key", "dedup_key", "fingerprint", "id"]);
    let name = field::text(alert, &["title", "name", "summary"]);
    if key.is_none() && name.is_none() {
        return None;
    }
    let status = field::text(alert, &["status", "state"]).map(str::to_ascii_lowercase);
    let said = match status.as_deref() {
        Some("resolved" | "ok" | "closed" | "recovered" | "normal") => Said::Resolved,
        Some("acknowledged" | "acknowledge") => Said::Acknowledged,
        Some(_) | None => Said::Firing,
    };
    let draft = Draft {
        said,
        key,
        name,
        at: field::time(alert, &["at", "timestamp", "time"]),
        reason: field::text(alert, &["reason", "message", "description"]),
        description: field::text(alert, &["description"]),
        labels: Labels::default()
            .one("severity", field::text(alert, &["severity"]))
            .one("url", field::text(alert, &["url"]))
            .with(alert.get("labels"))
            .with(alert.get("tags")),
    };
    Some(draft.notice(now))
}
