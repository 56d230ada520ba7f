//! Approvals: asked of named people, bound to one subject, decided once (reliability: §1).

mod document;
mod levels;
mod overridden;
#[cfg(test)]
mod tests;

pub use document::{DOCUMENT, Document};
pub(crate) use levels::one;
pub use levels::{Asked, LeastRole, Level, in_time, reached};
pub use overridden::{Override, REVIEW, Review};

use crate::calendar::Calendar;
use crate::canon::canonical;
use crate::link::mailbox;
use crate::{Actor, ApprovalId, Change, Draft, EventType, Excerpt, Rejected, Tenant, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Waiting for answers.
    Pending,
    /// The quorum agreed.
    Granted,
    /// Somebody refused: that is final.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// A newer question took its place, as what it was about is asked anew. Final.
    Superseded,
    /// It was taken back.
    Revoked,
    /// Somebody went ahead without the quorum.
    Overridden,
}

impl ApprovalState {
    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
            Self::Overridden => "overridden",
        }
    }
}

/// How dangerous the subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Hardly.
    Low,
    /// Somewhat.
    Medium,
    /// Very: a link alone does not decide.
    High,
}

/// What is to be approved. Its digest binds every link and every decision to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What would be done, as a stable word: `remove_access_point`.
    pub action: String,
    /// On what: an environment's or a step's id.
    pub target: String,
    /// In words, for the approver.
    pub summary: String,
    /// What would be done, with its inputs, as every approver is shown it; none where `summary`
    /// says it all, and of what was asked before questions showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub does: Option<Excerpt>,
    /// How dangerous it is.
    pub risk: Risk,
    /// Digest of the runbook's spec, for a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_hash: Option<String>,
    /// Digest of the inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_hash: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes.
    Grant,
    /// No.
    Deny,
}

/// What shows that an answer is an approver's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof<'a> {
    /// They hold the link, and typed the code of its page.
    Code(&'a str),
    /// They hold the link, and are signed in as the one to whom it was sent.
    SignedIn,
}

/// One approver's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who, normalised.
    pub approver: String,
    /// What.
    pub answer: Answer,
    /// When.
    pub at: Timestamp,
    /// Whether they were signed in, and did not only hold the link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed_in: bool,
}

/// A request for approval, and its decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// What is to be approved.
    pub subject: Subject,
    /// Where it stands.
    pub state: ApprovalState,
    /// How many must agree: of its first level, and the only one unless there is `then`.
    pub need: u8,
    /// Who may answer, normalised: of its first level.
    pub approvers: Vec<String>,
    /// The levels after the first, each asked once all before it have agreed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Level>,
    /// Who may not, though listed: the requester and the executor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
    /// Whether only those of its first level may agree who are on call at that moment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_call: bool,
    /// Within which hours those of its first level may agree; at any time, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Calendar>,
    /// The least role of those of its first level who may agree, as it is when they do; any, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<LeastRole>,
    /// The clearance of those of its first level who may agree, 0 to 100; any, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance: Option<u8>,
    /// The answers so far: one an approver.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// That somebody went ahead without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Override>,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
    /// The generation of its links; a revocation counts it up.
    pub link_gen: u32,
    /// What an approver types to show that a person read the page.
    pub code: String,
    /// How often the record was written.
    pub version: u64,
}

/// What a request for approval says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalAsk {
    /// Its id.
    pub id: ApprovalId,
    /// What is to be approved.
    pub subject: Subject,
    /// How many must agree.
    pub need: u8,
    /// Who may answer, normalised.
    pub approvers: Vec<String>,
    /// The levels that are asked after these, one after the other.
    pub then: Vec<Level>,
    /// Who may not, normalised.
    pub excluded: Vec<String>,
    /// Whether only those may agree who are on call at that moment.
    pub on_call: bool,
    /// Within which hours they may agree.
    pub hours: Option<Calendar>,
    /// The least role of those who may agree, as it is when they do; any, if none.
    pub role: Option<LeastRole>,
    /// The clearance of those who may agree, 0 to 100; any, if none.
    pub clearance: Option<u8>,
    /// Who asks.
    pub requested_by: String,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
    /// Random bytes for the typed code.
    pub random: [u8; 4],
}

/// Whether `approver`, or another address of the same mailbox, is among `excluded`.
fn listed(excluded: &[String], approver: &str) -> bool {
    let reached = mailbox(approver);
    excluded.iter().any(|one| mailbox(one) == reached)
}

