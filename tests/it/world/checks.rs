//! What must hold at every moment, whatever failed before it.

use super::{TENANT, World};
use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_domain::chain::{Verified, verify};
use watchfire_domain::environment::{slot, started_by};
use watchfire_domain::{EnvironmentId, IncidentId, patch};
use watchfire_store::Event;

impl World {
    /// The whole timeline.
    pub(crate) async fn timeline(&self, id: IncidentId) -> Vec<Event> {
        self.repo().events(id, 0, usize::MAX).await.unwrap()
    }

    /// The types of its events.
    pub(crate) async fn story(&self, id: IncidentId) -> Vec<String> {
        self.timeline(id).await.into_iter().map(|event| event.stored.kind).collect()
    }

    /// The chain, verified over the stored bytes.
    pub(crate) async fn chain(&self, id: IncidentId) -> Verified {
        let stored = self.timeline(id).await.into_iter().map(|event| event.stored);
        verify(TENANT, id, stored).unwrap()
    }

    /// The records of the incident's collection, as they are stored.
    pub(crate) async fn records(&self, id: IncidentId) -> BTreeMap<String, Value> {
        let (repo, mut records) = (self.repo(), BTreeMap::new());
        let incident = repo.incident(id).await.unwrap().unwrap().record;
        records.insert("incident".to_owned(), serde_json::to_value(incident).unwrap());
        for row in repo.environments(id).await.unwrap() {
            let name = format!("environment/{}", row.record.id.n);
            records.insert(name, serde_json::to_value(row.record).unwrap());
        }
        for row in repo.approvals(id).await.unwrap() {
            let name = format!("approval/{}", row.record.id.n);
            records.insert(name, serde_json::to_value(row.record).unwrap());
        }
        for row in repo.executions(id).await.unwrap() {
            let name = format!("execution/{}", row.record.id);
            records.insert(name, serde_json::to_value(row.record).unwrap());
        }
        records
    }

    /// The chain verifies, and folding it gives what is stored; how many events there are.
    pub(crate) async fn sound(&self, id: IncidentId) -> u64 {
        let events = self.timeline(id).await;
        let folded = patch::fold(events.iter().map(|event| &event.body.payload));
        assert_eq!(folded, self.records(id).await, "the fold of the events is what is stored");
        self.chain(id).await.events
    }

    /// How many tasks of the environment's slot ever lived at once.
    pub(crate) async fn most_at_once(&self, id: EnvironmentId) -> usize {
        let environment = self.environment(id).await;
        let slot = slot(&environment.cluster_id, &environment.number);
        self.tasks.most_at_once(&started_by(&slot))
    }
}
