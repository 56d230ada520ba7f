//! What an automatic step returned.

use super::begin::is_attempt;
use super::output::{ALL, clipped, redact};
use super::report::{NOTE, references};
use super::{Decided, Outcome, Output, Refusal, Run, Standing, State, StepState};
use watchfire_domain::{Actor, EventType, Timestamp, Whole};

/// How many references to evidence an automatic step may return.
const REFERENCES: usize = 2;

/// What an automatic step returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned<'a> {
    /// The attempt that it belongs to.
    pub attempt: u32,
    /// Whether it did what it should.
    pub passed: bool,
    /// The exit code of its program, if it is one and ran to its end.
    pub exit_code: Option<i32>,
    /// What it printed or answered, or the beginning of it.
    pub output: &'a [u8],
    /// What is known of the whole, if `output` is but its beginning or has another form.
    pub whole: Option<&'a Whole>,
    /// Where the whole is kept.
    pub evidence: &'a [String],
    /// What went wrong, in words of ours.
    pub problem: Option<&'a str>,
}

impl Run<'_> {
    /// An automatic step returned. Its output is cut, cleared of what looks like a secret, and
    /// hashed as a whole. None if this attempt's end is known already and is the same; an answer to
    /// another attempt is refused.
    pub fn returned(
        &self,
        step: &str,
        returned: &Returned<'_>,
        actor: &Actor,
        now: Timestamp,
    ) -> Decided {
        references(returned.evidence, REFERENCES)?;
        let (within, state) = self.step(step)?;
        is_attempt(step, state, returned.attempt)?;
        let output = Output::of(returned.output, returned.whole, self.room(step));
        let outcome = if returned.passed { Outcome::Passed } else { Outcome::Failed };
        if matches!(state.state, Standing::Done | Standing::Failed) {
            let digest = state.output.as_ref().map(|known| &known.sha256);
            // A record of an earlier version knows no exit code.
            let exit = state.exit_code.is_none() || state.exit_code == returned.exit_code;
            let same = exit && state.outcome == Some(outcome) && digest == Some(&output.sha256);
            let cannot = "return something else";
            let refused = Refusal::Step { step: step.to_owned(), state: state.state, cannot };
            return if same { Ok(None) } else { Err(refused) };
        }
        self.turn(step, "take what a step returned")?;
        if state.state != Standing::Running {
            let cannot = "return anything";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        }
        let note = returned.problem.map(problem);
        let passed_over = !returned.passed && self.goes_on_without(within);
        let over = StepState {
            state: if returned.passed { Standing::Done } else { Standing::Failed },
            completed_at: Some(now),
            outcome: Some(outcome),
            note,
            evidence: returned.evidence.to_vec(),
            exit_code: returned.exit_code,
            output: Some(output),
            passed_over,
            ..state.clone()
        };
        let kind = if returned.passed { EventType::StepCompleted } else { EventType::StepFailed };
        let draft = self
            .draft(kind, step, state.attempt, actor)
            .with("outcome", outcome.name())
            .with_some("exit_code", returned.exit_code)
            .with_some("goes_on", passed_over.then_some(true))
            .with_some("approval", state.approvals.last().map(ToString::to_string));
        Ok(Some(self.write(self.after(step, State::Running, over), draft)))
    }

    /// How many bytes of output the record still has room for, this step's own not counted.
    fn room(&self, step: &str) -> usize {
        let others = self.execution.steps.iter().filter(|(id, _)| *id != step);
        let taken: usize =
            others.filter_map(|(_, one)| Some(one.output.as_ref()?.text.len())).sum();
        ALL.saturating_sub(taken)
    }
}

/// What went wrong, in one short line.
fn problem(text: &str) -> String {
    let plain = |one: char| if one.is_control() { ' ' } else { one };
    let text: String = redact(text).0.chars().map(plain).collect();
    clipped(&text, NOTE).to_owned()
}
