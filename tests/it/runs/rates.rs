//! What the rates count (S3-82): what was decided, and not what somebody put an end to.

use super::golden::asked;
use crate::world::runs::{ANA, BEN, kim};
use crate::world::{Doors, World};
use serde_json::Value;
use watchfire_desk::RunDeed;
use watchfire_domain::approval::Answer;
use watchfire_runbook::execution::{Standing, State};

const RATES: [&str; 2] = ["runbook_step_failure_rate", "high_risk_step_approval_rate"];

/// What was measured of both since the last look: failures, and approvals.
fn rates(world: &World) -> [Vec<f64>; 2] {
    let lines = world.metrics.take();
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    RATES.map(|name| lines.iter().filter_map(|line| line[name].as_f64()).collect())
}

#[tokio::test]
async fn a_run_that_is_ended_says_nothing_of_its_step_or_of_its_approvers() {
    for deed in
        [RunDeed::Abort("we found the cause".to_owned()), RunDeed::Fail("wrong shard".to_owned())]
    {
        let world = World::new(1);
        let (_, run) = asked(&world).await;
        rates(&world);
        world.run_deed(&kim(), run, deed).await.unwrap();
        world.play(2, Doors::Both).await;
        assert!(!world.execution(run).await.state.is_open());
        assert_eq!(rates(&world), [[], []] as [[f64; 0]; 2]);
    }
}

#[tokio::test]
async fn a_refusal_counts_and_so_does_an_agreement() {
    let world = World::new(1);
    let (_, run) = asked(&world).await;
    rates(&world);
    world.answer(BEN, Answer::Deny).await.unwrap();
    world.until_run(run, State::Failed).await;
    assert_eq!(rates(&world), [[1.0], [0.0]]);
    let world = World::new(1);
    let (_, run) = asked(&world).await;
    rates(&world);
    for approver in [ANA, BEN] {
        world.sign(approver, Answer::Grant).await.unwrap();
    }
    world.drive().await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Done);
    let [failed, approved] = rates(&world);
    assert_eq!(approved, [1.0]);
    assert!(!failed.is_empty() && failed.iter().all(|one| *one == 0.0), "{failed:?}");
}
