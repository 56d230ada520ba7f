//! What belongs to one incident leaves another alone.

use crate::world::{Doors, World, alarm, storage_plan};
use serde_json::json;
use watchfire_desk::Deed;
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::{EnvironmentId, Incident, MINUTE, Profile, Severity};
use watchfire_fakes::Left;

#[tokio::test]
async fn two_environments_of_one_cluster_run_and_end_each_for_itself() {
    let world = World::with_targets(1);
    let one = world.opened(&json!({})).await;
    let other = alarm(&world, "storage-errors");
    let taken_in = world.desk.intake(&other, None).await.unwrap();
    let other = EnvironmentId { incident: taken_in.incident.unwrap(), n: 1 };
    for id in [one, other] {
        world.until(id, State::Running, Doors::Both).await;
    }
    let before = world.environment(other).await;
    assert_eq!(world.environment(one).await.cluster_id, before.cluster_id);
    assert_ne!(world.environment(one).await.number, before.number);

    for (id, rest) in [(one, Some(other)), (other, None)] {
        world.stop(id).await;
        world.until(id, State::Stopped, Doors::Both).await;
        world.drive().await;
        world.answer("ana@example.org", Answer::Grant).await.unwrap();
        world.until(id, State::Closed, Doors::Both).await;
        world.sound(id.incident).await;
        if let Some(rest) = rest {
            assert_eq!(world.environment(rest).await, before, "it runs on");
            assert_ne!(world.left(), Left::default());
        }
    }
    assert_eq!(world.left(), Left::default());
}

/// An incident whose severity was raised a minute after it opened; in between its profile may have
/// got a version in which `critical` leaves as much time as `low`.
async fn raised(changes: bool) -> Incident {
    let world = World::new(1);
    let sev = Profile::sev();
    world.plan(&storage_plan(&json!({}))).await;
    world.repo().put_version(&sev, None).await.unwrap();
    let id = world.raise().await;
    if changes {
        let mut next = Profile { version: sev.version.saturating_add(1), ..sev };
        next.levels[0].response = next.levels[3].response;
        world.repo().put_version(&next, None).await.unwrap();
    }
    world.forward(MINUTE);
    let (to, rationale) = (Severity::Critical, "reads fail".to_owned());
    world.deed(id, Deed::Severity { to, rationale }).await.unwrap();
    world.incident(id).await
}

#[tokio::test]
async fn an_incident_keeps_the_version_of_its_profile() {
    let (kept, alone) = (raised(true).await, raised(false).await);
    assert_eq!(kept.profile.version, 1);
    assert_eq!(kept.sla_deadline, alone.sla_deadline);
}
