//! The audit bucket.

use crate::faults::Faults;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_ports::{Evidence, Found, PortError};

const MANIFEST: &str = "manifest.json";

/// A bucket. Fake tasks write into it; a test may add, spoil and remove.
#[derive(Clone, Debug)]
pub struct FakeEvidence {
    bucket: String,
    objects: Service<BTreeMap<String, Vec<u8>>>,
}

impl FakeEvidence {
    /// An empty bucket.
    pub fn new(bucket: &str, faults: Faults) -> Self {
        Self { bucket: bucket.to_owned(), objects: Service::new(faults, BTreeMap::new()) }
    }

    /// The same bucket, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { bucket: self.bucket.clone(), objects: self.objects.with_faults(faults) }
    }

    /// Puts an object, as a container does.
    pub fn put(&self, key: &str, bytes: &[u8]) {
        self.objects.state().insert(key.to_owned(), bytes.to_vec());
    }

    /// Removes an object, as nobody may; whether it was there.
    pub fn remove(&self, key: &str) -> bool {
        self.objects.state().remove(key).is_some()
    }

    /// An object's bytes.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.objects.state().get(key).cloned()
    }

    /// Every key, in order.
    pub fn keys(&self) -> Vec<String> {
        self.objects.state().keys().cloned().collect()
    }

    /// The calls that reached the bucket.
    pub fn calls(&self) -> Vec<String> {
        self.objects.calls()
    }

    /// Every object: its key and size.
    pub fn dump(&self) -> String {
        let objects = self.objects.state();
        lines(objects.iter().map(|(key, bytes)| format!("{key} {}", bytes.len())))
    }
}

#[async_trait]
impl Evidence for FakeEvidence {
    async fn find(
        &self,
        cluster: &str,
        number: &str,
        task_id: &str,
    ) -> Result<Option<Found>, PortError> {
        let doing = "looking for the evidence";
        let below = format!("{cluster}/{number}/");
        let list = Ask::new("s3:ListBucket", doing, &below);
        let days = self.objects.read(list, |objects, _| Ok(days(objects, &below))).await?;
        // The newest day that has the task.
        for day in days.iter().rev() {
            let prefix = format!("{below}{day}/{task_id}/");
            let list = Ask::new("s3:ListBucket", doing, &prefix);
            let objects =
                self.objects.read(list, |objects, _| Ok(listed(objects, &prefix))).await?;
            if objects.is_empty() {
                continue;
            }
            let mut manifest = None;
            if objects.iter().any(|(path, _)| path == MANIFEST) {
                let key = format!("{prefix}{MANIFEST}");
                let get = Ask::new("s3:GetObject", "reading the evidence's manifest", &key);
                manifest =
                    self.objects.read(get, |objects, _| Ok(objects.get(&key).cloned())).await?;
            }
            return Ok(Some(Found { prefix, objects, manifest }));
        }
        Ok(None)
    }

    async fn keep(&self, key: &str, bytes: Vec<u8>) -> Result<String, PortError> {
        let put = Ask::new("s3:PutObject", "keeping an answer as evidence", key);
        let (place, key) = (format!("s3://{}/{key}", self.bucket), key.to_owned());
        self.objects
            .write(put, move |objects| {
                objects.entry(key.clone()).or_insert_with(|| bytes.clone());
                Ok(place.clone())
            })
            .await
    }

    fn location(&self, cluster: &str, number: &str) -> String {
        format!("s3://{}/{cluster}/{number}/", self.bucket)
    }
}

fn below<'a>(
    objects: &'a BTreeMap<String, Vec<u8>>,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a str, &'a Vec<u8>)> {
    let from = objects.range(prefix.to_owned()..);
    from.map_while(move |(key, bytes)| Some((key.strip_prefix(prefix)?, bytes)))
}

fn days(objects: &BTreeMap<String, Vec<u8>>, prefix: &str) -> BTreeSet<String> {
    let folders = below(objects, prefix).filter_map(|(rest, _)| rest.split_once('/'));
    folders.map(|(day, _)| day.to_owned()).collect()
}

fn listed(objects: &BTreeMap<String, Vec<u8>>, prefix: &str) -> Vec<(String, u64)> {
    let size = |bytes: &Vec<u8>| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    below(objects, prefix).map(|(path, bytes)| (path.to_owned(), size(bytes))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket() -> FakeEvidence {
        let bucket = FakeEvidence::new("audit", Faults::new());
        bucket.put("c/1/20261121/t/notes.md", b"12345");
        bucket.put("c/1/20261121/t/logs/a/b.log", b"1");
        bucket.put("c/1/20261121/other/notes.md", b"1");
        bucket.put("c/12/20261121/t/notes.md", b"1");
        bucket
    }

    #[tokio::test]
    async fn it_finds_a_task_without_knowing_the_date() {
        let bucket = bucket();
        let found = bucket.find("c", "1", "t").await.unwrap().unwrap();
        assert_eq!(found.prefix, "c/1/20261121/t/");
        assert_eq!(found.objects, [("logs/a/b.log".to_owned(), 1), ("notes.md".to_owned(), 5)]);
        assert_eq!(found.manifest, None);
        assert_eq!(bucket.find("c", "1", "nobody").await.unwrap(), None);
        assert_eq!(bucket.location("c", "1"), "s3://audit/c/1/");
        bucket.put("c/1/20261122/t/notes.md", b"1");
        let newest = bucket.find("c", "1", "t").await.unwrap().unwrap();
        assert_eq!(newest.prefix, "c/1/20261122/t/");
    }

    #[tokio::test]
    async fn the_manifest_is_read_if_there_is_one() {
        let bucket = bucket();
        bucket.put("c/1/20261121/t/manifest.json", b"{}");
        let found = bucket.find("c", "1", "t").await.unwrap().unwrap();
        assert_eq!(found.manifest.as_deref(), Some(b"{}".as_slice()));
        assert_eq!(
            bucket.calls(),
            [
                "s3:ListBucket c/1/",
                "s3:ListBucket c/1/20261121/t/",
                "s3:GetObject c/1/20261121/t/manifest.json"
            ]
        );
        assert!(bucket.remove("c/1/20261121/t/manifest.json"));
        assert_eq!(bucket.dump().lines().count(), bucket.keys().len());
    }

    #[tokio::test]
    async fn what_is_kept_is_not_put_over() {
        let bucket = bucket();
        for bytes in [b"1", b"2"] {
            let place = bucket.keep("answers/a", bytes.to_vec()).await.unwrap();
            assert_eq!(place, "s3://audit/answers/a");
        }
        assert_eq!(bucket.get("answers/a").as_deref(), Some(b"1".as_slice()));
    }
}
