//! Events that the linker's order was not made of (`cargo xtask order`): what a function comes to
//! when it does what nobody measured before.

use super::events::gateway;
use super::{Scene, listing};
use crate::trouble::{Trouble, odd};
use serde_json::{Value, json};

/// As many open incidents as fill a page of the list.
const CROWD: u64 = 100;
/// No incident has this id.
const NOWHERE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Such an event, of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// A full page of the list.
    List,
    /// What the policies would decide.
    Simulate,
    /// An incident that there is not.
    Missing,
    /// A caller whom nobody knows.
    Stranger,
}

impl Unseen {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::List, Self::Simulate, Self::Missing, Self::Stranger];

    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "api-list",
            Self::Simulate => "api-simulate",
            Self::Missing => "api-missing",
            Self::Stranger => "api-stranger",
        }
    }

    /// The status of its answer: with another one it is another event.
    pub const fn status(self) -> u16 {
        match self {
            Self::List | Self::Simulate => 200,
            Self::Missing => 404,
            Self::Stranger => 401,
        }
    }
}

impl Scene {
    /// The event, and what it finds.
    pub fn unseen(&mut self, unseen: Unseen) -> Result<Value, Trouble> {
        match unseen {
            Unseen::List => {
                self.crowd(CROWD)?;
                Ok(listing())
            }
            Unseen::Simulate => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
                let runtime = runtime.map_err(|error| odd(error.to_string()))?;
                let incident = runtime.block_on(self.raise())?.incident;
                let question = json!({
                    "action": "incident.note", "resource": { "incident_id": incident },
                });
                Ok(gateway("POST", "/iam/v1/policy/simulate", &question.to_string()))
            }
            Unseen::Missing => Ok(gateway("GET", &format!("/iam/v1/incidents/{NOWHERE}"), "")),
            Unseen::Stranger => {
                let mut event = listing();
                if let Some(arn) = event.pointer_mut("/requestContext/authorizer/iam/userArn") {
                    *arn = json!("arn:aws:sts::444455556666:assumed-role/nobody/known");
                }
                Ok(event)
            }
        }
    }
}
