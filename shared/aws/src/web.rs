//! The `web` client: for the issuer's keys, and for webhooks.

use crate::error::{Cause, corrupt, refused, unavailable};
use crate::http1::{self, Connector, Unsent};
use crate::public::{Private, Resolver};
use crate::roots;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use rustls::RootCertStore;
use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;
use watchfire_domain::Problem;
use watchfire_ports::PortError;

const CONNECT: Duration = Duration::from_secs(3);
/// How long an exchange takes at most, where nobody says otherwise.
pub(crate) const WHOLE: Duration = Duration::from_secs(8);
/// The name of the web in errors.
pub(crate) const WEB: &str = "the web";

/// A client for the public web: the roots of Mozilla, and those of `WATCHFIRE_CA`. It follows no
/// redirects. Nothing is built before the first request.
#[derive(Debug, Default)]
pub struct Web {
    authorities: Vec<String>,
    // What tenants name goes to public addresses only; what the operator names goes anywhere.
    guarded: OnceLock<Result<Connector, String>>,
    open: OnceLock<Result<Connector, String>>,
}

/// Who chose the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen {
    ByTenant,
    ByOperator,
}

/// A request to the web.
pub(crate) struct Ask<'a> {
    pub(crate) doing: &'static str,
    pub(crate) chosen: Chosen,
    pub(crate) method: Method,
    pub(crate) address: Uri,
    pub(crate) headers: Vec<(&'a str, String)>,
    pub(crate) body: Vec<u8>,
    /// At most so many bytes of the answer are read; none: only its status matters.
    pub(crate) limit: Option<usize>,
    /// How long it may take from the name's resolution to the last byte.
    pub(crate) within: Duration,
}

impl Web {
    /// With the authorities of `WATCHFIRE_CA`: PEM, or a file's path.
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<Problem>> {
        let Some(given) = env("WATCHFIRE_CA").filter(|given| !given.is_empty()) else {
            return Ok(Self::default());
        };
        let problem = |words: String| vec![Problem::new("WATCHFIRE_CA", words)];
        let pem = if given.contains("-----BEGIN") {
            given
        } else {
            std::fs::read_to_string(&given)
                .map_err(|error| problem(format!("`{given}` cannot be read: {error}")))?
        };
        let authorities = roots::split(&pem);
        if authorities.is_empty() {
            return Err(problem("holds no certificate".to_owned()));
        }
        Ok(Self { authorities, ..Self::default() })
    }

    /// Sends the request; gives the answer's status and body.
    pub(crate) async fn send(&self, ask: Ask<'_>) -> Result<(u16, Bytes), PortError> {
        let doing = ask.doing;
        let connector = self.connector(ask.chosen, doing)?;
        let mut request = Request::new(SdkBody::from(ask.body));
        *request.method_mut() = ask.method;
        *request.uri_mut() = ask.address;
        for (name, value) in ask.headers {
            let unfit = || refused(WEB, doing, &format!("the header `{name}` has no valid value"));
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
            let value = HeaderValue::try_from(value).map_err(|_| unfit())?;
            request.headers_mut().insert(header, value);
        }
        let whole = async {
            let sent = exchange(connector.clone(), request).await;
            let answer = sent.map_err(|error| failed(doing, &*error))?;
            let status = answer.status().as_u16();
            let Some(limit) = ask.limit else { return Ok((status, Bytes::new())) };
            let body = Limited::new(answer.into_body(), limit).collect().await;
            let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
                Some(_) => corrupt(WEB, doing, &format!("more than {limit} bytes")),
                None => unavailable(WEB, doing, Cause::of(&*error)),
            })?;
            Ok((status, body.to_bytes()))
        };
        tokio::time::timeout(ask.within, whole)
            .await
            .unwrap_or_else(|late| Err(unavailable(WEB, doing, Cause::of(&late))))
    }

    fn connector(&self, chosen: Chosen, doing: &'static str) -> Result<&Connector, PortError> {
        let built = match chosen {
            Chosen::ByTenant => self.guarded.get_or_init(|| build(&self.authorities, false)),
            Chosen::ByOperator => self.open.get_or_init(|| build(&self.authorities, true)),
        };
        built.as_ref().map_err(|words| refused(WEB, doing, words))
    }
}

fn build(authorities: &[String], private: bool) -> Result<Connector, String> {
    let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots::add(&mut store, authorities);
    http1::connector(store, Resolver::new(private), Some(CONNECT))
}

/// Sends the request over a connection of its own. Requests are rare, and Lambda freezes the process
/// between them: a kept connection is a dead one more often than not.
async fn exchange(
    connector: Connector,
    mut request: Request<SdkBody>,
) -> Result<Response<Incoming>, Unsent> {
    let address = http1::in_origin_form(&mut request)?;
    let mut sender = http1::connect(connector, address).await?;
    Ok(sender.send_request(request).await?)
}

fn failed(doing: &'static str, error: &(dyn Error + 'static)) -> PortError {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<Private>() {
            return refused(WEB, doing, &error.to_string());
        }
        next = error.source();
    }
    unavailable(WEB, doing, Cause::of(error))
}
