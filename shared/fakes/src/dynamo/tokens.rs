//! How long a `ClientRequestToken` is remembered, by the test's clock.
//!
//! The engine forgets tokens by the machine's clock, which no test moves. So a token that has passed
//! its ten minutes goes to the engine under another name.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

const WINDOW_SECONDS: u64 = 600;
const TOKEN: &str = "ClientRequestToken";

pub(super) type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

#[derive(Default)]
pub(super) struct Tokens {
    clock: Option<Clock>,
    known: HashMap<String, Known>,
}

#[derive(Default)]
struct Known {
    generation: u64,
    /// When a transaction first succeeded under it; a failed one leaves the token unused.
    since: Option<u64>,
}

impl Tokens {
    pub(super) fn new(clock: Option<Clock>) -> Self {
        Self { clock, known: HashMap::new() }
    }

    /// The request with the token that the engine knows it by.
    pub(super) fn renamed(&mut self, mut body: Value) -> Value {
        let (Some(clock), Some(token)) = (&self.clock, token(&body)) else {
            return body;
        };
        let now = clock();
        let known = self.known.entry(token.clone()).or_default();
        if known.since.is_some_and(|since| now.saturating_sub(since) >= WINDOW_SECONDS) {
            *known = Known { generation: known.generation.wrapping_add(1), since: None };
        }
        if known.generation > 0
            && let Some(members) = body.as_object_mut()
        {
            let mut hasher = DefaultHasher::new();
            (&token, known.generation).hash(&mut hasher);
            members.insert(TOKEN.to_owned(), json!(format!("renamed-{:016x}", hasher.finish())));
        }
        body
    }

    /// Notes that a transaction succeeded under the caller's token.
    pub(super) fn succeeded(&mut self, body: &Value) {
        if let (Some(clock), Some(token)) = (&self.clock, token(body)) {
            let now = clock();
            self.known.entry(token).or_default().since.get_or_insert(now);
        }
    }
}

fn token(body: &Value) -> Option<String> {
    body.get(TOKEN).and_then(Value::as_str).map(str::to_owned)
}
