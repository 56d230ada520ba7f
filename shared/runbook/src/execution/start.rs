//! Starting a runbook (S3-57).

use super::output::is_marked;
use super::run::{order, settle};
use super::{Execution, MOST_INPUTS, MOST_STEPS, Refusal, State, StepState};
use crate::Hashed;
use crate::bind::Inputs;
use crate::spec::Action;
use crate::template;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_domain::canon::canonical;
use watchfire_domain::{Actor, Change, Draft, EventType, ExecutionId, IncidentId, Timestamp};

/// A published version of a runbook.
#[derive(Debug, Clone)]
pub struct Pin<'a> {
    /// What it says.
    pub spec: &'a Hashed,
    /// Its version.
    pub version: u32,
    /// Everybody who wrote it, whoever last edited it at the end.
    pub editors: Vec<&'a str>,
}

/// What a start says.
#[derive(Debug, Clone)]
pub struct Start<'a> {
    /// The execution's id.
    pub id: ExecutionId,
    /// The incident that it is about, if it is about one.
    pub incident: Option<IncidentId>,
    /// What was given.
    pub inputs: &'a Map<String, Value>,
}

impl Execution {
    /// Starts a runbook. Inputs that do not fit are told all at once. Without an incident, what
    /// needs one is refused here rather than half-way: an approval is an incident's (S3-78).
    pub fn start(
        ask: &Start<'_>,
        pin: &Pin<'_>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        let spec = pin.spec;
        let order = order(spec);
        if order.is_empty() || order.len() > MOST_STEPS {
            let why = format!("has {} steps, and may have 1 to {MOST_STEPS}", order.len());
            return Err(Refusal::Unfollowable(why));
        }
        let mut steps = BTreeMap::new();
        for within in &order {
            let step = within.step;
            // Two steps of one id would share one state: the second would pass for done.
            if steps.insert(step.id.clone(), StepState::fresh(1)).is_some() {
                return Err(Refusal::Unfollowable(format!("has two steps `{}`", step.id)));
            }
            if ask.incident.is_none() && needs_incident(&step.action, within.needs_approval()) {
                return Err(Refusal::NeedsIncident { step: step.id.clone() });
            }
        }
        let inputs = Inputs::bind(spec, ask.inputs).map_err(Refusal::Inputs)?;
        let is_secret =
            |name: &&String| ask.inputs.get(*name).and_then(Value::as_str).is_some_and(is_marked);
        // Inputs stand in the record and in an event, for everybody who may read the incident.
        if let Some(name) = ask.inputs.keys().find(is_secret) {
            let problem =
                format!("have what looks like a secret in `{name}`: name it, never tell it");
            return Err(Refusal::Field { field: "inputs", problem });
        }
        let inputs = match serde_json::to_value(&inputs) {
            Ok(Value::Object(inputs)) => inputs,
            _ => Map::new(),
        };
        let size = canonical(&Value::Object(inputs.clone())).map_or(usize::MAX, |text| text.len());
        if size > MOST_INPUTS {
            let problem = format!("are {size} bytes long, and may be {MOST_INPUTS}");
            return Err(Refusal::Field { field: "inputs", problem });
        }
        // Of what nobody wrote, nobody would be kept from approving it.
        let (edited_by, writers) = pin
            .editors
            .split_last()
            .ok_or_else(|| Refusal::Unfollowable("does not say who wrote it".to_owned()))?;
        let mut after = Self {
            id: ask.id,
            incident: ask.incident,
            runbook: spec.name.clone(),
            runbook_version: pin.version,
            spec_hash: spec.hash().to_owned(),
            edited_by: (*edited_by).to_owned(),
            writers: writers.iter().map(|one| (*one).to_owned()).collect(),
            state: State::Pending,
            current_step: None,
            inputs,
            steps,
            involved: BTreeSet::new(),
            started_by: actor.id.clone(),
            started_at: now,
            completed_at: None,
            reason: None,
            drive: 1,
            version: 1,
        };
        settle(pin.spec, &order, &mut after);
        let draft = Draft::new(EventType::RunbookStarted, actor)
            .with("execution", ask.id.to_string())
            .with("runbook", spec.name.clone())
            .with("runbook_version", pin.version)
            .with("spec_hash", after.spec_hash.clone());
        Ok(Change { before: None, after, draft })
    }
}

fn needs_incident(action: &Action, approved: bool) -> bool {
    let told =
        || action.templates("do").iter().any(|placed| !template::facts(placed.text).is_empty());
    approved || matches!(action, Action::Transition(_) | Action::Export(_)) || told()
}
