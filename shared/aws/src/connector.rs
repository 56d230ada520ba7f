//! The HTTP client under all clients of AWS. The SDK's own speaks HTTP/2 besides, which no service that
//! we ask wants, in 0.3 MB of code; and each client would set up TLS anew, and read every root.

use crate::http1::{self, Connector};
use crate::pool::{Connection, Pool};
use crate::public::Resolver;
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http::Uri;
use rustls::RootCertStore;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// A client that trusts these roots. The SDK's settings do not reach it: all clients have the same
/// limits, and `connect` is theirs for a connection.
pub(crate) fn client(roots: RootCertStore, connect: Duration) -> Result<SharedHttpClient, String> {
    let connector = http1::connector(roots, Resolver::new(true), None)?;
    let client = Client(Arc::new(Shared { connector, connect, pool: Pool::default() }));
    Ok(SharedHttpClient::new(client))
}

#[derive(Debug, Clone)]
struct Client(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connector: Connector,
    connect: Duration,
    pool: Pool,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Client {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let shared = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move { shared.exchange(request).await })
    }
}

impl Shared {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let unfit = |error| ConnectorError::user(error);
        let mut request = request.try_into_http1x().map_err(|error| unfit(error.into()))?;
        let address = http1::in_origin_form(&mut request).map_err(unfit)?;
        let capture = request.extensions().get::<CaptureSmithyConnection>().cloned();
        loop {
            let kept = self.pool.take(&address).await;
            let (mut connection, old) = match kept {
                Some(connection) => (connection, true),
                None => (self.connect(address.clone()).await?, false),
            };
            if let Some(capture) = &capture {
                connection.tell(capture);
            }
            match connection.sender.try_send_request(request).await {
                Ok(answer) => {
                    self.pool.keep(&address, connection);
                    let answer = answer.map(SdkBody::from_body_1_x);
                    return HttpResponse::try_from(answer)
                        .map_err(|error| ConnectorError::other(error.into(), None));
                }
                // An old connection may be found closed. Then nothing was sent: it is no attempt.
                Err(mut error) => match error.take_message() {
                    Some(unsent) if old => request = unsent,
                    Some(_) | None => return Err(failed(error.into_error())),
                },
            }
        }
    }

    async fn connect(&self, address: Uri) -> Result<Connection, ConnectorError> {
        let connected = Connection::to(self.connector.clone(), address);
        let Ok(connected) = tokio::time::timeout(self.connect, connected).await else {
            let words = format!("no connection within {:?}", self.connect);
            return Err(ConnectorError::timeout(words.into()));
        };
        connected.map_err(ConnectorError::io)
    }
}

/// What the SDK shall think of it: whether it may try again.
fn failed(error: hyper::Error) -> ConnectorError {
    if error.is_user() {
        ConnectorError::user(error.into())
    } else if error.is_closed() || error.is_canceled() || is_io(&error) {
        ConnectorError::io(error.into())
    } else if error.is_incomplete_message() {
        // S3 does so now and then.
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    } else {
        ConnectorError::other(error.into(), None)
    }
}

fn is_io(error: &hyper::Error) -> bool {
    let mut next = error.source();
    while let Some(error) = next {
        if error.is::<std::io::Error>() {
            return true;
        }
        next = error.source();
    }
    false
}
