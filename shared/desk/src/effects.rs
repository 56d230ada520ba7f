//! Effects after a commit, under deterministic names: a repeat finds them done.

use crate::Desk;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use watchfire_domain::environment::State;
use watchfire_domain::{Environment, IncidentId, Tenant, hex};
use watchfire_edge::Fault;
use watchfire_ports::Probe;
use watchfire_store::Repo;

/// The name of the execution that drives this attempt of the environment.
pub(crate) fn execution(environment: &Environment) -> String {
    format!("{}-{}", environment.id, environment.attempt)
}

/// A client token: the same for the same purpose, environment and attempt; 64 hex digits.
pub(crate) fn client_token(purpose: &str, environment: &Environment, attempt: u32) -> String {
    let digest = Sha256::digest(format!("{purpose}\0{}\0{attempt}", environment.id));
    hex(&digest)
}

impl Desk {
    /// Starts the lifecycle of this attempt. That it was started before is no error.
    pub(crate) async fn start(
        &self,
        tenant: &Tenant,
        environment: &Environment,
    ) -> Result<(), Fault> {
        let input = json!({
            "tenant": tenant.as_str(),
            "incident": environment.id.incident,
            "environment": environment.id,
            "attempt": environment.attempt,
        });
        let name = execution(environment);
        if self.workflow.start(&name, &input).await? {
            tracing::info!(environment.id = %environment.id, execution.name = %name, "Started the lifecycle");
        }
        Ok(())
    }

    /// Starts what the incident asked for and nobody has driven yet: whoever did may have ended
    /// behind the commit.
    pub(crate) async fn start_requested(
        &self,
        repo: &Repo,
        incident: IncidentId,
    ) -> Result<(), Fault> {
        for row in repo.environments(incident).await? {
            if row.record.state == State::Requested {
                self.start(repo.tenant(), &row.record).await?;
            }
        }
        Ok(())
    }

    /// Asks `observe` to look at the environment.
    pub(crate) async fn probe(
        &self,
        tenant: &Tenant,
        environment: &Environment,
        looks: u32,
        delay_seconds: u32,
    ) -> Result<(), Fault> {
        let probe = Probe {
            tenant: tenant.as_str().to_owned(),
            environment: environment.id,
            attempt: environment.attempt,
            looks,
        };
        Ok(self.probes.send(&probe, delay_seconds).await?)
    }
}
