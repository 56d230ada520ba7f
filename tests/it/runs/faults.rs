//! Whatever call of the machine, of the approvals or of the sweep fails, or is the last of its process:
//! the runbook comes to its end, and what is dangerous is done at most once.

use crate::world::runs::{ANA, BEN, kim, spec, triage_plan};
use crate::world::{Doors, World};
use serde_json::{Value, json};
use watchfire_domain::approval::Answer;
use watchfire_domain::plan::Target;
use watchfire_domain::{ExecutionId, IncidentId, Plan};
use watchfire_fakes::{Fault, Faults};
use watchfire_runbook::Hashed;
use watchfire_runbook::execution::{Next, Standing, State};

const ROUTE: &str = "https://status.example.com/route";

/// A step of every kind that somebody could do twice.
pub(super) fn steps() -> Value {
    json!([
        { "id": "look", "title": "Look", "risk": "low", "timeout": "5m", "do": { "http": {
            "method": "GET", "url": "https://status.example.com/health" } } },
        { "id": "move", "title": "Move", "risk": "high", "timeout": "10m",
          "guard": { "operation": "reroute", "only_if": ["The standby shard is healthy."] },
          "evidence": { "shows": "The answer." }, "irreversible": "It is moved back by hand.",
          "do": { "http": { "method": "PUT", "url": ROUTE, "json": { "to": "b" } } } },
        { "id": "count", "title": "Count", "risk": "low", "timeout": "10m", "do": { "command": {
            "argv": ["df", "--human-readable"], "profile": "observer" } } },
        { "id": "tick", "title": "Tick", "risk": "low", "timeout": "1h", "do": { "manual": {
            "instructions": "Look at the graph.", "tick": true } } },
        { "id": "tell", "title": "Tell", "risk": "low", "timeout": "5m", "do": { "notify": {
            "audience": "stakeholders", "template": "moved", "values": { "to": "shard b" } } } },
        { "id": "warm", "title": "Warm", "risk": "medium", "timeout": "10m",
          "evidence": { "shows": "What it returned." }, "irreversible": "It cools by itself.",
          "do": { "ssm": { "document": "Watchfire-WarmCache" } } },
        { "id": "known", "title": "Known", "risk": "low", "timeout": "5m", "do": { "transition": {
            "to": "acknowledged" } } },
    ])
}

/// A world with that runbook started on an incident.
pub(super) async fn started(world: &World) -> (IncidentId, ExecutionId) {
    started_under(world, triage_plan()).await
}

async fn started_under(world: &World, mut plan: Plan) -> (IncidentId, ExecutionId) {
    plan.notify = vec![Target::Email("ops@example.org".to_owned()).into()];
    world.plan(&plan).await;
    world.publish(&spec(&steps())).await;
    let id = world.raise().await;
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    (id, run)
}

/// What people do when it is their turn; they sit at other machines, where nothing fails.
async fn people(people: &World, run: ExecutionId) {
    let execution = people.execution(run).await;
    let spec = Hashed::of(spec(&steps())).unwrap();
    let tenant = crate::world::tenant(crate::world::TENANT);
    match execution.with(&spec, &tenant).unwrap().next() {
        Next::Approval(_, id) => {
            for approver in [ANA, BEN] {
                let asked = people.repo().approval(id).await.unwrap().unwrap().record;
                let answered = asked.decisions.iter().any(|one| one.approver == approver);
                if !answered && !people.links(approver).is_empty() {
                    people.sign(approver, Answer::Grant).await.unwrap();
                }
            }
        }
        Next::Operator(_) => {
            people.complete(run, "tick").await.unwrap();
        }
        Next::Ask(_)
        | Next::Begin(_)
        | Next::Act(_)
        | Next::Choose(_)
        | Next::Finish
        | Next::Over => {}
    }
}

/// Plays until it has ended, for at most an hour.
async fn played(world: &World, run: ExecutionId) -> State {
    let other = world.process(Faults::new());
    for _ in 0..360 {
        people(&other, run).await;
        Box::pin(world.turn(Doors::Both)).await;
        let state = other.execution(run).await.state;
        if !state.is_open() {
            return state;
        }
    }
    let record = serde_json::to_string(&other.execution(run).await).unwrap();
    panic!("it did not end: {record}\n{}", other.fakes.dump());
}

