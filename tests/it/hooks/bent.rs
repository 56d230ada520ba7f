//! Samples with any part gone, or of another sort: a typed refusal, or an alarm; never a panic, and
//! whatever the door took, intake takes.

use super::{KINDS, Sender, deliver, over, sample, sender};
use crate::repo;
use crate::world::World;
use serde_json::{Value, json};
use watchfire_domain::integration::IntegrationKind;

/// How many things each place becomes: 3 and 11 have no common part, so that each thing is at some place.
const EACH: usize = 3;

/// The places in `value`, as JSON pointers; the empty one is the whole.
fn places(value: &Value) -> Vec<String> {
    let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, one)| (escaped(key), one)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, one)| (at.to_string(), one)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let deeper = inner
        .into_iter()
        .flat_map(|(key, one)| places(one).into_iter().map(move |place| format!("/{key}{place}")));
    std::iter::once(String::new()).chain(deeper).collect()
}

/// The value, each place of it gone, or one of a few other things: which, is another thing from place
/// to place.
fn bent(whole: &Value) -> Vec<Value> {
    let others = [
        json!(null),
        json!(true),
        json!(-7),
        json!(1e300),
        json!(""),
        json!("T#globex#INC\r\n"),
        json!("x".repeat(5_000)),
        json!([]),
        json!([[{}]]),
        json!({}),
        json!({ "a": { "b": 1 } }),
    ];
    let mut all = Vec::new();
    for (at, place) in places(whole).into_iter().enumerate() {
        for other in others.iter().cycle().skip(at.saturating_mul(EACH)).take(EACH) {
            let mut event = whole.clone();
            *event.pointer_mut(&place).unwrap() = other.clone();
            all.push(event);
        }
        let Some((above, last)) = place.rsplit_once('/') else { continue };
        let mut event = whole.clone();
        let name = last.replace("~1", "/").replace("~0", "~");
        match event.pointer_mut(above).unwrap() {
            Value::Object(fields) => drop(fields.remove(&name)),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                unreachable!("these have no parts")
            }
        }
        all.push(event);
    }
    all
}

/// Sends it as this sender does: with its routing key, if that was not bent away.
async fn send(world: &World, of: &Sender, body: &Value, whole: &Value) -> u64 {
    let mut body = body.clone();
    let request = if of.kind == IntegrationKind::Pagerduty {
        if body.get("routing_key") == whole.get("routing_key") && body.is_object() {
            body["routing_key"] = json!(of.secret);
        }
        super::event("/v2/enqueue", "", &body.to_string())
    } else {
        of.request(&body)
    };
    let work = Box::pin(watchfire_hook::handle(&world.desk, request));
    world.acting("hook", work).await["statusCode"].as_u64().unwrap()
}

#[tokio::test]
async fn any_part_of_a_webhook_may_be_gone_or_of_another_sort() {
    for kind in KINDS {
        let (mut taken, mut refused) = (0, 0);
        for whole in [sample(kind), over(kind)] {
            let world = World::new(1);
            let of = sender(&world, kind, None).await;
            for body in bent(&whole) {
                match send(&world, &of, &body, &whole).await {
                    202 => taken += 1,
                    400 | 422 => refused += 1,
                    status => panic!("{status} to {body}"),
                }
            }
            // Each is intake's to take in; that many need not all be different incidents.
            let left = deliver(&world).await;
            assert_eq!(left, Vec::<String>::new(), "{}", kind.name());
        }
        assert!(taken > 50 && refused > 5, "{}: {taken}, {refused}", kind.name());
    }
}

/// Payloads of others that lie beside the repository, where there is a folder of them.
const BESIDE: &str = "../shared/fixtures/events";

#[tokio::test]
#[expect(clippy::print_stderr, reason = "what was not tested must not pass in silence")]
async fn the_samples_of_others_are_read() {
    let folder = repo::root().join(BESIDE);
    if !folder.is_dir() {
        eprintln!("not tested: there is no folder `{BESIDE}` beside the repository");
        return;
    }
    for (kind, name) in [
        (IntegrationKind::Alertmanager, "alertmanager-v4-firing"),
        (IntegrationKind::Grafana, "grafana-unified"),
        (IntegrationKind::Datadog, "datadog-webhook-template-default-plus"),
        (IntegrationKind::Pagerduty, "pagerduty-v2-trigger"),
        (IntegrationKind::Pagerduty, "pagerduty-v2-acknowledge"),
        (IntegrationKind::Pagerduty, "pagerduty-v2-resolve"),
    ] {
        let world = World::new(1);
        let of = sender(&world, kind, None).await;
        let text = std::fs::read_to_string(folder.join(name).with_extension("json")).unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        let status = send(&world, &of, &body, &body).await;
        // A template that nobody filled in says which alert it is of nowhere.
        let wanted = if kind == IntegrationKind::Datadog { 422 } else { 202 };
        assert_eq!(status, wanted, "{name}");
        assert_eq!(deliver(&world).await, Vec::<String>::new(), "{name}");
    }
}
