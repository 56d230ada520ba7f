//! The transitions that came again and had nothing left to do, as far as this process knows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use watchfire_domain::{IncidentId, Tenant};

/// How many are kept: some batches of the queue.
const KEPT: usize = 64;

/// What this process has seen to be handled and followed up. A delivery of it that comes once more
/// changes nothing, and need not be looked up. What is not known here, the table knows.
#[derive(Debug, Clone, Default)]
pub struct Repeats(Arc<Mutex<VecDeque<Repeat>>>);

#[derive(Debug)]
struct Repeat {
    tenant: Tenant,
    event: String,
    incident: Option<IncidentId>,
}

impl Repeats {
    /// The incident of a transition that is known; none if it is not.
    pub(crate) fn incident(&self, tenant: &Tenant, event: &str) -> Option<Option<IncidentId>> {
        let known = self.0.lock().ok()?;
        let found = known.iter().find(|one| one.event == event && one.tenant == *tenant)?;
        Some(found.incident)
    }

    /// The transition was handled, and what followed of it was done.
    pub(crate) fn note(&self, tenant: &Tenant, event: &str, incident: Option<IncidentId>) {
        if let Ok(mut known) = self.0.lock() {
            known.truncate(KEPT.saturating_sub(1));
            known.push_front(Repeat { tenant: tenant.clone(), event: event.to_owned(), incident });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_domain::Voucher;

    #[test]
    fn a_repeat_is_known_in_its_tenant_until_others_take_its_place() {
        let tenant = |name: &str| Tenant::vouched(name, Voucher::Claims).unwrap();
        let (a, b) = (tenant("A1"), tenant("B1"));
        let repeats = Repeats::default();
        assert_eq!(repeats.incident(&a, "e0"), None);
        for n in 0..KEPT {
            repeats.note(&a, &format!("e{n}"), None);
        }
        assert_eq!(repeats.incident(&a, "e0"), Some(None));
        assert_eq!(repeats.incident(&b, "e0"), None);
        repeats.note(&b, "e0", None);
        assert_eq!((repeats.incident(&a, "e0"), repeats.incident(&b, "e0")), (None, Some(None)));
    }
}
