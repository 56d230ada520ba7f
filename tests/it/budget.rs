//! What a whole incident costs, counted exactly (reliability: the single table's budget).

use crate::runs::golden;
use crate::world::runs::{ANA, BEN};
use crate::world::{Doors, World, alarm, desk_of};
use expect_test::expect;
use serde_json::json;
use std::fmt::Write as _;
use watchfire_desk::{Deed, Desk};
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::{EnvironmentId, MINUTE, Status, Tenant};
use watchfire_runbook::execution::State as RunState;

/// What each step cost, as DynamoDB would bill it.
struct Bill<'a> {
    world: &'a World,
    table: String,
    writes: f64,
    reads: f64,
}

impl<'a> Bill<'a> {
    fn new(world: &'a World) -> Self {
        world.dynamo.reset_counts();
        let table = format!("{:<20}{:>7}{:>7}\n", "step", "writes", "reads");
        Self { world, table, writes: 0.0, reads: 0.0 }
    }

    fn step(&mut self, name: &str) {
        let counts = self.world.dynamo.counts();
        self.world.dynamo.reset_counts();
        assert_eq!(counts.scans, 0, "{name}");
        assert!(counts.refused_units.abs() < f64::EPSILON, "{name}: {counts:?}");
        self.writes += counts.write_units;
        self.reads += counts.read_units;
        self.row(name, counts.write_units, counts.read_units);
    }

    fn row(&mut self, name: &str, writes: f64, reads: f64) {
        writeln!(self.table, "{name:<20}{writes:>7}{reads:>7}").unwrap();
    }

    /// The guide's row of it.
    fn told(&self, row: &str) {
        let row = format!("| **{row}** | **{}** | **{}** |", self.writes, self.reads);
        let guide = crate::repo::read("docs/operating.md");
        assert!(guide.contains(&row), "docs/operating.md lacks {row}");
    }

    fn end(mut self) -> (String, f64) {
        let (writes, reads) = (self.writes, self.reads);
        self.row("all", writes, reads);
        (self.table, writes)
    }
}

async fn life(world: &World, statuses: &[Status]) -> (String, f64) {
    let doors = Doors::Both;
    world.plan(&crate::world::storage_plan(&json!({}))).await;
    let mut bill = Bill::new(world);
    let id = EnvironmentId { incident: world.raise().await, n: 1 };
    bill.step("open by alarm");
    world.drive().await;
    bill.step("create, launch");
    world.until(id, State::Running, doors).await;
    bill.step("run");
    for note in 0..20 {
        let text = format!("latency of node {note} is back under 20 ms");
        world.deed(id.incident, Deed::Note(text)).await.unwrap();
    }
    bill.step("20 notes");
    for status in statuses {
        world.transition(id.incident, *status).await;
    }
    bill.step("status changes");
    world.stop(id).await;
    bill.step("ask to stop");
    world.until(id, State::Stopped, doors).await;
    world.drive().await;
    bill.step("stop, ask approval");
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    bill.step("approve");
    world.until(id, State::Closed, doors).await;
    bill.step("close environment");
    world.transition(id.incident, Status::Closed).await;
    bill.step("close incident");
    let entered = world.machine.entered(&format!("{id}-1"));
    assert!(entered.len() <= 7, "{entered:?}");
    bill.told(if statuses.is_empty() { "all" } else { "all, with them" });
    bill.end()
}

