//! The wire: the client's HTTP request in, DynamoDB's HTTP answer out.

use super::Dynamo;
use super::answer::Answer;
use crate::faults::Fault;
use crate::plant;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

const TARGET: &str = "DynamoDB_20120810.";

pub(super) fn http_client(dynamo: Dynamo) -> SharedHttpClient {
    SharedHttpClient::new(Wire(dynamo))
}

#[derive(Clone, Debug)]
struct Wire(Dynamo);

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move { wire.serve(request).await })
    }
}

/// What the parts of a transaction need: each kind is allowed by an action of its own (DynamoDB's
/// developer guide, "Using IAM with transactions").
fn parts(body: &Value) -> Vec<&'static str> {
    let items = body.get("TransactItems").and_then(Value::as_array);
    let kinds = items.into_iter().flatten().filter_map(Value::as_object);
    let kinds = kinds.flat_map(|item| item.keys());
    kinds
        .filter_map(|kind| match kind.as_str() {
            "ConditionCheck" => Some("dynamodb:ConditionCheckItem"),
            "Delete" => Some("dynamodb:DeleteItem"),
            "Get" => Some("dynamodb:GetItem"),
            "Put" => Some("dynamodb:PutItem"),
            "Update" => Some("dynamodb:UpdateItem"),
            _ => None,
        })
        .collect()
}

impl Wire {
    async fn serve(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let (operation, body) = read(&request).map_err(|why| ConnectorError::user(why.into()))?;
        let body = plant::spoilt(&operation, body);
        let faults = self.0.faults();
        faults.pause().await;
        // From the plan's word to the effect nothing may wait: a killed process is dropped at its
        // next await, and a request that had left must have been carried out by then.
        let fault = faults.next_of(&format!("dynamodb:{operation}"), parts(&body));
        let arrived = !matches!(
            fault,
            Some(
                Fault::NotSent
                    | Fault::TimedOut { applied: false }
                    | Fault::Killed { applied: false }
            )
        );
        let answer = arrived.then(|| self.0.engine().call(&operation, &body, fault));
        faults.pause().await;
        match (fault, answer) {
            (Some(Fault::Killed { .. }), _) => Err(ConnectorError::user(faults.die().await.into())),
            (Some(Fault::AnswerLost), _) => {
                Err(ConnectorError::io("connection closed before the answer".into()))
            }
            (Some(Fault::TimedOut { .. }), _) => {
                Err(ConnectorError::timeout("no answer in time".into()))
            }
            (_, Some(answer)) => response(answer),
            (_, None) => Err(ConnectorError::io("connection refused".into())),
        }
    }
}

fn read(request: &HttpRequest) -> Result<(String, Value), String> {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let operation = target
        .strip_prefix(TARGET)
        .ok_or_else(|| format!("`{target}` is not an operation of DynamoDB"))?;
    let bytes = request.body().bytes().ok_or("a DynamoDB request does not stream")?;
    let body = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Ok((operation.to_owned(), body))
}

fn response(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let (status, kind, body) = match answer {
        Ok(body) => (200, None, body),
        Err(refusal) => (refusal.status, Some(refusal.name().to_owned()), refusal.body),
    };
    let status = status.try_into().map_err(|_| ConnectorError::user("no such status".into()))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    let headers = response.headers_mut();
    headers.insert("content-type", "application/x-amz-json-1.0");
    headers.insert("x-amzn-requestid", "in-process");
    if let Some(kind) = kind {
        headers.insert("x-amzn-errortype", kind);
    }
    Ok(response)
}
