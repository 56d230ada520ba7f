//! Everything at once: one account, one table, one clock, one plan of faults.

#[cfg(test)]
mod tests;

use crate::access::{FakeAccessPoints, FakeBroker};
use crate::bus::FakeBus;
use crate::clock::FakeClock;
use crate::dynamo::Dynamo;
use crate::evidence::FakeEvidence;
use crate::faults::Faults;
use crate::hooks::FakeHooks;
use crate::ids::FakeIds;
use crate::jobs::FakeJobs;
use crate::line::FakeLine;
use crate::machine::Machine;
use crate::metrics::FakeMetrics;
use crate::notify::FakeNotify;
use crate::pause::FakePause;
use crate::requests::FakeRequests;
use crate::secrets::{FakeJwks, FakeSecrets};
use crate::tasks::FakeTasks;
use crate::vault::{FakeSeals, FakeVault};
use crate::workflow::{FakeProbes, FakeWorkflow};
use std::fmt;
use std::sync::Arc;
use watchfire_domain::Timestamp;
use watchfire_ports::Clock as _;

/// A world, seen from one process. Clones see the same; [`World::process`] is another process.
#[derive(Clone, Debug)]
pub struct World {
    /// The time.
    pub clock: Arc<FakeClock>,
    /// Chance, for the code under test. The fakes draw their ids from a stream of their own.
    pub ids: Arc<FakeIds>,
    /// How this process's calls fail.
    pub faults: Faults,
    /// Waiting between tries.
    pub pause: Arc<FakePause>,
    /// Metric lines.
    pub metrics: Arc<FakeMetrics>,
    /// The table.
    pub dynamo: Arc<Dynamo>,
    /// ECS.
    pub tasks: Arc<FakeTasks>,
    /// EFS.
    pub points: Arc<FakeAccessPoints>,
    /// The access broker.
    pub broker: Arc<FakeBroker>,
    /// Step Functions.
    pub workflow: Arc<FakeWorkflow>,
    /// The runbook machine.
    pub runs: Arc<FakeWorkflow>,
    /// The probe queue.
    pub probes: Arc<FakeProbes>,
    /// The audit bucket.
    pub evidence: Arc<FakeEvidence>,
    /// The bucket of sealed things.
    pub vault: Arc<FakeVault>,
    /// The queue of incidents that shall be sealed.
    pub seals: Arc<FakeSeals>,
    /// The event bus.
    pub bus: Arc<FakeBus>,
    /// The alarm queue, as webhooks reach it.
    pub hooks: Arc<FakeHooks>,
    /// The line of alarms.
    pub line: Arc<FakeLine>,
    /// What the requests of runbooks reach.
    pub requests: Arc<FakeRequests>,
    /// Whoever carries out the programs and documents of runbooks.
    pub jobs: Arc<FakeJobs>,
    /// Every inbox.
    pub notify: Arc<FakeNotify>,
    /// Secrets.
    pub secrets: Arc<FakeSecrets>,
    /// The issuer's keys.
    pub jwks: Arc<FakeJwks>,
}

/// The ids of the secrets that a new world has.
const SECRETS: [&str; 5] =
    ["token-secret", "link-secret", "cursor-secret", "checkpoint-secret", "integration-secret"];

impl World {
    /// A new world at 2026-11-21T03:12:00Z, with the broker `ecs-exec` and the secrets `token-secret`,
    /// `link-secret`, `cursor-secret`, `checkpoint-secret` and `integration-secret`. The seed decides all chance in it.
    pub fn new(seed: u64) -> Self {
        Self::of(seed, FakeBroker::exec())
    }

    /// The same, with a broker that has targets.
    pub fn with_targets(seed: u64) -> Self {
        let broker = FakeBroker::boundary(FakeIds::new(seed ^ ACCOUNT), Faults::new());
        Self::of(seed, broker)
    }

