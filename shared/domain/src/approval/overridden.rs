//! Breaking the glass: a person goes ahead without the approvers, in plain sight and for good.
//!
//! The quorum is skipped, nothing else is: the override is bound to the same subject and the same
//! hour as a grant, says why, names who was skipped, and owes a review by somebody who had no part
//! in it.

use super::{Answer, Approval, ApprovalState, listed};
use crate::link::person;
use crate::{Actor, Change, DAY, Draft, EventType, Rejected, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a reason or a review may be, in characters.
const WORDS: usize = 1_000;

/// That somebody went ahead without the approvers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Who had not agreed, of every level.
    pub skipped: Vec<String>,
    /// How often the review was asked for again.
    #[serde(default, skip_serializing_if = "is_none")]
    pub reminded: u16,
    /// What was found, once somebody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// What was found of an override.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who looked.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether it was right to go ahead.
    pub justified: bool,
    /// What there is to say.
    pub note: String,
}

/// How long after an override, and after each reminder, its review is asked for again.
pub const REVIEW: i64 = DAY;

/// How often it is asked for again.
const REMINDERS: u16 = 30;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(reminded: &u16) -> bool {
    *reminded == 0
}

impl Approval {
    /// A person goes ahead without the quorum, while the question is open. The same person with the
    /// same reason again is no change. What an approver has refused stays refused.
    pub fn go_ahead(
        &self,
        reason: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, Rejected> {
        let reason = words("reason", reason)?;
        let said = |one: &Override| one.by == actor.id && one.reason == reason;
        if self.overridden.as_ref().is_some_and(said) {
            return Ok(None);
        }
        if self.state != ApprovalState::Pending {
            return Err(Rejected::Decided { state: self.state.name() });
        }
        if now >= self.expires_at {
            return Err(Rejected::Expired);
        }
        let agreed = |who: &String| {
            let granted =
                |one: &super::Decision| one.approver == *who && one.answer == Answer::Grant;
            self.decisions.iter().any(granted)
        };
        let skipped: Vec<String> = self.everybody().filter(|who| !agreed(who)).cloned().collect();
        let mut after = self.clone();
        after.state = ApprovalState::Overridden;
        let draft = Draft::new(EventType::ApprovalOverridden, actor)
            .with("reason", reason.clone())
            .with("skipped", skipped.clone());
        let by = actor.id.clone();
        let over = Override { by, reason, at: now, skipped, reminded: 0, review: None };
        after.overridden = Some(over);
        Ok(Some(self.changed(after, draft)))
    }

    /// Somebody without a part in it says what they found of an override. The same again is no
    /// change; a second review is refused.
    pub fn review(
        &self,
        justified: bool,
        note: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, Rejected> {
        let note = words("note", note)?;
        let Some(over) = &self.overridden else {
            return Err(Rejected::Decided { state: self.state.name() });
        };
        if let Some(known) = &over.review {
            let same = known.by == actor.id && known.justified == justified && known.note == note;
            return if same { Ok(None) } else { Err(Rejected::Reviewed) };
        }
        if listed(&self.interested(), &person(&actor.id)) {
            return Err(Rejected::OwnOverride);
        }
        let draft = Draft::new(EventType::OverrideReviewed, actor)
            .with("justified", justified)
            .with("note", note.clone());
        let review = Review { by: actor.id.clone(), at: now, justified, note };
        let mut after = self.clone();
        after.overridden = Some(Override { review: Some(review), ..over.clone() });
        Ok(Some(self.changed(after, draft)))
    }

    /// Who reviews no override of it: who went ahead, and who was excluded from answering.
    pub fn interested(&self) -> Vec<String> {
        let by = self.overridden.iter().map(|over| person(&over.by));
        self.excluded.iter().cloned().chain(by).collect()
    }

    /// When the review of its override is asked for again; none if there is nothing to ask for.
    pub fn review_due(&self) -> Option<Timestamp> {
        let over = self.overridden.as_ref().filter(|over| over.review.is_none())?;
        let times = i64::from(over.reminded).saturating_add(1);
        (over.reminded < REMINDERS).then(|| over.at.plus(REVIEW.saturating_mul(times)))
    }

    /// Nobody has reviewed its override by now: that is said, and asked for again. None if it is
    /// not time.
    pub fn remind(&self, actor: &Actor, now: Timestamp) -> Option<Change<Self>> {
        let over = self.overridden.as_ref()?;
        self.review_due().filter(|due| now >= *due)?;
        // However late this comes, it comes once.
        let days = now.since(over.at).div_euclid(REVIEW);
        let reminded = u16::try_from(days).unwrap_or(REMINDERS).max(1);
        let mut after = self.clone();
        after.overridden = Some(Override { reminded, ..over.clone() });
        Some(self.changed(after, Draft::new(EventType::OverrideUnreviewed, actor)))
    }
}

fn words(field: &'static str, text: &str) -> Result<String, Rejected> {
    let text = text.trim();
    let problem = match text.chars().count() {
        0 => "must say something".to_owned(),
        count if count > WORDS => format!("has {count} characters, more than {WORDS}"),
        _ => return Ok(text.to_owned()),
    };
    Err(Rejected::Field { field, problem })
}
