//! Transitions that belong to an incident that is there: attached, cleared or recorded. Those of
//! one alarm key that come together are one commit, so that a storm on one incident does not fight
//! for its timeline.

use crate::Desk;
use crate::follow::Follow as _;
use crate::intake::{Address, Arrival, Intake, Spoken, Way};
use crate::messages::{self, Occasion};
use crate::settle::{fault, left_to_sweep};
use async_recursion::async_recursion as boxed;
use std::collections::BTreeSet;
use watchfire_domain::alarm::{Known, Open, Ruling, remember, rule};
use watchfire_domain::incident::Incident;
use watchfire_domain::{Change, EventType, Plan, Profile, Status};
use watchfire_edge::Fault;
use watchfire_ports::Message;
use watchfire_store::{Commit, Due, Outcome, Refused, Seen};

/// How many transitions are one commit: each is two of the hundred items that DynamoDB writes at
/// once.
const TOGETHER: usize = 40;

/// What came of transitions that came together.
#[derive(Debug)]
pub struct Taken {
    /// Of the first of them, in their order.
    pub done: Vec<Intake>,
    /// Why the others were not taken in.
    pub fault: Option<Fault>,
}

/// What is known of an alarm key and its incident, one transition after the other.
#[derive(Debug)]
struct Fold {
    /// What is remembered of the key.
    open: Open,
    /// When the sweep looks at the key.
    due: Due,
    /// The incident.
    incident: Incident,
    /// Its profile.
    profile: Option<Profile>,
    /// What of it is written, in order.
    steps: Vec<Step>,
    attaches: bool,
}

/// One transition's part of the commit.
#[derive(Debug)]
struct Step {
    event: Told,
    name: String,
    seen: Seen,
}

#[derive(Debug)]
enum Told {
    /// With a change of the incident.
    Change(Box<Change<Incident>>),
    /// The event alone.
    Event(watchfire_domain::Draft),
}

impl Fold {
    fn new(open: &Open, incident: &Incident, profile: Option<Profile>) -> Self {
        let (open, incident) = (open.clone(), incident.clone());
        Self { open, due: Due::Keep, incident, profile, steps: Vec::new(), attaches: false }
    }

    fn known(&self) -> Known {
        let Incident { status, resolved_at, closed_at, .. } = self.incident;
        Known { status, resolved_at: resolved_at.or(closed_at) }
    }

    fn push(&mut self, event: Told, arrival: &Arrival<'_>, seen: Seen) {
        self.steps.push(Step { event, name: arrival.event.clone(), seen });
    }

    fn intakes(&self) -> impl Iterator<Item = Intake> {
        let incident = Some(self.incident.id);
        let of = move |seen: &Seen| Intake { outcome: Some(seen.outcome), incident, why: seen.why };
        self.steps.iter().map(move |step| of(&step.seen))
    }
}

