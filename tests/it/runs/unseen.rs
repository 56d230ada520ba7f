//! Jobs that a listing lacks long after they were begun: one look that finds nothing fails nothing.

use crate::world::runs::{kim, spec, triage_plan};
use crate::world::{Doors, World};
use serde_json::{Value, json};
use watchfire_desk::RunDeed;
use watchfire_domain::ExecutionId;
use watchfire_fakes::{Ending, Fault, Outcome};
use watchfire_runbook::execution::{Standing, State};

/// A look that finds nothing of what is there.
pub(super) const BLANK: Fault = Fault::Stale { writes: u8::MAX };

pub(super) const LOOK: &str = "ecs:DescribeTasks";

pub(super) fn program() -> Value {
    json!({ "command": { "argv": ["df"], "profile": "observer" } })
}

/// A runbook of one step that may take four hours, more than an hour after it was begun.
pub(super) async fn late(world: &World, action: &Value, ending: Ending) -> ExecutionId {
    world.jobs.always("df", ending);
    world.plan(&triage_plan()).await;
    let step = json!({ "id": "it", "title": "It", "risk": "low", "timeout": "4h", "do": action });
    world.publish(&spec(&json!([step]))).await;
    let id = world.raise().await;
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.play(70, Doors::Both).await;
    assert_eq!(world.standing(run, "it").await, Standing::Running);
    run
}

/// The next so many looks find nothing.
pub(super) fn blank(world: &World, looks: u64) {
    let faults = world.faults.restart();
    for place in 0..looks {
        faults.at_operation(LOOK, place, BLANK);
    }
}

pub(super) fn looks(world: &World) -> usize {
    world.faults.log().iter().filter(|call| call.operation == LOOK).count()
}

#[tokio::test]
async fn one_blank_look_an_hour_after_the_start_fails_no_good_job() {
    let world = World::new(1);
    let run = late(&world, &program(), Ending::never()).await;
    // Twice, and in between it was seen.
    for _ in 0..2 {
        blank(&world, 1);
        world.play(5, Doors::Both).await;
        assert_eq!(world.standing(run, "it").await, Standing::Running);
    }
    assert_eq!(world.jobs.starts(), 1, "and it is not begun anew");
    world.faults.none();
    let name = world.jobs.jobs()[0].name.clone();
    assert_eq!(world.jobs.stopped(&name), None);
}

#[tokio::test]
async fn what_two_looks_do_not_find_is_unknown() {
    let world = World::new(2);
    let run = late(&world, &program(), Ending::never()).await;
    blank(&world, 2);
    world.play(5, Doors::Both).await;
    let step = world.execution(run).await.steps["it"].clone();
    assert_eq!(step.state, Standing::Failed);
    assert!(step.note.unwrap().contains("nobody knows what became of it"));
    assert_eq!(world.jobs.starts(), 1);
}

/// The look after the blank one is lost with its process, and so is what it carried: it is looked twice again.
#[tokio::test]
async fn a_machine_that_dies_between_two_looks_looks_twice_again() {
    let world = World::new(3);
    let run = late(&world, &program(), Ending::never()).await;
    blank(&world, 1);
    for _ in 0..12 {
        world.turn(Doors::Both).await;
        if looks(&world) > 0 {
            break;
        }
    }
    for name in world.runs.running_names() {
        world.runs.end(&name, Outcome::Aborted);
    }
    blank(&world, 1);
    world.play(12, Doors::Both).await;
    assert!(looks(&world) > 1, "another machine looked");
    assert_eq!(world.standing(run, "it").await, Standing::Running);
}

/// What the first attempt began goes on, though a listing lacks it: no second one beside it.
#[tokio::test]
async fn an_attempt_that_one_look_does_not_find_is_stopped_before_the_next() {
    for blanks in 1..=2 {
        let world = World::new(5);
        let run = late(&world, &program(), Ending::never()).await;
        let fail = RunDeed::Fail("it hangs".to_owned());
        world.run_deed(&kim(), run, fail).await.unwrap();
        world.run_deed(&kim(), run, RunDeed::Retry("it".to_owned(), 1)).await.unwrap();
        let first = world.jobs.jobs()[0].name.clone();
        blank(&world, blanks);
        for _ in 0..60 {
            world.turn(Doors::Both).await;
            if world.jobs.starts() > 1 {
                break;
            }
        }
        assert_eq!(world.jobs.starts(), 2, "{blanks}");
        assert!(world.jobs.stopped(&first).is_some(), "{blanks}");
    }
}

/// A check's program is of its round, however old the check is.
#[tokio::test]
async fn a_blank_look_at_a_young_round_of_an_old_check_is_no_failure() {
    let world = World::new(4);
    let check = json!({ "check": {
        "probe": program(), "every": "1m", "stable_for": "90m", "limit": "3h",
    } });
    let run = late(&world, &check, Ending::passes("").at_look(3)).await;
    blank(&world, 2);
    world.play(30, Doors::Both).await;
    assert_eq!(world.execution(run).await.state, State::Completed, "it did not begin anew");
}

/// A round that nobody knows any more has failed, and is not waited for until the step's end.
#[tokio::test]
async fn an_old_round_that_two_looks_do_not_find_is_over_and_another_begins() {
    let world = World::new(6);
    let check = json!({ "check": {
        "probe": program(), "every": "1m", "stable_for": "10m", "limit": "3h",
    } });
    let run = late(&world, &check, Ending::never()).await;
    assert_eq!(world.jobs.starts(), 1);
    blank(&world, 2);
    world.play(10, Doors::Both).await;
    assert_eq!(world.jobs.starts(), 2);
    assert_eq!(world.standing(run, "it").await, Standing::Running);
}
