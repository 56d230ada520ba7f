//! The one multi-call binary: dispatches on `_HANDLER`.
fn main() {}
