//! What becomes of a deployment whose policies cannot be read.

use crate::world::World;
use crate::world::runs::triage_plan;
use serde_json::json;
use std::sync::Arc;
use watchfire_desk::{ApprovalsAsk, RunbooksAsk};
use watchfire_fakes::FakeLog;
use watchfire_policy::Policies;

/// How often errors and denials were counted since the last look.
fn counted(world: &World) -> [usize; 2] {
    let lines = world.metrics.take();
    ["policy_errors_total", "policy_denials_total"].map(|name| {
        let counted = format!(r#""{name}":1.0"#);
        lines.iter().filter(|line| line.contains(&counted)).count()
    })
}

#[tokio::test]
async fn policies_that_cannot_be_asked_are_counted_once_for_each_decision() {
    let mut world = World::new(1);
    world.plan(&triage_plan()).await;
    world.raise().await;
    assert_eq!(counted(&world), [0, 0]);
    world.desk.policies = Arc::new(Policies::unreadable());
    for _ in 0..2 {
        let refused =
            world.desk.runbooks(&World::admin(), &RunbooksAsk::default()).await.unwrap_err();
        assert_eq!(refused.name(), "Policy.Denied");
        assert_eq!(counted(&world), [1, 1]);
        // A list leaves its row out, and denies nobody.
        let ask = ApprovalsAsk { limit: 10, ..ApprovalsAsk::default() };
        let list = world.desk.list_approvals(&World::admin(), &ask).await.unwrap();
        assert_eq!(list["approvals"], json!([]));
        assert_eq!(counted(&world), [1, 0]);
    }
}

#[tokio::test]
async fn what_breaks_for_each_row_of_a_list_is_told_once() {
    let mut world = World::new(1);
    for _ in 0..3 {
        world.by_hand(&World::admin()).await;
    }
    world.desk.policies = Arc::new(Policies::unreadable());
    world.metrics.take();
    let log = FakeLog::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    for page in 1..=2 {
        let ask = ApprovalsAsk { limit: 10, ..ApprovalsAsk::default() };
        let list = world.desk.list_approvals(&World::admin(), &ask).await.unwrap();
        assert_eq!(list["approvals"], json!([]));
        let text = log.text();
        let told: Vec<_> =
            text.lines().filter(|line| line.contains("The policy engine failed")).collect();
        assert_eq!(told.len(), page, "{told:#?}");
        let times = told.iter().filter(|line| line.contains(r#""policy.times":3"#)).count();
        assert_eq!(times, page, "{told:#?}");
        let lines = world.metrics.take();
        let counted: Vec<_> =
            lines.iter().filter(|line| line.contains("policy_errors_total")).collect();
        assert_eq!(counted.len(), 1, "{counted:#?}");
        assert!(counted[0].contains(r#""policy_errors_total":3.0"#), "{counted:#?}");
    }
}
