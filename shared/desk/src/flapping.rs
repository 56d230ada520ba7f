//! An alarm that goes on and off: its incident says so, and people are told once. The incident
//! stays open until the alarm would flap no more, so that nobody is told of each change.

use crate::Desk;
use crate::intake::Arrival;
use crate::messages::{self, Occasion};
use crate::settle::{TRIES, fault};
use watchfire_domain::alarm::Open;
use watchfire_domain::{EventType, IncidentId};
use watchfire_edge::Fault;
use watchfire_store::{Commit, Due, Refused};

impl Desk {
    /// Tells that the alarm flaps, if it does and nobody was told. It follows the transition's own
    /// commit; where it fails the transition is delivered again, and tells it then.
    pub(crate) async fn tell_flapping(
        &self,
        arrival: &Arrival<'_>,
        newest: &Open,
        incident: Option<IncidentId>,
    ) -> Result<(), Fault> {
        let Arrival { repo, plan, .. } = arrival;
        let rule = plan.flapping();
        let Some(id) = incident.filter(|_| newest.flaps(rule, arrival.alarm.at)) else {
            return Ok(());
        };
        for _ in 0..TRIES {
            let Some(row) = repo.incident(id).await? else { return Ok(()) };
            let draft = arrival
                .draft(EventType::AlarmFlapping)
                .with("changes", rule.changes)
                .with("minutes", rule.minutes);
            let Some(change) = row.record.flaps(draft) else { return Ok(()) };
            let queue = messages::of(plan, &change.after, Occasion::Flapping);
            let mut commit = Commit::on(id).change(change, Due::Keep);
            for message in &queue {
                commit = commit.message(message.clone(), self.clock.now());
            }
            match repo.commit(commit).await {
                Ok(_) => return self.deliver(repo, &queue).await,
                Err(Refused::Changed | Refused::Taken(_)) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }
}
