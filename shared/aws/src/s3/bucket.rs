//! A bucket: its objects, by prefix and whole.

use super::key;
use crate::Aws;
use crate::error::{Cause, corrupt, told, unavailable};
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use aws_smithy_types::byte_stream::error::Error as ByteStreamError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use watchfire_domain::Whole;
use watchfire_ports::PortError;

pub(super) const S3: &str = "S3";
// The client's limits end with the head of the answer; this one is for its body.
const BODY: Duration = Duration::from_secs(10);
// What is read to hash it, where S3 does not tell the digest of the whole: what comes within `BODY`.
const HASHED: u64 = 64 * 1_024 * 1_024;

#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) aws: Arc<Aws>,
    pub(crate) name: String,
}

/// How an object begins.
pub(crate) struct Beginning {
    pub(crate) bytes: Vec<u8>,
    /// What is known of the whole, if there is more of it.
    pub(crate) whole: Option<Whole>,
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

    /// The writing of an object.
    pub(super) fn put(&self, key: &str, bytes: Vec<u8>) -> PutObjectFluentBuilder {
        let client = self.aws.s3();
        client.put_object().bucket(&self.name).key(key).body(bytes.into())
    }

    /// Writes an object, if there is none of this name. True if it was written now.
    pub(super) async fn put_new(
        &self,
        key: &str,
        bytes: Vec<u8>,
        doing: &'static str,
    ) -> Result<bool, PortError> {
        match self.put(key, bytes).if_none_match("*").send().await {
            Ok(_) => Ok(true),
            // S3 "Conditional requests": 412, an object of that name exists.
            Err(error) if error.code() == Some("PreconditionFailed") => Ok(false),
            Err(error) => Err(told(S3, doing)(error)),
        }
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

    /// An object's first bytes, `most` at most; none if there is no object of this name.
    pub(crate) async fn beginning(
        &self,
        key: &str,
        most: usize,
        doing: &'static str,
    ) -> Result<Option<Beginning>, PortError> {
        // To read what is missing is forbidden to whoever may not list the whole bucket (S3
        // "GetObject"); to list its key is not.
        let listed = self.objects(key, doing).await?;
        let Some((_, size)) = listed.into_iter().find(|(path, _)| path.is_empty()) else {
            return Ok(None);
        };
        let client = self.aws.s3();
        // Without a `Range`, which S3 refuses for an empty object: the rest is not read.
        let mut answer = match client.get_object().bucket(&self.name).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(told(S3, doing)(error)),
        };
        let told_sha256 = answer.checksum_sha256().and_then(digest);
        let mut hash = Sha256::new();
        let read = async {
            let mut bytes = Vec::new();
            while let Some(some) = answer.body.try_next().await? {
                hash.update(&some);
                bytes.extend_from_slice(&some);
                if bytes.len() > most {
                    bytes.truncate(most);
                    return Ok((bytes, true));
                }
            }
            Ok((bytes, false))
        };
        let read: Result<_, ByteStreamError> = tokio::time::timeout(BODY, read)
            .await
            .map_err(|error| unavailable(S3, doing, Cause::of(&error)))?;
        let (bytes, cut) = read.map_err(|error| unavailable(S3, doing, Cause::of(&error)))?;
        let sha256 = match told_sha256 {
            None if cut && size <= HASHED => rest(&mut answer.body, hash).await,
            told => told,
        };
        Ok(Some(Beginning {
            bytes,
            whole: cut.then_some(Whole { bytes: size, sha256, read: false }),
        }))
    }
}

// The hash of what is left of a body, after what `hash` has seen. None if it does not come in time:
// the record then says how much was hashed.
async fn rest(body: &mut ByteStream, mut hash: Sha256) -> Option<String> {
    let read = async {
        while let Some(some) = body.try_next().await.ok()? {
            hash.update(&some);
        }
        Some(watchfire_domain::hex(&hash.finalize()))
    };
    tokio::time::timeout(BODY, read).await.ok()?
}

// In hex, as S3 checked it when it took the object. That of an object of several parts is a hash of
// their hashes, and ends with their number (S3, "Checking object integrity").
fn digest(told: &str) -> Option<String> {
    let bytes = aws_smithy_types::base64::decode(told).ok()?;
    (bytes.len() == 32).then(|| watchfire_domain::hex(&bytes))
}
