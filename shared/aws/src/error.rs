//! The only place where an error of a dependency becomes ours; the table's do in the store.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use watchfire_ports::PortError;

// What the services call throttling, and their own faults, where the status does not tell.
const PASSING: [&str; 18] = [
    "AutomationExecutionLimitExceededException",
    "BandwidthLimitExceeded",
    "ConditionalRequestConflict",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalFailure",
    "InternalServiceError",
    "LimitExceededFault",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestExpired",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServerException",
    "SlowDown",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
const PASSING_PARTS: [&str; 4] =
    ["Throttl", "InternalServer", "InternalError", "ServiceUnavailable"];
const MISSING_PARTS: [&str; 4] = ["NotFound", "DoesNotExist", "NoSuch", "NonExistent"];

/// An error's own words and those of its sources. The error itself is not kept: the SDK's hold whole
/// answers, and an answer may hold a secret.
#[derive(Debug)]
pub(crate) struct Cause(String);

impl Cause {
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut words = String::new();
        let mut next = Some(error);
        while let Some(error) = next {
            let said = error.to_string();
            if !words.contains(&said) {
                if !words.is_empty() {
                    words.push_str(": ");
                }
                words.push_str(&said);
            }
            next = error.source();
        }
        Self(line(&words))
    }

    pub(crate) fn text(words: &str) -> Self {
        Self(line(words))
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl Error for Cause {}

/// One line of at most 500 characters.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(500).collect()
}

/// Translates an SDK's error: `service` failed us while we were `doing`.
pub(crate) fn told<E>(
    service: &'static str,
    doing: &'static str,
) -> impl FnOnce(SdkError<E, HttpResponse>) -> PortError
where
    E: Error + ProvideErrorMetadata + 'static,
{
    move |error| match &error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            answered(service, doing, status, answer.err().code(), answer.err().message())
        }
        SdkError::ConstructionFailure(_) => refused(service, doing, &Cause::of(&error).0),
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            unavailable(service, doing, Cause::of(&error))
        }
        // The SDK may add kinds: what we do not know may pass.
        _ => unavailable(service, doing, Cause::of(&error)),
    }
}

fn answered(
    service: &'static str,
    doing: &'static str,
    status: u16,
    code: Option<&str>,
    message: Option<&str>,
) -> PortError {
    let words = match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(word), None) | (None, Some(word)) => word.to_owned(),
        (None, None) => format!("status {status}"),
    };
    let code = code.unwrap_or_default();
    let part = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if status == 429 || status >= 500 || PASSING.contains(&code) || part(&PASSING_PARTS) {
        unavailable(service, doing, Cause::text(&words))
    } else if part(&MISSING_PARTS) {
        PortError::NotFound {
            what: format!("what {service} was asked for while {doing} (`{code}`)"),
        }
    } else {
        refused(service, doing, &words)
    }
}

/// The status of an answer from the web that is no success.
pub(crate) fn status(service: &'static str, doing: &'static str, status: u16) -> PortError {
    if matches!(status, 408 | 425 | 429 | 500..) {
        unavailable(service, doing, Cause(format!("status {status}")))
    } else {
        refused(service, doing, &format!("status {status}"))
    }
}

pub(crate) fn unavailable(service: &'static str, doing: &'static str, cause: Cause) -> PortError {
    PortError::Unavailable { service, doing, source: Box::new(cause) }
}

pub(crate) fn refused(service: &'static str, doing: &'static str, reason: &str) -> PortError {
    PortError::Refused { service, doing, reason: line(reason) }
}

pub(crate) fn corrupt(service: &'static str, doing: &'static str, reason: &str) -> PortError {
    PortError::Corrupt { service, doing, reason: line(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, code: &str) -> &'static str {
        match answered("ECS", "running a task", status, Some(code), Some("words")) {
            PortError::Unavailable { .. } => "unavailable",
            PortError::NotFound { .. } => "not found",
            PortError::Refused { .. } => "refused",
            PortError::Conflict { .. } => "conflict",
            PortError::Corrupt { .. } => "corrupt",
        }
    }

    #[test]
    fn codes_have_kinds() {
        for (status, code, expected) in [
            (400, "ThrottlingException", "unavailable"),
            (400, "RequestThrottled", "unavailable"),
            (429, "TooManyRequests", "unavailable"),
            (500, "Whatever", "unavailable"),
            (503, "SlowDown", "unavailable"),
            (400, "ServerException", "unavailable"),
            (400, "InternalServerError", "unavailable"),
            (400, "ResourceNotFoundException", "not found"),
            (404, "FileSystemNotFound", "not found"),
            (400, "StateMachineDoesNotExist", "not found"),
            (400, "AWS.SimpleQueueService.NonExistentQueue", "not found"),
            (404, "NoSuchBucket", "not found"),
            (403, "AccessDeniedException", "refused"),
            (400, "ExpiredTokenException", "unavailable"),
            (400, "AutomationExecutionLimitExceededException", "unavailable"),
            (400, "AutomationDefinitionNotFoundException", "not found"),
            (400, "InvalidParameterException", "refused"),
        ] {
            assert_eq!(kind(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn a_cause_is_one_line_and_repeats_nothing() {
        let inner = std::io::Error::other("reset\nby peer");
        let outer = std::io::Error::other(inner);
        assert_eq!(Cause::of(&outer).to_string(), "reset by peer");
        assert_eq!(line(&"x".repeat(900)).len(), 500);
    }
}
