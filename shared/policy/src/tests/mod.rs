//! The cases of `policies/*_cases.yaml`, and the mutations that show that they are enough.

mod attributes;
mod cases;
mod rules;
mod suite;
mod typed;
