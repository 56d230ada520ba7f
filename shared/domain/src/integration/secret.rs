//! Secrets of integrations. They follow from a key of the deployment, so that the table holds none.

use super::{Generation, IntegrationId, IntegrationKind};
use crate::link::{is_mac, mac};

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

pub(super) fn is_letter(byte: u8) -> bool {
    ALPHABET.contains(&byte)
}

/// Base 32 (RFC 4648 §6) in lower case, without padding.
pub(super) fn letters(bytes: &[u8]) -> String {
    let (mut text, mut held, mut bits) = (String::new(), 0_u16, 0_u8);
    let letter = |five: u16| ALPHABET.get(usize::from(five & 31)).copied().map_or('a', char::from);
    for byte in bytes {
        held = (held << 8) | u16::from(*byte);
        bits = bits.saturating_add(8);
        while bits >= 5 {
            bits = bits.saturating_sub(5);
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << 5_u8.saturating_sub(bits)));
    }
    text
}

/// The secret of a generation: HMAC-SHA256 over id, kind and number under the deployment's key,
/// in letters. `PagerDuty`'s is the routing key: 32 characters, the id's letters and 80 bits of it.
pub fn secret(
    key: &[u8; 32],
    id: &IntegrationId,
    kind: IntegrationKind,
    generation: &Generation,
) -> String {
    let number = generation.number.to_be_bytes();
    let parts = [b"integration-secret/v1\0".as_slice(), kind.name().as_bytes(), b"\0"];
    let derived = mac(key, &[&parts.concat(), id.as_str().as_bytes(), &number[..]].concat());
    match kind {
        IntegrationKind::Pagerduty => {
            let own = letters(derived.first_chunk::<10>().map_or(&[], |ten| ten.as_slice()));
            format!("{}{own}", id.letters())
        }
        IntegrationKind::Alertmanager
        | IntegrationKind::Grafana
        | IntegrationKind::Datadog
        | IntegrationKind::Generic => format!("whs_{}", letters(&derived)),
    }
}

/// What a request proves itself by.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// The secret itself.
    Secret(String),
    /// A MAC made with it.
    Mac {
        /// What was signed.
        message: Vec<u8>,
        /// HMAC-SHA256 of it.
        mac: Vec<u8>,
    },
}

// A secret is no matter for a log.
impl std::fmt::Debug for Proof {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Secret(_) => "Proof::Secret",
            Self::Mac { .. } => "Proof::Mac",
        })
    }
}

impl Proof {
    /// Whether it proves `secret`, in a time that does not tell how much of it is right.
    pub fn holds(&self, secret: &str) -> bool {
        match self {
            // Both are hashed under one key and the hashes compared: equal if and only if they are.
            Self::Secret(claimed) => {
                let key = secret.as_bytes();
                is_mac(key, key, &mac(key, claimed.as_bytes()))
            }
            Self::Mac { message, mac } => is_mac(secret.as_bytes(), message, mac),
        }
    }
}
