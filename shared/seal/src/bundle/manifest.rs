//! What a bundle says that it is.

use super::digesting::small;
use super::{APPROVALS, Class, EVENTS, Failure, Folder, MANIFEST, PROOFS, is_name};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use watchfire_domain::canon::parse_body;
use watchfire_domain::chain::Digest;
use watchfire_domain::{IncidentId, Tenant};

/// The format's name and version.
pub const FORMAT: &str = "watchfire-bundle/1";

/// A bundle's table of contents. Nothing signs it: what it says is checked against the chain, and
/// the chain against the checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The tenant.
    pub tenant: String,
    /// The incident.
    pub incident_id: IncidentId,
    /// How many events there are: the place of the last one.
    pub events: u64,
    /// The hash of the last one.
    pub head: Digest,
    /// Every other file.
    pub files: BTreeMap<String, FileRef>,
}

/// What a file has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Its length.
    pub bytes: u64,
    /// Its digest.
    pub sha256: Digest,
}

impl Manifest {
    pub(super) fn read(folder: &dyn Folder) -> Result<Self, Failure> {
        let (text, _) = small(folder, MANIFEST)?;
        let manifest: Self = parse(MANIFEST, &text)?;
        let missing = [EVENTS, PROOFS, APPROVALS].iter().find(|one| !manifest.lists(one));
        let strange = manifest.files.keys().find(|name| !is_name(name));
        let wrong = if manifest.format != FORMAT {
            format!("is of the format `{}`, which this program does not know", manifest.format)
        } else if !Tenant::is_name(&manifest.tenant) {
            "names a tenant that cannot be one".to_owned()
        } else if let Some(name) = strange {
            format!("lists `{name}`, which no bundle has")
        } else if let Some(name) = missing {
            format!("does not list `{name}`")
        } else {
            return Ok(manifest);
        };
        Err(Failure::of(Class::Malformed, format!("`{MANIFEST}` {wrong}")))
    }

    fn lists(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The names of the listed files that are in `folder`, sorted.
    pub(super) fn within<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.keys().map(String::as_str).filter(move |name| name.starts_with(folder))
    }
}

/// Reads JSON as strictly as an event: a key that stands there twice might be read in two ways.
pub(super) fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Failure> {
    let wrong =
        |why: String| Failure::of(Class::Malformed, format!("`{name}` cannot be read: {why}"));
    let value = parse_body(text).map_err(|why| wrong(why.to_string()))?;
    serde_json::from_value(value).map_err(|why| wrong(why.to_string()))
}
