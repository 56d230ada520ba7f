//! What an event is about (S3-44).

use super::Body;
use crate::{ApprovalId, EnvironmentId};

impl Body {
    /// The ids of the records that the event changed; the incident's, if it changed none.
    pub fn target_ids(&self) -> Vec<String> {
        let set = self.payload.get("set").and_then(|set| set.as_object());
        let changed = set.into_iter().flat_map(|set| set.keys());
        let ids: Vec<String> = changed.map(|record| self.id_of(record)).collect();
        if ids.is_empty() { vec![self.incident_id.to_string()] } else { ids }
    }

    /// The id of a record by the name that it has within its incident: `environment/1`.
    fn id_of(&self, record: &str) -> String {
        let incident = self.incident_id;
        let numbered = record.split_once('/').and_then(|(kind, n)| Some((kind, n.parse().ok()?)));
        match numbered {
            Some(("environment", n)) => EnvironmentId { incident, n }.to_string(),
            Some(("approval", n)) => ApprovalId { incident, n }.to_string(),
            _ if record == "incident" => incident.to_string(),
            // A kind younger than this reader keeps its name.
            _ => record.to_owned(),
        }
    }
}
