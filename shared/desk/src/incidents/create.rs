//! Opening an incident by hand (S3-49).

use super::{Ask, Written, shown};
use crate::follow::Follow as _;
use crate::opening::{Opened, marked, refused};
use crate::settle::left_to_sweep;
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use watchfire_domain::incident::{Extra, Incident, Kind, Opening};
use watchfire_domain::matrix::{Impact, classify};
use watchfire_domain::{IncidentId, Plan, Problem, Severity, Timestamp, clearance};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_runbook::link::About;
use watchfire_store::{Commit, Receipt, Refused, receipt_json};

/// What a caller says of a new incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewIncident {
    /// One line.
    pub title: String,
    /// What is known.
    #[serde(default)]
    pub description: String,
    /// How bad it is, under any profile's label. By default the plan's, or the matrix's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// The response plan to follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// What sort of trouble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The clearance of whoever may see it, 0 to 100. By default the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance: Option<u8>,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The number that another system knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// When the trouble began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was detected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected_at: Option<Timestamp>,
    /// How many users, in percent; with `impact` it classifies (S4-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affected_users_percent: Option<f64>,
    /// How badly they are affected; with `affected_users_percent` it classifies (S4-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// What users notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_impact: Option<String>,
}

pub(super) fn length(field: &str, text: &str, least: usize, most: usize) -> Option<Problem> {
    let count = text.trim().chars().count();
    let fits = (least..=most).contains(&count) && !text.contains('\0');
    (!fits).then(|| Problem::new(field, format!("must be {least} to {most} characters")))
}

pub(super) fn tags(tags: &BTreeMap<String, String>) -> Option<Problem> {
    let fits = tags.len() <= 50
        && tags.iter().all(|(key, value)| (1..=64).contains(&key.len()) && value.len() <= 256);
    (!fits).then(|| {
        Problem::new("tags", "must be at most 50, with keys up to 64 and values up to 256 bytes")
    })
}

pub(super) fn percent(percent: Option<f64>) -> Option<Problem> {
    let wrong = percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent));
    wrong.then(|| Problem::new("affected_users_percent", "must be 0 to 100"))
}

