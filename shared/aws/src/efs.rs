//! Access points of EFS.

use crate::Aws;
use crate::error::{Cause, corrupt, refused, told, unavailable};
use async_trait::async_trait;
use aws_sdk_efs::error::BuildError;
use aws_sdk_efs::operation::create_access_point::CreateAccessPointError;
use aws_sdk_efs::operation::delete_access_point::DeleteAccessPointError;
use aws_sdk_efs::operation::describe_access_points::{
    DescribeAccessPointsError, DescribeAccessPointsOutput,
};
use aws_sdk_efs::types::{
    AccessPointDescription, CreationInfo, LifeCycleState, PosixUser, RootDirectory, Tag,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use watchfire_ports::{AccessPoint, AccessPointAsk, AccessPoints, PortError};

const EFS: &str = "EFS";
const CREATING: &str = "creating an access point";
const DESCRIBING: &str = "describing an access point";
// The container's user `sre`.
const OWNER: i64 = 1000;

/// Access points of one file system.
#[derive(Debug)]
pub struct EfsAccessPoints {
    aws: Arc<Aws>,
    file_system: String,
}

impl EfsAccessPoints {
    /// Those of `file_system` (`WATCHFIRE_FILE_SYSTEM`).
    pub const fn new(aws: Arc<Aws>, file_system: String) -> Self {
        Self { aws, file_system }
    }

    async fn page(
        &self,
        from: Option<String>,
        doing: &'static str,
    ) -> Result<DescribeAccessPointsOutput, PortError> {
        let call = self.aws.efs().describe_access_points().file_system_id(&self.file_system);
        call.set_next_token(from).send().await.map_err(told(EFS, doing))
    }

    // The client token made one before: it is ours if it leads to the same place.
    async fn adopt(&self, id: &str, path: &str) -> Result<AccessPoint, PortError> {
        match self.describe(id).await? {
            Some(point) if point.path == path => Ok(point),
            Some(_) => Err(PortError::Conflict { what: id.to_owned(), doing: CREATING }),
            None => {
                let words = format!("{id} was made before and is being deleted");
                Err(unavailable(EFS, CREATING, Cause::text(&words)))
            }
        }
    }
}

#[async_trait]
impl AccessPoints for EfsAccessPoints {
    async fn create(&self, ask: &AccessPointAsk) -> Result<AccessPoint, PortError> {
        let unfit = |error: BuildError| refused(EFS, CREATING, &Cause::of(&error).to_string());
        let tags: Result<Vec<Tag>, _> = ask.tags.iter().map(tag).collect();
        let made = self
            .aws
            .efs()
            .create_access_point()
            .client_token(&ask.client_token)
            .file_system_id(&self.file_system)
            .posix_user(PosixUser::builder().uid(OWNER).gid(OWNER).build().map_err(unfit)?)
            .root_directory(root(&ask.path).map_err(unfit)?)
            .set_tags(Some(tags.map_err(unfit)?))
            .send()
            .await;
        match made {
            Ok(made) => Ok(AccessPoint {
                id: made
                    .access_point_id
                    .ok_or_else(|| corrupt(EFS, CREATING, "the answer has no id"))?,
                path: made.root_directory.and_then(|root| root.path).unwrap_or_default(),
                available: made.life_cycle_state == Some(LifeCycleState::Available),
            }),
            Err(error) => match error.as_service_error() {
                Some(CreateAccessPointError::AccessPointAlreadyExists(other)) => {
                    self.adopt(other.access_point_id(), &ask.path).await
                }
                _ => Err(told(EFS, CREATING)(error)),
            },
        }
    }

    async fn find(&self, client_token: &str) -> Result<Option<AccessPoint>, PortError> {
        let mut from = None;
        loop {
            let page = self.page(from, "looking for an access point").await?;
            let mut points = page.access_points.unwrap_or_default().into_iter();
            if let Some(point) = points.find(|point| point.client_token() == Some(client_token)) {
                return Ok(living(point));
            }
            from = page.next_token;
            if from.is_none() {
                return Ok(None);
            }
        }
    }

    async fn all(&self) -> Result<Vec<(AccessPoint, BTreeMap<String, String>)>, PortError> {
        let mut all = Vec::new();
        let mut from = None;
        loop {
            let page = self.page(from, "listing access points").await?;
            for point in page.access_points.unwrap_or_default() {
                let tags = point.tags().iter().map(|tag| (tag.key().into(), tag.value().into()));
                let tags = tags.collect();
                all.extend(living(point).map(|point| (point, tags)));
            }
            from = page.next_token;
            if from.is_none() {
                return Ok(all);
            }
        }
    }

    async fn describe(&self, id: &str) -> Result<Option<AccessPoint>, PortError> {
        let answer = self.aws.efs().describe_access_points().access_point_id(id).send().await;
        let points = match answer {
            Ok(answer) => answer.access_points.unwrap_or_default(),
            Err(error) => match error.as_service_error() {
                Some(DescribeAccessPointsError::AccessPointNotFound(_)) => return Ok(None),
                _ => return Err(told(EFS, DESCRIBING)(error)),
            },
        };
        // Where a missing one is no error, the list is empty.
        let point = points.into_iter().find(|point| point.access_point_id() == Some(id));
        Ok(point.and_then(living))
    }

    async fn delete(&self, id: &str) -> Result<(), PortError> {
        let deleted = self.aws.efs().delete_access_point().access_point_id(id).send().await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteAccessPointError::AccessPointNotFound(_)) => Ok(()),
                _ => Err(told(EFS, "deleting an access point")(error)),
            },
        }
    }
}

fn living(point: AccessPointDescription) -> Option<AccessPoint> {
    if point.life_cycle_state() == Some(&LifeCycleState::Deleted) {
        return None;
    }
    let available = point.life_cycle_state() == Some(&LifeCycleState::Available);
    let path = point.root_directory.and_then(|root| root.path).unwrap_or_default();
    Some(AccessPoint { id: point.access_point_id?, path, available })
}

// Without creation info a directory that is not there yet cannot be mounted.
fn root(path: &str) -> Result<RootDirectory, BuildError> {
    let creation =
        CreationInfo::builder().owner_uid(OWNER).owner_gid(OWNER).permissions("0755").build()?;
    Ok(RootDirectory::builder().path(path).creation_info(creation).build())
}

fn tag((key, value): &(String, String)) -> Result<Tag, BuildError> {
    Tag::builder().key(key).value(value).build()
}
