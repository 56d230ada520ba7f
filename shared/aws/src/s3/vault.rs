//! The bucket of sealed things.

use super::bucket::{Bucket, S3};
use crate::Aws;
use crate::error::{corrupt, told};
use async_trait::async_trait;
use aws_sdk_s3::presigning::PresigningConfig;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use watchfire_domain::Timestamp;
use watchfire_ports::{PortError, Vault};

const SEALING: &str = "sealing";
const READING: &str = "reading what is sealed";
const LENDING: &str = "lending what is sealed";

/// A bucket under Object Lock with a default retention: every object that is put is locked.
#[derive(Debug)]
pub struct S3Vault {
    bucket: Bucket,
}

impl S3Vault {
    /// That called `bucket` (`WATCHFIRE_CHECKPOINT_BUCKET`).
    pub const fn new(aws: Arc<Aws>, bucket: String) -> Self {
        Self { bucket: Bucket { aws, name: bucket } }
    }
}

#[async_trait]
impl Vault for S3Vault {
    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, PortError> {
        self.bucket.put_new(name, bytes, SEALING).await
    }

    async fn replace(&self, name: &str, bytes: Vec<u8>) -> Result<(), PortError> {
        self.bucket.put(name, bytes).send().await.map(|_| ()).map_err(told(S3, SEALING))
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.bucket.read(name, u64::MAX, READING).await
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let objects = self.bucket.objects(prefix, READING).await?;
        // S3 "ListObjectsV2": in the order of their names, as bytes.
        Ok(objects.into_iter().map(|(name, _)| name).collect())
    }

    async fn lend(&self, name: &str, from: Timestamp, seconds: u32) -> Result<String, PortError> {
        let since = Duration::from_millis(u64::try_from(from.millis()).unwrap_or_default());
        let signing = PresigningConfig::builder()
            .start_time(UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH))
            .expires_in(Duration::from_secs(seconds.into()))
            .build()
            .map_err(|error| corrupt(S3, LENDING, &error.to_string()))?;
        let object = self.bucket.aws.s3().get_object().bucket(&self.bucket.name).key(name);
        let signed = object.presigned(signing).await.map_err(told(S3, LENDING))?;
        Ok(signed.uri().to_owned())
    }

    fn location(&self, name: &str) -> String {
        format!("s3://{}/{name}", self.bucket.name)
    }
}
