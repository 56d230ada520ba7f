//! Changes of an incident, each one decision and one commit.

use super::create::{length, percent, tags};
use super::{Ask, Written, shown};
use crate::follow::Follow as _;
use crate::guard::of_incident;
use crate::messages::{self, Occasion};
use crate::opening::marked;
use crate::plans::plan_of;
use crate::settle::{TRIES, fault, left_to_sweep};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::json;
use watchfire_domain::incident::{Edit, Incident, Role, RootCause, Transition};
use watchfire_domain::{
    Change, Draft, EventType, IncidentId, Problem, Profile, Severity, Status, Tenant, Voucher,
    clearance,
};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};
use watchfire_ports::Message;
use watchfire_store::{Commit, Due, Receipt, Refused, Repo, receipt_json};

/// What a caller does to an incident.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Changes its status.
    Transition(Transition),
    /// Changes its severity.
    Severity {
        /// To what.
        to: Severity,
        /// Why.
        rationale: String,
    },
    /// Assigns its owner.
    Owner(String),
    /// Assigns a role.
    Role(Role, String),
    /// States its root cause.
    RootCause(RootCause),
    /// Edits free fields.
    Edit(Box<Edit>),
    /// Adds a note.
    Note(String),
    /// Asks for more people.
    Escalate(String),
    /// Shares it with a further tenant.
    Share(String),
    /// Links a runbook of the catalogue.
    Link(String),
}

/// What a deed comes to: a changed record, or an event alone, and perhaps a share.
struct Decision {
    change: Option<Change<Incident>>,
    event: Option<Draft>,
    share: Option<Tenant>,
}

impl Decision {
    fn change(change: Change<Incident>) -> Self {
        Self { change: Some(change), event: None, share: None }
    }
    fn event(draft: Draft) -> Self {
        Self { change: None, event: Some(draft), share: None }
    }
}

impl Deed {
    const fn action(&self) -> Action {
        match self {
            Self::Transition(_) => Action::IncidentTransition,
            Self::Severity { .. } => Action::IncidentSeverity,
            Self::Owner(_) => Action::IncidentOwner,
            Self::Role(..) => Action::IncidentRole,
            Self::RootCause(_) => Action::IncidentRootCause,
            Self::Edit(_) | Self::Link(_) => Action::IncidentUpdate,
            Self::Note(_) => Action::IncidentNote,
            Self::Escalate(_) => Action::IncidentEscalate,
            Self::Share(_) => Action::IncidentShare,
        }
    }

    fn context(&self) -> Context {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match self {
            Self::Transition(ask) => {
                Context::to(ask.to.name(), ask.rationale.as_deref().and_then(text))
            }
            Self::Severity { to, rationale } => Context::to(to.name(), text(rationale)),
            Self::Escalate(reason) => Context::because(text(reason)),
            Self::Share(with) => Context::to(with.as_str(), None),
            Self::Owner(_)
            | Self::Role(..)
            | Self::RootCause(_)
            | Self::Edit(_)
            | Self::Link(_)
            | Self::Note(_) => Context::none(),
        }
    }

    /// The clearance that the incident asks for afterwards, if it says one.
    fn clearance(&self) -> Option<u8> {
        match self {
            Self::Edit(edit) => edit.clearance,
            Self::Transition(_)
            | Self::Severity { .. }
            | Self::Owner(_)
            | Self::Role(..)
            | Self::RootCause(_)
            | Self::Note(_)
            | Self::Escalate(_)
            | Self::Share(_)
            | Self::Link(_) => None,
        }
    }

