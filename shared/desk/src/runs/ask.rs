//! Approvals of steps: asked for in the commit that blocks the step, before anything of it is done.

use super::carried::RunStep;
use super::{Loaded, machine, machine_name, refused};
use crate::Desk;
use crate::follow::Follow as _;
use crate::guard::of_incident;
use crate::plans::plan_of;
use crate::settle::{TRIES, fault};
use async_recursion::async_recursion as boxed;
use watchfire_domain::approval::{ApprovalAsk, ApprovalState, in_time, reached};
use watchfire_domain::link::{Link, approver_key};
use watchfire_domain::plan::Approvers;
use watchfire_domain::{
    Actor, Approval, ApprovalId, Draft, EventType, Incident, MINUTE, Rejected, Tenant, Timestamp,
};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};
use watchfire_ports::Message;
use watchfire_runbook::Execution;
use watchfire_runbook::execution::{Next, Run};
use watchfire_store::{Commit, Due, Refused, Repo};

/// Nobody is named at all.
const NOBODY: Rejected = Rejected::NoApprovers { need: 1, reachable: 0 };

impl Desk {
    /// approve, as the runbook machine calls it: asks the approvers about the step that the
    /// execution stands at. Asked before, they are only mailed again.
    #[boxed]
    pub async fn ask_step(&self, step: &RunStep) -> Result<(), Fault> {
        let tenant = step.tenant()?;
        let repo = self.table.of(&tenant);
        for _ in 0..TRIES {
            let loaded = self.load(&repo, step.timeline, step.execution).await?;
            loaded.follow();
            let Some(incident) = &loaded.incident else { return Ok(()) };
            let caller = crate::Caller::service("approve", &tenant);
            let resource = of_incident(incident);
            self.allow(&caller, Action::PhaseApprove, &resource, &Context::none())?;
            let run = loaded.run()?;
            let approval = match run.next() {
                Next::Ask(turn) => self.block(&loaded, &run, &turn.step.id, incident).await?,
                Next::Approval(turn, _) => loaded.approval(&turn.step.id).await?,
                Next::Begin(_)
                | Next::Act(_)
                | Next::Operator(_)
                | Next::Choose(_)
                | Next::Finish
                | Next::Over => return Ok(()),
            };
            let Some(approval) = approval else { continue };
            if approval.state == ApprovalState::Pending && self.clock.now() < approval.expires_at {
                let mail = |who: &str, url: &str| {
                    crate::messages::step_approval(incident, &approval, who, url)
                };
                self.mail_links(&repo, &approval, &mail).await?;
                // They have their mail: the sweep need not look before their time is over. Unless
                // the next level is to be asked by now: that one has none.
                let row = repo.approval(approval.id).await?;
                let row = row.filter(|row| row.record.turn() == approval.turn());
                let due = row.and_then(|row| row.due);
                if let Some(due) = due {
                    let to = Some(approval.expires_at);
                    repo.move_approval_due(approval.id, due, to).await?;
                }
            }
            return Ok(());
        }
        Err(Fault::Conflict)
    }

    /// Makes the approval and blocks the step, in one commit. None if something changed meanwhile.
    async fn block(
        &self,
        loaded: &Loaded,
        run: &Run<'_>,
        step: &str,
        incident: &Incident,
    ) -> Result<Option<Approval>, Fault> {
        let (repo, now) = (&loaded.repo, self.clock.now());
        let people = self.approvers_of(repo, incident).await?;
        let asked = repo.approvals(incident.id).await?.len();
        let n = u16::try_from(asked).unwrap_or(u16::MAX).saturating_add(1);
        let actor = Actor::service("approve");
        let change = match people {
            Some(people) => {
                let id = ApprovalId { incident: incident.id, n };
                let ask = self.step_ask(run, step, id, &people)?;
                Approval::request(ask, &actor, now)
            }
            None => Err(NOBODY),
        };
        let change = match change {
            Ok(change) => change,
            // Nobody can be asked any more: the plan was changed after the start, or it is too late
            // today.
            Err(rejected @ (Rejected::NoApprovers { .. } | Rejected::NoHours { .. })) => {
                let reason = format!("the step `{step}` cannot be approved: {rejected}");
                self.settle_execution(loaded, &|one| one.fail(&reason, &machine(), now)).await?;
                return Ok(None);
            }
            Err(rejected) => return Err(rejected.into()),
        };
        let approval = change.after.clone();
        let Some(blocked) = run.block(step, &approval, &actor).map_err(refused)? else {
            return Ok(None);
        };
        let due = self.due_of(&blocked.after, &loaded.spec, repo.tenant())?;
        let mailed = mailed(&approval, now);
        let commit = Commit::on(incident.id).change(change, mailed).change(blocked, due);
        match repo.commit(commit).await {
            Ok(_) => Ok(Some(approval)),
            Err(Refused::Changed) => Ok(None),
            Err(refused) => Err(fault(refused)),
        }
    }

