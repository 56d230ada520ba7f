//! What a step and its approval name, side by side: for the policies, which judge it once more.

use super::{Refusal, Run};
use watchfire_domain::{Approval, Tenant};

/// What an approval is bound to. Two of them are equal if and only if the approval is the step's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The tenant.
    pub tenant: String,
    /// The incident.
    pub incident: String,
    /// The execution.
    pub execution: String,
    /// The step.
    pub step: String,
    /// Its attempt.
    pub attempt: u32,
    /// The hash of the spec, in hex.
    pub spec_hash: String,
    /// The hash of the inputs and of all the above, in hex.
    pub inputs_hash: String,
}

impl Bound {
    /// What an approval names that was read from the records of `tenant`. None if it is about no
    /// step.
    pub fn of(approval: &Approval, tenant: &Tenant) -> Option<Self> {
        let mut parts = approval.subject.target.split('/');
        let (Some("execution"), Some(execution), Some("step"), Some(step)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let (Some("attempt"), Some(attempt), None) = (parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        Some(Self {
            tenant: tenant.as_str().to_owned(),
            incident: approval.id.incident.to_string(),
            execution: execution.to_owned(),
            step: step.to_owned(),
            attempt: attempt.parse().ok()?,
            spec_hash: approval.subject.spec_hash.clone()?,
            inputs_hash: approval.subject.inputs_hash.clone()?,
        })
    }
}

impl Run<'_> {
    /// What the approval of a step has to name. None without an incident: nothing is approved then.
    pub fn bound(&self, step: &str) -> Result<Option<Bound>, Refusal> {
        let (within, state) = self.step(step)?;
        let subject = self.subject_of(within, state.attempt);
        let named = self.execution.incident.zip(subject.spec_hash.zip(subject.inputs_hash));
        Ok(named.map(|(incident, (spec_hash, inputs_hash))| Bound {
            tenant: self.tenant.as_str().to_owned(),
            incident: incident.to_string(),
            execution: self.execution.id.to_string(),
            step: step.to_owned(),
            attempt: state.attempt,
            spec_hash,
            inputs_hash,
        }))
    }
}
