//! What people do to an approval beside answering it: take its question back, go ahead without it,
//! and review who did.

use crate::follow::follow_question;
use crate::guard::of_approval;
use crate::incidents::{Ask, Written};
use crate::lists::shown;
use crate::opening::{marked, refused};
use crate::overridden::overridden;
use crate::plans::plan_of;
use crate::settle::{TRIES, fault, left_to_sweep};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::json;
use watchfire_domain::{
    Actor, Approval, ApprovalId, Audience, Change, EnvironmentId, Incident, Rejected,
};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource};
use watchfire_ports::{Message, Probe};
use watchfire_runbook::execution::Bound;
use watchfire_store::{Commit, Due, Receipt, Refused, Repo, receipt_json};

/// What a person does to an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalDeed {
    /// Takes the question back. Whoever waits for it goes on as after a refusal.
    Revoke(String),
    /// Goes ahead with a runbook's step without the quorum, for this reason.
    Override(String),
    /// Says whether it was right that somebody went ahead, and why.
    Review {
        /// Whether it was right.
        justified: bool,
        /// Why.
        note: String,
    },
}

impl ApprovalDeed {
    const fn action(&self) -> Action {
        match self {
            Self::Revoke(_) => Action::ApprovalRevoke,
            Self::Override(_) => Action::ApprovalOverride,
            Self::Review { .. } => Action::ApprovalReview,
        }
    }

    fn words(&self) -> String {
        let (Self::Revoke(words) | Self::Override(words) | Self::Review { note: words, .. }) = self;
        words.trim().to_owned()
    }
}

