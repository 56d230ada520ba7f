//! The minutes whose display id without letters is taken, as far as this process knows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use watchfire_domain::{MINUTE, Tenant, Timestamp};

/// How many are kept: more tenants than open incidents in one process within a minute.
const KEPT: usize = 32;

/// What this process has seen taken. In a storm it opens the next incident with letters at once: a
/// transaction that is refused is charged for like one that writes. What nobody knows here, the
/// table refuses.
#[derive(Debug, Clone, Default)]
pub struct Minutes(Arc<Mutex<VecDeque<(Tenant, i64)>>>);

impl Minutes {
    /// Whether the minute of `now` is known to be taken.
    pub(crate) fn is_taken(&self, tenant: &Tenant, now: Timestamp) -> bool {
        let minute = minute(now);
        let found = |(one, at): &(Tenant, i64)| *at == minute && one == tenant;
        self.0.lock().is_ok_and(|taken| taken.iter().any(found))
    }

    /// The minute of `now` is taken: nothing gives it back.
    pub(crate) fn take(&self, tenant: &Tenant, now: Timestamp) {
        if self.is_taken(tenant, now) {
            return;
        }
        if let Ok(mut taken) = self.0.lock() {
            taken.truncate(KEPT.saturating_sub(1));
            taken.push_front((tenant.clone(), minute(now)));
        }
    }
}

fn minute(now: Timestamp) -> i64 {
    now.millis().div_euclid(MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_domain::Voucher;

    #[test]
    fn a_minute_is_taken_for_its_tenant_and_while_it_lasts() {
        let tenant = |name: &str| Tenant::vouched(name, Voucher::Claims).unwrap();
        let (a, b) = (tenant("A1"), tenant("B1"));
        let at = |text| Timestamp::parse(text).unwrap();
        let (first, last) = (at("2026-11-21T03:12:00.000Z"), at("2026-11-21T03:12:59.999Z"));
        let minutes = Minutes::default();
        assert!(!minutes.is_taken(&a, first));
        minutes.take(&a, first);
        assert!(minutes.is_taken(&a, last) && !minutes.is_taken(&b, first));
        assert!(!minutes.is_taken(&a, at("2026-11-21T03:13:00.000Z")));
        for n in 0..KEPT {
            minutes.take(&tenant(&format!("T{n}")), first);
        }
        assert!(!minutes.is_taken(&a, first) && minutes.is_taken(&tenant("T0"), first));
    }
}
