//! Environments, as callers ask for them and steer them.

use crate::guard::{of_environment, of_incident};
use crate::incidents::{Ask, Written};
use crate::opening::{self, Claim, FIRST_LOOK, marked, refused};
use crate::settle::{TRIES, left_to_sweep};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::json;
use watchfire_domain::environment::{Removal, Spec, State, access_path};
use watchfire_domain::plan::check_spec;
use watchfire_domain::{Change, Environment, EnvironmentId, IncidentId, MINUTE, Rejected, Status};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, ResourceKind};
use watchfire_ports::Probe;
use watchfire_store::{Commit, Due, Receipt, Refused, Repo, Row, receipt_json};

/// What a caller does to an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Steer {
    /// Launches it.
    Launch,
    /// Stops it.
    Stop {
        /// Why.
        reason: String,
        /// What shall happen to the access point, if that is to be other than planned.
        removal: Option<Removal>,
    },
    /// Closes it: stops it first, if it must.
    Close {
        /// Why.
        reason: String,
        /// Whether the access point goes without an approval.
        remove: bool,
    },
    /// Moves its deadline.
    Extend {
        /// By how many hours from now.
        hours: u16,
    },
    /// Lets a failed evidence check pass.
    Waive {
        /// Why.
        rationale: String,
    },
}

impl Steer {
    const fn action(&self) -> Action {
        match self {
            Self::Launch => Action::EnvironmentLaunch,
            Self::Stop { .. } => Action::EnvironmentStop,
            Self::Close { .. } => Action::EnvironmentClose,
            Self::Extend { .. } => Action::EnvironmentExtend,
            Self::Waive { .. } => Action::EnvironmentWaive,
        }
    }

    fn context(&self) -> Context {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match self {
            Self::Stop { reason, .. } | Self::Close { reason, .. } => {
                Context::because(text(reason))
            }
            Self::Waive { rationale } => Context::because(text(rationale)),
            Self::Launch | Self::Extend { .. } => Context::none(),
        }
    }
}

