//! What an automatic step does. Whatever is done twice under one name is done once; what cannot be
//! named so is done by whoever began the step, or by nobody.

use super::answer::Answer;
use super::carried::Carry;
use super::{Loaded, machine, refused};
use crate::Desk;
use crate::settle::{fault, left_to_sweep};
use watchfire_domain::{Change, Incident, SECOND, Status, Whole};
use watchfire_edge::Fault;
use watchfire_policy::Action;
use watchfire_ports::Message;
use watchfire_runbook::Rendered;
use watchfire_runbook::execution::{Refusal, Returned, Run, Told, Turn};
use watchfire_store::{Commit, Due, Refused};

/// What came of a look at a step that is under way.
pub(crate) enum Acted {
    /// It is over, and that is recorded.
    Recorded,
    /// It goes on: look again.
    Wait {
        /// After how many seconds.
        seconds: i64,
        /// What is brought back then.
        carry: Option<Carry>,
    },
}

/// How a step ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ending {
    /// The exit code of its program, if it ran to its end.
    pub(crate) exit_code: Option<i32>,
    /// How SSM calls the end of its document.
    pub(crate) status: Option<String>,
    pub(crate) output: Vec<u8>,
    /// What is known of the whole output, if that is but its beginning or has another form.
    pub(crate) whole: Option<Whole>,
    pub(crate) evidence: Vec<String>,
    /// What was answered or returned, as long as it is kept nowhere.
    pub(crate) answer: Option<Answer>,
    /// What went wrong; nothing, if it did what it should.
    pub(crate) problem: Option<String>,
    /// A change of the incident that is its effect.
    pub(crate) moved: Option<Box<Change<Incident>>>,
    /// Messages that are its effect.
    pub(crate) told: Vec<Message>,
}

impl Ending {
    /// It did what it should.
    pub(crate) fn passed(output: Vec<u8>) -> Self {
        Self { output, ..Self::default() }
    }

    /// It did not.
    pub(crate) fn failed(problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::default() }
    }
}

/// What a look at a step found.
pub(crate) enum Found {
    Over(Ending),
    Later(i64, Option<Carry>),
}

/// A look at a step: what stands around it.
pub(crate) struct Look<'a> {
    pub(crate) loaded: &'a Loaded,
    pub(crate) turn: &'a Turn<'a>,
    /// Whether the step was begun by this very call.
    pub(crate) first: bool,
    pub(crate) carry: Option<Carry>,
}

impl Look<'_> {
    /// For how long the step has been under way, in milliseconds.
    pub(crate) fn age(&self, now: watchfire_domain::Timestamp) -> i64 {
        let state = self.loaded.execution.steps.get(&self.turn.step.id);
        state.and_then(|state| state.started_at).map_or(0, |began| now.since(began))
    }

    /// The same for the job that it looks at, which is of its round if the step is a check.
    pub(crate) fn age_of_job(&self, now: watchfire_domain::Timestamp) -> i64 {
        let round = self.carry.as_ref().and_then(|carry| carry.round);
        round.map_or_else(|| self.age(now), |round| now.since(round))
    }

    /// How long until the next look at what goes on by itself, in seconds.
    pub(crate) fn patience(&self, now: watchfire_domain::Timestamp) -> i64 {
        patience(self.age(now))
    }
}

/// How long until the next look at what has gone on for so long: five seconds, and more as it gets
/// older.
pub(super) fn patience(age: i64) -> i64 {
    age.div_euclid(SECOND.saturating_mul(10)).clamp(5, 60)
}

impl Desk {
    /// Looks at a step that is under way, does what is to be done, and records its end.
    pub(super) async fn act(&self, look: Look<'_>, run: &Run<'_>) -> Result<Acted, Fault> {
        let Look { loaded, turn, .. } = look;
        let step = turn.step.id.as_str();
        let approval = loaded.approval(step).await?;
        let facts = self.facts(loaded, turn.step).await?;
        let told = Told { incident: facts.as_ref(), now: self.clock.now() };
        let found = match run.act(step, turn.attempt, approval.as_ref(), told) {
            Ok(rendered) => Box::pin(self.carry_out(&look, rendered)).await?,
            // What cannot be filled in will not be able to later.
            Err(refusal @ (Refusal::Parameters(_) | Refusal::Inputs(_))) => {
                Found::Over(Ending::failed(refusal.to_string()))
            }
            Err(refusal) => return Err(refused(refusal)),
        };
        match found {
            Found::Later(seconds, carry) => Ok(Acted::Wait { seconds, carry }),
            Found::Over(ending) => {
                let ending = self.kept(&look, ending).await?;
                self.record(loaded, turn, ending).await?;
                Ok(Acted::Recorded)
            }
        }
    }

