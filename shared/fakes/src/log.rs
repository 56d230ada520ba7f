//! What is logged, kept for a test to read.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// A log. Clones write to the same one.
#[derive(Clone, Debug, Default)]
pub struct FakeLog(Arc<Mutex<Vec<u8>>>);

impl FakeLog {
    /// What stands in it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        // A panicking test must not hide its own message behind a poisoned lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps `tracing` from remembering that nobody listens to a line: a test that reads its own thread's log
/// would miss what another thread said first. (tracing-core asks the subscribers before it lists a
/// callsite, so that one which comes between the two is never asked.)
pub(crate) fn keep_every_callsite() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another one is in place: then somebody listens.
        let _already = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    });
}

impl Write for FakeLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for FakeLog {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
