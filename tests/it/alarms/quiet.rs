//! Alarms that are well again: what that ends, and what it does not.

use super::marks::Marks;
use super::queue::{Told, hear, opened, pass, told};
use super::{BY_CLUSTER, plan};
use crate::world::{TENANT, World};
use serde_json::json;
use watchfire_domain::alarm::AlarmState::{Alarm, InsufficientData, Ok};
use watchfire_domain::{Incident, IncidentId, MINUTE, Severity, Status};
use watchfire_ports::Clock as _;

const NAME: &str = "storage-slow";

/// An alarm that fired under a plan with a quiet period of five minutes.
async fn fired() -> World {
    let world = World::new(1);
    world.plan(&plan(&json!({ "dedup_key": BY_CLUSTER, "quiet_minutes": 5 }))).await;
    hear(&world, &[Told::new(NAME, Alarm, world.clock.now())]).await;
    told(&world);
    world.forward(MINUTE);
    world
}

/// The alarm says this now.
async fn says(world: &World, name: &str, state: watchfire_domain::alarm::AlarmState) {
    hear(world, &[Told::new(name, state, world.clock.now())]).await;
}

async fn the_incident(world: &World) -> Incident {
    let [incident] = opened(world).await.try_into().unwrap();
    incident
}

#[tokio::test]
async fn an_alarm_that_stays_well_ends_its_incident_after_the_quiet_period() {
    let world = fired().await;
    says(&world, NAME, Ok).await;
    pass(&world, 4).await;
    assert_eq!(the_incident(&world).await.status, Status::New);
    assert_eq!(told(&world), Vec::<String>::new());
    pass(&world, 1).await;
    let incident = the_incident(&world).await;
    assert_eq!(incident.status, Status::Resolved);
    assert_eq!(incident.acknowledged_at, None, "nobody has seen it");
    assert_eq!(told(&world), ["incident.resolved to {email:oncall@example.org}"]);
    let story = world.story(incident.id).await;
    assert_eq!(story, ["incident_created", "alarm_cleared", "status_changed"]);
    pass(&world, 10).await;
    assert_eq!(world.story(incident.id).await, story);
}

#[tokio::test]
async fn an_alarm_that_fires_in_the_quiet_period_ends_the_quiet() {
    for state in [Alarm, InsufficientData] {
        let world = fired().await;
        says(&world, NAME, Ok).await;
        pass(&world, 3).await;
        says(&world, NAME, state).await;
        pass(&world, 30).await;
        assert_eq!(the_incident(&world).await.status, Status::New, "{state:?}");
        says(&world, NAME, Ok).await;
        pass(&world, 4).await;
        assert_eq!(the_incident(&world).await.status, Status::New, "{state:?}");
        pass(&world, 1).await;
        assert_eq!(the_incident(&world).await.status, Status::Resolved, "{state:?}");
    }
}

#[tokio::test]
async fn the_quiet_period_begins_when_the_last_alarm_of_the_key_is_well() {
    let world = fired().await;
    says(&world, "storage-errors", Alarm).await;
    says(&world, NAME, Ok).await;
    pass(&world, 30).await;
    assert_eq!(the_incident(&world).await.status, Status::New);
    let marks = Marks::of(&world, TENANT);
    let reasons: Vec<_> = marks.events.into_values().filter_map(|mark| mark.why).collect();
    assert_eq!(reasons, ["another alarm of its key is not OK"]);
    says(&world, "storage-errors", Ok).await;
    pass(&world, 4).await;
    assert_eq!(the_incident(&world).await.status, Status::New);
    pass(&world, 1).await;
    assert_eq!(the_incident(&world).await.status, Status::Resolved);
}

#[tokio::test]
async fn what_a_person_moved_on_is_resolved_too_and_what_a_person_resolved_once() {
    for status in [Status::Acknowledged, Status::Mitigating, Status::Monitoring] {
        let world = fired().await;
        world.transition(the_incident(&world).await.id, status).await;
        says(&world, NAME, Ok).await;
        pass(&world, 6).await;
        assert_eq!(the_incident(&world).await.status, Status::Resolved, "{status:?}");
    }
    for status in [Status::Resolved, Status::Closed] {
        let world = fired().await;
        says(&world, NAME, Ok).await;
        world.transition(the_incident(&world).await.id, status).await;
        let before = the_incident(&world).await;
        pass(&world, 10).await;
        assert_eq!(the_incident(&world).await, before);
    }
}

#[tokio::test]
async fn an_alarm_that_fires_again_within_the_window_reopens_its_incident() {
    let world = fired().await;
    says(&world, NAME, Ok).await;
    pass(&world, 5).await;
    told(&world);
    pass(&world, 30).await;
    says(&world, NAME, Alarm).await;
    let incident = the_incident(&world).await;
    assert_eq!((incident.status, incident.resolved_at), (Status::Mitigating, None));
    assert_eq!(told(&world), ["incident.reopened to {email:oncall@example.org}"]);
    assert_eq!(Marks::of(&world, TENANT).tally()["reopened"], 1);
    pass(&world, 10).await;
    assert_eq!(the_incident(&world).await.status, Status::Mitigating, "it still fires");
    says(&world, NAME, Ok).await;
    pass(&world, 5).await;
    assert_eq!(the_incident(&world).await.status, Status::Resolved);
}

#[tokio::test]
async fn an_alarm_that_reopens_its_incident_raises_its_severity_too() {
    let world = fired().await;
    says(&world, NAME, Ok).await;
    pass(&world, 5).await;
    told(&world);
    let tags = json!({ "severity": "critical" });
    hear(&world, &[Told { tags, ..Told::new("storage-lost", Alarm, world.clock.now()) }]).await;
    let incident = the_incident(&world).await;
    assert_eq!((incident.status, incident.severity), (Status::Mitigating, Severity::Critical));
    assert_eq!(incident.linked_alert_ids.len(), 2);
    assert_eq!(told(&world), ["incident.reopened to {email:oncall@example.org}"]);
}

/// The incident that this one follows, as its first event says.
async fn follows(world: &World, id: IncidentId) -> String {
    let first = world.timeline(id).await.remove(0);
    first.body.payload["detail"]["previous"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_alarm_that_fires_after_the_window_opens_another_incident() {
    let world = fired().await;
    says(&world, NAME, Ok).await;
    pass(&world, 5).await;
    told(&world);
    pass(&world, 31).await;
    says(&world, NAME, Alarm).await;
    let [first, second] = opened(&world).await.try_into().unwrap();
    assert_eq!((first.status, second.status), (Status::Resolved, Status::New));
    assert_eq!(follows(&world, second.id).await, first.id.to_string());
    assert_eq!(told(&world), ["incident.opened to {email:oncall@example.org}"]);
}

#[tokio::test]
async fn what_is_closed_is_never_reopened() {
    for minutes in [1, 60] {
        let world = fired().await;
        let first = the_incident(&world).await.id;
        world.transition(first, Status::Closed).await;
        pass(&world, minutes).await;
        says(&world, NAME, Ok).await;
        let before = (world.incident(first).await, world.sound(first).await);
        world.forward(MINUTE);
        says(&world, NAME, Alarm).await;
        let [closed, second] = opened(&world).await.try_into().unwrap();
        assert_eq!((closed, world.sound(first).await), before);
        assert_eq!(second.status, Status::New);
        assert_eq!(follows(&world, second.id).await, first.to_string());
    }
}
