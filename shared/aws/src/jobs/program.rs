//! Programs: one task of Fargate each.

use super::overrides::overrides;
use super::{AwsJobs, LOOKING, STARTING, unlisted};
use crate::ecs::ECS;
use crate::error::{line, refused};
use watchfire_ports::{Ended, Job, PortError, TaskStatus, Work};

/// What the container of every profile's task definition is called.
pub(super) const CONTAINER: &str = "command";
/// So much of an output is read.
const LONGEST: usize = 4 * 1_024 * 1_024;

impl AwsJobs {
    pub(super) async fn start_program(
        &self,
        job: &Job,
        profile: &str,
        argv: &[String],
        stdin: Option<&str>,
    ) -> Result<(), PortError> {
        let Some(definition) = self.settings.profiles.get(profile) else {
            return Err(unlisted(ECS, profile, "WATCHFIRE_STEP_PROFILES"));
        };
        if argv.is_empty() {
            return Err(refused(ECS, STARTING, "there is no program"));
        }
        let output = self.location(job);
        let mut environment = vec![
            ("WATCHFIRE_JOB", job.name.as_str()),
            ("WATCHFIRE_TENANT", job.tenant.as_str()),
            ("WATCHFIRE_OUTPUT", output.as_str()),
        ];
        environment.extend(stdin.map(|text| ("WATCHFIRE_STDIN", text)));
        // By the last one a role tells jobs from the tasks of environments.
        let tags = [
            ("ManagedBy", "watchfire"),
            ("tenant", job.tenant.as_str()),
            ("job", job.name.as_str()),
        ];
        let call = self
            .tasks
            .task(STARTING, &tags.map(|(key, value)| (key.to_owned(), value.to_owned())))?
            .task_definition(definition)
            .started_by(started_by(job))
            .client_token(&job.name)
            .overrides(overrides(argv, &environment)?);
        match self.tasks.launch(STARTING, call).await {
            // The token was used for another request: the profile was set anew since, and the task
            // that was started under the name is left alone.
            Ok(_) | Err(PortError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn look_at_program(&self, job: &Job) -> Result<Work, PortError> {
        let found = self.tasks.started(&started_by(job)).await?;
        if found.running() {
            return Ok(Work::Running);
        }
        // Should there be two after all, the first one is the job.
        let Some(task) = found.tasks.into_iter().min_by_key(|task| task.stopped_at) else {
            return Ok(Work::Unknown);
        };
        let output = self.bucket.beginning(&key(job), LONGEST, LOOKING).await?;
        let unkept = || {
            // What it did is done, and nothing shows it: not what a step may pass with.
            let words = "it ended with exit code 0, and its output is not in the evidence bucket: \
                         its image did not write to WATCHFIRE_OUTPUT; look before you try it again";
            output.is_none().then(|| words.to_owned())
        };
        let problem = problem(&task).or_else(unkept);
        Ok(Work::Over(Ended {
            passed: problem.is_none(),
            exit_code: task.exit_code,
            status: None,
            evidence: output.iter().map(|_| self.location(job)).collect(),
            whole: output.as_ref().and_then(|output| output.whole.clone()),
            output: output.map(|output| output.bytes).unwrap_or_default(),
            problem,
        }))
    }

    pub(super) async fn stop_program(&self, job: &Job, reason: &str) -> Result<(), PortError> {
        for arn in self.tasks.living_tasks(&started_by(job)).await? {
            self.tasks.stop_task(&arn, reason).await?;
        }
        Ok(())
    }

    fn location(&self, job: &Job) -> String {
        format!("s3://{}/{}", self.bucket.name, key(job))
    }
}

// ECS "RunTask": up to 128 letters, digits, hyphens, slashes and underscores.
fn started_by(job: &Job) -> String {
    format!("step-{}", job.name)
}

fn key(job: &Job) -> String {
    format!("commands/{}/{}/output", job.tenant, job.name)
}

/// What went wrong, as ECS and the program's exit code tell it.
fn problem(task: &TaskStatus) -> Option<String> {
    let said = [task.stop_code.as_deref(), task.stopped_reason.as_deref()];
    let said = said.into_iter().flatten().collect::<Vec<_>>().join(": ");
    let by_itself = task.stop_code.as_deref() == Some("EssentialContainerExited");
    let words = match task.exit_code {
        Some(0) => return None,
        Some(code) if by_itself || said.is_empty() => format!("it ended with exit code {code}"),
        Some(code) => format!("it ended with exit code {code}: {said}"),
        None if said.is_empty() => "it never ran".to_owned(),
        None => format!("it never ran, or its end was not seen: {said}"),
    };
    Some(line(&words))
}
