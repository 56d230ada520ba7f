//! Taking out what looks like a secret. Rather too much than too little: the whole is kept
//! elsewhere, under a narrower permission.

use crate::lint::secret::{KNOWN, is_random};
use std::ops::Range;

/// What stands for a secret.
const PLACE: &str = "[redacted]";

/// Words after which a secret stands, as `password=…`, `"SecretAccessKey": "…"`.
const NAMES: [&str; 11] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "access-key",
    "access_key",
    "signature",
    "authorization",
];

/// Words of a header after which one stands.
const SCHEMES: [&str; 2] = ["bearer ", "basic "];

/// Whether a text has something in it that is marked as a secret: by a name before it, by how it
/// begins, or by where it stands. What merely looks as if nobody had made it up may be a digest.
pub(in crate::execution) fn is_marked(text: &str) -> bool {
    !marked(text).is_empty()
}

/// The text without what looks like a secret, and whether there was any.
pub(in crate::execution) fn redact(text: &str) -> (String, bool) {
    let mut found = marked(text);
    split(text, |one| one.is_ascii_alphanumeric() || "+=".contains(one), is_random, &mut found);
    split(text, |one| one.is_ascii_alphanumeric() || "+/=".contains(one), is_random, &mut found);
    without(text, found)
}

/// The text without what is marked as a secret, and whether there was any.
pub(in crate::execution) fn unmarked(text: &str) -> (String, bool) {
    without(text, marked(text))
}

fn without(text: &str, mut found: Vec<Range<usize>>) -> (String, bool) {
    if found.is_empty() {
        return (text.to_owned(), false);
    }
    found.sort_by_key(|range| (range.start, range.end));
    let (mut clean, mut at) = (String::with_capacity(text.len()), 0);
    for range in found {
        if range.start >= at {
            clean.push_str(text.get(at..range.start).unwrap_or_default());
            clean.push_str(PLACE);
        }
        at = at.max(range.end);
    }
    clean.push_str(text.get(at..).unwrap_or_default());
    (clean, true)
}

/// Keys in PEM (RFC 7468): from their beginning to their end, or to the end of the text.
fn keys(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(start) = find(text, from, "-----BEGIN") {
        let end = find(text, start, "-----END").and_then(|end| {
            let close = find(text, end.saturating_add(8), "-----")?;
            Some(close.saturating_add(5))
        });
        let end = end.unwrap_or(text.len());
        found.push(start..end);
        from = end;
    }
}

/// A user and a password between a scheme and a host (RFC 3986 §3.2.1).
fn passwords(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(scheme) = find(text, from, "://") {
        from = scheme.saturating_add(3);
        let rest = text.get(from..).unwrap_or_default();
        let stop = |one: char| one.is_whitespace() || "/?#\"'<>".contains(one);
        let authority = rest.get(..rest.find(stop).unwrap_or(rest.len())).unwrap_or_default();
        if let Some(at) = authority.rfind('@').filter(|at| *at > 0) {
            found.push(from..from.saturating_add(at));
        }
    }
}

/// What follows a name that announces a secret, or a scheme: `token: 12` and `basic checks` are
/// none.
fn named(text: &str, found: &mut Vec<Range<usize>>) {
    let lower = text.to_ascii_lowercase();
    let stop = |one: char| one.is_whitespace() || "\"'&,;<>)}]".contains(one);
    let mut value = |at: usize, least: usize| {
        let rest = lower.get(at..).unwrap_or_default();
        let length = rest.find(stop).unwrap_or(rest.len());
        if length >= least {
            found.push(at..at.saturating_add(length));
        }
    };
    for name in NAMES {
        let mut from = 0;
        while let Some(start) = find(&lower, from, name) {
            from = start.saturating_add(name.len());
            let Some(at) = value_at(&lower, from) else { continue };
            let rest = lower.get(at..).unwrap_or_default();
            let scheme = SCHEMES.iter().find(|scheme| rest.starts_with(**scheme));
            value(at.saturating_add(scheme.map_or(0, |scheme| scheme.len())), 6);
        }
    }
    for scheme in SCHEMES {
        let mut from = 0;
        while let Some(start) = find(&lower, from, scheme) {
            from = start.saturating_add(scheme.len());
            value(from, 16);
        }
    }
}

/// Where the value begins of a name that ends at `from`, if one follows: the rest of the name,
/// quotes, `=` or `:`, quotes.
fn value_at(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let after =
        rest.trim_start_matches(|one: char| one.is_ascii_alphanumeric() || "_-".contains(one));
    let after = after.trim_start_matches(['"', '\'', ' ']);
    let after = after.strip_prefix([':', '='])?;
    let after = after.trim_start_matches(['"', '\'', ' ', '\\']);
    from.checked_add(rest.len().checked_sub(after.len())?)
}

fn marked(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    keys(text, &mut found);
    passwords(text, &mut found);
    named(text, &mut found);
    // Words that begin as known secrets do, at a dot or at none.
    split(text, |one| one.is_ascii_alphanumeric() || "+/=_.-".contains(one), is_known, &mut found);
    split(text, |one| one.is_ascii_alphanumeric() || "+_-".contains(one), is_known, &mut found);
    found.retain(|range| !range.is_empty());
    found
}

/// The words of a text, each made of such characters, that are as asked.
fn split(text: &str, part: fn(char) -> bool, is: fn(&str) -> bool, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    for piece in text.split_inclusive(|one| !part(one)) {
        let token = piece.trim_end_matches(|one| !part(one));
        if is(token) {
            found.push(at..at.saturating_add(token.len()));
        }
        at = at.saturating_add(piece.len());
    }
}

fn is_known(token: &str) -> bool {
    let begins = |(start, least): &(&str, usize)| {
        token.strip_prefix(start).is_some_and(|rest| rest.len() >= *least)
    };
    KNOWN.iter().any(begins)
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what)?.checked_add(from)
}
