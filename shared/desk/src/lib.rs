//! Use cases: ask, decide, commit, effects.
//!
//! Every use case reads the record, asks the rules and the policies, writes one conditional commit
//! and then has effects under deterministic names. Whoever finds the work done resumes its tail.
//!
//! The future of each public use case is `boxed`: what it calls is then compiled in this crate
//! alone, and not once more in each function that waits for it (docs/decisions/0003).

mod access;
mod approval_deed;
mod approvals;
mod belong;
mod catalog;
mod connection;
mod drive;
mod effects;
mod environments;
mod evidence;
mod flapping;
mod follow;
mod guard;
mod hooks;
mod incidents;
mod intake;
mod integrations;
mod inventory;
mod keys;
mod links;
mod lists;
mod measure;
mod messages;
mod minutes;
mod observe;
mod opening;
mod overridden;
mod parents;
mod phases;
mod plans;
mod publish;
mod repeats;
mod runs;
mod sealing;
mod settle;
mod simulate;
mod specs;
mod step;
mod sweep;

pub use approval_deed::ApprovalDeed;
pub use approvals::{Decided, View};
pub use belong::Taken;
pub use catalog::{RunbooksAsk, Which};
pub use environments::Steer;
pub use follow::invocation;
pub use guard::Caller;
pub use hooks::Owned;
pub use incidents::{Ask, Deed, Filter, ListAsk, NewIncident, Written};
pub use intake::{Address, Intake, Spoken, Way};
pub use inventory::{Orphan, OrphanKind};
pub use links::Catalogues;
pub use lists::ApprovalsAsk;
pub use minutes::Minutes;
pub use plans::Document;
pub use repeats::Repeats;
pub use runs::{Carry, RunDeed, RunNext, RunStep, StartAsk};
pub use simulate::{Instead, On, Question, may_be_asked};
pub use specs::Specs;
pub use step::{Nexts, Step, Wait};
pub use sweep::Swept;

use std::sync::{Arc, Mutex};
use watchfire_domain::Timestamp;
use watchfire_edge::Config;
use watchfire_policy::Policies;
use watchfire_ports::{
    AccessBroker, AccessPoints, Bus, Clock, Evidence, Hooks, Ids, Jobs, Line, Metrics, Notify,
    Pause, Probes, Requests, Seals, Secrets, Tasks, Vault, Workflow,
};
use watchfire_store::{AlarmPlan, Table};

/// All that a use case may touch. Which of the ports a function may really use is for its role to
/// say (infra/template.yaml).
#[derive(Debug, Clone)]
pub struct Desk {
    /// The table.
    pub table: Table,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
    /// Waiting between tries.
    pub pause: Arc<dyn Pause>,
    /// Containers.
    pub tasks: Arc<dyn Tasks>,
    /// Access points.
    pub points: Arc<dyn AccessPoints>,
    /// The access broker.
    pub broker: Arc<dyn AccessBroker>,
    /// The lifecycle machine.
    pub workflow: Arc<dyn Workflow>,
    /// The runbook machine.
    pub runs: Arc<dyn Workflow>,
    /// The probe queue.
    pub probes: Arc<dyn Probes>,
    /// Evidence.
    pub evidence: Arc<dyn Evidence>,
    /// The bucket of sealed things.
    pub vault: Arc<dyn Vault>,
    /// The queue of incidents that shall be sealed soon.
    pub seals: Arc<dyn Seals>,
    /// Where domain events go.
    pub bus: Arc<dyn Bus>,
    /// The alarm queue, as webhooks reach it.
    pub hooks: Arc<dyn Hooks>,
    /// Where alarms of one key wait for each other.
    pub line: Arc<dyn Line>,
    /// The requests of runbooks.
    pub requests: Arc<dyn Requests>,
    /// The programs and documents of runbooks.
    pub jobs: Arc<dyn Jobs>,
    /// Messages.
    pub notify: Arc<dyn Notify>,
    /// Secrets.
    pub secrets: Arc<dyn Secrets>,
    /// Where metric lines go.
    pub metrics: Arc<dyn Metrics>,
    /// The configuration.
    pub config: Arc<Config>,
    /// The policies.
    pub policies: Arc<Policies>,
    /// The alarm mapping, as it was read last.
    pub alarm_map: AlarmMap,
    /// What runbooks are for, as it was read last.
    pub catalogues: Catalogues,
    /// The minutes whose display id is taken.
    pub minutes: Minutes,
    /// The transitions that came again, and had nothing left to do.
    pub repeats: Repeats,
    /// The specs of executions, as they were read.
    pub specs: Specs,
}

/// How long a warm function follows what it read of plans and runbooks.
const HELD: i64 = 30 * watchfire_domain::SECOND;

/// The alarm mapping, read at most every thirty seconds by a warm function.
#[derive(Debug, Clone, Default)]
pub struct AlarmMap(Arc<Mutex<Option<Held>>>);

/// When the mapping was read, and what it said.
type Held = (Timestamp, Arc<Vec<AlarmPlan>>);

impl AlarmMap {
    pub(crate) fn fresh(&self, now: Timestamp) -> Option<Arc<Vec<AlarmPlan>>> {
        let held = self.0.lock().ok()?;
        let (read, plans) = held.as_ref()?;
        (now.since(*read) < HELD).then(|| Arc::clone(plans))
    }

    pub(crate) fn hold(&self, now: Timestamp, plans: &Arc<Vec<AlarmPlan>>) {
        if let Ok(mut held) = self.0.lock() {
            *held = Some((now, Arc::clone(plans)));
        }
    }
}
