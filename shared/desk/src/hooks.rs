//! Webhooks: who sends is verified, what was said is handed over to the alarm queue, and taken in
//! from there. The door writes nothing; the queue levels a storm and loses nothing.

use crate::follow::Follow as _;
use crate::intake::Arrival;
use crate::settle::fault;
use crate::{Address, Desk, Intake, Spoken, Way};
use async_recursion::async_recursion as boxed;
use watchfire_domain::alarm::Alarm;
use watchfire_domain::incident::Transition;
use watchfire_domain::integration::{IntegrationKind, Notice, Proof, secret};
use watchfire_domain::{Actor, ActorKind, Integration, IntegrationId, Plan, Status, Tenant};
use watchfire_edge::Fault;
use watchfire_ports::Delivery;
use watchfire_store::{Commit, Due, Outcome, Refused, Repo, Seen};

/// How large a message to the queue may become, in bytes: SQS takes 256 KB.
const MESSAGE: usize = 200_000;
/// How many notices a message may hold. The function takes ten messages at once, and within its
/// minute it has to open an incident for each.
const NOTICES: usize = 20;

/// An integration, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The tenant.
    pub tenant: Tenant,
    /// The integration.
    pub integration: Integration,
}

impl Desk {
    /// The integration, as its own record has it: a webhook, or a message of the queue, only names
    /// it.
    #[boxed]
    pub async fn owned(&self, id: &IntegrationId) -> Result<Option<Owned>, Fault> {
        let Some(tenant) = self.table.integration_owner(id).await? else { return Ok(None) };
        let integration = self.table.of(&tenant).integration(id).await?;
        Ok(integration.map(|integration| Owned { tenant, integration }))
    }