    fn step_ask(
        &self,
        run: &Run<'_>,
        step: &str,
        id: ApprovalId,
        people: &Approvers,
    ) -> Result<ApprovalAsk, Fault> {
        let requested_by = run.started_by().to_owned();
        let mut levels = people.levels();
        let first = levels.next().ok_or(NOBODY)?;
        let mut random = [0; 4];
        self.ids.fill(&mut random);
        Ok(ApprovalAsk {
            id,
            subject: run.subject(step).map_err(refused)?,
            need: first.need,
            approvers: first.people,
            then: levels.collect(),
            excluded: run.exclusions(&requested_by).into_iter().collect(),
            on_call: first.on_call,
            hours: first.hours,
            role: first.role,
            clearance: first.clearance,
            requested_by,
            expires_at: people.until(self.clock.now()),
            random,
        })
    }

    /// Who approves what runbooks do for this incident: those of its response plan, as it is now.
    pub(super) async fn approvers_of(
        &self,
        repo: &Repo,
        incident: &Incident,
    ) -> Result<Option<Approvers>, Fault> {
        Ok(plan_of(repo, incident).await?.and_then(|plan| plan.approvers))
    }

    /// Sends each approver whose turn it is a link of their own. A target that refuses for good is
    /// recorded; if one is only unavailable, the step fails and is repeated.
    pub(crate) async fn mail_links(
        &self,
        repo: &Repo,
        approval: &Approval,
        mail: &(dyn Fn(&str, &str) -> Message + Send + Sync),
    ) -> Result<(), Fault> {
        let tenant = repo.tenant();
        let (keys, peppers) = self.link_keys(false).await?;
        let pepper = peppers.first().copied().unwrap_or_default();
        let base = self.config.public_url.as_ref().map_or("", |url| url.as_str());
        let mut later = None;
        let level = approval.asked().last();
        for approver in level.into_iter().flat_map(|level| level.people) {
            let mut nonce = [0; 16];
            self.ids.fill(&mut nonce);
            let link = keys.sign(&Link {
                tenant: tenant.clone(),
                approval: approval.id,
                approver: approver_key(&pepper, approver),
                subject: approval.subject_hash(tenant),
                expires_at: approval.expires_at,
                nonce,
            });
            let url = format!("{base}/approvals/{link}");
            match self.notify.send(&mail(approver, &url)).await {
                Ok(_) => {}
                // The others are asked all the same.
                Err(error) if error.retryable() => later = Some(Fault::Port(error)),
                Err(error) => {
                    let draft =
                        Draft::new(EventType::NotificationFailed, &Actor::service("approve"))
                            .with("to", approver.as_str())
                            .with("about", approval.id.to_string())
                            .with("reason", error.to_string());
                    let commit = Commit::on(approval.id.incident).event(draft);
                    repo.commit(commit).await.map_err(fault)?;
                }
            }
        }
        later.map_or(Ok(()), Err)
    }

    /// Starts the machine that goes on behind an approval of a step, if it is about one: where that
    /// is open still, to ask its next level.
    pub(crate) async fn go_behind(
        &self,
        tenant: &Tenant,
        approval: &Approval,
    ) -> Result<(), Fault> {
        let Some(bound) = watchfire_runbook::execution::Bound::of(approval, tenant) else {
            return Ok(());
        };
        let Ok(id) = bound.execution.parse() else { return Ok(()) };
        let repo = self.table.of(tenant);
        match repo.execution_of(approval.id.incident, id).await? {
            Some(row) if approval.state == ApprovalState::Pending => {
                let name = asker_name(&row.record, approval);
                self.start_machine(&repo, &row.record, &name, true).await.map(|_| ())
            }
            Some(row) => self.go(&repo, &row.record).await.map(drop),
            None => Ok(()),
        }
    }
}

/// Refuses a runbook whose dangerous steps nobody could approve, before anything of it is done:
/// asked at the start, as nobody knows yet when they will be.
pub(super) fn reachable(
    people: Option<&Approvers>,
    run: &Run<'_>,
    now: Timestamp,
    sends: bool,
) -> Result<(), Rejected> {
    if !run.needs_approvers() {
        return Ok(());
    }
    // To answer takes the link, and that comes by mail.
    if !sends {
        return Err(Rejected::NoSender);
    }
    let people = people.ok_or(NOBODY)?;
    let excluded: Vec<String> = run.exclusions(run.started_by()).into_iter().collect();
    let levels = reached(people.levels(), &excluded)?;
    in_time(&levels, now, people.until(now))
}

/// The name of the machine that asks the level whose turn it is. The execution does not change from
/// one level to the next, and the machine that goes on behind the last of them has its plain name.
pub(super) fn asker_name(execution: &Execution, approval: &Approval) -> String {
    format!("{}-level-{}", machine_name(execution), approval.asked().count())
}

/// When the sweep looks whether they were mailed.
pub(crate) fn mailed(approval: &Approval, now: Timestamp) -> Due {
    Due::At(now.plus(5 * MINUTE).min(approval.expires_at))
}
