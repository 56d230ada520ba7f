//! How the page of an approval signs its approver in: all of it is known to every browser.

use super::reader::{self, Reader};
use super::types::{Text, Url};
use super::variables::{self as var, Variable};

/// Where approvers sign in, and as which client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// `WATCHFIRE_SIGN_IN_CLIENT`: the public client that the issuer knows the page as.
    pub client: Text,
    /// `WATCHFIRE_SIGN_IN_AUTHORIZE`: where people sign in.
    pub authorize: Url,
    /// `WATCHFIRE_SIGN_IN_TOKEN`: where the browser fetches its token.
    pub token: Url,
    /// `WATCHFIRE_SIGN_IN_SCOPE` (`openid email`): what is asked for.
    pub scope: String,
    /// `WATCHFIRE_SIGN_IN_SENDS` (`access_token`): the token that the API takes.
    pub sends: Sends,
}

/// Which of the issuer's tokens goes to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// The access token: it is for the API's audience.
    Access,
    /// The id token: it is for the client, which must then be the API's audience.
    Id,
}

impl Sends {
    /// As the issuer's answer names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access_token",
            Self::Id => "id_token",
        }
    }
}

const SENDS: [(&str, Sends); 2] = [("access_token", Sends::Access), ("id_token", Sends::Id)];

impl SignIn {
    /// The one address of the issuer that the page may call, as a content security policy names it: a
    /// query is no part of that.
    pub fn source(&self) -> &str {
        self.token.as_str().split('?').next().unwrap_or_default()
    }

    /// Three settings together, or none of them.
    pub(super) fn read(read: &mut Reader<'_>) -> Option<Self> {
        let three: [&Variable; 3] =
            [&var::SIGN_IN_CLIENT, &var::SIGN_IN_AUTHORIZE, &var::SIGN_IN_TOKEN];
        let client = read.text(three[0]);
        let authorize = read.with(three[1], address);
        let token = read.with(three[2], address);
        let scope = read.with(&var::SIGN_IN_SCOPE, scope);
        let sends = read.with(&var::SIGN_IN_SENDS, |text| reader::one_of(text, &SENDS));
        read.together(&three);
        Some(Self {
            client: client?,
            authorize: authorize?,
            token: token?,
            scope: scope?,
            sends: sends?,
        })
    }
}

/// Whoever listens there gets a token of the approver; and what ends a directive of a policy, or begins
/// another source, cannot be named in one.
fn address(text: &str) -> Result<Url, String> {
    let address = reader::issuer(text)?;
    if text.contains(['#', ';', ',', '\'', '"', '*']) {
        return Err("must be without `#`, `;`, `,`, `*` and quotes".into());
    }
    Ok(address)
}

fn scope(text: &str) -> Result<String, String> {
    // RFC 6749 §3.3.
    let is = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
    let fits = text.len() <= 512 && text.bytes().all(|b| is(b) || b == b' ');
    if fits { Ok(text.to_owned()) } else { Err("must be names with spaces between".into()) }
}
