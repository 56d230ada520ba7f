//! Runbooks that fit an incident besides those of its plan, and alarms that none fits (S1-45).

use crate::guard::of_incident;
use crate::{Caller, Desk, HELD};
use async_recursion::async_recursion as boxed;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use watchfire_domain::alarm::called;
use watchfire_domain::{Incident, IncidentId, Tenant, Timestamp};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_ports::PortError;
use watchfire_runbook::link::{About, Purpose, Reason, advice, suggest};
use watchfire_runbook::matrix::Advice;
use watchfire_store::{Repo, Which};

/// How many runbooks the catalogue links to an incident: the best of them.
const MOST: usize = 10;
/// How many tenants' catalogues a function remembers.
const TENANTS: usize = 100;
/// How many alarms a page tells of.
const ALARMS: usize = 500;

/// What each tenant's published runbooks are for, read at most every thirty seconds by a warm
/// function.
#[derive(Debug, Clone, Default)]
pub struct Catalogues(Arc<Mutex<BTreeMap<Tenant, Held>>>);

/// When a catalogue was read, and what it said.
type Held = (Timestamp, Arc<Vec<Purpose>>);

impl Catalogues {
    fn held(&self, tenant: &Tenant) -> Option<Held> {
        self.0.lock().ok()?.get(tenant).cloned()
    }

    fn hold(&self, tenant: &Tenant, read: Held) {
        if let Ok(mut all) = self.0.lock() {
            if all.len() >= TENANTS {
                all.clear();
            }
            all.insert(tenant.clone(), read);
        }
    }
}

/// An alarm whose incidents had no runbook.
#[derive(Debug, Serialize)]
struct Alone<'a> {
    alarm: &'a str,
    name: &'a str,
    incidents: usize,
    newest: IncidentId,
    title: &'a str,
    at: Timestamp,
    advice: Option<Advice>,
}

impl Desk {
    /// The published runbooks that fit besides those of the plan, and why. Whatever happens to the
    /// catalogue, the incident is opened.
    pub(crate) async fn fitting(&self, repo: &Repo, about: &About<'_>) -> BTreeMap<String, Reason> {
        let held = self.catalogues.held(repo.tenant());
        let now = self.clock.now();
        let purposes = match held {
            Some((read, purposes)) if now.since(read) < HELD => purposes,
            older => match self.purposes(repo, now).await {
                Ok(purposes) => purposes,
                Err(error) => {
                    tracing::warn!(
                        "The catalogue cannot be read: {}",
                        watchfire_edge::chain(&error)
                    );
                    older.map(|(_, purposes)| purposes).unwrap_or_default()
                }
            },
        };
        let fits = suggest(purposes.iter(), about);
        let fits = fits.into_iter().filter(|one| one.reason != Reason::Plan);
        fits.take(MOST).map(|one| (one.runbook, one.reason)).collect()
    }

    async fn purposes(&self, repo: &Repo, now: Timestamp) -> Result<Arc<Vec<Purpose>>, PortError> {
        let purposes = Arc::new(repo.purposes().await?);
        self.catalogues.hold(repo.tenant(), (now, Arc::clone(&purposes)));
        Ok(purposes)
    }

    /// The alarms behind a page of the tenant's own incidents that have no runbook, the most
    /// frequent first. What a runbook published since is for is left out, as far as the alarm's
    /// name and the incident's labels tell.
    #[boxed]
    pub async fn unlinked_alarms(
        &self,
        caller: &Caller,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Value, Fault> {
        let resource = Resource::new(ResourceKind::Runbook, caller.tenant.as_str());
        self.allow(caller, Action::RunbookList, &resource, &Context::none())?;
        let (now, key, query) = (self.clock.now(), self.cursor_key().await?, "unlinked alarms");
        let after = cursor.map(|cursor| key.open(&caller.tenant, query, cursor, now)).transpose();
        let after = after.map_err(|_| Fault::invalid("cursor", "is not valid here"))?;
        let sight = self.sight(caller);
        let keep = |incident: &Incident| {
            incident.linked_runbook_ids.is_empty()
                && !incident.linked_alert_ids.is_empty()
                && incident.home() == caller.tenant.as_str()
                && sight.permits(Action::IncidentView, &of_incident(incident))
        };
        let repo = self.table.of(&caller.tenant);
        let page = repo.list(Which::All, after, limit, &keep).await?;
        let mut alarms = alone(&page.incidents, &repo.purposes().await?);
        let left_out = alarms.len().saturating_sub(ALARMS);
        alarms.truncate(ALARMS);
        let next = page.next.map(|last| key.seal(&caller.tenant, query, last, now));
        Ok(json!({ "alarms": alarms, "left_out": left_out, "next_cursor": next }))
    }
}

/// The alarms behind these incidents, newest first, that no runbook is for.
fn alone<'a>(incidents: &'a [Incident], purposes: &[Purpose]) -> Vec<Alone<'a>> {
    let mut alarms: BTreeMap<&str, Alone<'a>> = BTreeMap::new();
    for incident in incidents {
        for alarm in &incident.linked_alert_ids {
            let name = called(alarm);
            let tags = Some(&incident.tags);
            let about = About { name, tags, ..About::default() };
            if !suggest(purposes, &about).is_empty() {
                continue;
            }
            let known = alarms.entry(alarm).or_insert_with(|| Alone {
                alarm,
                name,
                incidents: 0,
                newest: incident.id,
                title: &incident.title,
                at: incident.created_at,
                advice: advice(&about),
            });
            known.incidents = known.incidents.saturating_add(1);
        }
    }
    let mut alarms: Vec<Alone<'a>> = alarms.into_values().collect();
    alarms.sort_by(|one, other| other.incidents.cmp(&one.incidents).then(one.name.cmp(other.name)));
    alarms
}
