//! Chance that a seed decides.

use crate::words::hex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use watchfire_ports::Ids;

// SplitMix64's step: the same on every machine.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Chance. The same seed gives the same bytes; clones draw from one stream.
#[derive(Clone, Debug)]
pub struct FakeIds(Arc<AtomicU64>);

impl FakeIds {
    /// A stream of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(mix(seed))))
    }

    /// So many random bytes, in hex.
    pub(crate) fn hex(&self, bytes: usize) -> String {
        let mut random = vec![0; bytes];
        self.fill(&mut random);
        hex(&random)
    }

    /// A random uuid's text.
    pub(crate) fn uuid(&self) -> String {
        let hex = self.hex(16);
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-4{}-8{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }
}

impl Ids for FakeIds {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
            for (byte, random) in chunk.iter_mut().zip(mix(drawn).to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_decides_and_nothing_repeats() {
        let draw = |seed: u64| {
            let ids = FakeIds::new(seed);
            (0..1_000).map(|_| ids.ten()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        let all: BTreeSet<_> = draw(1).into_iter().chain(draw(2)).collect();
        assert_eq!(all.len(), 2_000);
    }

    #[test]
    fn clones_draw_from_one_stream() {
        let ids = FakeIds::new(7);
        assert_ne!(ids.clone().ten(), ids.ten());
        assert_eq!(ids.uuid().len(), 36);
    }
}