    /// All that is wrong with what it says.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut text = |field: &str, text: &str, least: usize, most: usize| {
            problems.extend(length(field, text, least, most));
        };
        match self {
            Self::Transition(ask) => {
                text("rationale", ask.rationale.as_deref().unwrap_or_default(), 0, 1_000);
            }
            Self::Severity { rationale, .. } => text("rationale", rationale, 0, 1_000),
            Self::Owner(owner) => text("owner", owner, 1, 128),
            Self::Role(_, person) => text("person", person, 1, 128),
            Self::RootCause(cause) => {
                text("text", &cause.text, 1, 4_000);
                text("category", cause.category.as_deref().unwrap_or("-"), 1, 64);
            }
            Self::Note(note) => text("text", note, 1, 4_000),
            Self::Link(runbook) => text("runbook", runbook, 1, 128),
            Self::Escalate(reason) => text("reason", reason, 1, 1_000),
            Self::Share(with) => {
                if !Tenant::is_name(with) {
                    problems.push(Problem::new("tenant", "is not a tenant's name"));
                }
            }
            Self::Edit(edit) => {
                let mut some = |field: &str, value: &Option<String>, least: usize, most: usize| {
                    if let Some(value) = value {
                        text(field, value, least, most);
                    }
                };
                some("title", &edit.title, 1, 200);
                some("description", &edit.description, 0, 4_000);
                some("number", &edit.number, 1, 48);
                some("service_impact", &edit.service_impact, 0, 500);
                some("rationale", &edit.rationale, 1, 1_000);
                problems.extend(percent(edit.affected_users_percent));
                problems.extend(edit.tags.as_ref().and_then(tags));
                problems.extend(edit.clearance.and_then(clearance::check));
                if edit.rationale.is_some() && edit.clearance.is_none() {
                    problems.push(Problem::new("rationale", "goes with a `clearance` only"));
                }
                if **edit == Edit::default() {
                    problems.push(Problem::new("body", "must change something"));
                }
            }
        }
        problems
    }
}