/// What must hold of every run, whatever failed in it.
async fn checked(world: &World, at: &str, id: IncidentId, run: ExecutionId, state: State) {
    let world = world.process(Faults::new());
    let execution = world.execution(run).await;
    let puts = world.requests.sent().iter().filter(|ask| ask.method == "PUT").count();
    if state == State::Completed && notices(&world) == 0 {
        // Its notice waits in the outbox, for the sweep.
        world.play(6, Doors::Both).await;
    }
    match state {
        State::Completed => {
            assert_eq!(puts, 1, "{at}");
            assert_eq!(world.jobs.starts(), 2, "{at}: each job once");
            assert_eq!(notices(&world), 1, "{at}: one notice");
        }
        // Nobody knows whether it was sent: that is said, and it is not sent again.
        State::Failed => {
            let moved = &execution.steps["move"];
            assert_eq!(moved.state, Standing::Failed, "{at}: {execution:?}");
            let note = moved.note.as_deref().unwrap();
            assert!(note.contains("is not known") || note.contains("unavailable"), "{at}: {note}");
            assert!(puts <= 1, "{at}");
        }
        State::Pending | State::Running | State::Blocked | State::Aborted => {
            panic!("{at}: {state:?}")
        }
    }
    let story = world.story(id).await;
    for once in ["runbook_started", "approval_granted", "runbook_completed", "runbook_failed"] {
        assert!(story.iter().filter(|kind| *kind == once).count() <= 1, "{at}: {once} twice");
    }
    assert!(notices(&world) <= 1, "{at}: one notice, by its id");
    world.sound(id).await;
}

/// How many notices its stakeholders got, each counted once by its id.
fn notices(world: &World) -> usize {
    let inbox = world.notify.inbox_of(&Target::Email("ops@example.org".to_owned()));
    let moved = inbox.into_iter().filter(|one| one.subject.contains("moved"));
    moved.map(|message| message.id).collect::<std::collections::BTreeSet<_>>().len()
}

#[tokio::test]
async fn nothing_fails() {
    let world = World::new(1);
    let (id, run) = started(&world).await;
    let state = played(&world, run).await;
    assert_eq!(state, State::Completed);
    checked(&world, "unhurt", id, run, state).await;
}

/// Of the calls, every so many-th is the last of its process: each of them takes minutes, and was counted
/// once (docs/RELIABILITY.md).
const STRIDE: usize = 7;

/// A call is not made, or made with its answer lost, and its process is gone.
#[tokio::test]
async fn wherever_a_process_is_killed_the_run_ends_and_does_nothing_twice() {
    let mut ended = Vec::new();
    for (applied, first) in [(false, 0), (true, 3)] {
        for at in (first..).step_by(STRIDE) {
            let world = World::new(1);
            let (id, run) = started(&world).await;
            world.faults.restart().at(at, Fault::Killed { applied });
            let state = Box::pin(played(&world, run)).await;
            let label = format!("call {at}, applied: {applied}");
            checked(&world, &label, id, run, state).await;
            ended.push(state);
            if world.faults.calls() <= at {
                assert!(at > 100, "{at} calls");
                break;
            }
        }
    }
    let lost = ended.iter().filter(|state| **state == State::Failed).count();
    // From the commit that begins the request to the one that records it: seven calls, both ways.
    assert!(lost <= 14, "{lost} of {} were left to a person", ended.len());
}

/// Every function is called twice, and every message comes twice.
#[tokio::test]
async fn everything_twice_is_done_once() {
    let mut world = World::new(4);
    world.twice = true;
    let (id, run) = started(&world).await;
    let state = played(&world, run).await;
    assert_eq!(state, State::Completed);
    checked(&world, "twice", id, run, state).await;
}

/// No machine is ever started by whoever should: the sweep does it.
#[tokio::test]
async fn the_sweep_alone_carries_a_run_to_its_end() {
    let world = World::new(5);
    let (id, run) = started(&world).await;
    let other = world.process(Faults::new());
    for _ in 0..1_000 {
        for name in world.runs.running_names() {
            if !name.ends_with("swept") {
                world.runs.end(&name, watchfire_fakes::Outcome::Aborted);
            }
        }
        people(&other, run).await;
        // Between the sweep's start and its machine's end nobody interferes.
        Box::pin(world.turn(Doors::Both)).await;
        if !other.execution(run).await.state.is_open() {
            break;
        }
    }
    let state = other.execution(run).await.state;
    checked(&world, "swept", id, run, state).await;
    assert_eq!(state, State::Completed);
    assert!(world.story(id).await.iter().any(|kind| kind == "runbook_resumed"));
}

fn mail_of_ana(world: &World, trouble: Option<watchfire_fakes::Trouble>) {
    world.notify.trouble(&Target::Email(ANA.to_owned()), trouble);
}

/// The mail cannot leave, and later it can: the approvers are asked all the same.
#[tokio::test]
async fn approvers_are_asked_though_their_mail_did_not_leave() {
    let world = World::new(6);
    let (id, run) = started(&world).await;
    mail_of_ana(&world, Some(watchfire_fakes::Trouble::Down));
    world.play(3, Doors::Both).await;
    assert_eq!(world.standing(run, "move").await, Standing::Blocked);
    assert_eq!(world.links(ANA).len(), 0);
    mail_of_ana(&world, None);
    world.play(11, Doors::Both).await;
    assert!(!world.links(ANA).is_empty(), "within ten minutes");
    let state = played(&world, run).await;
    assert_eq!(state, State::Completed);
    checked(&world, "mail", id, run, state).await;
}

