//! Many open incidents at once, written straight into the table.

use super::Scene;
use crate::trouble::{Trouble, odd};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use watchfire_domain::{Actor, Draft, EventType, IncidentId};
use watchfire_ports::PortError;
use watchfire_store::Commit;

const AT_ONCE: u64 = 25;
/// How many events are one commit.
const TOGETHER: usize = 40;

impl Scene {
    /// Brings the table to so many open incidents: copies of one that an alarm opened, each under
    /// an id of its own.
    pub fn crowd(&mut self, open: u64) -> Result<(), Trouble> {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| odd(error.to_string()))?;
        let first = runtime.block_on(self.raise())?.incident.to_string();
        let is_first = |item: &&Value| {
            let text = |name: &str| item.pointer(&format!("/{name}/S")).and_then(Value::as_str);
            text("sk") == Some("META") && text("pk").is_some_and(|pk| pk.ends_with(&first))
        };
        let items = self.world.dynamo.items();
        let item = items.iter().find(is_first).ok_or_else(|| odd("the incident has no record"))?;
        let text = item.to_string();
        let mut made = 1_u64;
        while made < open {
            let until = made.saturating_add(AT_ONCE).min(open);
            let puts: Vec<Value> = (made..until)
                .map(|at| text.replace(&first, &other(&first, at)))
                .filter_map(|text| serde_json::from_str::<Value>(&text).ok())
                .map(|item| json!({ "PutRequest": { "Item": item } }))
                .collect();
            let body = json!({ "RequestItems": { "watchfire": puts } });
            let (status, _, answer) = self.world.dynamo.answer("BatchWriteItem", &body);
            if status != 200 {
                return Err(odd(format!("the table refuses a crowd: {answer}")));
            }
            made = until;
        }
        Ok(())
    }
}

impl Scene {
    /// An incident whose timeline has so many events.
    pub fn long(&mut self, events: u64) -> Result<IncidentId, Trouble> {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| odd(error.to_string()))?;
        let incident = runtime.block_on(self.raise())?.incident;
        let repo = self.desk.table.of(&super::tenant()?);
        loop {
            let newest = runtime.block_on(repo.newest(incident, 1)).map_err(odd_port)?;
            let there = newest.first().map_or(0, |event| event.stored.seq);
            let notes = (there..events).take(TOGETHER);
            let commit = notes.fold(Commit::on(incident), |commit, at| {
                let text = format!("latency of node {at} is back under 20 ms");
                let note = Draft::new(EventType::NoteAdded, &Actor::service("bench"));
                commit.event(note.with("text", text))
            });
            if there >= events {
                return Ok(incident);
            }
            runtime.block_on(repo.commit(commit)).map_err(|error| odd(error.to_string()))?;
        }
    }
}

fn odd_port(error: PortError) -> Trouble {
    odd(error.to_string())
}

/// The id with another end: as old, and somebody else's.
fn other(id: &str, at: u64) -> String {
    let kept = id.len().saturating_sub(12);
    let head = id.get(..kept).unwrap_or_default();
    format!("{head}{at:012x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_id_is_as_long() {
        let id = "01939c2a-0000-7000-8000-0123456789ab";
        assert_eq!(other(id, 255), "01939c2a-0000-7000-8000-0000000000ff");
    }
}
