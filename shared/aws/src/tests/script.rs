//! An HTTP client that answers from a list.

use crate::{Aws, Settings};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// What was asked: the operation (or method and path with query), and the body.
pub(super) type Asked = (String, String);

struct Answer {
    status: u16,
    header: Option<(&'static str, String)>,
    body: String,
}

#[derive(Default)]
struct Inner {
    answers: VecDeque<Answer>,
    asked: Vec<Asked>,
    only_new: Vec<bool>,
}

/// Answers in order; where none is left, the connection fails.
#[derive(Clone, Default)]
pub(super) struct Script(Arc<Mutex<Inner>>);

impl std::fmt::Debug for Script {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Script")
    }
}

impl Script {
    pub(super) fn ok(self, body: &str) -> Self {
        self.push(200, None, body.to_owned())
    }

    pub(super) fn error(self, status: u16, code: &str, more: &str) -> Self {
        let body = format!(r#"{{"__type":"{code}"{more}}}"#);
        self.push(status, Some(("x-amzn-errortype", code.to_owned())), body)
    }

    /// An error as S3 writes it.
    pub(super) fn s3_error(self, status: u16, code: &str) -> Self {
        let body = format!("<Error><Code>{code}</Code><Message>words</Message></Error>");
        self.push(status, None, body)
    }

    /// An object that was put with this SHA-256, as S3 writes it.
    pub(super) fn checked(self, body: &str, sha256: &str) -> Self {
        self.push(200, Some(("x-amz-checksum-sha256", sha256.to_owned())), body.to_owned())
    }

    fn push(self, status: u16, header: Option<(&'static str, String)>, body: String) -> Self {
        self.0.lock().unwrap().answers.push_back(Answer { status, header, body });
        self
    }

    pub(super) fn aws(&self) -> Arc<Aws> {
        Arc::new(self.aws_with(&[]))
    }

    pub(super) fn aws_with(&self, more: &[(&str, &str)]) -> Aws {
        let settings = Settings::read(&|name| match name {
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
            name => more.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        });
        let script = self.clone();
        let http = http_client_fn(move |_, _| SharedHttpConnector::new(script.clone()));
        Aws::over(&settings.unwrap(), http)
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.0.lock().unwrap().asked.clone()
    }

    /// Which requests were to be carried out only if nothing of that name exists
    /// (`If-None-Match: *`, RFC 9110 §13.1.2).
    pub(super) fn only_new(&self) -> Vec<bool> {
        self.0.lock().unwrap().only_new.clone()
    }

    /// The operations, without the service's version.
    pub(super) fn operations(&self) -> Vec<String> {
        let last =
            |name: String| name.rsplit_once('.').map_or(name.clone(), |(_, op)| op.to_owned());
        self.asked().into_iter().map(|(name, _)| last(name)).collect()
    }

    /// The body of request `at`.
    pub(super) fn json(&self, at: usize) -> serde_json::Value {
        serde_json::from_str(&self.asked()[at].1).unwrap()
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri().to_owned();
        let name = request
            .headers()
            .get("x-amz-target")
            .map_or_else(|| format!("{} {uri}", request.method()), str::to_owned);
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let only_new = request.headers().get("if-none-match") == Some("*");
        let mut inner = self.0.lock().unwrap();
        inner.asked.push((name, body));
        inner.only_new.push(only_new);
        let Some(answer) = inner.answers.pop_front() else {
            let error = ConnectorError::io(std::io::Error::other("connection refused").into());
            return HttpConnectorFuture::ready(Err(error));
        };
        let mut response =
            HttpResponse::new(answer.status.try_into().unwrap(), SdkBody::from(answer.body));
        if let Some((name, value)) = answer.header {
            response.headers_mut().insert(name, value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}
