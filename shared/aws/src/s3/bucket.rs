//! A bucket: its objects, by prefix and whole.

use super::key;
use crate::Aws;
use crate::error::{Cause, corrupt, told, unavailable};
use aws_sdk_s3::types::EncodingType;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use std::sync::Arc;
use std::time::Duration;
use watchfire_ports::PortError;

pub(super) const S3: &str = "S3";
// The client's limits end with the head of the answer; this one is for its body.
const BODY: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) aws: Arc<Aws>,
    pub(super) name: String,
}

impl Bucket {
    /// Every object below `prefix`: path relative to it, and size.
    pub(super) async fn objects(
        &self,
        prefix: &str,
        doing: &'static str,
    ) -> Result<Vec<(String, u64)>, PortError> {
        let mut objects = Vec::new();
        let call = self.aws.s3().list_objects_v2().bucket(&self.name).prefix(prefix);
        let mut pages = call.encoding_type(EncodingType::Url).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(told(S3, doing))?;
            for object in page.contents() {
                let name = key::decode(object.key().unwrap_or_default(), page.encoding_type());
                let size = object.size().and_then(|size| u64::try_from(size).ok());
                if let Some(path) = name.strip_prefix(prefix) {
                    objects.push((path.to_owned(), size.unwrap_or_default()));
                }
            }
        }
        Ok(objects)
    }

    /// An object's bytes, `largest` at most; none if there is no object of this name.
    pub(super) async fn read(
        &self,
        key: &str,
        largest: u64,
        doing: &'static str,
    ) -> Result<Option<Vec<u8>>, PortError> {
        let client = self.aws.s3();
        let answer = match client.get_object().bucket(&self.name).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(told(S3, doing)(error)),
        };
        let size = answer.content_length().and_then(|size| u64::try_from(size).ok());
        if let Some(size) = size.filter(|size| *size > largest) {
            let words = format!("`{key}` has {size} bytes, more than {largest}");
            return Err(corrupt(S3, doing, &words));
        }
        let body = tokio::time::timeout(BODY, answer.body.collect()).await;
        let body = body
            .map_err(|error| unavailable(S3, doing, Cause::of(&error)))?
            .map_err(|error| unavailable(S3, doing, Cause::of(&error)))?;
        Ok(Some(body.to_vec()))
    }
}
