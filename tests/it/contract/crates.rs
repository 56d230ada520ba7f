//! The crates: who may know whom, and what may come from outside. Read from cargo's own metadata, so that
//! it holds offline; `deny.toml` says the same to cargo-deny, which also asks for advisories.

mod deny;
mod direction;
mod licence;
pub(crate) mod metadata;
