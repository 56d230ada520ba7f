//! How a person reaches the container (S0-27..31): what a helper script needs to open a shell.

use crate::guard::of_environment;
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use watchfire_domain::environment::State;
use watchfire_domain::{EnvironmentId, Rejected};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};

impl Desk {
    /// The connection of a running environment. While its exec agent is not ready there is none
    /// (409), and after its close there is none any more (409, as another error).
    #[boxed]
    pub async fn connection(&self, caller: &Caller, id: EnvironmentId) -> Result<Value, Fault> {
        let found = self.table.of(&caller.tenant).find(id.incident).await?;
        let (repo, incident) = found.ok_or(Fault::NotFound)?;
        let environment = repo.environment(id).await?.ok_or(Fault::NotFound)?.record;
        let resource = of_environment(&incident.record, &environment);
        self.allow(caller, Action::EnvironmentConnect, &resource, &Context::none())?;
        if environment.state == State::Closed {
            return Err(Fault::Closed);
        }
        let task = environment.task.as_ref().filter(|_| environment.state == State::Running);
        let Some(task) = task else {
            let state = environment.state.name();
            return Err(Rejected::Environment { state, cannot: "be connected to" }.into());
        };
        let (region, cluster) = place(&task.arn);
        let container = self.config.container.as_str();
        Ok(json!({
            "environment": environment.id,
            "broker": self.broker.name(),
            "region": region,
            "cluster": cluster,
            "task_arn": task.arn,
            "container": container,
            "command": format!(
                "aws ecs execute-command --region {region} --cluster {cluster} --task {} \
                 --container {container} --interactive --command /bin/bash",
                task.arn
            ),
            "expires_at": environment.deadline,
        }))
    }
}

/// Region and cluster of a task, by its ARN: `arn:aws:ecs:<region>:<account>:task/<cluster>/<id>`.
/// The older form without a cluster gives the default one.
fn place(arn: &str) -> (&str, &str) {
    let region = arn.split(':').nth(3).unwrap_or_default();
    let mut words = arn.split('/').skip(1);
    match (words.next(), words.next()) {
        (Some(cluster), Some(_)) => (region, cluster),
        _ => (region, "default"),
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn both_forms_of_a_task_arn_have_a_place() {
        let new = "arn:aws:ecs:us-east-2:641875867446:task/rosa-boundary-dev/a1b2";
        assert_eq!(place(new), ("us-east-2", "rosa-boundary-dev"));
        assert_eq!(place("arn:aws:ecs:us-east-2:641875867446:task/a1b2"), ("us-east-2", "default"));
    }
}
