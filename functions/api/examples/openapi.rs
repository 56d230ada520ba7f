//! Prints the OpenAPI document: `cargo run -p watchfire-api --example openapi > openapi.json`.

use std::io::{Write as _, stdout};

fn main() -> std::io::Result<()> {
    let document = serde_json::to_string_pretty(&watchfire_api::openapi())?;
    writeln!(stdout(), "{document}")
}
