//! The log that incidents are sealed in: how large it is, what is being appended to it, and where in
//! it an incident stands (DESIGN §5).

use crate::item::{self, Item};
use crate::{Repo, Table, error, keys};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use watchfire_domain::chain::Digest;
use watchfire_domain::{IncidentId, Timestamp};
use watchfire_ports::PortError;

/// The log's state. `version` fences its next write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogState {
    /// How often it was written.
    pub version: u64,
    /// How many leaves are sealed.
    pub size: u64,
    /// The texts of the leaves that are being appended behind those: chosen once, so that whoever
    /// finishes after a crash appends the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
    /// When every incident was last looked at, and not the open ones alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited: Option<Timestamp>,
}

/// Where an incident is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedAt {
    /// The leaf's place in the log, from 0.
    pub index: u64,
    /// The size of the checkpoint that sealed it.
    pub size: u64,
    /// The newest event's sequence then.
    pub seq: u64,
    /// Its hash.
    pub head: Digest,
}

/// That an incident was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// Up to which event.
    pub seq: u64,
    /// The size of the bundle's newest checkpoint.
    pub size: u64,
    /// When.
    pub at: Timestamp,
    /// Where the bundle is.
    pub location: String,
}

impl Table {
    /// The log's state, read consistently.
    pub async fn log(&self) -> Result<LogState, PortError> {
        let item = self.get(&keys::log(), true).await?;
        item.as_ref().map_or_else(|| Ok(LogState::default()), item::doc)
    }

    /// Writes the log's state after `before`. False if somebody else was faster.
    pub async fn write_log(&self, before: &LogState, after: &LogState) -> Result<bool, PortError> {
        let key = keys::log();
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(item::PK, item::s(&key.pk))
            .item(item::SK, item::s(&key.sk))
            .item(item::VER, item::n(after.version))
            .item(item::DOC, item::packed(after)?);
        let put = if before.version == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("ver = :was")
                .expression_attribute_values(":was", item::n(before.version))
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if taken(&error) => Ok(false),
            Err(error) => Err(error::port("writing the log's state")(error)),
        }
    }
}

fn taken<R>(error: &SdkError<PutItemError, R>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception)
}

impl Repo {
    /// Notes the incident's newest seal. The note spares looking for it: what counts is the bucket.
    pub async fn note_seal(&self, id: IncidentId, at: &SealedAt) -> Result<(), PortError> {
        let key = keys::sealed(self.tenant(), id);
        self.note(&key, at, "noting where an incident is sealed").await
    }

    /// The incident's newest seal, as it was noted.
    pub async fn noted_seal(&self, id: IncidentId) -> Result<Option<SealedAt>, PortError> {
        self.noted(&keys::sealed(self.tenant(), id)).await
    }

    /// Notes that the incident was exported.
    pub async fn exported(&self, id: IncidentId, export: &Exported) -> Result<(), PortError> {
        let key = keys::exported(self.tenant(), id);
        self.note(&key, export, "noting an export").await
    }

    /// The incident's newest export.
    pub async fn export(&self, id: IncidentId) -> Result<Option<Exported>, PortError> {
        self.noted(&keys::exported(self.tenant(), id)).await
    }

    async fn noted<T: DeserializeOwned>(&self, key: &keys::Key) -> Result<Option<T>, PortError> {
        let item: Option<Item> = self.table().get(key, true).await?;
        item.as_ref().map(item::doc).transpose()
    }

    async fn note(
        &self,
        key: &keys::Key,
        doc: &(impl Serialize + Sync),
        doing: &'static str,
    ) -> Result<(), PortError> {
        let table = self.table();
        let put = table
            .client
            .put_item()
            .table_name(&table.name)
            .item(item::PK, item::s(&key.pk))
            .item(item::SK, item::s(&key.sk))
            .item(item::DOC, item::packed(doc)?);
        put.send().await.map(|_| ()).map_err(error::port(doing))
    }
}
