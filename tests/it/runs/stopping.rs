//! What an execution that is over has started: it is not forgotten while it may go on.

use super::unseen::{BLANK, LOOK, blank, late, looks, program};
use crate::world::runs::{ANA, BEN, kim, spec, triage_plan};
use crate::world::{Doors, World};
use serde_json::{Value, json};
use watchfire_desk::RunDeed;
use watchfire_domain::approval::Answer;
use watchfire_domain::{DAY, ExecutionId, MINUTE};
use watchfire_fakes::{Ending, Fault};
use watchfire_runbook::execution::{Standing, State};

const LISTING: &str = "ecs:ListTasks";

async fn give_up(world: &World, run: ExecutionId) {
    let abort = RunDeed::Abort("we found the cause".to_owned());
    world.run_deed(&kim(), run, abort).await.unwrap();
}

/// Whether the sweep has forgotten it.
async fn is_forgotten(world: &World, run: ExecutionId) -> bool {
    world.repo().execution(run).await.unwrap().unwrap().due.is_none()
}

fn is_stopped(world: &World) -> bool {
    let jobs = world.jobs.jobs();
    !jobs.is_empty() && jobs.iter().all(|job| world.jobs.stopped(&job.name).is_some())
}

/// A runbook of this step on no incident, until it has begun.
async fn alone(world: &World, action: &Value) -> ExecutionId {
    let step = json!({ "id": "it", "title": "It", "risk": "low", "timeout": "1h", "do": action });
    world.publish(&spec(&json!([step]))).await;
    let run = world.start(&kim(), "look", None, json!({})).await.unwrap();
    world.play(1, Doors::Both).await;
    assert_eq!(world.standing(run, "it").await, Standing::Running);
    run
}

/// The looks and the asking find nothing, once each: what runs is found by the next ones.
#[tokio::test]
async fn what_one_listing_lacks_is_stopped_before_it_is_forgotten() {
    let world = World::new(1);
    world.jobs.always("df", Ending::never());
    let run = alone(&world, &program()).await;
    world.faults.restart().at_operation(LOOK, 0, BLANK).at_operation(LISTING, 0, BLANK);
    give_up(&world, run).await;
    world.drive().await;
    assert!(!is_stopped(&world) && !is_forgotten(&world, run).await);
    world.play(1, Doors::Both).await;
    assert!(is_stopped(&world) && is_forgotten(&world, run).await);
}

/// It failed because nobody knew what became of its job, and that goes on.
#[tokio::test]
async fn what_nobody_knew_of_is_stopped_when_it_is_seen_again() {
    let world = World::new(2);
    let run = late(&world, &program(), Ending::never()).await;
    blank(&world, 2);
    world.play(5, Doors::Both).await;
    assert_eq!(world.execution(run).await.state, State::Failed);
    assert!(is_stopped(&world) && is_forgotten(&world, run).await);
}

/// The first attempt goes on, and the second one is given up before it begins.
#[tokio::test]
async fn what_an_earlier_attempt_began_is_stopped_though_the_next_never_begins() {
    let world = World::new(3);
    world.jobs.always("df", Ending::never());
    world.plan(&triage_plan()).await;
    let step = json!({
        "id": "it", "title": "It", "risk": "low", "timeout": "1h", "do": program(),
    });
    world.publish(&spec(&json!([step]))).await;
    let id = world.raise().await;
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.play(1, Doors::Both).await;
    // Nobody can start the machines that would stop it.
    let away = [Fault::ServerError { applied: false }];
    world.faults.rate_of("states:StartExecution", 8, 100, &away);
    for name in world.runs.running_names() {
        world.runs.end(&name, watchfire_fakes::Outcome::Aborted);
    }
    let fail = RunDeed::Fail("it hangs".to_owned());
    world.run_deed(&kim(), run, fail).await.unwrap();
    world.run_deed(&kim(), run, RunDeed::Retry("it".to_owned(), 1)).await.unwrap();
    give_up(&world, run).await;
    world.faults.none();
    assert!(!is_stopped(&world));
    world.play(7, Doors::Both).await;
    assert!(is_stopped(&world) && is_forgotten(&world, run).await);
}

