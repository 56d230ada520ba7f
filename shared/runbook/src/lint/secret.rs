//! What looks like a secret.

use super::{Code, Findings};
use crate::spec::{Action, Header};
use crate::template;
use std::collections::BTreeMap;

/// How known secrets begin, and how long what follows is at least.
pub(crate) const KNOWN: [(&str, usize); 20] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xapp-", 10),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("sk-", 32),
    ("AIza", 35),
    ("SG.", 40),
    ("npm_", 36),
    ("dop_v1_", 40),
    ("hvs.", 24),
    ("pdl_", 20),
    ("eyJ", 40),
];

/// Names whose value is a secret.
const NAMES: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "access-key",
    "pgpassword",
];

/// Whether a name says that what it names is a secret, and not its place, its age or its number.
pub(super) fn named(name: &str) -> bool {
    const MORE: [&str; 3] = ["credential", "private-key", "passphrase"];
    const ABOUT: [&str; 9] =
        ["id", "arn", "name", "file", "path", "count", "version", "ttl", "expiry"];
    let name = name.to_ascii_lowercase().replace('_', "-");
    let secret = NAMES.iter().chain(&MORE).any(|known| name.contains(known));
    let about = name.rsplit('-').next().is_some_and(|last| ABOUT.contains(&last));
    (secret && !about) || name.ends_with("-pass") || name.ends_with("-pwd")
}

/// Headers whose value is a secret.
const HEADERS: [&str; 7] = [
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "cookie",
    "x-auth-token",
    "x-amz-security-token",
];

pub(super) fn check(action: &Action, path: &str, findings: &mut Findings) {
    let mut texts: Vec<(String, &str)> = action.constants(path);
    texts.extend(action.templates(path).into_iter().map(|placed| (placed.path, placed.text)));
    if let Some((path, http)) = action.http(path) {
        for (name, value) in &http.headers {
            let constant = matches!(value, Header::Value(_));
            if constant && HEADERS.iter().any(|header| name.eq_ignore_ascii_case(header)) {
                let problem = format!("the header `{name}` is written out");
                findings.say(Code::Secret, format!("{path}.headers.{name}"), problem);
            }
        }
        // The names of secrets are no secrets.
        let named = |place: &str| {
            http.headers.iter().any(|(name, value)| {
                !matches!(value, Header::Value(_)) && place == format!("{path}.headers.{name}")
            })
        };
        texts.retain(|(place, _)| !named(place));
    }
    for (path, text) in texts {
        if let Some(why) = reveals(text) {
            findings.say(Code::Secret, path, why);
        }
    }
    if let Some((path, command)) = action.command(path) {
        for (at, pair) in command.argv.windows(2).enumerate() {
            let [option, value] = pair else { continue };
            let names = option.starts_with('-')
                && NAMES.iter().any(|name| option.to_ascii_lowercase().ends_with(name));
            // AWS names what it makes by such a token: the execution's id is known to everybody.
            let ours = value == "{{execution.id}}";
            if names && !ours && !value.starts_with('-') {
                let path = format!("{path}.argv[{}]", at.saturating_add(1));
                findings.say(Code::Secret, path, format!("`{option}` is followed by its value"));
            }
        }
    }
}

/// Why a text looks like one that has a secret in it, if it does.
fn reveals(text: &str) -> Option<String> {
    if text.contains("-----BEGIN") {
        return Some("a key stands in it".to_owned());
    }
    let word = |one: char| one.is_ascii_alphanumeric() || "+/=_.-".contains(one);
    for token in text.split(|one| !word(one)) {
        for (start, least) in KNOWN {
            let rest = token.strip_prefix(start);
            if rest.is_some_and(|rest| rest.len() >= least && has_digit(rest)) {
                return Some(format!("it has a word that begins with `{start}`"));
            }
        }
    }
    let lower = text.to_ascii_lowercase();
    for name in NAMES {
        for (at, _) in lower.match_indices(name) {
            let rest = lower.get(at.saturating_add(name.len())..).unwrap_or_default();
            let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix(": "));
            let value = value.map(|value| value.split([' ', '&', ',']).next().unwrap_or_default());
            if value.is_some_and(|value| value.len() >= 6 && !template::is_template(value)) {
                return Some(format!("`{name}` is followed by its value"));
            }
        }
    }
    // Between a scheme and a host: a user and a password (RFC 3986 §3.2.1).
    if text.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split('/').next().unwrap_or_default();
        authority.split_once('@').is_some_and(|(user, _)| user.contains(':'))
    }) {
        return Some("a password stands in a URL".to_owned());
    }
    let dense = text.split(|one: char| !(one.is_ascii_alphanumeric() || "+=".contains(one)));
    dense.into_iter().find(|token| is_random(token)).map(|token| {
        let start: String = token.chars().take(4).collect();
        format!("`{start}…` looks as if nobody had made it up")
    })
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|one| one.is_ascii_digit() || one.is_ascii_uppercase())
}

/// Whether a word has more chance in it than words have: 32 hexadecimal digits and more, or 24
/// letters of both cases with digits, at 3.8 bits each.
pub(crate) fn is_random(token: &str) -> bool {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    if token.len() >= 32 && token.bytes().all(|one| one.is_ascii_hexdigit()) {
        return digits > 0 && digits < token.len() && entropy(token) > 2.8;
    }
    let lower = token.bytes().any(|one| one.is_ascii_lowercase());
    let upper = token.bytes().any(|one| one.is_ascii_uppercase());
    token.len() >= 24 && digits >= 3 && lower && upper && entropy(token) > 3.8
}

/// Shannon's entropy of a text, in bits a byte.
fn entropy(text: &str) -> f64 {
    let mut counts: BTreeMap<u8, u32> = BTreeMap::new();
    for byte in text.bytes() {
        let count = counts.entry(byte).or_default();
        *count = count.saturating_add(1);
    }
    let whole = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    counts.values().map(|count| f64::from(*count) / whole).map(|share| -share * share.log2()).sum()
}
