//! Tamperings by the thousand, counted.

use super::incident::{Trouble, key};
use super::{Chance, Expected, Forged, OPERATORS, spoil};
use crate::Signer as _;
use crate::bundle::{Ask, verify};
use serde::Serialize;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many bundles were tampered with at or below their last checkpoint, or visibly after it.
    pub tamperings: u64,
    /// How many of them were caught.
    pub caught: u64,
    /// How many were caught as something that they are not, or at another place.
    pub misclassified: u64,
    /// How many good bundles were verified.
    pub good: u64,
    /// How many of them were accused.
    pub false_alarms: u64,
    /// How many were rewritten or cut after their last checkpoint, with everything rechained.
    pub after_the_checkpoint: u64,
    /// In how many of these the verifier said where the seal ends, before what was done.
    pub window_stated: u64,
    /// What went wrong, so that a person can follow it.
    pub failures: Vec<String>,
}

impl Tally {
    /// Whether everything is as it should be.
    pub fn sound(&self) -> bool {
        self.caught == self.tamperings
            && self.misclassified == 0
            && self.false_alarms == 0
            && self.window_stated == self.after_the_checkpoint
    }
}

/// Makes up `good` bundles, and tampers with others until `count` of them must be caught, as `seed`
/// has it.
pub fn run(count: u64, good: u64, seed: u64) -> Result<Tally, Trouble> {
    let mut chance = Chance::new(seed);
    let mut tally = Tally::default();
    let ask = Ask { trusted: vec![key()?.key().clone()], ..Ask::default() };
    for _ in 0..good {
        let (events, window) = (chance.within(1, 30), chance.within(0, 5));
        let files = Forged::new(&mut chance, events, window)?.files()?;
        tally.good = tally.good.saturating_add(1);
        if let Err(failure) = verify(&files, &ask, &mut |_, _| {}) {
            tally.false_alarms = tally.false_alarms.saturating_add(1);
            tally.failures.push(format!("a good bundle of {events} events: {failure}"));
        }
    }
    // What falls into the window is counted beside the others, not among them.
    for number in 0u64.. {
        if tally.tamperings >= count {
            break;
        }
        let (events, window) = (chance.within(8, 30), chance.within(1, 5));
        let bundle = Forged::new(&mut chance, events, window)?;
        let (events, window) = (chance.within(8, 30), chance.within(1, 5));
        let other = Forged::new(&mut chance, events, window)?;
        // Every operator in turn: none is left out, whatever the seed.
        let operator = number.checked_rem(OPERATORS.len() as u64).unwrap_or(0);
        let spoilt = spoil(usize::try_from(operator)?, &bundle, &other, &mut chance)?;
        let said = verify(&spoilt.files, &ask, &mut |_, _| {});
        let mut wrong = |what: String| {
            tally.failures.push(format!("tampering {number} ({}): {what}", spoilt.story));
        };
        match (spoilt.expected, said) {
            (Expected::Window(sealed), Ok(report)) => {
                let stated = report.sealed.is_some_and(|at| at.seq == sealed);
                tally.after_the_checkpoint = tally.after_the_checkpoint.saturating_add(1);
                tally.window_stated = tally.window_stated.saturating_add(stated.into());
            }
            (Expected::Window(_), Err(failure)) => {
                tally.after_the_checkpoint = tally.after_the_checkpoint.saturating_add(1);
                wrong(format!("is in the window, and was said to be: {failure}"));
            }
            (Expected::Caught(..), Ok(_)) => {
                tally.tamperings = tally.tamperings.saturating_add(1);
                wrong("was not caught".to_owned());
            }
            (Expected::Caught(class, seq), Err(failure)) => {
                tally.tamperings = tally.tamperings.saturating_add(1);
                tally.caught = tally.caught.saturating_add(1);
                if (failure.class, failure.seq) != (class, Some(seq)) {
                    tally.misclassified = tally.misclassified.saturating_add(1);
                    wrong(format!("should be {class:?} at {seq}, and is {failure:?}"));
                }
            }
        }
    }
    Ok(tally)
}
