//! The report for eyes: the gates that need a look first, then the figures.

use super::{Gate, Kind, Report};
use serde_json::Value;
use std::fmt::Write as _;

/// The report as text for a terminal.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = gates(&mut text, report);
    let _ = steps(&mut text, report);
    for skipped in &report.skipped {
        let _ = writeln!(text, "NOT MEASURED: {skipped}");
    }
    let _ = writeln!(text, "\n{}", verdict(report));
    text
}

fn gates(text: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(text, "{:<22}{:>14}{:>14}  {:<15}{:<6}what", "gate", "value", "limit", "", "kind")?;
    for gate in &report.gates {
        let [value, limit] = figures(gate);
        let Gate { id, what, unit, .. } = gate;
        writeln!(
            text,
            "{id:<22}{value:>14}{limit:>14}  {:<15}{:<6}{what} [{unit}]",
            word(gate),
            kind(gate)
        )?;
    }
    Ok(())
}

fn steps(text: &mut String, report: &Report) -> std::fmt::Result {
    let Some(steps) = report.measurements.get("steps").and_then(Value::as_array) else {
        return Ok(());
    };
    writeln!(
        text,
        "\n{:<16}{:>9}{:>12}{:>13}{:>9}{:>7}{:>7}   thousand instructions; calls",
        "step", "init", "1st write", "init+first", "warm", "first", "warm"
    )?;
    for step in steps {
        let name = step.get("name").and_then(Value::as_str).unwrap_or_default();
        let number = |pointer: &str| step.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        let calls = |field: &str| step.get(field).and_then(Value::as_array).map_or(0, Vec::len);
        writeln!(
            text,
            "{name:<16}{:>9}{:>12}{:>13}{:>9}{:>7}{:>7}",
            number("/init") / 1000,
            number("/first_write") / 1000,
            number("/counted/init_first") / 1000,
            number("/counted/warm") / 1000,
            calls("first"),
            calls("warm"),
        )?;
    }
    Ok(())
}

/// The last line.
fn verdict(report: &Report) -> String {
    let count = |holds: Option<bool>, kind: Kind| {
        report.gates.iter().filter(|gate| gate.holds == holds && gate.kind == kind).count()
    };
    let of = |kind| {
        let [hold, fail, unmeasured] = [Some(true), Some(false), None].map(|it| count(it, kind));
        format!("{hold} hold, {fail} do not, {unmeasured} not measured")
    };
    let unknown = match count(None, Kind::Hard) {
        0 => String::new(),
        unknown => format!("\nNOT MEASURED: {unknown} hard gates. Nobody knows whether they hold."),
    };
    format!("hard gates: {}; soft gates: {}{unknown}", of(Kind::Hard), of(Kind::Soft))
}

/// Value and limit as they are read; a dash for what is not known.
pub(super) fn figures(gate: &Gate) -> [String; 2] {
    let dash = || "–".to_owned();
    [gate.value, gate.limit].map(|it| it.map_or_else(dash, |it| shown(it, gate.unit)))
}

pub(super) fn word(gate: &Gate) -> &'static str {
    match gate.holds {
        Some(true) => "holds",
        Some(false) => "DOES NOT HOLD",
        None => "not measured",
    }
}

pub(super) const fn kind(gate: &Gate) -> &'static str {
    match gate.kind {
        Kind::Hard => "hard",
        Kind::Soft => "soft",
    }
}

/// A figure as it is read: thousands apart, ratios with two digits, dollars with six.
pub(super) fn shown(value: f64, unit: &str) -> String {
    match unit {
        "×" => format!("{value:.2}"),
        "$" => format!("{value:.6}"),
        _ => apart(&format!("{value:.0}")),
    }
}

fn apart(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Side;
    use expect_test::expect;

    #[test]
    fn figures_are_readable() {
        assert_eq!(shown(4_512_345.4, "bytes"), "4 512 345");
        assert_eq!(shown(12.0, "calls"), "12");
        assert_eq!(shown(3.256, "×"), "3.26");
        assert_eq!(shown(0.000_331, "$"), "0.000331");
    }

    #[test]
    fn every_gate_has_a_line_and_what_fails_is_loud() {
        let gate = |id: &str| Gate::stated((id, "a thing"), (Side::Most, 4.0, "×"), Kind::Hard);
        let unlimited = Gate { limit: None, ..gate("G3") };
        let gates =
            vec![gate("G1.a").measured(3.0), gate("G1.b").measured(5.0), gate("G2"), unlimited];
        let skipped = vec!["no valgrind".to_owned()];
        let report = Report { gates, skipped, ..Report::default() };
        expect![[r#"
            gate                           value         limit                 kind  what
            G1.a                            3.00          4.00  holds          hard  a thing [×]
            G1.b                            5.00          4.00  DOES NOT HOLD  hard  a thing [×]
            G2                                 –          4.00  not measured   hard  a thing [×]
            G3                                 –             –  not measured   hard  a thing [×]
            NOT MEASURED: no valgrind

            hard gates: 1 hold, 1 do not, 2 not measured; soft gates: 0 hold, 0 do not, 0 not measured
            NOT MEASURED: 2 hard gates. Nobody knows whether they hold.
        "#]]
        .assert_eq(&table(&report));
    }
}
