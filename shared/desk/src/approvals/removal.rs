//! The question after an environment's access point, as its machine asks it: may it go?

use crate::phases::Entered;
use crate::settle::{TRIES, fault, keep};
use crate::step::Wait;
use crate::{Desk, Step, messages};
use async_recursion::async_recursion as boxed;
use watchfire_domain::approval::{ApprovalAsk, ApprovalState, Risk, Subject};
use watchfire_domain::environment::{Removal, State};
use watchfire_domain::link::{mailbox, normalise};
use watchfire_domain::{Actor, Approval, ApprovalId, Environment, EnvironmentId, Rejected, Tenant};
use watchfire_edge::Fault;
use watchfire_policy::Action;
use watchfire_store::{Commit, Due, Refused, Repo, Row};

/// The one action that an environment's approval is about.
const REMOVE: &str = "remove_access_point";

impl Desk {
    /// approve, as the machine calls it: asks the approvers whether the access point may go, unless
    /// that is settled.
    #[boxed]
    pub async fn approve(&self, step: &Step) -> Result<(), Fault> {
        let entered = self.enter(step, "approve", Action::PhaseApprove).await?;
        self.wait(&entered.tenant, step, Wait::Approve).await?;
        // Read after the token is stored: what was settled before is seen now.
        let row = entered.repo.environment(step.environment).await?.ok_or(Fault::NotFound)?;
        let mut environment = row.record;
        if environment.state == State::Stopped && environment.removal == Removal::Ask {
            environment = match environment.access_point {
                Some(_) => self.ask_removal(&entered, &environment).await?,
                None => self.keep_nothing(&entered, &environment).await?,
            };
        }
        self.tell(&entered.tenant, &environment, Wait::Approve, step.token()?).await
    }

    /// Nobody is asked about what does not exist.
    async fn keep_nothing(
        &self,
        entered: &Entered,
        environment: &Environment,
    ) -> Result<Environment, Fault> {
        let actor = Actor::service("approve");
        self.settle(&entered.repo, environment.id, &keep, &|environment| {
            Ok(environment.keep("there never was an access point", &actor))
        })
        .await
    }

    async fn ask_removal(
        &self,
        entered: &Entered,
        environment: &Environment,
    ) -> Result<Environment, Fault> {
        for _ in 0..TRIES {
            let approvals = entered.repo.approvals(environment.id.incident).await?;
            if let Some(row) = asked(&approvals, environment.id) {
                // Asked before: an execution that died may have died before the mail. A question
                // whose time is over is not asked again: no answer counts as no.
                if row.record.state == ApprovalState::Pending
                    && self.expire(&entered.repo, row.record.id, "approve").await?.is_none()
                {
                    self.mail_approvers(entered, &row.record).await?;
                }
                return Ok(environment.clone());
            }
            let n = u16::try_from(approvals.len()).unwrap_or(u16::MAX).saturating_add(1);
            let actor = Actor::service("approve");
            let change =
                match Approval::request(self.removal_ask(environment, n), &actor, self.clock.now())
                {
                    Ok(change) => change,
                    Err(refused @ Rejected::NoApprovers { .. }) => {
                        let because = format!("nobody could be asked: {refused}");
                        return self
                            .settle(&entered.repo, environment.id, &keep, &|environment| {
                                Ok(environment.keep(&because, &actor))
                            })
                            .await;
                    }
                    Err(rejected) => return Err(rejected.into()),
                };
            let approval = change.after.clone();
            let commit = Commit::on(environment.id.incident).change(change, Due::Keep);
            match entered.repo.commit(commit).await {
                Ok(_) => {
                    self.mail_approvers(entered, &approval).await?;
                    return Ok(environment.clone());
                }
                Err(Refused::Changed) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    fn removal_ask(&self, environment: &Environment, n: u16) -> ApprovalAsk {
        let people =
            [Some(&environment.requested_by), environment.stop.as_ref().map(|stop| &stop.by)];
        let mut excluded: Vec<String> =
            people.into_iter().flatten().filter_map(|who| normalise(who)).collect();
        // An alias reaches the same mailbox: whoever may not answer may not answer by it either.
        let approvers: Vec<String> =
            environment.approvers.iter().filter_map(|who| normalise(who)).collect();
        let aliases: Vec<String> = approvers
            .iter()
            .filter(|who| excluded.iter().any(|out| mailbox(out) == mailbox(who)))
            .cloned()
            .collect();
        excluded.extend(aliases);
        excluded.sort();
        excluded.dedup();
        let mut random = [0; 4];
        self.ids.fill(&mut random);
        let ttl = self.config.approval_ttl.millis();
        ApprovalAsk {
            id: ApprovalId { incident: environment.id.incident, n },
            subject: Subject {
                action: REMOVE.to_owned(),
                target: environment.id.to_string(),
                summary: format!(
                    "Delete the access point of cluster {}, number {}. Its data on the file system stay.",
                    environment.cluster_id, environment.number
                ),
                does: None,
                risk: Risk::Medium,
                spec_hash: None,
                inputs_hash: environment.evidence.as_ref().and_then(|e| e.manifest.clone()),
            },
            need: 1,
            approvers,
            then: Vec::new(),
            excluded,
            on_call: false,
            hours: None,
            role: None,
            clearance: None,
            requested_by: "service:approve".to_owned(),
            expires_at: self.clock.now().plus(ttl),
            random,
        }
    }

    /// Sends each approver a link of their own.
    async fn mail_approvers(&self, entered: &Entered, approval: &Approval) -> Result<(), Fault> {
        let mail = |who: &str, url: &str| {
            messages::approval(&entered.incident, &entered.environment, approval, who, url)
        };
        self.mail_links(&entered.repo, approval, &mail).await
    }

    /// Whether the approval of the access point's removal has an outcome.
    pub(crate) async fn removal_decided(
        &self,
        tenant: &Tenant,
        environment: &Environment,
    ) -> Result<bool, Fault> {
        if environment.state != State::Stopped || environment.removal != Removal::Ask {
            return Ok(false);
        }
        let approvals = self.table.of(tenant).approvals(environment.id.incident).await?;
        Ok(asked(&approvals, environment.id)
            .is_some_and(|row| row.record.state != ApprovalState::Pending))
    }

    /// How the question after the access point of the environment ended. One that is still open is
    /// taken back: its subject is about to go, and a later answer would mean nothing.
    pub(crate) async fn end_question(
        &self,
        repo: &Repo,
        id: EnvironmentId,
    ) -> Result<Option<ApprovalState>, Fault> {
        for _ in 0..TRIES {
            let approvals = repo.approvals(id.incident).await?;
            let Some(row) = asked(&approvals, id) else { return Ok(None) };
            if row.record.state != ApprovalState::Pending {
                return Ok(Some(row.record.state));
            }
            let (actor, now) = (Actor::service("close"), self.clock.now());
            let change = match row.record.expire(&actor, now) {
                Some(change) => change,
                None => row.record.revoke("the environment is being closed", &actor)?,
            };
            let state = change.after.state;
            match repo.commit(Commit::on(id.incident).change(change, Due::Clear)).await {
                Ok(_) => return Ok(Some(state)),
                Err(Refused::Changed) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }
}

/// The newest approval that was asked for about the environment.
fn asked(approvals: &[Row<Approval>], id: EnvironmentId) -> Option<&Row<Approval>> {
    let target = id.to_string();
    approvals.iter().rev().find(|row| row.record.subject.target == target)
}
