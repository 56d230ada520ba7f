//! What a runbook's step asks of the policies, and what its approval offers.

use std::collections::BTreeMap;

use serde::Serialize;
use watchfire_domain::link::person;

use crate::resource::Standing;

/// What an approval has to name, and to name as the step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// The tenant.
    pub tenant: String,
    /// The incident's id.
    pub incident: String,
    /// The execution's id.
    pub execution: String,
    /// The step's id.
    pub step: String,
    /// Which attempt of it.
    pub attempt: u32,
    /// The hash of the runbook's spec.
    pub spec_hash: String,
    /// The hash of the inputs.
    pub inputs_hash: String,
}

/// A step that somebody wants to begin, complete or decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepGuard {
    /// How dangerous it is: `low`, `medium` or `high`.
    pub risk: String,
    /// Whether it must have something to show.
    pub evidence_required: bool,
    /// What its approval has to name; none without an incident, and then nothing opens what is of high
    /// risk.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
}

/// The approval of a step, as it was read from its tenant's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepApproval {
    /// Where it stands.
    pub state: String,
    /// What it names.
    #[serde(flatten)]
    pub binding: Binding,
    /// How many had to agree.
    pub need: u8,
    /// How many answers agreed.
    pub agreed: usize,
    /// Who agreed, in one spelling, each with where they stand.
    pub granted_by: BTreeMap<String, Standing>,
    /// When it expires, in seconds since 1970.
    pub expires_at: i64,
    /// Who went ahead without the quorum, if somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden_because: Option<String>,
}

impl StepApproval {
    /// An approval and its answers. Those who agreed are excluded if they are among `interested`,
    /// by whatever spelling or alias: who asked, who started the runbook, who last edited it, and who did
    /// or does any of its steps. Whoever agreed under two spellings makes the count wrong, and the
    /// approval useless.
    pub fn new(
        state: impl Into<String>,
        binding: Binding,
        need: u8,
        agreed: &[String],
        interested: &[String],
        expires_at: i64,
    ) -> Self {
        let standing = |id: &String| (person(id), Standing::among(id, interested));
        let granted_by = agreed.iter().map(standing).collect();
        Self {
            state: state.into(),
            binding,
            need,
            agreed: agreed.len(),
            granted_by,
            expires_at,
            overridden_by: None,
            overridden_because: None,
        }
    }

    /// The same, overridden by somebody for a reason.
    #[must_use]
    pub fn overridden(self, by: &str, because: &str) -> Self {
        let (by, because) = (Some(by.to_owned()), Some(because.to_owned()));
        Self { overridden_by: by, overridden_because: because, ..self }
    }
}
