//! The API, as a caller with a token sees it.

use super::cloud::Cloud;
use super::stack::Stack;
use crate::net::{self, Answer};
use crate::trouble::{Doing, Done, Trouble};
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

    /// Sees that the API refuses a write by the error of this name (docs/errors/README.md): another
    /// refusal would be of another rule, or a fault of ours.
    pub(super) fn refused(&self, path: &str, body: &Value, wanted: &str) -> Done {
        let answer = self.bearing("POST", path, None, Some(body))?;
        refusal(answer.status, &answer.text, wanted).doing(&format!("POST {path}"))
    }

    /// The same of a write that is meant for this version of the record.
    pub(super) fn refused_at(&self, version: u64, path: &str, wanted: &str) -> Done {
        let answer = self.bearing("POST", path, Some(version), None)?;
        refusal(answer.status, &answer.text, wanted).doing(&format!("POST {path}"))
    }

    /// A write without a body that is meant for this version of the record.
    pub(super) fn post_at(&self, version: u64, path: &str) -> Result<Value, Trouble> {
        read("POST", path, self.bearing("POST", path, Some(version), None)?)
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
        read(method, path, self.bearing(method, path, None, body)?)
    }

    fn bearing(
        &self,
        method: &str,
        path: &str,
        version: Option<u64>,
        body: Option<&Value>,
    ) -> Result<Answer, Trouble> {
        let bearer = format!("Bearer {}", self.token);
        let version = version.map(|version| format!("\"{version}\""));
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(version.as_deref().map(|version| ("if-match", version)));
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

/// The answer to what was to succeed.
fn read(method: &str, path: &str, answer: Answer) -> Result<Value, Trouble> {
    if !(200..300).contains(&answer.status) {
        let (status, text) = (answer.status, answer.text);
        return Err(Trouble::new(format!("{method} {path} was answered with {status}: {text}")));
    }
    serde_json::from_str(&answer.text).doing(&format!("reading the answer of {method} {path}"))
}

/// Whether it is the error of this name, in the shape in which the API answers.
fn refusal(status: u16, text: &str, wanted: &str) -> Done {
    let said: Value = serde_json::from_str(text).unwrap_or_default();
    let name = said.pointer("/error/name").and_then(Value::as_str);
    if status >= 400 && name == Some(wanted) {
        return Ok(());
    }
    Err(Trouble::new(format!("it was answered with {status} instead of {wanted}: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_the_one_that_was_wanted() {
        let told = |status, name: &str| {
            let text = json!({ "error": { "code": "WF-0027", "name": name } }).to_string();
            refusal(status, &text, "Approval.NotApprover").is_ok()
        };
        assert!(told(403, "Approval.NotApprover"));
        assert!(!told(500, "Internal.Failure"));
        assert!(!told(403, "Policy.Denied"));
        assert!(!told(200, "Approval.NotApprover"));
        assert!(refusal(502, "<html>", "Approval.NotApprover").is_err());
    }
}
