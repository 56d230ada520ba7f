//! One spelling of an approver, so that nobody answers twice, or for themselves, by another one.

use super::mac::mac;

/// The one spelling of a mail address: trimmed, in lower case, its domain without the root's dot.
/// None if it is not a mail address (RFC 5321 §4.1.2, without quoting and address literals).
///
/// Letters beyond ASCII are refused rather than folded: folding would let the account `ａlice`
/// answer for `alice`, and the mail service takes none. A domain is written in its ASCII form.
pub fn normalise(approver: &str) -> Option<String> {
    let text = approver.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let atoms = local.len() <= 64 && local.split('.').all(is_atom);
    let labels = domain.contains('.') && domain.split('.').all(is_label);
    let length = local.len().saturating_add(1).saturating_add(domain.len());
    (atoms && labels && length <= 254).then(|| format!("{local}@{domain}").to_ascii_lowercase())
}

fn is_atom(text: &str) -> bool {
    let special = b"!#$%&'*+/=?^_`{|}~-";
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || special.contains(&b))
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The mailbox behind a normalised address: `alice+ci@example.com` reaches `alice@example.com`.
/// Whoever may not answer may not answer by an alias either, and nobody counts twice by one.
pub fn mailbox(normalised: &str) -> String {
    let (local, domain) = normalised.rsplit_once('@').unwrap_or((normalised, ""));
    let name = local.split('+').next().map(|name| name.trim_end_matches('.'));
    let name = name.filter(|name| !name.is_empty()).unwrap_or(local);
    format!("{name}@{domain}")
}

/// One spelling of whoever an id names, address or not: nobody passes for two people.
pub fn person(id: &str) -> String {
    mailbox(&normalise(id).unwrap_or_else(|| id.trim().to_lowercase()))
}

/// What stands for an approver in a link: 16 bytes that only the holder of `pepper` can make.
pub fn approver_key(pepper: &[u8], normalised: &str) -> [u8; 16] {
    let mut key = [0; 16];
    key.iter_mut().zip(mac(pepper, normalised.as_bytes())).for_each(|(slot, byte)| *slot = byte);
    key
}
