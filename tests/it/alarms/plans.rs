//! What an alarm turns into: its plan says it, and where there is none, nobody loses it.

use super::marks::{Marks, incidents};
use super::queue::{Told, deliver, hear, opened, pass, told};
use super::{BY_CLUSTER, plan};
use crate::world::{TENANT, World, tenant};
use serde_json::json;
use watchfire_desk::Deed;
use watchfire_domain::alarm::AlarmState::{Alarm, InsufficientData, Ok};
use watchfire_domain::plan::Target;
use watchfire_domain::{Severity, Status};
use watchfire_fakes::Trouble;
use watchfire_ports::Clock as _;

#[tokio::test]
async fn an_alarm_opens_the_incident_of_its_plan_and_its_targets_are_told() {
    let world = World::new(1);
    let notify = json!([
        { "email": "oncall@example.org" },
        { "sns": "arn:aws:sns:us-east-1:111122223333:page" },
        { "webhook": "https://example.org/hook" },
    ]);
    let more = json!({ "notify": notify, "tags": { "team": "storage" }, "runbooks": ["RB-7"] });
    world.plan(&plan(&more)).await;
    hear(&world, &[Told::new("storage-slow", Alarm, world.clock.now())]).await;
    let [incident] = opened(&world).await.try_into().unwrap();
    assert_eq!(incident.title, "storage-slow in us-east-1");
    assert_eq!((incident.status, incident.severity), (Status::New, Severity::Medium));
    assert_eq!(incident.tags, [("team".to_owned(), "storage".to_owned())].into());
    assert_eq!(incident.plan.as_deref(), Some("storage"));
    assert!(!incident.drill);
    let mut all = told(&world);
    all.sort();
    assert_eq!(
        all,
        [
            "incident.opened to {email:oncall@example.org}",
            "incident.opened to {sns:arn:aws:sns:us-east-1:111122223333:page}",
            "incident.opened to {webhook:https://example.org/hook}",
        ]
    );
    pass(&world, 10).await;
    assert_eq!(told(&world), Vec::<String>::new(), "nobody is told twice");
}

#[tokio::test]
async fn a_target_that_is_down_hears_of_it_later_and_one_that_refuses_is_on_the_timeline() {
    let world = World::new(1);
    let hook = Target::Webhook("https://example.org/hook".to_owned());
    let mail = Target::Email("oncall@example.org".to_owned());
    world.plan(&plan(&json!({ "notify": [&hook, &mail] }))).await;
    world.notify.trouble(&hook, Some(Trouble::Down));
    world.notify.trouble(&mail, Some(Trouble::Refuses));
    hear(&world, &[Told::new("storage-slow", Alarm, world.clock.now())]).await;
    pass(&world, 3).await;
    assert_eq!(told(&world), Vec::<String>::new());
    world.notify.trouble(&hook, None);
    pass(&world, 10).await;
    assert_eq!(told(&world), ["incident.opened to {webhook:https://example.org/hook}"]);
    let [incident] = opened(&world).await.try_into().unwrap();
    assert_eq!(world.story(incident.id).await, ["incident_created", "notification_failed"]);
}

#[tokio::test]
async fn an_alarm_that_no_plan_answers_opens_an_incident_of_nobody() {
    let world = World::new(1);
    world.plan(&plan(&json!({}))).await;
    let now = world.clock.now();
    let (known, unknown) = ("storage-slow", "disk-full");
    hear(&world, &[Told::new(unknown, Alarm, now), Told::new(unknown, Ok, now.plus(1))]).await;
    assert!(Marks::of(&world, TENANT).events.is_empty());
    let marks = Marks::of(&world, "unassigned");
    assert_eq!(marks.tally(), [("opened", 1), ("cleared", 1)].into());
    let [id] = incidents(&world, "unassigned").try_into().unwrap();
    let nobody = world.desk.table.of(&tenant("unassigned"));
    let incident = nobody.incident(id).await.unwrap().unwrap().record;
    assert_eq!((incident.title.as_str(), incident.severity), (unknown, Severity::High));
    assert_eq!(incident.tenants, ["unassigned"]);
    assert_eq!(told(&world), Vec::<String>::new());
    hear(&world, &[Told::new(known, Alarm, now)]).await;
    assert_eq!(Marks::of(&world, TENANT).tally(), [("opened", 1)].into());
}

