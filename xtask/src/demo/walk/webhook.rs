//! A webhook: Alertmanager's, at the deployed door, with a secret that was just made.

use super::super::alarms;
use super::super::desk::Desk;
use super::super::record::text;
use super::{expect, opened};
use crate::run::note;
use crate::trouble::{Done, Trouble};
use serde_json::json;

/// What Alertmanager calls its alert.
pub(super) const ALERT: &str = "CheckoutLatencyHigh";

/// Makes an integration, and has it tell of an alert.
pub(super) fn show(desk: &Desk) -> Done {
    let new = json!({ "name": "prometheus", "kind": "alertmanager" });
    let made = desk.post("/v1/integrations", &new)?;
    let path = text(&made, "/integration/path")?;
    note(&format!("an integration is made: Alertmanager posts to {path}"));
    let body = alarms::alertmanager(ALERT).to_string();
    let post = |secret: &str| {
        let bearer = format!("Bearer {secret}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        desk.send("POST", path, &headers, &body)
    };
    let refused = post("a guess")?;
    if refused.status != 401 {
        return Err(Trouble::new(format!("a wrong secret was answered with {}", refused.status)));
    }
    // Sent twice, as a sender does that lost the answer.
    for _ in 0..2 {
        let answer = post(text(&made, "/secret")?)?;
        if answer.status != 202 {
            let (status, text) = (answer.status, answer.text);
            return Err(Trouble::new(format!("the webhook was answered with {status}: {text}")));
        }
    }
    note("a wrong secret is refused; with the right one the webhook is queued: 202");
    let incident = opened(desk, ALERT)?;
    expect(&incident, "/severity", "critical")?;
    note(&format!("{} is open: critical, \"{ALERT}\"", text(&incident, "/display_id")?));
    Ok(())
}
