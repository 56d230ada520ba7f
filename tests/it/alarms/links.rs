//! Runbooks that are linked to an incident when it is opened (S1-45), and alarms that had none.

use super::plan;
use super::queue::{Told, hear, opened};
use crate::world::{TENANT, World, ask, person};
use serde_json::{Value, json};
use watchfire_desk::NewIncident;
use watchfire_domain::alarm::AlarmState::{Alarm, Ok};
use watchfire_domain::{MINUTE, SECOND, Status};
use watchfire_fakes::Fault;
use watchfire_policy::Role;
use watchfire_ports::Clock as _;
use watchfire_runbook::{Spec, parse};

/// A harmless runbook, for what `more` says.
fn runbook(name: &str, more: &Value) -> Spec {
    let mut spec = json!({
        "name": name, "title": "Look", "description": "Of storage.", "author": "storage",
        "risk": "low",
        "steps": [{
            "id": "look", "title": "Look at it", "risk": "low", "timeout": "5m",
            "do": { "manual": { "instructions": "Look at it.", "changes": false } },
        }],
    });
    for (field, value) in more.as_object().unwrap() {
        spec[field] = value.clone();
    }
    parse::read(&spec).unwrap()
}

/// What the newest incident links, and why.
async fn linked(world: &World) -> Vec<String> {
    let incident = opened(world).await.pop().unwrap();
    let why = |name: &String| serde_json::to_value(incident.runbook_reasons.get(name)).unwrap();
    let linked = incident.linked_runbook_ids.iter();
    linked.map(|name| format!("{name}: {}", why(name).as_str().unwrap_or("-"))).collect()
}

#[tokio::test]
async fn an_incident_opens_with_the_published_runbooks_that_fit_and_says_why() {
    let world = World::new(1);
    for (name, more) in [
        ("of-the-plan", json!({ "tags": { "team": "storage" } })),
        ("of-the-name", json!({ "for": { "alarms": ["storage-*"] } })),
        ("of-the-metric", json!({ "for": { "metrics": ["StorageLatency"] } })),
        ("of-the-plans-tag", json!({ "tags": { "team": "storage", "phase": "after" } })),
        ("of-the-alarms-tag", json!({ "tags": { "tier": "gold" } })),
        ("of-the-row", json!({ "for": { "matrix": ["high_latency"] } })),
        ("of-another-row", json!({ "for": { "matrix": ["high_cpu"] } })),
        ("of-another-team", json!({ "tags": { "team": "web" } })),
    ] {
        world.publish(&runbook(name, &more)).await;
    }
    let (writer, draft) = (World::admin(), json!({ "for": { "alarms": ["storage-*"] } }));
    let draft = runbook("a-draft", &draft);
    world.desk.create_runbook(&writer, &ask("POST /runbooks"), draft).await.unwrap();
    let more = json!({ "tags": { "team": "storage" }, "runbooks": ["of-the-plan"] });
    world.plan(&plan(&more)).await;
    let now = world.clock.now();
    let tags = json!({ "tier": "gold" });
    hear(&world, &[Told { tags, ..Told::new("storage-slow", Alarm, now) }]).await;
    assert_eq!(
        linked(&world).await,
        [
            "of-the-alarms-tag: tag",
            "of-the-metric: metric",
            "of-the-name: alarm",
            "of-the-plan: -",
            "of-the-plans-tag: tag",
            "of-the-row: matrix",
        ]
    );
    // What nobody's plan answers is nobody's: the catalogue is a tenant's.
    hear(&world, &[Told::new("other-latency", Alarm, now)]).await;
    let nobody = world.desk.table.of(&crate::world::tenant("unassigned"));
    let [id] = super::marks::incidents(&world, "unassigned").try_into().unwrap();
    assert!(nobody.incident(id).await.unwrap().unwrap().record.linked_runbook_ids.is_empty());
}

