//! The cookie that ties a form to the browser that was shown it.

use crate::Request;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use std::fmt;
use watchfire_domain::link::{form_token, is_form_token};
use watchfire_ports::Ids;

const NAME: &str = "__Host-ap";
// A page that was left open longer is shown afresh before an answer is taken.
const MAX_AGE_SECONDS: u32 = 900;

/// 32 random bytes in the browser: a page elsewhere can neither read nor set them, so it cannot make
/// the form's field out of them (double submit).
#[derive(Clone, PartialEq, Eq)]
pub struct FormCookie([u8; 32]);

// It is the browser's secret.
impl fmt::Debug for FormCookie {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("FormCookie")
    }
}

impl FormCookie {
    /// The one that the browser sent, so that a page that it shows already stays good; else a new one.
    pub fn kept_or_new(request: &Request, ids: &dyn Ids) -> Self {
        Self::of(request).unwrap_or_else(|| {
            let mut random = [0; 32];
            ids.fill(&mut random);
            Self(random)
        })
    }

    /// The one that the browser sent, if it sent one of ours.
    pub fn of(request: &Request) -> Option<Self> {
        let mut bytes = [0; 32];
        let sent = Base64UrlUnpadded::decode(request.cookie(NAME)?, &mut bytes).ok()?.len();
        (sent == bytes.len()).then_some(Self(bytes))
    }

    /// Its `Set-Cookie` line.
    pub fn line(&self) -> String {
        let value = Base64UrlUnpadded::encode_string(&self.0);
        format!(
            "{NAME}={value}; Path=/; Max-Age={MAX_AGE_SECONDS}; Secure; HttpOnly; SameSite=Strict"
        )
    }

    /// The form's hidden field for the link of this nonce.
    pub fn field(&self, nonce: &[u8; 16]) -> String {
        form_token(&self.0, nonce)
    }

    /// Whether the form's field is the one for this cookie and the link of this nonce.
    pub fn made(&self, nonce: &[u8; 16], field: &str) -> bool {
        is_form_token(&self.0, nonce, field)
    }
}
