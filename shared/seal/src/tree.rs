//! The Merkle tree hash (RFC 6962 §2.1).

use sha2::{Digest as _, Sha256};
use watchfire_domain::chain::Digest;

/// The hash of a leaf. Its prefix differs from a node's, so that no node passes for a leaf.
pub fn leaf_hash(data: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update([0]).chain_update(data).finalize().into())
}

/// The hash of an inner node.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let hash = Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0);
    Digest(hash.finalize().into())
}

/// Where hashes of complete subtrees come from: memory, or tiles that lie elsewhere.
pub trait Nodes {
    /// The hash over the `2^level` leaves from leaf `at · 2^level` on; none if it is not known.
    fn node(&self, level: u8, at: u64) -> Option<Digest>;
}

/// The root of the tree over the first `size` leaves.
pub fn root(nodes: &dyn Nodes, size: u64) -> Option<Digest> {
    match size {
        0 => Some(Digest(Sha256::new().finalize().into())),
        _ => range(nodes, 0, size),
    }
}

/// The hash over the leaves from `begin` up to, not including, `end`. `begin` is where the
/// recursion of RFC 6962 puts it: at a multiple of every complete subtree that the range needs.
pub(crate) fn range(nodes: &dyn Nodes, begin: u64, end: u64) -> Option<Digest> {
    let count = end.checked_sub(begin)?;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return nodes.node(u8::try_from(level).ok()?, begin.checked_shr(level)?);
    }
    let middle = begin.checked_add(split(count)?)?;
    Some(node_hash(&range(nodes, begin, middle)?, &range(nodes, middle, end)?))
}

/// The largest power of two below `count`.
pub(crate) fn split(count: u64) -> Option<u64> {
    1u64.checked_shl(count.checked_sub(1)?.checked_ilog2()?)
}

/// A tree in memory: every complete subtree's hash, level by level.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// Appends a leaf by its hash, and says which one it is, from 0.
    pub fn push(&mut self, leaf: Digest) -> u64 {
        let index = self.size();
        let mut carry = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else { break };
            row.push(carry);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => carry = node_hash(left, right),
                _ => break,
            }
        }
        index
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }
}

impl Nodes for Tree {
    fn node(&self, level: u8, at: u64) -> Option<Digest> {
        self.levels.get(usize::from(level))?.get(usize::try_from(at).ok()?).copied()
    }
}

impl Extend<Digest> for Tree {
    fn extend<T: IntoIterator<Item = Digest>>(&mut self, leaves: T) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}
