//! Response plans and severity profiles: documents that a tenant's administrators write, kept in
//! versions.

use crate::incidents::{Ask, Written};
use crate::opening::marked;
use crate::settle::{TRIES, fault};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use watchfire_domain::{Incident, Plan, Problem, Profile};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_store::{Refused, Repo, Versioned};

/// The incident's response plan as it is now, if it has one.
pub(crate) async fn plan_of(repo: &Repo, incident: &Incident) -> Result<Option<Plan>, Fault> {
    let Some(name) = &incident.plan else { return Ok(None) };
    Ok(repo.newest_of::<Plan>(name).await?)
}

/// A document of a tenant's that is kept in versions.
pub trait Document: Versioned + PartialEq + 'static {
    /// Its name in answers.
    const WORD: &'static str;
    /// What the policies call it.
    const KIND: ResourceKind;
    /// What reading it is called.
    const VIEW: Action;
    /// What storing it is called.
    const PUT: Action;
    /// The same under another version.
    #[must_use]
    fn numbered(self, version: u32) -> Self;
    /// All that is wrong with it.
    fn check(&self) -> Vec<Problem>;
    /// The names of the documents that every desk has: nobody stores over them.
    fn built_in_names() -> &'static [&'static str] {
        &[]
    }
    /// The one that every desk has under this name.
    fn built_in(_name: &str) -> Option<Self> {
        None
    }
    /// The clearance that the incidents it makes ask for.
    fn clearance(&self) -> u8 {
        0
    }
    /// The profile that it leans on, if it does.
    fn leans_on(&self) -> Option<&str> {
        None
    }
    /// The runbook that verifies recoveries by it, if it names one.
    fn recovery(&self) -> Option<&str> {
        None
    }
}

impl Document for Plan {
    const WORD: &'static str = "plan";
    const KIND: ResourceKind = ResourceKind::Plan;
    const VIEW: Action = Action::PlanView;
    const PUT: Action = Action::PlanPut;
    fn numbered(self, version: u32) -> Self {
        Self { version, ..self }
    }
    fn check(&self) -> Vec<Problem> {
        Self::check(self)
    }
    fn clearance(&self) -> u8 {
        self.clearance
    }
    fn leans_on(&self) -> Option<&str> {
        Some(&self.profile)
    }
    fn recovery(&self) -> Option<&str> {
        self.recovery.as_deref()
    }
}

impl Document for Profile {
    const WORD: &'static str = "profile";
    const KIND: ResourceKind = ResourceKind::Profile;
    const VIEW: Action = Action::ProfileView;
    const PUT: Action = Action::ProfilePut;
    fn numbered(self, version: u32) -> Self {
        Self { version, ..self }
    }
    fn check(&self) -> Vec<Problem> {
        let mut problems = Self::check(self);
        if Self::built_in(&self.name).is_some() {
            problems.push(Problem::new("name", "is built in: take another"));
        }
        problems
    }
    fn built_in_names() -> &'static [&'static str] {
        &Self::BUILT_IN
    }
    fn built_in(name: &str) -> Option<Self> {
        Self::built_in(name)
    }
}

impl Desk {
    fn guarded<D: Document>(&self, caller: &Caller, action: Action) -> Result<Repo, Fault> {
        let resource = Resource::new(<D as Document>::KIND, caller.tenant.as_str());
        self.allow(caller, action, &resource, &Context::none())?;
        Ok(self.table.of(&caller.tenant))
    }

    /// The newest version of every document of this kind, by name; the built-in ones first.
    #[boxed]
    pub async fn documents<D: Document>(&self, caller: &Caller) -> Result<Vec<D>, Fault> {
        let repo = self.guarded::<D>(caller, D::VIEW)?;
        let mut all: Vec<D> =
            D::built_in_names().iter().filter_map(|name| D::built_in(name)).collect();
        all.extend(repo.all_of::<D>().await?);
        Ok(all)
    }

    /// The newest version of the document of this name.
    #[boxed]
    pub async fn document<D: Document>(&self, caller: &Caller, name: &str) -> Result<D, Fault> {
        let repo = self.guarded::<D>(caller, D::VIEW)?;
        if let Some(built_in) = D::built_in(name) {
            return Ok(built_in);
        }
        repo.newest_of(name).await?.ok_or(Fault::NotFound)
    }

    /// Stores the document as the next version of its name. What is there already, to the letter,
    /// makes no new version.
    #[boxed]
    pub async fn put_document<D: Document>(
        &self,
        caller: &Caller,
        ask: &Ask,
        document: D,
    ) -> Result<Written, Fault> {
        let repo = self.guarded::<D>(caller, D::PUT)?;
        let mark = ask.mark(caller);
        if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
            return Ok(written);
        }
        let mut problems = document.check();
        if let Some(profile) = document.leans_on()
            && Profile::built_in(profile).is_none()
            && repo.newest_of::<Profile>(profile).await?.is_none()
        {
            problems.push(Problem::new("profile", "is not a profile of this tenant"));
        }
        // What is no name is said already, and nothing can be read by it.
        if let Some(runbook) = document.recovery()
            && !problems.iter().any(|problem| problem.field == "recovery")
            && let Some(problem) = self.no_recovery(&repo, runbook).await?
        {
            problems.push(Problem::new("recovery", problem));
        }
        if !problems.is_empty() {
            return Err(Fault::Invalid { problems });
        }
        for _ in 0..TRIES {
            let newest: Option<D> = repo.newest_of(document.name()).await?;
            // Who cannot see its incidents names nobody who does, and opens them to nobody.
            let asks = newest.as_ref().map_or(0, D::clearance).max(document.clearance());
            if asks > 0 {
                let mut resource = Resource::new(<D as Document>::KIND, caller.tenant.as_str());
                resource.required_clearance = asks.into();
                self.decide_shown(&caller.actor, D::PUT, &resource, &Context::none())?;
            }
            let version = newest.as_ref().map_or(0, Versioned::version);
            if ask.expect.is_some_and(|expected| expected != u64::from(version)) {
                return Err(Fault::Stale);
            }
            if newest.as_ref() == Some(&document.clone().numbered(version)) {
                return self.unchanged(&repo, mark, answer(newest.as_ref())).await;
            }
            repo.list_tenant().await?;
            let next = document.clone().numbered(version.saturating_add(1));
            let status = if version == 0 { 201 } else { 200 };
            let (body, stored) = (answer(Some(&next)), answer(Some(&next)));
            let mark = marked(mark.clone(), status, move |_| stored.clone());
            match repo.put_version(&next, mark).await {
                Ok(()) => return Ok(Written::new(status, body)),
                Err(Refused::Changed) => {}
                Err(Refused::Repeat(stored)) => return Written::replay(stored, &ask.body),
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    /// Why a plan cannot name this runbook as the one that verifies its recoveries: no incident of
    /// it could ever be resolved.
    async fn no_recovery(&self, repo: &Repo, runbook: &str) -> Result<Option<&str>, Fault> {
        let Some(newest) = repo.runbook(runbook).await?.and_then(|found| found.published) else {
            return Ok(Some("is no published runbook"));
        };
        let verifies = self.verifier(repo, runbook, newest.version).await?.is_some();
        Ok((!verifies).then_some("does not say `verifies: recovery`"))
    }
}

/// A document stands in no timeline, so that there is no receipt.
fn answer<D: Document>(document: Option<&D>) -> String {
    json!({ D::WORD: document, "receipt": Value::Null }).to_string()
}
