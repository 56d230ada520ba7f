//! Many open incidents at once, written straight into the table.

use super::Scene;
use crate::trouble::{Trouble, odd};
use serde_json::{Value, json};
use tokio::runtime::Builder;

const AT_ONCE: u64 = 25;

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
