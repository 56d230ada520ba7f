//! What comes in.

use super::escape::{form_pairs, unescape};
use super::shape::shaped;
use crate::Fault;
use base64ct::{Base64, Encoding as _};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_domain::canon;

/// How large a body may be, in bytes.
pub const MOST_BODY: usize = 262_144;
/// How long a path may be, in bytes.
pub const MOST_PATH: usize = 2_048;
/// How long a query may be, in bytes.
pub const MOST_QUERY: usize = 8_192;

/// What API Gateway checked about the caller before us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorizer {
    /// Nothing.
    None,
    /// A token; its claims are not taken from here, but from the token itself.
    Jwt,
    /// A signature (`SigV4`).
    Iam {
        /// Whose: `arn:aws:sts::…:assumed-role/…` or `arn:aws:iam::…:user/…`.
        arn: String,
    },
}

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// In upper case.
    pub method: String,
    /// Without the stage, as it came: escapes stand.
    pub path: String,
    /// In order, without escapes.
    pub query: Vec<(String, String)>,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// In order, as the browser sent them.
    pub cookies: Vec<(String, String)>,
    /// Its bytes.
    pub body: Vec<u8>,
    /// API Gateway's name for it.
    pub request_id: String,
    /// The address that it came from.
    pub source_ip: String,
    /// What is known about the caller.
    pub authorizer: Authorizer,
}

// Tokens, cookies, links and bodies are no matter for a log.
impl std::fmt::Debug for Request {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { method, request_id, authorizer, body, .. } = self;
        out.debug_struct("Request")
            .field("method", method)
            .field("request_id", request_id)
            .field("authorizer", authorizer)
            .field("body_bytes", &body.len())
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Reads an event of payload version 2.0.
    pub fn from_event(event: &Value) -> Result<Self, Fault> {
        Self::from_event_within(event, MOST_BODY)
    }

    /// The same, where the body may have so many bytes.
    pub fn from_event_within(event: &Value, most: usize) -> Result<Self, Fault> {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let needed = |pointer| {
            let reason = || format!("the event has no `{pointer}`");
            text(pointer).ok_or_else(|| Fault::Malformed { reason: reason() })
        };
        let path = needed("/rawPath")?;
        within("the path", path.len(), MOST_PATH)?;
        let query = text("/rawQueryString").unwrap_or_default();
        within("the query", query.len(), MOST_QUERY)?;
        let headers: BTreeMap<String, String> = event
            .get("headers")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?.into())))
            .collect();
        Ok(Self {
            method: needed("/requestContext/http/method")?.to_ascii_uppercase(),
            path: without_stage(path, text("/requestContext/stage")).to_owned(),
            query: form_pairs(query)?,
            cookies: cookies(event, &headers),
            headers,
            body: body(event, most)?,
            request_id: text("/requestContext/requestId").unwrap_or_default().to_owned(),
            source_ip: text("/requestContext/http/sourceIp").unwrap_or_default().to_owned(),
            authorizer: authorizer(event),
        })
    }

    /// The path's parts between its slashes, without escapes. `/v1/incidents/` has a last, empty one.
    pub fn segments(&self) -> Result<Vec<String>, Fault> {
        self.path.strip_prefix('/').unwrap_or(&self.path).split('/').map(unescape).collect()
    }

    /// The header of that name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first value of that name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The first cookie of that name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The token of `Authorization: Bearer …` (RFC 6750 §2.1).
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    /// The body as a JSON value: strictly one, in UTF-8, without double keys and inexact numbers.
    pub fn json(&self) -> Result<Value, Fault> {
        let text = std::str::from_utf8(&self.body)
            .map_err(|_| Fault::Malformed { reason: "the body is not UTF-8".into() })?;
        Ok(canon::parse_strict(text)?)
    }

    /// The body as a `T`, or everything that keeps it from being one.
    pub fn json_body<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        shaped(self.json()?)
    }

    /// The body as a form's fields.
    pub fn form(&self) -> Result<Vec<(String, String)>, Fault> {
        let kind = self.header("content-type").unwrap_or_default();
        if !kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
        {
            return Err(Fault::Malformed { reason: "the body is not a form".into() });
        }
        let text = std::str::from_utf8(&self.body)
            .map_err(|_| Fault::Malformed { reason: "the form is not UTF-8".into() })?;
        form_pairs(text)
    }
}

fn within(what: &'static str, size: usize, limit: usize) -> Result<(), Fault> {
    if size > limit { Err(Fault::TooLarge { what, limit }) } else { Ok(()) }
}

/// A stage that is not `$default` leads the path, except behind a domain of one's own.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let stage = stage.filter(|stage| !stage.starts_with('$') && !stage.is_empty());
    let rest = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// AWS gives cookies as `cookies[]`, the local stack as a header.
fn cookies(event: &Value, headers: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let listed = event.get("cookies").and_then(Value::as_array).into_iter().flatten();
    let header = headers.get("cookie").map_or("", String::as_str);
    listed
        .filter_map(Value::as_str)
        .chain([header])
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn body(event: &Value, most: usize) -> Result<Vec<u8>, Fault> {
    let text = event.get("body").and_then(Value::as_str).unwrap_or_default();
    if event.get("isBase64Encoded").and_then(Value::as_bool) != Some(true) {
        within("the body", text.len(), most)?;
        return Ok(text.as_bytes().to_vec());
    }
    // Four letters for three bytes; measured first, so that nothing large is decoded.
    within("the body", (text.len() / 4).saturating_mul(3), most.saturating_add(2))?;
    let bytes = Base64::decode_vec(text).map_err(|_| Fault::Malformed {
        reason: "the body is not the base64 that it says".into(),
    })?;
    within("the body", bytes.len(), most)?;
    Ok(bytes)
}

fn authorizer(event: &Value) -> Authorizer {
    let Some(known) = event.pointer("/requestContext/authorizer") else { return Authorizer::None };
    if let Some(arn) = known.pointer("/iam/userArn").and_then(Value::as_str) {
        return Authorizer::Iam { arn: arn.to_owned() };
    }
    if known.get("jwt").is_some_and(Value::is_object) { Authorizer::Jwt } else { Authorizer::None }
}
