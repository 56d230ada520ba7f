//! Secrets and the issuer's keys, behind the cache that their adapters have.

use crate::clock::FakeClock;
use crate::faults::Faults;
use crate::wire::{Ask, Service, lock};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use watchfire_domain::{MINUTE, Timestamp};
use watchfire_ports::{Clock as _, Jwks, PortError, Secrets};

/// Texts by name. Each process keeps what it has read for a while; a forced look is heard once a
/// minute, whether it succeeds or not.
#[derive(Clone, Debug)]
struct Cached {
    service: Service<BTreeMap<String, Arc<str>>>,
    kept: Arc<Mutex<BTreeMap<String, Entry>>>,
    life: i64,
    clock: FakeClock,
}

#[derive(Clone, Debug, Default)]
struct Entry {
    text: Option<(Arc<str>, Timestamp)>,
    asked: Option<Timestamp>,
}

impl Cached {
    fn new(life: i64, clock: FakeClock, faults: Faults) -> Self {
        let service = Service::new(faults, BTreeMap::new());
        Self { service, kept: Arc::default(), life, clock }
    }

    fn with_faults(&self, faults: Faults) -> Self {
        let service = self.service.with_faults(faults);
        Self { service, kept: Arc::default(), life: self.life, clock: self.clock.clone() }
    }

    fn put(&self, name: &str, text: &str) {
        self.service.state().insert(name.to_owned(), text.into());
    }

    async fn get(&self, name: &str, fresh: bool, ask: Ask) -> Result<Arc<str>, PortError> {
        let now = self.clock.now();
        if let Some(text) = self.known(name, fresh, now) {
            return Ok(text);
        }
        let missing = || PortError::NotFound { what: name.to_owned() };
        let read = self.service.read(ask, |texts, _| texts.get(name).cloned().ok_or_else(missing));
        let text = read.await?;
        lock(&self.kept).entry(name.to_owned()).or_default().text = Some((Arc::clone(&text), now));
        Ok(text)
    }

    /// The text, if it need not be asked for.
    fn known(&self, name: &str, fresh: bool, now: Timestamp) -> Option<Arc<str>> {
        let mut kept = lock(&self.kept);
        let entry = kept.entry(name.to_owned()).or_default();
        let young = |since: Timestamp, life: i64| (0..life).contains(&now.since(since));
        let text = entry.text.as_ref().filter(|(_, since)| young(*since, self.life));
        let heard = fresh && !entry.asked.is_some_and(|asked| young(asked, MINUTE));
        match text {
            Some((text, _)) if !heard => Some(Arc::clone(text)),
            Some(_) | None => {
                entry.asked = Some(now);
                None
            }
        }
    }
}

/// Secrets.
#[derive(Clone, Debug)]
pub struct FakeSecrets(Cached);

impl FakeSecrets {
    /// No secrets yet.
    pub fn new(clock: FakeClock, faults: Faults) -> Self {
        Self(Cached::new(MINUTE.saturating_mul(5), clock, faults))
    }

    /// The same secrets, seen from another process, which has not read any.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self(self.0.with_faults(faults))
    }

    /// Stores or rotates a secret.
    pub fn put(&self, id: &str, text: &str) {
        self.0.put(id, text);
    }

    /// The calls that reached the service: what came from the cache is not among them.
    pub fn calls(&self) -> Vec<String> {
        self.0.service.calls()
    }

    /// The names, without what they hide.
    pub fn dump(&self) -> String {
        lines(self.0.service.state().keys().cloned())
    }
}

#[async_trait]
impl Secrets for FakeSecrets {
    async fn secret(&self, id: &str, fresh: bool) -> Result<Arc<str>, PortError> {
        let ask = Ask::new("secretsmanager:GetSecretValue", "reading the secret", id);
        self.0.get(id, fresh, ask).await
    }
}

/// The issuer's keys.
#[derive(Clone, Debug)]
pub struct FakeJwks(Cached);

const KEYS: &str = "jwks";

impl FakeJwks {
    /// An issuer with no keys.
    pub fn new(clock: FakeClock, faults: Faults) -> Self {
        let keys = Self(Cached::new(MINUTE.saturating_mul(10), clock, faults));
        keys.put(r#"{"keys":[]}"#);
        keys
    }

    /// The same issuer, seen from another process, which has not read its keys.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self(self.0.with_faults(faults))
    }

    /// Publishes a key set.
    pub fn put(&self, text: &str) {
        self.0.put(KEYS, text);
    }

    /// The calls that reached the issuer.
    pub fn calls(&self) -> Vec<String> {
        self.0.service.calls()
    }

    /// The key set.
    pub fn dump(&self) -> String {
        lines(self.0.service.state().values().map(ToString::to_string))
    }
}

#[async_trait]
impl Jwks for FakeJwks {
    async fn keys(&self, fresh: bool) -> Result<Arc<str>, PortError> {
        let ask = Ask::new("web:Get", "reading the issuer's keys", KEYS);
        self.0.get(KEYS, fresh, ask).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;
    use watchfire_domain::SECOND;

    #[tokio::test]
    async fn a_rotated_secret_is_seen_after_five_minutes_or_when_forced() {
        let clock = FakeClock::default();
        let secrets = FakeSecrets::new(clock.clone(), Faults::new());
        let read = async |fresh| secrets.secret("link", fresh).await.unwrap().to_string();
        secrets.put("link", "one");
        assert_eq!(read(false).await, "one");
        secrets.put("link", "two");
        assert_eq!(read(false).await, "one");
        assert_eq!(read(true).await, "one", "it was asked for within the minute");
        clock.advance(MINUTE);
        assert_eq!(read(false).await, "one");
        assert_eq!(read(true).await, "two");
        secrets.put("link", "three");
        clock.advance(MINUTE.saturating_sub(SECOND));
        assert_eq!(read(true).await, "two");
        clock.advance(MINUTE.saturating_mul(4).saturating_add(SECOND));
        assert_eq!(read(false).await, "three");
        assert_eq!(secrets.calls().len(), 3);
        assert_eq!(secrets.dump(), "link\n");
    }

    #[tokio::test]
    async fn another_process_has_a_cache_of_its_own() {
        let secrets = FakeSecrets::new(FakeClock::default(), Faults::new());
        secrets.put("link", "one");
        secrets.secret("link", false).await.unwrap();
        secrets.put("link", "two");
        let other = secrets.with_faults(Faults::new());
        assert_eq!(&*other.secret("link", false).await.unwrap(), "two");
        assert!(matches!(other.secret("none", false).await, Err(PortError::NotFound { .. })));
    }

    #[tokio::test]
    async fn the_cache_outlives_a_failure_of_the_issuer() {
        let faults = Faults::new();
        let clock = FakeClock::default();
        let keys = FakeJwks::new(clock.clone(), faults.clone());
        faults.at(1, Fault::ServerError { applied: false });
        assert_eq!(&*keys.keys(false).await.unwrap(), r#"{"keys":[]}"#);
        clock.advance(MINUTE);
        assert!(keys.keys(true).await.unwrap_err().retryable());
        assert!(keys.keys(true).await.is_ok(), "a failure counts as asking");
        assert_eq!((keys.calls().len(), keys.dump().lines().count()), (1, 1));
    }
}
