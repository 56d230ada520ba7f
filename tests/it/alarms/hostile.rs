//! Whatever comes in: it is an alarm that is taken in, or it is refused with its reason, and then the
//! table is to the byte what it was.

mod samples;

use super::queue::{Told, deliver, hear, opened};
use super::{BY_CLUSTER, marks, plan};
use crate::world::{TENANT, World, batch};
use samples::{Sample, bent, cuts, samples};
use serde_json::{Value, json};

use watchfire_domain::alarm::AlarmState;
use watchfire_domain::environment::{slot, started_by};
use watchfire_domain::{EnvironmentId, MINUTE};
use watchfire_edge::Fault;
use watchfire_ports::{Clock as _, Probe};

/// A world in which there is something to spoil: an incident with an environment.
async fn world() -> World {
    let world = World::new(1);
    world.opened(&json!({})).await;
    world.plan(&plan(&json!({ "dedup_key": BY_CLUSTER }))).await;
    world.drive().await;
    // A warm function holds the plans that it read for half a minute.
    world.forward(MINUTE);
    world
}

/// What became of inputs, and what the table was before the next one.
struct Watch {
    world: World,
    before: String,
    taken: usize,
    refused: usize,
}

impl Watch {
    async fn begin() -> Self {
        let world = world().await;
        let before = world.dynamo.dump();
        Self { world, before, taken: 0, refused: 0 }
    }

    /// What was refused changed nothing.
    fn judge(&mut self, refused: bool, what: &str) {
        let after = self.world.dynamo.dump();
        if refused {
            self.refused = self.refused.saturating_add(1);
            assert!(after == self.before, "refused, and yet it changed the table: {what}");
        } else {
            self.taken = self.taken.saturating_add(1);
            self.before = after;
        }
    }

    /// The queue's door.
    async fn queue(&mut self, body: &str) {
        let again = deliver(&self.world, vec![body.to_owned()]).await;
        self.judge(!again.is_empty(), body);
    }

    /// The door of those who call the function themselves, where a fault has a name.
    async fn direct(&mut self, event: Value) {
        let what = event.to_string();
        let work = Box::pin(watchfire_alarm::handle(&self.world.desk, event, None));
        let answer = self.world.acting("alarm", work).await;
        // A batch of the queue names what failed; of the rest the fault says why.
        let named = answer.as_ref().is_ok_and(|answer| {
            answer["batchItemFailures"].as_array().is_some_and(|failed| !failed.is_empty())
        });
        if let Err(fault) = &answer {
            assert!(matches!(fault, Fault::Malformed { .. }), "{fault:?} of {what}");
        }
        self.judge(named || answer.is_err(), &what);
    }

    /// What tells of tasks.
    async fn observe(&mut self, event: Value) {
        let what = event.to_string();
        let work = Box::pin(watchfire_observe::handle(&self.world.desk, event));
        let answer = self.world.acting("observe", work).await;
        let answer = answer.unwrap_or_else(|fault| panic!("{fault:?} of {what}"));
        let named = answer["batchItemFailures"].as_array().is_some_and(|failed| !failed.is_empty());
        self.judge(named, &what);
    }

    /// The incident that was there before is as sound as it was, and so are those that came.
    async fn ends(self) -> (usize, usize) {
        opened(&self.world).await;
        let alarm = Told::new("storage-last", AlarmState::Alarm, self.world.clock.now());
        hear(&self.world, &[alarm]).await;
        assert_ne!(self.world.dynamo.dump(), self.before, "it still works");
        (self.taken, self.refused)
    }
}

#[tokio::test]
async fn every_sample_is_taken_in_or_refused_by_every_door() {
    let mut watch = Watch::begin().await;
    for Sample { text, .. } in samples() {
        watch.queue(&text).await;
        let event: Value = serde_json::from_str(&text).unwrap();
        watch.direct(event.clone()).await;
        watch.observe(event).await;
    }
    let (taken, _) = watch.ends().await;
    assert!(taken > 30, "{taken}");
}

#[tokio::test]
async fn what_was_cut_off_is_refused() {
    let mut watch = Watch::begin().await;
    let mut cut_off = 0usize;
    for Sample { text, .. } in samples() {
        for cut in cuts(&text) {
            watch.queue(cut).await;
            // An observer is told the same by its queue.
            watch.observe(batch(&[cut.to_owned()])).await;
            cut_off = cut_off.saturating_add(2);
        }
    }
    assert_eq!(watch.ends().await, (0, cut_off));
}

