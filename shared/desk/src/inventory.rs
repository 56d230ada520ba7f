//! The inventory: what is in the account is compared with the records, both ways. What is safe to
//! mend is mended; everything else is told, and left to a person.

use crate::Desk;
use crate::phases::{ENVIRONMENT_TAG, STAGE_TAG};
use async_recursion::async_recursion as boxed;
use std::collections::BTreeMap;
use watchfire_domain::environment::{State, access_path, slot};
use watchfire_domain::{Environment, EnvironmentId, Tenant};
use watchfire_edge::metrics::{Measured, Metric};
use watchfire_edge::{Fault, chain};
use watchfire_ports::{AccessPoint, TaskStatus};
use watchfire_store::Which;

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrphanKind {
    /// A task of ours that no record knows of. It is left alone: the records may be what is lost.
    UnknownTask,
    /// A task beside the one that its environment has, or of one that is over. It was told to stop.
    StrayTask,
    /// An access point beside the one that a closed environment had: EFS carried out a repeat late.
    /// It was deleted; data stay in any case.
    StrayAccessPoint,
    /// An access point of ours that no record has. It is left alone: deleting wants an approval.
    UnknownAccessPoint,
    /// An access point that a record has, and that does not exist.
    MissingAccessPoint,
}

impl OrphanKind {
    /// Its name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownTask => "unknown_task",
            Self::StrayTask => "stray_task",
            Self::StrayAccessPoint => "stray_access_point",
            Self::UnknownAccessPoint => "unknown_access_point",
            Self::MissingAccessPoint => "missing_access_point",
        }
    }
}

/// Something in the account without a record, or the reverse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orphan {
    /// What does not fit.
    pub kind: OrphanKind,
    /// The resource: an ARN or an id.
    pub resource: String,
    /// The environment, if one is known.
    pub environment: Option<EnvironmentId>,
}

impl Desk {
    /// Compares the account with the records. What cannot be looked at now is looked at next time.
    #[boxed]
    pub async fn inventory(&self) -> Result<Vec<Orphan>, Fault> {
        let mut orphans = Vec::new();
        // Resources first, then the records: a record that is read later knows all that was listed.
        for task in self.tasks.all().await? {
            orphans.extend(self.task_in_place(&task).await?);
        }
        let points = self.points.all().await?;
        for (point, tags) in &points {
            orphans.extend(self.point_in_place(point, tags).await?);
        }
        for tenant in self.table.tenants().await? {
            orphans.extend(self.points_missing(&tenant, &points).await?);
        }
        for orphan in &orphans {
            tracing::error!(
                orphan.kind = orphan.kind.name(),
                orphan.resource = %orphan.resource,
                environment.id = orphan.environment.map(tracing::field::display),
                "The account and the records do not fit",
            );
        }
        #[expect(clippy::cast_precision_loss, reason = "nobody has so many")]
        self.measure(&Measured::new(Metric::OrphansFound, orphans.len() as f64));
        Ok(orphans)
    }

    /// The environment that claimed the slot last.
    async fn claimant(&self, slot: &str) -> Result<Option<(Tenant, Environment)>, Fault> {
        let Some(claim) = self.table.slot(slot).await? else { return Ok(None) };
        let row = self.table.of(&claim.tenant).environment(claim.environment).await?;
        Ok(row.map(|row| (claim.tenant, row.record)))
    }

