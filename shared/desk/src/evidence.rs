//! The evidence check (decision 17): the container's manifest against what lies in the bucket.

use crate::Desk;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use watchfire_domain::environment::{Evidence, Verdict};
use watchfire_domain::{Environment, hex};
use watchfire_edge::Fault;
use watchfire_ports::Found;

/// `manifest.json`, as the container writes it last.
#[derive(Debug, Deserialize)]
struct Manifest {
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    path: String,
    size: u64,
    #[serde(rename = "sha256")]
    _sha256: String,
}

fn missing(problem: &str) -> Evidence {
    Evidence {
        verdict: Verdict::Missing,
        prefix: None,
        files: 0,
        manifest: None,
        problem: Some(problem.to_owned()),
    }
}

/// Judges what was found.
fn judge(found: Found) -> Evidence {
    let at = |evidence: Evidence| Evidence { prefix: Some(found.prefix.clone()), ..evidence };
    let Some(bytes) = &found.manifest else {
        return at(missing("there is no manifest: the container's sync did not finish"));
    };
    let manifest: Manifest = match serde_json::from_slice(bytes) {
        Ok(manifest) => manifest,
        Err(error) => return at(missing(&format!("the manifest cannot be read: {error}"))),
    };
    let objects: BTreeMap<&str, u64> =
        found.objects.iter().map(|(path, size)| (path.as_str(), *size)).collect();
    let lacking: Vec<&str> = manifest
        .files
        .iter()
        .filter(|file| objects.get(file.path.as_str()) != Some(&file.size))
        .map(|file| file.path.as_str())
        .collect();
    let problem = (!lacking.is_empty()).then(|| {
        let shown = lacking.iter().take(5).copied().collect::<Vec<_>>().join(", ");
        format!(
            "{} of {} files are missing or differ: {shown}",
            lacking.len(),
            manifest.files.len()
        )
    });
    let digest = Sha256::digest(bytes);
    at(Evidence {
        verdict: if lacking.is_empty() { Verdict::Verified } else { Verdict::Incomplete },
        prefix: None,
        files: u32::try_from(manifest.files.len()).unwrap_or(u32::MAX),
        manifest: Some(hex(&digest)),
        problem,
    })
}

/// A task's id: the last word of its ARN, in both forms that ECS uses.
pub(crate) fn task_id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

impl Desk {
    /// Looks for the evidence of the environment's task.
    pub(crate) async fn check_evidence(
        &self,
        environment: &Environment,
    ) -> Result<Evidence, Fault> {
        let Some(task) = &environment.task else {
            return Ok(Evidence { verdict: Verdict::None, problem: None, ..missing("") });
        };
        let (cluster, number) = (&environment.cluster_id, &environment.number);
        let found = self.evidence.find(cluster, number, task_id(&task.arn)).await?;
        let location = self.evidence.location(cluster, number);
        let evidence =
            found.map_or_else(|| missing(&format!("nothing lies under {location}")), judge);
        // Nobody ever worked in a task that never was ready: what it left is kept, and none
        // expected.
        if task.running_at.is_none() && evidence.verdict != Verdict::Verified {
            return Ok(Evidence { verdict: Verdict::None, ..evidence });
        }
        Ok(evidence)
    }
}
