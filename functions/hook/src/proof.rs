//! What a request proves itself by: a signature if there is one, else the secret itself.

use base64ct::{Base64, Encoding as _};
use watchfire_domain::integration::{IntegrationKind, Proof};
use watchfire_domain::{MINUTE, Timestamp};
use watchfire_edge::http::Request;

/// How far a signed time may be from ours, either way: what was overheard cannot be sent again
/// later.
const WINDOW: i64 = 5 * MINUTE;

/// The header of the secret itself, for senders that can set any header but `Authorization`.
const SECRET: &str = "x-watchfire-secret";

/// What the request proves itself by, of what such a sender may use. A signature that is there must
/// hold: the secret beside it does not mend it.
pub(crate) fn of(request: &Request, kind: IntegrationKind, now: Timestamp) -> Option<Proof> {
    match kind {
        IntegrationKind::Generic if request.header("x-watchfire-signature").is_some() => {
            let names = ["x-watchfire-signature", "x-watchfire-timestamp"];
            signed(request, names, b".", true, now)
        }
        IntegrationKind::Grafana if request.header("x-grafana-alerting-signature").is_some() => {
            let names = ["x-grafana-alerting-signature", "x-grafana-alerting-timestamp"];
            signed(request, names, b":", false, now)
        }
        IntegrationKind::Datadog | IntegrationKind::Generic if request.header(SECRET).is_some() => {
            request.header(SECRET).map(|text| Proof::Secret(text.trim().to_owned()))
        }
        IntegrationKind::Alertmanager
        | IntegrationKind::Grafana
        | IntegrationKind::Datadog
        | IntegrationKind::Generic => authorization(request).map(Proof::Secret),
        // Its routing key stands in the body, and has a path of its own.
        IntegrationKind::Pagerduty => None,
    }
}

/// A MAC over time, separator and body; without a time, where that is allowed, over the body alone.
fn signed(
    request: &Request,
    [mac, time]: [&str; 2],
    separator: &[u8],
    timed: bool,
    now: Timestamp,
) -> Option<Proof> {
    let text = request.header(mac)?.trim();
    let mac = from_hex(text.strip_prefix("sha256=").unwrap_or(text))?;
    let message = match request.header(time).map(str::trim) {
        Some(text) => {
            let seconds: i64 = text.parse().ok()?;
            let at = Timestamp::from_millis(seconds.checked_mul(1_000)?);
            if now.since(at).abs() > WINDOW {
                return None;
            }
            [text.as_bytes(), separator, &request.body].concat()
        }
        None if timed => return None,
        None => request.body.clone(),
    };
    Some(Proof::Mac { message, mac })
}

/// The secret of `Authorization`: a bearer token, or the password of Basic (RFC 7617), whose user
/// may be anybody.
fn authorization(request: &Request) -> Option<String> {
    if let Some(token) = request.bearer() {
        return Some(token.to_owned());
    }
    let (scheme, rest) = request.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(Base64::decode_vec(rest.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|one| u8::try_from(one).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some((digit(*high)? << 4) | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}
