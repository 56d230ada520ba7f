//! The sealed timeline, pure (DESIGN §5; reliability: §2).
//!
//! Heads of incidents' chains are leaves of one log, an RFC 6962 Merkle tree. A [`Checkpoint`] is
//! its size and root, signed as a [`Note`]; whoever holds one can tell whether the log, or any chain
//! below it, was rewritten. An evidence [`bundle`] carries one incident with all that it takes to
//! check it alone. Nothing here reads a file, a clock or a network: bytes come in, bytes go out.

pub mod bundle;
mod checkpoint;
pub mod edge;
#[cfg(any(test, feature = "forge"))]
pub mod forge;
mod leaf;
mod note;
pub mod proof;
#[cfg(test)]
mod tests;
pub mod tiles;
mod tree;

pub use checkpoint::{Checkpoint, NoCheckpoint};
pub use leaf::Leaf;
pub use note::{
    Ed25519Signer, KeyId, NoKey, Note, NoteError, Signature, Signer, Unsigned, VerifierKey,
};
pub use tree::{Nodes, Tree, leaf_hash, node_hash, root};
