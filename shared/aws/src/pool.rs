//! Connections to AWS that are kept for the next request.

use crate::http1::{self, Unsent};
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_types::body::SdkBody;
use http::Uri;
use http::uri::{Authority, Scheme};
use hyper::client::conn::http1::SendRequest;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Who has said nothing for so long has gone, or is about to: the SDK's own client waits as long.
const IDLE: Duration = Duration::from_secs(90);

/// A connection, and whether the SDK wants no more of it: an answer over it was a passing fault, which
/// another machine of the service may not have.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<SdkBody>,
    spoilt: Arc<AtomicBool>,
}

impl Connection {
    pub(crate) async fn to(connector: http1::Connector, address: Uri) -> Result<Self, Unsent> {
        let sender = http1::connect(connector, address).await?;
        Ok(Self { sender, spoilt: Arc::default() })
    }

    /// Lets the SDK spoil it after the answer.
    pub(crate) fn tell(&self, capture: &CaptureSmithyConnection) {
        let spoilt = Arc::clone(&self.spoilt);
        capture.set_connection_retriever(move || {
            let spoilt = Arc::clone(&spoilt);
            let spoil = move || spoilt.store(true, Ordering::Relaxed);
            Some(ConnectionMetadata::builder().proxied(false).poison_fn(spoil).build())
        });
    }

    fn lives(&self) -> bool {
        !self.sender.is_closed() && !self.spoilt.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
struct Kept {
    scheme: Option<Scheme>,
    authority: Option<Authority>,
    since: Instant,
    connection: Connection,
}

impl Kept {
    fn leads_to(&self, address: &Uri) -> bool {
        self.scheme.as_ref() == address.scheme() && self.authority.as_ref() == address.authority()
    }
}

/// A handful of hosts, and seldom more than one connection to each.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<Vec<Kept>>);

impl Pool {
    /// Keeps it for the next request to the host of `address`, whose answer may yet be read.
    pub(crate) fn keep(&self, address: &Uri, connection: Connection) {
        let (scheme, authority) = (address.scheme().cloned(), address.authority().cloned());
        let kept = Kept { scheme, authority, since: Instant::now(), connection };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
    }

    /// A connection to the host of `address` whose last answer was read, the youngest first.
    pub(crate) async fn take(&self, address: &Uri) -> Option<Connection> {
        match self.look(address) {
            Found::Idle(connection) => Some(connection),
            Found::None => None,
            // Its task may not have run since the answer's end was read.
            Found::Busy => {
                tokio::task::yield_now().await;
                match self.look(address) {
                    Found::Idle(connection) => Some(connection),
                    Found::Busy | Found::None => None,
                }
            }
        }
    }

    fn look(&self, address: &Uri) -> Found {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|kept| kept.connection.lives() && kept.since.elapsed() < IDLE);
        let fits = |kept: &Kept| kept.leads_to(address);
        let idle = |kept: &Kept| fits(kept) && kept.connection.sender.is_ready();
        match all.iter().rposition(idle) {
            Some(at) => Found::Idle(all.remove(at).connection),
            None if all.iter().any(fits) => Found::Busy,
            None => Found::None,
        }
    }
}

enum Found {
    Idle(Connection),
    Busy,
    None,
}