impl Desk {
    /// Takes in transitions of one alarm key, in the order in which the alarms spoke.
    #[boxed]
    pub async fn intake_all(&self, at: &Address, all: &[Spoken<'_>], way: Way) -> Taken {
        let mut taken = Taken { done: Vec::new(), fault: None };
        while let Some((next, rest)) = all.get(taken.done.len()..).and_then(<[_]>::split_first) {
            let together = if rest.is_empty() {
                Ok(Vec::new())
            } else {
                let many = all.get(taken.done.len()..).unwrap_or_default();
                Box::pin(self.take_together(at, many, way)).await
            };
            let done = match together {
                Ok(done) if !done.is_empty() => Ok(done),
                Ok(_) => Box::pin(self.take_in(at, *next, way)).await.map(|one| vec![one]),
                Err(fault) => Err(fault),
            };
            match done {
                Ok(done) => taken.done.extend(done),
                Err(fault) => {
                    taken.fault = Some(fault);
                    break;
                }
            }
        }
        taken
    }

    /// Takes in as many of the first transitions as belong to the key's open incident, in one
    /// commit. None if that is fewer than two: the first then goes its own way.
    async fn take_together(
        &self,
        at: &Address,
        all: &[Spoken<'_>],
        way: Way,
    ) -> Result<Vec<Intake>, Fault> {
        let arrivals: Vec<Arrival<'_>> =
            all.iter().take(TOGETHER).map(|one| self.arrival(at, *one)).collect();
        let none = Ok(Vec::new());
        let Some(first) = arrivals.first() else { return none };
        self.may_take_in(first)?;
        if self.repeats.intake(&at.tenant, &first.event).is_some() {
            return none;
        }
        for _ in 0..way.tries() {
            let events = arrivals.iter().map(|arrival| arrival.event.as_str());
            let (open, seen) = first.repo.alarm(&at.key, events).await?;
            let place = self.place(first, &at.key, open).await?;
            let (Some(open), true) = (place.open, place.joins.is_empty()) else { return none };
            let Some(id) = open.incident else { return none };
            let Some(row) = first.repo.incident(id).await? else { return none };
            let incident = row.record;
            if incident.status >= Status::Resolved {
                return none;
            }
            incident.follow();
            let profile = self.pinned_profile(&first.repo, &incident).await?;
            let start = Fold::new(&open, &incident, Some(profile));
            let (fold, done) = self.fold(&arrivals, seen, start);
            if done.len() < 2 {
                return none;
            }
            let newest = match self.write_fold(first, &place.key, &open, &incident, fold).await {
                Ok(newest) => newest,
                Err(Refused::Changed | Refused::Taken(_)) => continue,
                Err(refused) => return Err(fault(refused)),
            };
            for arrival in arrivals.iter().take(done.len()) {
                self.tell_flapping(arrival, &newest, Some(id)).await?;
            }
            if done.iter().any(|intake| intake.outcome.is_none()) {
                self.resume(first, Some(id)).await?;
            }
            return Ok(done);
        }
        Err(Fault::Conflict)
    }

    /// Folds as many of the first transitions as belong to the incident as it then stands. One that
    /// was handled before, or that comes twice, is known.
    fn fold<'a>(
        &self,
        arrivals: &'a [Arrival<'_>],
        mut seen: BTreeSet<&'a str>,
        mut fold: Fold,
    ) -> (Fold, Vec<Intake>) {
        let mut done = Vec::new();
        for arrival in arrivals {
            if !seen.insert(&arrival.event) {
                let incident = Some(fold.incident.id);
                done.push(Intake { outcome: None, incident, why: None });
                continue;
            }
            // A composite may join keys.
            if !arrival.alarm.triggered_by.is_empty() || !self.belongs(arrival, &mut fold) {
                break;
            }
            done.extend(fold.intakes().last());
        }
        (fold, done)
    }

    /// Adds the transition to the fold. False if it does more than to belong to the incident: then
    /// nothing is added.
    fn belongs(&self, arrival: &Arrival<'_>, fold: &mut Fold) -> bool {
        let Plan { reopen_minutes, .. } = *arrival.plan;
        let ruling = rule(arrival.alarm, Some(&fold.open), Some(fold.known()), reopen_minutes);
        match ruling {
            Ruling::Attach => return self.attaches(arrival, fold),
            Ruling::Clear => self.clears(arrival, fold),
            Ruling::Record { why } if fold.incident.status != Status::Closed => {
                let draft = arrival.draft(EventType::AlarmRecorded).with("why", why);
                let seen = self.handled(Outcome::Recorded, Some(fold.incident.id), Some(why));
                fold.push(Told::Event(draft), arrival, seen);
                // It may be what ends a quiet period: then the key is no longer due.
                if let Some(newest) = remember(arrival.alarm, Some(&fold.open)) {
                    (fold.open, fold.due) = (newest, Due::Clear);
                }
            }
            // Nothing is added to the timeline of an incident that is closed.
            Ruling::Record { .. } | Ruling::Open { .. } | Ruling::Reopen => return false,
        }
        true
    }