    async fn task_in_place(&self, task: &TaskStatus) -> Result<Option<Orphan>, Fault> {
        let ours = format!("{}-{}-", self.config.family_prefix, self.config.stage);
        let family = task.family.as_deref().filter(|family| family.starts_with(&ours));
        let slot = task.started_by.as_deref().and_then(|by| by.strip_prefix("wf-"));
        let (Some(_), Some(slot)) = (family, slot) else { return Ok(None) };
        let orphan =
            |kind, environment| Some(Orphan { kind, resource: task.arn.clone(), environment });
        let Some((tenant, environment)) = self.claimant(slot).await? else {
            return Ok(orphan(OrphanKind::UnknownTask, None));
        };
        let own = environment.task.as_ref().is_some_and(|own| own.arn == task.arn);
        match environment.state {
            State::Running if own => return Ok(None),
            State::Running | State::Stopped | State::Closed | State::Failed => {}
            // Something is under way, and whoever is at it ends what is left over.
            State::Requested | State::Created | State::Launching | State::Stopping => {
                return Ok(None);
            }
        }
        self.may_observe(&tenant, &self.table.of(&tenant), &environment).await?;
        if let Err(error) = self.tasks.stop(&task.arn, "no environment has this task").await {
            tracing::warn!(task.arn = %task.arn, "A stray task was not stopped: {}", chain(&error));
        }
        Ok(orphan(OrphanKind::StrayTask, Some(environment.id)))
    }

    async fn point_in_place(
        &self,
        point: &AccessPoint,
        tags: &BTreeMap<String, String>,
    ) -> Result<Option<Orphan>, Fault> {
        let tag = |name: &str| tags.get(name).map(String::as_str);
        // Another deployment may use the same file system.
        if tag("ManagedBy") != Some("watchfire")
            || tag(STAGE_TAG) != Some(self.config.stage.as_str())
        {
            return Ok(None);
        }
        let id: Option<EnvironmentId> = tag(ENVIRONMENT_TAG).and_then(|id| id.parse().ok());
        let known = match (id, point.path.trim_start_matches('/').split_once('/')) {
            // Who claims the slot now need not be who made it, but has the same tenant.
            (Some(id), Some((cluster, number))) => {
                match self.table.slot(&slot(cluster, number)).await? {
                    Some(claim) => {
                        let row = self.table.of(&claim.tenant).environment(id).await?;
                        row.map(|row| (claim.tenant, row.record))
                    }
                    None => None,
                }
            }
            _ => None,
        };
        let orphan = |kind| Some(Orphan { kind, resource: point.id.clone(), environment: id });
        let Some((tenant, environment)) = known else {
            return Ok(orphan(OrphanKind::UnknownAccessPoint));
        };
        let (closed, own) = (
            environment.state == State::Closed,
            environment.access_point.as_ref() == Some(&point.id),
        );
        let removed = closed && environment.kept_because.is_none();
        if environment.state == State::Requested || (own && !removed) {
            return Ok(None);
        }
        // Nobody asks for a permission to delete what no record ever had; and where the record's
        // own was to be removed, that was decided.
        if !closed {
            return Ok(orphan(OrphanKind::UnknownAccessPoint));
        }
        self.may_observe(&tenant, &self.table.of(&tenant), &environment).await?;
        if let Err(error) = self.points.delete(&point.id).await {
            tracing::warn!(access_point.id = %point.id, "A stray access point was not deleted: {}", chain(&error));
        }
        Ok(orphan(OrphanKind::StrayAccessPoint))
    }

    /// The access points that environments of open incidents have, and that are not there.
    async fn points_missing(
        &self,
        tenant: &Tenant,
        listed: &[(AccessPoint, BTreeMap<String, String>)],
    ) -> Result<Vec<Orphan>, Fault> {
        let repo = self.table.of(tenant);
        let (mut missing, mut after) = (Vec::new(), None);
        loop {
            let ids = repo.ids(Which::Open, after).await?;
            let Some(last) = ids.last() else { return Ok(missing) };
            after = Some(*last);
            for id in ids {
                for row in repo.environments(id).await? {
                    let environment = row.record;
                    let Some(point) = &environment.access_point else { continue };
                    let over = matches!(environment.state, State::Closed | State::Failed);
                    let there = listed.iter().any(|(one, _)| {
                        one.id == *point
                            && one.path == access_path(&environment.cluster_id, &environment.number)
                    });
                    // It may be younger than the list.
                    if over || there || self.points.describe(point).await?.is_some() {
                        continue;
                    }
                    missing.push(Orphan {
                        kind: OrphanKind::MissingAccessPoint,
                        resource: point.clone(),
                        environment: Some(environment.id),
                    });
                }
            }
        }
    }
}
