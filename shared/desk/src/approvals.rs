//! Approvals by signed link (reliability: §1): asked for by the machine, shown by a page that
//! writes nothing, decided by one conditional commit; the machine is woken afterwards.

use crate::follow::Follow as _;
use crate::guard::{of_approval, of_environment};
use crate::incidents::{Ask, Written};
use crate::opening::marked;
use crate::phases::Entered;
use crate::runs::mailed;
use crate::settle::{TRIES, fault, keep, left_to_sweep};
use crate::step::Wait;
use crate::{Caller, Desk, Step, messages};
use async_recursion::async_recursion as boxed;
use serde_json::json;
use watchfire_domain::approval::{Answer, ApprovalAsk, ApprovalState, Proof, Risk, Subject};
use watchfire_domain::environment::{Removal, State};
use watchfire_domain::link::{LinkRefused, approver_key, mailbox, normalise};
use watchfire_domain::{
    Actor, Approval, ApprovalId, Environment, EnvironmentId, Incident, Rejected, Tenant,
};
use watchfire_edge::Fault;
use watchfire_policy::{self as policy, Action, Context};
use watchfire_store::{Commit, Due, Mark, Receipt, Refused, Repo, Row, Stored, receipt_json};

/// The one action that an environment's approval is about.
const REMOVE: &str = "remove_access_point";

/// What an approver sees, and decides on.
#[derive(Debug, Clone)]
pub struct View {
    /// The tenant, vouched for by the link's MAC.
    pub tenant: Tenant,
    /// The approval.
    pub approval: Approval,
    /// The incident that it belongs to.
    pub incident: Incident,
    /// The environment that it is about, if it is about one.
    pub environment: Option<Environment>,
    /// Who the link was sent to, normalised.
    pub approver: String,
    /// The link's nonce: the form is bound to it.
    pub nonce: [u8; 16],
}

/// That an approver's answer stands.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The approval as it stands now.
    pub approval: Approval,
    /// What was written; none if the same answer stood already.
    pub receipt: Option<Receipt>,
}

/// Why an answer was not written.
enum Undecided {
    Fault(Fault),
    /// The caller asked the same before.
    Repeat(Stored),
}

