//! Watchfire over the fakes, as `bootstrap` wires it over AWS.

use crate::{World, dynamo};
use std::sync::{Arc, LazyLock};
use watchfire_desk::{AlarmMap, Catalogues, Desk, Minutes, Repeats, Specs};
use watchfire_edge::Config;
use watchfire_policy::Policies;
use watchfire_store::Table;

/// Parsed once for all worlds: what they decide depends on nothing in a world.
static POLICIES: LazyLock<Policies> = LazyLock::new(Policies::embedded);

impl World {
    /// The use cases over these fakes.
    pub fn desk(&self, config: Config) -> Desk {
        self.desk_over(self.dynamo.client(), config)
    }

    /// The same, where DynamoDB is asked through `client`: one that tries once shows every fault.
    pub fn desk_over(&self, client: aws_sdk_dynamodb::Client, config: Config) -> Desk {
        let (clock, ids, pause) = (self.clock.clone(), self.ids.clone(), self.pause.clone());
        Desk {
            table: Table::new(client, dynamo::TABLE, clock.clone(), ids.clone(), pause.clone()),
            clock,
            ids,
            pause,
            tasks: self.tasks.clone(),
            points: self.points.clone(),
            broker: self.broker.clone(),
            workflow: self.workflow.clone(),
            runs: self.runs.clone(),
            probes: self.probes.clone(),
            evidence: self.evidence.clone(),
            vault: self.vault.clone(),
            seals: self.seals.clone(),
            bus: self.bus.clone(),
            hooks: self.hooks.clone(),
            line: self.line.clone(),
            requests: self.requests.clone(),
            jobs: self.jobs.clone(),
            notify: self.notify.clone(),
            secrets: self.secrets.clone(),
            metrics: self.metrics.clone(),
            policies: Arc::new(POLICIES.clone().in_stage(config.stage.as_str())),
            config: Arc::new(config),
            alarm_map: AlarmMap::default(),
            catalogues: Catalogues::default(),
            minutes: Minutes::default(),
            repeats: Repeats::default(),
            specs: Specs::default(),
        }
    }
}