#[tokio::test]
async fn a_runbook_is_for_what_its_newest_version_says() {
    let world = World::new(1);
    world.plan(&plan(&json!({}))).await;
    world.publish(&runbook("look", &json!({ "for": { "alarms": ["storage-*"] } }))).await;
    let (writer, ask) = (World::admin(), ask("PUT /runbooks/look"));
    let newer = runbook("look", &json!({ "for": { "alarms": ["web-*"] } }));
    world.desk.draft_runbook(&writer, &ask, "look", newer).await.unwrap();
    hear(&world, &[Told::new("storage-a", Alarm, world.clock.now())]).await;
    assert_eq!(linked(&world).await, ["look: alarm"], "a draft says nothing yet");
    world.desk.publish_runbook(&writer, &ask, "look").await.unwrap();
    world.forward(31 * SECOND);
    hear(&world, &[Told::new("storage-b", Alarm, world.clock.now())]).await;
    assert_eq!(linked(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_incident_that_is_opened_by_hand_links_by_title_and_tags() {
    let world = World::new(1);
    world.publish(&runbook("of-the-row", &json!({ "for": { "matrix": ["disk_full"] } }))).await;
    world.publish(&runbook("of-the-tag", &json!({ "tags": { "team": "web" } }))).await;
    let new = json!({ "title": "Disk full on db-1", "severity": "low", "tags": { "team": "web" } });
    let new: NewIncident = serde_json::from_value(new).unwrap();
    let (caller, ask) = (World::admin(), ask("POST /incidents"));
    let opening = world.desk.create_incident(&caller, &ask, new);
    let written = world.acting("api", opening).await.unwrap();
    let answer: Value = serde_json::from_str(&written.body).unwrap();
    let incident = &answer["incident"];
    assert_eq!(incident["linked_runbook_ids"], json!(["of-the-row", "of-the-tag"]));
    let reasons = json!({ "of-the-row": "matrix", "of-the-tag": "tag" });
    assert_eq!(incident["runbook_reasons"], reasons);
    let id = incident["id"].as_str().unwrap().parse().unwrap();
    world.sound(id).await;
}

#[tokio::test]
async fn the_best_ten_are_linked() {
    let world = World::new(1);
    world.plan(&plan(&json!({}))).await;
    for at in 0..12 {
        let more = json!({ "for": { "matrix": ["high_latency"] } });
        world.publish(&runbook(&format!("row-{at:02}"), &more)).await;
    }
    world.publish(&runbook("the-name", &json!({ "for": { "alarms": ["storage-slow"] } }))).await;
    hear(&world, &[Told::new("storage-slow", Alarm, world.clock.now())]).await;
    let linked = linked(&world).await;
    assert_eq!(linked.len(), 10);
    assert_eq!((linked[8].as_str(), linked[9].as_str()), ("row-08: matrix", "the-name: alarm"));
}

#[tokio::test]
async fn opening_reads_the_catalogue_once_in_thirty_seconds_and_nothing_else_does() {
    let world = World::new(1);
    world.plan(&plan(&json!({ "quiet_minutes": 5 }))).await;
    let now = world.clock.now();
    let cost = async |name: &'static str, state, at| {
        world.dynamo.reset_counts();
        hear(&world, &[Told::new(name, state, at)]).await;
        world.dynamo.counts().by_operation.get("Query").copied().unwrap_or_default()
    };
    let cold = cost("storage-a", Alarm, now).await;
    let warm = cost("storage-b", Alarm, now).await;
    assert_eq!(cold, warm + 2, "the mapping and the catalogue");
    let clears = cost("storage-a", Ok, now.plus(1)).await;
    world.forward(31 * SECOND);
    let again = cost("storage-a", Alarm, now).await;
    world.forward(31 * SECOND);
    assert_eq!(
        again,
        cost("storage-a", Alarm, now).await + 1,
        "the second time, the mapping alone"
    );
    world.forward(31 * SECOND);
    assert_eq!(cost("storage-b", Ok, now.plus(1)).await, clears + 1, "the mapping alone");
    world.forward(31 * SECOND);
    assert_eq!(cost("storage-c", Alarm, world.clock.now()).await, cold);
}

/// The catalogue's read fails in every way, as often as the client tries: what was read before is
/// followed, and without that the plan alone.
#[tokio::test]
async fn without_the_catalogue_the_incident_opens_all_the_same() {
    for fault in [Fault::NotSent, Fault::Throttled, Fault::ServerError { applied: false }] {
        let world = World::new(1);
        world.plan(&plan(&json!({ "runbooks": ["of-the-plan"] }))).await;
        world.publish(&runbook("look", &json!({ "for": { "alarms": ["storage-*"] } }))).await;
        let broken = || {
            let faults = world.faults.restart();
            // The mapping is read first.
            for attempt in 1..=3 {
                faults.at_operation("dynamodb:Query", attempt, fault);
            }
        };
        broken();
        hear(&world, &[Told::new("storage-a", Alarm, world.clock.now())]).await;
        world.faults.none();
        assert_eq!(linked(&world).await, ["of-the-plan: -"], "{fault:?}");
        world.forward(SECOND);
        hear(&world, &[Told::new("storage-b", Alarm, world.clock.now())]).await;
        assert_eq!(linked(&world).await, ["look: alarm", "of-the-plan: -"], "{fault:?}");
        world.forward(MINUTE);
        broken();
        hear(&world, &[Told::new("storage-c", Alarm, world.clock.now())]).await;
        world.faults.none();
        assert_eq!(linked(&world).await, ["look: alarm", "of-the-plan: -"], "{fault:?}");
    }
}

#[tokio::test]
async fn alarms_without_a_runbook_are_told_until_one_is_published() {
    let world = World::new(1);
    world.plan(&plan(&json!({}))).await;
    world.publish(&runbook("look", &json!({ "for": { "alarms": ["storage-known"] } }))).await;
    for name in ["storage-a", "storage-b", "storage-known", "storage-a"] {
        world.forward(60 * MINUTE);
        hear(&world, &[Told::new(name, Alarm, world.clock.now())]).await;
        let newest = opened(&world).await.pop().unwrap();
        world.transition(newest.id, Status::Closed).await;
    }
    let told = async |limit: usize| {
        let viewer = person("vera@example.org", Role::Viewer, TENANT);
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = world.desk.unlinked_alarms(&viewer, limit, cursor.as_deref()).await.unwrap();
            let rows = page["alarms"].as_array().unwrap().iter();
            let row =
                |one: &Value| format!("{} {}", one["name"].as_str().unwrap(), one["incidents"]);
            all.push(rows.map(row).collect::<Vec<_>>().join(", "));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return all;
            }
        }
    };
    assert_eq!(told(20).await, ["storage-a 2, storage-b 1"]);
    assert_eq!(told(2).await, ["storage-a 1, storage-b 1", "storage-a 1"]);
    let other = person("oz@example.org", Role::Admin, "globex");
    let page = world.desk.unlinked_alarms(&other, 20, None).await.unwrap();
    assert_eq!(page["alarms"], json!([]));
    world.publish(&runbook("newer", &json!({ "for": { "alarms": ["storage-a"] } }))).await;
    assert_eq!(told(20).await, ["storage-b 1"]);
}
