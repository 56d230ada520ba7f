//! The bucket of sealed things, and the queue of what shall be sealed.

use crate::faults::Faults;
use crate::plant;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use watchfire_domain::{SECOND, Timestamp, hex};
use watchfire_ports::{PortError, SealAsk, Seals, Vault};

/// A bucket under Object Lock: every version of an object stays.
#[derive(Clone, Debug)]
pub struct FakeVault {
    bucket: String,
    objects: Service<BTreeMap<String, Vec<Vec<u8>>>>,
}

impl FakeVault {
    /// An empty bucket.
    pub fn new(bucket: &str, faults: Faults) -> Self {
        Self { bucket: bucket.to_owned(), objects: Service::new(faults, BTreeMap::new()) }
    }

    /// The same bucket, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { bucket: self.bucket.clone(), objects: self.objects.with_faults(faults) }
    }

    /// The newest version of an object.
    pub fn newest(&self, name: &str) -> Option<Vec<u8>> {
        self.objects.state().get(name).and_then(|versions| versions.last().cloned())
    }

    /// The newest version of each object below `prefix`, by what follows it in its name.
    pub fn below(&self, prefix: &str) -> BTreeMap<String, Vec<u8>> {
        let objects = self.objects.state();
        let found = objects.iter().filter_map(|(name, versions)| {
            Some((name.strip_prefix(prefix)?.to_owned(), versions.last()?.clone()))
        });
        found.collect()
    }

    /// Puts a version, as nobody but `checkpoint` may.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        self.objects.state().entry(name.to_owned()).or_default().push(bytes.to_vec());
    }

    /// Removes an object with all its versions, as nobody may.
    pub fn lose(&self, name: &str) {
        self.objects.state().remove(name);
    }

    /// What whoever has an address gets at `now`, as S3 answers: the object, or the status that refuses.
    pub fn fetch(&self, url: &str, now: Timestamp) -> Result<Vec<u8>, u16> {
        let lent = || {
            let (place, query) = url.split_once('?')?;
            let name = place.strip_prefix(&format!("https://{}.s3.amazonaws.com/", self.bucket))?;
            let asked: BTreeMap<&str, &str> =
                query.split('&').filter_map(|one| one.split_once('=')).collect();
            let from: i64 = asked.get("X-Amz-Date")?.parse().ok()?;
            let seconds: u32 = asked.get("X-Amz-Expires")?.parse().ok()?;
            let from = Timestamp::from_millis(from);
            let age = now.since(from);
            let good = self.lent(name, from, seconds) == url;
            (good && (0..i64::from(seconds).saturating_mul(SECOND)).contains(&age))
                .then(|| name.to_owned())
        };
        let name = lent().ok_or(403_u16)?;
        self.newest(&name).ok_or(404)
    }

    /// The address: whoever alters it has no signature for what they made of it.
    fn lent(&self, name: &str, from: Timestamp, seconds: u32) -> String {
        let at = from.millis();
        let signed =
            Sha256::digest(format!("a key of the fake's {} {name} {at} {seconds}", self.bucket));
        format!(
            "https://{}.s3.amazonaws.com/{name}?X-Amz-Date={at}&X-Amz-Expires={seconds}\
             &X-Amz-Signature={}",
            self.bucket,
            hex(&signed)
        )
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.objects.settle();
    }

    /// The calls that reached the bucket.
    pub fn calls(&self) -> Vec<String> {
        self.objects.calls()
    }

    /// Every object: its name, the size of its newest version, and how many versions it has.
    pub fn dump(&self) -> String {
        let objects = self.objects.state();
        let line = |(name, versions): (&String, &Vec<Vec<u8>>)| {
            format!("{name} {} ×{}", versions.last().map_or(0, Vec::len), versions.len())
        };
        lines(objects.iter().map(line))
    }
}

#[async_trait]
impl Vault for FakeVault {
    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, PortError> {
        let ask = Ask::new("s3:PutObject", "sealing", name);
        let name = name.to_owned();
        self.objects
            .write(ask, move |objects| {
                let versions = objects.entry(name.clone()).or_default();
                let free = versions.is_empty() || plant::is("s3:PutObject: IfNoneMatch");
                if free {
                    versions.push(bytes.clone());
                }
                Ok(free)
            })
            .await
    }

    async fn replace(&self, name: &str, bytes: Vec<u8>) -> Result<(), PortError> {
        let ask = Ask::new("s3:PutObject", "sealing", name);
        let name = name.to_owned();
        self.objects
            .write(ask, move |objects| {
                objects.entry(name.clone()).or_default().push(bytes.clone());
                Ok(())
            })
            .await
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        let ask = Ask::new("s3:GetObject", "reading what is sealed", name);
        let found = self.objects.read(ask, |objects, _| {
            Ok(objects.get(name).and_then(|versions| versions.last().cloned()))
        });
        found.await
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let ask = Ask::new("s3:ListBucket", "reading what is sealed", prefix);
        let found = self.objects.read(ask, |objects, _| {
            let names = objects.keys().filter_map(|name| name.strip_prefix(prefix));
            Ok(names.map(str::to_owned).collect())
        });
        found.await
    }

    // It is made here, of what the process has: no call, and nothing that may fail on the way.
    async fn lend(&self, name: &str, from: Timestamp, seconds: u32) -> Result<String, PortError> {
        Ok(self.lent(name, from, seconds))
    }

    fn location(&self, name: &str) -> String {
        format!("s3://{}/{name}", self.bucket)
    }
}

/// A queue. At least once: what is redelivered comes again.
#[derive(Clone, Debug)]
pub struct FakeSeals(Service<Vec<SealAsk>>);

impl FakeSeals {
    /// An empty queue.
    pub fn new(faults: Faults) -> Self {
        Self(Service::new(faults, Vec::new()))
    }

    /// The same queue, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self(self.0.with_faults(faults))
    }

    /// Takes out what waits, in order.
    pub fn take(&self) -> Vec<SealAsk> {
        std::mem::take(&mut *self.0.state())
    }

    /// Delivers it again: its handler failed, or the queue sent it twice.
    pub fn again(&self, ask: &SealAsk) {
        self.0.state().push(ask.clone());
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.0.settle();
    }

    /// Each that waits.
    pub fn dump(&self) -> String {
        lines(self.0.state().iter().map(|ask| format!("{} {}", ask.tenant, ask.incident)))
    }
}

#[async_trait]
impl Seals for FakeSeals {
    async fn send(&self, ask: &SealAsk) -> Result<(), PortError> {
        let subject = format!("seal {}", ask.incident);
        let call = Ask::new("sqs:SendMessage", "queueing what shall be sealed", &subject);
        let ask = ask.clone();
        self.0
            .write(call, move |queue| {
                queue.push(ask.clone());
                Ok(())
            })
            .await
    }
}
