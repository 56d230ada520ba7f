//! What must hold in the end, whoever was killed on the way.

use super::life::{Life, TENANT};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watchfire_domain::chain::verify;
use watchfire_domain::environment::{slot, started_by};
use watchfire_domain::{EnvironmentId, IncidentId, MINUTE, patch};
use watchfire_fakes::Left;
use watchfire_seal::VerifierKey;
use watchfire_seal::bundle::{self, Ask};
use watchfire_store::Event;

impl Life {
    /// All is as if nobody had been killed.
    pub(super) fn converged(&self, id: IncidentId) {
        // What time alone brings: the sweep comes by four times.
        for _ in 0..4 {
            self.world.forward(15 * MINUTE);
            let swept = self.runtime.block_on(self.desk.sweep()).unwrap();
            assert_eq!(swept.failed, 0, "{swept:?}");
            self.settle();
        }
        assert_eq!(self.world.left(), Left::default(), "something is left behind");
        let events = self.runtime.block_on(self.repo().events(id, 0, usize::MAX)).unwrap();
        self.sound(id, &events);
        let story: Vec<_> = events.iter().map(|event| event.stored.kind.as_str()).collect();
        assert_eq!(story, self.tale.story(), "the same happened, once");
        for receipt in self.receipts.borrow().iter() {
            let known = events.iter().any(|event| {
                let (seq, hash) = (event.stored.seq, event.stored.hash.to_string());
                json!({ "seq": seq, "event_hash": hash }) == *receipt
            });
            assert!(known, "an acknowledged event is lost: {receipt}");
        }
        self.nothing_twice(id);
        self.sealed(id);
    }

    /// The chain verifies, and folding it gives what is stored.
    fn sound(&self, id: IncidentId, events: &[Event]) {
        let stored = events.iter().map(|event| event.stored.clone());
        let verified = verify(TENANT, id, stored).unwrap();
        assert_eq!(verified.events, events.len() as u64);
        let folded = patch::fold(events.iter().map(|event| &event.body.payload));
        assert_eq!(folded, self.records(id), "the fold of the events is what is stored");
    }

    fn records(&self, id: IncidentId) -> BTreeMap<String, Value> {
        let (repo, mut records) = (self.repo(), BTreeMap::new());
        let incident = self.runtime.block_on(repo.incident(id)).unwrap().unwrap().record;
        records.insert("incident".to_owned(), serde_json::to_value(incident).unwrap());
        for row in self.runtime.block_on(repo.environments(id)).unwrap() {
            let name = format!("environment/{}", row.record.id.n);
            records.insert(name, serde_json::to_value(row.record).unwrap());
        }
        for row in self.runtime.block_on(repo.approvals(id)).unwrap() {
            let name = format!("approval/{}", row.record.id.n);
            records.insert(name, serde_json::to_value(row.record).unwrap());
        }
        records
    }

    /// One incident, one task, one execution, and nothing that waits.
    fn nothing_twice(&self, id: IncidentId) {
        let items = self.world.dynamo.items();
        let count = |sk: &str| items.iter().filter(|item| item["sk"]["S"] == sk).count();
        assert_eq!(count("META"), 1, "incidents");
        let pk = |item: &Value| item["pk"]["S"].as_str().unwrap_or_default().to_owned();
        let waits = items.iter().map(pk).filter(|pk| pk.contains("#OUT#"));
        assert_eq!(waits.collect::<Vec<_>>(), Vec::<String>::new(), "something waits");
        let environment = EnvironmentId { incident: id, n: 1 };
        let row = self.runtime.block_on(self.repo().environment(environment)).unwrap().unwrap();
        let slot = started_by(&slot(&row.record.cluster_id, &row.record.number));
        assert_eq!(self.world.tasks.most_at_once(&slot), 1, "tasks at once");
        assert_eq!(self.world.workflow.started().len(), 1, "executions");
        let made = self.world.points.calls();
        let made = made.iter().filter(|call| call.starts_with("elasticfilesystem:Create"));
        assert_eq!(made.count(), 1, "access points that were made");
    }

    /// Its bundle verifies under the log's published keys, and is sealed up to its end.
    fn sealed(&self, id: IncidentId) {
        let export = self.runtime.block_on(self.repo().export(id)).unwrap().expect("an export");
        let prefix = export.location.strip_prefix("s3://watchfire-checkpoints/").unwrap();
        let read = |key: Vec<u8>| -> VerifierKey {
            String::from_utf8(key).unwrap().trim().parse().unwrap()
        };
        let trusted = self.world.vault.below("keys/").into_values().map(read).collect();
        let ask = Ask { trusted, receipts: BTreeMap::new() };
        let report = bundle::verify(&self.world.vault.below(prefix), &ask, &mut |_, _| {});
        assert!(report.as_ref().is_ok_and(|report| report.sealed.is_some()), "{report:?}");
    }
}
