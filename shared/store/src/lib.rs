//! The single table: the only crate that speaks to DynamoDB.
//!
//! A [`Repo`] can only be had for a [`Tenant`](watchfire_domain::Tenant), and every key that it
//! builds begins with that tenant. What is not a tenant's (due items, the alarm mapping, environment
//! slots) is read through [`Table`].

mod alarms;
mod commit;
mod cursor;
mod deflate;
mod due;
mod error;
mod events;
mod executions;
mod hooks;
mod item;
mod keys;
mod list;
mod log;
mod outbox;
mod plans;
mod records;
mod runbooks;
mod slots;
mod tenants;
mod token;
mod transact;

pub use alarms::{Outcome, Seen};
pub use commit::{Commit, Due, Mark, Receipt, Refused, Stored, receipt_json};
pub use cursor::{CursorKey, CursorRefused};
pub use due::{DueItem, DueKind};
pub use events::{Event, Head};
pub use list::{Page, Which};
pub use log::{Exported, LogState, SealedAt};
pub use outbox::Queued;
pub use plans::{AlarmPlan, Versioned};
pub use records::{Record, Row};
pub use slots::Slot;
pub use token::{TokenKey, TokenRefused};

use aws_sdk_dynamodb::Client;
use std::sync::Arc;
use watchfire_domain::Tenant;
use watchfire_ports::{Clock, Ids, Pause};

/// The table, and what writing to it needs.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    pause: Arc<dyn Pause>,
}

/// The table, as one tenant sees it.
#[derive(Debug, Clone)]
pub struct Repo {
    table: Table,
    tenant: Tenant,
}

impl Table {
    /// The table called `name`.
    pub fn new(
        client: Client,
        name: &str,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        pause: Arc<dyn Pause>,
    ) -> Self {
        Self { client, name: name.to_owned(), clock, ids, pause }
    }

    /// The table, as `tenant` sees it.
    pub fn of(&self, tenant: &Tenant) -> Repo {
        Repo { table: self.clone(), tenant: tenant.clone() }
    }

    /// One cheap read, so that the TLS handshake is done in INIT (performance: prewarm).
    pub async fn prewarm(&self) {
        let key = keys::alarm_map();
        // Whatever it answers: only the connection matters.
        let _ = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(item::PK, item::s(&key))
            .key(item::SK, item::s("-"))
            .send()
            .await;
    }
}

impl Repo {
    /// Whose keys these are.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The table.
    pub fn table(&self) -> &Table {
        &self.table
    }
}
