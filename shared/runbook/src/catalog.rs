//! A tenant's catalogue (S3-27..34): drafts are written anew, versions never.

#[cfg(test)]
mod tests;

use crate::lint::Severity;
use crate::spec::Spec;
use crate::{Finding, Risk, lint, spec_hash};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_domain::chain::Digest;
use watchfire_domain::{DAY, Timestamp};

/// After how many days a runbook is read again that does not say (S4-38).
const REVIEW_DAYS: u16 = 180;

/// How many people may write one draft: each is kept with whatever is carried out of it.
const MOST_EDITORS: usize = 50;

/// How many findings are told or kept of a spec: an answer is stored under its caller's key, and a
/// version is an item of a table, and both must stay small.
pub const FINDINGS: usize = 100;

/// A runbook of the catalogue: its draft, and the newest version that is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runbook {
    /// Its id: a uuid (v7).
    pub id: String,
    /// Its name, unique in its tenant.
    pub name: String,
    /// What is being written; none if everything is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// The newest version; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// How often it was started.
    pub usage_count: u64,
    /// How often this record was written: the fence of its next write.
    pub version: u64,
}

/// What is being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The spec.
    pub spec: Spec,
    /// Its hash.
    pub spec_hash: Digest,
    /// Who began it.
    pub author: String,
    /// Everybody who wrote it, with when they did last: none of them publishes what is of high
    /// risk.
    pub editors: BTreeMap<String, Timestamp>,
}

/// What is known of the newest version, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The version, from 1.
    pub version: u32,
    /// The hash of its spec.
    pub spec_hash: Digest,
    /// Its title.
    pub title: String,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Where its content comes from, incidents among it (S1-41); empty of what was published before
    /// this was kept.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sources: BTreeSet<String>,
    /// How much harm it may do.
    pub risk: Risk,
    /// Who began it.
    pub author: String,
    /// Everybody who wrote it.
    pub editors: BTreeMap<String, Timestamp>,
    /// Who published it.
    pub published_by: String,
    /// When.
    pub published_at: Timestamp,
    /// Who agreed to it (S3-33); empty of what was published before this was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// Who read it again, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Reviewed>,
    /// When it is to be read again.
    pub review_due: Timestamp,
    /// Where its provenance lies.
    pub provenance: String,
}

/// That somebody read it again and it still holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A version, as it was published: it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The runbook's id.
    pub id: String,
    /// Which version.
    pub version: u32,
    /// The spec.
    pub spec: Spec,
    /// Its hash.
    pub spec_hash: Digest,
    /// Who began it.
    pub author: String,
    /// Everybody who wrote it.
    pub editors: BTreeMap<String, Timestamp>,
    /// Who published it.
    pub published_by: String,
    /// When.
    pub published_at: Timestamp,
    /// Who agreed to it (S3-33); empty of what was published before this was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// What it follows, and what the lint said of it; none of what was published before this was
    /// kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
}

/// What stood beside a version when it was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// The version that it takes the place of; a first one has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Superseded>,
    /// What the lint found, at most [`FINDINGS`]: warnings, since errors are not published.
    pub findings: Vec<Found>,
}

/// A version that another one took the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    /// Which.
    pub version: u32,
    /// The hash of its spec.
    pub spec_hash: Digest,
    /// Where its provenance lies: of all that lie there under its number, this one counted.
    pub provenance: String,
}

/// A finding of the lint, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Where, as `steps[3].do.command.argv[0]`.
    pub path: String,
    /// What sort of fault, by its stable name.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in words.
    pub problem: String,
}

/// That somebody agreed to a version before it counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// In which role.
    pub role: String,
    /// When.
    pub at: Timestamp,
    /// To which spec: its hash.
    pub spec_hash: Digest,
    /// The hash of the policies by which they may.
    pub policy_hash: String,
}

/// Somebody who agrees to a draft, and by which rules they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// Who.
    pub id: String,
    /// In which role.
    pub role: String,
    /// The hash of the policies that were asked.
    pub policy_hash: String,
}

/// Why the catalogue does not take something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name belongs to the runbook for good: executions and plans refer to it.
    #[error("a runbook keeps its name, `{name}`")]
    Renamed {
        /// Its name.
        name: String,
    },
    /// None of them may be forgotten: they approve nothing of it.
    #[error("{most} people wrote this draft already: publish it, or begin it anew")]
    Crowded {
        /// How many may.
        most: usize,
    },
    /// There is nothing to publish or to delete.
    #[error("there is no draft")]
    NoDraft,
    /// There is nothing to review.
    #[error("nothing is published")]
    NotPublished,
    /// Another version was published since: that one nobody has read yet.
    #[error("version {newest} was published since version {read} was read")]
    Newer {
        /// The version that was read.
        read: u32,
        /// The newest one.
        newest: u32,
    },
    /// What is published as it stands needs no further version.
    #[error("version {version} is the same")]
    Same {
        /// The version that is published.
        version: u32,
    },
    /// Its spec has no hash: it is not canonical JSON.
    #[error("the spec cannot be hashed: {reason}")]
    NoHash {
        /// Why.
        reason: String,
    },
}

fn hash(spec: &Spec) -> Result<Digest, Refusal> {
    spec_hash(spec).map_err(|error| Refusal::NoHash { reason: error.to_string() })
}

