//! An issuer of tokens.

use base64ct::{Base64UrlUnpadded as Base64, Encoding as _};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use watchfire_domain::patch;

pub(super) const ISSUER: &str = "https://issuer.example.org";

pub(super) struct Issuer {
    pair: EcdsaKeyPair,
    kid: &'static str,
}

impl Issuer {
    pub(super) fn new(kid: &'static str) -> Self {
        let (chance, curve) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(curve, &chance).unwrap();
        Self { pair: EcdsaKeyPair::from_pkcs8(curve, key.as_ref(), &chance).unwrap(), kid }
    }

    /// Its public key.
    pub(super) fn key(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (Base64::encode_string(x), Base64::encode_string(y));
        json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "x": x, "y": y, "use": "sig"})
    }

    /// A token of these claims, which `more` patches.
    pub(super) fn token(&self, claims: &Value, more: &Value) -> String {
        self.signed(&json!({"alg": "ES256", "kid": self.kid}), claims, more)
    }

    pub(super) fn signed(&self, header: &Value, claims: &Value, more: &Value) -> String {
        let mut claims = claims.clone();
        patch::apply(&mut claims, more);
        let part = |value: &Value| Base64::encode_string(value.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(&claims));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", Base64::encode_string(signature.as_ref()))
    }
}
