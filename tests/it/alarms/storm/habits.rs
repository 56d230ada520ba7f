//! What the keys have to say, a transition a minute each.

use super::super::BY_CLUSTER;
use super::super::queue::{Told, read};
use crate::world::World;
use serde_json::json;
use watchfire_domain::MINUTE;
use watchfire_domain::alarm::{Alarm, AlarmState};
use watchfire_domain::plan::render;
use watchfire_ports::Clock as _;

/// How many keys, and how many transitions each of them has: an even number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) keys: usize,
    pub(super) each: usize,
}

/// How the alarms of a key behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// Alarms that share the key through the plan's template all fire; one of them is critical.
    AllFire,
    /// Half as many alarms share the key; each fires and is well again.
    Pairs,
    /// One alarm that fires again and again, and fires in the end.
    FlapsOn,
    /// The same, but it is well in the end.
    FlapsOff,
}

/// The states of an alarm that flaps, again and again; the last is its habit's.
const FLAPS: [AlarmState; 8] = {
    use AlarmState::{Alarm, InsufficientData, Ok};
    [Alarm, Ok, Alarm, InsufficientData, Alarm, Ok, Alarm, Ok]
};

impl Habit {
    fn of(key: usize) -> Self {
        let all = [Self::AllFire, Self::Pairs, Self::FlapsOn, Self::FlapsOff];
        *all.iter().cycle().nth(key).unwrap()
    }

    /// Whether it is all well in the end.
    pub(super) fn ends_well(self) -> bool {
        matches!(self, Self::Pairs | Self::FlapsOff)
    }

    /// The name and the state of its `n`th transition of so many.
    fn transition(self, key: usize, n: usize, each: usize) -> (String, AlarmState) {
        let last = n.saturating_add(1) == each;
        let on = |fires: bool| if fires { AlarmState::Alarm } else { AlarmState::Ok };
        match self {
            Self::AllFire => (format!("fleet-{key}-{n}"), AlarmState::Alarm),
            Self::Pairs => {
                let fires = n.is_multiple_of(2);
                (format!("fleet-{key}-{}", n.div_euclid(2)), on(fires))
            }
            Self::FlapsOn if last => (format!("flap-{key}"), AlarmState::Alarm),
            Self::FlapsOff if last => (format!("flap-{key}"), AlarmState::Ok),
            Self::FlapsOn | Self::FlapsOff => {
                (format!("flap-{key}"), *FLAPS.iter().cycle().nth(n).unwrap())
            }
        }
    }
}

/// A transition of the storm.
#[derive(Debug, Clone)]
pub(super) struct One {
    pub(super) body: String,
    pub(super) alarm: Alarm,
    pub(super) habit: Habit,
    pub(super) key: String,
}

/// All transitions, of each key one a minute from now on.
pub(super) fn transitions(world: &World, shape: Shape) -> Vec<One> {
    let start = world.clock.now();
    let mut all = Vec::new();
    for key in 0..shape.keys {
        let (habit, cluster) = (Habit::of(key), format!("cluster-{key}"));
        for n in 0..shape.each {
            let (name, state) = habit.transition(key, n, shape.each);
            let at = start.plus(MINUTE.saturating_mul(i64::try_from(n).unwrap()));
            let mut told = Told { cluster: &cluster, ..Told::new(&name, state, at) };
            if habit == Habit::AllFire && n == 6 {
                told.tags = json!({ "severity": "critical" });
            }
            let body = told.event().to_string();
            let alarm = read(&body);
            let shares = matches!(habit, Habit::AllFire | Habit::Pairs);
            let key = alarm.key(shares.then(|| render(BY_CLUSTER, &alarm)).as_deref());
            all.push(One { body, alarm, habit, key });
        }
    }
    all
}
