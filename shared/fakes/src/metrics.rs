//! Metric lines, kept.

use crate::wire::lock;
use std::sync::{Arc, Mutex};
use watchfire_ports::Metrics;

/// The lines that were written. Clones write to the same page.
#[derive(Clone, Debug, Default)]
pub struct FakeMetrics(Arc<Mutex<Vec<String>>>);

impl FakeMetrics {
    /// An empty page.
    pub fn new() -> Self {
        Self::default()
    }

    /// The lines so far, in order.
    pub fn lines(&self) -> Vec<String> {
        lock(&self.0).clone()
    }

    /// Takes the lines out.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.0))
    }
}

impl Metrics for FakeMetrics {
    fn emit(&self, line: &str) {
        lock(&self.0).push(line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_in_order() {
        let metrics = FakeMetrics::new();
        metrics.clone().emit("{}");
        metrics.emit("[]");
        assert_eq!(metrics.lines(), ["{}", "[]"]);
        assert_eq!((metrics.take().len(), metrics.lines().len()), (2, 0));
    }
}
