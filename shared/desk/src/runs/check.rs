//! Steps that look until what they look at is stable (S3-71): every so often, for so long, and no
//! longer than a limit.

use super::act::{Ending, Found, Look};
use super::jobs::{judged, program_job};
use crate::Desk;
use sha2::{Digest as _, Sha256};
use watchfire_domain::{Timestamp, hex};
use watchfire_edge::Fault;
use watchfire_runbook::Rendered;

impl Desk {
    /// `times`: how often it looks, for how long it must hold, and when it has failed, in
    /// milliseconds. What a lost carry knew is looked at anew: it then takes longer, and never
    /// less.
    pub(super) async fn check(
        &self,
        look: &Look<'_>,
        probe: Rendered,
        times: (i64, i64, i64),
    ) -> Result<Found, Fault> {
        let (every, stable_for, limit) = times;
        let now = self.clock.now();
        let mut carry = look.carry.clone().unwrap_or_default();
        carry.effect.clone_from(&look.turn.effect);
        let round = *carry.round.get_or_insert(now);
        let ending = match self.probed(look, probe, round).await? {
            Found::Over(ending) => ending,
            Found::Later(seconds, of_job) => {
                carry.missed = of_job.is_some_and(|carry| carry.missed);
                return Ok(Found::Later(seconds, Some(carry)));
            }
        };
        (carry.round, carry.missed) = (None, false);
        let Some(problem) = &ending.problem else {
            let since = *carry.since.get_or_insert(round);
            if now.since(since) >= stable_for {
                return Ok(Found::Over(ending));
            }
            return Ok(Found::Later(seconds(every), Some(carry)));
        };
        carry.since = None;
        if look.age(now) >= limit {
            let problem = format!("it was not stable in time: {problem}");
            return Ok(Found::Over(Ending { problem: Some(problem), ..ending }));
        }
        Ok(Found::Later(seconds(every), Some(carry)))
    }

    async fn probed(
        &self,
        look: &Look<'_>,
        probe: Rendered,
        round: Timestamp,
    ) -> Result<Found, Fault> {
        match probe {
            // It is asked again and again, and by two at once: it must change nothing.
            Rendered::Http(request) if !request.method.is_safe() => {
                Ok(Found::Over(Ending::failed("a probe only looks: with GET or HEAD")))
            }
            Rendered::Http(request) => self.sent(look, &request).await.map(Found::Over),
            Rendered::Command(program) => {
                let job = program_job(look.loaded, &name(&look.turn.effect, round), &program);
                // A round that has just begun is nobody's yet.
                let first = look.carry.as_ref().is_none_or(|carry| carry.round.is_none());
                let carry = look.carry.clone();
                let fresh = Look { loaded: look.loaded, turn: look.turn, first, carry };
                Ok(match self.job(&fresh, &job).await? {
                    Found::Over(ending) => Found::Over(judged(ending, &program)),
                    later @ Found::Later(..) => later,
                })
            }
            Rendered::Manual { .. }
            | Rendered::Ssm { .. }
            | Rendered::Wait { .. }
            | Rendered::Check { .. }
            | Rendered::Choose { .. }
            | Rendered::Transition { .. }
            | Rendered::Notify { .. }
            | Rendered::Export { .. } => {
                Err(Fault::Internal { reason: "a probe that looks at nothing".to_owned() })
            }
        }
    }
}

/// The name of a round's program: each round is a job of its own.
pub(super) fn name(effect: &str, round: Timestamp) -> String {
    let named = format!("watchfire-step-round/v1\0{effect}\0{}", round.millis());
    hex(&Sha256::digest(named)).chars().take(32).collect()
}

fn seconds(millis: i64) -> i64 {
    millis.div_euclid(1_000).max(1)
}