impl Desk {
    /// Asks for an environment of the incident.
    #[boxed]
    pub async fn create_environment(
        &self,
        caller: &Caller,
        ask: &Ask,
        incident: IncidentId,
        spec: &Spec,
    ) -> Result<Written, Fault> {
        let mark = ask.mark(caller);
        let mut claim = Claim::Free;
        for _ in 0..TRIES {
            let found = self.table.of(&caller.tenant).find(incident).await?;
            let (repo, row) = found.ok_or(Fault::NotFound)?;
            let resource = of_incident(&row.record).seen_as(ResourceKind::Environment);
            self.allow(caller, Action::EnvironmentCreate, &resource, &Context::none())?;
            if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
                left_to_sweep(self.start_requested(&repo, incident).await);
                return Ok(written);
            }
            let problems = check_spec(spec, "");
            if !problems.is_empty() {
                return Err(Fault::Invalid { problems });
            }
            if row.record.status == Status::Closed {
                return Err(Rejected::Closed.into());
            }
            let before = repo.environments(incident).await?.len();
            let n = u16::try_from(before).unwrap_or(u16::MAX).saturating_add(1);
            let now = self.clock.now();
            let change = self.request(&row.record, spec, n, &caller.author(), now);
            let environment = change.after.clone();
            let home = Caller { tenant: repo.tenant().clone(), ..caller.clone() };
            let commit = Commit::on(incident).change(change, Due::At(now.plus(FIRST_LOOK)));
            let commit = opening::claim(commit, &home, &environment, claim.over());
            let (answered, places) = (environment.clone(), self.places(&environment));
            let answer = move |receipt: &Receipt| answer(&answered, &places, receipt);
            let commit = commit.mark(marked(mark.clone(), 201, answer.clone()));
            match repo.commit(commit).await {
                Ok(receipt) => {
                    left_to_sweep(self.start(repo.tenant(), &environment).await);
                    return Ok(Written::new(201, answer(&receipt)));
                }
                Err(Refused::Taken("slot")) if claim == Claim::Free => {
                    claim = self.claimable(&home, &environment).await?;
                    if claim == Claim::Taken {
                        return Err(Fault::SlotTaken);
                    }
                }
                Err(Refused::Changed) => {}
                Err(Refused::Repeat(stored)) => return Written::replay(stored, &ask.body),
                Err(other) => return Err(refused(other)),
            }
        }
        Err(Fault::Conflict)
    }

    /// Steers the environment.
    #[boxed]
    pub async fn steer(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: EnvironmentId,
        steer: &Steer,
    ) -> Result<Written, Fault> {
        let mark = ask.mark(caller);
        for _ in 0..TRIES {
            let found = self.table.of(&caller.tenant).find(id.incident).await?;
            let (repo, incident) = found.ok_or(Fault::NotFound)?;
            let row = repo.environment(id).await?.ok_or(Fault::NotFound)?;
            let resource = of_environment(&incident.record, &row.record);
            self.allow(caller, steer.action(), &resource, &steer.context())?;
            if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
                // Whoever asks again perhaps does so because the first answer never came.
                left_to_sweep(self.wake_up(&repo, &row.record).await);
                return Ok(written);
            }
            if ask.expect.is_some_and(|version| version != row.record.version) {
                return Err(Fault::Stale);
            }
            let Some(change) = self.turn(caller, &row.record, steer)? else {
                // It is on its way, or there: whatever a lost call left undone is done now.
                left_to_sweep(self.wake_up(&repo, &row.record).await);
                let nothing = Receipt { events: Vec::new() };
                let answer = answer(&row.record, &self.places(&row.record), &nothing);
                return self.unchanged(&repo, mark, answer).await;
            };
            let environment = change.after.clone();
            let (answered, places) = (environment.clone(), self.places(&environment));
            let answer = move |receipt: &Receipt| answer(&answered, &places, receipt);
            // A machine that ended over its evidence is started anew by the sweep alone, and at one
            // that failed the sweep looks once an hour.
            let waived = matches!(steer, Steer::Waive { .. });
            let due = if waived || row.record.state == State::Failed {
                self.sooner(&row)
            } else {
                Due::Keep
            };
            let commit = Commit::on(id.incident).change(change, due).mark(marked(
                mark.clone(),
                200,
                answer.clone(),
            ));
            match repo.commit(commit).await {
                Ok(receipt) => {
                    if let Err(error) = self.wake_up(&repo, &environment).await {
                        left_to_sweep(Err(error));
                        left_to_sweep(self.hurry(&repo, &row).await);
                    }
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

    fn turn(
        &self,
        caller: &Caller,
        environment: &Environment,
        steer: &Steer,
    ) -> Result<Option<Change<Environment>>, Fault> {
        let (actor, now) = (caller.author(), self.clock.now());
        Ok(match steer {
            Steer::Launch => environment.ask_launch(&actor)?,
            Steer::Stop { reason, removal } => {
                environment.ask_stop(&cut(reason, "asked to stop"), *removal, &actor, now)?
            }
            Steer::Close { reason, remove } => {
                let removal = remove.then_some(Removal::Remove);
                if environment.state == State::Closed {
                    None
                } else {
                    environment.ask_stop(&cut(reason, "asked to close"), removal, &actor, now)?
                }
            }
            Steer::Extend { hours } => {
                if !(1..=168).contains(hours) {
                    return Err(Fault::invalid("hours", "must be 1 to 168"));
                }
                Some(environment.extend(*hours, &actor, now)?)
            }
            Steer::Waive { rationale } => environment.waive(rationale, &actor)?,
        })
    }

    /// Where its evidence and its data are found: the bucket's folder, and the path on the file
    /// system (S0-41, S0-47).
    pub(crate) fn places(&self, environment: &Environment) -> [String; 2] {
        let (cluster, number) = (&environment.cluster_id, &environment.number);
        [self.evidence.location(cluster, number), access_path(cluster, number)]
    }

    /// `sweep` looks soon at what was just asked for, unless it looks soon anyway: then the index
    /// need not be written.
    fn sooner(&self, row: &Row<Environment>) -> Due {
        let soon = self.clock.now().plus(MINUTE);
        match row.due {
            Some(due) if due <= soon => Due::Keep,
            Some(_) | None => Due::At(soon),
        }
    }

    /// What could not be brought about now, `sweep` brings about soon, and not only in its turn.
    async fn hurry(&self, repo: &Repo, row: &Row<Environment>) -> Result<(), Fault> {
        if let (Some(was), Due::At(soon)) = (row.due, self.sooner(row)) {
            repo.move_environment_due(row.record.id, was, Some(soon)).await?;
        }
        Ok(())
    }

    /// Starts the execution of a new attempt, or asks `observe` to wake the one that waits: the
    /// API's role may not read a token.
    async fn wake_up(&self, repo: &Repo, environment: &Environment) -> Result<(), Fault> {
        if environment.state == State::Closed {
            return Ok(());
        }
        self.start(repo.tenant(), environment).await?;
        self.probe(repo.tenant(), environment, Probe::ONCE, 0).await
    }
}

fn cut(text: &str, otherwise: &str) -> String {
    let text = text.trim();
    let text = if text.is_empty() { otherwise } else { text };
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// `places`: where evidence and data are expected (S0-41).
fn answer(environment: &Environment, places: &[String; 2], receipt: &Receipt) -> String {
    let [evidence, data] = places;
    json!({
        "environment": environment,
        "evidence_at": evidence,
        "data_at": data,
        "receipt": receipt_json(receipt),
    })
    .to_string()
}