    fn of(seed: u64, broker: FakeBroker) -> Self {
        crate::log::keep_every_callsite();
        let faults = Faults::new();
        let clock = FakeClock::default();
        let ids = FakeIds::new(seed ^ ACCOUNT ^ 1);
        let points = FakeAccessPoints::new(ids.clone(), faults.clone());
        let evidence = FakeEvidence::new("watchfire-evidence", faults.clone());
        let seconds = clock.clone();
        let dynamo =
            Dynamo::with_clock(move || u64::try_from(seconds.now().seconds()).unwrap_or_default());
        let secrets = FakeSecrets::new(clock.clone(), faults.clone());
        for id in SECRETS {
            secrets.put(id, &format!(r#"{{"current":"k1","keys":{{"k1":"{id} of {seed}"}}}}"#));
        }
        Self {
            ids: Arc::new(FakeIds::new(seed)),
            pause: Arc::new(FakePause::new(faults.clone())),
            metrics: Arc::new(FakeMetrics::new()),
            dynamo: Arc::new(dynamo.with_faults(faults.clone())),
            tasks: Arc::new(FakeTasks::new(
                clock.clone(),
                ids.clone(),
                points.clone(),
                evidence.clone(),
                faults.clone(),
            )),
            points: Arc::new(points),
            broker: Arc::new(broker.with_faults(faults.clone())),
            workflow: Arc::new(FakeWorkflow::new(clock.clone(), ids.clone(), faults.clone())),
            runs: Arc::new(FakeWorkflow::new(clock.clone(), ids.clone(), faults.clone())),
            probes: Arc::new(FakeProbes::new(clock.clone(), faults.clone())),
            evidence: Arc::new(evidence),
            vault: Arc::new(FakeVault::new("watchfire-checkpoints", faults.clone())),
            seals: Arc::new(FakeSeals::new(faults.clone())),
            bus: Arc::new(FakeBus::new(faults.clone())),
            hooks: Arc::new(FakeHooks::new(faults.clone())),
            line: Arc::new(FakeLine::new(faults.clone())),
            requests: Arc::new(FakeRequests::new(faults.clone())),
            jobs: Arc::new(FakeJobs::new(faults.clone())),
            notify: Arc::new(FakeNotify::new(ids, faults.clone())),
            secrets: Arc::new(secrets),
            jwks: Arc::new(FakeJwks::new(clock.clone(), faults.clone())),
            clock: Arc::new(clock),
            faults,
        }
    }

    /// The same world seen from another process, which fails by a plan of its own and has cached
    /// nothing yet.
    #[must_use]
    pub fn process(&self, faults: Faults) -> Self {
        Self {
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            pause: Arc::new(self.pause.with_faults(faults.clone())),
            metrics: Arc::clone(&self.metrics),
            dynamo: Arc::new(self.dynamo.with_faults(faults.clone())),
            tasks: Arc::new(self.tasks.with_faults(faults.clone())),
            points: Arc::new(self.points.with_faults(faults.clone())),
            broker: Arc::new(self.broker.with_faults(faults.clone())),
            workflow: Arc::new(self.workflow.with_faults(faults.clone())),
            runs: Arc::new(self.runs.with_faults(faults.clone())),
            probes: Arc::new(self.probes.with_faults(faults.clone())),
            evidence: Arc::new(self.evidence.with_faults(faults.clone())),
            vault: Arc::new(self.vault.with_faults(faults.clone())),
            seals: Arc::new(self.seals.with_faults(faults.clone())),
            bus: Arc::new(self.bus.with_faults(faults.clone())),
            hooks: Arc::new(self.hooks.with_faults(faults.clone())),
            line: Arc::new(self.line.with_faults(faults.clone())),
            requests: Arc::new(self.requests.with_faults(faults.clone())),
            jobs: Arc::new(self.jobs.with_faults(faults.clone())),
            notify: Arc::new(self.notify.with_faults(faults.clone())),
            secrets: Arc::new(self.secrets.with_faults(faults.clone())),
            jwks: Arc::new(self.jwks.with_faults(faults.clone())),
            faults,
        }
    }

    /// A machine that runs this world's executions by a definition.
    pub fn machine(&self, definition: &str) -> Result<Machine, String> {
        Machine::new(definition, (*self.workflow).clone(), (*self.clock).clone())
    }

    /// A machine that runs this world's runbooks by a definition.
    pub fn runner(&self, definition: &str) -> Result<Machine, String> {
        Machine::new(definition, (*self.runs).clone(), (*self.clock).clone())
    }

    /// Moves the clock by so many milliseconds.
    pub fn forward(&self, millis: i64) -> Timestamp {
        self.clock.advance(millis)
    }

    /// Delivers every late duplicate.
    pub fn settle(&self) {
        self.dynamo.settle();
        self.tasks.settle();
        self.points.settle();
        self.broker.settle();
        self.workflow.settle();
        self.runs.settle();
        self.probes.settle();
        self.vault.settle();
        self.seals.settle();
        self.bus.settle();
        self.hooks.settle();
        self.line.settle();
        self.requests.settle();
        self.jobs.settle();
        self.notify.settle();
    }

    /// What is left in the account.
    pub fn left(&self) -> Left {
        Left {
            access_points: self.points.existing().into_iter().map(|(id, _)| id).collect(),
            definitions: self.tasks.active_definitions(),
            tasks: self.tasks.living_tasks(),
            targets: self.broker.existing().into_iter().map(|(id, ..)| id).collect(),
            executions: self.workflow.running_names(),
        }
    }

    /// All that exists outside the table, as text: equal text means an equal account.
    pub fn dump(&self) -> String {
        [
            self.points.dump(),
            self.tasks.dump(),
            self.broker.dump(),
            self.workflow.dump(),
            self.runs.dump(),
            self.probes.dump(),
            self.evidence.dump(),
            self.vault.dump(),
            self.seals.dump(),
            self.hooks.dump(),
            self.line.dump(),
            self.requests.dump(),
            self.jobs.dump(),
            self.notify.dump(),
        ]
        .concat()
    }
}

// So that the account's ids are not those of the code under test.
const ACCOUNT: u64 = 0x00AC_C007_0000_0000;

/// What is left in the account. A clean slate is [`Left::default`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Access points.
    pub access_points: Vec<String>,
    /// Task definitions that are ACTIVE.
    pub definitions: Vec<String>,
    /// Tasks that are not STOPPED.
    pub tasks: Vec<String>,
    /// The broker's targets.
    pub targets: Vec<String>,
    /// Executions that run.
    pub executions: Vec<String>,
}

impl Left {
    /// Whether nothing is left.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Left {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, all) in [
            ("access point", &self.access_points),
            ("definition", &self.definitions),
            ("task", &self.tasks),
            ("target", &self.targets),
            ("execution", &self.executions),
        ] {
            for one in all {
                writeln!(formatter, "{what} {one}")?;
            }
        }
        Ok(())
    }
}
