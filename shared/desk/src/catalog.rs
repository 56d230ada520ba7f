//! The runbook catalogue (S3-54..56): drafts, versions that never change, and when they are read
//! again.

use crate::incidents::{Ask, Written};
use crate::opening::marked;
use crate::settle::{TRIES, fault};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use watchfire_domain::{Problem, Timestamp, hex, uuid_v7};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_runbook::Spec;
use watchfire_runbook::catalog::{FINDINGS, Publisher, Refusal, Runbook, Version};
use watchfire_runbook::lint::Severity;
use watchfire_store::{Refused, Repo};

/// How many runbooks a tenant may have: a list comes whole.
const MOST: usize = 500;

/// Where the provenance of what is published lies in the locked bucket.
const PROVENANCE: &str = "runbooks";

/// Which spec of a runbook is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// That of the newest published version; the draft's if nothing is published.
    Newest,
    /// The draft's: what would be published next.
    Draft,
    /// That of this published version.
    Version(u32),
}

/// Which runbooks a list has: all, but for what is said here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunbooksAsk {
    /// Those alone whose review is overdue.
    pub overdue: bool,
    /// Those alone that name this as a source, such as an incident by its display id (S1-41).
    pub source: Option<String>,
}

/// What is to become of a runbook.
enum Next {
    /// This, with the version that is published.
    Put(Box<Runbook>, Option<Box<Version>>),
    /// Nothing is left of it.
    Gone,
    /// It is that already.
    Same,
}

impl Desk {
    /// The tenant's runbooks that are asked for, by name. What they say of their sources is
    /// compared as text, and no incident is looked at: that there is one is told to nobody.
    #[boxed]
    pub async fn runbooks(
        &self,
        caller: &Caller,
        asked: &RunbooksAsk,
    ) -> Result<Vec<Value>, Fault> {
        let resource = Resource::new(ResourceKind::Runbook, caller.tenant.as_str());
        self.allow(caller, Action::RunbookList, &resource, &Context::none())?;
        let now = self.clock.now();
        let repo = self.table.of(&caller.tenant);
        let (mut all, uses) = (repo.runbooks().await?, repo.uses().await?);
        for one in &mut all {
            one.usage_count = uses.get(&one.name).copied().unwrap_or_default();
        }
        let listed = all.iter().filter(|runbook| {
            let from = asked.source.as_ref().is_none_or(|source| runbook.is_from(source));
            from && (!asked.overdue || runbook.is_overdue(now))
        });
        Ok(listed.map(|runbook| listed_as(runbook, now)).collect())
    }

    /// A runbook with a spec; and of a version who wrote, published and agreed to it, and where that
    /// is kept.
    #[boxed]
    pub async fn runbook(&self, caller: &Caller, id: &str, which: Which) -> Result<Value, Fault> {
        let repo = self.table.of(&caller.tenant);
        let runbook = self.runbook_of(caller, Action::RunbookView, &repo, id).await?;
        let wanted = match which {
            Which::Newest => runbook.published.as_ref().map(|newest| newest.version),
            Which::Draft => None,
            Which::Version(version) => Some(version),
        };
        let (spec, origin) = match wanted {
            Some(version) => {
                let found = repo.runbook_version(&runbook.name, version).await?;
                let found = found.ok_or(Fault::NotFound)?;
                let origin = self.origin(caller, &found);
                (found.spec, Some(origin))
            }
            None => (runbook.draft.as_ref().ok_or(Fault::NotFound)?.spec.clone(), None),
        };
        let runbook = shown(&runbook, self.clock.now());
        Ok(json!({ "runbook": runbook, "spec": spec, "version": wanted, "origin": origin }))
    }

