//! The bucket of sealed things.

use super::{BODY, S3};
use crate::Aws;
use crate::error::{Cause, told, unavailable};
use async_trait::async_trait;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use std::sync::Arc;
use watchfire_ports::{PortError, Vault};

const SEALING: &str = "sealing";
const READING: &str = "reading what is sealed";

/// A bucket under Object Lock with a default retention: every object that is put is locked.
#[derive(Debug)]
pub struct S3Vault {
    aws: Arc<Aws>,
    bucket: String,
}

impl S3Vault {
    /// That called `bucket` (`WATCHFIRE_CHECKPOINT_BUCKET`).
    pub const fn new(aws: Arc<Aws>, bucket: String) -> Self {
        Self { aws, bucket }
    }
}

#[async_trait]
impl Vault for S3Vault {
    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, PortError> {
        let client = self.aws.s3();
        let call = client.put_object().bucket(&self.bucket).key(name).if_none_match("*");
        match call.body(bytes.into()).send().await {
            Ok(_) => Ok(true),
            // S3 "Conditional requests": 412, an object of that name exists.
            Err(error) if error.code() == Some("PreconditionFailed") => Ok(false),
            Err(error) => Err(told(S3, SEALING)(error)),
        }
    }

    async fn replace(&self, name: &str, bytes: Vec<u8>) -> Result<(), PortError> {
        let call = self.aws.s3().put_object().bucket(&self.bucket).key(name).body(bytes.into());
        call.send().await.map(|_| ()).map_err(told(S3, SEALING))
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        let client = self.aws.s3();
        let answer = match client.get_object().bucket(&self.bucket).key(name).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(told(S3, READING)(error)),
        };
        let body = tokio::time::timeout(BODY, answer.body.collect()).await;
        let body = body
            .map_err(|error| unavailable(S3, READING, Cause::of(&error)))?
            .map_err(|error| unavailable(S3, READING, Cause::of(&error)))?;
        Ok(Some(body.to_vec()))
    }

    fn location(&self, name: &str) -> String {
        format!("s3://{}/{name}", self.bucket)
    }
}
