//! close: what is left is removed, as far as it may be (S0-06, S0-42..47). In this order: the
//! broker's target, the task definitions, the access point; and nothing while a task lives or the
//! evidence is in doubt.

use super::Entered;
use crate::settle::keep;
use crate::{Desk, Step};
use async_recursion::async_recursion as boxed;
use watchfire_domain::approval::ApprovalState;
use watchfire_domain::environment::{CloseAs, Removal, State};
use watchfire_domain::{Actor, Change, Environment, MINUTE, Rejected};
use watchfire_edge::Fault;
use watchfire_policy::Action;
use watchfire_store::Due;

/// How often the revisions of a family are listed that must have one.
const LOOKS: u32 = 3;
const LOOK_MILLIS: u64 = 1_000;

impl Desk {
    /// Closes the environment. Its data and evidence stay.
    #[boxed(?Send)]
    pub async fn close(&self, step: &Step) -> Result<(), Fault> {
        let entered = self.enter(step, "close", Action::PhaseClose).await?;
        let environment = &entered.environment;
        if environment.state == State::Closed {
            return Ok(());
        }
        let living = self.living(environment).await?;
        if !living.is_empty() {
            return Err(Fault::Rejected(Rejected::Alive { tasks: living }));
        }
        self.evidence_must_pass(&entered).await?;
        // A broker that is down does not keep the incident open: its target leads nowhere.
        let remains = self.remove_target(environment).await.err();
        let revisions = self.forget(environment).await?;
        let kept = self.remove_access_point(&entered).await?;
        let (actor, now) = (Actor::service("close"), self.clock.now());
        let how = kept.as_deref().map_or(CloseAs::Removed, CloseAs::Kept);
        let [evidence, data] = self.places(environment);
        let due = if remains.is_some() { Due::At(now.plus(15 * MINUTE)) } else { Due::Clear };
        self.settle(&entered.repo, environment.id, &|_| due, &|environment| {
            let change = environment.close(how, revisions, remains.as_deref(), &actor, now)?;
            Ok(change.map(|change| Change {
                draft: change
                    .draft
                    .with("evidence_at", evidence.clone())
                    .with("data_at", data.clone()),
                ..change
            }))
        })
        .await?;
        tracing::info!(environment.id = %environment.id, "Closed the environment; its evidence is at {evidence}");
        Ok(())
    }

    /// Looks once more where the check failed: an upload may have come late.
    async fn evidence_must_pass(&self, entered: &Entered) -> Result<(), Fault> {
        if entered.environment.evidence_passes() {
            return Ok(());
        }
        let found = self.check_evidence(&entered.environment).await?;
        let actor = Actor::service("close");
        let settled = self
            .settle(&entered.repo, entered.environment.id, &keep, &|environment| {
                Ok(environment.evidence_found(found.clone(), &actor))
            })
            .await?;
        if settled.evidence_passes() {
            return Ok(());
        }
        let reason = settled.evidence.and_then(|evidence| evidence.problem).unwrap_or_default();
        Err(Fault::EvidenceMissing { reason })
    }

    /// Removes the access point if that was granted; otherwise tells why it stays.
    async fn remove_access_point(&self, entered: &Entered) -> Result<Option<String>, Fault> {
        let environment = &entered.environment;
        let ended = self.end_question(&entered.repo, environment.id).await?;
        let because = match environment.removal {
            Removal::Keep => {
                Some(environment.kept_because.clone().unwrap_or_else(|| "as was asked".to_owned()))
            }
            Removal::Remove => None,
            Removal::Ask => outcome(ended),
        };
        if because.is_none()
            && let Some(point) = &environment.access_point
        {
            self.points.delete(point).await?;
        }
        Ok(because)
    }

    /// Deletes every revision of the family; how many there were. A list may lag behind what it
    /// lists: as long as it is empty though a revision is recorded, it is asked again.
    async fn forget(&self, environment: &Environment) -> Result<usize, Fault> {
        for look in 1..=LOOKS {
            let revisions = self.tasks.forget(&environment.family).await?;
            if revisions > 0 || environment.definition.is_none() || look == LOOKS {
                return Ok(revisions);
            }
            self.pause.pause(LOOK_MILLIS).await;
        }
        Ok(0)
    }
}

/// Why the access point stays, if it does.
fn outcome(ended: Option<ApprovalState>) -> Option<String> {
    let because = match ended {
        Some(ApprovalState::Granted) => return None,
        Some(ApprovalState::Denied) => "the approver refused",
        Some(ApprovalState::Expired) => "nobody decided in time",
        Some(ApprovalState::Revoked | ApprovalState::Superseded | ApprovalState::Overridden) => {
            "the request was taken back"
        }
        Some(ApprovalState::Pending) => "nobody has decided yet",
        None => "nobody was asked",
    };
    Some(because.to_owned())
}