/// It is out for longer than a few machines try: that is no fault of the run.
#[tokio::test]
async fn mail_that_is_out_for_hours_fails_no_run() {
    let world = World::new(6);
    let mut plan = triage_plan();
    plan.approvers.as_mut().unwrap().minutes = 300;
    let (id, run) = started_under(&world, plan).await;
    mail_of_ana(&world, Some(watchfire_fakes::Trouble::Down));
    world.play(180, Doors::Both).await;
    assert_eq!(world.standing(run, "move").await, Standing::Blocked);
    assert_eq!(world.links(ANA).len(), 0);
    mail_of_ana(&world, None);
    world.play(6, Doors::Both).await;
    assert!(!world.links(ANA).is_empty(), "with the sweep's next look");
    let state = played(&world, run).await;
    assert_eq!(state, State::Completed);
    checked(&world, "hours", id, run, state).await;
}

/// The last answer is written, and its process is gone before it could start the machine.
#[tokio::test]
async fn an_answer_that_started_nothing_is_found() {
    let world = World::new(7);
    let (id, run) = started(&world).await;
    world.play(1, Doors::Both).await;
    for approver in [ANA, BEN] {
        let link = world.links(approver).pop().unwrap();
        let caller =
            crate::world::person(approver, watchfire_policy::Role::Viewer, crate::world::TENANT);
        let approval = world.approvals(id).await[0].id;
        let fault = Fault::ServerError { applied: false };
        world.faults.restart().at_operation("states:StartExecution", 0, fault);
        world.sign_as(&caller, approval, &link, Answer::Grant).await.unwrap();
        world.faults.none();
    }
    assert_eq!(world.standing(run, "move").await, Standing::Blocked);
    world.play(7, Doors::Both).await;
    assert_ne!(world.standing(run, "move").await, Standing::Blocked);
    let state = played(&world, run).await;
    checked(&world, "answer", id, run, state).await;
}

/// It was given up, and nobody could start the machine that stops what runs, nor the next one: whoever
/// asks again, or the sweep, starts another.
#[tokio::test]
async fn what_runs_is_stopped_though_no_machine_could_be_started() {
    for asked_again in [false, true] {
        let world = World::new(8);
        world.jobs.always("df", watchfire_fakes::Ending::never());
        let (id, run) = started(&world).await;
        let other = world.process(Faults::new());
        while world.standing(run, "count").await != Standing::Running {
            people(&other, run).await;
            Box::pin(world.turn(Doors::Both)).await;
        }
        // The machine that looks at it is gone too.
        for name in world.runs.running_names() {
            world.runs.end(&name, watchfire_fakes::Outcome::Aborted);
        }
        give_up_unheard(&world, run).await;
        let name = world.jobs.jobs().remove(0).name;
        if asked_again {
            give_up(&world, run).await;
            world.play(1, Doors::Both).await;
        } else {
            // The sweep's machine starts, cannot stop it either, and gives up in the end.
            let away = [Fault::ServerError { applied: false }];
            world.faults.rate_of("ecs:StopTask", 8, 100, &away);
            world.play(60, Doors::Both).await;
            assert_eq!(world.jobs.stopped(&name), None);
            world.faults.none();
            world.play(11, Doors::Both).await;
        }
        assert!(world.jobs.stopped(&name).is_some(), "asked again: {asked_again}");
        assert_eq!(world.repo().execution(run).await.unwrap().unwrap().due, None);
        world.sound(id).await;
    }
}

/// The same while approvers are asked: their question is withdrawn.
#[tokio::test]
async fn a_question_is_withdrawn_though_no_machine_could_be_started() {
    let world = World::new(9);
    let (id, run) = started(&world).await;
    world.play(1, Doors::Both).await;
    assert_eq!(world.standing(run, "move").await, Standing::Blocked);
    give_up_unheard(&world, run).await;
    world.play(7, Doors::Both).await;
    let state = world.approvals(id).await.pop().unwrap().state;
    assert_eq!(state, watchfire_domain::approval::ApprovalState::Revoked);
    world.sound(id).await;
}

/// Kim gives the execution up, and no machine can be started.
async fn give_up_unheard(world: &World, run: ExecutionId) {
    let fault = Fault::ServerError { applied: false };
    world.faults.restart().at_operation("states:StartExecution", 0, fault);
    give_up(world, run).await;
    world.faults.none();
}

async fn give_up(world: &World, run: ExecutionId) {
    let abort = watchfire_desk::RunDeed::Abort("we found the cause".to_owned());
    world.run_deed(&kim(), run, abort).await.unwrap();
}
