//! What would have to be otherwise for an action to be allowed (S3-62). Nothing is decided here: every
//! answer comes from the policies themselves, asked of one changed document after the other.

#[cfg(test)]
mod tests;
mod ways;

use crate::bundle::Package;
use crate::input::Input;
use crate::{Action, Actor, Context, Decision, Obligation, Policies, Resource};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use ways::Way;

/// More rounds than there are obligations: each round meets one at least.
const ROUNDS: usize = 24;

/// A decision that nobody acts on, and how it could be another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// Whether the action would be allowed.
    pub allowed: bool,
    /// What was required and met.
    pub satisfied: Vec<Obligation>,
    /// What was required and not met.
    pub missing: Vec<Missing>,
    /// The fewest changes found that would have it allowed, all of them together. Empty if it is
    /// allowed, or if none are known.
    pub changes: Vec<Change>,
    /// The SHA-256 of the policies that were asked, in hex.
    pub policy_hash: String,
}

/// Something that was required and not met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missing {
    /// What.
    #[serde(flatten)]
    pub obligation: Obligation,
    /// The attributes that it looks at, as they are; null if absent.
    pub actual: BTreeMap<String, Value>,
    /// For each attribute the values that would meet it, each by itself.
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

/// An attribute's place in the document and its value there.
type Set = (String, Value);

impl Policies {
    /// What [`Policies::decide`] would answer, why, and what would change it.
    pub fn simulate(
        &self,
        actor: &Actor,
        action: Action,
        resource: &Resource,
        context: &Context,
    ) -> Simulation {
        let input = Input::new(self.stage(), actor, action, resource, context);
        match serde_json::to_value(&input) {
            Ok(input) => self.simulated(Package::of(action), &input),
            Err(error) => Asked { policies: self, package: Package::of(action) }.told(
                &Decision::failed(error),
                &Value::Null,
                Vec::new(),
            ),
        }
    }

    pub(crate) fn simulated(&self, package: Package, input: &Value) -> Simulation {
        let asked = Asked { policies: self, package };
        let decision = asked.decide(input);
        let changes = if decision.is_allowed() { Vec::new() } else { asked.solve(input) };
        asked.told(&decision, input, changes)
    }
}

/// Whom to ask.
struct Asked<'a> {
    policies: &'a Policies,
    package: Package,
}

impl Asked<'_> {
    fn decide(&self, input: &Value) -> Decision {
        self.policies.evaluate(self.package, &input.to_string())
    }

    /// The changes that have it allowed; none if they are not found.
    fn solve(&self, input: &Value) -> Vec<Set> {
        let mut made: BTreeMap<String, Value> = BTreeMap::new();
        for _ in 0..ROUNDS {
            let now = with(input, &made);
            let decision = self.decide(&now);
            if decision.is_allowed() {
                return self.needed(input, made);
            }
            let Some(way) = self.next(&now, &decision) else { break };
            made.extend(way);
        }
        Vec::new()
    }

    /// A way to meet one obligation: one that leaves no other unmet, if there is one.
    fn next(&self, input: &Value, decision: &Decision) -> Option<Way> {
        let before = codes(decision);
        let mut second = None;
        for code in &before {
            for way in ways::of(code, input) {
                let after = codes(&self.decide(&with(input, &way.iter().cloned().collect())));
                if after.contains(code) {
                    continue;
                }
                if after.is_subset(&before) {
                    return Some(way);
                }
                second = second.or(Some(way));
            }
        }
        second
    }

    /// Those without which it is not allowed.
    fn needed(&self, input: &Value, mut made: BTreeMap<String, Value>) -> Vec<Set> {
        for place in made.keys().cloned().collect::<Vec<_>>() {
            let Some(value) = made.remove(&place) else { continue };
            if !self.decide(&with(input, &made)).is_allowed() {
                made.insert(place, value);
            }
        }
        made.into_iter().collect()
    }

    fn told(&self, decision: &Decision, input: &Value, changes: Vec<Set>) -> Simulation {
        let as_told = |(place, to): Set| Change {
            attribute: name(&place),
            from: input.pointer(&place).cloned().unwrap_or_default(),
            to,
        };
        Simulation {
            allowed: decision.is_allowed(),
            satisfied: decision.satisfied().to_vec(),
            missing: decision.missing().iter().map(|one| self.missing(*one, input)).collect(),
            changes: changes.into_iter().map(as_told).collect(),
            policy_hash: self.policies.hash().to_owned(),
        }
    }

    fn missing(&self, obligation: Obligation, input: &Value) -> Missing {
        let (mut actual, mut required) = (BTreeMap::new(), BTreeMap::<String, Vec<Value>>::new());
        for way in ways::of(obligation.code, input) {
            for (place, _) in &way {
                let is = input.pointer(place).cloned().unwrap_or_default();
                actual.insert(name(place), is);
            }
            let [(place, value)] = way.as_slice() else { continue };
            let after = self.decide(&with(input, &way.iter().cloned().collect()));
            if !codes(&after).contains(obligation.code) {
                required.entry(name(place)).or_default().push(value.clone());
            }
        }
        Missing { obligation, actual, required }
    }
}

fn codes(decision: &Decision) -> BTreeSet<&'static str> {
    decision.missing().iter().map(|obligation| obligation.code).collect()
}

/// `/actor/role` as `actor.role`.
fn name(place: &str) -> String {
    place.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~")
}

/// The document with these attributes.
fn with(input: &Value, sets: &BTreeMap<String, Value>) -> Value {
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