    /// Where a version comes from (S3-31 to S3-33). Its place in the bucket follows from what lies
    /// there; of one that was published before agreements were kept, it is not known any more.
    fn origin(&self, caller: &Caller, version: &Version) -> Value {
        let place = version
            .approvals
            .first()
            .map(|agreed| self.vault.location(&provenance(caller, version, &agreed.policy_hash).0));
        json!({
            "spec_hash": version.spec_hash,
            "author": version.author,
            "editors": version.editors,
            "published_by": version.published_by,
            "published_at": version.published_at,
            "approvals": version.approvals,
            "lineage": version.lineage,
            "provenance": place,
        })
    }

    /// Begins a runbook: its first draft.
    #[boxed]
    pub async fn create_runbook(
        &self,
        caller: &Caller,
        ask: &Ask,
        spec: Spec,
    ) -> Result<Written, Fault> {
        let repo = self.table.of(&caller.tenant);
        let resource = Resource::new(ResourceKind::Runbook, caller.tenant.as_str());
        self.allow(caller, Action::RunbookCreate, &resource, &Context::none())?;
        let mark = ask.mark(caller);
        if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
            return Ok(written);
        }
        if repo.runbook(&spec.name).await?.is_some() {
            return Err(Fault::invalid("name", "is another runbook's: change that one's draft"));
        }
        if repo.runbooks().await?.len() >= MOST {
            return Err(Fault::invalid(".", format!("there are {MOST} runbooks already")));
        }
        let now = self.clock.now();
        let id = uuid_v7(now, self.ids.ten()).to_string();
        let new = Runbook::begun(id, spec, &caller.actor.id, now).map_err(refused)?;
        let body = answer(&new, now);
        let stored = body.clone();
        let mark = marked(mark, 201, move |_| stored.clone());
        repo.list_tenant().await?;
        match repo.put_runbook(None, Some(&new), None, mark).await {
            Ok(()) => Ok(Written::new(201, body)),
            Err(Refused::Repeat(stored)) => Written::replay(stored, &ask.body),
            Err(refused) => Err(fault(refused)),
        }
    }

    /// Writes a runbook's draft anew.
    #[boxed]
    pub async fn draft_runbook(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: &str,
        spec: Spec,
    ) -> Result<Written, Fault> {
        let (by, now) = (caller.actor.id.clone(), self.clock.now());
        self.change_runbook(caller, ask, id, Action::RunbookUpdate, &|runbook| {
            let next = runbook.drafted(spec.clone(), &by, now)?;
            Ok(next.map_or(Next::Same, |next| Next::Put(Box::new(next), None)))
        })
        .await
    }

    /// Deletes a runbook's draft, and the runbook if nothing of it is published.
    #[boxed]
    pub async fn delete_draft(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: &str,
    ) -> Result<Written, Fault> {
        self.change_runbook(caller, ask, id, Action::RunbookDelete, &|runbook| {
            let left = runbook.undrafted()?;
            Ok(left.map_or(Next::Gone, |left| Next::Put(Box::new(left), None)))
        })
        .await
    }

    /// Publishes a runbook's draft as its next version. `ask` expects the record that was read:
    /// whoever publishes agrees to that draft, and to none that came since.
    #[boxed]
    pub async fn publish_runbook(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: &str,
    ) -> Result<Written, Fault> {
        let now = self.clock.now();
        let by = Publisher {
            id: caller.actor.id.clone(),
            role: caller.actor.role.name().to_owned(),
            policy_hash: self.policies.hash().to_owned(),
        };
        let place = |version: &Version| {
            self.vault.location(&provenance(caller, version, self.policies.hash()).0)
        };
        self.change_runbook(caller, ask, id, Action::RunbookPublish, &|runbook| {
            let (next, version) = runbook.published(&by, now, place)?;
            Ok(Next::Put(Box::new(next), Some(Box::new(version))))
        })
        .await
    }

    /// Says that a runbook's newest version was read again and still holds (S4-38).
    #[boxed]
    pub async fn review_runbook(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: &str,
    ) -> Result<Written, Fault> {
        let repo = self.table.of(&caller.tenant);
        let found = self.runbook_of(caller, Action::RunbookReview, &repo, id).await?;
        let newest = found.published.as_ref().map_or(0, |newest| newest.version);
        let version = repo.runbook_version(&found.name, newest).await?;
        let version = version.ok_or_else(|| refused(Refusal::NotPublished))?;
        let (by, now) = (caller.actor.id.clone(), self.clock.now());
        self.change_runbook(caller, ask, id, Action::RunbookReview, &|runbook| {
            Ok(Next::Put(Box::new(runbook.reviewed(&version, &by, now)?), None))
        })
        .await
    }

    async fn change_runbook(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: &str,
        action: Action,
        decide: &(dyn Fn(&Runbook) -> Result<Next, Refusal> + Send + Sync),
    ) -> Result<Written, Fault> {
        let repo = self.table.of(&caller.tenant);
        let mark = ask.mark(caller);
        for _ in 0..TRIES {
            // A repeat may come when the runbook is gone, or no draft any more.
            if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
                return Ok(written);
            }
            let before = self.runbook_of(caller, action, &repo, id).await?;
            if ask.expect.is_some_and(|version| version != before.version) {
                return Err(Fault::Stale);
            }
            let (after, version) = match decide(&before).map_err(refused)? {
                Next::Put(after, version) => (Some(after), version),
                Next::Gone => (None, None),
                Next::Same => {
                    let answer = answer(&before, self.clock.now());
                    return self.unchanged(&repo, mark, answer).await;
                }
            };
            if let Some(version) = &version {
                self.keep_provenance(caller, version).await?;
            }
            let body = answer(after.as_deref().unwrap_or(&before), self.clock.now());
            let stored = body.clone();
            let mark = marked(mark.clone(), 200, move |_| stored.clone());
            let written =
                repo.put_runbook(Some(&before), after.as_deref(), version.as_deref(), mark);
            match written.await {
                Ok(()) => {
                    tracing::info!(runbook.name = %before.name, action = action.name(),
                        "Changed a runbook");
                    return Ok(Written::new(200, body));
                }
                Err(Refused::Changed) => {}
                Err(Refused::Repeat(stored)) => return Written::replay(stored, &ask.body),
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    /// Keeps it, before the version is published. That it is there already is no fault: it is the
    /// same.
    async fn keep_provenance(&self, caller: &Caller, version: &Version) -> Result<(), Fault> {
        let (name, text) = provenance(caller, version, self.policies.hash());
        self.vault.put_new(&name, text.into_bytes()).await?;
        Ok(())
    }

    /// The runbook of this id or name, if the caller may do that to it.
    pub(crate) async fn runbook_of(
        &self,
        caller: &Caller,
        action: Action,
        repo: &Repo,
        id: &str,
    ) -> Result<Runbook, Fault> {
        let named = repo.runbook(id).await?;
        let found = match named {
            Some(found) => Some(found),
            None if is_uuid(id) => {
                repo.runbooks().await?.into_iter().find(|runbook| runbook.id == id)
            }
            None => None,
        };
        let Some(mut found) = found else {
            // Who may not even list them hears that, and not what there is.
            let resource = Resource::new(ResourceKind::Runbook, caller.tenant.as_str());
            self.allow(caller, Action::RunbookList, &resource, &Context::none())?;
            return Err(Fault::NotFound);
        };
        self.allow(caller, action, &of_runbook(caller, action, &found), &Context::none())?;
        found.usage_count = repo.used(&found.name).await?;
        Ok(found)
    }
}

/// What is published, by whom and under which rules; and its name in the bucket, which has the digest
/// of it. What another try left there, of somebody else or at another time, has another name; which
/// of them counted the record says, and the next version's `supersedes`.
fn provenance(caller: &Caller, version: &Version, policy_hash: &str) -> (String, String) {
    let (tenant, name) = (caller.tenant.as_str(), &version.spec.name);
    let told = json!({ "v": 1, "tenant": tenant, "runbook": version, "policy_hash": policy_hash });
    let text = told.to_string();
    let digest = hex(&Sha256::digest(&text));
    (format!("{PROVENANCE}/{tenant}/{name}/{:06}-{digest}.json", version.version), text)
}

/// A runbook, as the policies see it: its draft if that is what the action is about.
pub(crate) fn of_runbook(caller: &Caller, action: Action, runbook: &Runbook) -> Resource {
    let resource = Resource::new(ResourceKind::Runbook, caller.tenant.as_str());
    let names = |editors: &BTreeMap<String, Timestamp>| editors.keys().cloned().collect::<Vec<_>>();
    match (action, &runbook.draft, &runbook.published) {
        (Action::RunbookReview, _, Some(newest)) => resource
            .status("published")
            .risk(newest.risk.name())
            .drafted(0, &caller.actor.id, &names(&newest.editors)),
        // What is carried out is what was published, whatever draft lies beside it.
        (Action::RunbookExecute, _, Some(newest)) => {
            resource.status("published").risk(newest.risk.name())
        }
        (Action::RunbookReview | Action::RunbookExecute, _, None) | (_, None, None) => resource,
        // A first draft is not there yet: whoever writes one begins it.
        (Action::RunbookUpdate, None, Some(newest)) => {
            resource.status("draft").risk(newest.risk.name())
        }
        (_, Some(draft), _) => resource.status("draft").risk(draft.spec.risk().name()).drafted(
            // What is only a warning is for people to judge.
            runbook.findings().iter().filter(|one| one.severity == Severity::Error).count(),
            &caller.actor.id,
            &names(&draft.editors),
        ),
        (_, None, Some(newest)) => resource.status("published").risk(newest.risk.name()),
    }
}

/// A runbook without the texts of its specs, and with what the lint says of its draft.
fn shown(runbook: &Runbook, now: Timestamp) -> Value {
    let mut shown = listed_as(runbook, now);
    if let Some(draft) = shown.get_mut("draft").and_then(Value::as_object_mut) {
        let findings: Vec<_> = runbook.findings().into_iter().take(FINDINGS).collect();
        draft.insert("findings".to_owned(), json!(findings));
    }
    shown
}

/// The same without the lint: a list has hundreds.
fn listed_as(runbook: &Runbook, now: Timestamp) -> Value {
    let status = if runbook.published.is_some() { "published" } else { "draft" };
    let draft = runbook.draft.as_ref().map(|draft| {
        json!({
            "title": draft.spec.title,
            "sources": draft.spec.sources,
            "risk": draft.spec.risk().name(),
            "spec_hash": draft.spec_hash,
            "author": draft.author,
            "editors": draft.editors,
        })
    });
    json!({
        "id": runbook.id,
        "name": runbook.name,
        "status": status,
        "draft": draft,
        "published": runbook.published,
        "usage_count": runbook.usage_count,
        "review_overdue": runbook.is_overdue(now),
        "version": runbook.version,
    })
}

/// A runbook stands in no timeline, so that there is no receipt.
fn answer(runbook: &Runbook, now: Timestamp) -> String {
    json!({ "runbook": shown(runbook, now), "receipt": Value::Null }).to_string()
}

fn is_uuid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| {
            if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

/// A refusal of the catalogue, in words for the caller.
fn refused(refusal: Refusal) -> Fault {
    let field = match refusal {
        Refusal::Newer { .. } => return Fault::Stale,
        Refusal::Renamed { .. } => "name",
        Refusal::Crowded { .. }
        | Refusal::NoDraft
        | Refusal::NotPublished
        | Refusal::Same { .. }
        | Refusal::NoHash { .. } => ".",
    };
    Fault::Invalid { problems: vec![Problem::new(field, refusal.to_string())] }
}
