//! What the table remembers of alarms: read from its items, not through the code that wrote them.

use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_domain::IncidentId;
use watchfire_domain::alarm::Open;

/// What a transition came to, as its mark says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) outcome: String,
    pub(super) incident: Option<String>,
    pub(super) why: Option<String>,
}

/// All that one tenant's table remembers.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The handled transitions, by event id. One that opened an incident with the first item of its
    /// key has no mark of its own: that item's `by` names it.
    pub(super) events: BTreeMap<String, Mark>,
    /// The alarm keys.
    pub(super) keys: BTreeMap<String, Open>,
    /// The transitions that were handled twice: none, or exactly-once is broken.
    pub(super) twice: Vec<String>,
}

impl Marks {
    pub(super) fn of(world: &World, tenant: &str) -> Self {
        let marks = Self::read(world, tenant);
        assert_eq!(marks.twice, Vec::<String>::new(), "handled twice");
        marks
    }

    /// The same, whatever was handled twice.
    pub(super) fn read(world: &World, tenant: &str) -> Self {
        let mut marks = Self::default();
        for item in world.dynamo.legible() {
            let text = |name: &str| item[name]["S"].as_str().map(str::to_owned);
            let pk = text("pk").unwrap();
            if let Some(event) = pk.strip_prefix(&format!("T#{tenant}#EVT#")) {
                let outcome = text("outcome").unwrap();
                let mark = Mark { outcome, incident: text("incident"), why: text("why") };
                marks.put(event, mark);
            }
            if let Some(key) = pk.strip_prefix(&format!("T#{tenant}#ALARM#")) {
                let open: Open = serde_json::from_str(&text("doc").unwrap()).unwrap();
                marks.keys.insert(key.to_owned(), open);
                if let Some(by) = text("by") {
                    marks
                        .put(&by, Mark { outcome: "opened".to_owned(), incident: None, why: None });
                }
            }
        }
        marks
    }

    fn put(&mut self, event: &str, mark: Mark) {
        if self.events.insert(event.to_owned(), mark).is_some() {
            self.twice.push(event.to_owned());
        }
    }

    /// How many transitions came to each outcome.
    pub(super) fn tally(&self) -> BTreeMap<&str, usize> {
        let mut tally = BTreeMap::new();
        for mark in self.events.values() {
            let count = tally.entry(mark.outcome.as_str()).or_insert(0usize);
            *count = count.saturating_add(1);
        }
        tally
    }
}

/// The ids of a tenant's incidents, in the order in which they were opened.
pub(super) fn incidents(world: &World, tenant: &str) -> Vec<IncidentId> {
    let of = |item: &Value| {
        let (pk, sk) = (item["pk"]["S"].as_str()?, item["sk"]["S"].as_str()?);
        let id = pk.strip_prefix(&format!("T#{tenant}#INC#")).filter(|_| sk == "META")?;
        Some(id.parse().unwrap())
    };
    let mut ids: Vec<IncidentId> = world.dynamo.legible().iter().filter_map(of).collect();
    ids.sort();
    ids
}
