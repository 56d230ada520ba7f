//! HMAC-SHA256 (RFC 2104), and the form field that it makes.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// A keyed hash. A key longer than a block is hashed first, as RFC 2104 §2 says: done here, since
/// the library's constructor for it has an error that cannot happen.
fn keyed(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    const BLOCK: usize = 64;
    let hashed: [u8; 32];
    let key = if key.len() > BLOCK {
        hashed = Sha256::digest(key).into();
        &hashed
    } else {
        key
    };
    let mut block = [0; BLOCK];
    block.iter_mut().zip(key).for_each(|(slot, byte)| *slot = *byte);
    Hmac::<Sha256>::new(&block.into()).chain_update(message)
}

/// The MAC of `message`.
pub(crate) fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    keyed(key, message).finalize().into_bytes().into()
}

/// Whether `claimed` is the MAC of `message`, in a time that does not tell how much of it is right.
pub(crate) fn is_mac(key: &[u8], message: &[u8], claimed: &[u8]) -> bool {
    keyed(key, message).verify_slice(claimed).is_ok()
}

/// The hidden field of an approval form: it is made of the cookie, so that a page elsewhere, which
/// cannot read the cookie, cannot make it (double submit), and of the link's nonce.
pub fn form_token(cookie: &[u8; 32], nonce: &[u8; 16]) -> String {
    Base64UrlUnpadded::encode_string(&mac(cookie, &form(nonce)))
}

/// Whether `field` is the form field for this cookie and link.
pub fn is_form_token(cookie: &[u8; 32], nonce: &[u8; 16], field: &str) -> bool {
    let mut claimed = [0; 32];
    Base64UrlUnpadded::decode(field, &mut claimed)
        .is_ok_and(|claimed| is_mac(cookie, &form(nonce), claimed))
}

fn form(nonce: &[u8; 16]) -> Vec<u8> {
    [b"incident-approval-form/v1\0".as_slice(), nonce].concat()
}
