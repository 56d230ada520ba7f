//! The growing edge of a log: all that it takes to append to it, whatever its size.

use crate::tiles::{FULL, HEIGHT, Tile};
use crate::tree::{Nodes, node_hash};
use watchfire_domain::chain::Digest;

/// The last tile of each level, and what is appended to it.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    rows: Vec<Row>,
}

/// The hashes of a level that are held: from `first` on.
#[derive(Debug, Clone, Default)]
struct Row {
    first: u64,
    hashes: Vec<Digest>,
}

/// The tiles at the edge of a log of `size` leaves, the lowest level first: no more than one of each
/// level, and none of a level that ends with a full tile.
pub fn tiles(size: u64) -> Vec<Tile> {
    let levels = (0..8u8).filter_map(|level| {
        let hashes = size.checked_shr(u32::from(level).saturating_mul(HEIGHT.into()))?;
        let width = u16::try_from(hashes % FULL).ok()?;
        (width > 0).then_some(Tile { level, at: hashes / FULL, width })
    });
    levels.collect()
}

impl Edge {
    /// The edge of a log of `size` leaves, from the bytes of [`tiles`] in their order. None if they are
    /// not these tiles.
    pub fn open(size: u64, tiles_bytes: &[Vec<u8>]) -> Option<Self> {
        let mut edge = Self::default();
        for level in 0..8u32 {
            let hashes = size.checked_shr(level.saturating_mul(HEIGHT.into())).unwrap_or(0);
            edge.rows.push(Row { first: hashes.saturating_sub(hashes % FULL), hashes: Vec::new() });
        }
        let wanted = tiles(size);
        if wanted.len() != tiles_bytes.len() {
            return None;
        }
        for (tile, bytes) in wanted.iter().zip(tiles_bytes) {
            let row = edge.rows.get_mut(usize::from(tile.level))?;
            row.hashes = digests(bytes)?;
            if row.hashes.len() != usize::from(tile.width) {
                return None;
            }
        }
        Some(edge)
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = Some(leaf);
        for row in &mut self.rows {
            let Some(one) = hash.take() else { break };
            row.hashes.push(one);
            let whole = u64::try_from(row.hashes.len()).is_ok_and(|count| count % FULL == 0);
            let from = row.hashes.len().saturating_sub(256);
            hash = whole.then(|| top(row.hashes.get(from..).unwrap_or_default())).flatten();
        }
    }
}

impl Nodes for Edge {
    fn node(&self, level: u8, at: u64) -> Option<Digest> {
        let row = self.rows.get(usize::from(level / HEIGHT))?;
        let within = u32::from(level % HEIGHT);
        let from = usize::try_from(at.checked_shl(within)?.checked_sub(row.first)?).ok()?;
        let upto = from.checked_add(1usize.checked_shl(within)?)?;
        top(row.hashes.get(from..upto)?)
    }
}

/// The hashes of a tile, from its bytes. None if they are no whole hashes.
fn digests(bytes: &[u8]) -> Option<Vec<Digest>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().map(|hash| Digest(*hash)).collect())
}

/// The hash over a whole subtree: a power of two of hashes.
fn top(hashes: &[Digest]) -> Option<Digest> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let (pairs, _) = row.as_chunks::<2>();
        row = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::since;
    use crate::tree::{Tree, leaf_hash, root};
    use std::collections::BTreeMap;

    /// A log that is appended to by its edge alone has the roots and the tiles of one that is held
    /// whole; steps of every kind, over the ends of tiles of two levels.
    #[test]
    fn an_edge_grows_as_the_whole_log_does() {
        let (mut whole, mut stored) = (Tree::default(), BTreeMap::new());
        let mut size = 0_u64;
        for step in [1, 1, 3, 250, 1, 1, 255, 256, 257, 512, 65_000, 300, 2_000] {
            let edge_tiles: Vec<Vec<u8>> =
                tiles(size).iter().map(|tile| Vec::clone(&stored[&tile.path()])).collect();
            let mut edge = Edge::open(size, &edge_tiles).unwrap();
            assert_eq!(root(&edge, size), root(&whole, size));
            for at in size..size + step {
                let leaf = leaf_hash(&at.to_be_bytes());
                edge.push(leaf);
                whole.push(leaf);
            }
            for tile in since(size, size + step) {
                let bytes = tile.bytes(&edge).unwrap();
                assert_eq!(Some(&bytes), tile.bytes(&whole).as_ref(), "{tile:?} after {size}");
                stored.insert(tile.path(), bytes);
            }
            size += step;
            assert_eq!(root(&edge, size), root(&whole, size), "{size}");
        }
        assert!(size > 65_536, "a third level was reached");
    }

    #[test]
    fn what_is_not_the_edge_is_not_taken_for_it() {
        let tile = vec![0; 32 * 5];
        assert!(Edge::open(5, std::slice::from_ref(&tile)).is_some());
        assert!(Edge::open(6, std::slice::from_ref(&tile)).is_none());
        assert!(Edge::open(5, &[]).is_none());
        assert!(Edge::open(5, &[vec![0; 33]]).is_none());
        assert!(Edge::open(256, &[tile]).is_none());
    }
}