impl From<Fault> for Undecided {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

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
                risk: Risk::Medium,
                spec_hash: None,
                inputs_hash: environment.evidence.as_ref().and_then(|e| e.manifest.clone()),
            },
            need: 1,
            approvers,
            then: Vec::new(),
            excluded,
            on_call: false,
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

    /// What a link leads to. Whatever is wrong with it, there is nothing there: the caller learns
    /// no more.
    #[boxed]
    pub async fn open_link(&self, token: &str) -> Result<View, Fault> {
        let now = self.clock.now();
        let (keys, mut peppers) = self.link_keys(false).await?;
        let link = match keys.open(token, now) {
            Err(LinkRefused::UnknownKey) => {
                // Perhaps it was rotated in a moment ago; the adapter refreshes once a minute.
                let (keys, fresh) = self.link_keys(true).await?;
                peppers = fresh;
                keys.open(token, now)
            }
            opened => opened,
        };
        let link = link.map_err(|_| Fault::NotFound)?;
        let repo = self.table.of(&link.tenant);
        let approval = repo.approval(link.approval).await?.ok_or(Fault::NotFound)?.record;
        if approval.subject_hash(&link.tenant) != link.subject {
            return Err(Fault::NotFound);
        }
        let approver = approval
            .asked()
            .flat_map(|level| level.people)
            .find(|who| peppers.iter().any(|pepper| approver_key(pepper, who) == link.approver))
            .cloned()
            .ok_or(Fault::NotFound)?;
        let incident = repo.incident(link.approval.incident).await?.ok_or(Fault::NotFound)?.record;
        incident.follow();
        let environment = match approval.subject.target.parse::<EnvironmentId>() {
            Ok(id) => repo.environment(id).await?.map(|row| row.record),
            Err(_) => None,
        };
        Ok(View {
            tenant: link.tenant,
            approval,
            incident,
            environment,
            approver,
            nonce: link.nonce,
        })
    }

    /// An approver answers by their link. The same answer again is the same answer; the opposite one is
    /// refused.
    #[boxed]
    pub async fn decide_link(
        &self,
        view: &View,
        answer: Answer,
        code: &str,
    ) -> Result<Decided, Fault> {
        let tenants = vec![view.tenant.as_str().to_owned()];
        let actor = policy::Actor::user(view.approver.clone(), policy::Role::Viewer, tenants);
        let decided = self.decide_view(view, answer, Proof::Code(code), &actor, &|_| None).await;
        decided.map_err(|undecided| match undecided {
            Undecided::Fault(fault) => fault,
            Undecided::Repeat(_) => Fault::Conflict,
        })
    }

    /// An approver who is signed in answers with their link (DESIGN §7): the caller is the one to whom
    /// it was sent, in the tenant that it is about.
    #[boxed]
    pub async fn decide_signed_in(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: ApprovalId,
        link: &str,
        answer: Answer,
    ) -> Result<Written, Fault> {
        let view = self.open_link(link).await?;
        if view.approval.id != id || view.tenant != caller.tenant {
            return Err(Fault::NotFound);
        }
        if normalise(&caller.actor.id).as_deref() != Some(view.approver.as_str()) {
            return Err(Rejected::NotApprover.into());
        }
        let mark = ask.mark(caller);
        let repo = self.table.of(&view.tenant);
        if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
            self.wake(&view.tenant, &repo, &view.approval).await;
            return Ok(written);
        }
        let by = caller.clone();
        let shown = move |approval: &Approval, receipt: &Receipt| {
            let shown = crate::lists::shown(&by, approval);
            json!({ "approval": shown, "receipt": receipt_json(receipt) }).to_string()
        };
        let answered = shown.clone();
        let marked = |approval: &Approval| {
            let approval = approval.clone();
            let shown = shown.clone();
            marked(mark.clone(), 200, move |receipt| shown(&approval, receipt))
        };
        let decided =
            match self.decide_view(&view, answer, Proof::SignedIn, &caller.actor, &marked).await {
                Ok(decided) => decided,
                Err(Undecided::Repeat(stored)) => return Written::replay(stored, &ask.body),
                Err(Undecided::Fault(fault)) => return Err(fault),
            };
        if let Some(receipt) = &decided.receipt {
            return Ok(Written::new(200, answered(&decided.approval, receipt)));
        }
        let nothing = Receipt { events: Vec::new() };
        let answer = answered(&decided.approval, &nothing);
        self.unchanged(&repo, ask.mark(caller), answer).await
    }

    async fn decide_view(
        &self,
        view: &View,
        answer: Answer,
        proof: Proof<'_>,
        actor: &policy::Actor,
        mark: &(dyn Fn(&Approval) -> Option<Mark> + Send + Sync),
    ) -> Result<Decided, Undecided> {
        let repo = self.table.of(&view.tenant);
        for _ in 0..TRIES {
            let row = repo.approval(view.approval.id).await.map_err(Fault::Port)?;
            let row = row.ok_or(Fault::NotFound)?;
            let now = self.clock.now();
            let decided = row.record.decide(&view.approver, answer, proof, now);
            let Some(change) = decided.map_err(Fault::Rejected)? else {
                self.wake(&view.tenant, &repo, &row.record).await;
                return Ok(Decided { approval: row.record, receipt: None });
            };
            let word = match answer {
                Answer::Grant => policy::Answer::Grant,
                Answer::Deny => policy::Answer::Deny,
            };
            // The typed code shows that a person read the page; a high risk needs a signed-in one.
            let confirmed = proof == Proof::SignedIn || row.record.subject.risk < Risk::High;
            let context = Context::answer(word, confirmed, now.seconds());
            let mut resource = of_approval(&view.incident, &row.record);
            resource.on_call_only = row.record.asked_in(&view.approver).map(|one| one.on_call);
            self.decide(actor, Action::ApprovalDecide, &resource, &context)?;
            let approval = change.after.clone();
            let is_open = approval.state == ApprovalState::Pending;
            let due = match is_open {
                // Until the next level has its links, the sweep looks.
                true if approval.turn() > row.record.turn() => mailed(&approval, now),
                true => Due::Keep,
                false => Due::Clear,
            };
            let commit = Commit::on(approval.id.incident).change(change, due);
            match repo.commit(commit.mark(mark(&approval))).await {
                Ok(receipt) => {
                    self.wake(&view.tenant, &repo, &approval).await;
                    return Ok(Decided { approval, receipt: Some(receipt) });
                }
                Err(Refused::Changed) => {}
                Err(Refused::Repeat(stored)) => return Err(Undecided::Repeat(stored)),
                Err(refused) => return Err(fault(refused).into()),
            }
        }
        Err(Fault::Conflict.into())
    }

    /// Wakes the machine that waits for the approval, or that asks its next level. That nobody waits is no error, and a failure
    /// here is not the approver's: the sweep wakes it.
    async fn wake(&self, tenant: &Tenant, repo: &Repo, approval: &Approval) {
        // Its next level is asked by the machine; nobody waits for an answer of the first.
        if approval.state == ApprovalState::Pending && approval.turn() == 0 {
            return;
        }
        let Ok(id) = approval.subject.target.parse::<EnvironmentId>() else {
            return left_to_sweep(self.go_behind(tenant, approval).await);
        };
        let woken = match repo.environment(id).await {
            Ok(Some(row)) => self.drive(tenant, &row.record).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error.into()),
        };
        left_to_sweep(woken);
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

    /// Expires the approval if its time is over. None if it is not, or is decided.
    pub(crate) async fn expire(
        &self,
        repo: &Repo,
        id: ApprovalId,
        service: &'static str,
    ) -> Result<Option<Approval>, Fault> {
        for _ in 0..TRIES {
            let Some(row) = repo.approval(id).await? else { return Ok(None) };
            let actor = Actor::service(service);
            let Some(change) = row.record.expire(&actor, self.clock.now()) else { return Ok(None) };
            let approval = change.after.clone();
            match repo.commit(Commit::on(id.incident).change(change, Due::Clear)).await {
                Ok(_) => return Ok(Some(approval)),
                Err(Refused::Changed) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    /// An approval, as a caller may see it.
    #[boxed]
    pub async fn approval(&self, caller: &Caller, id: ApprovalId) -> Result<Approval, Fault> {
        let repo = self.table.of(&caller.tenant);
        let (home, incident) = repo.find(id.incident).await?.ok_or(Fault::NotFound)?;
        let approval = home.approval(id).await?.ok_or(Fault::NotFound)?.record;
        let resource = of_approval(&incident.record, &approval);
        self.allow(caller, Action::ApprovalView, &resource, &Context::none())?;
        Ok(approval)
    }

    /// An environment, as a caller may see it.
    #[boxed]
    pub async fn environment(
        &self,
        caller: &Caller,
        id: EnvironmentId,
    ) -> Result<Environment, Fault> {
        let repo = self.table.of(&caller.tenant);
        let (home, incident) = repo.find(id.incident).await?.ok_or(Fault::NotFound)?;
        let environment = home.environment(id).await?.ok_or(Fault::NotFound)?.record;
        let resource = of_environment(&incident.record, &environment);
        self.allow(caller, Action::EnvironmentView, &resource, &Context::none())?;
        Ok(environment)
    }
}

/// The newest approval that was asked for about the environment.
pub(crate) fn asked(approvals: &[Row<Approval>], id: EnvironmentId) -> Option<&Row<Approval>> {
    let target = id.to_string();
    approvals.iter().rev().find(|row| row.record.subject.target == target)
}
