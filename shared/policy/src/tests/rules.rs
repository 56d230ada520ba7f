//! No line of a rule can go, and no comparison can turn, without a case that notices.

use super::suite::cases;
use super::tell::tell;
use super::texts::{text, with};
use crate::bundle::Package;
use serde_json::json;

#[test]
fn every_rule_is_held_by_a_case() {
    let cases = cases();
    let unnoticed = |package: Package, text: &str| {
        let policies = with(package, text);
        let mut own = cases.iter().filter(|case| case.package == package);
        own.all(|case| case.holds(&case.decide(&policies)))
    };
    let (mut survivors, mut tried) = (Vec::new(), 0);
    for package in Package::ALL {
        let changes = mutants(text(package));
        assert!(changes.len() > 40, "{package:?}: {}", changes.len());
        tried += changes.len();
        let missed = changes.into_iter().filter(|(_, text)| unnoticed(package, text));
        survivors.extend(missed.map(|(change, _)| change));
    }
    tell("rules", &json!({ "mutants": tried, "survivors": survivors.len() }));
    assert!(survivors.is_empty(), "nothing notices:\n{}", survivors.join("\n"));
}

/// The text without each of its rules, without each of its lines, and with each comparison and each word turned.
fn mutants(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if line.is_empty() || line.starts_with(['#', '}']) || line.starts_with("import ") {
            continue;
        }
        let (before, rest) = lines.split_at(number);
        // A rule or a table of several lines ends with the next brace in the first column.
        let several = line.ends_with('{') && !line.starts_with('\t');
        let last = if several { rest.iter().position(|line| *line == "}") } else { Some(0) };
        let without = [before, &rest[last.unwrap()..][1..]].concat();
        found.push((format!("without `{line}`"), without.join("\n")));
        for turned in turned(line) {
            let with = [before, &[&turned], &rest[1..]].concat();
            found.push((format!("`{turned}`"), with.join("\n")));
        }
    }
    found
}

fn turned(line: &str) -> Vec<String> {
    let comparisons = TURNED.iter().filter(|(from, _)| line.contains(from));
    let comparisons = comparisons.map(|(from, to)| line.replacen(from, to, 1));
    let pieces: Vec<&str> = line.split('"').collect();
    let words = (1..pieces.len()).step_by(2).map(|word| {
        let mut pieces = pieces.clone();
        pieces[word] = "no-such-word";
        pieces.join("\"")
    });
    comparisons.chain(words).collect()
}

const TURNED: [(&str, &str); 8] = [
    (" == ", " != "),
    (" != ", " == "),
    (" >= ", " > "),
    (" >= ", " < "),
    (" <= ", " < "),
    (" < ", " <= "),
    ("true", "false"),
    ("false", "true"),
];
