//! The integration tests: stories, sagas, storms, contracts. What the proofs of several packages share
//! is here: what a command asks of them, and chance.

pub mod asked;
pub mod chance;
