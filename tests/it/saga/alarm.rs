//! The life of an incident that alarms open, raise, clear and reopen, while people work on it.

use super::life::{keyed, persist};
use crate::world::{TENANT, World, alarm, person};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watchfire_desk::Deed;
use watchfire_domain::alarm::{Alarm, AlarmState, Open};
use watchfire_domain::incident::Transition;
use watchfire_domain::{IncidentId, MINUTE, Plan, Severity, Status};
use watchfire_policy::Role;

/// What the timeline tells, if nothing fails.
const STORY: [&str; 13] = [
    "incident_created",
    "alarm_attached",
    "status_changed",
    "owner_assigned",
    "severity_changed",
    "incident_shared",
    "alarm_recorded",
    "alarm_cleared",
    "status_changed",
    "status_changed",
    "alarm_cleared",
    "status_changed",
    "incident_closed",
];

/// The occasions of which both targets are told.
const OCCASIONS: [&str; 4] =
    ["incident.opened", "incident.severity_raised", "incident.resolved", "incident.reopened"];

struct Story {
    world: World,
    id: IncidentId,
    receipts: Vec<Value>,
}

fn plan() -> Plan {
    serde_json::from_value(json!({
        "name": "storage",
        "version": 1,
        "matches": [{ "name_prefix": "storage" }],
        "title": "{alarm.name} in {alarm.region}",
        "severity": "medium",
        "severity_tag": "severity",
        "dedup_key": "{alarm.dimension.Cluster}",
        "quiet_minutes": 2,
        // It fires twice within ten minutes, and that is another story.
        "flap_changes": 0,
        "notify": [{ "email": "oncall@example.org" }, { "webhook": "https://example.org/hook" }],
    }))
    .unwrap()
}

/// From the first alarm to the closed incident; then all is as if nothing had failed.
pub(super) async fn lived(world: World) {
    world.plan(&plan()).await;
    let (first, mut second) = (alarm(&world, "storage-reads"), alarm(&world, "storage-writes"));
    second.tags.insert("severity".to_owned(), "high".to_owned());
    let id = take_in(&world, &first).await;
    let mut story = Story { world, id, receipts: Vec::new() };
    story.tell(&second).await;
    story.transition(Status::Acknowledged).await;
    story.deed(&Deed::Owner("kim@example.org".to_owned())).await;
    let rationale = "every write fails".to_owned();
    story.deed(&Deed::Severity { to: Severity::Critical, rationale }).await;
    story.deed(&Deed::Share("globex".to_owned())).await;
    story.well(&first).await;
    story.well(&second).await;
    story.resolved().await;
    story.fires(&first).await;
    story.well(&first).await;
    story.resolved().await;
    story.transition(Status::Closed).await;
    story.converged().await;
}

async fn take_in(world: &World, alarm: &Alarm) -> IncidentId {
    let intake = persist(world, "alarm", async || world.desk.intake(alarm, None).await).await;
    intake.incident.unwrap()
}

impl Story {
    /// The alarm is taken in; whatever fails, it belongs to this incident.
    async fn tell(&self, alarm: &Alarm) {
        assert_eq!(take_in(&self.world, alarm).await, self.id);
    }

    async fn well(&self, alarm: &Alarm) {
        let at = self.world.forward(MINUTE);
        self.tell(&Alarm { state: AlarmState::Ok, at, ..alarm.clone() }).await;
    }

    async fn fires(&self, alarm: &Alarm) {
        let at = self.world.forward(MINUTE);
        self.tell(&Alarm { at, ..alarm.clone() }).await;
    }

    async fn transition(&mut self, to: Status) {
        let rationale = Some("as the runbook says".to_owned());
        self.deed(&Deed::Transition(Transition { to, rationale })).await;
    }

    async fn deed(&mut self, deed: &Deed) {
        let (world, caller) = (&self.world, person("kim@example.org", Role::Admin, TENANT));
        let ask = keyed(&format!("POST /incidents {deed:?}"));
        let change = async || world.desk.change_incident(&caller, &ask, self.id, deed).await;
        let written = persist(world, "api", change).await;
        let answer: Value = serde_json::from_str(&written.body).unwrap();
        self.receipts.push(answer["receipt"].clone());
    }

    /// The sweep comes by every minute until the quiet period has ended the incident.
    async fn resolved(&self) {
        for _ in 0..30 {
            self.world.forward(MINUTE);
            self.world.sweep().await;
            self.world.sound(self.id).await;
            if self.world.incident(self.id).await.status == Status::Resolved {
                return;
            }
        }
        panic!("it is never resolved");
    }

    async fn converged(&self) {
        let Self { world, id, receipts } = self;
        world.settle();
        for _ in 0..4 {
            world.forward(15 * MINUTE);
            world.sweep().await;
        }
        world.sound(*id).await;
        let events = world.timeline(*id).await;
        let story: Vec<_> = events.iter().map(|event| event.stored.kind.as_str()).collect();
        assert_eq!(story, STORY, "the same happened, once");
        for receipt in receipts {
            let known = events.iter().any(|event| {
                let (seq, hash) = (event.stored.seq, event.stored.hash.to_string());
                json!({ "seq": seq, "event_hash": hash }) == *receipt
            });
            assert!(known, "an acknowledged event is lost: {receipt}");
        }
        let text = world.dynamo.dump();
        assert!(!text.contains("#OUT#"), "a message waits");
        let items = world.dynamo.legible();
        let incidents = items.iter().filter(|item| item["sk"]["S"] == "META").count();
        assert_eq!(incidents, 1, "incidents");
        let open = items.iter().find(|item| item["sk"]["S"] == "OPEN").unwrap();
        let open: Open = serde_json::from_str(open["doc"]["S"].as_str().unwrap()).unwrap();
        assert_eq!(open.count, 3, "it fired three times");
        let inbox = world.notify.inbox();
        for occasion in OCCASIONS {
            let of = inbox.iter().filter(|message| message.data["event"] == occasion);
            let told: BTreeSet<_> = of.map(|message| format!("{:?}", message.to)).collect();
            assert_eq!(told.len(), 2, "{occasion} was told to {told:?}");
        }
    }
}

#[tokio::test]
async fn a_life_that_alarms_and_people_share() {
    Box::pin(lived(World::with_targets(1))).await;
}
