//! An execution together with the spec that it was started with: where it stands, and what is next.

use super::{Execution, Refusal, Standing, State, StepState};
use crate::Hashed;
use crate::lint::must_stop;
use crate::risk::Risk;
use crate::spec::{Action, Alternative, OnFailure, Rollback, Spec, Step, Within};
use sha2::{Digest as _, Sha256};
use watchfire_domain::{ApprovalId, HOUR, Tenant, Timestamp, hex};

/// How long an automatic step may take that says nothing, in milliseconds. Lint asks it to say.
const UNSAID: i64 = HOUR;

/// An execution, its spec and its tenant: what every decision is made from.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    pub(super) execution: &'a Execution,
    pub(super) spec: &'a Spec,
    pub(super) tenant: &'a Tenant,
    order: Vec<Within<'a>>,
}

/// What is to be done next: a function of the record, so that a machine that died goes on from
/// there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next<'a> {
    /// Ask approvers about [`Run::subject`], then [`Run::block`].
    Ask(Turn<'a>),
    /// Wait for this approval; then [`Run::begin`] with it, or [`Run::lapsed`].
    Approval(Turn<'a>, ApprovalId),
    /// [`Run::begin`].
    Begin(Turn<'a>),
    /// Do [`Run::act`], under [`Turn::effect`]; then [`Run::returned`].
    Act(Turn<'a>),
    /// Wait for a person: [`Run::complete`].
    Operator(Turn<'a>),
    /// Wait for a person: [`Run::choose`].
    Choose(Turn<'a>),
    /// [`Run::finish`].
    Finish,
    /// Nothing.
    Over,
}

/// A step whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn<'a> {
    /// The step.
    pub step: &'a Step,
    /// The attempt that it is in.
    pub attempt: u32,
    /// The name of this attempt's effect, 32 hexadecimal digits: who does it twice under one name
    /// does it once, wherever the world knows of names (client tokens, names of tasks and
    /// executions).
    pub effect: String,
    /// When it has taken too long; none while it was not begun, or if it may take for ever.
    pub deadline: Option<Timestamp>,
}

/// A step that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBack<'a> {
    /// The step.
    pub step: &'a Step,
    /// How.
    pub rollback: &'a Rollback,
}

impl Within<'_> {
    /// Whether an approval comes before it (S3-78). A choice does nothing itself: it is as
    /// dangerous as it says only if none of its alternatives is. And what lies in an alternative of
    /// high risk is of high risk, unless a part of it says so itself.
    pub fn needs_approval(&self) -> bool {
        let high = |step: &Step| step.weight() == Risk::High;
        let owed = |one: &Alternative| one.weight() == Risk::High && !one.steps.iter().any(high);
        let alternatives = self.step.alternatives();
        let own = self.step.risk() == Risk::High
            && !alternatives.iter().any(|one| one.weight() == Risk::High);
        own || self.under.is_some_and(|(_, alternative)| owed(alternative))
    }
}

/// The steps in their order, those within alternatives behind their choice.
pub(super) fn order(spec: &Spec) -> Vec<Within<'_>> {
    spec.walk()
}

/// Skips what no way leads to any more, and finds where the run stands.
pub(super) fn settle(spec: &Spec, order: &[Within<'_>], execution: &mut Execution) {
    // What a proof lacks it lacks for good: it looks at the rest, and does nothing more.
    if spec.verifies.is_some() && execution.steps.values().any(|one| one.passed_over) {
        for within in order.iter().filter(|within| must_stop(spec, within).is_some()) {
            if let Some(state) = execution.steps.get_mut(&within.step.id)
                && state.state == Standing::Pending
            {
                state.state = Standing::Skipped;
            }
        }
    }
    let mut ended: Option<String> = None;
    for within in order {
        let chosen = |id: &str| match execution.steps.get(id) {
            Some(choice) if choice.state.is_past() => Some(choice.chosen.clone()),
            Some(_) | None => None,
        };
        let missed =
            |id: &str, name: &str| chosen(id).is_some_and(|chosen| chosen.as_deref() != Some(name));
        let outside = ended.as_ref().is_some_and(|last| !within.path.starts_with(last.as_str()));
        let skipped = outside
            || within.under.is_some_and(|(choice, one)| missed(&choice.id, &one.name))
            || within.step.when.as_ref().is_some_and(|when| missed(&when.step, &when.chosen));
        if let Some(state) = execution.steps.get_mut(&within.step.id)
            && skipped
            && state.state == Standing::Pending
        {
            state.state = Standing::Skipped;
        }
        let options = within.step.alternatives().iter().enumerate();
        let name = execution.steps.get(&within.step.id).and_then(|one| one.chosen.as_deref());
        for (number, _) in options.filter(|(_, one)| one.ends && name == Some(one.name.as_str())) {
            ended = Some(format!("{}.do.choose.options[{number}].", within.path));
        }
    }
    let open = |within: &&Within<'_>| {
        execution.steps.get(&within.step.id).is_some_and(|one| !one.is_past())
    };
    execution.current_step = order.iter().find(open).map(|within| within.step.id.clone());
}

impl Execution {
    /// This execution and the spec that it was started with; any other one is refused.
    pub fn with<'a>(&'a self, spec: &'a Hashed, tenant: &'a Tenant) -> Result<Run<'a>, Refusal> {
        if spec.hash() != self.spec_hash {
            return Err(Refusal::OtherSpec);
        }
        Ok(Run { execution: self, spec, tenant, order: order(spec) })
    }
}

