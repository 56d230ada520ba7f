//! An approver's answer: the link shows what it is about and writes nothing, one conditional commit
//! decides, and the machine is woken afterwards.

use crate::follow::follow_question;
use crate::guard::{answered_by, of_approval};
use crate::incidents::{Ask, Written};
use crate::opening::marked;
use crate::runs::mailed;
use crate::settle::{TRIES, fault, left_to_sweep};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::json;
use watchfire_domain::approval::{Answer, ApprovalState, Proof, Risk};
use watchfire_domain::link::{LinkRefused, approver_key, normalise};
use watchfire_domain::{
    Approval, ApprovalId, Environment, EnvironmentId, Incident, Rejected, Tenant,
};
use watchfire_edge::Fault;
use watchfire_policy::{self as policy, Action, Context};
use watchfire_store::{Commit, Due, Mark, Receipt, Refused, Repo, Stored, receipt_json};

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
        follow_question(&incident, &approval, &link.tenant);
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

    /// An approver answers by their link. The same answer again is the same answer; the opposite
    /// one is refused.
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

    /// An approver who is signed in answers with their link (DESIGN §7): the caller is the one to
    /// whom it was sent, in the tenant that it is about.
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
            let resource = of_approval(&view.incident, &view.approval);
            self.allow(caller, Action::ApprovalView, &resource, &Context::none())?;
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
        follow_question(&view.incident, &view.approval, &view.tenant);
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
            let resource = of_approval(&view.incident, &row.record);
            let mut resource = answered_by(resource, &row.record, &view.approver, now);
            if proof != Proof::SignedIn {
                // A link names no clearance, and has shown the record: what remains is what their
                // level asks of whoever agrees.
                resource.required_clearance = 0;
            }
            self.decide_shown(actor, Action::ApprovalDecide, &resource, &context)?;
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

    /// Wakes the machine that waits for the approval, or that asks its next level. That nobody
    /// waits is no error, and a failure here is not the approver's: the sweep wakes it.
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
}
