//! The requests of runbooks.

use crate::error::refused;
use crate::target::target;
use crate::web::{Ask, Chosen, WEB, Web};
use async_trait::async_trait;
use http::{Method, Uri, header};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use watchfire_ports::{PortError, Requests, WebAnswer, WebAsk};

const DOING: &str = "sending the request of a step";
/// The longest that a runbook may expect an answer to take.
const LONGEST: Duration = Duration::from_mins(1);

/// Requests to public addresses of the listed hosts.
#[derive(Debug)]
pub struct WebRequests {
    web: Arc<Web>,
    hosts: BTreeSet<String>,
    // So that tests can ask this machine.
    private: bool,
}

impl WebRequests {
    /// To these hosts alone (`WATCHFIRE_STEP_HOSTS`), each `name` or `name:port`.
    pub const fn new(web: Arc<Web>, hosts: BTreeSet<String>) -> Self {
        Self { web, hosts, private: false }
    }

    /// The same, where an address of this machine will do.
    #[cfg(test)]
    pub(crate) fn here(web: Arc<Web>, hosts: BTreeSet<String>) -> Self {
        Self { private: true, ..Self::new(web, hosts) }
    }

    /// The address, if it may be asked. A host without a port is listed for 443 alone.
    fn allowed(&self, url: &str) -> Result<Uri, PortError> {
        let address = target(DOING, url, self.private)?;
        let host = address.host().unwrap_or_default().to_ascii_lowercase();
        let port = address.port_u16().unwrap_or(443);
        let named = format!("{host}:{port}");
        if self.hosts.contains(&named) || port == 443 && self.hosts.contains(&host) {
            Ok(address)
        } else {
            let words = format!("`{named}` is not listed in `WATCHFIRE_STEP_HOSTS`");
            Err(refused(WEB, DOING, &words))
        }
    }
}

#[async_trait]
impl Requests for WebRequests {
    async fn send(&self, ask: &WebAsk) -> Result<WebAnswer, PortError> {
        let address = self.allowed(&ask.url)?;
        let method = Method::from_bytes(ask.method.as_bytes())
            .map_err(|_| refused(WEB, DOING, "this is no method"))?;
        let mut headers: Vec<(&str, String)> =
            ask.headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        // Many servers take nothing from a client without a name (RFC 9110 §10.1.5).
        let agent = header::USER_AGENT.as_str();
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(agent)) {
            headers.push((agent, concat!("watchfire/", env!("CARGO_PKG_VERSION")).to_owned()));
        }
        let ask = Ask {
            doing: DOING,
            chosen: if self.private { Chosen::ByOperator } else { Chosen::ByTenant },
            method,
            address,
            headers,
            body: ask.body.clone().unwrap_or_default(),
            limit: Some(WebAnswer::LONGEST),
            within: LONGEST,
        };
        let begun = Instant::now();
        let (status, body) = self.web.send(ask).await?;
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(WebAnswer { status, millis, body: body.to_vec() })
    }
}
