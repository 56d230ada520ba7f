use crate::world::{Doors, World};
use serde_json::json;

#[tokio::test]
async fn an_alarm_opens_an_incident_whose_environment_comes_up() {
    let world = World::new(1);
    let id = world.opened(&json!({})).await;
    world.drive().await;
    world.play(3, Doors::Probes).await;
    let environment = world.environment(id).await;
    assert_eq!(environment.state.name(), "running", "{environment:#?}");
    world.sound(id.incident).await;
}
