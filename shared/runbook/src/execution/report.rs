//! What people say of a step: that it is done or failed, which way they take, and why they let it
//! be.

use super::output::{is_marked, redact};
use super::{Decided, Execution, MOST_RECORD, Outcome, Refusal, Run, Standing, State, StepState};
use crate::spec::{Action, Within};
use watchfire_domain::{Actor, Approval, ApprovalId, Draft, EventType, Timestamp};

/// How long a note or a reason may be, in characters.
pub(super) const NOTE: usize = 500;

/// How long a reference to evidence may be, in bytes.
const REFERENCE: usize = 256;

/// How many references to evidence a person may give.
const REFERENCES: usize = 4;

/// What an operator says of a step (S3-58).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Whether it failed.
    pub failed: bool,
    /// What there is to say.
    pub note: Option<String>,
    /// Where the evidence lies.
    pub evidence: Vec<String>,
    /// The approvals under which it was done.
    pub approval_ids: Vec<ApprovalId>,
}

impl Report {
    /// Done, with this evidence.
    pub fn done(evidence: &str) -> Self {
        Self { evidence: vec![evidence.to_owned()], ..Self::default() }
    }

    const fn outcome(&self) -> Outcome {
        if self.failed { Outcome::Failed } else { Outcome::Passed }
    }
}

impl Run<'_> {
    /// A person reports on a step that is theirs to do (S3-58), begun or not; items of a checklist
    /// that stand together are ticked in any order. For a step of high risk the approval that
    /// it began with must be named, must still stand, and must not be the operator's own. None if
    /// the same was said before.
    pub fn complete(
        &self,
        step: &str,
        report: &Report,
        approval: Option<&Approval>,
        actor: &Actor,
        now: Timestamp,
    ) -> Decided {
        let note = report.note.as_deref().map(|note| words("note", note)).transpose()?;
        references(&report.evidence, REFERENCES)?;
        let (within, state) = self.step(step)?;
        if matches!(state.state, Standing::Done | Standing::Failed) {
            let same = state.outcome == Some(report.outcome())
                && state.chosen.is_none()
                && state.output.is_none()
                && state.note == note
                && state.evidence == report.evidence
                && state.operator.as_deref() == Some(&actor.id);
            let cannot = "be reported on";
            let refused = Refusal::Step { step: step.to_owned(), state: state.state, cannot };
            return if same { Ok(None) } else { Err(refused) };
        }
        if report.failed || !self.is_ticked_early(step) {
            self.turn(step, "have its steps reported on")?;
        }
        let needs = within.needs_approval();
        if needs && matches!(state.state, Standing::Pending | Standing::Blocked) {
            return Err(Refusal::ApprovalNeeded { step: step.to_owned() });
        }
        // Who ticks an item before the machine has begun it has begun it.
        let is_its_turn = matches!(state.state, Standing::Waiting | Standing::Pending);
        if !is_its_turn || !matches!(within.step.action, Action::Manual(_)) {
            let cannot = "be reported on by a person";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        }
        if needs && !state.approvals.last().is_some_and(|id| report.approval_ids.contains(id)) {
            return Err(Refusal::ApprovalNeeded { step: step.to_owned() });
        }
        self.still_granted(needs, step, state, approval, &actor.id)?;
        if let Some(shows) = owed(&within.step.action, within.step.evidence.as_ref())
            && !report.failed
            && report.evidence.is_empty()
        {
            return Err(Refusal::EvidenceMissing { step: step.to_owned(), shows });
        }
        let reported = StepState {
            state: if report.failed { Standing::Failed } else { Standing::Done },
            operator: Some(actor.id.clone()),
            started_at: state.started_at.or(Some(now)),
            completed_at: Some(now),
            outcome: Some(report.outcome()),
            note,
            evidence: report.evidence.clone(),
            ..state.clone()
        };
        let kind = if report.failed { EventType::StepFailed } else { EventType::StepCompleted };
        let draft = self
            .draft(kind, step, state.attempt, actor)
            .with("outcome", report.outcome().name())
            .with_some("approval", state.approvals.last().map(ToString::to_string));
        self.bounded(self.after(step, State::Running, reported), draft)
    }

    /// Whether a step must have something to show when it is done.
    pub fn owes_evidence(&self, step: &str) -> Result<bool, Refusal> {
        let (within, _) = self.step(step)?;
        Ok(owed(&within.step.action, within.step.evidence.as_ref()).is_some())
    }

    /// Whether everything between the step at which the run stands and this one, both counted, is
    /// an open item of a checklist: items that stand together are ticked in any order (S4-11..13).
    fn is_ticked_early(&self, step: &str) -> bool {
        let is_item = |within: &Within<'_>, state: &StepState| {
            matches!(&within.step.action, Action::Manual(manual) if manual.tick)
                && !within.needs_approval()
                && matches!(state.state, Standing::Pending | Standing::Waiting)
        };
        self.execution.state.is_open()
            && self
                .open_steps()
                .take_while(|(within, state)| is_item(within, state))
                .any(|(within, _)| within.step.id == step)
    }

    /// A person takes one of the alternatives; the steps of the others are skipped, and so is the
    /// rest of the runbook if it ends with this one (S1-36). None if it was taken before.
    pub fn choose(
        &self,
        step: &str,
        option: &str,
        approval: Option<&Approval>,
        actor: &Actor,
        now: Timestamp,
    ) -> Decided {
        let (within, state) = self.step(step)?;
        if let Some(chosen) = &state.chosen {
            let other = Refusal::ChosenOtherwise { step: step.to_owned(), chosen: chosen.clone() };
            return if chosen == option { Ok(None) } else { Err(other) };
        }
        self.turn(step, "take an alternative")?;
        let needs = within.needs_approval();
        if needs && matches!(state.state, Standing::Pending | Standing::Blocked) {
            return Err(Refusal::ApprovalNeeded { step: step.to_owned() });
        }
        if state.state != Standing::Waiting || within.step.alternatives().is_empty() {
            let cannot = "have an alternative chosen";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        }
        if !within.step.alternatives().iter().any(|one| one.name == option) {
            let option = option.chars().take(64).collect();
            return Err(Refusal::NoSuchOption { step: step.to_owned(), option });
        }
        self.still_granted(needs, step, state, approval, &actor.id)?;
        let chosen = StepState {
            state: Standing::Done,
            operator: Some(actor.id.clone()),
            completed_at: Some(now),
            outcome: Some(Outcome::Passed),
            chosen: Some(option.to_owned()),
            ..state.clone()
        };
        let draft =
            self.draft(EventType::OptionChosen, step, state.attempt, actor).with("option", option);
        self.bounded(self.after(step, State::Running, chosen), draft)
    }

    /// A person lets a step be, since a condition of its guard does not hold; only a step that has
    /// one can be let be, and only before it begins. None if it was let be before.
    pub fn skip(&self, step: &str, because: &str, actor: &Actor, now: Timestamp) -> Decided {
        let (within, state) = self.step(step)?;
        if state.state == Standing::Skipped {
            return Ok(None);
        }
        self.turn(step, "skip a step")?;
        if within.step.guard.as_ref().is_none_or(|guard| guard.only_if.is_empty()) {
            return Err(Refusal::Unconditional { step: step.to_owned() });
        }
        if !matches!(state.state, Standing::Pending | Standing::Blocked) {
            let cannot = "be skipped";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        }
        let because = words("reason", because)?;
        let skipped = StepState {
            state: Standing::Skipped,
            operator: Some(actor.id.clone()),
            completed_at: Some(now),
            note: Some(because.clone()),
            ..state.clone()
        };
        let draft =
            self.draft(EventType::StepSkipped, step, state.attempt, actor).with("reason", because);
        self.bounded(self.after(step, State::Running, skipped), draft)
    }

    /// The change, unless the record has no room for what people write.
    fn bounded(&self, after: Execution, draft: Draft) -> Decided {
        let size = serde_json::to_vec(&after).map_or(usize::MAX, |text| text.len());
        if size > MOST_RECORD { Err(Refusal::Full) } else { Ok(Some(self.write(after, draft))) }
    }
}

