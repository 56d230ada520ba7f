//! Page cursors: authenticated, and bound to tenant and query. A raw cursor would be a read across
//! tenants.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use watchfire_domain::{HOUR, IncidentId, Tenant, Timestamp};

/// The cursor was not made by us for this tenant and query, or is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not valid here")]
pub struct CursorRefused;

/// The key of cursors.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("CursorKey(..)")
    }
}

const TAG: usize = 16;
const BODY: usize = 24;

impl CursorKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn tag(&self, tenant: &Tenant, query: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in [b"cursor/v1".as_slice(), tenant.as_str().as_bytes(), query.as_bytes(), body] {
            // Each part is led by its length, so that no two splits of the same bytes agree.
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        Some(mac)
    }

    /// A cursor that goes on behind `last`; good for an hour.
    pub fn seal(&self, tenant: &Tenant, query: &str, last: IncidentId, now: Timestamp) -> String {
        let until = now.plus(HOUR).millis().to_be_bytes();
        let mut bytes = [last.0.as_bytes().as_slice(), &until].concat();
        if let Some(mac) = self.tag(tenant, query, &bytes) {
            bytes.extend(mac.finalize().into_bytes().iter().take(TAG));
        }
        Base64UrlUnpadded::encode_string(&bytes)
    }

    /// Where a cursor goes on.
    pub fn open(
        &self,
        tenant: &Tenant,
        query: &str,
        cursor: &str,
        now: Timestamp,
    ) -> Result<IncidentId, CursorRefused> {
        let bytes = Base64UrlUnpadded::decode_vec(cursor).map_err(|_| CursorRefused)?;
        let (body, tag) = bytes.split_at_checked(BODY).ok_or(CursorRefused)?;
        if tag.len() != TAG {
            return Err(CursorRefused);
        }
        let mac = self.tag(tenant, query, body).ok_or(CursorRefused)?;
        mac.verify_truncated_left(tag).map_err(|_| CursorRefused)?;
        let (id, until) = body.split_at_checked(16).ok_or(CursorRefused)?;
        let until = until.try_into().map(i64::from_be_bytes).map_err(|_| CursorRefused)?;
        if now.millis() >= until {
            return Err(CursorRefused);
        }
        uuid::Uuid::from_slice(id).map(IncidentId).map_err(|_| CursorRefused)
    }
}
