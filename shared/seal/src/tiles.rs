//! The log as files (C2SP tlog-tiles): 256 hashes to a tile, and names that say which.

use crate::tree::{Nodes, node_hash};
use watchfire_domain::chain::Digest;

/// How many levels of the tree a tile spans.
pub(crate) const HEIGHT: u8 = 8;

/// How many hashes a full tile holds.
pub(crate) const FULL: u64 = 256;

/// A tile: `width` hashes of one level of the tree, from hash `at · 256` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Which eighth level: level 0 holds hashes of leaves.
    pub level: u8,
    /// Its place in the level.
    pub at: u64,
    /// How many hashes it holds: 256, or fewer at the log's growing edge.
    pub width: u16,
}

/// What has to be written when a log grew from `old` to `new` leaves, the lowest level first.
pub fn since(old: u64, new: u64) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for level in 0..=7u8 {
        let shift = u32::from(level).saturating_mul(HEIGHT.into());
        let (before, after) = (old >> shift, new >> shift);
        if after <= before {
            break;
        }
        for at in (before >> HEIGHT)..=(after.saturating_sub(1) >> HEIGHT) {
            let rest = after.saturating_sub(at.saturating_mul(FULL)).min(FULL);
            tiles.push(Tile { level, at, width: u16::try_from(rest).unwrap_or(0) });
        }
    }
    tiles
}

/// Every tile of a log of `size` leaves.
pub fn all(size: u64) -> Vec<Tile> {
    since(0, size)
}

impl Tile {
    /// Its name: `tile/<level>/<place>`, and `.p/<width>` behind it while it is not full.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, self.place())
    }

    /// The name of the leaves themselves, for a tile of level 0.
    pub fn entries_path(&self) -> String {
        format!("tile/entries/{}", self.place())
    }

    fn place(&self) -> String {
        // Three digits to a folder, so that none grows without bounds; all but the last have an x.
        let mut text = format!("{:03}", self.at % 1000);
        let mut rest = self.at / 1000;
        while rest > 0 {
            text = format!("x{:03}/{text}", rest % 1000);
            rest /= 1000;
        }
        if u64::from(self.width) < FULL {
            text = format!("{text}.p/{}", self.width);
        }
        text
    }

    /// Its bytes: the hashes, one after the other. None if `nodes` lacks one of them.
    pub fn bytes(&self, nodes: &dyn Nodes) -> Option<Vec<u8>> {
        let level = self.level.checked_mul(HEIGHT)?;
        let first = self.at.checked_mul(FULL)?;
        let mut bytes = Vec::with_capacity(usize::from(self.width).saturating_mul(32));
        for at in 0..u64::from(self.width) {
            bytes.extend(nodes.node(level, first.checked_add(at)?)?.0);
        }
        Some(bytes)
    }
}

/// The bytes of a bundle of entries: each leaf behind its length, two bytes big-endian. None if
/// one is too long for that.
pub fn entries<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for leaf in leaves {
        bytes.extend(u16::try_from(leaf.len()).ok()?.to_be_bytes());
        bytes.extend(leaf);
    }
    Some(bytes)
}

/// A log of `size` leaves, read from its tiles: proofs are made without holding all of it.
pub struct Tiled<F> {
    size: u64,
    fetch: F,
}

impl<F> std::fmt::Debug for Tiled<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Tiled({})", self.size)
    }
}

impl<F: Fn(&Tile) -> Option<Vec<u8>>> Tiled<F> {
    /// Over whatever brings a tile's bytes.
    pub fn new(size: u64, fetch: F) -> Self {
        Self { size, fetch }
    }
}

impl<F: Fn(&Tile) -> Option<Vec<u8>>> Nodes for Tiled<F> {
    fn node(&self, level: u8, at: u64) -> Option<Digest> {
        let within = u32::from(level % HEIGHT);
        let (tile_level, first) = (level / HEIGHT, at.checked_shl(within)?);
        let hashes = self.size >> u32::from(tile_level).checked_mul(HEIGHT.into())?;
        let place = first / FULL;
        let width = hashes.checked_sub(place.checked_mul(FULL)?)?.min(FULL);
        let tile = Tile { level: tile_level, at: place, width: u16::try_from(width).ok()? };
        let bytes = (self.fetch)(&tile)?;
        let from = usize::try_from(first % FULL).ok()?.checked_mul(32)?;
        let upto = from.checked_add(1usize.checked_shl(within)?.checked_mul(32)?)?;
        let hashes = bytes.get(from..upto)?.chunks_exact(32);
        let mut row: Vec<Digest> =
            hashes.map(|hash| Digest::try_from(hash).ok()).collect::<Option<_>>()?;
        while row.len() > 1 {
            row = row.chunks_exact(2).filter_map(pair).collect();
        }
        row.first().copied()
    }
}

fn pair(two: &[Digest]) -> Option<Digest> {
    match two {
        [left, right] => Some(node_hash(left, right)),
        _ => None,
    }
}
