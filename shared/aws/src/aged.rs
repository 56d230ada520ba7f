//! Texts that are kept for some minutes: secrets, and the issuer's keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use watchfire_domain::{MINUTE, Timestamp};

// How often `fresh` may ask again.
const PAUSE: i64 = MINUTE;

#[derive(Debug, Default)]
struct Entry {
    text: Option<(Arc<str>, Timestamp)>,
    asked: Option<Timestamp>,
}

/// Texts by name, each kept for `life` milliseconds.
pub(crate) struct Aged {
    life: i64,
    entries: Mutex<HashMap<String, Entry>>,
}

impl Aged {
    pub(crate) fn new(life: i64) -> Self {
        Self { life, entries: Mutex::default() }
    }

    /// The text, if it need not be asked for. `fresh` is heard once a minute, whether the asking
    /// succeeds or not: what strangers send must not decide how often we ask.
    pub(crate) fn get(&self, name: &str, fresh: bool, now: Timestamp) -> Option<Arc<str>> {
        let mut entries = self.entries();
        let entry = entries.entry(name.to_owned()).or_default();
        let young = |since: Timestamp, life: i64| (0..life).contains(&now.since(since));
        let text = entry.text.as_ref().filter(|(_, since)| young(*since, self.life));
        let text = text.map(|(text, _)| Arc::clone(text));
        if text.is_some() && (!fresh || entry.asked.is_some_and(|asked| young(asked, PAUSE))) {
            return text;
        }
        entry.asked = Some(now);
        None
    }

    /// Keeps the text.
    pub(crate) fn put(&self, name: &str, text: &Arc<str>, now: Timestamp) {
        self.entries().entry(name.to_owned()).or_default().text = Some((Arc::clone(text), now));
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// The texts are secrets.
impl std::fmt::Debug for Aged {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Aged").field("life", &self.life).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ages_and_fresh_is_heard_once_a_minute() {
        let aged = Aged::new(5 * MINUTE);
        let at = |millis: i64| Timestamp::from_millis(1_000_000).plus(millis);
        assert!(aged.get("a", false, at(0)).is_none());
        aged.put("a", &Arc::from("one"), at(0));
        assert_eq!(aged.get("a", false, at(5 * MINUTE - 1)).as_deref(), Some("one"));
        assert_eq!(aged.get("a", true, at(MINUTE - 1)).as_deref(), Some("one"));
        assert!(aged.get("a", true, at(MINUTE)).is_none(), "a minute has passed");
        assert_eq!(aged.get("a", true, at(MINUTE + 1)).as_deref(), Some("one"), "it was asked for");
        assert!(aged.get("a", false, at(5 * MINUTE)).is_none(), "it is old");
        assert!(aged.get("b", false, at(0)).is_none());
        assert!(!format!("{aged:?}").contains("one"));
    }
}
