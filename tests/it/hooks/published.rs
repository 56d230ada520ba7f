//! What docs/integrations.md tells senders to send is what is read.

use super::{deliver, incidents, post, sender};
use crate::repo;
use crate::world::{TENANT, World};
use serde_json::{Value, json};
use watchfire_domain::integration::IntegrationKind;

/// The JSON blocks below a heading of the page.
fn blocks(heading: &str) -> Vec<Value> {
    let page = repo::read("docs/integrations.md");
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```json\n").skip(1);
    blocks.map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn the_published_template_of_datadogs_is_read() {
    let [headers, template] = blocks("Datadog").try_into().unwrap();
    assert_eq!(headers, json!({ "X-Watchfire-Secret": "<secret>" }));
    let filled = |transition: &str, at: &str| {
        let words = [
            ("$ALERT_ID", "1234567"),
            ("$ALERT_SCOPE", "host:web-1"),
            ("$ALERT_TITLE", "Errors of checkout are high"),
            ("$ALERT_TRANSITION", transition),
            ("$ALERT_PRIORITY", "P1"),
            ("$TAGS", "env:prod,service:checkout"),
            ("$LAST_UPDATED", at),
        ];
        let mut event = template.clone();
        for (_, value) in event.as_object_mut().unwrap() {
            let word = words.iter().find(|(name, _)| value == name);
            *value = json!(word.map_or("", |(_, word)| word));
        }
        event
    };
    let world = World::new(1);
    let of = sender(&world, IntegrationKind::Datadog, None).await;
    for (transition, at, last) in [
        ("Triggered", "1795230600000", "incident_created"),
        ("Re-Triggered", "1795230630000", "alarm_attached"),
        ("Recovered", "1795230660000", "alarm_cleared"),
    ] {
        let mut request = of.request(&filled(transition, at));
        request["headers"] = json!({ "x-watchfire-secret": of.secret });
        assert_eq!(post(&world, request).await, 202);
        assert_eq!(deliver(&world).await, Vec::<String>::new());
        let [incident] = incidents(&world, TENANT).try_into().unwrap();
        assert_eq!(world.story(incident.id).await.last().unwrap(), last);
        assert_eq!(incident.severity.name(), "critical");
        assert_eq!(incident.title, "Errors of checkout are high");
    }
}

#[tokio::test]
async fn the_published_example_is_read() {
    let [example] = blocks("Anything else").try_into().unwrap();
    let world = World::new(1);
    let of = sender(&world, IntegrationKind::Generic, None).await;
    assert_eq!(post(&world, of.request(&example)).await, 202);
    assert_eq!(deliver(&world).await, Vec::<String>::new());
    let [incident] = incidents(&world, TENANT).try_into().unwrap();
    assert_eq!(
        (incident.title.as_str(), incident.severity.name()),
        ("The nightly backup failed", "high")
    );
}
