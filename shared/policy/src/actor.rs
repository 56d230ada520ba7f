//! Who asks.

use serde::{Serialize, Serializer};

/// What kind of caller an actor is, by the door it came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A person with a verified token, or an approver behind a verified link.
    User,
    /// Our own functions: machine phases, the sweep, the intake of alarms.
    Service,
    /// A program of the user's, known by its signed request.
    Tooling,
}

/// What an actor is trusted with. Each of the first four includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Works on incidents.
    Responder,
    /// Leads them.
    Commander,
    /// Owns plans, profiles and exceptions.
    Admin,
    /// Reads everything in its tenants, whatever its clearance, and changes nothing.
    Auditor,
    /// Our own functions.
    Service,
}

impl Role {
    /// The role that a claim or a mapping names. No claim can make a caller one of our own functions.
    pub fn claimed(word: &str) -> Option<Self> {
        match word {
            "viewer" => Some(Self::Viewer),
            "responder" => Some(Self::Responder),
            "commander" => Some(Self::Commander),
            "admin" => Some(Self::Admin),
            "auditor" => Some(Self::Auditor),
            _ => None,
        }
    }

    /// Its word, as claims and the policies have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Commander => "commander",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Service => "service",
        }
    }
}

/// An authenticated caller, built from what was verified about it and from nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// Its stable id, normalised as approver lists are.
    pub id: String,
    /// The door it came through.
    pub kind: ActorKind,
    /// What it is trusted with.
    pub role: Role,
    /// The tenants that it acts for.
    pub tenants: Vec<String>,
    /// From 0 to 100; anything else satisfies nothing.
    pub clearance: i64,
    /// Whether it is on call now.
    pub on_call: bool,
    /// The one deployment that its credential is good for; `None` is every deployment.
    #[serde(serialize_with = "stage_or_any")]
    pub stage: Option<String>,
}

impl Actor {
    /// A person without clearance who is not on call, good for every deployment.
    pub fn user(id: impl Into<String>, role: Role, tenants: Vec<String>) -> Self {
        let kind = ActorKind::User;
        Self { id: id.into(), kind, role, tenants, clearance: 0, on_call: false, stage: None }
    }

    /// A program of the user's, on the same terms.
    pub fn tooling(id: impl Into<String>, role: Role, tenants: Vec<String>) -> Self {
        Self { kind: ActorKind::Tooling, ..Self::user(id, role, tenants) }
    }

    /// One of our own functions, working for one tenant. Clearance guards people, so it has all of it.
    pub fn service(function: &str, tenant: impl Into<String>) -> Self {
        let id = format!("service:{function}");
        let kind = ActorKind::Service;
        Self { kind, clearance: 100, ..Self::user(id, Role::Service, vec![tenant.into()]) }
    }
}

// The policies never read a meaning into an absent attribute, so "every deployment" has a word of its own.
#[expect(clippy::ref_option, reason = "the signature that serde's `serialize_with` asks for")]
fn stage_or_any<S: Serializer>(stage: &Option<String>, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(stage.as_deref().unwrap_or("*"))
}
