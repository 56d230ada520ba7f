//! Opening an incident, by alarm or by hand: one commit, then its lifecycle and its messages.

use crate::messages::{self, Occasion};
use crate::settle::fault;
use crate::{Caller, Desk};
use watchfire_domain::environment::{self, Spec, State};
use watchfire_domain::incident::{Incident, Opening};
use watchfire_domain::{
    Actor, Change, Draft, Environment, EnvironmentId, EventType, MINUTE, Plan, Profile, Timestamp,
};
use watchfire_edge::Fault;
use watchfire_ports::{Message, PortError};
use watchfire_store::{Commit, Due, Mark, Receipt, Refused, Repo, Slot};

/// How many letters a display id may need: 3 tell 32 768 incidents of one minute apart.
const LETTERS: [usize; 4] = [0, 3, 6, 12];
/// When `sweep` first looks at an environment: its machine should have begun by then.
pub(crate) const FIRST_LOOK: i64 = 3 * MINUTE;

/// An incident that was opened.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) incident: Incident,
    pub(crate) environment: Option<Environment>,
    pub(crate) messages: Vec<Message>,
    pub(crate) receipt: Receipt,
}

impl Desk {
    /// Opens an incident. `add` puts what else belongs to the commit: the alarm's items, a mark.
    pub(crate) async fn open(
        &self,
        caller: &Caller,
        plan: Option<&Plan>,
        profile: &Profile,
        opening: Opening,
        actor: &Actor,
        add: &mut (dyn FnMut(Commit, &Incident) -> Commit + Send),
    ) -> Result<Opened, Refused> {
        let repo = self.table.of(&caller.tenant);
        repo.list_tenant().await.map_err(Refused::Port)?;
        let now = self.clock.now();
        let spec = plan.and_then(|plan| plan.environment.as_ref());
        let mut slot = Claim::Free;
        let known = usize::from(self.minutes.is_taken(&caller.tenant, now));
        let mut letters = LETTERS.into_iter().skip(known);
        let mut count = letters.next().unwrap_or_default();
        loop {
            let change =
                Incident::open(&caller.tenant, profile, opening.clone(), count, actor, now);
            let incident = change.after.clone();
            let queue: Vec<Message> = plan
                .map(|plan| messages::of(plan, &incident, Occasion::Opened))
                .unwrap_or_default();
            let mut commit = Commit::on(incident.id)
                .fresh()
                .change(change, Due::Keep)
                .display(&incident.display_id);
            let mut requested = None;
            if let Some(spec) = spec {
                if slot == Claim::Taken {
                    commit = commit.event(slot_taken(spec, actor));
                } else {
                    let change = self.request(&incident, spec, 1, actor, now);
                    requested = Some(change.after.clone());
                    commit = claim(commit, caller, &change.after, slot.over())
                        .change(change, Due::At(now.plus(FIRST_LOOK)));
                }
            }
            for message in &queue {
                commit = commit.message(message.clone(), now);
            }
            match repo.commit(add(commit, &incident)).await {
                Ok(receipt) => {
                    self.minutes.take(&caller.tenant, now);
                    return Ok(Opened {
                        incident,
                        environment: requested,
                        messages: queue,
                        receipt,
                    });
                }
                Err(Refused::Taken("display")) => {
                    self.minutes.take(&caller.tenant, now);
                    match letters.next() {
                        Some(more) => count = more,
                        None => return Err(Refused::Taken("display")),
                    }
                }
                // If somebody else investigates that cluster and number, the incident opens all the
                // same, and its timeline says why it has no environment.
                Err(Refused::Taken("slot")) => {
                    slot = match (slot, requested) {
                        (Claim::Free, Some(wanted)) => self.claimable(caller, &wanted).await?,
                        _ => Claim::Taken,
                    };
                }
                Err(refused) => return Err(refused),
            }
        }
    }

