//! Every kind of sender: what it says opens, is attached, clears, and is counted once.

use super::{KINDS, deliver, incidents, over, post, sample, sender, take_in, tell};
use crate::world::{TENANT, World, storage_plan};
use serde_json::{Value, json};
use std::fmt::Write as _;
use watchfire_domain::integration::IntegrationKind;
use watchfire_domain::{MINUTE, Plan, SECOND, Status};
use watchfire_ports::Clock as _;

#[tokio::test]
async fn every_sender_opens_an_incident_and_ends_it() {
    let mut table = String::new();
    for kind in KINDS {
        let world = World::new(3);
        let of = sender(&world, kind, None).await;
        tell(&world, &of, &sample(kind)).await;
        let opened = incidents(&world, TENANT);
        for incident in &opened {
            let (title, severity) = (&incident.title, incident.severity);
            writeln!(table, "{}: {severity} {title}", kind.name()).unwrap();
            let [alert] = incident.linked_alert_ids.iter().collect::<Vec<_>>()[..] else {
                panic!()
            };
            assert!(alert.starts_with(&format!("hook:{}:{}:", kind.name(), of.id)), "{alert}");
        }
        world.forward(SECOND);
        tell(&world, &of, &over(kind)).await;
        for incident in &opened {
            assert_eq!(world.story(incident.id).await.last().unwrap(), "alarm_cleared");
        }
        world.forward(6 * MINUTE);
        world.sweep().await;
        for incident in incidents(&world, TENANT) {
            assert_eq!(incident.status, Status::Resolved, "{}", kind.name());
            world.sound(incident.id).await;
        }
    }
    expect_test::expect![[r#"
        alertmanager: medium StorageLatency
        alertmanager: critical StorageLatency
        grafana: high High memory usage
        pagerduty: high The disk of srv01 is nearly full
        datadog: high Errors of checkout are high
        generic: high The nightly backup failed
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn what_is_delivered_three_times_in_any_order_counts_once() {
    for kind in KINDS {
        let world = World::new(5);
        let of = sender(&world, kind, None).await;
        // A sender that got no answer sends again, and so does the queue.
        for _ in 0..3 {
            assert_eq!(post(&world, of.request(&sample(kind))).await, 202);
            world.forward(1);
        }
        let fired = world.hooks.take();
        world.forward(SECOND);
        assert_eq!(post(&world, of.request(&over(kind))).await, 202);
        let ended = world.hooks.take();
        let [once, again, third] = fired.try_into().unwrap();
        // Each by itself: within a batch they would be put in order.
        for message in [ended.clone(), vec![again], vec![once], ended, vec![third]] {
            assert_eq!(take_in(&world, message).await, Vec::<String>::new());
        }
        let wanted = if kind == IntegrationKind::Alertmanager { 2 } else { 1 };
        let opened = incidents(&world, TENANT);
        assert_eq!(opened.len(), wanted, "{}", kind.name());
        for incident in opened {
            let story = world.story(incident.id).await;
            assert_eq!(story, ["incident_created"], "{}: {story:?}", kind.name());
            world.sound(incident.id).await;
        }
        world.forward(6 * MINUTE);
        world.sweep().await;
        // The ends came before what they end: the quiet period ran from there.
        assert!(incidents(&world, TENANT).iter().all(|one| one.status == Status::Resolved));
    }
}

#[tokio::test]
async fn an_event_of_pagerdutys_without_a_time_is_attached_as_often_as_it_is_sent() {
    let world = World::new(6);
    let of = sender(&world, IntegrationKind::Pagerduty, None).await;
    let mut trigger = sample(IntegrationKind::Pagerduty);
    trigger["payload"].as_object_mut().unwrap().remove("timestamp");
    for _ in 0..3 {
        tell(&world, &of, &trigger).await;
        world.forward(SECOND);
    }
    let [incident] = incidents(&world, TENANT).try_into().unwrap();
    let story = world.story(incident.id).await;
    assert_eq!(story, ["incident_created", "alarm_attached", "alarm_attached"]);
    // It is over, and fires again with the same words: nobody may take that for the old event.
    tell(&world, &of, &over(IntegrationKind::Pagerduty)).await;
    world.forward(6 * MINUTE);
    world.sweep().await;
    assert_eq!(incidents(&world, TENANT)[0].status, Status::Resolved);
    tell(&world, &of, &trigger).await;
    assert_eq!(incidents(&world, TENANT)[0].status, Status::Mitigating);
}

#[tokio::test]
async fn an_acknowledgement_acknowledges_and_is_counted_once() {
    for kind in [IntegrationKind::Pagerduty, IntegrationKind::Generic] {
        let world = World::new(7);
        let of = sender(&world, kind, None).await;
        let seen = if kind == IntegrationKind::Pagerduty {
            json!({ "dedup_key": "srv01/disk", "event_action": "acknowledge" })
        } else {
            json!({ "key": "backup/nightly", "status": "acknowledged" })
        };
        // Of what is not open there is nothing to acknowledge.
        tell(&world, &of, &seen).await;
        assert!(incidents(&world, TENANT).is_empty());
        world.forward(SECOND);
        tell(&world, &of, &sample(kind)).await;
        world.forward(MINUTE);
        assert_eq!(post(&world, of.request(&seen)).await, 202);
        let message = world.hooks.take();
        assert_eq!(
            take_in(&world, [message.clone(), message].concat()).await,
            Vec::<String>::new()
        );
        let [incident] = incidents(&world, TENANT).try_into().unwrap();
        assert_eq!(incident.status, Status::Acknowledged);
        assert_eq!(incident.acknowledged_at, Some(world.clock.now()));
        assert_eq!(world.story(incident.id).await, ["incident_created", "status_changed"]);
        // Who has seen it already need not see it again.
        world.forward(MINUTE);
        tell(&world, &of, &seen).await;
        assert_eq!(world.story(incident.id).await.len(), 2);
        world.sound(incident.id).await;
    }
}

#[tokio::test]
async fn an_integration_follows_its_plan_and_else_the_plan_that_fits() {
    let world = World::new(8);
    let plan = |name: &str, matches: Value, more: Value| {
        let mut plan = storage_plan(&json!({}));
        plan.name = name.to_owned();
        plan.title = format!("{name}: {{alarm.name}}");
        plan.environment = None;
        plan.matches = serde_json::from_value(matches).unwrap();
        plan.dedup_key = more.as_str().map(str::to_owned);
        plan
    };
    let by_team = json!([{ "source": "alertmanager", "tags": { "team": "storage" } }]);
    world.plan(&plan("named", json!([]), json!(null))).await;
    world.plan(&plan("grouped", json!([]), json!("{alarm.tag.team}"))).await;
    world
        .plan(&Plan { severity_tag: Some("severity".into()), ..plan("fits", by_team, json!(null)) })
        .await;
    let kind = IntegrationKind::Alertmanager;
    for (named, titles) in [
        (Some("named"), vec!["named: StorageLatency", "named: StorageLatency"]),
        (Some("grouped"), vec!["grouped: StorageLatency"]),
        (None, vec!["fits: StorageLatency", "fits: StorageLatency"]),
    ] {
        let before = incidents(&world, TENANT);
        let of = sender(&world, kind, named).await;
        tell(&world, &of, &sample(kind)).await;
        let mut new = incidents(&world, TENANT);
        new.retain(|one| !before.iter().any(|known| known.id == one.id));
        assert_eq!(new.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), titles);
        // The labels are the alarm's tags, and so is the severity.
        if named.is_none() {
            let severities: Vec<_> = new.iter().map(|one| one.severity.name()).collect();
            assert_eq!(severities, ["medium", "critical"]);
        }
        world.forward(MINUTE);
    }
    assert_eq!(deliver(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_plan_groups_no_events_of_pagerdutys() {
    // Its ends say nothing but their key: a group that is made of labels would never end.
    let world = World::new(9);
    let grouped = Plan {
        dedup_key: Some("{alarm.tag.group}".to_owned()),
        environment: None,
        ..storage_plan(&json!({}))
    };
    world.plan(&grouped).await;
    let of = sender(&world, IntegrationKind::Pagerduty, Some("storage-latency")).await;
    tell(&world, &of, &sample(IntegrationKind::Pagerduty)).await;
    world.forward(SECOND);
    tell(&world, &of, &over(IntegrationKind::Pagerduty)).await;
    let [incident] = incidents(&world, TENANT).try_into().unwrap();
    assert_eq!(world.story(incident.id).await, ["incident_created", "alarm_cleared"]);
}
