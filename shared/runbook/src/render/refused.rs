//! What cannot be filled in, and why.

use crate::address::Refusal;
use crate::spec::Header;

/// A parameter that cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {why}")]
pub struct Refused {
    /// Where it stands.
    pub path: String,
    /// Why.
    pub why: Why,
}

/// Why a parameter cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No template at all.
    #[error(transparent)]
    Template(#[from] crate::template::BadTemplate),
    /// Nobody has told it.
    #[error("needs `{0}`, which nobody has told")]
    Untold(String),
    /// The program would take it for an option.
    #[error("would be taken for an option: `{0}` begins with `-`")]
    Option(String),
    /// The program would take it for the name of a file or an address to read.
    #[error("would be read as a file or an address: `{0}`")]
    Reference(String),
    /// A part of a larger text may hold plain characters only.
    #[error("may have only letters, digits and `{allowed}` in `{input}`, which is a part of a larger text", allowed = super::fill::PLAIN)]
    NotPlain {
        /// The input.
        input: String,
    },
    /// It climbs out of its folder.
    #[error("must not have `..` as a part of a path")]
    Traversal,
    /// A segment of a path that is nothing.
    #[error("makes a segment of the path empty")]
    Empty,
    /// Whom the URL is for is not what was allowed.
    #[error("must not change whom the request goes to")]
    Host,
    /// The URL is refused.
    #[error(transparent)]
    Address(#[from] Refusal),
    /// A header that the request itself is made of, or no header at all.
    #[error("is no header that a step may set")]
    Header,
    /// A header's value with characters that no value has (RFC 9110 §5.5).
    #[error("has characters that no header's value may have")]
    HeaderValue,
}

/// Headers that say whom a request is for, how long it is or how it is framed.
const OURS: [&str; 9] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "proxy-authorization",
];

/// Why a header cannot be sent, if it cannot.
pub(crate) fn header(name: &str, value: &Header) -> Option<Why> {
    // RFC 9110 §5.6.2: a token.
    let token = |one: u8| one.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&one);
    let named = !name.is_empty() && name.len() <= 64 && name.bytes().all(token);
    if !named || OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
        return Some(Why::Header);
    }
    let text = value.text();
    let plain = text.bytes().all(|one| (0x20..0x7f).contains(&one)) && text.len() <= 1_000;
    (!plain || text.is_empty() || text.trim() != text).then_some(Why::HeaderValue)
}