impl Desk {
    /// Does `deed` to the approval. Nothing is written if it was done before in the same words.
    #[boxed]
    pub async fn change_approval(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: ApprovalId,
        deed: &ApprovalDeed,
    ) -> Result<Written, Fault> {
        let mark = ask.mark(caller);
        for _ in 0..TRIES {
            let found = self.table.of(&caller.tenant).find(id.incident).await?;
            let (repo, incident) = found.ok_or(Fault::NotFound)?;
            let approval = repo.approval(id).await?.ok_or(Fault::NotFound)?.record;
            follow_question(&incident.record, &approval, repo.tenant());
            let now = self.clock.now();
            let because =
                Context { now: Some(now.seconds()), ..Context::because(Some(deed.words())) };
            let resource = self.with_part(&repo, caller, &incident.record, &approval).await?;
            if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
                self.allow(caller, Action::ApprovalView, &resource, &Context::none())?;
                left_to_sweep(self.go_on(&repo, &approval).await);
                return Ok(written);
            }
            let judged = judged(caller, &approval, deed, now);
            if judged == Ok(None) {
                self.allow(caller, Action::ApprovalView, &resource, &Context::none())?;
                left_to_sweep(self.go_on(&repo, &approval).await);
                let nothing = Receipt { events: Vec::new() };
                return self.unchanged(&repo, mark, answer(caller, &approval, &nothing)).await;
            }
            self.allow(caller, deed.action(), &resource, &because)?;
            if ask.expect.is_some_and(|version| version != approval.version) {
                return Err(Fault::Stale);
            }
            let Some(change) = judged? else { continue };
            let after = change.after.clone();
            let (seen, by) = (after.clone(), caller.clone());
            let answer = move |receipt: &Receipt| answer(&by, &seen, receipt);
            let due = after.review_due().map_or(Due::Clear, Due::At);
            let mut commit = Commit::on(id.incident).change(change, due);
            if matches!(deed, ApprovalDeed::Override(_)) {
                for message in self.of_override(&repo, &incident.record, &after, false).await? {
                    commit = commit.message(message, now);
                }
            }
            let commit = commit.mark(marked(mark.clone(), 200, answer.clone()));
            match repo.commit(commit).await {
                Ok(receipt) => {
                    tracing::info!(approval.id = %id, deed = deed.action().name(), "Wrote to an approval");
                    left_to_sweep(self.go_on(&repo, &after).await);
                    return Ok(Written::new(200, answer(&receipt)));
                }
                Err(Refused::Changed) if ask.expect.is_none() => {}
                Err(Refused::Changed) => return Err(Fault::Stale),
                Err(Refused::Repeat(stored)) => return Written::replay(stored, &ask.body),
                Err(other) => return Err(refused(other)),
            }
        }
        Err(Fault::Conflict)
    }

    /// The approval as the policies see it. Who has a part in an override is whoever went ahead,
    /// and whoever the execution excludes by now.
    pub(crate) async fn with_part(
        &self,
        repo: &Repo,
        caller: &Caller,
        incident: &Incident,
        approval: &Approval,
    ) -> Result<Resource, Fault> {
        let mut interested = approval.interested();
        if approval.overridden.is_some()
            && let Some(bound) = Bound::of(approval, repo.tenant())
            && let Ok(run) = bound.execution.parse()
            && repo.execution_of(approval.id.incident, run).await?.is_some()
        {
            let loaded = self.load(repo, approval.id.incident, run).await?;
            interested.extend(loaded.run()?.exclusions(&approval.requested_by));
        }
        Ok(of_approval(incident, approval).with_part(&caller.actor.id, &interested))
    }

    /// The messages about an override: to everybody who was skipped, and to the targets of the
    /// plan.
    async fn of_override(
        &self,
        repo: &Repo,
        incident: &Incident,
        approval: &Approval,
        again: bool,
    ) -> Result<Vec<Message>, Fault> {
        let plan = plan_of(repo, incident).await?;
        let targets = plan.as_ref().map(|plan| plan.told(Audience::Responders));
        Ok(overridden(targets.unwrap_or_default(), incident, approval, again))
    }

    /// Nobody has reviewed an override yet: the sweep asks again, those who were skipped and the
    /// targets of the plan.
    pub(crate) async fn remind_of_review(
        &self,
        repo: &Repo,
        approval: &Approval,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let Some(change) = approval.remind(&Actor::service("sweep"), now) else { return Ok(()) };
        let incident = repo.incident(approval.id.incident).await?.ok_or(Fault::NotFound)?.record;
        let after = change.after.clone();
        let due = after.review_due().map_or(Due::Clear, Due::At);
        let mut commit = Commit::on(incident.id).change(change, due);
        for message in self.of_override(repo, &incident, &after, true).await? {
            commit = commit.message(message, now);
        }
        match repo.commit(commit).await {
            // Somebody reviewed it, or another sweep was first.
            Ok(_) | Err(Refused::Changed) => Ok(()),
            Err(refused) => Err(fault(refused)),
        }
    }

    /// Has `observe` wake the lifecycle machine that waits for the approval: the API's role may not
    /// read a token. A runbook machine is started.
    async fn go_on(&self, repo: &Repo, approval: &Approval) -> Result<(), Fault> {
        let Ok(id) = approval.subject.target.parse::<EnvironmentId>() else {
            return self.go_behind(repo.tenant(), approval).await;
        };
        let Some(row) = repo.environment(id).await? else { return Ok(()) };
        self.probe(repo.tenant(), &row.record, Probe::ONCE, 0).await
    }
}

fn judged(
    caller: &Caller,
    approval: &Approval,
    deed: &ApprovalDeed,
    now: watchfire_domain::Timestamp,
) -> Result<Option<Change<Approval>>, Rejected> {
    let actor = caller.author();
    match deed {
        ApprovalDeed::Revoke(reason) => approval.revoke(reason.trim(), &actor).map(Some),
        ApprovalDeed::Override(_) if Bound::of(approval, &caller.tenant).is_none() => {
            let problem =
                "is not about a step of a runbook: only such a step goes ahead".to_owned();
            Err(Rejected::Field { field: "id", problem })
        }
        ApprovalDeed::Override(reason) => approval.go_ahead(reason, &actor, now),
        ApprovalDeed::Review { justified, note } => approval.review(*justified, note, &actor, now),
    }
}

fn answer(caller: &Caller, approval: &Approval, receipt: &Receipt) -> String {
    json!({ "approval": shown(caller, approval), "receipt": receipt_json(receipt) }).to_string()
}