    fn attaches(&self, arrival: &Arrival<'_>, fold: &mut Fold) -> bool {
        let Some(profile) = &fold.profile else { return false };
        let Arrival { alarm, plan, .. } = arrival;
        let draft = arrival.draft(EventType::AlarmAttached);
        let (severity, now) = (plan.severity_for(alarm), self.clock.now());
        let seen = self.handled(Outcome::Attached, Some(fold.incident.id), None);
        let attached =
            fold.incident.attach_alert(&alarm.arn, severity, profile, draft.clone(), now);
        let event = match attached {
            Some(change) => {
                fold.incident = change.after.clone();
                Told::Change(Box::new(change))
            }
            None => Told::Event(draft),
        };
        fold.push(event, arrival, seen);
        fold.attaches = true;
        fold.open = Open::after(Some(&fold.open), alarm, Some(fold.incident.id));
        fold.due = Due::Clear;
        true
    }

    fn clears(&self, arrival: &Arrival<'_>, fold: &mut Fold) {
        let after = Open::after(Some(&fold.open), arrival.alarm, Some(fold.incident.id));
        let until = self.quiet_until(arrival.plan, &after);
        let draft = arrival.draft(EventType::AlarmCleared).with("quiet_until", until.to_string());
        let seen = self.handled(Outcome::Cleared, Some(fold.incident.id), None);
        fold.push(Told::Event(draft), arrival, seen);
        (fold.open, fold.due) = (after, Due::At(until));
    }

    /// Writes a fold, if anything is new in it: what is remembered of the key afterwards.
    async fn write_fold(
        &self,
        first: &Arrival<'_>,
        key: &str,
        open: &Open,
        incident: &Incident,
        fold: Fold,
    ) -> Result<Open, Refused> {
        if fold.steps.is_empty() {
            return Ok(fold.open);
        }
        let Arrival { plan, repo, .. } = first;
        let mut commit = Commit::on(incident.id);
        let mut last = None;
        for step in fold.steps {
            commit = match step.event {
                Told::Change(change) => {
                    let told = commit.told(&change);
                    last = Some(*change);
                    told
                }
                Told::Event(draft) => commit.event(draft),
            };
            commit = commit.seen(&step.name, step.seen);
        }
        let mut queue: Vec<Message> = Vec::new();
        let changed = last.as_ref().map(|change| change.after.clone());
        commit = match last {
            Some(change) => {
                if change.after.severity != incident.severity {
                    queue = messages::of(plan, &change.after, Occasion::SeverityRaised);
                }
                let whole = Change { before: Some(incident.clone()), ..change };
                commit.record(whole, Due::Keep)
            }
            // Whoever resolves it at this moment must not have an alarm hidden in it.
            None if fold.attaches => commit.unchanged(incident),
            None => commit,
        };
        for message in &queue {
            commit = commit.message(message.clone(), self.clock.now());
        }
        if fold.open.generation != open.generation {
            commit = commit.alarm(key, Some(open), fold.open.clone(), fold.due);
        }
        let joins = first.joins.iter().filter(|_| fold.attaches).cloned();
        repo.commit(joins.fold(commit, |commit, join| join.write(commit))).await?;
        if let Some(changed) = &changed {
            self.measure_change(incident, changed);
        }
        left_to_sweep(self.deliver(repo, &queue).await);
        Ok(fold.open)
    }

    /// Takes in one transition that belongs to the incident, as it was read. Whoever attaches needs
    /// the incident's profile.
    pub(crate) async fn belong(
        &self,
        arrival: &Arrival<'_>,
        open: &Open,
        incident: &Incident,
        profile: Option<Profile>,
    ) -> Result<Intake, Refused> {
        let mut fold = Fold::new(open, incident, profile);
        self.belongs(arrival, &mut fold);
        let intake = fold.intakes().last().ok_or(Refused::Changed)?;
        self.write_fold(arrival, &arrival.key, open, incident, fold).await?;
        Ok(intake)
    }
}
