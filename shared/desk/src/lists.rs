//! What stands beside an incident: its environments, and approvals of one or of all incidents.

use crate::guard::{Sight, of_approval, of_environment, of_incident};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use watchfire_domain::{Approval, ApprovalId, Environment, Incident, IncidentId};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};
use watchfire_store::{Repo, Which};

/// Approvals, as a caller asks for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApprovalsAsk {
    /// Of this incident; of all, if none.
    pub incident: Option<IncidentId>,
    /// In these states, by name; in all, if none.
    pub states: Vec<&'static str>,
    /// A page ends with the incident that brings it to so many.
    pub limit: usize,
    /// Where it goes on.
    pub cursor: Option<String>,
}

/// How many incidents are looked through for one page of approvals.
const LOOKED_AT: usize = 100;
/// How many of them are read at once.
const STRIDE: usize = 25;

impl Desk {
    /// The incident's environments that the caller may see, in order.
    #[boxed]
    pub async fn environments(
        &self,
        caller: &Caller,
        id: IncidentId,
    ) -> Result<Vec<Environment>, Fault> {
        let (repo, incident) = self.visible(caller, id, Action::IncidentView).await?;
        let mut seen = Vec::new();
        for row in repo.environments(id).await? {
            let resource = of_environment(&incident, &row.record);
            self.allow(caller, Action::EnvironmentView, &resource, &Context::none())?;
            seen.push(row.record);
        }
        Ok(seen)
    }

    /// An approval, as the caller may see it.
    #[boxed]
    pub async fn approval_shown(&self, caller: &Caller, id: ApprovalId) -> Result<Value, Fault> {
        Ok(shown(caller, &self.approval(caller, id).await?))
    }

    /// A page of approvals, those of the newest incident first.
    #[boxed]
    pub async fn list_approvals(
        &self,
        caller: &Caller,
        ask: &ApprovalsAsk,
    ) -> Result<Value, Fault> {
        let repo = self.table.of(&caller.tenant);
        let sight = self.sight(caller);
        let mut approvals = Vec::new();
        if let Some(id) = ask.incident {
            let (home, incident) = self.visible(caller, id, Action::IncidentView).await?;
            self.gather(&sight, &home, &incident, ask, &mut approvals).await?;
            return Ok(json!({ "approvals": approvals, "next_cursor": null }));
        }
        let now = self.clock.now();
        let key = self.cursor_key().await?;
        // Of another kind than a list of incidents: neither takes the other's cursors.
        let query = format!("approvals\n{}", ask.states.join(","));
        let mut last = match &ask.cursor {
            None => None,
            Some(cursor) => Some(
                key.open(&caller.tenant, &query, cursor, now)
                    .map_err(|_| Fault::invalid("cursor", "is not valid here"))?,
            ),
        };
        let keep =
            |incident: &Incident| sight.permits(Action::IncidentView, &of_incident(incident));
        let mut looked = 0usize;
        let next = 'page: loop {
            let page = repo.list(Which::All, last, STRIDE, &keep).await?;
            for incident in page.incidents {
                last = Some(incident.id);
                looked = looked.saturating_add(1);
                if let Some((home, row)) = repo.find(incident.id).await? {
                    self.gather(&sight, &home, &row.record, ask, &mut approvals).await?;
                }
                if approvals.len() >= ask.limit || looked >= LOOKED_AT {
                    break 'page last;
                }
            }
            last = page.next;
            if last.is_none() {
                break last;
            }
        };
        let next = next.map(|last| key.seal(&caller.tenant, &query, last, now));
        Ok(json!({ "approvals": approvals, "next_cursor": next }))
    }

    async fn gather(
        &self,
        sight: &Sight<'_>,
        home: &Repo,
        incident: &Incident,
        ask: &ApprovalsAsk,
        into: &mut Vec<Value>,
    ) -> Result<(), Fault> {
        for row in home.approvals(incident.id).await? {
            let approval = row.record;
            let wanted = ask.states.is_empty() || ask.states.contains(&approval.state.name());
            let resource = of_approval(incident, &approval);
            if wanted && sight.permits(Action::ApprovalView, &resource) {
                into.push(shown(sight.caller(), &approval));
            }
        }
        Ok(())
    }
}

/// An approval without its code: that is for who reads the page, or who asked for it. Of one with
/// levels it tells which is asked.
pub(crate) fn shown(caller: &Caller, approval: &Approval) -> Value {
    let mut value = json!(approval);
    if let Value::Object(fields) = &mut value {
        if approval.requested_by != caller.actor.id {
            fields.remove("code");
        }
        if approval.levels_in_all().is_some() {
            fields.insert("level".to_owned(), json!(approval.asked().count()));
        }
    }
    value
}
