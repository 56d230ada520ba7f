//! The fewest attributes that would have an action allowed, among the values that are known.

use super::{Asked, Sets, codes, looks, values, with};
use crate::Decision;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Most decisions to search by. A document in which everything is missing takes less than half of
/// it; whoever finds a worse one has no answer, instead of our time.
pub(super) const DECISIONS: usize = 1_000;

/// Some attributes changed, and where that leaves it. What is allowed has nothing missing.
struct Tried {
    made: Sets,
    missing: BTreeSet<&'static str>,
}

impl Asked<'_> {
    /// The changes of the fewest attributes that have it allowed; none if there are none among the
    /// known values, or if `most` decisions do not tell.
    ///
    /// An A* search over sets of changes. An obligation that is not met stays so until an attribute
    /// is changed that it looks at, so each set is gone on from by those of one such obligation
    /// alone, and nothing smaller is passed over; and obligations that look at different attributes
    /// need a change each, which is how many more a set needs at least.
    pub(super) fn fewest(&self, input: &Value, decision: &Decision, most: usize) -> Option<Sets> {
        let known = known(input, decision);
        let looked = |code: &&'static str| (*code, looks::at(code, input));
        let missing = codes(decision.missing());
        let all: BTreeSet<_> = codes(decision.satisfied()).union(&missing).copied().collect();
        let looks: BTreeMap<&str, Vec<String>> = all.iter().map(looked).collect();
        let last = self.decisions.get().saturating_add(most);
        let first = Tried { made: Sets::new(), missing };
        let mut seen = BTreeSet::from([format!("{:?}", first.made)]);
        let mut tried = vec![first];
        let mut next = BinaryHeap::from([(Reverse(0), 0, Reverse(0))]);
        while let Some((Reverse(least), _, Reverse(at))) = next.pop() {
            let from = tried.get(at)?;
            if from.missing.is_empty() {
                return Some(from.made.clone());
            }
            let made = from.made.clone();
            let Some(places) = narrowest(from, &looks, &known) else { continue };
            for (place, value) in known.iter().filter(|(place, _)| places.contains(place)) {
                let mut more = made.clone();
                more.insert(place.clone(), value.clone());
                if !seen.insert(format!("{more:?}")) {
                    continue;
                }
                if self.decisions.get() >= last {
                    return None;
                }
                let decision = self.decide(&with(input, &more));
                let missing = codes(decision.missing());
                let so_many = more.len();
                let now = Tried { made: more, missing };
                let needs = so_many.saturating_add(still(&now, &looks)).max(least);
                if now.missing.is_empty() && needs == least {
                    return Some(now.made);
                }
                next.push((Reverse(needs), so_many, Reverse(tried.len())));
                tried.push(now);
            }
        }
        None
    }
}

/// The values to try, of whatever is required: those that are there already are none.
pub(super) fn known(input: &Value, decision: &Decision) -> Vec<values::Set> {
    let mut known: Vec<values::Set> = Vec::new();
    for obligation in decision.missing().iter().chain(decision.satisfied()) {
        for (place, value) in values::of(obligation.code, input) {
            let is_new = !known.iter().any(|(at, one)| (at, one) == (&place, &value));
            if is_new && input.pointer(&place) != Some(&value) {
                known.push((place, value));
            }
        }
    }
    known
}

/// Of the obligations that are not met, what the one with the fewest values left looks at. None if
/// nothing is left for one of them: then nothing more helps.
fn narrowest(
    from: &Tried,
    looks: &BTreeMap<&str, Vec<String>>,
    known: &[values::Set],
) -> Option<BTreeSet<String>> {
    let left = |code: &&str| -> BTreeSet<String> {
        let all = looks.get(code).into_iter().flatten();
        all.filter(|place| !from.made.contains_key(*place)).cloned().collect()
    };
    let values = |places: &BTreeSet<String>| {
        known.iter().filter(|(place, _)| places.contains(place)).count()
    };
    let fewest = from.missing.iter().map(left).map(|places| (values(&places), places)).min();
    fewest.filter(|(count, _)| *count > 0).map(|(_, places)| places)
}

/// How many more attributes have to change at least.
fn still(tried: &Tried, looks: &BTreeMap<&str, Vec<String>>) -> usize {
    let mut sets: Vec<Vec<&String>> = Vec::new();
    for code in &tried.missing {
        let all = looks.get(code).into_iter().flatten();
        sets.push(all.filter(|place| !tried.made.contains_key(*place)).collect());
    }
    sets.sort_by_key(Vec::len);
    let (mut taken, mut count) = (BTreeSet::new(), 0_usize);
    for places in sets {
        if places.iter().all(|place| !taken.contains(place)) {
            taken.extend(places);
            count = count.saturating_add(1);
        }
    }
    count
}
