//! Steps that Watchfire does itself: it moves the incident, tells people, and exports.

use super::act::{Ending, Found, Look};
use super::carried::Carry;
use super::machine;
use crate::Desk;
use crate::messages;
use crate::plans::plan_of;
use serde_json::json;
use std::collections::BTreeMap;
use watchfire_domain::incident::Transition;
use watchfire_domain::{Audience, Incident, Status};
use watchfire_edge::Fault;

/// How long until the next look at an export, in seconds.
const EXPORT: i64 = 10;

impl Desk {
    /// Moves the incident, in the commit that ends the step.
    pub(super) async fn moved(
        &self,
        look: &Look<'_>,
        to: Status,
        rationale: Option<String>,
    ) -> Result<Found, Fault> {
        let incident = about(look)?;
        if incident.status == to {
            return Ok(Found::Over(Ending::passed(Vec::new())));
        }
        // The runbook that verifies the recovery may itself resolve what it has verified.
        let (spec, one) = (&look.loaded.spec, &look.loaded.execution);
        let owed = self.recovery_owed(&look.loaded.repo, incident, to).await?;
        if let Some(why) = owed.and_then(|owed| owed.withheld(spec, one, incident)) {
            return Ok(Found::Over(Ending::failed(why)));
        }
        let ask = Transition { to, rationale };
        Ok(Found::Over(match incident.transition(&ask, &machine(), self.clock.now()) {
            Ok(change) => Ending {
                moved: Some(Box::new(change)),
                ..Ending::passed(to.name().as_bytes().to_vec())
            },
            Err(rejected) => Ending::failed(rejected.to_string()),
        }))
    }

    /// Tells those targets of the incident's plan that are for the audience that the step names,
    /// each once; those for its stand-in if there are none.
    pub(super) async fn noticed(
        &self,
        look: &Look<'_>,
        audience: Audience,
        template: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Found, Fault> {
        let incident = about(look)?;
        let plan = plan_of(&look.loaded.repo, incident).await?;
        let told = |to: Audience| plan.as_ref().map(|plan| plan.told(to)).unwrap_or_default();
        let named = told(audience);
        let stand_in = audience.stand_in().filter(|_| named.is_empty());
        let targets = stand_in.map_or(named, told);
        if targets.is_empty() {
            let nor = stand_in.map_or_else(String::new, |one| format!(" and for `{}`", one.name()));
            return Ok(Found::Over(Ending::failed(format!(
                "nobody is told: the incident's response plan names nobody for `{}`{nor}",
                audience.name()
            ))));
        }
        let notice = messages::Notice { effect: &look.turn.effect, audience, template, values };
        let told = messages::noticed(targets, incident, &notice);
        let mut output = json!({ "audience": audience.name(), "told": told.len() });
        if let (Some(instead), Some(fields)) = (stand_in, output.as_object_mut()) {
            fields.insert("instead".to_owned(), json!(instead.name()));
        }
        let ending = Ending { told, ..Ending::passed(output.to_string().into_bytes()) };
        Ok(Found::Over(ending))
    }

    /// Has the incident sealed and exported, and waits until a bundle has what stood in the
    /// timeline when it was asked for.
    pub(super) async fn exported(&self, look: &Look<'_>, purpose: &str) -> Result<Found, Fault> {
        let incident = about(look)?;
        let repo = &look.loaded.repo;
        let carried = look.carry.as_ref().and_then(|carry| carry.seq);
        let Some(asked) = carried else {
            let head = repo.head(incident.id).await?;
            self.seal_soon(repo, incident.id).await?;
            let effect = look.turn.effect.clone();
            let seq = Some(head.map_or(0, |head| head.seq));
            let carry = Carry { effect, seq, ..Carry::default() };
            return Ok(Found::Later(EXPORT, Some(carry)));
        };
        match repo.export(incident.id).await?.filter(|export| export.seq >= asked) {
            Some(export) => {
                let output = json!({
                    "purpose": purpose, "location": export.location, "up_to": export.seq,
                });
                let evidence = vec![export.location];
                let ending = Ending::passed(output.to_string().into_bytes());
                Ok(Found::Over(Ending { evidence, ..ending }))
            }
            None => Ok(Found::Later(EXPORT, look.carry.clone())),
        }
    }
}

fn about<'a>(look: &Look<'a>) -> Result<&'a Incident, Fault> {
    let none = || Fault::Internal { reason: "the step needs an incident".to_owned() };
    look.loaded.incident.as_ref().ok_or_else(none)
}
