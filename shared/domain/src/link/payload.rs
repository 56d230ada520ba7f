//! What stands in a link, byte by byte.

use super::Link;
use crate::{ApprovalId, IncidentId, Tenant, Timestamp, Voucher};

/// Everything but the tenant's name.
pub(super) const FIXED: usize = 16 + 2 + 16 + 32 + 8 + 16;

impl Link {
    /// The fields in their order: all of a fixed length but the last.
    pub(super) fn payload(&self) -> Vec<u8> {
        [
            self.approval.incident.0.as_bytes().as_slice(),
            &self.approval.n.to_be_bytes(),
            &self.approver,
            &self.subject,
            &self.expires_at.millis().to_be_bytes(),
            &self.nonce,
            self.tenant.as_str().as_bytes(),
        ]
        .concat()
    }

    /// Reads a payload whose MAC was checked: that is what vouches for its tenant.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
            let (taken, left) = rest.split_first_chunk()?;
            *rest = left;
            Some(*taken)
        }
        let rest = &mut &*payload;
        let incident = IncidentId(uuid::Uuid::from_bytes(take(rest)?));
        let n = u16::from_be_bytes(take(rest)?);
        let (approver, subject) = (take(rest)?, take(rest)?);
        let expires_at = Timestamp::from_millis(i64::from_be_bytes(take(rest)?));
        let nonce = take(rest)?;
        let tenant = Tenant::vouched(std::str::from_utf8(rest).ok()?, Voucher::Pointer).ok()?;
        let approval = ApprovalId { incident, n };
        (n > 0).then_some(Self { tenant, approval, approver, subject, expires_at, nonce })
    }
}
