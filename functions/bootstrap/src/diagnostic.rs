//! A fault as Lambda reports it: the stable name is what the machines match.

use lambda_runtime::Diagnostic;
use watchfire_edge::{Fault, chain};

/// The error type is the fault's stable name; the message is for callers. The chain of causes goes
/// to the log, once.
pub(crate) fn diagnostic(fault: &Fault) -> Diagnostic {
    tracing::error!(fault.name = fault.name(), fault.code = fault.code(), "{}", chain(fault));
    Diagnostic { error_type: fault.name().to_owned(), error_message: fault.public() }
}
