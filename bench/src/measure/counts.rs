//! Instructions of every function: G1 (init), G3 (until the first write), G5 (a warm step).

use super::{Places, number, put};
use crate::answerer::{Call, Exchange};
use crate::icount::{Counted, Valgrind};
use crate::measure::parts::Parts;
use crate::report::{Gate, Kind, Report, Side};
use crate::scene::{Scene, Step};
use crate::subject::Program;
use crate::trouble::{Doing as _, Trouble, odd};
use serde::Serialize;
use serde_json::Value;

/// Warm events for each step.
const WARM: u64 = 5;

/// G1: init, in the floor's: the aim, which is below the goal of 4.0.
pub const INIT: f64 = 3.2;
/// G3: init and the first write of a function that does nothing else, in instructions.
pub const FIRST_WRITE: u64 = 5_000_000;
/// G3: for the client of each further service, in instructions.
pub const FURTHER: u64 = 750_000;
/// G3: the first decision of the policy, in instructions: it reads the rules' program. As measured,
/// with a twentieth to spare (docs/decisions/0011).
pub const FIRST_DECISION: f64 = 950_000.0;
/// G3: what a step does until its first write, in the sum of its parts (docs/decisions/0011).
pub(super) const FIRST_LIMIT: f64 = 1.15;

/// G5: a warm step, in the sum of its parts. 1.15 is the goal; the others are as measured, with a
/// twentieth to spare: built for speed they would hold it, and the zip would not (docs/decisions/0011).
pub(super) const fn warm_limit(step: Step) -> f64 {
    match step {
        Step::AlarmAgain
        | Step::Approve
        | Step::Checkpoint
        | Step::Close
        | Step::Create
        | Step::Hook
        | Step::Launch
        | Step::Observe
        | Step::Stop
        | Step::Sweep => 1.15,
        Step::Publish => 1.27,
        Step::ApprovalPage => 1.29,
        Step::Alarm => 1.34,
        Step::Run => 1.38,
        Step::Api => 1.37,
    }
}

/// What was counted of one step.
#[derive(Debug, Clone, Serialize)]
pub struct Stepped {
    /// Its name.
    pub name: &'static str,
    /// What happens in it.
    pub meaning: &'static str,
    /// Init as it is deployed: Amazon's roots from the program.
    pub init: u64,
    /// Everything else: with the test's root, which is read from a file.
    pub counted: Counted,
    /// Init and what comes before the first write is on the wire; for steps that write nothing, the
    /// whole first event.
    pub first_write: u64,
    /// What its parts cost together: init, its own calls until the first write, made again by a
    /// process that has just started, and the first decision.
    pub first_parts: u64,
    /// The calls of the first event.
    pub first: Vec<Call>,
    /// The calls of a later one.
    pub warm: Vec<Call>,
    /// What the parts of a later one cost together: the same event, calls and answer once more, and
    /// a decision that was not made before.
    pub parts: u64,
}

/// Counts every step, and judges it.
pub fn measure(
    places: &Places,
    valgrind: &Valgrind,
    report: &mut Report,
    tell: &mut dyn FnMut(&str),
) -> Result<(), Trouble> {
    tell("the floor and the parts");
    let parts = Parts::count(places, valgrind)?;
    judge_parts(&parts, report);
    let mut steps = Vec::new();
    for step in Step::ALL {
        tell(step.name());
        let stepped = one(places, valgrind, step, &parts)?;
        judge(step, &stepped, &parts, report);
        steps.push(stepped);
    }
    put(report, "parts", &parts);
    put(report, "steps", &steps);
    Ok(())
}

/// Counts one step on a stage of its own.
fn one(
    places: &Places,
    valgrind: &Valgrind,
    step: Step,
    parts: &Parts,
) -> Result<Stepped, Trouble> {
    let mut scene = places.scene()?;
    let handler = step.handler();
    let pinned = places.program("bootstrap", scene.pinned(handler));
    let init = valgrind.instructions(&pinned, &[])?;
    let program = places.program("bootstrap", scene.env(handler));
    let counted = valgrind.count(&program, WARM, &mut |count| scene.events(step, count))?;

    // The same once more without valgrind, to see which calls there are.
    let events = scene.events(step, 2)?;
    let mut running = program.start()?;
    running.ready()?;
    let mut seen = Vec::new();
    for event in events {
        scene.cloud.take_calls();
        let answer = running.invoke(&event)?;
        let answer = serde_json::from_slice(&answer).unwrap_or_default();
        seen.push(Seen { event, answer, calls: scene.cloud.take_exchanges() });
    }
    running.end()?;
    let of = |seen: &Seen| seen.calls.iter().map(|one| one.call.clone()).collect();
    let [at_first, later] = <[Seen; 2]>::try_from(seen).map_err(|_| odd("two were not seen"))?;
    let first: Vec<Call> = of(&at_first);
    let wrote = first.iter().any(Call::writes);
    let first_write = if wrote {
        valgrind.until_write(&program, &scene.events(step, 1)?, &scene.cloud)?
    } else {
        counted.init_first
    };
    // A page asks no policy, nor does the door of webhooks, nor a sweep that finds nothing.
    let decides = !matches!(step, Step::ApprovalPage | Step::Hook | Step::Sweep);
    let decision = if decides { parts.first_decision } else { 0 };
    let replay = Replay { places, valgrind, scene: &scene };
    let parts_first = replay.first(&at_first, wrote)?;
    Ok(Stepped {
        name: step.name(),
        meaning: step.meaning(),
        init,
        counted,
        first_write,
        first_parts: [counted.init, parts_first, decision].iter().sum(),
        parts: replay.warm(&later)?.saturating_add(parts.beside(step)),
        first,
        warm: of(&later),
    })
}

