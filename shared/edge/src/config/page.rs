//! `docs/CONFIG.md`, made of the table.

use super::variables::{FUNCTIONS, Otherwise, VARIABLES};
use std::fmt::Write as _;

const HEAD: &str = "\
# Configuration

Functions read their settings from environment variables, once, when they start. `infra/template.yaml` sets them; this page is generated from `shared/edge/src/config/variables.rs`.

A function that lacks a required setting, or finds a wrong one, does not start: its log has one line with every problem (error `WF-0036`). An empty value counts as absent. Secrets are never settings: a setting holds the id of a secret in Secrets Manager.

| variable | default | value | what it is for | functions |
|---|---|---|---|---|
";

/// The page.
pub fn markdown() -> String {
    let mut page = HEAD.to_owned();
    for variable in VARIABLES {
        let default = match variable.otherwise {
            Otherwise::Required => "required".to_owned(),
            Otherwise::Default(text) => format!("`{text}`"),
            Otherwise::Off => "none".to_owned(),
        };
        let functions = if variable.functions == FUNCTIONS {
            "all".to_owned()
        } else if variable.functions.is_empty() {
            "none yet".to_owned()
        } else {
            variable.functions.join(", ")
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {default} | {} | {} | {functions} |",
            variable.name, variable.unit, variable.meaning
        );
    }
    page.push_str(
        "\nA secret's value is JSON: `{\"current\":\"k1\",\"keys\":{\"k1\":\"<random text>\"}}`, \
         or `{\"current\":\"k1\",\"k1\":\"<random text>\"}` as the template generates it. \
         To rotate, add a key, make it `current`, and remove the old one when nothing signed with it is valid any more.\n",
    );
    page
}
