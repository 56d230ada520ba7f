//! The cases of `policies/*_cases.yaml`, and the mutations that show that they are enough.

mod attributes;
mod cases;
mod rules;
mod runbooks;
mod suite;
mod typed;
