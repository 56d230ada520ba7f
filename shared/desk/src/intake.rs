//! Alarm intake: every transition delivered is opened, attached, reopened, cleared or recorded with
//! its reason; deliveries come twice, late and out of order, and that changes nothing.

use crate::follow::{self, Follow as _};
use crate::messages::{self, Occasion};
use crate::opening::Opened;
use crate::parents::{Join, Place};
use crate::settle::{TRIES, fault, left_to_sweep};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use watchfire_domain::alarm::{Alarm, Known, Open, Ruling, Source, remember, rule};
use watchfire_domain::incident::{Extra, Incident, Opening, Transition};
use watchfire_domain::plan::render;
use watchfire_domain::{
    Actor, ActorKind, Draft, EventType, IncidentId, MINUTE, Plan, Status, Tenant, Timestamp, hex,
};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_ports::Waiting;
use watchfire_runbook::link::About;
use watchfire_store::{AlarmPlan, Commit, Due, Outcome, Refused, Repo, Seen};

/// What became of a delivered transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// What it came to; none if it had been handled before.
    pub outcome: Option<Outcome>,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// Why it changed nothing, if it did not.
    pub why: Option<&'static str>,
}

/// Where a transition belongs: whose it is, by which plan, and to which alarm key.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// Whose.
    pub tenant: Tenant,
    /// By which plan.
    pub plan: Plan,
    /// The alarm key, as the plan renders it.
    pub key: String,
}

impl Address {
    /// The alarm's, in this tenant and by this plan.
    pub(crate) fn new(alarm: &Alarm, tenant: Tenant, plan: Plan) -> Self {
        let rendered = plan.dedup_key.as_deref().map(|key| render(key, alarm));
        Self { key: alarm.key(rendered.as_deref()), tenant, plan }
    }
}

/// A transition, and the trace of its delivery.
#[derive(Debug, Clone, Copy)]
pub struct Spoken<'a> {
    /// The transition.
    pub alarm: &'a Alarm,
    /// The trace.
    pub trace: Option<&'a str>,
}

/// How a transition comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Beside others of its key: where it meets them it gives up soon, to come again in line.
    Crowd,
    /// After the others of its key, or alone.
    Line,
}

impl Way {
    /// How often it is tried when others were faster.
    pub(crate) const fn tries(self) -> u32 {
        match self {
            Self::Crowd => 2,
            Self::Line => TRIES,
        }
    }
}

/// A transition on its way in.
pub(crate) struct Arrival<'a> {
    pub(crate) caller: Caller,
    pub(crate) repo: Repo,
    pub(crate) alarm: &'a Alarm,
    pub(crate) plan: &'a Plan,
    pub(crate) key: String,
    /// What else is joined to the key.
    pub(crate) joins: Vec<Join>,
    pub(crate) event: String,
    pub(crate) actor: Actor,
    pub(crate) trace: Option<&'a str>,
}

impl Desk {
    /// Takes in one transition of one alarm.
    #[boxed]
    pub async fn intake(&self, alarm: &Alarm, trace: Option<&str>) -> Result<Intake, Fault> {
        let at = self.address(alarm).await?;
        Box::pin(self.take_in(&at, Spoken { alarm, trace }, Way::Line)).await
    }

    /// Where the alarm belongs, by the plan that fits best.
    #[boxed]
    pub async fn address(&self, alarm: &Alarm) -> Result<Address, Fault> {
        let (tenant, plan) = self.plan_for(alarm).await?;
        Ok(Address::new(alarm, tenant, plan))
    }

    /// Puts a delivery at the end of the line of the key that it belongs to: there it meets no
    /// others of its key.
    #[boxed]
    pub async fn line_up(
        &self,
        at: &Address,
        body: &str,
        trace: Option<&str>,
    ) -> Result<(), Fault> {
        let digest = |parts: &[&str]| {
            let mut digest = Sha256::new();
            for part in parts {
                digest.update(part.as_bytes());
                digest.update([0]);
            }
            hex(&digest.finalize())
        };
        let group = digest(&[at.tenant.as_str(), &at.key]);
        let id = digest(&[&group, body]);
        let trace = trace.map(str::to_owned);
        Ok(self.line.send(&Waiting { group, id, body: body.to_owned(), trace }).await?)
    }

