//! Addresses that look like names: `127.1`, `0x7f000001`, `2130706433`, `0177.0.0.1`.

use std::net::{IpAddr, Ipv4Addr};

/// Whether a host is an address in one of the forms of `inet_aton`, and which one. As WHATWG's URL
/// standard has it, a host is one if its last part is a number: no top-level domain is.
#[expect(clippy::option_option, reason = "an address that cannot be told is an address too")]
pub(super) fn read(host: &str) -> Option<Option<IpAddr>> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = !last.is_empty() && last.bytes().all(|one| one.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .is_some_and(|hex| hex.bytes().all(|one| one.is_ascii_hexdigit()));
    is_number.then(|| address(host))
}

fn address(host: &str) -> Option<IpAddr> {
    let parts: Vec<u64> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    if first.len() > 3 || first.iter().any(|part| *part > 255) {
        return None;
    }
    // The last part fills all the bytes that are left.
    let left = 4_u32.checked_sub(u32::try_from(first.len()).ok()?)?;
    let room = 1_u64.checked_shl(left.checked_mul(8)?)?;
    if *last >= room {
        return None;
    }
    let head = first.iter().fold(0_u64, |sum, part| (sum << 8) | part);
    let whole = (head << left.checked_mul(8)?) | last;
    u32::try_from(whole).ok().map(|bits| IpAddr::V4(Ipv4Addr::from(bits)))
}

fn number(text: &str) -> Option<u64> {
    if let Some(hex) = text.strip_prefix("0x") {
        return if hex.is_empty() { Some(0) } else { u64::from_str_radix(hex, 16).ok() };
    }
    match text.strip_prefix('0') {
        Some("") => Some(0),
        Some(octal) => u64::from_str_radix(octal, 8).ok(),
        None => text.parse().ok(),
    }
}
