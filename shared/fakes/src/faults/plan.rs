//! Which call fails: by place, by operation, or by a seeded rate.

use super::Fault;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) at: BTreeMap<u64, Fault>,
    pub(super) named: BTreeMap<(String, u64), Fault>,
    pub(super) rate: Option<Rate>,
}

impl Plan {
    pub(super) fn fault(&self, index: u64, operation: &str, nth: u64) -> Option<Fault> {
        self.at
            .get(&index)
            .or_else(|| self.named.get(&(operation.to_owned(), nth)))
            .copied()
            .or_else(|| self.rate.as_ref().and_then(|rate| rate.fault(index, operation)))
    }
}

#[derive(Debug)]
pub(super) struct Rate {
    prefix: String,
    seed: u64,
    percent: u8,
    faults: Vec<Fault>,
}

impl Rate {
    pub(super) fn new(prefix: &str, seed: u64, percent: u8, faults: &[Fault]) -> Self {
        Self { prefix: prefix.to_owned(), seed, percent, faults: faults.to_vec() }
    }

    /// A function of the seed and the place alone, so that threads cannot change which places fail.
    fn fault(&self, index: u64, operation: &str) -> Option<Fault> {
        let mut seeded = Seeded::new(mix(self.seed) ^ index);
        if seeded.below(100) >= u64::from(self.percent) || !operation.starts_with(&self.prefix) {
            return None;
        }
        let kinds = u64::try_from(self.faults.len()).ok()?;
        let choice = usize::try_from(seeded.below(kinds)).ok()?;
        self.faults.get(choice).copied()
    }
}

/// `SplitMix64`: small, and the same everywhere.
#[derive(Debug)]
pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`; zero when the bound is.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        match mix(self.0).checked_rem(bound) {
            Some(number) => number,
            None => 0,
        }
    }
}

const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
