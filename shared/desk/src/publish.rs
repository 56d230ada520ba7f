//! publish: what stands in timelines, told to the event bus (S3-06, docs/events.md). A timeline's
//! event is its own outbox: the table's stream hands it over until the bus has taken it.

use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watchfire_domain::{ApprovalId, Tenant, Voucher};
use watchfire_edge::{Fault, chain};
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_ports::{DomainEvent, SealAsk};
use watchfire_store::Event;

/// The version of what a detail says. What is added to it does not change it.
const SCHEMA: u32 = 1;

impl Desk {
    /// Publishes the events in their order. How many need not come again, counted from the first:
    /// the bus took them, or never will.
    #[boxed]
    pub async fn publish(&self, events: &[Event]) -> Result<usize, Fault> {
        let tenants: BTreeSet<&str> = events.iter().map(|one| one.body.tenant.as_str()).collect();
        for tenant in tenants {
            let tenant = Tenant::vouched(tenant, Voucher::Pointer)
                .map_err(|unnamed| Fault::Malformed { reason: unnamed.to_string() })?;
            let caller = Caller::service("publish", &tenant);
            let resource = Resource::new(ResourceKind::Incident, tenant.as_str());
            self.allow(&caller, Action::PhasePublish, &resource, &Context::none())?;
        }
        // What shall be kept is asked for first: what the bus has taken does not come again.
        let events = events.get(..self.have_kept(events).await?).unwrap_or_default();
        let told: Vec<DomainEvent> =
            events.iter().map(|event| domain_event(event, self.bus.largest())).collect();
        let mut done = 0_usize;
        for (event, answer) in events.iter().zip(self.bus.publish(&told).await) {
            match answer {
                Err(error) if error.retryable() => {
                    tracing::warn!("The bus takes no events now: {}", chain(&error));
                    return Ok(done);
                }
                // Trying again would keep all that come after it waiting, and change nothing.
                Err(error) => tracing::error!(
                    incident.id = %event.body.incident_id,
                    event.seq = event.body.seq,
                    "The bus does not take an event: {}",
                    chain(&error)
                ),
                Ok(()) => {}
            }
            done = done.saturating_add(1);
        }
        Ok(done)
    }

    /// An approval came to its end: its document is kept. How many of the events may be told to the
    /// bus: before the others, the queue has to take what it is asked.
    async fn have_kept(&self, events: &[Event]) -> Result<usize, Fault> {
        let mut asked = BTreeSet::new();
        let ends = |event: &Event| event.body.payload.pointer("/detail/document").is_some();
        for (place, event) in events.iter().enumerate().filter(|(_, event)| ends(event)) {
            let (tenant, incident) = (event.body.tenant.clone(), event.body.incident_id);
            let named = event.body.payload.pointer("/detail/approval").and_then(Value::as_str);
            let approval = named.and_then(|named| named.parse::<ApprovalId>().ok());
            if !asked.insert((tenant.clone(), incident, approval)) {
                continue;
            }
            match self.seals.send(&SealAsk { tenant, incident, approval }).await {
                Ok(()) => {}
                Err(error) if error.retryable() => {
                    tracing::warn!("Nothing is asked to be sealed now: {}", chain(&error));
                    return Ok(place);
                }
                // The day's export keeps it.
                Err(error) => tracing::error!(
                    incident.id = %incident,
                    "An incident is not asked to be sealed: {}",
                    chain(&error)
                ),
            }
        }
        Ok(events.len())
    }
}

fn domain_event(event: &Event, largest: usize) -> DomainEvent {
    let mut detail = event.json();
    if let Value::Object(fields) = &mut detail {
        fields.insert("schema".to_owned(), json!(SCHEMA));
        // Digests of a caller's key and request: nobody else's business.
        fields.remove("idem");
        if let Some(Value::Object(set)) = fields.get_mut("payload").and_then(|it| it.get_mut("set"))
        {
            // The code shows that a person read the page; whoever listens has not.
            set.values_mut()
                .filter_map(Value::as_object_mut)
                .for_each(|it| drop(it.remove("code")));
        }
    }
    let mut text = detail.to_string();
    if text.len() > largest
        && let Value::Object(fields) = &mut detail
    {
        // What it says is too much for the bus; that it happened is not.
        fields.insert("payload".to_owned(), json!({}));
        fields.insert("cut".to_owned(), json!(true));
        text = detail.to_string();
    }
    DomainEvent { name: name(&event.body.kind), at: event.body.at, detail: text }
}

/// `incident.` and what happened: `incident_created` is `incident.created`.
fn name(kind: &str) -> String {
    format!("incident.{}", kind.strip_prefix("incident_").unwrap_or(kind))
}
