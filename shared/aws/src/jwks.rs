//! The issuer's keys, by `OpenID` Connect Discovery.

use crate::aged::Aged;
use crate::error::{corrupt, refused, status};
use crate::public::is_loopback;
use crate::web::{Ask, Chosen, WEB, WHOLE, Web};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Uri};
use serde::Deserialize;
use std::sync::Arc;
use watchfire_domain::MINUTE;
use watchfire_ports::{Clock, Jwks, PortError};

const ISSUER: &str = "the issuer";
const DOING: &str = "fetching the issuer's keys";
const LARGEST: usize = 256 * 1024;

/// The keys of one issuer, kept for ten minutes.
#[derive(Debug)]
pub struct HttpJwks {
    web: Arc<Web>,
    clock: Arc<dyn Clock>,
    issuer: String,
    kept: Aged,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    #[expect(dead_code, reason = "only that it is there matters: the reader parses the text")]
    keys: Vec<serde::de::IgnoredAny>,
}

impl HttpJwks {
    /// The keys of `issuer` (`WATCHFIRE_ISSUER`).
    pub fn new(web: Arc<Web>, clock: Arc<dyn Clock>, issuer: String) -> Self {
        Self { web, clock, issuer, kept: Aged::new(10 * MINUTE) }
    }

    async fn fetch(&self) -> Result<String, PortError> {
        let issuer = self.issuer.trim_end_matches('/');
        let page = self.get(&format!("{issuer}/.well-known/openid-configuration")).await?;
        let discovery: Discovery = serde_json::from_slice(&page)
            .map_err(|error| corrupt(ISSUER, DOING, &format!("discovery: {error}")))?;
        // OpenID Connect Discovery 1.0 §4.3: another issuer's document is not this one's.
        if discovery.issuer.trim_end_matches('/') != issuer {
            let words = format!("discovery is of another issuer, `{}`", discovery.issuer);
            return Err(corrupt(ISSUER, DOING, &words));
        }
        let keys = self.get(&discovery.jwks_uri).await?;
        serde_json::from_slice::<KeySet>(&keys)
            .map_err(|error| corrupt(ISSUER, DOING, &format!("key set: {error}")))?;
        String::from_utf8(keys.to_vec())
            .map_err(|error| corrupt(ISSUER, DOING, &format!("key set: {error}")))
    }

    async fn get(&self, url: &str) -> Result<Bytes, PortError> {
        let ask = Ask {
            doing: DOING,
            chosen: Chosen::ByOperator,
            method: Method::GET,
            address: address(url)?,
            headers: vec![("accept", "application/json".to_owned())],
            body: Vec::new(),
            limit: Some(LARGEST),
            within: WHOLE,
        };
        match self.web.send(ask).await? {
            (200, body) => Ok(body),
            (other, _) => Err(status(ISSUER, DOING, other)),
        }
    }
}

#[async_trait]
impl Jwks for HttpJwks {
    async fn keys(&self, fresh: bool) -> Result<Arc<str>, PortError> {
        if let Some(keys) = self.kept.get(&self.issuer, fresh, self.clock.now()) {
            return Ok(keys);
        }
        let keys: Arc<str> = self.fetch().await?.into();
        self.kept.put(&self.issuer, &keys, self.clock.now());
        Ok(keys)
    }
}

// Keys that came over plain http prove nothing, unless they never left this machine.
fn address(url: &str) -> Result<Uri, PortError> {
    let unfit = |words: &str| refused(WEB, DOING, &format!("`{url}` {words}"));
    let uri: Uri = url.parse().map_err(|_| unfit("is no URL"))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => Ok(uri),
        (Some("http"), Some(host)) if is_loopback(host) => Ok(uri),
        _ => Err(unfit("must begin with https://")),
    }
}
