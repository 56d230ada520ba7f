//! create: access point, task definition, broker target (S0-02, S0-08..21).

use super::Entered;
use crate::effects::client_token;
use crate::settle::keep;
use crate::{Desk, Nexts, Step};
use async_recursion::async_recursion as boxed;
use watchfire_domain::environment::{Next, State, access_path};
use watchfire_domain::{Actor, Environment};
use watchfire_edge::Fault;
use watchfire_edge::config::ClusterName;
use watchfire_policy::Action;
use watchfire_ports::{AccessPointAsk, DefinitionAsk, PortError};

/// How often a new access point is looked at before it counts as stuck.
const LOOKS: u32 = 20;
const LOOK_MILLIS: u64 = 500;
/// Which deployment something belongs to.
pub(crate) const STAGE_TAG: &str = "stage";
/// Which environment something belongs to.
pub(crate) const ENVIRONMENT_TAG: &str = "environment-id";

impl Desk {
    /// Brings about what the environment needs, and says where its record stands. An execution that
    /// replaces a dead one goes on from there.
    #[boxed(?Send)]
    pub async fn create(&self, step: &Step) -> Result<Nexts, Fault> {
        let entered = match self.enter(step, "create", Action::PhaseCreate).await {
            Err(Fault::Closed) => return Ok(Nexts { next: Next::Done }),
            entered => entered?,
        };
        let mut environment = entered.environment.clone();
        if environment.state == State::Requested {
            let mut made = None;
            environment = match self.build(&entered, &mut made).await {
                Ok(environment) => environment,
                Err(fault) if fault.retryable() => return Err(fault),
                Err(fault) => self.give_up(&entered, &fault, made.as_deref()).await?,
            };
        } else if environment.definition.is_none() {
            self.clear_away(&environment).await?;
        }
        if environment.attempt > 1 && environment.state == State::Created {
            // An attempt before this one may have started a task of which its record knows nothing,
            // or which still ends: one at a time.
            self.end_strays(&environment, "another attempt takes over").await?;
        }
        Ok(Nexts { next: environment.next() })
    }

    /// It was stopped before it was recorded as created: whatever was made of it goes again.
    async fn clear_away(&self, environment: &Environment) -> Result<(), Fault> {
        let token = client_token("access-point", environment, 0);
        if let Some(point) = self.points.find(&token).await? {
            self.points.delete(&point.id).await?;
        }
        self.tasks.forget(&environment.family).await?;
        // What remains is logged: a broker that fails keeps nothing back.
        let _remains = self.remove_target(environment).await;
        Ok(())
    }

    /// `made` names the access point as soon as there is one.
    async fn build(
        &self,
        entered: &Entered,
        made: &mut Option<String>,
    ) -> Result<Environment, Fault> {
        let environment = &entered.environment;
        let point = self.access_point(environment, made).await?;
        let definition = self.tasks.define(&self.definition(environment, &point)).await?;
        // A broker that fails degrades access; the incident goes on (DESIGN: access).
        let target = self.make_target(environment).await;
        let cluster = self.config.ecs_cluster.as_ref().map(ClusterName::as_str);
        let actor = Actor::service("create");
        self.settle(&entered.repo, environment.id, &keep, &|environment| {
            environment.created(&point, &definition, cluster, target.clone(), &actor)
        })
        .await
    }

    async fn access_point(
        &self,
        environment: &Environment,
        made: &mut Option<String>,
    ) -> Result<String, Fault> {
        let ask = AccessPointAsk {
            client_token: client_token("access-point", environment, 0),
            path: access_path(&environment.cluster_id, &environment.number),
            tags: tags(environment, self.config.stage.as_str()),
        };
        let mut point = self.points.create(&ask).await?;
        *made = Some(point.id.clone());
        for _ in 0..LOOKS {
            if point.available {
                return Ok(point.id);
            }
            self.pause.pause(LOOK_MILLIS).await;
            // One that was just made may not be seen yet.
            if let Some(seen) = self.points.describe(&point.id).await? {
                point = seen;
            }
        }
        Err(Fault::Port(PortError::Unavailable {
            service: "EFS",
            doing: "waiting for an access point",
            source: format!("`{}` is not available yet", point.id).into(),
        }))
    }

    fn definition(&self, environment: &Environment, access_point: &str) -> DefinitionAsk {
        let mut variables = vec![
            ("CLUSTER_ID".to_owned(), environment.cluster_id.clone()),
            ("INCIDENT_NUMBER".to_owned(), environment.number.clone()),
        ];
        if let Some(version) = &environment.oc_version {
            variables.push(("OC_VERSION".to_owned(), version.clone()));
        }
        if let Some(bucket) = &self.config.evidence_bucket {
            variables.push(("S3_AUDIT_BUCKET".to_owned(), bucket.as_str().to_owned()));
        }
        DefinitionAsk {
            family: environment.family.clone(),
            environment: variables,
            access_point: access_point.to_owned(),
            tags: tags(environment, self.config.stage.as_str()),
        }
    }

    /// A phase that cannot succeed: what it made is taken back, and the record says why it failed.
    async fn give_up(
        &self,
        entered: &Entered,
        fault: &Fault,
        made: Option<&str>,
    ) -> Result<Environment, Fault> {
        let environment = &entered.environment;
        let actor = Actor::service("create");
        let mut reason =
            if let Fault::Port(error) = fault { error.to_string() } else { fault.public() };
        if let Err(error) = self.tasks.forget(&environment.family).await {
            reason = format!("{reason}; family `{}` remains: {error}", environment.family);
        }
        if let Some(point) = made
            && let Err(error) = self.points.delete(point).await
        {
            reason = format!("{reason}; access point `{point}` remains: {error}");
        }
        let now = self.clock.now();
        self.settle(&entered.repo, environment.id, &keep, &|environment| {
            Ok(environment.fail("create", &reason, &actor, now))
        })
        .await
    }
}

/// The tags of all that an environment has in the account: chosen from the record, so that a
/// repeat sends the same.
pub(crate) fn tags(environment: &Environment, stage: &str) -> Vec<(String, String)> {
    [
        ("cluster-id", environment.cluster_id.clone()),
        ("incident-number", environment.number.clone()),
        ("ManagedBy", "watchfire".to_owned()),
        (STAGE_TAG, stage.to_owned()),
        (ENVIRONMENT_TAG, environment.id.to_string()),
        ("owner", environment.requested_by.clone()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), plain(&value)))
    .collect()
}

/// A tag value: at most 256 characters of those that every service takes (ECS, EFS: letters,
/// digits, blanks and `_ . : / = + - @`).
fn plain(value: &str) -> String {
    value
        .chars()
        .map(|c| if c.is_alphanumeric() || " _.:/=+-@".contains(c) { c } else { '_' })
        .take(256)
        .collect()
}
