//! Status and its transitions (DESIGN §3; decision 8).

use super::Incident;
use crate::{Actor, ActorKind, Change, Draft, EventType, Rejected, Timestamp};
use serde::{Deserialize, Serialize};

/// Where an incident stands (S3-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has looked yet.
    New,
    /// Somebody has it.
    Acknowledged,
    /// Somebody is making it stop.
    Mitigating,
    /// It stopped; somebody watches.
    Monitoring,
    /// It is over.
    Resolved,
    /// Nothing is left to do. Final.
    Closed,
}

/// What a move between two statuses is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the next status.
    Next,
    /// Forward, over at least one status: needs a rationale.
    Skip,
    /// Back to `mitigating`.
    Reopen,
    /// Not allowed.
    Never,
}

impl Status {
    /// Every status, in order.
    pub const ALL: [Self; 6] = [
        Self::New,
        Self::Acknowledged,
        Self::Mitigating,
        Self::Monitoring,
        Self::Resolved,
        Self::Closed,
    ];

    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged => "acknowledged",
            Self::Mitigating => "mitigating",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }

    /// The status of this wire name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// What moving from this status to `to` is.
    pub fn step(self, to: Self) -> Step {
        match (self, to) {
            (Self::Closed, _) => Step::Never,
            (Self::Monitoring | Self::Resolved, Self::Mitigating) => Step::Reopen,
            (from, to) if to <= from => Step::Never,
            (Self::New, Self::Acknowledged)
            | (Self::Acknowledged, Self::Mitigating)
            | (Self::Mitigating, Self::Monitoring)
            | (Self::Monitoring, Self::Resolved)
            | (Self::Resolved, Self::Closed) => Step::Next,
            _ => Step::Skip,
        }
    }

    /// The word for those outside (decision 6).
    pub const fn public_word(self, root_cause_known: bool) -> &'static str {
        match self {
            Self::New | Self::Acknowledged if root_cause_known => "Identified",
            Self::New | Self::Acknowledged => "Investigating",
            Self::Mitigating | Self::Monitoring => "Mitigating",
            Self::Resolved | Self::Closed => "Resolved",
        }
    }
}

/// A request to change the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// To where.
    pub to: Status,
    /// Why; blank is none.
    pub rationale: Option<String>,
}

impl Incident {
    /// Changes the status (S3-50). A skip needs a rationale, and so does closing an incident that
    /// never was `mitigating` (S3-79).
    pub fn transition(
        &self,
        ask: &Transition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Rejected> {
        let (from, to) = (self.status, ask.to);
        let rationale = ask.rationale.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let step = from.step(to);
        if step == Step::Never {
            return Err(Rejected::Transition { from, to });
        }
        let unmitigated = to == Status::Closed && self.rationale_required();
        if rationale.is_none() && (step == Step::Skip || unmitigated) {
            return Err(Rejected::RationaleMissing {
                what: if unmitigated { "closing without mitigation" } else { "skipping a status" },
            });
        }
        let mut after = self.clone();
        after.status = to;
        after.flapping = self.flapping && to < Status::Resolved;
        match to {
            Status::New | Status::Monitoring => {}
            Status::Acknowledged => after.acknowledged_at = Some(now),
            Status::Mitigating => {
                after.mitigated_at = self.mitigated_at.or(Some(now));
                if step == Step::Reopen {
                    after.reopened_at = Some(now);
                }
                after.resolved_at = None;
            }
            Status::Resolved => after.resolved_at = Some(now),
            Status::Closed => after.closed_at = Some(now),
        }
        // Whoever moves it on has seen it: a skipped acknowledgement is one all the same. An alarm
        // that ends by itself has been seen by nobody.
        if matches!(actor.kind, ActorKind::User | ActorKind::Tooling | ActorKind::Approver) {
            after.acknowledged_at = after.acknowledged_at.or(Some(now));
        }
        let kind =
            if to == Status::Closed { EventType::IncidentClosed } else { EventType::StatusChanged };
        let draft = Draft::new(kind, actor)
            .with("from", from.name())
            .with("to", to.name())
            .with_some("rationale", rationale);
        Ok(self.changed(after, draft))
    }
}