impl<'a> Run<'a> {
    /// What is to be done next.
    pub fn next(&self) -> Next<'a> {
        if !self.execution.state.is_open() {
            return Next::Over;
        }
        let Some((within, state)) = self.current() else { return Next::Finish };
        let turn = Turn {
            step: within.step,
            attempt: state.attempt,
            effect: effect(self.execution, &within.step.id, state.attempt),
            deadline: deadline(within.step, state),
        };
        match state.state {
            Standing::Pending if within.needs_approval() => Next::Ask(turn),
            Standing::Pending => Next::Begin(turn),
            // A step is blocked by an approval: one without would be asked for again.
            Standing::Blocked => match state.approvals.last() {
                Some(approval) => Next::Approval(turn, *approval),
                None => Next::Ask(turn),
            },
            Standing::Running => Next::Act(turn),
            Standing::Waiting if turn.step.alternatives().is_empty() => Next::Operator(turn),
            Standing::Waiting => Next::Choose(turn),
            Standing::Failed | Standing::Done | Standing::Skipped => Next::Finish,
        }
    }

    /// When the step at which it stands has taken too long: what a sweep waits for.
    pub fn deadline(&self) -> Option<Timestamp> {
        let (within, state) = self.current().filter(|_| self.execution.state.is_open())?;
        deadline(within.step, state)
    }

    /// How dangerous a step is for the policies: high if it needs an approval, and only then. A
    /// choice whose alternatives carry the danger is not itself of high risk.
    pub fn weighs(&self, step: &str) -> Result<Risk, Refusal> {
        let (within, _) = self.step(step)?;
        let own = within.step.risk().min(Risk::Medium);
        Ok(if within.needs_approval() { Risk::High } else { own })
    }

    /// Who started it.
    pub fn started_by(&self) -> &str {
        &self.execution.started_by
    }

    /// The name of the effect of a step's present attempt, whether it is its turn or not.
    pub fn effect(&self, step: &str) -> Result<String, Refusal> {
        let (_, state) = self.step(step)?;
        Ok(effect(self.execution, step, state.attempt))
    }

    /// The name of the effect of an earlier attempt of a step.
    pub fn effect_of(&self, step: &str, attempt: u32) -> String {
        effect(self.execution, step, attempt)
    }

    /// Whether anything of it needs an approval, whichever way it goes.
    pub fn needs_approvers(&self) -> bool {
        self.order.iter().any(Within::needs_approval)
    }

    /// What can be taken back of what was done or begun, the newest first. Nobody does it unasked:
    /// whoever takes a step back looks first whether that still helps.
    pub fn ways_back(&self) -> Vec<WayBack<'a>> {
        let begun = self.order.iter().filter_map(|within| {
            let state = self.execution.steps.get(&within.step.id)?;
            let rollback = within.step.rollback.as_ref()?;
            // A step that was refused, or never began, did nothing.
            let at = state.started_at.filter(|_| state.state != Standing::Skipped)?;
            Some((at, WayBack { step: within.step, rollback }))
        });
        let mut begun: Vec<_> = begun.collect();
        begun.sort_by_key(|(at, _)| *at);
        begun.into_iter().rev().map(|(_, way)| way).collect()
    }

    /// The step of this id, and where it stands.
    pub(super) fn step(&self, id: &str) -> Result<(&Within<'a>, &'a StepState), Refusal> {
        let within = self.order.iter().find(|within| within.step.id == id);
        let found = within.and_then(|within| Some((within, self.execution.steps.get(id)?)));
        found.ok_or_else(|| Refusal::NoSuchStep { step: id.chars().take(64).collect() })
    }

    /// The step of this id, if it is its turn and the execution goes on.
    pub(super) fn turn(
        &self,
        id: &str,
        cannot: &'static str,
    ) -> Result<(&Within<'a>, &'a StepState), Refusal> {
        let found = self.step(id)?;
        if !self.execution.state.is_open() {
            return self.execution.cannot(cannot);
        }
        if self.execution.current_step.as_deref() != Some(id) {
            let current = self.execution.current_step.clone();
            return Err(Refusal::NotItsTurn { step: id.to_owned(), current });
        }
        Ok(found)
    }

    /// The steps that the run has not gone past, in their order.
    pub(super) fn open_steps(&self) -> impl Iterator<Item = (&Within<'a>, &'a StepState)> {
        let found = |within: &'_ Within<'a>| self.execution.steps.get(&within.step.id);
        let all = self.order.iter().filter_map(move |within| Some((within, found(within)?)));
        all.filter(|(_, state)| !state.is_past())
    }

    /// Whether the run goes on without this step, which failed by itself or by its time. What an
    /// approver, an operator or the end of the run failed is never passed over.
    pub fn goes_on_without(&self, within: &Within<'_>) -> bool {
        within.step.on_failure == OnFailure::Continue && must_stop(self.spec, within).is_none()
    }

    /// The ids of the steps that failed and that the run went on without, in their order.
    pub fn passed_over(&self) -> impl Iterator<Item = &'a str> {
        let ids = self.order.iter().map(|within| within.step.id.as_str());
        ids.filter(|id| self.execution.steps.get(*id).is_some_and(|step| step.passed_over))
    }

    pub(super) fn current(&self) -> Option<(&Within<'a>, &'a StepState)> {
        self.step(self.execution.current_step.as_deref()?).ok()
    }

    /// The record with this step changed, under way, and settled.
    pub(super) fn after(&self, id: &str, state: State, step: StepState) -> Execution {
        let mut after = self.execution.clone();
        after.steps.insert(id.to_owned(), step);
        after.state = state;
        settle(self.spec, &self.order, &mut after);
        after
    }
}

/// One name for each attempt of each step of each execution; none begins another one.
fn effect(execution: &Execution, step: &str, attempt: u32) -> String {
    let named = format!("watchfire-step-effect/v1\0{}\0{step}\0{attempt}", execution.id);
    hex(&Sha256::digest(named)).chars().take(32).collect()
}

fn deadline(step: &Step, state: &StepState) -> Option<Timestamp> {
    if !matches!(state.state, Standing::Running | Standing::Waiting) {
        return None;
    }
    let unsaid = match &step.action {
        // People are not hurried by what nobody has said.
        Action::Manual(_) | Action::Choose(_) => None,
        Action::Http(_)
        | Action::Command(_)
        | Action::Ssm(_)
        | Action::Wait(_)
        | Action::Check(_)
        | Action::Transition(_)
        | Action::Notify(_)
        | Action::Export(_) => Some(UNSAID),
    };
    Some(state.started_at?.plus(step.timeout.map(crate::Span::millis).or(unsaid)?))
}
