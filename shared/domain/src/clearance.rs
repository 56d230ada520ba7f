//! What a record asks of people before they see it (S3-73): 0 to 100, and 0 asks for nothing.

use crate::Problem;

/// The most that can be asked for, and that anybody has.
pub const MOST: u8 = 100;

/// Whether none is asked for: it is not stored then.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
pub(crate) const fn is_none(clearance: &u8) -> bool {
    *clearance == 0
}

/// What is wrong with a clearance that somebody asks for.
pub fn check(clearance: u8) -> Option<Problem> {
    (clearance > MOST).then(|| Problem::new("clearance", "must be 0 to 100"))
}
