//! Composite alarms and their children: whichever comes first opens the incident, and the others
//! belong to it. Keys are joined in the commit that rules on an alarm, under the conditions of
//! both, so that two that come at once still make one incident.

use crate::Desk;
use crate::intake::Arrival;
use watchfire_domain::alarm::{Alarm, AlarmState, Open};
use watchfire_domain::plan::{Template, render};
use watchfire_domain::{IncidentId, MINUTE, Status};
use watchfire_edge::Fault;
use watchfire_store::{Commit, Due, Repo};

/// How many children of a composite are looked at.
const CHILDREN: usize = 20;

/// The key that an alarm belongs to, with what is remembered of it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) key: String,
    pub(crate) open: Option<Open>,
    /// The keys that join it.
    pub(crate) joins: Vec<Join>,
}

/// That a key's alarms belong to another key.
#[derive(Debug, Clone)]
pub(crate) struct Join {
    key: String,
    before: Option<Open>,
    to: String,
}

impl Join {
    /// Adds the join to what is committed.
    pub(crate) fn write(self, commit: Commit) -> Commit {
        let after = Open::joining(self.before.as_ref(), &self.to);
        commit.alarm(&self.key, self.before.as_ref(), after, Due::Clear)
    }
}

impl Desk {
    /// Where the alarm belongs; `open` is what is remembered of its own key, `own`.
    pub(crate) async fn place(
        &self,
        arrival: &Arrival<'_>,
        own: &str,
        open: Option<Open>,
    ) -> Result<Place, Fault> {
        let Arrival { repo, alarm, plan, .. } = arrival;
        let mut open = open;
        if let Some(to) = open.as_mut().and_then(|open| open.joined.take())
            && let Some(there) = repo.remembered(&to).await?
            && takes(repo, &there, alarm, plan.reopen_minutes).await?
        {
            return Ok(Place { key: to, open: Some(there), joins: Vec::new() });
        }
        let place = Place { key: own.to_owned(), open, joins: Vec::new() };
        let is_parent = alarm.state == AlarmState::Alarm && !alarm.triggered_by.is_empty();
        if !is_parent || !plan.join_children {
            return Ok(place);
        }
        if is_open(repo, place.open.as_ref().and_then(|open| open.incident)).await? {
            return Ok(place);
        }
        self.with_children(arrival, place).await
    }

    /// A composite fires that has no open incident: it belongs to that of a child, or its children
    /// belong to its own.
    async fn with_children(&self, arrival: &Arrival<'_>, mut place: Place) -> Result<Place, Fault> {
        let repo = &arrival.repo;
        for child in arrival.alarm.children().take(CHILDREN) {
            let Some(key) = self.key_of(arrival, &child).await? else { continue };
            let before = repo.remembered(&key).await?;
            let known = place.joins.iter().any(|join| join.key == key);
            if key == place.key || known {
                continue;
            }
            if is_open(repo, before.as_ref().and_then(|open| open.incident)).await? {
                let own = Join { key: place.key, before: place.open, to: key.clone() };
                return Ok(Place { key, open: before, joins: vec![own] });
            }
            place.joins.push(Join { key, before, to: place.key.clone() });
        }
        Ok(place)
    }

    /// The key of a child, if its ARN is enough to tell it and it is of the same tenant.
    async fn key_of(&self, arrival: &Arrival<'_>, child: &Alarm) -> Result<Option<String>, Fault> {
        let (tenant, plan) = self.plan_for(child).await?;
        if tenant != *arrival.repo.tenant() {
            return Ok(None);
        }
        Ok(match &plan.dedup_key {
            None => Some(child.key(None)),
            // Its tags and dimensions are not known here.
            Some(template) if Template::needs_more_than_an_arn(template) => None,
            Some(template) => Some(child.key(Some(&render(template, child)))),
        })
    }
}

async fn is_open(repo: &Repo, incident: Option<IncidentId>) -> Result<bool, Fault> {
    let Some(id) = incident else { return Ok(false) };
    let row = repo.incident(id).await?;
    Ok(row.is_some_and(|row| row.record.status < Status::Resolved))
}

/// Whether the incident that is remembered there takes the alarm: it is open, or can be reopened.
async fn takes(repo: &Repo, there: &Open, alarm: &Alarm, minutes: u32) -> Result<bool, Fault> {
    let Some(id) = there.incident else { return Ok(false) };
    let Some(row) = repo.incident(id).await? else { return Ok(false) };
    let window = i64::from(minutes).saturating_mul(MINUTE);
    Ok(match (row.record.status, row.record.resolved_at) {
        (Status::Closed, _) => false,
        (Status::Resolved, Some(resolved)) => alarm.at.since(resolved) <= window,
        _ => true,
    })
}
