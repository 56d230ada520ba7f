//! When a process is killed: at calls that the seed draws, on either side of them.

use std::fmt;
use watchfire_bench::answerer::Call;
use watchfire_tests::chance::Chance;

/// About as many calls as a life has, twice: so that the kills lie all over it.
const CALLS: u64 = 560;
/// A step of the machine is tried three times.
const IN_A_ROW: u8 = 2;

/// The moment at which a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Its call has come in, and is never carried out.
    Before,
    /// Its call was carried out, and is never answered.
    After,
    /// It has answered, but Lambda was not told.
    Answered,
}

impl Moment {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Before => "before a call was carried out",
            Self::After => "after a call was carried out",
            Self::Answered => "before its answer was taken",
        }
    }
}

/// A kill, as a person can find it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kill {
    /// Whose process.
    pub(super) handler: String,
    delivery: u64,
    call: u64,
    operation: String,
    pub(super) moment: Moment,
}

impl fmt::Display for Kill {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { handler, delivery, call, operation, moment } = self;
        write!(out, "delivery {delivery}, `{handler}`, ")?;
        match moment {
            Moment::Before => write!(out, "call {call}, {operation}: killed, never carried out"),
            Moment::After => write!(out, "call {call}, {operation}: carried out, then killed"),
            Moment::Answered => write!(out, "all of its {call} calls done: killed, not answered"),
        }
    }
}

/// The plan of one life.
#[derive(Debug)]
pub(super) struct Plan {
    chance: Chance,
    left: u64,
    /// At most so many calls lie between two kills.
    apart: usize,
    gap: usize,
    in_a_row: u8,
    handler: String,
    deliveries: u64,
    calls: u64,
    /// Of the present delivery.
    own_calls: u64,
    kills: Vec<Kill>,
}

impl Plan {
    /// At most `left` kills.
    pub(super) fn new(mut chance: Chance, left: u64) -> Self {
        let apart = usize::try_from(CALLS / left.max(1)).unwrap();
        let gap = 1 + chance.below(apart);
        Self {
            chance,
            left,
            apart,
            gap,
            in_a_row: 0,
            handler: String::new(),
            deliveries: 0,
            calls: 0,
            own_calls: 0,
            kills: Vec::new(),
        }
    }

    /// A delivery begins.
    pub(super) fn begin(&mut self, handler: &str) {
        handler.clone_into(&mut self.handler);
        self.deliveries += 1;
        self.own_calls = 0;
    }

    /// A call comes in: whether its process dies, and when.
    pub(super) fn call(&mut self, call: &Call) -> Option<Moment> {
        self.calls += 1;
        self.own_calls += 1;
        if !self.falls() {
            return None;
        }
        let moment = *self.chance.pick(&[Moment::Before, Moment::After]);
        self.note(format!("{} {}", call.service, call.operation), moment);
        Some(moment)
    }

    /// The delivery is answered: whether its process dies all the same.
    pub(super) fn answered(&mut self) -> bool {
        let falls = self.falls();
        if falls {
            self.note(String::new(), Moment::Answered);
        } else {
            self.in_a_row = 0;
        }
        falls
    }

    fn falls(&mut self) -> bool {
        if self.left == 0 || self.in_a_row >= IN_A_ROW {
            return false;
        }
        self.gap -= 1;
        if self.gap > 0 {
            return false;
        }
        self.gap = 1 + self.chance.below(self.apart);
        self.left -= 1;
        self.in_a_row += 1;
        true
    }

    fn note(&mut self, operation: String, moment: Moment) {
        let (handler, delivery, call) = (self.handler.clone(), self.deliveries, self.own_calls);
        self.kills.push(Kill { handler, delivery, call, operation, moment });
    }

    pub(super) fn kills(&self) -> &[Kill] {
        &self.kills
    }

    /// How many deliveries there were, the repeated ones too.
    pub(super) const fn deliveries(&self) -> u64 {
        self.deliveries
    }

    pub(super) const fn calls(&self) -> u64 {
        self.calls
    }
}
