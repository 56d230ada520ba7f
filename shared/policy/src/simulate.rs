//! What would have to be otherwise for an action to be allowed (S3-62). Nothing is decided here: every
//! answer comes from the policies themselves, asked of one changed document after the other.

mod judged;
mod looks;
mod search;
#[cfg(test)]
mod tests;
mod values;

use crate::bundle::Package;
use crate::input::Input;
use crate::{Action, Actor, Context, Decision, Obligation, Policies, Resource};
use serde::Serialize;
use serde_json::Value;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// A decision that nobody acts on, and how it could be another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// What was judged, whole: `action`, `actor`, `resource` and `request` as the policies read
    /// them, so that the answer can be kept by itself and asked again.
    pub input: Value,
    /// Whether the action would be allowed.
    pub allowed: bool,
    /// What was required and met.
    pub satisfied: Vec<Judged>,
    /// What was required and not met.
    pub missing: Vec<Judged>,
    /// The changes that would have it allowed, all of them together: of the values that are known,
    /// no set of fewer attributes would. Empty if it is allowed, if none of those values helps, or
    /// if that is not known after 1000 decisions.
    pub changes: Vec<Change>,
    /// The SHA-256 of the policies that were asked, in hex.
    pub policy_hash: String,
}

/// Something that was required, and what it was judged by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// What.
    #[serde(flatten)]
    pub obligation: Obligation,
    /// The attributes that it looks at, as they are; null if absent.
    pub actual: BTreeMap<String, Value>,
    /// For each attribute the known values that meet it, each by itself. Of what is met, only the
    /// attributes that it rests on, the present value first.
    pub required: BTreeMap<String, Vec<Value>>,
}

/// One attribute that would have to be otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Which: `actor.role`.
    pub attribute: String,
    /// As it is; null if absent.
    pub from: Value,
    /// As it would have to be.
    pub to: Value,
}

/// Attributes' places in the document, each with its value there.
type Sets = BTreeMap<String, Value>;

impl Policies {
    /// What [`Policies::decide`] would answer, why, and what would change it. It takes at most 1000
    /// decisions in search of changes, and below 200 for what it tells of the obligations.
    pub fn simulate(
        &self,
        actor: &Actor,
        action: Action,
        resource: &Resource,
        context: &Context,
    ) -> Simulation {
        let input = Input::new(self.stage(), actor, action, resource, context);
        match serde_json::to_value(&input) {
            Ok(input) => self.simulated(Package::of(action), input),
            Err(error) => {
                let asked = Asked::new(self, Package::of(action));
                asked.told(&Decision::failed(error), Value::Null, Sets::new())
            }
        }
    }

    pub(crate) fn simulated(&self, package: Package, input: Value) -> Simulation {
        let asked = Asked::new(self, package);
        let decision = asked.decide(&input);
        let changes = if decision.is_allowed() {
            None
        } else {
            asked.fewest(&input, &decision, search::DECISIONS)
        };
        asked.told(&decision, input, changes.unwrap_or_default())
    }
}

/// Whom to ask, and how often it was.
struct Asked<'a> {
    policies: &'a Policies,
    package: Package,
    decisions: Cell<usize>,
}

impl<'a> Asked<'a> {
    const fn new(policies: &'a Policies, package: Package) -> Self {
        Self { policies, package, decisions: Cell::new(0) }
    }

    fn decide(&self, input: &Value) -> Decision {
        self.decisions.set(self.decisions.get().saturating_add(1));
        self.policies.evaluate(self.package, &input.to_string())
    }

    fn told(&self, decision: &Decision, input: Value, changes: Sets) -> Simulation {
        let as_told = |(place, to): (String, Value)| Change {
            attribute: name(&place),
            from: input.pointer(&place).cloned().unwrap_or_default(),
            to,
        };
        Simulation {
            allowed: decision.is_allowed(),
            satisfied: decision.satisfied().iter().map(|one| self.met(*one, &input)).collect(),
            missing: decision.missing().iter().map(|one| self.unmet(*one, &input)).collect(),
            changes: changes.into_iter().map(as_told).collect(),
            policy_hash: self.policies.hash().to_owned(),
            input,
        }
    }
}

fn codes(of: &[Obligation]) -> BTreeSet<&'static str> {
    of.iter().map(|obligation| obligation.code).collect()
}

/// `/actor/role` as `actor.role`.
fn name(place: &str) -> String {
    place.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~")
}

/// The document with these attributes.
fn with<'a>(input: &Value, sets: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Value {
    let mut changed = input.clone();
    for (place, value) in sets {
        set(&mut changed, place, value);
    }
    changed
}

fn set(input: &mut Value, place: &str, value: &Value) {
    let mut here = input;
    for part in place.split('/').skip(1) {
        if !here.is_object() {
            *here = Value::Object(serde_json::Map::new());
        }
        let Some(fields) = here.as_object_mut() else { return };
        here = fields.entry(part.replace("~1", "/").replace("~0", "~")).or_insert(Value::Null);
    }
    *here = value.clone();
}
