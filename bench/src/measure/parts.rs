//! What the parts of a step cost, each by its slope: three of them, less one of them, halved.

use super::Places;
use crate::icount::{Counted, Valgrind};
use crate::scene::Step;
use crate::trouble::Trouble;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const WARM: u64 = 10;

/// The parts that `bench/parts` knows.
const PARTS: [&str; 6] = ["put", "get", "query", "transact", "start", "send"];

/// What was counted of the floor and the parts, in instructions.
#[derive(Debug, Clone, Serialize)]
pub struct Parts {
    /// A handler that echoes.
    pub floor: Counted,
    /// A handler that does one conditional write and nothing else.
    pub single: Counted,
    /// One more call of each kind, warm.
    pub calls: BTreeMap<&'static str, u64>,
    /// The first decision of the policy: its program is read for it.
    pub first_decision: u64,
    /// A later one, about what was not asked before.
    pub decision: u64,
    /// A signature, with a key that is made of its seed.
    pub signature: u64,
    /// The verification of one.
    pub verification: u64,
    /// The client of one more service, built beside the first one.
    pub further: u64,
    /// What reading the roots from a file costs more than having them built in.
    pub roots: u64,
}

impl Parts {
    /// Counts them. What is trusted, and where the cloud is, is the same as for functions.
    pub fn count(places: &Places, valgrind: &Valgrind) -> Result<Self, Trouble> {
        let scene = places.scene()?;
        let floor = places.program("floor", scene.env("floor"));
        let floor = valgrind.count(&floor, WARM, &mut |count| Ok(events(&json!({}), count)))?;
        let program = places.program("parts", scene.env("parts"));
        let pinned = places.program("parts", scene.pinned("parts"));
        let pinned = valgrind.instructions(&pinned, &[])?;
        let counted = |part: &str, times: u64| {
            let event = json!({ "part": part, "times": times });
            valgrind.count(&program, WARM, &mut |count| Ok(events(&event, count)))
        };
        let mut calls = BTreeMap::new();
        let single = counted("put", 1)?;
        for part in PARTS {
            let one = if part == "put" { single } else { counted(part, 1)? };
            let three = counted(part, 3)?;
            calls.insert(part, three.warm.saturating_sub(one.warm) / 2);
        }
        let decided = counted("decide", 1)?;
        let first_decision =
            decided.init_first.saturating_sub(decided.init).saturating_sub(floor.warm);
        let beyond = |counted: Counted| counted.warm.saturating_sub(floor.warm);
        let decision = beyond(decided);
        let signature = beyond(counted("sign", 1)?);
        let verification = beyond(counted("verify", 1)?);
        let event = |part: &str| json!({ "part": part, "times": 1 });
        let both = valgrind.instructions(&program, &[event("put"), event("client")])?;
        let further = both.saturating_sub(single.init_first).saturating_sub(floor.warm);
        let roots = single.init.saturating_sub(pinned);
        Ok(Self {
            floor,
            single,
            calls,
            first_decision,
            decision,
            signature,
            verification,
            further,
            roots,
        })
    }

    /// What a later event of `step` takes beside its calls: a runbook's step is decided about, which
    /// no process remembers; and sealing signs a checkpoint, and verifies the last one, its own, and
    /// that of the bundle.
    pub const fn beside(&self, step: Step) -> u64 {
        match step {
            Step::Run => self.decision,
            Step::Checkpoint => self.signature.saturating_add(self.verification.saturating_mul(3)),
            Step::Alarm
            | Step::AlarmAgain
            | Step::Api
            | Step::ApprovalPage
            | Step::Approve
            | Step::Close
            | Step::Create
            | Step::Hook
            | Step::Launch
            | Step::Observe
            | Step::Publish
            | Step::Stop
            | Step::Sweep => 0,
        }
    }
}

fn events(event: &Value, count: u64) -> Vec<Value> {
    (0..count).map(|_| event.clone()).collect()
}
