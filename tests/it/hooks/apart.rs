//! Whose alarms they are: the integration's tenant's, whatever a webhook or a message says.

use super::{KINDS, deliver, event, incidents, post, sample, sender, sender_of, take_in, tell};
use crate::world::{TENANT, World, ask, storage_plan, tenant};
use serde_json::{Value, json};
use watchfire_domain::Plan;
use watchfire_domain::integration::IntegrationKind;

#[tokio::test]
async fn an_alarm_is_its_integrations_tenants_whatever_others_plans_match() {
    let world = World::new(1);
    // Another tenant's plan answers everything there is.
    let greedy = Plan {
        matches: vec![watchfire_domain::plan::Match::default()],
        environment: None,
        ..storage_plan(&json!({}))
    };
    world.plan(&greedy).await;
    for kind in KINDS {
        let of = sender_of(&world, "globex", kind, None).await;
        let mut body = sample(kind);
        body["tenant"] = json!(TENANT);
        tell(&world, &of, &body).await;
    }
    assert!(incidents(&world, TENANT).is_empty());
    assert_eq!(incidents(&world, "globex").len(), 6);
    assert!(
        incidents(&world, "globex").iter().all(|one| one.plan.as_deref() == Some("unassigned"))
    );
}

#[tokio::test]
async fn one_integrations_secret_opens_no_other() {
    let world = World::new(2);
    let ours = sender(&world, IntegrationKind::Generic, None).await;
    let theirs = sender_of(&world, "globex", IntegrationKind::Generic, None).await;
    let body = sample(IntegrationKind::Generic).to_string();
    let tried = async |id: &str, secret: &str| {
        let work =
            watchfire_hook::handle(&world.desk, event(&format!("/hooks/{id}"), secret, &body));
        world.acting("hook", Box::pin(work)).await
    };
    let refused = tried(theirs.id.as_str(), &ours.secret).await;
    assert_eq!(refused["statusCode"], 401);
    // Another tenant's integration looks like one that is not there.
    assert_eq!(tried("int_aaaaaaaaaaaaaaaa", &ours.secret).await, refused);
    assert_eq!(tried(ours.id.as_str(), &theirs.secret).await, refused);
    assert!(world.hooks.take().is_empty());
    // Two alarms of one key are two, if they are of two integrations.
    let twin = sender(&world, IntegrationKind::Generic, None).await;
    for of in [&ours, &twin, &theirs] {
        tell(&world, of, &sample(IntegrationKind::Generic)).await;
    }
    assert_eq!((incidents(&world, TENANT).len(), incidents(&world, "globex").len()), (2, 1));
}

#[tokio::test]
async fn a_message_is_believed_only_as_far_as_the_integrations_record_goes() {
    let world = World::new(3);
    let of = sender(&world, IntegrationKind::Generic, None).await;
    assert_eq!(post(&world, of.request(&sample(IntegrationKind::Generic))).await, 202);
    let [good] = world.hooks.take().try_into().unwrap();
    let value: Value = serde_json::from_str(&good).unwrap();
    let with = |pointer: &str, what: Value| {
        let mut other = value.clone();
        *other.pointer_mut(pointer).unwrap() = what;
        other.to_string()
    };
    let mut named = value.clone();
    named["tenant"] = json!("globex");
    let sns =
        json!({ "Type": "Notification", "Message": good, "TopicArn": "arn:aws:sns:us-east-1:1:t" });
    let before = world.dynamo.dump();
    for body in [
        with("/integration", json!("int_aaaaaaaaaaaaaaaa")),
        with("/integration", json!("T#globex")),
        with("/watchfire_hook", json!(2)),
        with("/watchfire_hook", json!(null)),
        with("/notices", json!({})),
        with("/notices/0/at", json!("soon")),
        with("/notices/0/said", json!("granted")),
        named.to_string(),
        // Only the queue itself is written to by our own door.
        sns.to_string(),
        json!({ "Records": [{ "Sns": { "Type": "Notification", "Message": good } }] }).to_string(),
    ] {
        assert_eq!(take_in(&world, vec![body.clone()]).await, std::slice::from_ref(&body));
        let direct =
            watchfire_alarm::handle(&world.desk, serde_json::from_str(&body).unwrap(), None);
        assert!(world.acting("alarm", Box::pin(direct)).await.is_err());
    }
    assert_eq!(world.dynamo.dump(), before);
    assert_eq!(take_in(&world, vec![good]).await, Vec::<String>::new());
    assert_eq!(incidents(&world, TENANT).len(), 1);
}

#[tokio::test]
async fn what_came_before_a_deletion_is_a_dead_letter() {
    let world = World::new(4);
    let of = sender(&world, IntegrationKind::Generic, None).await;
    assert_eq!(post(&world, of.request(&sample(IntegrationKind::Generic))).await, 202);
    let caller = World::admin();
    let ask = ask("DELETE /integrations");
    let deleted = world.desk.delete_integration(&caller, &ask, &of.id);
    world.acting("api", deleted).await.unwrap();
    let before = world.dynamo.dump();
    assert_eq!(deliver(&world).await.len(), 1);
    assert_eq!(post(&world, of.request(&sample(IntegrationKind::Generic))).await, 401);
    assert_eq!(world.dynamo.dump(), before);
    assert_eq!(world.desk.table.integration_owner(&of.id).await.unwrap(), None);
    assert!(world.desk.table.of(&tenant(TENANT)).integrations().await.unwrap().is_empty());
}