#[tokio::test]
async fn wrong_types_in_any_place_are_taken_in_or_refused() {
    let mut watch = Watch::begin().await;
    for (at, Sample { text, .. }) in samples().iter().enumerate() {
        let whole: Value = serde_json::from_str(text).unwrap();
        // Each sample from another place on, so that all places and types meet a door somewhere.
        for (turn, event) in bent(&whole, at).into_iter().enumerate() {
            match turn.checked_rem(3) {
                Some(0) => watch.queue(&event.to_string()).await,
                Some(1) => watch.direct(event).await,
                _ => watch.observe(event).await,
            }
        }
    }
    let (taken, refused) = watch.ends().await;
    assert!(taken > 100 && refused > 50, "taken {taken}, refused {refused}");
}

#[tokio::test]
async fn size_depth_and_doubled_keys_have_limits() {
    let mut watch = Watch::begin().await;
    let event = Told::new("storage-a", AlarmState::Alarm, watch.world.clock.now()).event();
    let text = event.to_string();
    let mut large = event.clone();
    large["detail"]["configuration"]["description"] = "x".repeat(300 * 1024).into();
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    let nested = text.replacen("\"detail\":", &format!("\"more\":{deep},\"detail\":"), 1);
    let doubled = text.replacen("\"detail\":", "\"detail\":{},\"detail\":", 1);
    assert!(nested != text && doubled != text);
    let all = [large.to_string(), deep, nested, doubled, String::new(), "\u{0}".repeat(100)];
    for body in &all {
        watch.queue(body).await;
        watch.observe(batch(std::slice::from_ref(body))).await;
    }
    for event in [Value::Null, json!([]), json!(7), json!("x"), json!({}), json!({ "Records": 7 })]
    {
        watch.direct(event).await;
    }
    let refused = watch.refused;
    assert_eq!((watch.ends().await, refused), ((0, 18), 18));
}

#[tokio::test]
async fn a_tenant_in_an_alarm_or_a_probe_opens_no_door() {
    let mut watch = Watch::begin().await;
    // An alarm names no tenant: what it says of one is not even looked at.
    let mut event = Told::new("storage-a", AlarmState::Alarm, watch.world.clock.now()).event();
    for place in ["tenant", "detail"] {
        event[place]["tenant"] = "globex".into();
    }
    event["detail"]["alarmTags"] = json!({ "tenant": "globex", "severity": "T#globex" });
    watch.queue(&event.to_string()).await;
    assert!(!watch.world.dynamo.dump().contains("T#globex#"));
    assert_eq!(marks::Marks::of(&watch.world, TENANT).tally()["opened"], 2);

    // A probe does: another's environment is not there.
    let first = marks::incidents(&watch.world, TENANT)[0];
    let environment = EnvironmentId { incident: first, n: 1 };
    let record = watch.world.environment(environment).await;
    let probe = Probe { tenant: TENANT.to_owned(), environment, attempt: 1, looks: 1 };
    let probe = serde_json::to_value(probe).unwrap();
    for (name, value) in [
        ("tenant", json!("globex")),
        ("attempt", json!(7)),
        ("environment", json!(EnvironmentId { n: 2, ..environment })),
        ("tenant", json!("acme#INC")),
        ("tenant", json!("")),
        ("tenant", Value::Null),
        ("environment", json!("../..")),
        ("looks", json!(-1)),
    ] {
        let mut other = probe.clone();
        other[name] = value;
        let before = (watch.world.dynamo.dump(), watch.world.fakes.dump());
        watch.observe(batch(&[other.to_string()])).await;
        let after = (watch.world.dynamo.dump(), watch.world.fakes.dump());
        assert!(after == before, "{other}");
    }
    // Nor is an event of ECS believed that names our slot with a task of its own.
    let slot = started_by(&slot(&record.cluster_id, &record.number));
    let arn = "arn:aws:ecs:us-east-1:999999999999:task/watchfire/0123456789abcdef";
    let event = json!({ "detail": { "taskArn": arn, "startedBy": slot, "lastStatus": "STOPPED" } });
    let before = watch.world.dynamo.dump();
    watch.observe(event).await;
    assert_eq!(watch.world.dynamo.dump(), before);
    assert_eq!(watch.world.environment(environment).await, record);
    assert_eq!(watch.ends().await, (5, 5));
}