impl Approval {
    /// Asks. Refused if of any level fewer people can answer than must, or none of them in time.
    pub fn request(
        ask: ApprovalAsk,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Rejected> {
        let (people, need, on_call) = (ask.approvers, ask.need, ask.on_call);
        let (role, clearance) = (ask.role, ask.clearance);
        let first = Level { people, need, on_call, hours: ask.hours, role, clearance };
        let levels = reached(std::iter::once(first).chain(ask.then), &ask.excluded)?;
        in_time(&levels, now, ask.expires_at)?;
        let mut levels = levels.into_iter();
        let Some(first) = levels.next() else {
            return Err(Rejected::NoApprovers { need: 1, reachable: 0 });
        };
        let draft = Draft::new(EventType::ApprovalRequested, actor);
        let after = Self {
            id: ask.id,
            subject: ask.subject,
            state: ApprovalState::Pending,
            need: first.need,
            approvers: first.people,
            then: levels.collect(),
            excluded: ask.excluded,
            on_call: first.on_call,
            hours: first.hours,
            role: first.role,
            clearance: first.clearance,
            decisions: Vec::new(),
            overridden: None,
            requested_by: ask.requested_by,
            requested_at: now,
            expires_at: ask.expires_at,
            link_gen: 1,
            // Six digits: easy on a phone, and not there for a machine that never reads the page.
            code: format!("{:06}", u32::from_be_bytes(ask.random) % 1_000_000),
            version: 1,
        };
        Ok(Change { before: None, after, draft })
    }

    /// The digest that links and decisions are bound to: tenant, incident, subject, requester,
    /// expiry and link generation. What changes it makes every earlier link void.
    pub fn subject_hash(&self, tenant: &Tenant) -> [u8; 32] {
        let bound = serde_json::json!({
            "tenant": tenant.as_str(),
            "approval": self.id.to_string(),
            "subject": self.subject,
            "requested_by": self.requested_by,
            "expires_at": self.expires_at,
            "link_gen": self.link_gen,
        });
        // Strings and small integers only: they always have a canonical text.
        let text = canonical(&bound).unwrap_or_else(|_| bound.to_string());
        Sha256::digest(format!("approval-subject/v1\0{text}")).into()
    }

    /// Whether `approver` is one of those who may answer, now or in their turn.
    pub fn may_answer(&self, approver: &str) -> bool {
        self.everybody().any(|one| one == approver) && !listed(&self.excluded, approver)
    }

    /// An approver answers. The same answer twice is no change; the opposite one is refused.
    pub fn decide(
        &self,
        approver: &str,
        answer: Answer,
        proof: Proof<'_>,
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, Rejected> {
        if !self.may_answer(approver) {
            return Err(Rejected::NotApprover);
        }
        // Whose turn has not come was sent no link: whatever they hold was not made by us.
        let mut asked = self.asked().zip(1usize..);
        let Some((level, place)) =
            asked.find(|(level, _)| level.people.iter().any(|one| one == approver))
        else {
            return Err(Rejected::NotApprover);
        };
        // Also whoever agreed before is told that it counts no more.
        if self.state == ApprovalState::Superseded {
            return Err(Rejected::Superseded);
        }
        if let Some(given) = self.decisions.iter().find(|decision| decision.approver == approver) {
            return if given.answer == answer {
                Ok(None)
            } else {
                Err(Rejected::AnsweredOtherwise)
            };
        }
        if self.state != ApprovalState::Pending {
            return Err(Rejected::Decided { state: self.state.name() });
        }
        if now >= self.expires_at {
            return Err(Rejected::Expired);
        }
        let opens = level.agrees_from(now);
        if answer == Answer::Grant && opens > now {
            return Err(Rejected::OutsideHours { opens });
        }
        match proof {
            // To refuse is always safe; a link alone, which may have been forwarded, grants nothing
            // that is dangerous.
            Proof::Code(_) if answer == Answer::Grant && self.subject.risk == Risk::High => {
                return Err(Rejected::SignInNeeded);
            }
            Proof::Code(code) if code.trim() != self.code => return Err(Rejected::WrongCode),
            Proof::Code(_) | Proof::SignedIn => {}
        }
        let mut after = self.clone();
        let signed_in = proof == Proof::SignedIn;
        after.decisions.push(Decision {
            approver: approver.to_owned(),
            answer,
            at: now,
            signed_in,
        });
        let kind = match answer {
            Answer::Deny => {
                after.state = ApprovalState::Denied;
                EventType::ApprovalDenied
            }
            Answer::Grant if after.missing() == 0 => {
                after.state = ApprovalState::Granted;
                EventType::ApprovalGranted
            }
            Answer::Grant => EventType::ApprovalAnswered,
        };
        let actor = Actor { kind: crate::ActorKind::Approver, id: approver.to_owned() };
        let draft = Draft::new(kind, &actor);
        let draft = if self.then.is_empty() { draft } else { draft.with("level", place) };
        Ok(Some(self.changed(after, draft)))
    }

    /// Nobody decided in time. None if it is decided, or its time is not over.
    pub fn expire(&self, actor: &Actor, now: Timestamp) -> Option<Change<Self>> {
        if self.state != ApprovalState::Pending || now < self.expires_at {
            return None;
        }
        let mut after = self.clone();
        after.state = ApprovalState::Expired;
        Some(self.changed(after, Draft::new(EventType::ApprovalExpired, actor)))
    }

    /// Takes it back: every link of it is void from then on.
    pub fn revoke(&self, reason: &str, actor: &Actor) -> Result<Change<Self>, Rejected> {
        if self.state != ApprovalState::Pending {
            return Err(Rejected::Decided { state: self.state.name() });
        }
        let mut after = self.clone();
        after.state = ApprovalState::Revoked;
        after.link_gen = self.link_gen.saturating_add(1);
        let draft = Draft::new(EventType::ApprovalRevoked, actor).with("reason", reason);
        Ok(self.changed(after, draft))
    }

    /// A newer question takes its place: it is open, or was granted and never used, which only the
    /// caller knows. None if it has another outcome, or this one: an override stays, since a review
    /// of it is owed. Its links still lead to it, to say so.
    pub fn supersede(&self, reason: &str, actor: &Actor) -> Option<Change<Self>> {
        if !matches!(self.state, ApprovalState::Pending | ApprovalState::Granted) {
            return None;
        }
        let mut after = self.clone();
        after.state = ApprovalState::Superseded;
        let draft = Draft::new(EventType::ApprovalSuperseded, actor).with("reason", reason);
        Some(self.changed(after, draft))
    }

    fn changed(&self, mut after: Self, draft: Draft) -> Change<Self> {
        after.version = self.version.saturating_add(1);
        let draft = draft.with("approval", self.id.to_string());
        // Its document is kept elsewhere; which one it is stands in the chain from this event on.
        let document = after.document().filter(|one| self.document().as_ref() != Some(one));
        let draft = draft.with_some(DOCUMENT, document.map(|one| one.digest.to_string()));
        Change { before: Some(self.clone()), after, draft }
    }
}