#[tokio::test]
async fn a_life_costs_80_write_units_at_most() {
    let (table, writes) = life(&World::new(1), &[]).await;
    expect![[r#"
        step                 writes  reads
        open by alarm            17    5.5
        create, launch            9      9
        run                       5     42
        20 notes                 20     40
        status changes            0      0
        ask to stop               4      3
        stop, ask approval       10     66
        approve                   4      8
        close environment         5      6
        close incident            6      4
        all                      80  183.5
    "#]]
    .assert_eq(&table);
    assert!(writes <= 80.0, "{writes}");
}

#[tokio::test]
async fn a_life_with_five_status_changes_costs_112_write_units_at_most() {
    let changes = [Status::Acknowledged, Status::Mitigating, Status::Monitoring, Status::Resolved];
    let (table, writes) = life(&World::new(1), &changes).await;
    expect![[r#"
        step                 writes  reads
        open by alarm            17    5.5
        create, launch            9      9
        run                       5     42
        20 notes                 20     40
        status changes           16     10
        ask to stop               4      3
        stop, ask approval       10     66
        approve                   4      8
        close environment         5      6
        close incident            6      3
        all                      96  192.5
    "#]]
    .assert_eq(&table);
    assert!(writes <= 112.0, "{writes}");
}

#[tokio::test]
async fn an_hour_in_which_nothing_happens_costs_a_look_each_quarter() {
    let world = World::new(1);
    world.plan(&crate::world::storage_plan(&json!({}))).await;
    let id = EnvironmentId { incident: world.raise().await, n: 1 };
    world.until(id, State::Running, Doors::Both).await;
    world.play(15, Doors::Both).await;
    let mut bill = Bill::new(&world);
    world.play(60, Doors::Both).await;
    bill.step("an hour of running");
    let (table, _) = bill.end();
    expect![[r#"
        step                 writes  reads
        an hour of running       12    496
        all                      12    496
    "#]]
    .assert_eq(&table);
}

/// S3-63..72, with the shipped runbook: half an hour of watching is what costs.
#[tokio::test]
async fn the_golden_path_is_counted() {
    let world = World::new(1);
    golden::prepare(&world).await;
    let mut bill = Bill::new(&world);
    let id = world.raise().await;
    bill.step("open by alarm");
    let run = golden::start(&world, id).await;
    bill.step("start a runbook");
    golden::until_step(&world, run, Some("radius")).await;
    bill.step("collect, two programs");
    world.complete(run, "radius").await.unwrap();
    bill.step("a person's step");
    world.until_run(run, RunState::Blocked).await;
    bill.step("ask two approvers");
    for approver in [ANA, BEN] {
        world.sign(approver, Answer::Grant).await.unwrap();
    }
    bill.step("two approvals");
    golden::until_step(&world, run, Some("monitor")).await;
    bill.step("reroute, warm up");
    golden::until_step(&world, run, Some("bundle")).await;
    bill.step("watch 30 minutes");
    golden::until_step(&world, run, None).await;
    bill.step("bundle");
    for status in [Status::Acknowledged, Status::Mitigating, Status::Resolved, Status::Closed] {
        world.transition(id, status).await;
    }
    bill.step("resolve, close");
    let names = world.runs.started();
    let states: usize = names.iter().map(|(name, _)| world.runner.entered(name).len()).sum();
    let (table, _) = bill.end();
    expect![[r#"
        step                 writes  reads
        open by alarm             9    5.5
        start a runbook           9    5.5
        collect, two programs     50     38
        a person's step           8      5
        ask two approvers        16     13
        two approvals            13     13
        reroute, warm up         34     21
        watch 30 minutes        143    683
        bundle                   19     13
        resolve, close           18     11
        all                     319    808
        3 machines, 117 states
    "#]]
    .assert_eq(&format!("{table}{} machines, {states} states\n", names.len()));
}

/// A refused transaction is charged for as one that writes.
#[tokio::test]
async fn a_process_learns_once_that_a_minute_is_taken() {
    let world = World::new(1);
    let other = desk_of(&world.fakes);
    let mut told = String::new();
    let mut raise = async |desk: &Desk, name: &str| {
        world.dynamo.reset_counts();
        let intake = desk.intake(&alarm(&world, name), None).await.unwrap();
        let repo = desk.table.of(&Tenant::unassigned());
        let incident = repo.incident(intake.incident.unwrap()).await.unwrap().unwrap().record;
        let (minute, letters) = incident.display_id.split_at(17);
        let refused = world.dynamo.counts().refused_units;
        writeln!(told, "{minute}, {} letters; refused: {refused}", letters.len()).unwrap();
    };
    raise(&world.desk, "first").await;
    raise(&world.desk, "second").await;
    raise(&other, "third").await;
    raise(&other, "fourth").await;
    world.clock.advance(MINUTE);
    raise(&world.desk, "fifth").await;
    expect![[r#"
        INC-20261121-0312, 0 letters; refused: 0
        INC-20261121-0312, 3 letters; refused: 0
        INC-20261121-0312, 3 letters; refused: 8
        INC-20261121-0312, 3 letters; refused: 0
        INC-20261121-0313, 0 letters; refused: 0
    "#]]
    .assert_eq(&told);
}
