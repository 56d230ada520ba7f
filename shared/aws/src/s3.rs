//! Evidence in the audit bucket.

mod bucket;
mod key;
mod vault;

pub use vault::S3Vault;

use crate::Aws;
use crate::error::{corrupt, told};
use async_trait::async_trait;
use aws_sdk_s3::types::EncodingType;
pub(crate) use bucket::Bucket;
use bucket::S3;
use std::sync::Arc;
use watchfire_ports::{Evidence, Found, PortError};

const LISTING: &str = "listing evidence";
const READING: &str = "reading an evidence manifest";
const KEEPING: &str = "keeping an answer as evidence";
const MANIFEST: &str = "manifest.json";
const LARGEST_MANIFEST: u64 = 5 * 1024 * 1024;

/// Evidence in one bucket.
#[derive(Debug)]
pub struct S3Evidence {
    bucket: Bucket,
}

impl S3Evidence {
    /// That in `bucket` (`WATCHFIRE_EVIDENCE_BUCKET`).
    pub const fn new(aws: Arc<Aws>, bucket: String) -> Self {
        Self { bucket: Bucket { aws, name: bucket } }
    }

    /// The `…/<name>/` directly below `prefix`.
    async fn folders(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let mut folders = Vec::new();
        let call = self.bucket.aws.s3().list_objects_v2().bucket(&self.bucket.name).prefix(prefix);
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

    async fn manifest(&self, prefix: &str, size: u64) -> Result<Vec<u8>, PortError> {
        if size > LARGEST_MANIFEST {
            let words = format!("the manifest has {size} bytes, more than {LARGEST_MANIFEST}");
            return Err(corrupt(S3, READING, &words));
        }
        let key = format!("{prefix}{MANIFEST}");
        // It may have been replaced since it was listed.
        let found = self.bucket.read(&key, LARGEST_MANIFEST, READING).await?;
        found.ok_or_else(|| PortError::NotFound { what: format!("`{key}`, which was listed") })
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
            let objects = self.bucket.objects(&prefix, LISTING).await?;
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

    async fn keep(&self, key: &str, bytes: Vec<u8>) -> Result<String, PortError> {
        self.bucket.put_new(key, bytes, KEEPING).await?;
        Ok(format!("s3://{}/{key}", self.bucket.name))
    }

    fn location(&self, cluster: &str, number: &str) -> String {
        format!("s3://{}/{cluster}/{number}/", self.bucket.name)
    }
}