#[tokio::test]
async fn what_is_no_firing_alarm_opens_nothing_and_is_recorded_with_its_reason() {
    let world = World::new(1);
    world.plan(&plan(&json!({}))).await;
    let now = world.clock.now();
    let fires = Told::new("storage-slow", Alarm, now);
    let mut suppressed = fires.event();
    suppressed["detail"]["state"]["actionsSuppressedBy"] = "WaitPeriod".into();
    let mut configuration = fires.event();
    configuration["detail-type"] = "CloudWatch Alarm Configuration Change".into();
    let silent = Told::new("storage-b", InsufficientData, now).event();
    let well = Told::new("storage-c", Ok, now).event();
    let bodies = [suppressed, configuration, silent, well].map(|event| event.to_string());
    assert!(deliver(&world, bodies.to_vec()).await.is_empty());
    assert_eq!(incidents(&world, TENANT), []);
    let marks = Marks::of(&world, TENANT);
    let mut reasons: Vec<_> = marks.events.into_values().map(|mark| mark.why.unwrap()).collect();
    reasons.sort();
    let whole = [
        "a configuration change",
        "insufficient data",
        "its actions are suppressed",
        "nothing is open for it",
    ];
    assert_eq!(reasons, whole);
    hear(&world, &[fires]).await;
    assert_eq!(opened(&world).await.len(), 1, "one that is muted no more fires");
}

#[tokio::test]
async fn a_second_alarm_of_the_key_raises_the_severity_and_none_lowers_it() {
    let world = World::new(1);
    world.plan(&plan(&json!({ "dedup_key": BY_CLUSTER }))).await;
    let now = world.clock.now();
    let says = |name: &'static str, severity: &str| Told {
        tags: json!({ "severity": severity }),
        ..Told::new(name, Alarm, now)
    };
    hear(&world, &[Told::new("storage-a", Alarm, now)]).await;
    told(&world);
    hear(&world, &[says("storage-b", "critical")]).await;
    assert_eq!(told(&world), ["incident.severity_raised to {email:oncall@example.org}"]);
    hear(&world, &[says("storage-c", "low")]).await;
    let [incident] = opened(&world).await.try_into().unwrap();
    assert_eq!((incident.severity, incident.linked_alert_ids.len()), (Severity::Critical, 3));
    assert_eq!(told(&world), Vec::<String>::new());
}

#[tokio::test]
async fn the_severity_that_a_person_set_stays() {
    let world = World::new(1);
    world.plan(&plan(&json!({ "dedup_key": BY_CLUSTER }))).await;
    let now = world.clock.now();
    hear(&world, &[Told::new("storage-a", Alarm, now)]).await;
    let [incident] = opened(&world).await.try_into().unwrap();
    let rationale = "one test system".to_owned();
    let lower = Deed::Severity { to: Severity::Low, rationale };
    world.deed(incident.id, lower).await.unwrap();
    let tags = json!({ "severity": "critical" });
    hear(&world, &[Told { tags, ..Told::new("storage-b", Alarm, now) }]).await;
    let [incident] = opened(&world).await.try_into().unwrap();
    assert_eq!((incident.severity, incident.linked_alert_ids.len()), (Severity::Low, 2));
}

#[tokio::test]
async fn a_drill_is_marked_and_touches_no_real_incident() {
    let world = World::new(1);
    world.plan(&plan(&json!({ "dedup_key": BY_CLUSTER }))).await;
    let now = world.clock.now();
    let mut drill = Told::new("storage-slow", Alarm, now).event();
    drill["source"] = "watchfire.drill".into();
    assert!(deliver(&world, vec![drill.to_string()]).await.is_empty());
    let [message] = world.notify.take().try_into().unwrap();
    assert!(message.subject.starts_with("[DRILL] "), "{}", message.subject);
    assert_eq!(message.data["drill"], true);
    world.forward(1_000);
    hear(&world, &[Told::new("storage-slow", Alarm, now.plus(1_000))]).await;
    let drills: Vec<bool> = opened(&world).await.iter().map(|incident| incident.drill).collect();
    assert_eq!(drills, [true, false]);
    drill["detail"]["state"]["value"] = "OK".into();
    drill["detail"]["state"]["timestamp"] = now.plus(1).to_string().into();
    assert!(deliver(&world, vec![drill.to_string()]).await.is_empty());
    pass(&world, 6).await;
    let statuses: Vec<Status> = opened(&world).await.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Status::Resolved, Status::New], "the end of a drill ends nothing real");
}
