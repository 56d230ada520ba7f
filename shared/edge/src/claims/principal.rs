//! Programs that sign with `SigV4`: API Gateway gives their ARN, the administrator says what it may.

use super::Claims;
use crate::config::Principal;
use watchfire_domain::{Tenant, Voucher};

/// What the administrator's table says of the principal `arn`; the longest entry that fits wins.
/// An entry fits on whole segments only: `…/ci` is not `…/ci-admin`.
pub fn principal(arn: &str, table: &[Principal]) -> Option<Claims> {
    let fitting = table.iter().filter(|entry| fits(arn, &entry.arn_prefix));
    let entry = fitting.max_by_key(|entry| entry.arn_prefix.len())?;
    let tenants = entry.tenants.iter().map(|name| Tenant::vouched(name, Voucher::Claims).ok());
    let tenants: Vec<Tenant> = tenants.collect::<Option<_>>()?;
    (!tenants.is_empty()).then(|| Claims {
        subject: arn.to_owned(),
        email: None,
        tenants,
        role: entry.role.clone(),
        clearance: entry.clearance,
        on_call: false,
        stage: entry.stage.clone(),
    })
}

fn fits(arn: &str, entry: &str) -> bool {
    match assumed(entry) {
        Some(assumed) => begins(arn, entry) || begins(arn, &assumed),
        None => begins(arn, entry),
    }
}

fn begins(arn: &str, entry: &str) -> bool {
    match arn.strip_prefix(entry.strip_suffix('/').unwrap_or(entry)) {
        Some(rest) => rest.starts_with('/') || (rest.is_empty() && !entry.ends_with('/')),
        None => false,
    }
}

/// A role is written `arn:aws:iam::1:role/path/ci`, and calls as `arn:aws:sts::1:assumed-role/ci/…`:
/// without its path, since its name is unique in its account.
fn assumed(entry: &str) -> Option<String> {
    let (head, path) = entry.split_once(":role/")?;
    let (partition, account) = head.strip_prefix("arn:")?.split_once(":iam::")?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    Some(format!("arn:{partition}:sts::{account}:assumed-role/{name}"))
}
