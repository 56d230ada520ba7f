//! DynamoDB inside the test's process: the real semantics of `dynoxide`, behind the real AWS client.
//!
//! Only the wire is ours. A connector takes the client's signed request, lets the fault plan have its
//! say, runs the action, and answers in DynamoDB's own words.

mod actions;
mod answer;
mod client;
mod connector;
mod counts;
mod dump;
mod engine;
mod errors;
mod past;
mod schema;
#[cfg(test)]
mod tests;
mod tokens;

use crate::faults::Faults;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
pub use counts::Counts;
use engine::Engine;
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The name of the one table.
pub const TABLE: &str = schema::TABLE;

/// A table in memory, seen from one process. Clones share the table and the faults.
#[derive(Clone)]
pub struct Dynamo {
    engine: Arc<Mutex<Engine>>,
    faults: Faults,
}

impl Dynamo {
    /// An empty table with its indexes, and no faults. It expires items by the machine's clock.
    pub fn new() -> Self {
        Self::over(Engine::new(None))
    }

    /// The same, by a clock of the test's (seconds since the epoch): it decides what
    /// [`Dynamo::expire`] removes, and when a `ClientRequestToken` is forgotten.
    pub fn with_clock(clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self::over(Engine::new(Some(Arc::new(clock))))
    }

    /// The same table seen from another process, which fails by a plan of its own.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { engine: Arc::clone(&self.engine), faults }
    }

    /// The real client, as the SDK ships it: standard retries with three attempts and time limits,
    /// though neither ever waits.
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        self.client_with_attempts(3)
    }

    /// The same, with so many attempts. One attempt shows every fault to the caller.
    pub fn client_with_attempts(&self, attempts: u32) -> aws_sdk_dynamodb::Client {
        client::client(self.http_client(), attempts)
    }

    /// The connector alone, for a client that is configured elsewhere.
    pub fn http_client(&self) -> SharedHttpClient {
        connector::http_client(self.clone())
    }

    /// Answers one request that came over another wire, without faults: the HTTP status, the
    /// error's name where it is refused, and the body.
    pub fn answer(&self, operation: &str, body: &Value) -> (u16, Option<String>, String) {
        match self.engine().call(operation, body, None) {
            Ok(body) => (200, None, body.to_string()),
            Err(refusal) => {
                (refusal.status, Some(refusal.name().to_owned()), refusal.body.to_string())
            }
        }
    }

    /// When and how the calls of this process fail.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What was consumed since the beginning or the last reset.
    pub fn counts(&self) -> Counts {
        self.engine().counts().clone()
    }

    /// Starts counting afresh.
    pub fn reset_counts(&self) {
        self.engine().reset_counts();
    }

    /// Carries out the late duplicates that still wait for further calls.
    pub fn settle(&self) {
        self.engine().settle();
    }

    /// Removes the items whose time to live has passed, as DynamoDB does some time after; says how
    /// many. Until then they are there to be read, as in DynamoDB.
    pub fn expire(&self) -> Result<usize, String> {
        self.engine().expire()
    }

    /// Every item in DynamoDB's JSON, in key order, after late duplicates have settled.
    pub fn items(&self) -> Vec<Value> {
        let mut engine = self.engine();
        engine.settle();
        engine.items()
    }

    /// [`Dynamo::items`], with the text in the place of what Watchfire's store deflated: nothing
    /// that stands in the table is hidden from a test.
    pub fn legible(&self) -> Vec<Value> {
        self.items().into_iter().map(dump::legible).collect()
    }

    /// Every item, legible, as one sorted line of text: equal text means an equal table.
    pub fn dump(&self) -> String {
        dump::text(self.legible())
    }

    fn over(engine: Engine) -> Self {
        Self { engine: Arc::new(Mutex::new(engine)), faults: Faults::new() }
    }

    fn engine(&self) -> MutexGuard<'_, Engine> {
        // A panicking test must not hide its own message behind a poisoned lock.
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Dynamo {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Dynamo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Dynamo").field("faults", &self.faults).finish_non_exhaustive()
    }
}
