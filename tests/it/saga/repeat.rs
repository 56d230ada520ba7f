//! Everything comes twice, at once or much later, and means the same as if it had come once.

use super::life::{Course, Life};
use crate::world::World;
use watchfire_fakes::Left;

#[tokio::test]
async fn every_step_twice() {
    let mut world = World::with_targets(1);
    world.twice = true;
    let life = Life::lived(world, Course::Prompt).await;
    life.converged().await;
    assert_eq!(life.world.tasks.arns().len(), 1);
}

#[tokio::test]
async fn every_step_again_when_all_is_over() {
    let life = Life::lived(World::with_targets(1), Course::Prompt).await;
    life.converged().await;
    let (world, incident) = (&life.world, life.id.incident);
    let steps = world.steps.lock().unwrap().clone();
    assert!(steps.len() >= 6, "{steps:?}");
    let before = (world.records(incident).await, world.story(incident).await);
    for (function, event) in steps {
        // Whatever it is told: it may well hear that all is over.
        let _ = world.call_once(&function, event).await;
    }
    world.deliver_probes().await;
    world.sweep().await;
    assert_eq!((world.records(incident).await, world.story(incident).await), before);
    assert_eq!((world.left(), world.tasks.arns().len()), (Left::default(), 1));
    world.sound(incident).await;
}
