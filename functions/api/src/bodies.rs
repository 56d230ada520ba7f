//! What the bodies of writes say. Each says of itself what is wrong with it, beyond its shape.

use serde::{Deserialize, Deserializer, de};
use watchfire_desk::{Deed, Steer};
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::Removal;
use watchfire_domain::incident::{Edit, RootCause, Transition};
use watchfire_domain::{Problem, Severity, Status};

/// A severity, under any profile's label.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label(Severity);

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let severity = Severity::parse_label(&text);
        severity.map(Self).ok_or_else(|| de::Error::unknown_variant(&text, LABELS))
    }
}

/// The labels of the built-in profiles.
const LABELS: &[&str] =
    &["critical", "high", "medium", "low", "Sev1", "Sev2", "Sev3", "Sev4", "P0", "P1", "P2", "P3"];

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransitionBody {
    status: Status,
    #[serde(default)]
    rationale: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeverityBody {
    severity: Label,
    rationale: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnerBody {
    owner: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonBody {
    pub(crate) person: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    text: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonBody {
    pub(crate) reason: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareBody {
    tenant: String,
}

impl From<TransitionBody> for Deed {
    fn from(body: TransitionBody) -> Self {
        Self::Transition(Transition { to: body.status, rationale: body.rationale })
    }
}

impl From<SeverityBody> for Deed {
    fn from(body: SeverityBody) -> Self {
        Self::Severity { to: body.severity.0, rationale: body.rationale }
    }
}

impl From<OwnerBody> for Deed {
    fn from(body: OwnerBody) -> Self {
        Self::Owner(body.owner)
    }
}

impl From<NoteBody> for Deed {
    fn from(body: NoteBody) -> Self {
        Self::Note(body.text)
    }
}

impl From<ReasonBody> for Deed {
    fn from(body: ReasonBody) -> Self {
        Self::Escalate(body.reason)
    }
}

impl From<ShareBody> for Deed {
    fn from(body: ShareBody) -> Self {
        Self::Share(body.tenant)
    }
}

/// A root cause; the domain's own type is what is stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct RootCauseBody(RootCause);

impl From<RootCauseBody> for Deed {
    fn from(body: RootCauseBody) -> Self {
        Self::RootCause(body.0)
    }
}

/// An edit.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct EditBody(Edit);

impl From<EditBody> for Deed {
    fn from(body: EditBody) -> Self {
        Self::Edit(Box::new(body.0))
    }
}

/// Steers an environment, and may be wrong in what it says.
pub(crate) trait Steers: Into<Steer> + Clone {
    /// All that is wrong.
    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }
}

fn line(field: &str, text: &str, least: usize) -> Vec<Problem> {
    let count = text.trim().chars().count();
    let fits = (least..=200).contains(&count) && !text.chars().any(char::is_control);
    let problem = || Problem::new(field, format!("must be one line of {least} to 200 characters"));
    (!fits).then(problem).into_iter().collect()
}

/// An approver's answer, with the link that it answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideBody {
    pub(crate) link: String,
    pub(crate) answer: Answer,
}

impl DecideBody {
    pub(crate) fn check(&self) -> Vec<Problem> {
        let fits = (1..=1_000).contains(&self.link.len());
        let problem = || Problem::new("link", "must be what follows `/approvals/` in the mail");
        (!fits).then(problem).into_iter().collect()
    }
}

/// A runbook to link.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkBody {
    runbook: String,
}

impl From<LinkBody> for Deed {
    fn from(body: LinkBody) -> Self {
        Self::Link(body.runbook)
    }
}

/// Why a question is taken back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeBody {
    pub(crate) reason: String,
}

impl RevokeBody {
    pub(crate) fn check(&self) -> Vec<Problem> {
        line("reason", &self.reason, 1)
    }
}

/// What was found of an override.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewBody {
    pub(crate) justified: bool,
    pub(crate) note: String,
}

impl ReviewBody {
    pub(crate) fn check(&self) -> Vec<Problem> {
        line("note", &self.note, 1)
    }
}

/// An object with nothing in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NothingBody {}

impl From<NothingBody> for Steer {
    fn from(NothingBody {}: NothingBody) -> Self {
        Self::Launch
    }
}

impl Steers for NothingBody {}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopBody {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    removal: Option<Removal>,
}

impl From<StopBody> for Steer {
    fn from(body: StopBody) -> Self {
        Self::Stop { reason: body.reason, removal: body.removal }
    }
}

impl Steers for StopBody {
    fn check(&self) -> Vec<Problem> {
        line("reason", &self.reason, 0)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseBody {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    remove_access_point: bool,
}

impl From<CloseBody> for Steer {
    fn from(body: CloseBody) -> Self {
        Self::Close { reason: body.reason, remove: body.remove_access_point }
    }
}

impl Steers for CloseBody {
    fn check(&self) -> Vec<Problem> {
        line("reason", &self.reason, 0)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtendBody {
    hours: u16,
}

impl From<ExtendBody> for Steer {
    fn from(body: ExtendBody) -> Self {
        Self::Extend { hours: body.hours }
    }
}

impl Steers for ExtendBody {
    fn check(&self) -> Vec<Problem> {
        let wrong = !(1..=168).contains(&self.hours);
        wrong.then(|| Problem::new("hours", "must be 1 to 168")).into_iter().collect()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaiveBody {
    rationale: String,
}

impl From<WaiveBody> for Steer {
    fn from(body: WaiveBody) -> Self {
        Self::Waive { rationale: body.rationale }
    }
}

impl Steers for WaiveBody {
    fn check(&self) -> Vec<Problem> {
        line("rationale", &self.rationale, 1)
    }
}
