//! hook: the door of webhooks. It verifies who sends, reads what is said of which alarm, puts that
//! on the alarm queue and answers; it writes nothing, so that a storm costs it nothing but
//! messages.

mod answer;
mod door;
mod proof;
mod read;
#[cfg(test)]
mod tests;

use serde_json::Value;
use watchfire_desk::Desk;

/// Answers `POST /hooks/{integration}` and `POST /v2/enqueue` (payload 2.0). Whatever comes in, an
/// HTTP answer goes out.
pub async fn handle(desk: &Desk, event: Value) -> Value {
    door::answer(desk, &event).await.to_event()
}
