//! Nothing that comes in may stop the function, or pass for an alarm without being one.

use super::*;
use expect_test::expect;
use serde_json::json;

/// It is an alarm that can be taken in, or none.
fn sound(body: &str) -> bool {
    let Ok(alarms) = alarms(body) else { return false };
    assert!(!alarms.is_empty(), "{body}");
    for alarm in &alarms {
        assert!(
            alarm.arn.starts_with("arn:aws:cloudwatch:") && alarm.arn.contains(":alarm:"),
            "{body}"
        );
        for text in [&alarm.name, &alarm.account, &alarm.region] {
            assert!(!text.is_empty() && !text.contains(char::is_control), "{body}");
        }
    }
    true
}

#[test]
fn what_was_cut_off_is_no_alarm() {
    for (name, body) in fixtures() {
        let body = body.trim_end();
        for cut in 0..20 {
            let mut end = body.len() * cut / 20;
            while !body.is_char_boundary(end) {
                end -= 1;
            }
            assert!(!sound(&body[..end]), "{name} cut at {end}");
        }
        assert!(sound(body), "{name}");
    }
}

#[test]
fn wrong_types_at_any_place_stop_nothing() {
    let others = [
        json!(null),
        json!(true),
        json!(-7),
        json!("x"),
        json!("\n"),
        json!([]),
        json!([[]]),
        json!({}),
    ];
    let (mut read, mut refused) = (0, 0);
    let mut count = |body: String| if sound(&body) { read += 1 } else { refused += 1 };
    for (_, body) in fixtures() {
        let whole: Value = serde_json::from_str(&body).unwrap();
        for (path, other) in
            paths(&whole).iter().flat_map(|path| others.iter().map(move |o| (path, o)))
        {
            count(with(&whole, path, other).to_string());
        }
        let Some(message) = whole["Message"].as_str() else { continue };
        let message: Value = serde_json::from_str(message).unwrap();
        for (path, other) in
            paths(&message).iter().flat_map(|path| others.iter().map(move |o| (path, o)))
        {
            let inner = with(&message, path, other).to_string();
            count(with(&whole, "/Message", &inner.into()).to_string());
        }
    }
    // What matters to no alarm is most of it.
    assert!(read > 4 * refused && refused > 500, "read {read}, refused {refused}");
}

/// The places in `value`, as JSON pointers; the empty one is the whole.
fn paths(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let deeper = inner
        .into_iter()
        .flat_map(|(key, value)| paths(value).into_iter().map(move |path| format!("/{key}{path}")));
    std::iter::once(String::new()).chain(deeper).collect()
}

fn with(whole: &Value, path: &str, other: &Value) -> Value {
    let mut whole = whole.clone();
    *whole.pointer_mut(path).unwrap() = other.clone();
    whole
}

