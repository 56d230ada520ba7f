//! Read, decide, commit; and again, if somebody else was faster.

use crate::Desk;
use watchfire_domain::{Change, Environment, EnvironmentId, Rejected};
use watchfire_edge::Fault;
use watchfire_store::{Commit, Due, Refused, Repo, Row};

/// How often a decision is made anew when the record changed meanwhile.
pub(crate) const TRIES: u32 = 16;

/// A refusal that deciding again would not mend, in words for the caller.
pub(crate) fn fault(refused: Refused) -> Fault {
    match refused {
        Refused::Taken(what) => Fault::Internal { reason: format!("`{what}` is taken") },
        Refused::Changed | Refused::Repeat(_) => Fault::Conflict,
        Refused::Port(error) => Fault::Port(error),
    }
}

/// What is decided of an environment: a change, or nothing.
pub(crate) type Decide<'a> =
    dyn Fn(&Environment) -> Result<Option<Change<Environment>>, Rejected> + Send + Sync + 'a;

/// What follows a commit may fail without undoing it: the sweep finds it by the record.
pub(crate) fn left_to_sweep(done: Result<(), Fault>) {
    if let Err(error) = done {
        tracing::warn!("An effect is left to the sweep: {}", watchfire_edge::chain(&error));
    }
}

impl Desk {
    /// Decides on the environment as it stands, until the decision could be written. What
    /// `decide` leaves alone is given back as it stands.
    pub(crate) async fn settle(
        &self,
        repo: &Repo,
        id: EnvironmentId,
        due: &(dyn Fn(&Row<Environment>) -> Due + Send + Sync),
        decide: &Decide<'_>,
    ) -> Result<Environment, Fault> {
        for _ in 0..TRIES {
            let row = repo.environment(id).await?.ok_or(Fault::NotFound)?;
            let Some(change) = decide(&row.record)? else { return Ok(row.record) };
            let after = change.after.clone();
            match repo.commit(Commit::on(id.incident).change(change, due(&row))).await {
                Ok(_) => return Ok(after),
                Err(Refused::Changed) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }
}

/// The due time stays as it is.
pub(crate) fn keep(_row: &Row<Environment>) -> Due {
    Due::Keep
}