    /// What follows the commit: the lifecycle and the messages. A repeat finds them done.
    pub(crate) async fn after_opening(
        &self,
        repo: &Repo,
        environment: Option<&Environment>,
        queue: &[Message],
    ) -> Result<(), Fault> {
        if let Some(environment) = environment
            && environment.state == State::Requested
        {
            self.start(repo.tenant(), environment).await?;
        }
        self.deliver(repo, queue).await
    }

    /// A request for environment `n` of the incident.
    pub(crate) fn request(
        &self,
        incident: &Incident,
        spec: &Spec,
        n: u16,
        actor: &Actor,
        now: Timestamp,
    ) -> Change<Environment> {
        let id = EnvironmentId { incident: incident.id, n };
        let number = incident.display_id.strip_prefix("INC-").unwrap_or(&incident.display_id);
        let prefix = format!("{}-{}", self.config.family_prefix, self.config.stage);
        Environment::request(id, spec, number, &prefix, actor, now)
    }

    /// Whether the slot that `wanted` needs can be had: it is free, or the tenant's own and its
    /// environment is closed.
    pub(crate) async fn claimable(
        &self,
        caller: &Caller,
        wanted: &Environment,
    ) -> Result<Claim, PortError> {
        let slot = environment::slot(&wanted.cluster_id, &wanted.number);
        let Some(held) = self.table.slot(&slot).await? else { return Ok(Claim::Free) };
        if held.tenant != caller.tenant {
            return Ok(Claim::Taken);
        }
        let last = self.table.of(&held.tenant).environment(held.environment).await?;
        let closed = last.is_none_or(|row| row.record.state == State::Closed);
        Ok(if closed { Claim::Over(held) } else { Claim::Taken })
    }

    /// The profile of this name: the tenant's newest version, or the built-in one.
    pub(crate) async fn profile(&self, repo: &Repo, name: &str) -> Result<Profile, PortError> {
        if let Some(profile) = repo.newest_of::<Profile>(name).await? {
            return Ok(profile);
        }
        Ok(Profile::built_in(name).unwrap_or_else(Profile::sev))
    }

    /// The profile that the incident was opened under, in its pinned version.
    pub(crate) async fn pinned_profile(
        &self,
        repo: &Repo,
        incident: &Incident,
    ) -> Result<Profile, PortError> {
        let pinned = &incident.profile;
        match repo.version_of::<Profile>(&pinned.name, pinned.version).await? {
            Some(profile) => Ok(profile),
            None => self.profile(repo, &pinned.name).await,
        }
    }
}

/// Adds the claim of the environment's slot to a commit.
pub(crate) fn claim(
    commit: Commit,
    caller: &Caller,
    environment: &Environment,
    over: Option<Slot>,
) -> Commit {
    let slot = environment::slot(&environment.cluster_id, &environment.number);
    let claim = Slot { tenant: caller.tenant.clone(), environment: environment.id };
    commit.slot(&slot, claim, over)
}

/// Whether an environment slot can be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nobody ever used it.
    Free,
    /// This closed environment of the same tenant used it last.
    Over(Slot),
    /// It is another's.
    Taken,
}

impl Claim {
    pub(crate) fn over(&self) -> Option<Slot> {
        match self {
            Self::Over(slot) => Some(slot.clone()),
            Self::Free | Self::Taken => None,
        }
    }
}

fn slot_taken(spec: &Spec, actor: &Actor) -> Draft {
    Draft::new(EventType::EnvironmentFailed, actor)
        .with("phase", "request")
        .with("cluster_id", spec.cluster_id.as_str())
        .with("reason", "this cluster and number have an environment that is not closed")
}

/// A mark that stores `answer`.
pub(crate) fn marked(
    mark: Option<(String, String)>,
    status: u16,
    answer: impl Fn(&Receipt) -> String + Send + Sync + 'static,
) -> Option<Mark> {
    mark.map(|(key, body)| Mark { key, body, status, answer: Box::new(answer) })
}

/// A refusal of opening, in words.
pub(crate) fn refused(refused: Refused) -> Fault {
    if matches!(refused, Refused::Taken("slot")) { Fault::SlotTaken } else { fault(refused) }
}