    /// The integration of this id, if `proves` finds that the request proves one of its secrets.
    /// Whoever fails hears the same, whatever it was.
    #[boxed]
    pub async fn verify_hook(
        &self,
        id: &IntegrationId,
        proves: &(dyn for<'of> Fn(&'of Integration) -> Option<Proof> + Sync),
    ) -> Result<Owned, Fault> {
        let refused = |reason| Fault::Unauthenticated { reason };
        let owned = self.owned(id).await?.ok_or(refused("there is no such integration"))?;
        let of = &owned.integration;
        let proof = proves(of).ok_or(refused("the webhook proves nothing"))?;
        let now = self.clock.now();
        let mut keys = self.integration_keys(false).await?;
        if of.taken_at(now).any(|one| !keys.all.contains_key(&one.kid)) {
            keys = self.integration_keys(true).await?;
        }
        // No early end: how long it takes does not tell which of the secrets it was.
        let mut held = false;
        for generation in of.taken_at(now) {
            if let Some(key) = keys.all.get(&generation.kid) {
                held |= proof.holds(&secret(key, &of.id, of.kind, generation));
            }
        }
        if held { Ok(owned) } else { Err(refused("the webhook's secret is wrong")) }
    }

    /// Hands over what a verified webhook said, in messages that the queue takes. If one of them
    /// fails the sender is told to try again: what went before it changes nothing the second time.
    #[boxed]
    pub async fn hand_over(&self, of: &Integration, notices: Vec<Notice>) -> Result<(), Fault> {
        let mut batch = Vec::new();
        let mut size = 0_usize;
        for notice in notices {
            let more = serde_json::to_string(&notice).map_or(MESSAGE, |text| text.len());
            if batch.len() >= NOTICES || (!batch.is_empty() && size.saturating_add(more) > MESSAGE)
            {
                let full = std::mem::take(&mut batch);
                self.hooks.send(&Delivery::new(of.id.clone(), full)).await?;
                size = 0;
            }
            size = size.saturating_add(more);
            batch.push(notice);
        }
        if !batch.is_empty() {
            self.hooks.send(&Delivery::new(of.id.clone(), batch)).await?;
        }
        Ok(())
    }

    /// Where belongs what a webhook said of this alarm: to its integration's tenant, by its plan.
    #[boxed]
    pub async fn address_heard(&self, of: &Owned, alarm: &Alarm) -> Result<Address, Fault> {
        let plan = self.plan_of(of, alarm).await?;
        Ok(Address::new(alarm, of.tenant.clone(), plan))
    }

    /// The integration's plan; without one, the plan of its tenant that fits best; without that,
    /// the one for alarms that nobody planned for, with the severity that the sender says.
    async fn plan_of(&self, of: &Owned, alarm: &Alarm) -> Result<Plan, Fault> {
        let named = match &of.integration.plan {
            Some(name) => self.table.of(&of.tenant).newest_of::<Plan>(name).await?,
            None => None,
        };
        let plan = match named {
            Some(plan) => plan,
            None => match self.best_plan(alarm, Some(&of.tenant)).await? {
                Some((_, plan)) => plan,
                None => Plan { severity_tag: Some("severity".to_owned()), ..Plan::unassigned() },
            },
        };
        Ok(match of.integration.kind {
            // Its sender groups by `dedup_key`, and says nothing else when an alarm is over.
            IntegrationKind::Pagerduty => Plan { dedup_key: None, ..plan },
            IntegrationKind::Alertmanager
            | IntegrationKind::Grafana
            | IntegrationKind::Datadog
            | IntegrationKind::Generic => plan,
        })
    }

    /// Acknowledges the incident that the alarm belongs to, if nobody has seen it yet.
    #[boxed]
    pub async fn acknowledge(
        &self,
        at: &Address,
        alarm: &Alarm,
        way: Way,
    ) -> Result<Intake, Fault> {
        let arrival = self.arrival(at, Spoken { alarm, trace: None });
        self.may_take_in(&arrival)?;
        let Arrival { repo, event, .. } = &arrival;
        for _ in 0..way.tries() {
            let (open, seen) = repo.alarm(&at.key, [event.as_str()]).await?;
            let known = open.and_then(|open| open.incident);
            if !seen.is_empty() {
                return Ok(Intake { outcome: None, incident: known, why: None });
            }
            match self.acknowledge_as_it_stands(repo, alarm, event, known).await {
                Ok(intake) => return Ok(intake),
                Err(Refused::Changed | Refused::Taken(_)) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    async fn acknowledge_as_it_stands(
        &self,
        repo: &Repo,
        alarm: &Alarm,
        event: &str,
        known: Option<watchfire_domain::IncidentId>,
    ) -> Result<Intake, Refused> {
        let now = self.clock.now();
        let incident = match known {
            Some(id) => repo.incident(id).await?.map(|row| row.record),
            None => None,
        };
        let actor = Actor { kind: ActorKind::Alarm, id: alarm.arn.clone() };
        let ask = Transition { to: Status::Acknowledged, rationale: None };
        let new = incident.filter(|incident| incident.status == Status::New);
        let change = new.and_then(|one| Some((one.transition(&ask, &actor, now).ok()?, one)));
        let Some((change, incident)) = change else {
            let why = "nothing is open that nobody has seen";
            let seen =
                Seen { outcome: Outcome::Recorded, incident: known, why: Some(why), at: now };
            let new = repo.record_alarm(event, &seen, None).await?;
            let outcome = new.then_some(Outcome::Recorded);
            return Ok(Intake { outcome, incident: known, why: Some(why) });
        };
        incident.follow();
        let after = change.after.clone();
        let outcome = Outcome::Acknowledged;
        let seen = Seen { outcome, incident: Some(incident.id), why: None, at: now };
        let commit = Commit::on(incident.id).change(change, Due::Keep).seen(event, seen);
        repo.commit(commit).await?;
        self.measure_change(&incident, &after);
        Ok(Intake { outcome: Some(outcome), incident: Some(incident.id), why: None })
    }
}
