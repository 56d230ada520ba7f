//! The product beside a small model of it: whatever people do to an incident and its environment, and
//! in whatever order, both say the same and tell the same story.

mod model;

use super::asked::{Asked, tell};
use crate::saga::keyed;
use crate::world::{Doors, World, person};
use model::{Model, Move, State as Expected};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine as _, StateMachineTest};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use watchfire_desk::{Deed, NewIncident, Steer};
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::incident::Transition;
use watchfire_domain::{EnvironmentId, MINUTE, SECOND};
use watchfire_edge::Fault;
use watchfire_fakes::Outcome;
use watchfire_policy::Role;

/// How long one life is.
const LONGEST: usize = 40;

static STEPS: AtomicU64 = AtomicU64::new(0);

/// The product, in a world of its own.
struct Product {
    world: World,
    id: EnvironmentId,
    runtime: tokio::runtime::Runtime,
}

impl Product {
    /// Lets everything come to rest that need wait for nobody.
    async fn rest(&self) {
        for _ in 0..2 {
            self.world.drive().await;
            self.world.tasks.come_to_rest();
            self.world.forward(5 * SECOND);
            self.world.deliver_probes().await;
        }
        self.world.drive().await;
    }

    async fn begin(world: &World) -> EnvironmentId {
        let (caller, ask) = (World::admin(), keyed("POST /incidents"));
        let new = json!({ "title": "storage answers slowly", "severity": "high" });
        let new: NewIncident = serde_json::from_value(new).unwrap();
        let written = world.desk.create_incident(&caller, &ask, new).await.unwrap();
        let incident: Value = serde_json::from_str(&written.body).unwrap();
        let incident = incident["incident"]["id"].as_str().unwrap().parse().unwrap();
        let spec = json!({
            "cluster_id": "rosa-7", "launch": "later", "approvers": ["ana@example.org"],
        });
        let spec = serde_json::from_value(spec).unwrap();
        let ask = keyed("POST /environments");
        world.desk.create_environment(&caller, &ask, incident, &spec).await.unwrap();
        EnvironmentId { incident, n: 1 }
    }

    /// Whether it was done, rather than refused.
    async fn act(&self, step: &Move) -> bool {
        let (world, id) = (&self.world, self.id);
        let reason = "the cause is found".to_owned();
        let done = match step {
            Move::Note => self.deed(Deed::Note("reads are slow".to_owned())).await,
            Move::Owner(name) => self.deed(Deed::Owner((*name).to_owned())).await,
            Move::Status(to, why) => {
                let rationale = why.then(|| "as the runbook says".to_owned());
                self.deed(Deed::Transition(Transition { to: *to, rationale })).await
            }
            Move::Launch => world.steer(id, &Steer::Launch).await.map(drop),
            Move::Extend => world.steer(id, &Steer::Extend { hours: 9 }).await.map(drop),
            Move::Stop => world.steer(id, &Steer::Stop { reason, removal: None }).await.map(drop),
            Move::Close => world.steer(id, &Steer::Close { reason, remove: true }).await.map(drop),
            Move::Grant => world.answer("ana@example.org", Answer::Grant).await.map(drop),
            Move::Deny => world.answer("ana@example.org", Answer::Deny).await.map(drop),
            Move::Die => {
                for name in world.workflow.running_names() {
                    world.workflow.end(&name, Outcome::Aborted);
                }
                // The sweep looks at what only waits every quarter of an hour.
                world.forward(16 * MINUTE);
                world.sweep().await;
                Ok(())
            }
            Move::Pass => {
                world.turn(Doors::Both).await;
                Ok(())
            }
        };
        match step {
            Move::Note | Move::Owner(_) | Move::Status(..) | Move::Extend => {}
            Move::Launch
            | Move::Stop
            | Move::Close
            | Move::Grant
            | Move::Deny
            | Move::Die
            | Move::Pass => self.rest().await,
        }
        done.is_ok()
    }

    async fn deed(&self, deed: Deed) -> Result<(), Fault> {
        let caller = person("kim@example.org", Role::Admin, crate::world::TENANT);
        let ask = crate::world::ask("POST /incidents");
        let change = self.world.desk.change_incident(&caller, &ask, self.id.incident, &deed);
        self.world.acting("api", change).await.map(drop)
    }
}

struct Lives;

impl StateMachineTest for Lives {
    type SystemUnderTest = Product;
    type Reference = Model;

    fn init_test(_expected: &Expected) -> Product {
        let world = World::with_targets(1);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let id = runtime.block_on(Product::begin(&world));
        let product = Product { world, id, runtime };
        product.runtime.block_on(product.rest());
        product
    }

    fn apply(product: Product, expected: &Expected, step: Move) -> Product {
        STEPS.fetch_add(1, Ordering::Relaxed);
        let done = product.runtime.block_on(product.act(&step));
        assert_eq!(done, expected.done, "{step:?}: done or refused");
        product
    }

    fn check_invariants(product: &Product, expected: &Expected) {
        let (world, id) = (&product.world, product.id);
        product.runtime.block_on(async {
            let incident = world.incident(id.incident).await;
            let environment = world.environment(id).await;
            assert_eq!(incident.status, expected.status);
            assert_eq!(incident.owner.as_deref(), expected.owner);
            assert_eq!(environment.state, expected.environment);
            let story = world.story(id.incident).await;
            assert_eq!(story, expected.story);
            world.sound(id.incident).await;
        });
        let left = world.left();
        assert_eq!(left.tasks.len(), usize::from(expected.environment == State::Running));
        assert_eq!(left.access_points.len(), usize::from(expected.access_point));
    }
}

/// What `cargo xtask lives --json` answers.
#[derive(Debug, Serialize)]
struct Tally {
    seed: u64,
    steps: u64,
    lives: u32,
    violations: u32,
    /// The shortest life that shows it.
    failing: Option<String>,
}

#[test]
fn the_product_does_what_the_model_does() {
    let asked = Asked::read();
    let (seed, wanted) = (asked.seed(), asked.number("steps", 60));
    let config =
        Config { cases: 1, failure_persistence: None, max_shrink_iters: 30, ..Config::default() };
    let (mut lives, mut failing) = (0, None);
    while STEPS.load(Ordering::Relaxed) < wanted && failing.is_none() {
        lives += 1;
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..12].copy_from_slice(&u32::to_le_bytes(lives));
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        // A runner is for one life: it counts what it has run.
        let mut runner = TestRunner::new_with_rng(config.clone(), rng);
        let strategy = Model::sequential_strategy(1..LONGEST);
        let run = runner.run(&strategy, |(initial, steps, seen)| {
            Lives::test_sequential(config.clone(), initial, steps, seen);
            Ok(())
        });
        failing = run.err().map(|wrong| wrong.to_string());
    }
    let steps = STEPS.load(Ordering::Relaxed);
    tell(&Tally {
        seed,
        steps,
        lives,
        violations: failing.is_some().into(),
        failing: failing.clone(),
    });
    assert_eq!(failing, None, "seed {seed}");
}