/// The machine that looks at a check knows the name of its round, and stops it.
#[tokio::test]
async fn the_program_of_a_checks_round_is_stopped_too() {
    let world = World::new(4);
    world.jobs.always("df", Ending::never());
    let check = json!({ "check": {
        "probe": program(), "every": "1m", "stable_for": "10m", "limit": "30m",
    } });
    let run = alone(&world, &check).await;
    give_up(&world, run).await;
    world.play(2, Doors::Both).await;
    assert!(is_stopped(&world) && is_forgotten(&world, run).await);
    assert_eq!(world.jobs.starts(), 1);
    assert_eq!(world.runs.running_names(), Vec::<String>::new());
}

/// ECS is away, or its task does not hear: what happened is sealed all the same, and not with each look.
#[tokio::test]
async fn a_job_that_cannot_be_stopped_holds_up_no_seal() {
    for (seed, away) in [(5, true), (6, false)] {
        let world = World::new(seed);
        world.jobs.always("df", Ending::deaf());
        let run = alone(&world, &program()).await;
        world.seals.take();
        if away {
            let away = [Fault::ServerError { applied: false }];
            world.faults.rate_of("ecs:", 1, 100, &away);
        }
        give_up(&world, run).await;
        world.drive().await;
        assert!(!world.seals.take().is_empty(), "away: {away}");
        if !away {
            world.faults.restart();
            world.play(10, Doors::Both).await;
            assert!(looks(&world) > 10);
            // The machine that looked at the step comes later than the one of who gave it up.
            assert_eq!(world.seals.take().len(), 1);
        }
        assert!(!is_forgotten(&world, run).await, "away: {away}");
    }
}

/// It failed, and is given up while its job goes on; no other machine is there to seal that.
#[tokio::test]
async fn another_end_is_sealed_by_the_machine_that_saw_to_the_first() {
    let world = World::new(11);
    world.jobs.always("df", Ending::deaf());
    let run = alone(&world, &program()).await;
    world.run_deed(&kim(), run, RunDeed::Fail("it hangs".to_owned())).await.unwrap();
    world.play(1, Doors::Both).await;
    world.seals.take();
    world.play(1, Doors::Both).await;
    assert!(world.seals.take().is_empty(), "what was seen to is not seen to again");
    let away = [Fault::ServerError { applied: false }];
    world.faults.rate_of("states:StartExecution", 8, 100, &away);
    give_up(&world, run).await;
    world.faults.none();
    world.seals.take();
    world.play(1, Doors::Both).await;
    assert!(!world.seals.take().is_empty());
    assert!(!is_forgotten(&world, run).await);
}

/// It hears nothing: it is asked less and less often, by machines that hand over, and for a day.
#[tokio::test]
async fn what_never_stops_is_asked_for_a_day() {
    let world = World::new(7);
    world.jobs.always("df", Ending::deaf());
    let run = alone(&world, &program()).await;
    world.faults.restart();
    give_up(&world, run).await;
    for _ in 0..DAY / MINUTE {
        world.forward(MINUTE);
        world.drive().await;
    }
    // By two machines, of which the first to hand over goes on alone.
    let asked = looks(&world);
    assert!((1_000..2_500).contains(&asked), "{asked} looks");
    assert!(is_stopped(&world) && !is_forgotten(&world, run).await);
    let machines = world.runs.started().len();
    assert!(machines <= 4, "{machines} machines");
    world.play(10, Doors::Both).await;
    assert!(is_forgotten(&world, run).await);
    assert_eq!(world.runs.running_names(), Vec::<String>::new());
}

/// Its cluster is gone: it is asked to stop all the same, and nobody asks for a day.
#[tokio::test]
async fn what_cannot_be_looked_at_is_asked_to_stop_and_forgotten() {
    let world = World::new(1);
    world.jobs.always("df", Ending::never());
    let run = alone(&world, &program()).await;
    world.jobs.hide();
    give_up(&world, run).await;
    world.play(2, Doors::Both).await;
    assert!(is_stopped(&world) && is_forgotten(&world, run).await);
    assert_eq!(world.runs.running_names(), Vec::<String>::new());
}

