//! The policy engine: Rego obligations over typed input.
