//! Whom requests go to.

use super::{Code, Findings};
use crate::address::{authority, is_allowed};
use crate::render::header_refused;
use crate::spec::{Http, Spec};

pub(super) fn check(spec: &Spec, http: &Http, path: &str, findings: &mut Findings) {
    match authority(&http.url) {
        Err(refusal) => {
            findings.say(Code::AddressRefused, format!("{path}.url"), refusal.to_string());
        }
        Ok(authority) => {
            if let Err(refusal) = is_allowed(&authority, &spec.hosts) {
                findings.say(Code::HostNotAllowed, format!("{path}.url"), refusal.to_string());
            }
        }
    }
    for (name, value) in &http.headers {
        if let Some(why) = header_refused(name, value) {
            let path = format!("{path}.headers.{name}");
            findings.say(Code::HeaderRefused, path, format!("`{name}` {why}"));
        }
    }
}

/// Hosts that no step calls.
pub(super) fn unused(spec: &Spec, findings: &mut Findings) {
    let steps = spec.walk();
    let called: Vec<_> = steps
        .iter()
        .flat_map(|within| crate::spec::places::actions(within.step, ""))
        .filter_map(|(path, action)| Some(action.http(&path)?.1.url.clone()))
        .filter_map(|url| authority(&url).ok())
        .collect();
    for host in &spec.hosts {
        let only = std::iter::once(host.clone()).collect();
        if !called.iter().any(|authority| is_allowed(authority, &only).is_ok()) {
            findings.say(Code::HostUnused, "hosts", format!("no step calls `{host}`"));
        }
    }
}
