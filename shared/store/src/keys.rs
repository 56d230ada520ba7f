//! Every key of the table, in one place (ARCHITECTURE.md: the table).

use sha2::{Digest as _, Sha256};
use watchfire_domain::{ExecutionId, IncidentId, IntegrationId, Tenant, Timestamp};

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

/// The collection of an incident: its record, environments, approvals and timeline.
pub(crate) fn incident(tenant: &Tenant, id: IncidentId) -> String {
    format!("T#{tenant}#INC#{id}")
}

pub(crate) const META: &str = "META";

pub(crate) fn part(tenant: &Tenant, id: IncidentId, kind: &str, n: u16) -> Key {
    key(incident(tenant, id), numbered(kind, n))
}

pub(crate) fn numbered(kind: &str, n: u16) -> String {
    format!("{kind}#{n:04}")
}

/// Where an execution is found by its id alone: it says which collection it stands in.
pub(crate) fn execution(tenant: &Tenant, id: ExecutionId) -> Key {
    key(format!("T#{tenant}#RUN#{id}"), "-")
}

/// How often each of a tenant's runbooks was started.
pub(crate) fn uses(tenant: &Tenant) -> String {
    format!("T#{tenant}#RUNUSES")
}

/// What each of a tenant's published runbooks is for.
pub(crate) fn purposes(tenant: &Tenant) -> String {
    format!("T#{tenant}#RUNFOR")
}

/// An execution's place in its collection: uuids of version 7, in the order of their time.
pub(crate) fn execution_sk(id: ExecutionId) -> String {
    format!("RUN#{id}")
}

/// The slot of event `seq`. The writer's epoch is 0001 until a second region exists.
pub(crate) fn event(tenant: &Tenant, id: IncidentId, seq: u64) -> Key {
    key(incident(tenant, id), event_sk(seq))
}

pub(crate) fn event_sk(seq: u64) -> String {
    format!("EV#{seq:010}#0001")
}

pub(crate) fn display(tenant: &Tenant, display_id: &str) -> Key {
    key(format!("T#{tenant}#DISP#{display_id}"), "-")
}

pub(crate) fn share(with: &Tenant, id: IncidentId) -> Key {
    key(shares(with), format!("INC#{id}"))
}

pub(crate) fn shares(with: &Tenant) -> String {
    format!("T#{with}#SHR")
}

pub(crate) fn alarm(tenant: &Tenant, alarm: &str) -> Key {
    key(format!("T#{tenant}#ALARM#{alarm}"), "OPEN")
}

pub(crate) fn seen(tenant: &Tenant, event: &str) -> Key {
    key(format!("T#{tenant}#EVT#{event}"), "E")
}

pub(crate) fn mark(tenant: &Tenant, digest: &str) -> Key {
    key(format!("T#{tenant}#IDEM#{digest}"), "I")
}

/// The tokens of an owner, one for each state that it waits in.
pub(crate) fn tokens(tenant: &Tenant, owner: &str) -> String {
    format!("T#{tenant}#TOK#{owner}")
}

pub(crate) fn outbox(tenant: &Tenant, id: &str) -> Key {
    key(format!("T#{tenant}#OUT#{id}"), "O")
}

/// The versions of a plan (`PLAN`) or a profile (`PROF`).
pub(crate) fn versions(tenant: &Tenant, kind: &str, name: &str) -> String {
    format!("T#{tenant}#{kind}#{name}")
}

pub(crate) fn version_sk(version: u32) -> String {
    format!("V#{version:06}")
}

/// The names of a tenant's plans or profiles: their heads, listed.
pub(crate) fn names(tenant: &Tenant, kind: &str) -> String {
    format!("T#{tenant}#{kind}S")
}

/// The global claim of a pair (cluster, number), by its digest.
pub(crate) fn slot(slot: &str) -> Key {
    key(format!("ENVSLOT#{slot}"), "-")
}

/// The state of the log that incidents are sealed in.
pub(crate) fn log() -> Key {
    key("LOG#".to_owned(), "STATE")
}

/// An incident's newest seal.
pub(crate) fn sealed(tenant: &Tenant, id: IncidentId) -> Key {
    key(incident(tenant, id), "SEAL")
}

/// An incident's newest export.
pub(crate) fn exported(tenant: &Tenant, id: IncidentId) -> Key {
    key(incident(tenant, id), "EXPORT")
}

pub(crate) const TENANTS: &str = "CFG#TENANTS";

/// That a tenant has incidents.
pub(crate) fn tenant(tenant: &Tenant) -> Key {
    key(TENANTS.to_owned(), tenant.as_str())
}

/// A tenant's integrations.
pub(crate) fn integrations(tenant: &Tenant) -> String {
    format!("T#{tenant}#HOOKS")
}

pub(crate) fn integration(tenant: &Tenant, id: &IntegrationId) -> Key {
    key(integrations(tenant), id.as_str())
}

/// Whose an integration is: a webhook names it alone.
pub(crate) fn hook(id: &IntegrationId) -> Key {
    key(format!("CFG#HOOK#{id}"), "-")
}

pub(crate) fn alarm_map() -> String {
    "CFG#ALARMMAP".to_owned()
}

pub(crate) fn open_list(tenant: &Tenant, shard: u8) -> String {
    format!("T#{tenant}#OPEN#{shard}")
}

pub(crate) fn done_list(tenant: &Tenant, shard: u8) -> String {
    format!("T#{tenant}#DONE#{shard}")
}

/// How many partitions an incident list has.
pub(crate) const LIST_SHARDS: u8 = 4;

/// How many partitions the due items have.
pub(crate) const DUE_SHARDS: u8 = 16;

pub(crate) fn due_shard(pk: &str) -> u8 {
    Sha256::digest(pk).first().copied().unwrap_or(0) % DUE_SHARDS
}

pub(crate) fn due_pk(shard: u8) -> String {
    format!("PEND#{shard}")
}

pub(crate) fn due_sk(at: Timestamp, pk: &str, sk: &str) -> String {
    format!("{at}#{pk}#{sk}")
}