#[test]
fn depth_and_size_have_limits() {
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    let objects = format!("{}1{}", r#"{"detail":"#.repeat(1_000), "}".repeat(1_000));
    let event = fixture("event-metric").replacen(
        "\"detail\":",
        &format!("\"more\": {deep}, \"detail\":"),
        1,
    );
    let mut envelope: Value = serde_json::from_str(&fixture("sns-metric")).unwrap();
    envelope["Message"] = deep.clone().into();
    for body in [deep, objects, event, envelope.to_string()] {
        let refused = alarms(&body);
        assert!(
            matches!(refused, Err(Unreadable::Json(NotCanonical::TooDeep { .. }))),
            "{refused:?}"
        );
    }
    let mut event: Value = serde_json::from_str(&fixture("event-metric")).unwrap();
    event["detail"]["configuration"]["description"] = "x".repeat(200 * 1024).into();
    assert_eq!(one(&event.to_string()).description.len(), 200 * 1024);
    event["detail"]["configuration"]["description"] = "x".repeat(300 * 1024).into();
    assert_eq!(alarms(&event.to_string()), Err(Unreadable::TooLarge { limit: LARGEST }));
}

#[test]
fn a_key_may_not_come_twice() {
    let event = fixture("event-metric");
    for key in ["alarmName", "state", "resources", "value"] {
        let (key, twice) = (format!("\"{key}\":"), format!("\"{key}\": \"OK\", \"{key}\":"));
        let refused = alarms(&event.replacen(&key, &twice, 1));
        assert!(
            matches!(refused, Err(Unreadable::Json(NotCanonical::DuplicateKey { .. }))),
            "{key}"
        );
    }
}

#[test]
fn the_log_says_why() {
    let event = |path: &str, value: Value| {
        with(&serde_json::from_str(&fixture("event-metric")).unwrap(), path, &value).to_string()
    };
    let long = "n".repeat(256);
    let cases = [
        String::new(),
        "alarm!".into(),
        "{}".into(),
        "17".into(),
        r#"{"Records": []}"#.into(),
        r#"{"Records": [{"Sns": {}}]}"#.into(),
        r#"{"Type": "Notification", "Message": "the disk is full"}"#.into(),
        r#"{"Type": "Notification", "Message": "{\"Message\": \"{}\"}"}"#.into(),
        r#"{"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"}"#.into(),
        r#"{"alarmData": {}, "source": "elsewhere"}"#.into(),
        r#"{"alarmData": {}}"#.into(),
        r#"{"NewStateValue": "ALARM", "AlarmName": "nameless"}"#.into(),
        event("/source", json!("aws.ec2")),
        event("/detail-type", json!("CloudWatch Alarm\nNews")),
        event("/detail-type", json!("CloudWatch Alarm Contributor State Change")),
        event("/resources", json!(["arn:aws:sns:eu-west-1:111122223333:alarm:x"])),
        event("/resources", json!(["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:"])),
        event("/resources", json!(["arn:aws:cloudwatch::111122223333:alarm:x"])),
        event(
            "/resources",
            json!([format!("arn:aws:cloudwatch:eu-west-1:1:alarm:{}", long.repeat(7))]),
        ),
        event("/resources", json!(["arn:aws:cloudwatch:eu-\u{7}west-1:111122223333:alarm:x"])),
        event("/detail/alarmName", json!("two\nlines")),
        event("/detail/alarmName", json!(long)),
        event("/detail/state/value", json!("alarm")),
        event("/detail/state/value", json!("ALARM\n")),
        event("/detail/state", json!("ALARM")),
        event("/detail/state/timestamp", json!("yesterday")),
        event("/detail/state/timestamp", json!("1969-12-31T23:59:59Z")),
        event("/detail/state/timestamp", json!("2026-11-21T25:05:11.406+0000")),
    ];
    let reasons = cases.map(|body| format!("{}\n", alarms(&body).unwrap_err()));
    expect![[r#"
        not JSON: EOF while parsing a value at line 1 column 0
        not JSON: expected value at line 1 column 1
        it has none of the shapes of an alarm
        it has none of the shapes of an alarm
        it has none of the shapes of an alarm
        it has none of the shapes of an alarm
        not JSON: expected ident at line 1 column 2
        it has none of the shapes of an alarm
        a topic's message of the type `SubscriptionConfirmation` carries no alarm
        an event `alarmData` of `elsewhere` is no alarm
        the alarm has no name
        the alarm has no ARN
        an event `CloudWatch Alarm State Change` of `aws.ec2` is no alarm
        an event `CloudWatch AlarmNews…` of `aws.cloudwatch` is no alarm
        the alarm has no contributor
        `arn:aws:sns:eu-west-1:111122223333:alarm:x` is not the ARN of an alarm
        `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:` is not the ARN of an alarm
        `arn:aws:cloudwatch::111122223333:alarm:x` is not the ARN of an alarm
        `arn:aws:cloudwatch:eu-west-1:1:alarm:nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…` is not the ARN of an alarm
        `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x…` is not the ARN of an alarm
        `twolines…` is not the name of an alarm
        `nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…` is not the name of an alarm
        `alarm` is not a state of an alarm
        `ALARM…` is not a state of an alarm
        the alarm has no state
        `yesterday` is not a time
        `1969-12-31T23:59:59Z` is not a time
        `2026-11-21T25:05:11.406+0000` is not a time
    "#]].assert_eq(&reasons.concat());
}
