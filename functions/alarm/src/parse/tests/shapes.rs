use super::*;
use expect_test::expect;

#[test]
fn every_shape_is_read() {
    let each =
        fixtures().into_iter().map(|(name, body)| format!("{name}\n{}", written(&one(&body))));
    let all: String = each.collect();
    expect![[r#"
        action-blanks
          Cloudwatch ALARM since 2026-11-21T03:05:11.551Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Storage, all of it
          `Storage, all of it` in 111122223333, eu-west-1
          reason: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-hi
          description: The shared file system is not well
          triggered by: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-burst-credits-low
        action-metric
          Cloudwatch ALARM since 2026-11-21T03:05:11.406Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          reason: Threshold Crossed: 3 out of the last 3 datapoints [41.7 (21/11/26 
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
        event-anomaly
          Cloudwatch ALARM since 2026-11-21T10:00:03.653Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Checkout Latency Anomaly
          `Checkout Latency Anomaly` in 111122223333, eu-west-1
          reason: Thresholds Crossed: 1 out of the last 1 datapoints [0.91 (21/11/26
          description: Checkout is slower than it uses to be at this hour
          metric: TargetResponseTime
          dimensions: {"LoadBalancer": "app/checkout/50dc6c495c0c9188", "TargetGroup": "targetgroup/checkout/73e2d6bc24d8a067"}
        event-composite
          Cloudwatch ALARM since 2026-11-21T03:05:11.551Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-unwell
          `storage-unwell` in 111122223333, eu-west-1
          reason: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-hi
          description: The shared file system is not well
          triggered by: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-burst-credits-low
        event-composite-suppressed
          Cloudwatch ALARM since 2026-11-21T03:05:11.551Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-unwell
          `storage-unwell` in 111122223333, eu-west-1
          reason: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-hi
          description: The shared file system is not well
          suppressed by: WaitPeriod
          triggered by: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-burst-credits-low
        event-configuration
          Cloudwatch OK since 2026-11-21T07:30:09.000Z (configuration)
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
        event-contributor
          Cloudwatch ALARM since 2026-11-21T13:42:04.919Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:table-writes-stalled
          `table-writes-stalled` in 111122223333, eu-west-1
          reason: Threshold Crossed: 1 datapoint was less than the threshold (1.0). 
          description: No table may stop taking writes
          contributor: 5f2c7d10aa3be941
          dimensions: {"TableName": "orders"}
        event-drill
          Drill ALARM since 2026-11-21T03:05:11.406Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          reason: Game day: the file system turns slow
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
        event-drill-bare
          Drill ALARM since 2026-11-21T03:05:12.000Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:game-day
          `game-day` in 111122223333, eu-west-1
        event-many-series
          Cloudwatch ALARM since 2026-11-21T13:42:04.919Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:table-writes-stalled
          `table-writes-stalled` in 111122223333, eu-west-1
          reason: 2 out of 6 time series evaluated to ALARM
          description: No table may stop taking writes
        event-metric
          Cloudwatch ALARM since 2026-11-21T03:05:11.406Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          reason: Threshold Crossed: 3 out of the last 3 datapoints [41.7 (21/11/26 
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
        event-metric-math
          Cloudwatch ALARM since 2026-11-21T09:12:40.776Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:ingest-lag
          `ingest-lag` in 111122223333, eu-west-1
          reason: Threshold Crossed: 1 out of the last 1 datapoints [8120.0 (21/11/2
          description: More goes into the two queues than comes out
          dimensions: {"QueueName": "ingest"}
        event-metric-ok
          Cloudwatch OK since 2026-11-21T03:31:11.398Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          reason: Threshold Crossed: 3 out of the last 3 datapoints were not greater
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
        event-muted
          Cloudwatch ALARM since 2026-11-21T03:05:11.406Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          reason: Threshold Crossed: 3 out of the last 3 datapoints [41.7 (21/11/26 
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
          suppressed by: arn:aws:cloudwatch:eu-west-1:111122223333:alarm-mute-rule:file-system-upgrade
        event-tags
          Cloudwatch ALARM since 2026-11-21T03:05:11.406Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          reason: Threshold Crossed: 3 out of the last 3 datapoints [41.7 (21/11/26 
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
          tags: {"service": "storage", "tier": "1"}
        sns-composite
          Cloudwatch ALARM since 2026-11-21T03:05:11.551Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-unwell
          `storage-unwell` in 111122223333, eu-west-1
          reason: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-hi
          description: The shared file system is not well
          triggered by: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-burst-credits-low
        sns-contributor
          Cloudwatch ALARM since 2026-11-21T13:42:04.919Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:table-writes-stalled
          `table-writes-stalled` in 111122223333, eu-west-1
          reason: Threshold Crossed: 1 datapoint was less than the threshold (1.0).
          contributor: 5f2c7d10aa3be941
          dimensions: {"TableName": "orders"}
        sns-event
          Cloudwatch ALARM since 2026-11-21T03:05:11.406Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          reason: Threshold Crossed: 3 out of the last 3 datapoints [41.7 (21/11/26 
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
        sns-metric
          Cloudwatch ALARM since 2026-11-21T03:05:11.406Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:storage-latency-high
          `storage-latency-high` in 111122223333, eu-west-1
          reason: Threshold Crossed: 3 out of the last 3 datapoints [41.7 (21/11/26 
          description: Writes to the shared file system take longer than 25 ms
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
        sns-metric-math
          Cloudwatch ALARM since 2026-11-21T09:12:40.776Z
          arn:aws:cloudwatch:eu-west-1:111122223333:alarm:ingest-lag
          `ingest-lag` in 111122223333, eu-west-1
          reason: Threshold Crossed: 1 out of the last 1 datapoints [8120.0 (21/11/2
          description: More goes into the two queues than comes out
          dimensions: {"QueueName": "ingest"}
        sns-without-arn
          Cloudwatch ALARM since 2026-11-21T03:05:11.000Z
          arn:aws:cloudwatch:us-east-1:000000000000:alarm:storage-latency-high
          `storage-latency-high` in 000000000000, us-east-1
          reason: Threshold Crossed: 1 datapoint [41.7] was greater than the thresho
          metric: StorageLatency
          dimensions: {"FileSystemId": "fs-0a1b2c3d4e5f60718"}
    "#]].assert_eq(&all);
}

#[test]
fn an_alarm_is_the_same_through_every_door() {
    let event = one(&fixture("event-metric"));
    for door in ["sns-metric", "sns-event", "action-metric"] {
        let other = one(&fixture(door));
        assert_eq!(other, event, "{door}");
        assert_eq!(other.event_id(), event.event_id(), "{door}");
    }
    let [math, told] = ["event-metric-math", "sns-metric-math"].map(|name| one(&fixture(name)));
    assert_eq!(math, told);
    let [series, told] = ["event-contributor", "sns-contributor"].map(|name| one(&fixture(name)));
    assert_eq!((series.event_id(), series.key(None)), (told.event_id(), told.key(None)));
    assert_eq!(series.dimensions, told.dimensions);
}

#[test]
fn a_contributor_is_not_its_alarm() {
    let [one, all] = ["event-contributor", "event-many-series"].map(|name| one(&fixture(name)));
    assert_eq!((one.arn.as_str(), one.at), (all.arn.as_str(), all.at));
    assert_ne!(one.key(None), all.key(None));
}

#[test]
fn a_topic_delivers_raw_messages_and_events_too() {
    let envelope: Value = serde_json::from_str(&fixture("sns-metric")).unwrap();
    let raw = envelope["Message"].as_str().unwrap();
    assert_eq!(one(raw), one(&fixture("sns-metric")));

    let mut around = envelope;
    around["Message"] = fixture("event-composite").into();
    assert_eq!(one(&around.to_string()), one(&fixture("event-composite")));

    let records = serde_json::json!({"Records": [{"Sns": around.clone()}, {"Sns": around}]});
    assert_eq!(alarms(&records.to_string()).unwrap().len(), 2);
}

#[test]
fn the_region_is_not_as_the_console_shows_it() {
    let told = |region: &str, topic: &str| {
        let mut envelope: Value = serde_json::from_str(&fixture("sns-without-arn")).unwrap();
        let mut message: Value =
            serde_json::from_str(envelope["Message"].as_str().unwrap()).unwrap();
        message["Region"] = region.into();
        envelope["Message"] = message.to_string().into();
        envelope["TopicArn"] = topic.into();
        alarms(&envelope.to_string()).map(|alarms| alarms[0].arn.clone())
    };
    let topic = "arn:aws:sns:ap-southeast-1:000000000000:alarms";
    let arn = "arn:aws:cloudwatch:ap-southeast-1:000000000000:alarm:storage-latency-high";
    assert_eq!(told("Asia Pacific (Singapore)", topic).as_deref(), Ok(arn));
    assert_eq!(told("ap-southeast-1", "EXAMPLE").as_deref(), Ok(arn));
    assert_eq!(told("EXAMPLE", "EXAMPLE"), Err(Unreadable::Missing { what: "ARN" }));
}

#[test]
fn a_threshold_of_any_size_costs_no_alarm() {
    let body = fixture("event-configuration").replace("\"threshold\": 30", "\"threshold\": 1e18");
    assert!(body.contains("1e18"));
    assert_eq!(one(&body), one(&fixture("event-configuration")));
    let body = fixture("event-composite")
        .replace("{\\\"triggering", "{\\\"n\\\":12345678901234567890,\\\"triggering");
    assert!(body.contains("12345678901234567890"));
    assert_eq!(one(&body), one(&fixture("event-composite")));
}

#[test]
fn what_cannot_be_told_apart_stays_refused() {
    // A number that is too large opens no door for what comes behind it.
    let read = text::json(r#"{"a": [-9e17, 1.5e3, "\"9e17", 7], "b": 1, "b": 2}"#);
    assert_eq!(read, Err(NotCanonical::DuplicateKey { path: "/b".into() }));
    let read = text::json(r#"{"a": [-9e17, 1.5e3, "\"9e17\\", 7], "é": 99999999999999999999}"#);
    expect![[r#"{"a":["-9e17",1500.0,"\"9e17\\",7],"é":"99999999999999999999"}"#]]
        .assert_eq(&read.unwrap().to_string());
}

#[test]
fn the_metric_with_the_first_id_names_the_dimension() {
    let mut event: Value = serde_json::from_str(&fixture("event-metric-math")).unwrap();
    let mut orders = Vec::new();
    for turn in 0..3 {
        event["detail"]["configuration"]["metrics"].as_array_mut().unwrap().rotate_left(turn);
        orders.push(one(&event.to_string()).dimensions);
    }
    orders.dedup();
    assert_eq!(orders, [[("QueueName".to_owned(), "ingest".to_owned())].into()]);
}

#[test]
fn tags_and_dimensions_are_objects_or_lists() {
    let mut event: Value = serde_json::from_str(&fixture("event-tags")).unwrap();
    let tags = one(&event.to_string()).tags;
    event["detail"]["alarmTags"] = serde_json::json!([
        {"key": "service", "value": "storage"},
        {"Key": "tier", "Value": "1"},
        {"Key": "tier", "Value": "2"},
        {"Key": "alone"},
        17
    ]);
    assert_eq!(one(&event.to_string()).tags, tags);
}

#[test]
fn the_event_tells_the_time_if_the_state_does_not() {
    let mut event: Value = serde_json::from_str(&fixture("event-metric")).unwrap();
    event["detail"]["state"].as_object_mut().unwrap().remove("timestamp");
    assert_eq!(one(&event.to_string()).at, Timestamp::parse("2026-11-21T03:05:11Z").unwrap());
    event.as_object_mut().unwrap().remove("time");
    assert_eq!(alarms(&event.to_string()), Err(Unreadable::Missing { what: "time" }));

    let mut action: Value = serde_json::from_str(&fixture("action-metric")).unwrap();
    action["alarmData"]["state"].as_object_mut().unwrap().remove("timestamp");
    assert_eq!(one(&action.to_string()), one(&fixture("action-metric")));
}

#[test]
fn a_drill_names_its_alarm_as_it_likes() {
    let mut drill: Value = serde_json::from_str(&fixture("event-drill-bare")).unwrap();
    let made = one(&drill.to_string());
    drill["detail"]["alarmArn"] = made.arn.clone().into();
    drill["region"] = "elsewhere".into();
    assert_eq!(one(&drill.to_string()), made);
    drill["detail"].as_object_mut().unwrap().remove("alarmName");
    assert_eq!(one(&drill.to_string()), made);
    drill["resources"] = serde_json::json!(["the staging cluster", made.arn]);
    drill["detail"].as_object_mut().unwrap().remove("alarmArn");
    assert_eq!(one(&drill.to_string()), made);
}

/// Payloads that others captured, where they are at hand.
#[test]
fn captured_payloads_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures/events");
    let captured = read_all(Path::new(folder));
    for (name, body) in captured.iter().filter(|(name, _)| name.contains("alarm-")) {
        let alarm = one(body);
        assert!(alarm.arn.ends_with(&alarm.name), "{name}: {alarm:?}");
        assert!(!alarm.arn.split(':').take(6).any(|part| part.contains(' ')), "{name}");
    }
    for (name, body) in captured.iter().filter(|(name, _)| !name.contains("alarm-")) {
        assert!(alarms(body).is_err(), "{name} is no alarm of CloudWatch");
    }
}
