//! The cases of `policies/*_cases.yaml`, and the mutations that show that they are enough.

pub(crate) mod attributes;
mod cases;
mod coverage;
mod machine;
mod oracle;
mod rules;
mod runbooks;
pub(crate) mod suite;
pub(crate) mod tell;
mod texts;
mod typed;
