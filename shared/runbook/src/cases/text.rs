//! Cases as YAML, as people want to read their differences.

use super::Cases;
use serde_json::Value;
use std::fmt::Write as _;

impl Cases {
    /// The text of a cases' file: previews as blocks, everything else as JSON, which YAML is a
    /// superset of.
    pub fn to_yaml(&self) -> String {
        let mut text = String::new();
        let inputs = |inputs: &serde_json::Map<String, Value>| Value::from(inputs.clone());
        if !self.previews.is_empty() {
            text.push_str("previews:\n");
        }
        for shown in &self.previews {
            _ = writeln!(text, "  - name: {}", Value::from(shown.name.as_str()));
            _ = writeln!(text, "    inputs: {}", inputs(&shown.inputs));
            text.push_str("    preview: |\n");
            for line in shown.preview.lines() {
                _ = writeln!(text, "{}", format!("      {line}").trim_end());
            }
        }
        if !self.refusals.is_empty() {
            text.push_str("refusals:\n");
        }
        for refusal in &self.refusals {
            _ = writeln!(text, "  - name: {}", Value::from(refusal.name.as_str()));
            _ = writeln!(text, "    inputs: {}", inputs(&refusal.inputs));
            text.push_str("    says:\n");
            for line in &refusal.says {
                _ = writeln!(text, "      - {}", Value::from(line.as_str()));
            }
        }
        if !self.mutants.is_empty() {
            text.push_str("mutants:\n");
        }
        for mutant in &self.mutants {
            _ = writeln!(text, "  - at: {}", Value::from(mutant.at.as_str()));
            if let Some(to) = &mutant.to {
                _ = writeln!(text, "    to: {to}");
            }
            let finds: Vec<&str> = mutant.finds.iter().map(String::as_str).collect();
            _ = writeln!(text, "    finds: {}", Value::from(finds));
        }
        text
    }
}
