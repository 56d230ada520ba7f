//! Approvals as the events leave them: the one record that a reader wants without folding.

use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_domain::chain::Stored;
use watchfire_domain::patch;

const PREFIX: &str = "approval/";

/// The approvals of the events so far, by name (`approval/1`).
#[derive(Debug, Default)]
pub(super) struct Approvals {
    records: BTreeMap<String, Value>,
    changed: BTreeMap<String, u64>,
}

impl Approvals {
    /// Takes the next event, which has been verified.
    pub(super) fn push(&mut self, event: &Stored) {
        // Most events touch none: in canonical text, a key stands exactly so.
        if !event.body.contains("\"approval/") {
            return;
        }
        let Ok(body) = serde_json::from_str::<Value>(&event.body) else { return };
        let Some(set) = body.pointer("/payload/set").and_then(Value::as_object) else { return };
        for (name, change) in set.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
            patch::apply(self.records.entry(name.clone()).or_insert(Value::Null), change);
            self.changed.insert(name.clone(), event.seq);
        }
    }

    /// The records.
    pub(super) fn records(&self) -> &BTreeMap<String, Value> {
        &self.records
    }

    /// The first approval that `listed` tells otherwise, and the event that last wrote it.
    pub(super) fn differs(
        &self,
        listed: &BTreeMap<String, Value>,
    ) -> Option<(String, Option<u64>)> {
        let names = self.records.keys().chain(listed.keys());
        let name = names.into_iter().find(|name| self.records.get(*name) != listed.get(*name))?;
        Some((name.clone(), self.changed.get(name).copied()))
    }
}
