//! Starting a runbook (S3-57).

use super::ask::reachable;
use super::{hashed, refused};
use crate::follow::Follow as _;
use crate::guard::of_incident;
use crate::incidents::{Ask, Written};
use crate::opening::{FIRST_LOOK, marked};
use crate::settle::{TRIES, fault, left_to_sweep};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Map, Value, json};
use tracing::Span;
use watchfire_domain::{ExecutionId, Incident, IncidentId, Rejected, Status};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, ResourceKind};
use watchfire_runbook::Execution;
use watchfire_runbook::catalog::Version;
use watchfire_runbook::execution::{Pin, Start};
use watchfire_store::{Commit, Due, Receipt, Refused, Repo, receipt_json};

/// What a start says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StartAsk {
    /// The incident that it is about.
    pub incident: Option<IncidentId>,
    /// The version; the newest published one, if none.
    pub version: Option<u32>,
    /// The inputs.
    pub inputs: Map<String, Value>,
}

impl Desk {
    /// Starts a published runbook. Nothing of it is done yet when this answers.
    #[boxed]
    pub async fn execute_runbook(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: &str,
        start: &StartAsk,
    ) -> Result<Written, Fault> {
        let repo = self.table.of(&caller.tenant);
        let mark = ask.mark(caller);
        for _ in 0..TRIES {
            let action = Action::RunbookExecute;
            let runbook = self.runbook_of(caller, action, &repo, id).await?;
            let incident = self.startable(caller, start.incident).await?;
            if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
                left_to_sweep(self.start_again(&repo, &written).await);
                return Ok(written);
            }
            if incident.as_ref().is_some_and(|incident| incident.status == Status::Closed) {
                return Err(Rejected::Closed.into());
            }
            let newest = runbook.published.as_ref().map(|newest| newest.version);
            let wanted = start.version.or(newest).ok_or(Fault::NotFound)?;
            let version = repo.runbook_version(&runbook.name, wanted).await?;
            let version = version.ok_or_else(|| Fault::invalid("version", "is not published"))?;
            let now = self.clock.now();
            let begun = Start {
                id: ExecutionId::at(now, self.ids.ten()),
                incident: start.incident,
                inputs: &start.inputs,
            };
            let spec = hashed(version.spec.clone())?;
            let pin = Pin { spec: &spec, version: wanted, editors: editors(&version) };
            let change = Execution::start(&begun, &pin, &caller.author(), now).map_err(refused)?;
            let execution = change.after.clone();
            Span::current().record("execution.id", execution.id.to_string());
            let run = execution.with(&spec, &caller.tenant).map_err(refused)?;
            if let Some(incident) = &incident {
                let people = self.approvers_of(&repo, incident).await?;
                reachable(people.as_ref(), &run, now, self.config.mail_from.is_some())?;
            }
            let mut commit = Commit::on(execution.timeline())
                .change(change, Due::At(now.plus(FIRST_LOOK)))
                .execution(execution.id)
                .used(&runbook.name);
            if incident.is_none() {
                commit = commit.fresh();
            }
            let seen = execution.clone();
            let answer = move |receipt: &Receipt| answer(&seen, receipt);
            let commit = commit.mark(marked(mark.clone(), 201, answer.clone()));
            match repo.commit(commit).await {
                Ok(receipt) => {
                    self.measure_run(None, &execution);
                    left_to_sweep(self.go(&repo, &execution).await.map(drop));
                    return Ok(Written::new(201, answer(&receipt)));
                }
                Err(Refused::Changed) => {}
                Err(Refused::Repeat(stored)) => return Written::replay(stored, &ask.body),
                Err(other) => return Err(fault(other)),
            }
        }
        Err(Fault::Conflict)
    }

    /// The incident, if it is the tenant's own: a guest may look at what runs there, and start
    /// nothing.
    async fn startable(
        &self,
        caller: &Caller,
        id: Option<IncidentId>,
    ) -> Result<Option<Incident>, Fault> {
        let Some(id) = id else { return Ok(None) };
        let found = self.table.of(&caller.tenant).find(id).await?;
        let absent = || Fault::invalid("incident_id", "is no incident");
        let (_, row) = found.ok_or_else(absent)?;
        row.record.follow();
        let resource = of_incident(&row.record).seen_as(ResourceKind::Runbook).status("published");
        let may = self.allow(caller, Action::RunbookExecute, &resource, &Context::none());
        may.map_err(|fault| if matches!(fault, Fault::NotFound) { absent() } else { fault })?;
        Ok(Some(row.record))
    }

    /// Whoever asks again perhaps does so because the first answer never came.
    async fn start_again(&self, repo: &Repo, written: &Written) -> Result<(), Fault> {
        let answer: Value = serde_json::from_str(&written.body).unwrap_or_default();
        let id = answer.pointer("/execution/id").and_then(Value::as_str);
        let Some(id) = id.and_then(|id| id.parse().ok()) else { return Ok(()) };
        match repo.execution(id).await? {
            Some(row) if row.record.state.is_open() => self.go(repo, &row.record).await.map(drop),
            Some(_) | None => Ok(()),
        }
    }
}

/// Who wrote a version, its last editor at the end: who wrote all of it is not freed by who mends
/// a word.
fn editors(version: &Version) -> Vec<&str> {
    let mut editors: Vec<_> = version.editors.iter().map(|(who, at)| (*at, who.as_str())).collect();
    editors.sort_unstable();
    let author = std::iter::once(version.author.as_str());
    let others = author.filter(|author| !version.editors.contains_key(*author));
    others.chain(editors.iter().map(|(_, who)| *who)).collect()
}

pub(super) fn answer(execution: &Execution, receipt: &Receipt) -> String {
    json!({ "execution": execution, "receipt": receipt_json(receipt) }).to_string()
}
