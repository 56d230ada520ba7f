//! Keys out of Secrets Manager: a JSON object of `current` and the keys by id, so that a key can be
//! rotated while what was sealed with the old one is still read.

use crate::Desk;
use async_recursion::async_recursion as boxed;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use watchfire_domain::link::LinkKeys;
use watchfire_edge::Fault;
use watchfire_edge::config::SecretId;
use watchfire_store::{CursorKey, TokenKey};

/// The keys of one purpose.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) current: String,
    pub(crate) all: BTreeMap<String, [u8; 32]>,
}

/// Reads the two shapes of a key secret: `{"current":"k1","keys":{"k1":"…"}}`, and
/// `{"current":"k1","k1":"…"}` as CloudFormation generates it.
fn read(text: &str) -> Option<Keys> {
    let value: Value = serde_json::from_str(text).ok()?;
    let current = value.get("current")?.as_str()?.to_owned();
    let object = value.get("keys").unwrap_or(&value).as_object()?;
    let all: BTreeMap<String, [u8; 32]> = object
        .iter()
        .filter(|(id, _)| *id != "current")
        .filter_map(|(id, key)| Some((id.clone(), Sha256::digest(key.as_str()?).into())))
        .collect();
    all.contains_key(&current).then_some(Keys { current, all })
}

impl Desk {
    async fn keys(
        &self,
        secret: Option<&SecretId>,
        what: &'static str,
        fresh: bool,
    ) -> Result<Keys, Fault> {
        let internal = |reason: String| Fault::Internal { reason };
        let id = secret.ok_or_else(|| internal(format!("no secret is configured for {what}")))?;
        let text = self.secrets.secret(id.as_str(), fresh).await?;
        read(&text).ok_or_else(|| internal(format!("the secret for {what} has no known form")))
    }

    /// The keys of approval links, and all their bytes: each of them may be an approver's pepper.
    pub(crate) async fn link_keys(&self, fresh: bool) -> Result<(LinkKeys, Vec<[u8; 32]>), Fault> {
        let keys = self.keys(self.config.link_secret.as_ref(), "links", fresh).await?;
        let current = keys.all.get(&keys.current).copied();
        // The current key first: it is the one that new links are made with.
        let peppers = current.into_iter().chain(keys.all.values().copied()).collect();
        let links = LinkKeys::new(keys.current, keys.all);
        let links = links.ok_or_else(|| Fault::Internal { reason: "no link key".to_owned() })?;
        Ok((links, peppers))
    }

    /// The seeds of the keys that sign the log: the current one, and all.
    pub(crate) async fn log_seeds(&self) -> Result<([u8; 32], Vec<[u8; 32]>), Fault> {
        let keys = self.keys(self.config.checkpoint_secret.as_ref(), "the log", false).await?;
        let current = keys.all.get(&keys.current).copied();
        let current = current.ok_or_else(|| Fault::Internal { reason: "no log key".to_owned() })?;
        Ok((current, keys.all.into_values().collect()))
    }

    /// The keys that the secrets of integrations follow from.
    pub(crate) async fn integration_keys(&self, fresh: bool) -> Result<Keys, Fault> {
        self.keys(self.config.integration_secret.as_ref(), "integrations", fresh).await
    }

    /// The key of page cursors.
    #[boxed]
    pub async fn cursor_key(&self) -> Result<CursorKey, Fault> {
        let keys = self.keys(self.config.cursor_secret.as_ref(), "cursors", false).await?;
        let key = keys.all.get(&keys.current).copied();
        key.map(CursorKey::new)
            .ok_or_else(|| Fault::Internal { reason: "no cursor key".to_owned() })
    }

    /// The keys of task tokens: the current one, and all by id.
    pub(crate) async fn token_keys(&self) -> Result<(TokenKey, BTreeMap<String, TokenKey>), Fault> {
        let keys = self.keys(self.config.token_secret.as_ref(), "task tokens", false).await?;
        let all: BTreeMap<String, TokenKey> = keys
            .all
            .iter()
            .filter_map(|(id, bytes)| Some((id.clone(), TokenKey::new(id, bytes)?)))
            .collect();
        let current = all.get(&keys.current).cloned();
        let current =
            current.ok_or_else(|| Fault::Internal { reason: "no token key".to_owned() })?;
        Ok((current, all))
    }
}
