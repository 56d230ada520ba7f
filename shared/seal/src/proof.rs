//! Proofs over the tree: that a leaf is in it, and that it only grew (RFC 6962 §2.1.1, §2.1.2).
//! They are checked as RFC 9162 §2.1.3.2 and §2.1.4.2 say, which need nothing but the proof.

use crate::tree::{Nodes, node_hash, range, split};
use watchfire_domain::chain::Digest;

/// The proof that leaf `index` is in the tree of `size` leaves. None if it is not, or if `nodes`
/// lacks a hash.
pub fn inclusion(nodes: &dyn Nodes, index: u64, size: u64) -> Option<Vec<Digest>> {
    let mut proof = Vec::new();
    (index < size).then_some(())?;
    path(nodes, index, (0, size), &mut proof)?;
    Some(proof)
}

fn path(
    nodes: &dyn Nodes,
    index: u64,
    (begin, end): (u64, u64),
    proof: &mut Vec<Digest>,
) -> Option<()> {
    let count = end.checked_sub(begin)?;
    if count <= 1 {
        return Some(());
    }
    let middle = begin.checked_add(split(count)?)?;
    if index < middle {
        path(nodes, index, (begin, middle), proof)?;
        proof.push(range(nodes, middle, end)?);
    } else {
        path(nodes, index, (middle, end), proof)?;
        proof.push(range(nodes, begin, middle)?);
    }
    Some(())
}

/// The proof that the tree of `new` leaves begins with the tree of `old` leaves. Empty if there is
/// nothing to prove: the same size, or nothing before.
pub fn consistency(nodes: &dyn Nodes, old: u64, new: u64) -> Option<Vec<Digest>> {
    let mut proof = Vec::new();
    (old <= new).then_some(())?;
    if old > 0 {
        grown(nodes, old, (0, new), true, &mut proof)?;
    }
    Some(proof)
}

/// RFC 6962's SUBPROOF. `known`: whether the verifier has the hash of this part from the old root.
fn grown(
    nodes: &dyn Nodes,
    old: u64,
    (begin, end): (u64, u64),
    known: bool,
    proof: &mut Vec<Digest>,
) -> Option<()> {
    if old == end {
        if !known {
            proof.push(range(nodes, begin, end)?);
        }
        return Some(());
    }
    let middle = begin.checked_add(split(end.checked_sub(begin)?)?)?;
    if old <= middle {
        grown(nodes, old, (begin, middle), known, proof)?;
        proof.push(range(nodes, middle, end)?);
    } else {
        grown(nodes, old, (middle, end), false, proof)?;
        proof.push(range(nodes, begin, middle)?);
    }
    Some(())
}

/// Whether `proof` shows that `leaf` is leaf `index` of the tree of `size` leaves under `root`.
pub fn includes(proof: &[Digest], leaf: &Digest, index: u64, size: u64, root: &Digest) -> bool {
    let Some(last) = size.checked_sub(1).filter(|last| index <= *last) else { return false };
    let (mut at, mut last) = (index, last);
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(step, &hash);
            (at, last) = up_to_a_right_child(at, last);
        } else {
            hash = node_hash(&hash, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `new` leaves under `new_root` begins with the tree of
/// `old` leaves under `old_root`.
pub fn extends(
    proof: &[Digest],
    (old, old_root): (u64, &Digest),
    (new, new_root): (u64, &Digest),
) -> bool {
    let Some(mut at) = old.checked_sub(1) else { return proof.is_empty() };
    let Some(mut last) = new.checked_sub(1) else { return false };
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old > new {
        return false;
    }
    // The old tree is a subtree of the new one if its size is a power of two: its root is known.
    let (first, rest) = if old.is_power_of_two() && !proof.is_empty() {
        (*old_root, proof)
    } else {
        let Some((first, rest)) = proof.split_first() else { return false };
        (*first, rest)
    };
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut before, mut after) = (first, first);
    for step in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            before = node_hash(step, &before);
            after = node_hash(step, &after);
            (at, last) = up_to_a_right_child(at, last);
        } else {
            after = node_hash(&after, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && before == *old_root && after == *new_root
}

/// Goes up past nodes without a sibling, which their parents' level takes over as they are.
fn up_to_a_right_child(mut at: u64, mut last: u64) -> (u64, u64) {
    while at & 1 == 0 && at != 0 {
        (at, last) = (at >> 1, last >> 1);
    }
    (at, last)
}