/// What the evidence must show, if there must be some.
fn owed(action: &Action, evidence: Option<&crate::spec::Evidence>) -> Option<String> {
    match (evidence, action) {
        (Some(evidence), _) if evidence.optional => None,
        (Some(evidence), _) => Some(evidence.shows.clone()),
        (None, Action::Manual(manual)) if manual.changes => Some("what was changed".to_owned()),
        (None, _) => None,
    }
}

/// What a person wrote: there, not too long, and without what looks like a secret.
pub(super) fn words(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let length = text.chars().count();
    if !(1..=NOTE).contains(&length) {
        let problem = format!("must have 1 to {NOTE} characters, and has {length}");
        return Err(Refusal::Field { field, problem });
    }
    if text.chars().any(|one| one.is_control() && one != '\n') {
        let problem = "has characters that are not seen".to_owned();
        return Err(Refusal::Field { field, problem });
    }
    Ok(redact(text).0)
}

/// References to evidence: few, short, plain, and without a secret in them.
pub(super) fn references(references: &[String], most: usize) -> Result<(), Refusal> {
    let refuse = |problem: String| Err(Refusal::Field { field: "evidence_ref", problem });
    if references.len() > most {
        return refuse(format!("may be given {most} times, and is given {}", references.len()));
    }
    for reference in references {
        if !(1..=REFERENCE).contains(&reference.len()) {
            let length = reference.len();
            return refuse(format!("must have 1 to {REFERENCE} characters, and has {length}"));
        }
        // The place of an object, as in a URL: nothing that would have to be escaped.
        let plain = |one: u8| one.is_ascii_graphic() && !b"\"\\<>`".contains(&one);
        if !reference.bytes().all(plain) {
            return refuse("may have visible ASCII only, as a URL has".to_owned());
        }
        // A signed URL is a key to what it names: the reference is what stands before the `?`.
        if is_marked(reference) {
            return refuse("has a secret in it: name the object, not the way to it".to_owned());
        }
    }
    Ok(())
}
