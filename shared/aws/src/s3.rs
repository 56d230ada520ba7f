//! Evidence in the audit bucket.

mod key;
mod vault;

pub use vault::S3Vault;

use crate::Aws;
use crate::error::{Cause, corrupt, told, unavailable};
use async_trait::async_trait;
use aws_sdk_s3::types::EncodingType;
use std::sync::Arc;
use std::time::Duration;
use watchfire_ports::{Evidence, Found, PortError};

const S3: &str = "S3";
const LISTING: &str = "listing evidence";
const READING: &str = "reading an evidence manifest";
const MANIFEST: &str = "manifest.json";
const LARGEST_MANIFEST: u64 = 5 * 1024 * 1024;
// The client's limits end with the head of the answer; this one is for its body.
const BODY: Duration = Duration::from_secs(10);

/// Evidence in one bucket.
#[derive(Debug)]
pub struct S3Evidence {
    aws: Arc<Aws>,
    bucket: String,
}

impl S3Evidence {
    /// That in `bucket` (`WATCHFIRE_EVIDENCE_BUCKET`).
    pub const fn new(aws: Arc<Aws>, bucket: String) -> Self {
        Self { aws, bucket }
    }

    /// The `…/<name>/` directly below `prefix`.
    async fn folders(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let mut folders = Vec::new();
        let call = self.aws.s3().list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages =
            call.delimiter("/").encoding_type(EncodingType::Url).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(told(S3, LISTING))?;
            for folder in page.common_prefixes().iter().filter_map(|folder| folder.prefix()) {
                folders.push(key::decode(folder, page.encoding_type()));
            }
        }
        Ok(folders)
    }

    /// Every object below `prefix`: path relative to it, and size.
    async fn objects(&self, prefix: &str) -> Result<Vec<(String, u64)>, PortError> {
        let mut objects = Vec::new();
        let call = self.aws.s3().list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = call.encoding_type(EncodingType::Url).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(told(S3, LISTING))?;
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

    async fn manifest(&self, prefix: &str, size: u64) -> Result<Vec<u8>, PortError> {
        let too_large = |size: u64| {
            let words = format!("the manifest has {size} bytes, more than {LARGEST_MANIFEST}");
            corrupt(S3, READING, &words)
        };
        if size > LARGEST_MANIFEST {
            return Err(too_large(size));
        }
        let key = format!("{prefix}{MANIFEST}");
        let client = self.aws.s3();
        let answer = client.get_object().bucket(&self.bucket).key(key).send().await;
        let answer = answer.map_err(told(S3, READING))?;
        // It may have been replaced since it was listed.
        let size = answer.content_length().and_then(|size| u64::try_from(size).ok());
        if let Some(size) = size.filter(|size| *size > LARGEST_MANIFEST) {
            return Err(too_large(size));
        }
        let body = tokio::time::timeout(BODY, answer.body.collect()).await;
        let body = body
            .map_err(|error| unavailable(S3, READING, Cause::of(&error)))?
            .map_err(|error| unavailable(S3, READING, Cause::of(&error)))?;
        Ok(body.to_vec())
    }
}

#[async_trait]
impl Evidence for S3Evidence {
    async fn find(
        &self,
        cluster: &str,
        number: &str,
        task_id: &str,
    ) -> Result<Option<Found>, PortError> {
        // The container names its folder after the day on which it stopped. Days are few and their
        // names are in order of time: the newest that has the task is the one.
        let mut days = self.folders(&format!("{cluster}/{number}/")).await?;
        days.sort();
        for day in days.into_iter().rev() {
            let prefix = format!("{day}{task_id}/");
            let objects = self.objects(&prefix).await?;
            if objects.is_empty() {
                continue;
            }
            let listed = objects.iter().find(|(path, _)| path == MANIFEST);
            let manifest = match listed {
                Some((_, size)) => Some(self.manifest(&prefix, *size).await?),
                None => None,
            };
            return Ok(Some(Found { prefix, objects, manifest }));
        }
        Ok(None)
    }

    fn location(&self, cluster: &str, number: &str) -> String {
        format!("s3://{}/{cluster}/{number}/", self.bucket)
    }
}