impl Runbook {
    /// A new runbook, whose first draft is `spec`.
    pub fn begun(id: String, spec: Spec, by: &str, now: Timestamp) -> Result<Self, Refusal> {
        let name = spec.name.clone();
        let draft = Some(Draft::of(spec, by, now)?);
        Ok(Self { id, name, draft, published: None, usage_count: 0, version: 1 })
    }

    /// The same with `spec` as its draft; none if that is its draft already.
    pub fn drafted(&self, spec: Spec, by: &str, now: Timestamp) -> Result<Option<Self>, Refusal> {
        if spec.name != self.name {
            return Err(Refusal::Renamed { name: self.name.clone() });
        }
        let mut draft = Draft::of(spec, by, now)?;
        if let Some(before) = &self.draft {
            if before.spec_hash == draft.spec_hash {
                return Ok(None);
            }
            draft.author.clone_from(&before.author);
            let others = before.editors.iter().map(|(who, at)| (who.clone(), *at));
            draft.editors = others.chain(draft.editors).collect();
            if draft.editors.len() > MOST_EDITORS {
                return Err(Refusal::Crowded { most: MOST_EDITORS });
            }
        }
        Ok(Some(Self { draft: Some(draft), ..self.next() }))
    }

    /// Without its draft; none if nothing of it is left.
    pub fn undrafted(&self) -> Result<Option<Self>, Refusal> {
        if self.draft.is_none() {
            return Err(Refusal::NoDraft);
        }
        let after = Self { draft: None, ..self.next() };
        Ok(after.published.is_some().then_some(after))
    }

    /// The draft as the next version, whose provenance will lie at `provenance` of it. Whether it
    /// may be published is for the policies to say; who then does agrees to the spec as it is.
    pub fn published(
        &self,
        by: &Publisher,
        now: Timestamp,
        provenance: impl FnOnce(&Version) -> String,
    ) -> Result<(Self, Version), Refusal> {
        let draft = self.draft.clone().ok_or(Refusal::NoDraft)?;
        if let Some(newest) = self.published.as_ref().filter(|one| one.spec_hash == draft.spec_hash)
        {
            return Err(Refusal::Same { version: newest.version });
        }
        let lineage = Some(self.lineage());
        let version = self.published.as_ref().map_or(0, |newest| newest.version);
        let Draft { spec, spec_hash, author, editors } = draft;
        let Publisher { id, role, policy_hash } = by.clone();
        let approvals = vec![Approval { by: id.clone(), role, at: now, spec_hash, policy_hash }];
        let version = Version {
            id: self.id.clone(),
            version: version.saturating_add(1),
            spec,
            spec_hash,
            author,
            editors,
            published_by: id.clone(),
            published_at: now,
            approvals: approvals.clone(),
            lineage,
        };
        let newest = Published {
            version: version.version,
            spec_hash,
            title: version.spec.title.clone(),
            tags: version.spec.tags.clone(),
            sources: version.spec.sources.clone(),
            risk: version.spec.risk(),
            author: version.author.clone(),
            editors: version.editors.clone(),
            published_by: id,
            published_at: now,
            approvals,
            reviewed: None,
            review_due: due(version.spec.review_days, now),
            provenance: provenance(&version),
        };
        Ok((Self { draft: None, published: Some(newest), ..self.next() }, version))
    }

    /// What stands beside its draft at this moment.
    fn lineage(&self) -> Lineage {
        let supersedes = self.published.as_ref().map(|newest| Superseded {
            version: newest.version,
            spec_hash: newest.spec_hash,
            provenance: newest.provenance.clone(),
        });
        let findings = self.findings().into_iter().take(FINDINGS).map(|one| Found {
            path: one.path,
            code: one.code.name().to_owned(),
            severity: one.severity,
            problem: one.problem,
        });
        Lineage { supersedes, findings: findings.collect() }
    }

    /// Somebody read `version`, its newest, and it still holds (S4-38). That of an older one says
    /// nothing of the newest.
    pub fn reviewed(&self, version: &Version, by: &str, now: Timestamp) -> Result<Self, Refusal> {
        let newest = self.published.clone().ok_or(Refusal::NotPublished)?;
        if version.version != newest.version {
            return Err(Refusal::Newer { read: version.version, newest: newest.version });
        }
        let reviewed = Some(Reviewed { by: by.to_owned(), at: now });
        let review_due = due(version.spec.review_days, now);
        Ok(Self { published: Some(Published { reviewed, review_due, ..newest }), ..self.next() })
    }

    /// Whether it should have been read again by now.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.published.as_ref().is_some_and(|newest| newest.review_due <= now)
    }

    /// Whether its newest version or its draft says that it comes from `source`, to the letter.
    pub fn is_from(&self, source: &str) -> bool {
        let published = self.published.as_ref().is_some_and(|one| one.sources.contains(source));
        published || self.draft.as_ref().is_some_and(|draft| draft.spec.sources.contains(source))
    }

    /// What is wrong with its draft.
    pub fn findings(&self) -> Vec<Finding> {
        self.draft.as_ref().map(|draft| lint(&draft.spec)).unwrap_or_default()
    }

    fn next(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }
}

impl Draft {
    fn of(spec: Spec, by: &str, now: Timestamp) -> Result<Self, Refusal> {
        let spec_hash = hash(&spec)?;
        let editors = [(by.to_owned(), now)].into();
        Ok(Self { spec, spec_hash, author: by.to_owned(), editors })
    }
}

fn due(days: Option<u16>, from: Timestamp) -> Timestamp {
    from.plus(i64::from(days.unwrap_or(REVIEW_DAYS)).saturating_mul(DAY))
}
