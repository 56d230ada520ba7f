//! What a step may say of its incident without anybody typing it.

use super::Loaded;
use crate::Desk;
use watchfire_edge::Fault;
use watchfire_runbook::spec::places::actions;
use watchfire_runbook::template::{self, Fact};
use watchfire_runbook::{Facts, Step};

impl Desk {
    /// What is known of the incident. The profile is read for a step that says the severity's
    /// label, or whose way back does, and for no other: a step is looked at every few seconds.
    pub(crate) async fn facts(&self, loaded: &Loaded, step: &Step) -> Result<Option<Facts>, Fault> {
        let Some(incident) = &loaded.incident else { return Ok(None) };
        if !says_label(step) {
            return Ok(Some(Facts::of(incident, None)));
        }
        let profile = self.pinned_profile(&loaded.repo, incident).await?;
        Ok(Some(Facts::of(incident, Some(&profile.level(incident.severity).label))))
    }
}

fn says_label(step: &Step) -> bool {
    actions(step, "").into_iter().any(|(path, action)| {
        let says = |text| template::facts(text).contains(&Fact::SeverityLabel);
        action.templates(&path).iter().any(|placed| says(placed.text))
    })
}
