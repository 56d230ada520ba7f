//! Keys of notes: Ed25519, named (C2SP signed-note, "Verifier keys").

#[cfg(test)]
mod tests;

use base64ct::{Base64, Encoding as _};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};
use watchfire_domain::hex;

/// C2SP's number for Ed25519.
const ED25519_KEY: u8 = 1;

/// The first bytes of a key's hash: which of the keys of a name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

/// A key that verifies notes. Written `name+id+base64`, as every tool of C2SP writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

/// Text that is no verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a verifier key: {0}")]
pub struct NoKey(pub &'static str);

impl VerifierKey {
    /// The key of this name.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, NoKey> {
        if !is_name(name) {
            return Err(NoKey("its name is empty, or has a space or a plus"));
        }
        Ok(Self { name: name.to_owned(), public })
    }

    /// Its name: that of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id: SHA-256 over name, line end, algorithm and key, cut to four bytes.
    pub fn id(&self) -> KeyId {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519_KEY])
            .chain_update(self.public)
            .finalize()
            .into();
        let [a, b, c, d, ..] = hash;
        KeyId([a, b, c, d])
    }

    pub(super) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(text, signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_KEY][..], &self.public].concat();
        write!(out, "{}+{}+{}", self.name, hex(&self.id().0), Base64::encode_string(&key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoKey;
    fn from_str(text: &str) -> Result<Self, NoKey> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoKey("it is not `name+id+key`"));
        };
        let key = Base64::decode_vec(key).map_err(|_| NoKey("its key is not base64"))?;
        let public = match key.split_first() {
            Some((&ED25519_KEY, public)) => public.try_into(),
            _ => return Err(NoKey("it is not Ed25519")),
        };
        let key = Self::new(name, public.map_err(|_| NoKey("its key has another length"))?)?;
        // One written form: with that, the id is compared too.
        if key.to_string() == text { Ok(key) } else { Err(NoKey("its id is another key's")) }
    }
}

/// A name of a key: neither empty, nor with a space or a plus in it.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.chars().any(|one| one.is_whitespace() || one.is_control() || one == '+')
}

/// Whoever can sign: a key in memory, or one that never leaves its vault.
pub trait Signer {
    /// The key that verifies what it signs.
    fn key(&self) -> &VerifierKey;

    /// The Ed25519 signature of `text`.
    fn sign(&self, text: &[u8]) -> Result<[u8; 64], Unsigned>;
}

/// Nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing was signed: {reason}")]
pub struct Unsigned {
    /// Why.
    pub reason: String,
}

impl Unsigned {
    /// For this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// A key in memory.
pub struct Ed25519Signer {
    pair: Ed25519KeyPair,
    key: VerifierKey,
}

impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Ed25519Signer({})", self.key)
    }
}

impl Ed25519Signer {
    /// The key of this name that RFC 8032 makes of a seed.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NoKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| NoKey("its seed is of no use"))?;
        let public = pair.public_key().as_ref().try_into();
        let key = VerifierKey::new(name, public.map_err(|_| NoKey("it has another length"))?)?;
        Ok(Self { pair, key })
    }
}

impl Signer for Ed25519Signer {
    fn key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign(&self, text: &[u8]) -> Result<[u8; 64], Unsigned> {
        let signature = self.pair.sign(text);
        signature.as_ref().try_into().map_err(|_| Unsigned::new("it has another length"))
    }
}