/// A runbook whose first step has failed once and is tried again; `guarded`, it may be let be.
async fn tried_again(world: &World, ending: Ending, guarded: bool) -> ExecutionId {
    world.jobs.always("df", ending);
    world.plan(&triage_plan()).await;
    let mut step = json!({ "id": "it", "title": "It", "timeout": "1h", "do": program() });
    step["risk"] = json!(if guarded { "high" } else { "low" });
    if guarded {
        step["guard"] = json!({ "operation": "look", "only_if": ["It helps."] });
        step["evidence"] = json!({ "shows": "What it said." });
        step["irreversible"] = json!("It is put back by hand.");
    }
    let next = json!({
        "id": "next", "title": "Next", "risk": "low", "timeout": "1h",
        "do": { "command": { "argv": ["uptime"], "profile": "observer" } },
    });
    world.publish(&spec(&json!([step, next]))).await;
    let id = world.raise().await;
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.drive().await;
    for who in [ANA, BEN].into_iter().filter(|_| guarded) {
        world.sign(who, Answer::Grant).await.unwrap();
    }
    world.play(1, Doors::Both).await;
    assert_eq!(world.standing(run, "it").await, Standing::Running);
    let fail = RunDeed::Fail("it hangs".to_owned());
    world.run_deed(&kim(), run, fail).await.unwrap();
    world.run_deed(&kim(), run, RunDeed::Retry("it".to_owned(), 1)).await.unwrap();
    run
}

/// It hears nothing: the next attempt waits less and less eagerly, and then fails and says for what.
#[tokio::test]
async fn an_attempt_waits_an_hour_for_what_does_not_stop_and_names_it() {
    let world = World::new(8);
    let run = tried_again(&world, Ending::deaf(), false).await;
    let job = world.jobs.jobs()[0].name.clone();
    world.faults.restart();
    for minutes in 0..58 {
        assert_eq!(world.standing(run, "it").await, Standing::Pending, "after {minutes} minutes");
        world.play(1, Doors::Both).await;
    }
    assert!(looks(&world) < 400, "{} looks", looks(&world));
    world.play(5, Doors::Both).await;
    let one = world.execution(run).await;
    assert_eq!(one.state, State::Failed);
    let reason = one.reason.clone().unwrap();
    let named: String = reason.chars().filter(|one| *one != '-').collect();
    assert!(named.contains(&job), "{reason}");
    assert_eq!(world.jobs.starts(), 1);
    // The third attempt knows of the first, though the second never began.
    world.run_deed(&kim(), run, RunDeed::Retry("it".to_owned(), 2)).await.unwrap();
    world.play(5, Doors::Both).await;
    assert_eq!(world.standing(run, "it").await, Standing::Pending);
    assert_eq!(world.jobs.starts(), 1, "nothing is begun beside it");
}

/// Its first attempt goes on, and the second is let be: the next step does not begin beside it.
#[tokio::test]
async fn what_a_step_began_that_is_let_be_later_is_stopped_before_the_next() {
    for deaf in [false, true] {
        let world = World::new(9);
        let ending = if deaf { Ending::deaf() } else { Ending::never() };
        let run = tried_again(&world, ending, true).await;
        let job = world.jobs.jobs()[0].name.clone();
        let skip = RunDeed::Skip("it".to_owned(), "it does not help".to_owned());
        world.run_deed(&kim(), run, skip).await.unwrap();
        world.play(3, Doors::Both).await;
        assert!(world.jobs.stopped(&job).is_some());
        let begun = world.execution(run).await.steps["next"].started_at.is_some();
        assert_eq!(begun, !deaf);
        if !deaf {
            world.until_run(run, State::Completed).await;
            world.play(10, Doors::Both).await;
            assert!(is_forgotten(&world, run).await);
        }
    }
}

/// One listing lacked it when the run went on without it: it is asked again before it is forgotten.
#[tokio::test]
async fn what_was_passed_over_is_asked_to_stop_until_it_is_over() {
    let world = World::new(10);
    world.jobs.always("df", Ending::never());
    world.plan(&triage_plan()).await;
    let step = json!({
        "id": "it", "title": "It", "risk": "low", "timeout": "10m", "do": program(),
        "on_failure": "continue",
    });
    world.publish(&spec(&json!([step]))).await;
    let id = world.raise().await;
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.play(9, Doors::Both).await;
    // The asking at its time's end sees nothing, and neither do the looks that come with the end.
    let faults = world.faults.restart();
    faults.at_operation(LISTING, 0, BLANK);
    world.until_run(run, State::Completed).await;
    world.play(10, Doors::Both).await;
    assert!(is_stopped(&world) && is_forgotten(&world, run).await);
    world.sound(id).await;
}
