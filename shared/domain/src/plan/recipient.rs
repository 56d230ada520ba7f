//! Whom a plan tells, and what of.

use super::{Plan, Target};
use crate::Audience;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A target, and the audiences that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recipient {
    /// Where it is told.
    #[serde(flatten)]
    pub to: Target,
    /// For which audiences; for all, if none.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub audiences: BTreeSet<Audience>,
}

impl From<Target> for Recipient {
    fn from(to: Target) -> Self {
        Self { to, audiences: BTreeSet::new() }
    }
}

impl<'de> Deserialize<'de> for Recipient {
    // By hand: a derived `flatten` would let a misspelt `audiences` pass, and so tell everybody.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut fields = Map::<String, Value>::deserialize(from)?;
        let listed = fields.contains_key("audiences");
        let audiences = match fields.remove("audiences") {
            None => BTreeSet::new(),
            Some(list) => BTreeSet::<Audience>::deserialize(list).map_err(D::Error::custom)?,
        };
        if listed && audiences.is_empty() {
            return Err(D::Error::custom("`audiences` names none: leave it out to mean all"));
        }
        let to = Target::deserialize(Value::Object(fields)).map_err(D::Error::custom)?;
        Ok(Self { to, audiences })
    }
}

impl Plan {
    /// Whom it tells what is for `audience`, each once: a plan of an earlier version may name one
    /// twice.
    pub fn told(&self, audience: Audience) -> BTreeSet<&Target> {
        let hears =
            |one: &&Recipient| one.audiences.is_empty() || one.audiences.contains(&audience);
        self.notify.iter().filter(hears).map(|one| &one.to).collect()
    }
}
