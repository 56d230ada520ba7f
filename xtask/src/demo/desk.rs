//! The API, as a caller with a token sees it.

use super::cloud::Cloud;
use super::stack::Stack;
use crate::net::{self, Answer};
use crate::trouble::{Doing, Trouble};
use serde_json::{Value, json};
use ureq::Agent;

pub(super) const TENANT: &str = "acme";
pub(super) const ALICE: &str = "alice@example.com";

/// The API and a token for it.
#[derive(Debug)]
pub(crate) struct Desk {
    agent: Agent,
    /// Where every request goes: the API's own name need not resolve on this machine.
    endpoint: String,
    /// The API's name.
    host: String,
    token: String,
}

impl Desk {
    /// The deployed API, for Alice, who administers the tenant.
    pub(super) fn open(stack: &Stack, cloud: &Cloud) -> Result<Self, Trouble> {
        let claims = json!({
            "sub": ALICE, "wf_tenants": [TENANT], "wf_role": "admin", "wf_clearance": 100, "wf_on_call": true,
        });
        let host = cloud.output("ApiUrl")?.trim_start_matches("http://").to_owned();
        Ok(Self {
            agent: stack.agent(),
            endpoint: stack.endpoint(),
            host,
            token: stack.token(&claims)?,
        })
    }

    /// The API's address for a person at this machine.
    pub(super) fn address(&self) -> String {
        format!("http://{}", self.host)
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn get(&self, path: &str) -> Result<Value, Trouble> {
        self.ask("GET", path, None)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.ask("POST", path, Some(body))
    }

    pub(super) fn put(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.ask("PUT", path, Some(body))
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Trouble> {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(body.map(|_| ("content-type", "application/json")));
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.send(method, path, &headers, &body)?;
        if !(200..300).contains(&answer.status) {
            let (status, text) = (answer.status, answer.text);
            return Err(Trouble::new(format!(
                "{method} {path} was answered with {status}: {text}"
            )));
        }
        serde_json::from_str(&answer.text).doing(&format!("reading the answer of {method} {path}"))
    }

    /// Sends a request to the API as it is: what a browser would send, for one.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, Trouble> {
        let url = format!("{}{path}", self.endpoint);
        let headers: Vec<_> =
            headers.iter().copied().chain([("host", self.host.as_str())]).collect();
        net::send(&self.agent, method, &url, &headers, body)
    }
}
