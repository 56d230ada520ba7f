//! What becomes of a deployment whose policies cannot be read.

use crate::world::World;
use crate::world::runs::triage_plan;
use serde_json::json;
use std::sync::Arc;
use watchfire_desk::ApprovalsAsk;
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
        let refused = world.desk.runbooks(&World::admin(), false).await.unwrap_err();
        assert_eq!(refused.name(), "Policy.Denied");
        assert_eq!(counted(&world), [1, 1]);
        // A list leaves its row out, and denies nobody.
        let ask = ApprovalsAsk { limit: 10, ..ApprovalsAsk::default() };
        let list = world.desk.list_approvals(&World::admin(), &ask).await.unwrap();
        assert_eq!(list["approvals"], json!([]));
        assert_eq!(counted(&world), [1, 0]);
    }
}
