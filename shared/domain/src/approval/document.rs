//! What is kept of an approval that came to its end, for whoever asks later who agreed (S3-90).
//!
//! It follows from the record alone, so that whoever finds it missing writes the same bytes. Field
//! by field it says what it holds: the code of the page, and whatever the record may get, stay out.

use super::{Approval, ApprovalState};
use crate::canon::canonical;
use crate::chain::Digest;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Under what name an event has the digest of the document that its approval has from then on.
pub const DOCUMENT: &str = "document";

/// The document of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its canonical text (RFC 8785).
    pub text: String,
    /// The text's SHA-256.
    pub digest: Digest,
}

impl Approval {
    /// Its newest document; none while it is open.
    pub fn document(&self) -> Option<Document> {
        self.documents().pop()
    }

    /// Every document that it has had: one of its end, and one of the review of its override.
    pub fn documents(&self) -> Vec<Document> {
        if self.state == ApprovalState::Pending {
            return Vec::new();
        }
        let reviewed = self.overridden.as_ref().is_some_and(|over| over.review.is_some());
        [Some(false), reviewed.then_some(true)]
            .into_iter()
            .flatten()
            .map(|at| self.written(at))
            .collect()
    }

    /// INVARIANT: no format ever changes. What is kept is found again by the digest of this text: a
    /// further field is a further format, beside the others. The second has the hours of an
    /// approval that has any; the third has these, the role and the clearance, of one that asks for
    /// a role or a clearance; the fourth has all these, and in its subject what would be done, of
    /// one that shows it.
    fn written(&self, with_review: bool) -> Document {
        let answers = self.decisions.iter().map(|one| {
            let proof = if one.signed_in { "link_and_sign_in" } else { "link_and_code" };
            json!({ "approver": one.approver, "answer": one.answer, "at": one.at, "proof": proof })
        });
        let overridden = self.overridden.as_ref().map(|over| {
            let review = over.review.as_ref().filter(|_| with_review);
            json!({
                "by": over.by, "reason": over.reason, "at": over.at, "skipped": over.skipped,
                "review": review,
            })
        });
        let timed = self.levels().any(|level| level.hours.is_some());
        let ranked = self.levels().any(|level| level.role.is_some() || level.clearance.is_some());
        let format: u8 = match (self.subject.does.is_some(), ranked, timed) {
            (true, _, _) => 4,
            (false, true, _) => 3,
            (false, false, true) => 2,
            (false, false, false) => 1,
        };
        let mut told = json!({
            "format": format!("watchfire-approval/{format}"),
            "approval": self.id,
            "incident_id": self.id.incident,
            "state": self.state,
            "subject": self.subject,
            "need": self.need,
            "asked": self.approvers,
            "excluded": self.excluded,
            "on_call": self.on_call,
            "then": self.then,
            "answers": answers.collect::<Vec<_>>(),
            "overridden": overridden,
            "requested_by": self.requested_by,
            "requested_at": self.requested_at,
            "expires_at": self.expires_at,
        });
        if let (true, Value::Object(fields)) = (format >= 2, &mut told) {
            fields.insert("hours".to_owned(), json!(self.hours));
        }
        if let (true, Value::Object(fields)) = (format >= 3, &mut told) {
            fields.insert("role".to_owned(), json!(self.role));
            fields.insert("clearance".to_owned(), json!(self.clearance));
        }
        // Texts, booleans and small integers: they always have a canonical text.
        let text = canonical(&told).unwrap_or_else(|_| told.to_string());
        let digest = Digest(Sha256::digest(&text).into());
        Document { text, digest }
    }
}
