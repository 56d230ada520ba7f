//! Readers that lag: whoever reads without asking for the newest does not see the last writes.

use super::schedule::Tale;
use crate::world::{World, alarm, storage_plan};
use serde_json::json;
use watchfire_fakes::Fault;

#[test]
fn a_table_whose_readers_lag_misleads_nobody() {
    for tale in Tale::ALL {
        for writes in [1, 3] {
            tale.lagging(writes).unwrap();
        }
    }
}

#[tokio::test]
async fn what_was_handled_a_moment_ago_is_known_to_a_reader_that_always_lags() {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    world.faults.rate_of("dynamodb:BatchGetItem", 1, 100, &[Fault::Stale { writes: 9 }]);
    let alarm = alarm(&world, "storage-latency-high");
    let first = world.desk.intake(&alarm, None).await.unwrap();
    let before = writes(&world);
    let again = world.desk.intake(&alarm, None).await.unwrap();
    // A condition would catch it too, by a write that is refused and paid for.
    assert_eq!(writes(&world), before);
    assert_eq!((again.incident, again.outcome), (first.incident, None));
}

fn writes(world: &World) -> usize {
    let log = world.faults.log();
    log.iter().filter(|call| call.operation == "dynamodb:TransactWriteItems").count()
}
