//! What an obligation was judged by.

use super::{Asked, Judged, codes, looks, name, values, with};
use crate::Obligation;
use serde_json::Value;
use std::collections::BTreeMap;

impl Asked<'_> {
    /// An obligation that is met, with the values that it rests on: those of the attributes without
    /// which it would not be.
    pub(super) fn met(&self, obligation: Obligation, input: &Value) -> Judged {
        let mut judged = seen(obligation, input);
        for place in looks::at(obligation.code, input) {
            let is = input.pointer(&place).cloned().unwrap_or_default();
            if is.is_null() || self.meets(obligation, input, &place, &Value::Null) {
                continue;
            }
            let mut all = vec![is];
            for value in self.known(obligation, input, &place) {
                if !all.contains(&value) {
                    all.push(value);
                }
            }
            judged.required.insert(name(&place), all);
        }
        judged
    }

    /// An obligation that is not met, with the values that would meet it.
    pub(super) fn unmet(&self, obligation: Obligation, input: &Value) -> Judged {
        let mut judged = seen(obligation, input);
        for place in looks::at(obligation.code, input) {
            let all = self.known(obligation, input, &place);
            if !all.is_empty() {
                judged.required.insert(name(&place), all);
            }
        }
        judged
    }

    /// The known values of this attribute that meet the obligation, with all others as they are.
    fn known(&self, obligation: Obligation, input: &Value, place: &str) -> Vec<Value> {
        let known = values::of(obligation.code, input).into_iter().filter(|(at, _)| at == place);
        known
            .map(|(_, value)| value)
            .filter(|value| self.meets(obligation, input, place, value))
            .collect()
    }

    fn meets(&self, obligation: Obligation, input: &Value, place: &str, value: &Value) -> bool {
        let after = self.decide(&with(input, [(&place.to_owned(), value)]));
        codes(after.satisfied()).contains(obligation.code)
    }
}

fn seen(obligation: Obligation, input: &Value) -> Judged {
    let is = |place: String| {
        let is = input.pointer(&place).cloned().unwrap_or_default();
        (name(&place), is)
    };
    let actual = looks::at(obligation.code, input).into_iter().map(is).collect();
    Judged { obligation, actual, required: BTreeMap::new() }
}