    async fn carry_out(&self, look: &Look<'_>, rendered: Rendered) -> Result<Found, Fault> {
        match rendered {
            Rendered::Http(request) => Box::pin(self.web_step(look, &request)).await,
            Rendered::Command(program) => self.program(look, &program).await,
            Rendered::Ssm { document, parameters } => {
                self.automation(look, document, parameters).await
            }
            Rendered::Wait { duration } => {
                let left = duration.millis().saturating_sub(look.age(self.clock.now()));
                let seconds = left.saturating_add(SECOND - 1).div_euclid(SECOND);
                let over = Ending::passed(Vec::new());
                Ok(if left <= 0 { Found::Over(over) } else { Found::Later(seconds, None) })
            }
            Rendered::Check { probe, every, stable_for, limit } => {
                let times = (every.millis(), stable_for.millis(), limit.millis());
                Box::pin(self.check(look, *probe, times)).await
            }
            Rendered::Transition { to, rationale } => self.moved(look, to, rationale).await,
            Rendered::Notify { audience, template, values } => {
                self.noticed(look, audience, &template, &values).await
            }
            Rendered::Export { purpose } => self.exported(look, &purpose).await,
            Rendered::Manual { .. } | Rendered::Choose { .. } => {
                Err(Fault::Internal { reason: "a person's step was to be carried out".to_owned() })
            }
        }
    }

    /// Records how the step ended, in one commit with what it changed of the incident.
    async fn record(&self, loaded: &Loaded, turn: &Turn<'_>, ending: Ending) -> Result<(), Fault> {
        self.may(loaded, "step", Action::StepRecord, &loaded.resource())?;
        let (step, now) = (turn.step.id.as_str(), self.clock.now());
        let (attempt, passed) = (turn.attempt, ending.problem.is_none());
        tracing::info!(run.step = %step, run.attempt = attempt, run.passed = passed, "A step returned");
        if !passed {
            // Also of one that failed because nobody knew what became of it.
            self.stop_before_going_on(loaded, &loaded.run()?).await?;
        }
        let returned = Returned {
            attempt,
            passed,
            exit_code: ending.exit_code,
            output: &ending.output,
            whole: ending.whole.as_ref(),
            evidence: &ending.evidence,
            problem: ending.problem.as_deref(),
        };
        if ending.moved.is_none() && ending.told.is_empty() {
            let decide = |run: &Run<'_>| run.returned(step, &returned, &machine(), now);
            return match self.settle_run(loaded, &decide).await {
                // Given up, or ended by its deadline, meanwhile: the answer comes too late.
                Ok(_) | Err(Fault::Execution { .. }) => Ok(()),
                Err(fault) => Err(fault),
            };
        }
        let timeline = loaded.execution.timeline();
        let change = loaded.run()?.returned(step, &returned, &machine(), now).map_err(refused)?;
        let Some(change) = change else { return Ok(()) };
        let due = self.due_of(&change.after, &loaded.spec, loaded.repo.tenant())?;
        let after = change.after.clone();
        let mut commit = Commit::on(timeline).change(change, due);
        let moved = ending.moved.clone();
        if let Some(moved) = ending.moved {
            commit = commit.change(*moved, Due::Keep);
        }
        let told = match (&loaded.incident, &moved) {
            (Some(before), Some(moved)) => self.told(&loaded.repo, before, &moved.after).await?,
            (Some(_) | None, _) => Vec::new(),
        };
        for message in ending.told.into_iter().chain(told) {
            commit = commit.message(message, now);
        }
        match loaded.repo.commit(commit).await {
            Ok(_) => {
                self.measure_run(Some(&loaded.execution), &after);
                if let (Some(before), Some(moved)) = (&loaded.incident, moved) {
                    self.measure_change(before, &moved.after);
                    if moved.after.status == Status::Closed {
                        left_to_sweep(self.seal_soon(&loaded.repo, timeline).await);
                        left_to_sweep(self.end_runs(&loaded.repo, timeline).await);
                    }
                }
                Ok(())
            }
            // The machine reads everything anew, and decides again.
            Err(Refused::Changed | Refused::Taken(_)) => Ok(()),
            Err(refused) => Err(fault(refused)),
        }
    }
}
