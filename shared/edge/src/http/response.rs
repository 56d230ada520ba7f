//! What goes out.

use crate::Fault;
use base64ct::{Base64, Encoding as _};
use serde_json::{Map, Value, json};

/// On every answer to a program. Nothing of ours may be cached, framed or taken for a page.
pub const JSON_HEADERS: &[(&str, &str)] = &[
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "same-origin"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
];

/// On every page, beside its content security policy. With `no-referrer` a browser would post
/// `Origin: null` even to its own origin.
pub const PAGE_HEADERS: &[(&str, &str)] = &[
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("referrer-policy", "same-origin"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-robots-tag", "noindex, nofollow"),
];

/// An element's text, as a content security policy admits it: the SHA-256 digest of its bytes, in
/// base64 (CSP3, section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source(pub &'static str);

fn policy(Source(style): Source, more: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; {more}form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// By their names in lower case, each once.
    pub headers: Vec<(String, String)>,
    /// `Set-Cookie` lines.
    pub cookies: Vec<String>,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl Response {
    fn new(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Self { status, headers: headers.collect(), cookies: Vec::new(), body }
    }

    /// JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, JSON_HEADERS, body.to_string().into_bytes())
    }

    /// 204.
    pub fn empty() -> Self {
        let mut answer = Self::new(204, JSON_HEADERS, Vec::new());
        answer.headers.retain(|(name, _)| name != "content-type");
        answer
    }

    /// What a program hears of a fault.
    pub fn fault(fault: &Fault, request_id: &str) -> Self {
        let answer = Self::json(fault.status(), &fault.body(request_id));
        if let Fault::MethodNotAllowed { allow } = fault {
            answer.with("allow", *allow)
        } else if fault.status() == 401 {
            answer.with("www-authenticate", "Bearer")
        } else if fault.retryable() {
            answer.with("retry-after", "1")
        } else {
            answer
        }
    }

    /// A page. `style` is of the text of its one `<style>` element: the policy admits that, and nothing
    /// else: no script, no image, no frame, no form to anywhere else.
    pub fn page(status: u16, html: String, style: Source) -> Self {
        Self::new(status, PAGE_HEADERS, html.into_bytes())
            .with("content-security-policy", policy(style, ""))
    }

    /// A page with one `<script>` element beside, admitted as the style is. It may call `connect`, and
    /// where browsers know of it, it cannot turn text into markup or code.
    pub fn scripted(
        status: u16,
        html: String,
        style: Source,
        Source(script): Source,
        connect: &str,
    ) -> Self {
        let script = format!(
            "script-src 'sha256-{script}'; connect-src {connect}; require-trusted-types-for 'script'; "
        );
        Self::new(status, PAGE_HEADERS, html.into_bytes())
            .with("content-security-policy", policy(style, &script))
    }

    /// With this header, in place of one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(one, _)| *one != name);
        self.headers.push((name, value.into()));
        self
    }

    /// With this `Set-Cookie` line.
    #[must_use]
    pub fn cookie(mut self, line: impl Into<String>) -> Self {
        self.cookies.push(line.into());
        self
    }

    /// The header of that name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// As API Gateway takes it (payload version 2.0).
    pub fn to_event(&self) -> Value {
        let headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let (body, encoded) = match std::str::from_utf8(&self.body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (Base64::encode_string(&self.body), true),
        };
        json!({
            "statusCode": self.status,
            "headers": headers,
            "cookies": self.cookies,
            "body": body,
            "isBase64Encoded": encoded,
        })
    }
}
