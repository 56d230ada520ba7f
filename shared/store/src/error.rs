//! The only place that turns DynamoDB's errors into words.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use watchfire_ports::PortError;

pub(crate) const SERVICE: &str = "DynamoDB";

/// What went wrong, in words. Whatever is not clearly our fault may pass with time.
pub(crate) fn port<E, R>(doing: &'static str) -> impl FnOnce(SdkError<E, R>) -> PortError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    move |error| match error.code() {
        Some(
            code @ ("ValidationException"
            | "AccessDeniedException"
            | "ResourceNotFoundException"
            | "ItemCollectionSizeLimitExceededException"
            | "IdempotentParameterMismatchException"
            | "UnrecognizedClientException"),
        ) => {
            let words = error.message().unwrap_or("no message");
            PortError::Refused { service: SERVICE, doing, reason: format!("{code}: {words}") }
        }
        _ => PortError::Unavailable { service: SERVICE, doing, source: Box::new(error) },
    }
}
