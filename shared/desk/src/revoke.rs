//! Taking a question back: its links are void from then on, and the machine goes on without it.

use crate::guard::of_approval;
use crate::incidents::{Ask, Written};
use crate::lists::shown;
use crate::opening::{marked, refused};
use crate::settle::{TRIES, left_to_sweep};
use crate::{Caller, Desk};
use serde_json::json;
use watchfire_domain::{Approval, ApprovalId, EnvironmentId};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};
use watchfire_ports::Probe;
use watchfire_store::{Commit, Due, Receipt, Refused, Repo, receipt_json};

impl Desk {
    /// Takes an approval back that is still open. Whoever waits for it goes on as after a refusal.
    pub async fn revoke(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: ApprovalId,
        reason: &str,
    ) -> Result<Written, Fault> {
        let mark = ask.mark(caller);
        for _ in 0..TRIES {
            let found = self.table.of(&caller.tenant).find(id.incident).await?;
            let (repo, incident) = found.ok_or(Fault::NotFound)?;
            let approval = repo.approval(id).await?.ok_or(Fault::NotFound)?.record;
            let resource = of_approval(&incident.record, &approval);
            let because = Context::because(Some(reason.trim().to_owned()));
            self.allow(caller, Action::ApprovalRevoke, &resource, &because)?;
            if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
                left_to_sweep(self.go_on(&repo, &approval).await);
                return Ok(written);
            }
            if ask.expect.is_some_and(|version| version != approval.version) {
                return Err(Fault::Stale);
            }
            let change = approval.revoke(reason.trim(), &caller.author())?;
            let revoked = change.after.clone();
            let (seen, by) = (revoked.clone(), caller.clone());
            let answer = move |receipt: &Receipt| answer(&by, &seen, receipt);
            let commit = Commit::on(id.incident).change(change, Due::Clear);
            let commit = commit.mark(marked(mark.clone(), 200, answer.clone()));
            match repo.commit(commit).await {
                Ok(receipt) => {
                    left_to_sweep(self.go_on(&repo, &revoked).await);
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

    /// Has `observe` wake the lifecycle machine that waits for the approval: the API's role may not read
    /// a token. A runbook machine is started.
    async fn go_on(&self, repo: &Repo, approval: &Approval) -> Result<(), Fault> {
        let Ok(id) = approval.subject.target.parse::<EnvironmentId>() else {
            return self.go_behind(repo.tenant(), approval).await;
        };
        let Some(row) = repo.environment(id).await? else { return Ok(()) };
        self.probe(repo.tenant(), &row.record, Probe::ONCE, 0).await
    }
}

fn answer(caller: &Caller, approval: &Approval, receipt: &Receipt) -> String {
    json!({ "approval": shown(caller, approval), "receipt": receipt_json(receipt) }).to_string()
}
