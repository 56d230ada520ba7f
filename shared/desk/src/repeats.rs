//! The transitions that came again and had nothing left to do, as far as this process knows.

use crate::Intake;
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
    /// What a transition that is known comes to once more; none if it is not known.
    pub(crate) fn intake(&self, tenant: &Tenant, event: &str) -> Option<Intake> {
        let known = self.0.lock().ok()?;
        let found = known.iter().find(|one| one.event == event && one.tenant == *tenant)?;
        Some(Intake { outcome: None, incident: found.incident, why: None })
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
        let known = |of: &Tenant| repeats.intake(of, "e0");
        assert_eq!(known(&a), None);
        for n in 0..KEPT {
            repeats.note(&a, &format!("e{n}"), None);
        }
        let again = Some(Intake { outcome: None, incident: None, why: None });
        assert_eq!((known(&a), known(&b)), (again.clone(), None));
        repeats.note(&b, "e0", None);
        assert_eq!((known(&a), known(&b)), (None, again));
    }
}
