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
    /// Who gives tokens.
    issuer: String,
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
            issuer: stack.issuer_url.clone(),
        })
    }

    /// The same API for somebody else.
    pub(super) fn of(&self, who: &str, role: &str, tenant: &str) -> Result<Self, Trouble> {
        let claims = json!({
            "sub": who, "email": who, "wf_tenants": [tenant], "wf_role": role, "wf_clearance": 100,
        });
        let url = format!("{}/token", self.issuer);
        let answer = net::send(&self.agent, "POST", &url, &[], &claims.to_string())?;
        let token = (answer.status == 200).then_some(answer.text);
        Ok(Self {
            agent: self.agent.clone(),
            endpoint: self.endpoint.clone(),
            host: self.host.clone(),
            token: token.doing("the issuer gives no token")?,
            issuer: self.issuer.clone(),
        })
    }

    /// What the API answers to a write that it should refuse: the error's name.
    pub(super) fn refused(&self, path: &str, body: &Value) -> Result<String, Trouble> {
        let answer = self.bearing("POST", path, Some(body))?;
        let said: Value = serde_json::from_str(&answer.text).doing("reading a refusal")?;
        let name = said.pointer("/error/name").and_then(Value::as_str);
        name.map(str::to_owned).doing(&format!("{path} was not refused: {}", answer.text))
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
        let answer = self.bearing(method, path, body)?;
        if !(200..300).contains(&answer.status) {
            let (status, text) = (answer.status, answer.text);
            return Err(Trouble::new(format!(
                "{method} {path} was answered with {status}: {text}"
            )));
        }
        serde_json::from_str(&answer.text).doing(&format!("reading the answer of {method} {path}"))
    }

    fn bearing(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Trouble> {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(body.map(|_| ("content-type", "application/json")));
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(method, path, &headers, &body)
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