impl NewIncident {
    /// All that is wrong with what it says.
    pub fn check(&self) -> Vec<Problem> {
        let label = self.severity.as_deref();
        let unknown = label.is_some_and(|label| Severity::parse_label(label).is_none());
        let some = |field: &str, text: &Option<String>, most: usize| {
            text.as_deref().and_then(|text| length(field, text, 1, most))
        };
        [
            length("title", &self.title, 1, 200),
            length("description", &self.description, 0, 4_000),
            unknown.then(|| Problem::new("severity", "is no severity of any profile")),
            some("owner", &self.owner, 128),
            some("number", &self.number, 48),
            some("service_impact", &self.service_impact, 500),
            some("plan", &self.plan, 64),
            percent(self.affected_users_percent),
            self.clearance.and_then(clearance::check),
            tags(&self.tags),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What it says, else what the plan says, else what the matrix says; and whether a person
    /// should confirm it (decision 4).
    fn severity(&self, plan: Option<&Plan>) -> Result<(Severity, bool), Fault> {
        let said = self.severity.as_deref().and_then(Severity::parse_label);
        let matrix = self.affected_users_percent.zip(self.impact);
        let matrix = matrix.map(|(percent, impact)| classify(percent, impact));
        match (said, matrix, plan) {
            (Some(severity), ..) => Ok((severity, false)),
            (None, Some(classified), _) => Ok((classified.severity, classified.confirm)),
            (None, None, Some(plan)) => Ok((plan.severity, false)),
            (None, None, None) => Err(Fault::invalid(
                "severity",
                "must be given, or a plan, or both `affected_users_percent` and `impact`",
            )),
        }
    }

    /// What it says, else what the plan says. Never less than that: to show more people what the
    /// plan keeps from them takes a change with a rationale.
    fn clearance(&self, plan: Option<&Plan>) -> Result<u8, Fault> {
        let least = plan.map_or(0, |plan| plan.clearance);
        let said = self.clearance.unwrap_or(least);
        if said < least {
            let problem = format!("must be at least its plan's, which is {least}");
            return Err(Fault::invalid("clearance", problem));
        }
        Ok(said)
    }
}

impl Desk {
    /// Opens an incident by hand.
    #[boxed]
    pub async fn create_incident(
        &self,
        caller: &Caller,
        ask: &Ask,
        new: NewIncident,
    ) -> Result<Written, Fault> {
        let repo = self.table.of(&caller.tenant);
        let resource = Resource::new(ResourceKind::Incident, caller.tenant.as_str());
        self.allow(caller, Action::IncidentCreate, &resource, &Context::none())?;
        let mark = ask.mark(caller);
        if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
            if let Some(id) = written.incident() {
                self.visible(caller, id, Action::IncidentView).await?;
                left_to_sweep(self.start_requested(&repo, id).await);
            }
            return Ok(written);
        }
        let problems = new.check();
        if !problems.is_empty() {
            return Err(Fault::Invalid { problems });
        }
        let plan = match &new.plan {
            None => None,
            Some(name) => match repo.newest_of::<Plan>(name).await? {
                Some(plan) => Some(plan),
                None => return Err(Fault::invalid("plan", "is not a plan of this tenant")),
            },
        };
        let (severity, confirm_severity) = new.severity(plan.as_ref())?;
        let clearance = new.clearance(plan.as_ref())?;
        if clearance > 0 {
            // Nobody writes what they could not read afterwards.
            let guarded = Resource { required_clearance: clearance.into(), ..resource };
            let (create, nothing) = (Action::IncidentCreate, Context::none());
            self.decide_shown(&caller.actor, create, &guarded, &nothing)?;
        }
        let name = plan.as_ref().map_or("sev", |plan| plan.profile.as_str());
        let profile = self.profile(&repo, name).await?;
        let runbooks = plan.as_ref().map(|plan| plan.runbooks.clone()).unwrap_or_default();
        let title = new.title.trim().to_owned();
        let (tags, linked) = (Some(&new.tags), Some(&runbooks));
        let about = About { name: &title, metric: None, tags, plan: linked };
        let fitting = self.fitting(&repo, &about).await;
        let opening = Opening {
            id: IncidentId::at(self.clock.now(), self.ids.ten()),
            title,
            description: new.description,
            severity,
            confirm_severity,
            extra: Extra {
                number: new.number,
                kind: new.kind.or(plan.as_ref().and_then(|plan| plan.kind)),
                tags: new.tags,
                clearance,
                owner: new.owner,
                started_at: new.started_at,
                detected_at: new.detected_at,
                affected_users_percent: new.affected_users_percent,
                service_impact: new.service_impact,
                runbooks,
                fitting,
                plan: plan.as_ref().map(|plan| plan.name.clone()),
                trace: caller.trace.clone(),
                ..Extra::default()
            },
        };
        let mut add = |commit: Commit, incident: &Incident| {
            let incident = incident.clone();
            commit.mark(marked(mark.clone(), 201, move |receipt| answer(&incident, receipt)))
        };
        let opened =
            self.open(caller, plan.as_ref(), &profile, opening, &caller.author(), &mut add).await;
        let Opened { incident, environment, messages, receipt } = match opened {
            Ok(opened) => opened,
            Err(Refused::Repeat(stored)) => return Written::replay(stored, &ask.body),
            Err(other) => return Err(refused(other)),
        };
        incident.follow();
        tracing::info!(incident.display_id = %incident.display_id, "Opened an incident");
        self.measure_opened(&incident);
        if let Err(error) = self.after_opening(&repo, environment.as_ref(), &messages).await {
            tracing::warn!("An effect is left to the sweep: {error}");
        }
        Ok(Written::new(201, answer(&incident, &receipt)))
    }
}

fn answer(incident: &Incident, receipt: &Receipt) -> String {
    json!({ "incident": shown(incident, None), "receipt": receipt_json(receipt) }).to_string()
}
