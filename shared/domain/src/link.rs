//! Signed approval links (reliability: §1): who is asked, about what, until when, under a MAC.
//!
//! `v1.<key id>.<payload>.<MAC>`. The issuer is the verifier, nothing is parsed before it is
//! authenticated, and no algorithm is named: there is one.

mod approver;
mod mac;
mod payload;
#[cfg(test)]
mod tests;

pub use approver::{approver_key, mailbox, normalise, person};
pub use mac::{form_token, is_form_token};
pub(crate) use mac::{is_mac, mac};

use crate::{ApprovalId, Tenant, Timestamp};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use payload::FIXED;
use std::collections::BTreeMap;
use std::fmt;

/// What a link says. It shows a page and, posted back, names a decision; it is no decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The tenant whose keys hold the incident.
    pub tenant: Tenant,
    /// What is to be decided.
    pub approval: ApprovalId,
    /// Who is asked: [`approver_key`], so that no mail address stands in a URL.
    pub approver: [u8; 16],
    /// The subject's digest: what is decided cannot change behind the link.
    pub subject: [u8; 32],
    /// From this moment on the link is dead.
    pub expires_at: Timestamp,
    /// Random bytes: two links are never equal.
    pub nonce: [u8; 16],
}

/// Why a link was refused: for metrics only. Whoever opened it learns that there is nothing there,
/// whichever it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("there is no such link")]
pub enum LinkRefused {
    /// Not in the form of a link.
    Malformed,
    /// The key that it names is not here: perhaps it was rotated in a moment ago.
    UnknownKey,
    /// The MAC is not ours.
    Forged,
    /// Its time is over.
    Expired,
}

/// The keys of links: one signs, all verify.
#[derive(Clone)]
pub struct LinkKeys {
    current: (String, [u8; 32]),
    keys: BTreeMap<String, [u8; 32]>,
}

const FORM: &str = "v1";
// The longest tenant, the longest key id and the dots; base64 writes four letters for three bytes.
const LONGEST: usize = 2 + 32 + (FIXED + 64).div_ceil(3) * 4 + 43 + 3;

impl LinkKeys {
    /// These keys, of which `current` signs. None if it is not among them, or if a key's id is not
    /// 1 to 32 of `A-Z a-z 0-9 _ -`.
    pub fn new(current: String, keys: BTreeMap<String, [u8; 32]>) -> Option<Self> {
        let named = |id: &String| {
            (1..=32).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        };
        let key = *keys.get(&current)?;
        keys.keys().all(named).then_some(Self { current: (current, key), keys })
    }

    /// The link as it stands in a URL.
    pub fn sign(&self, link: &Link) -> String {
        let (id, key) = &self.current;
        let payload = link.payload();
        let mac = mac(key, &signed(id, &payload));
        let encode = Base64UrlUnpadded::encode_string;
        format!("{FORM}.{id}.{}.{}", encode(&payload), encode(&mac))
    }

    /// Reads a link that we signed and that lives at `now`. In this order: size, form, MAC, expiry;
    /// only then is a byte of it believed.
    pub fn open(&self, token: &str, now: Timestamp) -> Result<Link, LinkRefused> {
        if token.len() > LONGEST {
            return Err(LinkRefused::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(FORM), Some(id), Some(payload), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LinkRefused::Malformed);
        };
        // The decoder refuses padding, foreign letters and unused bits that are not zero: a link
        // has one spelling.
        let decode = |text| Base64UrlUnpadded::decode_vec(text).map_err(|_| LinkRefused::Malformed);
        let (payload, mac) = (decode(payload)?, decode(mac)?);
        let key = self.keys.get(id).ok_or(LinkRefused::UnknownKey)?;
        if !mac::is_mac(key, &signed(id, &payload), &mac) {
            return Err(LinkRefused::Forged);
        }
        let link = Link::read(&payload).ok_or(LinkRefused::Malformed)?;
        if now >= link.expires_at { Err(LinkRefused::Expired) } else { Ok(link) }
    }
}

impl fmt::Debug for LinkKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.keys().collect();
        out.debug_struct("LinkKeys").field("current", &self.current.0).field("ids", &ids).finish()
    }
}

/// What the MAC covers: the form, the key's id and the payload.
fn signed(id: &str, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(id.len()).unwrap_or(u8::MAX);
    [b"incident-approval-link/v1\0".as_slice(), &[length], id.as_bytes(), payload].concat()
}
