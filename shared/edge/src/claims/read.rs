//! Reads what a verified token says. Whatever is there and not readable refuses the token: a claim
//! that was meant to limit must not be lost.

use super::{Claims, ClaimsRefused};
use crate::config::{ClaimNames, Name};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use watchfire_domain::{Tenant, Timestamp, Voucher};

const MOST_TENANTS: usize = 100;

pub(super) fn claims(
    claims: &Map<String, Value>,
    names: &ClaimNames,
) -> Result<Claims, ClaimsRefused> {
    Ok(Claims {
        subject: claims.get("sub").and_then(name).ok_or(ClaimsRefused::Subject)?,
        email: email(claims),
        tenants: tenants(claims.get(&names.tenants)).ok_or(ClaimsRefused::Tenants)?,
        role: claims.get(&names.role).and_then(name).ok_or(ClaimsRefused::Role)?,
        clearance: clearance(claims.get(&names.clearance)).ok_or(ClaimsRefused::Clearance)?,
        on_call: on_call(claims.get(&names.on_call)).ok_or(ClaimsRefused::OnCall)?,
        stage: claims.get(&names.stage).map(stage).transpose()?,
    })
}

/// A `NumericDate` (RFC 7519 §2): seconds, which may have a fraction.
pub(super) fn moment(claims: &Map<String, Value>, claim: &str) -> Option<Timestamp> {
    let seconds = claims.get(claim)?.as_f64().filter(|seconds| (0.0..=1e12).contains(seconds))?;
    #[expect(clippy::cast_possible_truncation, reason = "the bounds above are far within an i64")]
    let millis = (seconds * 1000.0) as i64;
    Some(Timestamp::from_millis(millis))
}

fn name(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let fits = (1..=256).contains(&text.len()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

fn email(claims: &Map<String, Value>) -> Option<String> {
    let denied = |value: &Value| value == false || value == "false";
    if claims.get("email_verified").is_some_and(denied) {
        return None;
    }
    claims.get("email").and_then(name)
}

fn tenants(value: Option<&Value>) -> Option<Vec<Tenant>> {
    let names: BTreeSet<&str> = match value? {
        Value::String(text) => text.split([' ', ',']).filter(|name| !name.is_empty()).collect(),
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<_>>()?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    if names.is_empty() || names.len() > MOST_TENANTS {
        return None;
    }
    names.into_iter().map(|name| Tenant::vouched(name, Voucher::Claims).ok()).collect()
}

fn clearance(value: Option<&Value>) -> Option<i64> {
    let clearance = match value {
        None => Some(0),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_i64(),
    };
    clearance.filter(|clearance| (0..=100).contains(clearance))
}

/// A deployment's name, as `WATCHFIRE_STAGE` may have it; there is no word for all of them.
fn stage(value: &Value) -> Result<String, ClaimsRefused> {
    let name = value.as_str().and_then(|text| text.parse::<Name>().ok());
    name.map(|name| name.to_string()).ok_or(ClaimsRefused::Stage)
}

fn on_call(value: Option<&Value>) -> Option<bool> {
    match value {
        None => Some(false),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_bool(),
    }
}
