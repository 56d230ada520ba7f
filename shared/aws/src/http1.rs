//! HTTP/1.1, as both clients speak it: that of AWS over connections that are kept, that of the web over
//! one for each request.

use crate::public::Resolver;
use aws_smithy_types::body::SdkBody;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Request, Uri, header};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tower_service::Service as _;

/// What makes connections, with TLS or without.
pub(crate) type Connector = HttpsConnector<HttpConnector<Resolver>>;

/// Why nothing was sent.
pub(crate) type Unsent = Box<dyn Error + Send + Sync>;

/// A connector that trusts `roots`. `limit` is for TCP alone, shared among a name's addresses.
pub(crate) fn connector(
    roots: RootCertStore,
    resolver: Resolver,
    limit: Option<Duration>,
) -> Result<Connector, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_connect_timeout(limit);
    tcp.set_nodelay(true);
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp))
}

/// Connects to the host of `address`. The connection lives as long as who sends over it, and until the
/// last answer is read.
pub(crate) async fn connect(
    mut connector: Connector,
    address: Uri,
) -> Result<SendRequest<SdkBody>, Unsent> {
    poll_fn(|context| connector.poll_ready(context)).await?;
    let stream = connector.call(address).await?;
    let (sender, connection) = handshake(stream).await?;
    // It ends with the answer, or with the task that asked: then nobody waits for it.
    tokio::spawn(connection);
    Ok(sender)
}

/// Writes the request as RFC 9112, 3.2, wants it: a path in the first line, and the host in a field,
/// without who asks and without the port that is usual. Gives the address that it goes to.
pub(crate) fn in_origin_form(request: &mut Request<SdkBody>) -> Result<Uri, Unsent> {
    let path = request.uri().path_and_query().cloned();
    let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
    let address = std::mem::replace(request.uri_mut(), path.into());
    let name = address.host().ok_or("the address names no host")?;
    let usual = if address.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    let host = match address.port_u16().filter(|port| *port != usual) {
        Some(port) => HeaderValue::try_from(format!("{name}:{port}"))?,
        None => HeaderValue::try_from(name)?,
    };
    request.headers_mut().insert(header::HOST, host);
    Ok(address)
}
