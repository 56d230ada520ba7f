//! The specs of executions, as far as this process knows them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use watchfire_domain::Tenant;
use watchfire_runbook::Hashed;

/// How many are kept: more than a process carries out at once, and a few hundred kilobytes.
const KEPT: usize = 8;

/// What this process has read and hashed. A published version never changes, and its hash says which
/// text it is: what is kept under the hash that an execution names need be neither read nor hashed
/// again. What is not known here, the table knows.
#[derive(Debug, Clone, Default)]
pub struct Specs(Arc<Mutex<VecDeque<Known>>>);

type Known = (Tenant, Arc<Hashed>);

impl Specs {
    /// The tenant's spec of this hash, in hex.
    pub(crate) fn of(&self, tenant: &Tenant, hash: &str) -> Option<Arc<Hashed>> {
        let known = self.0.lock().ok()?;
        let found = known.iter().find(|(one, spec)| spec.hash() == hash && one == tenant)?;
        Some(Arc::clone(&found.1))
    }

    /// It was read.
    pub(crate) fn note(&self, tenant: &Tenant, spec: &Arc<Hashed>) {
        if let Ok(mut known) = self.0.lock() {
            known.truncate(KEPT.saturating_sub(1));
            known.push_front((tenant.clone(), Arc::clone(spec)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use watchfire_domain::Voucher;
    use watchfire_runbook::Spec;

    fn spec(n: usize) -> Arc<Hashed> {
        let step = json!({
            "id": "look", "title": "Look", "risk": "low", "timeout": "5m",
            "do": { "manual": { "instructions": "Look at the graphs." } },
        });
        let text = json!({
            "name": "look", "title": format!("Look {n}"), "description": "Of storage.",
            "author": "storage", "risk": "low", "steps": [step],
        });
        let read: Spec = watchfire_runbook::parse(&text.to_string()).unwrap();
        Arc::new(Hashed::of(read).unwrap())
    }

    #[test]
    fn a_spec_is_known_by_its_hash_in_its_tenant_until_others_take_its_place() {
        let tenant = |name: &str| Tenant::vouched(name, Voucher::Claims).unwrap();
        let (a, b) = (tenant("A1"), tenant("B1"));
        let (specs, first) = (Specs::default(), spec(0));
        assert_eq!(specs.of(&a, first.hash()), None);
        specs.note(&a, &first);
        assert_eq!(specs.of(&a, first.hash()), Some(Arc::clone(&first)));
        assert_eq!(specs.of(&b, first.hash()), None);
        assert_eq!(specs.of(&a, spec(1).hash()), None);
        for n in 1..=KEPT {
            specs.note(&a, &spec(n));
        }
        assert_eq!(specs.of(&a, first.hash()), None);
        assert_eq!(specs.of(&a, spec(1).hash()), Some(spec(1)));
    }
}