/// What a step was handed, what it called, and what it answered.
#[derive(Serialize)]
struct Seen {
    event: Value,
    answer: Value,
    calls: Vec<Exchange>,
}

/// What an event costs of which nothing is decided: the same is handed over, each call is made again
/// as it was, each document that one brought or took is read or stored again, and the same is
/// answered.
struct Replay<'a> {
    places: &'a Places,
    valgrind: &'a Valgrind,
    scene: &'a Scene,
}

impl Replay<'_> {
    /// In a process that has just started: until the first write, or all of it.
    fn first(&self, seen: &Seen, wrote: bool) -> Result<u64, Trouble> {
        let program = self.program(seen)?;
        let init = self.valgrind.instructions(&program, &[])?;
        let event = [seen.event.clone()];
        let counted = if wrote {
            self.valgrind.until_write(&program, &event, &self.scene.cloud)?
        } else {
            self.valgrind.instructions(&program, &event)?
        };
        Ok(counted.saturating_sub(init))
    }

    /// In one that has done it before.
    fn warm(&self, seen: &Seen) -> Result<u64, Trouble> {
        let program = self.program(seen)?;
        let mut events = |count: u64| Ok((0..count).map(|_| seen.event.clone()).collect());
        let warm = self.valgrind.count(&program, WARM, &mut events)?.warm;
        is_the_same(&seen.calls, &self.scene.cloud.take_exchanges())?;
        Ok(warm)
    }

    fn program(&self, seen: &Seen) -> Result<Program, Trouble> {
        let record = self.places.folder.join("replay.json");
        let text = serde_json::to_string(seen).map_err(|error| odd(error.to_string()))?;
        std::fs::write(&record, text).doing("writing a record of calls")?;
        let mut env = self.scene.env("parts");
        env.push(("PARTS_REPLAY".to_owned(), record.display().to_string()));
        self.scene.cloud.replay(&seen.calls);
        Ok(self.places.program("parts", env))
    }
}

/// A part that asks less than the step did would make the step look dear.
fn is_the_same(recorded: &[Exchange], made: &[Exchange]) -> Result<(), Trouble> {
    let asked = |all: &[Exchange]| -> Vec<String> {
        let replayed = all.iter().filter(|one| one.is_replayed());
        replayed.map(|one| format!("{} {:?}", one.request, one.object)).collect()
    };
    let (recorded, made) = (asked(recorded), asked(made));
    if made.ends_with(&recorded) {
        return Ok(());
    }
    let mut both = made.iter().rev().zip(recorded.iter().rev());
    let (made, recorded) = both
        .find(|(made, recorded)| made != recorded)
        .ok_or_else(|| odd("a request is not made again"))?;
    let same = made.bytes().zip(recorded.bytes()).take_while(|(made, was)| made == was).count();
    let beside = |text: &str| {
        let rest = text.as_bytes().iter().skip(same).take(80).copied().collect();
        String::from_utf8(rest).unwrap_or_default()
    };
    let (made, recorded) = (beside(made), beside(recorded));
    Err(odd(format!("a request is not made again as it was: `{made}` for `{recorded}`")))
}

/// What functions have in common.
fn judge_parts(parts: &Parts, report: &mut Report) {
    report.gates.push(Gate::of(
        ("G3", "init and a first write, with the built-in roots"),
        number(parts.single.init_first.saturating_sub(parts.roots)),
        (Side::Most, number(FIRST_WRITE), "instructions"),
        Kind::Hard,
    ));
    report.gates.push(Gate::of(
        ("G3.decision", "the policy's first decision"),
        number(parts.first_decision),
        (Side::Most, FIRST_DECISION, "instructions"),
        Kind::Hard,
    ));
    report.gates.push(Gate::of(
        ("G3.further", "the client of one more service"),
        number(parts.further),
        (Side::Most, number(FURTHER), "instructions"),
        Kind::Hard,
    ));
}

fn judge(kind: Step, step: &Stepped, parts: &Parts, report: &mut Report) {
    let id = |goal: &str| format!("{goal}.{}", step.name.replace(", ", "-"));
    let init = number(step.init) / number(parts.floor.init);
    report.gates.push(Gate::of(
        (id("G1"), "init, of the floor's"),
        init,
        (Side::Most, INIT, "×"),
        Kind::Hard,
    ));
    report.gates.push(Gate::of(
        (id("G3"), "until the first write, of the sum of its parts"),
        number(step.first_write) / number(step.first_parts),
        (Side::Most, FIRST_LIMIT, "×"),
        Kind::Hard,
    ));
    report.gates.push(Gate::of(
        (id("G5"), "a warm step, of the sum of its parts"),
        number(step.counted.warm) / number(step.parts),
        (Side::Most, warm_limit(kind), "×"),
        Kind::Hard,
    ));
}
