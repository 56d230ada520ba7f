//! The tree against its definition and published vectors.

use crate::proof::{consistency, extends, includes, inclusion};
use crate::tiles::{Tile, Tiled, all, since};
use crate::{Nodes as _, Tree, leaf_hash, node_hash, root};
use expect_test::expect;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use watchfire_domain::chain::Digest;

fn leaf(index: u64) -> Digest {
    leaf_hash(&index.to_be_bytes())
}

fn tree(size: u64) -> Tree {
    let mut tree = Tree::default();
    tree.extend((0..size).map(leaf));
    tree
}

/// MTH, word for word (RFC 6962 §2.1): slow, and nothing of the code under test.
fn definition(leaves: &[Digest]) -> Digest {
    if let [one] = leaves {
        return *one;
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    node_hash(&definition(left), &definition(right))
}

fn hex(text: &str) -> Digest {
    text.parse().unwrap()
}

/// The leaves and roots of the reference implementation of Certificate Transparency
/// (google/certificate-transparency, `merkletree`), which every later one repeats.
#[test]
fn published_roots_and_proofs_come_out() {
    let leaves: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let mut tree = Tree::default();
    tree.extend(leaves.map(leaf_hash));
    let roots: Vec<String> = (0..=8).map(|size| root(&tree, size).unwrap().to_string()).collect();
    expect![[r#"
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
        aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
        4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
        76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
        ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
        5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
    "#]]
    .assert_eq(&(roots.join("\n") + "\n"));
    assert_eq!(
        consistency(&tree, 6, 8).unwrap(),
        [
            hex("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
            hex("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
            hex("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        ]
    );
    assert_eq!(
        consistency(&tree, 2, 5).unwrap(),
        [
            hex("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
            hex("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"),
        ]
    );
}

const MOST: u64 = 130;

static TREE: LazyLock<Tree> = LazyLock::new(|| tree(MOST));

#[test]
fn every_proof_of_every_size_verifies_and_fits_nothing_else() {
    let tree = tree(MOST);
    let leaves: Vec<Digest> = (0..MOST).map(leaf).collect();
    let roots: Vec<Digest> = (0..=MOST).map(|size| root(&tree, size).unwrap()).collect();
    for size in 1..=MOST {
        let top = &roots[usize::try_from(size).unwrap()];
        assert_eq!(*top, definition(&leaves[..usize::try_from(size).unwrap()]));
        for index in 0..size {
            let proof = inclusion(&tree, index, size).unwrap();
            assert!(includes(&proof, &leaf(index), index, size, top));
            assert!(!includes(&proof, &leaf(index + 1), index, size, top));
            assert!(!includes(&proof, &leaf(index), index, size, &roots[0]));
            let other = if index == 0 { size - 1 } else { index - 1 };
            assert!(size == 1 || !includes(&proof, &leaf(index), other, size, top));
            assert!(!includes(&[&proof[..], &[*top]].concat(), &leaf(index), index, size, top));
            for step in 0..proof.len() {
                let mut altered = proof.clone();
                flip(&mut altered[step], usize::try_from(index).unwrap() * 7 + step);
                assert!(!includes(&altered, &leaf(index), index, size, top));
            }
            if let Some((_, short)) = proof.split_last() {
                assert!(!includes(short, &leaf(index), index, size, top));
            }
        }
        for old in 0..=size {
            let before = &roots[usize::try_from(old).unwrap()];
            let proof = consistency(&tree, old, size).unwrap();
            assert!(extends(&proof, (old, before), (size, top)), "{old} {size}");
            if old == 0 {
                continue;
            }
            assert!(!extends(&proof, (old, &leaf(0)), (size, top)) || *before == leaf(0));
            assert!(!extends(&proof, (old, before), (size, &leaf(old))));
            assert!(!extends(&[&proof[..], &[*top]].concat(), (old, before), (size, top)));
            for step in 0..proof.len() {
                let mut altered = proof.clone();
                flip(&mut altered[step], usize::try_from(old).unwrap() * 7 + step);
                assert!(!extends(&altered, (old, before), (size, top)));
            }
            if let Some((_, short)) = proof.split_last() {
                assert!(!extends(short, (old, before), (size, top)));
            }
        }
    }
    assert!(inclusion(&tree, 5, 5).is_none() && inclusion(&tree, 5, MOST + 1).is_none());
    assert!(consistency(&tree, 6, 5).is_none());
    assert!(!extends(&[], (6, &roots[6]), (5, &roots[5])));
}

fn flip(digest: &mut Digest, bit: usize) {
    digest.0[bit / 8 % 32] ^= 1 << (bit % 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_altered_bit_of_an_inclusion_proof_is_caught(
        size in 1..=MOST, at in any::<prop::sample::Index>(),
        step in any::<prop::sample::Index>(), bit in 0usize..256,
    ) {
        let tree = &*TREE;
        let index = u64::try_from(at.index(usize::try_from(size).unwrap())).unwrap();
        let (mut hash, mut top) = (leaf(index), root(tree, size).unwrap());
        let mut proof = inclusion(tree, index, size).unwrap();
        let mut parts: Vec<_> = proof.iter_mut().chain([&mut hash, &mut top]).collect();
        flip(parts.remove(step.index(parts.len())), bit);
        prop_assert!(!includes(&proof, &hash, index, size, &top));
    }

    #[test]
    fn any_altered_bit_of_a_consistency_proof_is_caught(
        size in 1..=MOST, at in any::<prop::sample::Index>(),
        step in any::<prop::sample::Index>(), bit in 0usize..256,
    ) {
        let tree = &*TREE;
        let old = u64::try_from(at.index(usize::try_from(size).unwrap())).unwrap().max(1);
        let (mut before, mut top) = (root(tree, old).unwrap(), root(tree, size).unwrap());
        let mut proof = consistency(tree, old, size).unwrap();
        let mut parts: Vec<_> = proof.iter_mut().chain([&mut before, &mut top]).collect();
        flip(parts.remove(step.index(parts.len())), bit);
        prop_assert!(!extends(&proof, (old, &before), (size, &top)));
    }
}

/// The example of C2SP tlog-tiles: a log of 70,000 leaves.
#[test]
fn tiles_have_the_names_that_c2sp_gives_them() {
    let tiles = all(70_000);
    assert_eq!(tiles.len(), 273 + 1 + 1 + 1 + 1);
    let edge: Vec<String> = tiles.iter().skip(272).map(Tile::path).collect();
    expect![[r#"
        tile/0/272
        tile/0/273.p/112
        tile/1/000
        tile/1/001.p/17
        tile/2/000.p/1"#]]
    .assert_eq(&edge.join("\n"));
    let far = Tile { level: 0, at: 1_234_067, width: 256 };
    assert_eq!(far.path(), "tile/0/x001/x234/067");
    assert_eq!(far.entries_path(), "tile/entries/x001/x234/067");
    assert_eq!(since(256, 256), []);
    let grown: Vec<String> = since(300, 513).iter().map(Tile::path).collect();
    assert_eq!(grown, ["tile/0/001", "tile/0/002.p/1", "tile/1/000.p/2"]);
    assert_eq!(crate::tiles::entries([&b"ab"[..], b""]).unwrap(), b"\0\x02ab\0\0");
    assert!(crate::tiles::entries([&vec![0; 65_536][..]]).is_none());
}

#[test]
fn proofs_from_tiles_are_those_from_memory() {
    for size in [1, 255, 256, 257, 70_000] {
        let tree = tree(size);
        let files: BTreeMap<String, Vec<u8>> =
            all(size).iter().map(|tile| (tile.path(), tile.bytes(&tree).unwrap())).collect();
        let tiled = Tiled::new(size, |tile: &Tile| files.get(&tile.path()).cloned());
        assert_eq!(root(&tiled, size), root(&tree, size));
        for index in [0, size / 3, size - 1] {
            assert_eq!(inclusion(&tiled, index, size), inclusion(&tree, index, size));
            assert_eq!(consistency(&tiled, index, size), consistency(&tree, index, size));
        }
        assert_eq!(tiled.node(0, size), None);
    }
}
