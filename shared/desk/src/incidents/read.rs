//! Reading incidents and their timelines (S3-47, S3-48, S3-61).

use super::shown;
use crate::guard::of_incident;
use crate::{Caller, Desk, lists};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use watchfire_domain::incident::Incident;
use watchfire_domain::{IncidentId, Severity, Status, is_display_id};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_store::{Event, Repo, Which};

/// What a list shall hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of these severities; all, if none.
    pub severities: Vec<Severity>,
    /// Of these statuses; all, if none.
    pub statuses: Vec<Status>,
    /// With this text in title, description, display id, owner or tags; lower case.
    pub text: Option<String>,
}

impl Filter {
    fn keeps(&self, incident: &Incident) -> bool {
        let in_text = |text: &str| {
            let has = |field: &str| field.to_lowercase().contains(text);
            has(&incident.title)
                || has(&incident.description)
                || has(&incident.display_id)
                || incident.owner.as_deref().is_some_and(has)
                || incident.tags.iter().any(|(key, value)| has(key) || has(value))
        };
        (self.severities.is_empty() || self.severities.contains(&incident.severity))
            && (self.statuses.is_empty() || self.statuses.contains(&incident.status))
            && self.text.as_deref().is_none_or(in_text)
    }

    fn which(&self) -> Which {
        let closed = self.statuses.contains(&Status::Closed);
        match (self.statuses.is_empty(), closed, self.statuses.len()) {
            (false, false, _) => Which::Open,
            (false, true, 1) => Which::Closed,
            (true, ..) | (false, true, _) => Which::All,
        }
    }
}

/// A list, as a caller asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAsk {
    /// What it shall hold.
    pub filter: Filter,
    /// How many, 1 to 100.
    pub limit: usize,
    /// Where it goes on.
    pub cursor: Option<String>,
    /// The query's text without the cursor: a cursor is good for its query only.
    pub query: String,
}

/// How many of the newest events come with an incident.
const SLICE: usize = 50;
/// How many events one page of a timeline holds at most.
pub(crate) const PAGE: usize = 500;

impl Desk {
    /// The incident of this uuid or display id.
    #[boxed]
    pub async fn incident_id(&self, caller: &Caller, name: &str) -> Result<IncidentId, Fault> {
        if let Ok(id) = name.parse() {
            return Ok(id);
        }
        if !is_display_id(name) {
            return Err(Fault::NotFound);
        }
        let found = self.table.of(&caller.tenant).by_display_id(name).await?;
        found.ok_or(Fault::NotFound)
    }

    /// A page of incidents.
    #[boxed]
    pub async fn list_incidents(&self, caller: &Caller, ask: &ListAsk) -> Result<Value, Fault> {
        let resource = Resource::new(ResourceKind::Incident, caller.tenant.as_str());
        self.allow(caller, Action::IncidentList, &resource, &Context::none())?;
        let now = self.clock.now();
        let key = self.cursor_key().await?;
        let after = match &ask.cursor {
            None => None,
            Some(cursor) => Some(
                key.open(&caller.tenant, &ask.query, cursor, now)
                    .map_err(|_| Fault::invalid("cursor", "is not valid here"))?,
            ),
        };
        let sight = self.sight(caller);
        let keep = |incident: &Incident| {
            ask.filter.keeps(incident)
                && sight.permits(Action::IncidentView, &of_incident(incident))
        };
        let repo = self.table.of(&caller.tenant);
        let page = repo.list(ask.filter.which(), after, ask.limit, &keep).await?;
        let incidents: Vec<Value> = page.incidents.iter().map(|one| shown(one, None)).collect();
        let next = page.next.map(|last| key.seal(&caller.tenant, &ask.query, last, now));
        Ok(json!({ "incidents": incidents, "next_cursor": next }))
    }

    /// One incident with its environments, approvals and newest events.
    #[boxed]
    pub async fn view_incident(&self, caller: &Caller, id: IncidentId) -> Result<Value, Fault> {
        let (repo, incident) = self.visible(caller, id, Action::IncidentView).await?;
        let environments = repo.environments(id).await?;
        let approvals = repo.approvals(id).await?;
        let head = repo.head(id).await?;
        let mut value = shown(&incident, head.as_ref());
        if let Value::Object(fields) = &mut value {
            let ids: Vec<String> = approvals.iter().map(|row| row.record.id.to_string()).collect();
            fields.insert("linked_approval_ids".into(), json!(ids));
        }
        let timeline = match self.visible(caller, id, Action::TimelineView).await {
            Ok(_) => {
                repo.newest(id, SLICE).await?.iter().map(watchfire_store::Event::json).collect()
            }
            Err(Fault::Denied { .. }) => Vec::new(),
            Err(other) => return Err(other),
        };
        let rows = |records: Vec<Value>| Value::Array(records);
        Ok(json!({
            "incident": value,
            "environments": rows(environments.iter().map(|row| json!(row.record)).collect()),
            "approvals": rows(approvals.iter().map(|row| lists::shown(caller, &row.record)).collect()),
            "timeline": timeline,
        }))
    }

    /// A page of the incident's timeline, in order. `raw`: with the exact text that was hashed.
    #[boxed]
    pub async fn timeline(
        &self,
        caller: &Caller,
        id: IncidentId,
        after: u64,
        limit: usize,
        raw: bool,
    ) -> Result<Value, Fault> {
        let (repo, incident) = self.visible(caller, id, Action::TimelineView).await?;
        let limit = limit.clamp(1, PAGE);
        let events = repo.events(id, after, limit).await?;
        let next =
            (events.len() == limit).then(|| events.last().map(|one| one.stored.seq)).flatten();
        let shown: Vec<Value> = events.iter().map(|event| event_shown(event, raw)).collect();
        let tenant = repo.tenant().as_str();
        Ok(
            json!({ "incident_id": incident.id, "tenant": tenant, "events": shown, "next_after": next }),
        )
    }

    /// The incident, if the caller may do `action` to it.
    pub(crate) async fn visible(
        &self,
        caller: &Caller,
        id: IncidentId,
        action: Action,
    ) -> Result<(Repo, Incident), Fault> {
        let found = self.table.of(&caller.tenant).find(id).await?;
        let (repo, row) = found.ok_or(Fault::NotFound)?;
        let mut resource = of_incident(&row.record);
        if action == Action::TimelineView {
            resource = resource.seen_as(ResourceKind::Timeline);
        }
        self.allow(caller, action, &resource, &Context::none())?;
        Ok((repo, row.record))
    }
}

/// An event as callers see it; `raw`: with the very bytes that were hashed.
pub(crate) fn event_shown(event: &Event, raw: bool) -> Value {
    if !raw {
        return event.json();
    }
    let stored = &event.stored;
    json!({
        "seq": stored.seq,
        "epoch": stored.epoch,
        "body": stored.body,
        "prev_hash": stored.prev.to_string(),
        "event_hash": stored.hash.to_string(),
        "type": stored.kind,
        "at": stored.at,
    })
}
