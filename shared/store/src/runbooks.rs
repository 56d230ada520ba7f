//! The catalogue of runbooks: a head for each name, with its draft, and versions that are put once.

use crate::commit::{Mark, Receipt, Refused, put_new, transact_put, write_mark};
use crate::item::{self, Item};
use crate::{Repo, keys};
use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use std::collections::BTreeMap;
use watchfire_ports::PortError;
use watchfire_runbook::catalog::{Runbook, Version};
use watchfire_runbook::link::Purpose;

/// How often a runbook was started.
pub(crate) const USES: &str = "uses";

const KIND: &str = "RUNBOOK";

impl Repo {
    /// The runbook of this name, read consistently.
    pub async fn runbook(&self, name: &str) -> Result<Option<Runbook>, PortError> {
        let head = self.head_of(name);
        self.table().get(&head, true).await?.as_ref().map(item::doc).transpose()
    }

    /// Every runbook of the tenant, by name.
    pub async fn runbooks(&self) -> Result<Vec<Runbook>, PortError> {
        let items = self.table().collect(&keys::names(self.tenant(), KIND), "").await?;
        items.iter().map(item::doc).collect()
    }

    /// A published version. Read consistently: what was published a moment ago may be started.
    pub async fn runbook_version(
        &self,
        name: &str,
        version: u32,
    ) -> Result<Option<Version>, PortError> {
        let place = self.place_of(name, version);
        self.table().get(&place, true).await?.as_ref().map(item::doc).transpose()
    }

    /// What each published runbook is for, by name: one read, which drafts do not make larger.
    pub async fn purposes(&self) -> Result<Vec<Purpose>, PortError> {
        let items = self.table().collect(&keys::purposes(self.tenant()), "").await?;
        items.iter().map(item::doc).collect()
    }

    /// Stores what became of a runbook, and the version that was published with it: `Changed` if
    /// somebody else changed it first. `after` is none if nothing is left of it.
    pub async fn put_runbook(
        &self,
        before: Option<&Runbook>,
        after: Option<&Runbook>,
        published: Option<&Version>,
        mark: Option<Mark>,
    ) -> Result<(), Refused> {
        let mut parts = Vec::new();
        match (before, after) {
            (None, None) => return Ok(()),
            (None, Some(new)) => {
                let fields =
                    vec![(item::DOC, item::packed(new)?), (item::VER, item::n(new.version))];
                parts.push(put_new(self.tenant(), &self.head_of(&new.name), fields));
            }
            (Some(before), Some(after)) => {
                let head = self.head_of(&after.name);
                let put = Put::builder()
                    .table_name("")
                    .item(item::PK, item::s(&head.pk))
                    .item(item::SK, item::s(&head.sk))
                    .item(item::DOC, item::packed(after)?)
                    .item(item::VER, item::n(after.version))
                    .condition_expression("ver = :was")
                    .expression_attribute_values(":was", item::n(before.version))
                    .return_values_on_condition_check_failure(
                        ReturnValuesOnConditionCheckFailure::AllOld,
                    );
                parts.push(transact_put(put));
            }
            (Some(before), None) => {
                let head = self.head_of(&before.name);
                let delete = Delete::builder()
                    .table_name("")
                    .key(item::PK, item::s(&head.pk))
                    .key(item::SK, item::s(&head.sk))
                    .condition_expression("ver = :was")
                    .expression_attribute_values(":was", item::n(before.version));
                let delete = delete.build().ok();
                parts.push(TransactWriteItem::builder().set_delete(delete).build());
            }
        }
        if let Some(version) = published {
            let place = self.place_of(&version.spec.name, version.version);
            let fields = vec![(item::DOC, item::packed(version)?)];
            parts.push(put_new(self.tenant(), &place, fields));
            // Its head is the fence.
            let purpose = Put::builder()
                .table_name("")
                .item(item::PK, item::s(&keys::purposes(self.tenant())))
                .item(item::SK, item::s(&version.spec.name))
                .item(item::DOC, item::packed(&Purpose::of(&version.spec))?);
            parts.push(transact_put(purpose));
        }
        if let Some(mark) = &mark {
            let none = Receipt { events: Vec::new() };
            parts.push(write_mark(self.tenant(), mark, &none, self.table().clock.now()));
        }
        self.store_all(parts, mark.is_some()).await
    }

    /// How often each of the runbooks was started; none that never was.
    pub async fn uses(&self) -> Result<BTreeMap<String, u64>, PortError> {
        let items = self.table().collect(&keys::uses(self.tenant()), "").await?;
        let used = |found: &Item| {
            Ok((item::text(found, item::SK)?.to_owned(), item::number(found, USES)?))
        };
        items.iter().map(used).collect()
    }

    /// How often the runbook was started.
    pub async fn used(&self, runbook: &str) -> Result<u64, PortError> {
        let key = keys::Key { pk: keys::uses(self.tenant()), sk: runbook.to_owned() };
        let found = self.table().get(&key, false).await?;
        found.map_or(Ok(0), |found| item::number(&found, USES))
    }

    fn head_of(&self, name: &str) -> keys::Key {
        keys::Key { pk: keys::names(self.tenant(), KIND), sk: name.to_owned() }
    }

    fn place_of(&self, name: &str, version: u32) -> keys::Key {
        let pk = keys::versions(self.tenant(), KIND, name);
        keys::Key { pk, sk: keys::version_sk(version) }
    }
}