impl Desk {
    /// Does `deed` to the incident.
    #[boxed]
    pub async fn change_incident(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: IncidentId,
        deed: &Deed,
    ) -> Result<Written, Fault> {
        let mark = ask.mark(caller);
        for _ in 0..TRIES {
            let found = self.table.of(&caller.tenant).find(id).await?;
            let (repo, row) = found.ok_or(Fault::NotFound)?;
            let incident = row.record;
            incident.follow();
            // A repeat comes first: the policy sees the record as the first one left it, where what
            // was a plain step would be a skip.
            if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
                let view = Action::IncidentView;
                self.allow(caller, view, &of_incident(&incident), &Context::none())?;
                if matches!(deed, Deed::Transition(ask) if ask.to == Status::Closed)
                    && incident.status == Status::Closed
                {
                    left_to_sweep(self.seal_soon(&repo, id).await);
                    left_to_sweep(self.end_runs(&repo, id).await);
                }
                return Ok(written);
            }
            self.allow(caller, deed.action(), &of_incident(&incident), &deed.context())?;
            let problems = deed.check();
            if !problems.is_empty() {
                return Err(Fault::Invalid { problems });
            }
            if let Some(clearance) = deed.clearance() {
                // Nobody locks themselves out.
                let after = Incident { clearance, ..incident.clone() };
                let (after, context) = (of_incident(&after), deed.context());
                self.decide_shown(&caller.actor, deed.action(), &after, &context)?;
            }
            if ask.expect.is_some_and(|version| version != incident.version) {
                return Err(Fault::Stale);
            }
            let decision = self.judge(caller, &repo, &incident, deed).await?;
            let after =
                decision.change.as_ref().map_or_else(|| incident.clone(), |c| c.after.clone());
            let queue = self.told(&repo, &incident, &after).await?;
            let shown_after = after.clone();
            let answer = move |receipt: &Receipt| answer(&shown_after, receipt);
            let Some(commit) = written(id, decision, &queue, self.clock.now()) else {
                // Nothing to write: shared before.
                let answer = answer(&Receipt { events: Vec::new() });
                return self.unchanged(&repo, mark, answer).await;
            };
            let commit = commit.mark(marked(mark.clone(), 200, answer.clone()));
            match repo.commit(commit).await {
                Ok(receipt) => {
                    tracing::info!(deed = deed.action().name(), "Wrote to an incident");
                    self.measure_change(&incident, &after);
                    if let Err(error) = self.deliver(&repo, &queue).await {
                        tracing::warn!("A message is left to the sweep: {error}");
                    }
                    if after.status == Status::Closed && incident.status != Status::Closed {
                        left_to_sweep(self.seal_soon(&repo, id).await);
                        left_to_sweep(self.end_runs(&repo, id).await);
                    }
                    return Ok(Written::new(200, answer(&receipt)));
                }
                Err(Refused::Changed) if ask.expect.is_none() => {}
                Err(Refused::Changed) => return Err(Fault::Stale),
                Err(Refused::Repeat(stored)) => return Written::replay(stored, &ask.body),
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    async fn judge(
        &self,
        caller: &Caller,
        repo: &Repo,
        incident: &Incident,
        deed: &Deed,
    ) -> Result<Decision, Fault> {
        let (actor, now) = (caller.author(), self.clock.now());
        Ok(match deed {
            Deed::Transition(ask) => {
                if let Some(owed) = self.recovery_owed(repo, incident, ask.to).await? {
                    return Err(Fault::invalid("status", owed.text()));
                }
                Decision::change(incident.transition(ask, &actor, now)?)
            }
            Deed::Severity { to, rationale } => {
                let profile: Profile = self.pinned_profile(repo, incident).await?;
                let change = incident.change_severity(*to, rationale, &profile, &actor, now)?;
                Decision::change(change)
            }
            Deed::Owner(owner) => Decision::change(incident.assign_owner(owner.trim(), &actor)?),
            Deed::Role(role, person) => {
                Decision::change(incident.assign_role(*role, person.trim(), &actor)?)
            }
            Deed::RootCause(cause) => {
                Decision::change(incident.note_root_cause(cause.clone(), &actor))
            }
            Deed::Edit(edit) => Decision::change(incident.edit((**edit).clone(), &actor)?),
            Deed::Note(text) => {
                Decision::event(Draft::new(EventType::NoteAdded, &actor).with("text", text.trim()))
            }
            Deed::Escalate(reason) => Decision::event(
                Draft::new(EventType::IncidentEscalated, &actor).with("reason", reason.trim()),
            ),
            Deed::Link(name) => {
                let unknown = || Fault::invalid("runbook", "is no published runbook");
                let runbook = repo.runbook(name.trim()).await?.ok_or_else(unknown)?;
                runbook.published.as_ref().ok_or_else(unknown)?;
                let change = incident.link_runbook(&runbook.name, &actor)?;
                Decision { change, event: None, share: None }
            }
            Deed::Share(with) => {
                let tenant = Tenant::vouched(with, Voucher::Claims)
                    .map_err(|_| Fault::invalid("tenant", "is not a tenant's name"))?;
                let change = incident.share(with, &actor);
                let share = change.is_some().then_some(tenant);
                Decision { change, event: None, share }
            }
        })
    }

    /// The messages that the plan's targets get for this change, whoever made it.
    pub(crate) async fn told(
        &self,
        repo: &Repo,
        before: &Incident,
        after: &Incident,
    ) -> Result<Vec<Message>, Fault> {
        let occasion = if after.severity > before.severity {
            Occasion::SeverityRaised
        } else if after.status == Status::Resolved && before.status != Status::Resolved {
            Occasion::Resolved
        } else if before.status >= Status::Resolved && after.status < Status::Resolved {
            Occasion::Reopened
        } else {
            return Ok(Vec::new());
        };
        let plan = plan_of(repo, after).await?;
        Ok(plan.map(|plan| messages::of(&plan, after, occasion)).unwrap_or_default())
    }
}

fn written(
    id: IncidentId,
    decision: Decision,
    queue: &[Message],
    now: watchfire_domain::Timestamp,
) -> Option<Commit> {
    let mut commit = Commit::on(id);
    let mut something = false;
    if let Some(change) = decision.change {
        commit = commit.change(change, Due::Keep);
        something = true;
    }
    if let Some(draft) = decision.event {
        commit = commit.event(draft);
        something = true;
    }
    if let Some(with) = decision.share {
        commit = commit.share(&with);
    }
    for message in queue {
        commit = commit.message(message.clone(), now);
    }
    something.then_some(commit)
}

fn answer(incident: &Incident, receipt: &Receipt) -> String {
    json!({ "incident": shown(incident, None), "receipt": receipt_json(receipt) }).to_string()
}
