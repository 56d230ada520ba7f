//! Waiting that takes no time, and gives the others their turn.

use crate::faults::Faults;
use crate::wire::lock;
use async_trait::async_trait;
use std::sync::{Arc, Mutex};
use watchfire_ports::Pause;

/// Pauses. They move no clock: only a test does.
#[derive(Clone, Debug)]
pub struct FakePause {
    taken: Arc<Mutex<Vec<u64>>>,
    faults: Faults,
}

impl FakePause {
    /// None taken yet. Others take their turns in the order that the faults' seed decides.
    pub fn new(faults: Faults) -> Self {
        Self { taken: Arc::default(), faults }
    }

    /// The same record of pauses, taken by another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { taken: Arc::clone(&self.taken), faults }
    }

    /// The pauses that were taken, in milliseconds.
    pub fn taken(&self) -> Vec<u64> {
        lock(&self.taken).clone()
    }
}

#[async_trait]
impl Pause for FakePause {
    async fn pause(&self, millis: u64) {
        lock(&self.taken).push(millis);
        self.faults.pause().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[tokio::test]
    async fn a_pause_lets_others_go_first() {
        let pause = FakePause::new(Faults::new());
        let order = RefCell::new(String::new());
        let slow = async {
            pause.pause(1_000).await;
            order.borrow_mut().push('a');
        };
        tokio::join!(slow, async { order.borrow_mut().push('b') });
        assert_eq!((order.into_inner().as_str(), pause.taken().as_slice()), ("ba", &[1_000][..]));
    }
}
