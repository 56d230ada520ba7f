//! What a task is told beyond its definition.

use super::STARTING;
use super::program::CONTAINER;
use crate::ecs::ECS;
use crate::error::refused;
use aws_sdk_ecs::types::{ContainerOverride, KeyValuePair, TaskOverride};
use serde_json::json;
use watchfire_ports::PortError;

/// ECS "RunTask": overrides have 8192 characters at most, those of their JSON included.
const LONGEST: usize = 8_192;

/// The container's command and what stands in its environment; refused if ECS would not take it.
pub(super) fn overrides(
    argv: &[String],
    environment: &[(&str, &str)],
) -> Result<TaskOverride, PortError> {
    let pair = |(name, value): &(&str, &str)| json!({"name": name, "value": value});
    let environment_json: Vec<_> = environment.iter().map(pair).collect();
    let container = json!({"name": CONTAINER, "command": argv, "environment": environment_json});
    let length = json!({ "containerOverrides": [container] }).to_string().chars().count();
    if length > LONGEST {
        let words = format!(
            "the program, its arguments and what it reads have {length} characters with what goes \
             with them, more than {LONGEST}"
        );
        return Err(refused(ECS, STARTING, &words));
    }
    let pair =
        |(name, value): &(&str, &str)| KeyValuePair::builder().name(*name).value(*value).build();
    let container = ContainerOverride::builder()
        .name(CONTAINER)
        .set_command(Some(argv.to_vec()))
        .set_environment(Some(environment.iter().map(pair).collect()))
        .build();
    Ok(TaskOverride::builder().container_overrides(container).build())
}