    pub(crate) fn arrival<'a>(&self, at: &'a Address, spoken: Spoken<'a>) -> Arrival<'a> {
        let Spoken { alarm, trace } = spoken;
        Arrival {
            repo: self.table.of(&at.tenant),
            caller: Caller::service("alarm", &at.tenant),
            alarm,
            plan: &at.plan,
            key: at.key.clone(),
            joins: Vec::new(),
            event: alarm.event_id(),
            actor: Actor { kind: ActorKind::Alarm, id: alarm.arn.clone() },
            trace,
        }
    }

    /// Asks the policies whether alarms of this tenant are taken in.
    pub(crate) fn may_take_in(&self, arrival: &Arrival<'_>) -> Result<(), Fault> {
        follow::nobody();
        let resource = Resource::new(ResourceKind::Incident, arrival.caller.tenant.as_str());
        self.allow(&arrival.caller, Action::AlarmOpen, &resource, &Context::none())
    }

    /// Takes in one transition of one alarm.
    pub(crate) async fn take_in(
        &self,
        at: &Address,
        spoken: Spoken<'_>,
        way: Way,
    ) -> Result<Intake, Fault> {
        let mut arrival = self.arrival(at, spoken);
        self.may_take_in(&arrival)?;
        if let Some(known) = self.repeats.intake(&at.tenant, &arrival.event) {
            return Ok(known);
        }
        let alarm = spoken.alarm;
        for _ in 0..way.tries() {
            let (open, seen) = arrival.repo.alarm(&at.key, [arrival.event.as_str()]).await?;
            let seen = !seen.is_empty();
            let Place { key, open, joins } = self.place(&arrival, &at.key, open).await?;
            (arrival.key, arrival.joins) = (key, joins);
            if seen {
                if let Some(open) = &open {
                    self.tell_flapping(&arrival, open, open.incident).await?;
                }
                return self.resume(&arrival, open.and_then(|open| open.incident)).await;
            }
            let newest = Open::after(open.as_ref(), alarm, None);
            match Box::pin(self.rule_on(&arrival, open)).await {
                Ok(intake) => {
                    self.tell_flapping(&arrival, &newest, intake.incident).await?;
                    return Ok(intake);
                }
                // Another delivery was faster: look again. It may have come under another key, if
                // the plan renders the key otherwise by now.
                Err(Refused::Changed | Refused::Taken(_)) => {
                    let opened = alarm.opens(self.clock.now());
                    if arrival.repo.incident(opened).await?.is_some() {
                        return self.resume(&arrival, Some(opened)).await;
                    }
                }
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    /// The plan that fits best, and its tenant. What nobody claims goes to `unassigned`.
    pub(crate) async fn plan_for(&self, alarm: &Alarm) -> Result<(Tenant, Plan), Fault> {
        let best = self.best_plan(alarm, None).await?;
        Ok(best.unwrap_or_else(|| (Tenant::unassigned(), Plan::unassigned())))
    }

    /// The plan that fits best, of all or of one tenant's. Which tenant an alarm belongs to is the
    /// administrator's mapping to say.
    pub(crate) async fn best_plan(
        &self,
        alarm: &Alarm,
        of: Option<&Tenant>,
    ) -> Result<Option<(Tenant, Plan)>, Fault> {
        let now = self.clock.now();
        let plans: Arc<Vec<AlarmPlan>> = if let Some(plans) = self.alarm_map.fresh(now) {
            plans
        } else {
            let plans = Arc::new(self.table.alarm_map().await?);
            self.alarm_map.hold(now, &plans);
            plans
        };
        let best = plans
            .iter()
            .filter(|one| of.is_none_or(|tenant| one.tenant == *tenant))
            .filter_map(|one| Some((one.plan.fit(alarm)?, one)))
            // Among equals the first by tenant and name: always the same one.
            .max_by(|(a, one), (b, other)| {
                let name = |plan: &AlarmPlan| (plan.tenant.clone(), plan.plan.name.clone());
                a.cmp(b).then_with(|| name(other).cmp(&name(one)))
            });
        Ok(best.map(|(_, one)| (one.tenant.clone(), one.plan.clone())))
    }

    /// The transition was handled before: whatever its first delivery left undone is done now, and
    /// the next one need not look.
    pub(crate) async fn resume(
        &self,
        arrival: &Arrival<'_>,
        incident: Option<IncidentId>,
    ) -> Result<Intake, Fault> {
        if let Some(incident) = incident {
            self.start_requested(&arrival.repo, incident).await?;
        }
        self.repeats.note(arrival.repo.tenant(), &arrival.event, incident);
        Ok(Intake { outcome: None, incident, why: None })
    }

    async fn rule_on(&self, arrival: &Arrival<'_>, open: Option<Open>) -> Result<Intake, Refused> {
        let incident = match open.as_ref().and_then(|open| open.incident) {
            None => None,
            Some(id) => arrival.repo.incident(id).await?.map(|row| row.record),
        };
        if let Some(incident) = &incident {
            incident.follow();
        }
        let known = incident.as_ref().map(|incident| Known {
            status: incident.status,
            resolved_at: incident.resolved_at.or(incident.closed_at),
        });
        let ruling = rule(arrival.alarm, open.as_ref(), known, arrival.plan.reopen_minutes);
        match (ruling, open, incident) {
            (Ruling::Open { previous }, open, _) => {
                self.open_by_alarm(arrival, open, previous).await
            }
            // Nothing is added to the timeline of an incident that is closed.
            (Ruling::Clear | Ruling::Record { .. }, Some(open), Some(incident))
                if incident.status != Status::Closed =>
            {
                self.belong(arrival, &open, &incident, None).await
            }
            (Ruling::Record { why }, open, _) => {
                let seen = self.handled(Outcome::Recorded, None, Some(why));
                let newest = remember(arrival.alarm, open.as_ref());
                let newest = newest.map(|after| (arrival.key.as_str(), open.as_ref(), after));
                let new = arrival.repo.record_alarm(&arrival.event, &seen, newest).await?;
                let outcome = new.then_some(Outcome::Recorded);
                Ok(Intake { outcome, incident: None, why: Some(why) })
            }
            (Ruling::Attach, Some(open), Some(incident)) => {
                let profile = self.pinned_profile(&arrival.repo, &incident).await?;
                self.belong(arrival, &open, &incident, Some(profile)).await
            }
            (Ruling::Reopen, Some(open), Some(incident)) => {
                self.reopen(arrival, &open, &incident).await
            }
            // An alarm key whose incident is gone cannot rule anything but an opening.
            (Ruling::Attach | Ruling::Reopen | Ruling::Clear, open, _) => {
                self.open_by_alarm(arrival, open, None).await
            }
        }
    }

    pub(crate) fn handled(
        &self,
        outcome: Outcome,
        incident: Option<IncidentId>,
        why: Option<&'static str>,
    ) -> Seen {
        Seen { outcome, incident, why, at: self.clock.now() }
    }

    async fn open_by_alarm(
        &self,
        arrival: &Arrival<'_>,
        before: Option<Open>,
        previous: Option<IncidentId>,
    ) -> Result<Intake, Refused> {
        let Arrival { alarm, plan, caller, repo, actor, .. } = arrival;
        let now = self.clock.now();
        let id = alarm.opens(now);
        let (mut tags, runbooks) = (plan.tags.clone(), &plan.runbooks);
        tags.extend(alarm.tags.clone());
        let metric = alarm.metric.as_deref();
        let about = About { name: &alarm.name, metric, tags: Some(&tags), plan: Some(runbooks) };
        let fitting = self.fitting(repo, &about).await;
        let opening = Opening {
            id,
            title: render(&plan.title, alarm),
            description: cut(&alarm.reason, 280),
            severity: plan.severity_for(alarm),
            confirm_severity: false,
            extra: Extra {
                kind: plan.kind,
                tags: plan.tags.clone(),
                clearance: plan.clearance,
                detected_at: Some(alarm.at),
                alert: Some(alarm.arn.clone()),
                runbooks: runbooks.clone(),
                fitting,
                plan: Some(plan.name.clone()),
                drill: alarm.source == Source::Drill,
                trace: arrival.trace.map(str::to_owned),
                previous,
                ..Extra::default()
            },
        };
        let profile = self.profile(repo, &plan.profile).await?;
        let after = Open::after(before.as_ref(), alarm, Some(id));
        let due = self.quiet(plan, &after);
        let seen = self.handled(Outcome::Opened, Some(id), None);
        let mut add = |commit: Commit, _: &Incident| {
            let commit = match before.as_ref() {
                None => commit.first_alarm(&arrival.key, &arrival.event, after.clone(), due),
                Some(before) => commit
                    .alarm(&arrival.key, Some(before), after.clone(), due)
                    .seen(&arrival.event, seen.clone()),
            };
            arrival.joins.iter().cloned().fold(commit, |commit, join| join.write(commit))
        };
        let Opened { incident, environment, messages, .. } =
            self.open(caller, Some(plan), &profile, opening, actor, &mut add).await?;
        incident.follow();
        tracing::info!(incident.display_id = %incident.display_id, alarm.arn = %alarm.arn,
            "Opened an incident");
        self.measure_opened(&incident);
        left_to_sweep(self.after_opening(repo, environment.as_ref(), &messages).await);
        Ok(Intake { outcome: Some(Outcome::Opened), incident: Some(id), why: None })
    }

    /// When the quiet period ends that starts now. It counts from here: an OK that was long under
    /// way says nothing of what came after it. What flaps is quiet when it would flap no more.
    pub(crate) fn quiet_until(&self, plan: &Plan, newest: &Open) -> Timestamp {
        let now = self.clock.now();
        let flaps = newest.flaps(plan.flapping(), now);
        let least = if flaps { plan.flap_minutes } else { 0 };
        let minutes = plan.quiet_minutes.max(least);
        now.plus(i64::from(minutes).saturating_mul(MINUTE))
    }

    /// When the sweep looks at a key whose newest transition may be an OK that overtook its ALARM.
    fn quiet(&self, plan: &Plan, newest: &Open) -> Due {
        if newest.is_quiet() { Due::At(self.quiet_until(plan, newest)) } else { Due::Clear }
    }

    async fn reopen(
        &self,
        arrival: &Arrival<'_>,
        open: &Open,
        incident: &Incident,
    ) -> Result<Intake, Refused> {
        let Arrival { alarm, plan, repo, actor, .. } = arrival;
        let ask = Transition {
            to: Status::Mitigating,
            rationale: Some(format!("alarm `{}` fires again", alarm.name)),
        };
        let profile = self.pinned_profile(repo, incident).await?;
        let (severity, now) = (plan.severity_for(alarm), self.clock.now());
        let reopened = incident.reopen_by_alert(&ask, &alarm.arn, severity, &profile, actor, now);
        let Ok(change) = reopened else { return Err(Refused::Changed) };
        let reopened = change.after.clone();
        let queue = messages::of(plan, &change.after, Occasion::Reopened);
        let mut commit = Commit::on(incident.id).change(change, Due::Keep);
        for message in &queue {
            commit = commit.message(message.clone(), self.clock.now());
        }
        let after = Open::after(Some(open), alarm, Some(incident.id));
        let due = self.quiet(plan, &after);
        let seen = self.handled(Outcome::Reopened, Some(incident.id), None);
        let commit = commit.alarm(&arrival.key, Some(open), after, due).seen(&arrival.event, seen);
        repo.commit(commit).await?;
        self.measure_change(incident, &reopened);
        left_to_sweep(self.deliver(repo, &queue).await);
        Ok(Intake { outcome: Some(Outcome::Reopened), incident: Some(incident.id), why: None })
    }
}

impl Arrival<'_> {
    pub(crate) fn draft(&self, kind: EventType) -> Draft {
        Draft::new(kind, &self.actor)
            .with("state", self.alarm.state.name())
            .with("since", self.alarm.at.to_string())
            .with("reason", cut(&self.alarm.reason, 280))
    }
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(longest).collect()
}
