//! Percent-encoding (RFC 3986 §2.1) and forms (WHATWG URL §5.1).

use crate::Fault;

/// `text` without its escapes. What is no escape, and what is no UTF-8 afterwards, is refused.
pub fn unescape(text: &str) -> Result<String, Fault> {
    let refuse = || Fault::Malformed { reason: "an address has an escape that is none".into() };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
            let (high, low) = (digit(rest.next()), digit(rest.next()));
            let code = high.zip(low).map(|(high, low)| (high << 4) | low);
            bytes.push(code.and_then(|code| u8::try_from(code).ok()).ok_or_else(refuse)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| refuse())
}

/// The pairs of a query or of a form, in order; a name without `=` has an empty value.
pub fn form_pairs(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let plain = |text: &str| unescape(&text.replace('+', " "));
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((plain(name)?, plain(value)?))
        })
        .collect()
}
