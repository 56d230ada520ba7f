//! How bad an incident is: four levels, and the many words for them.

use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;

/// How bad an incident is. The order is by weight: [`Severity::Critical`] is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// No or hardly any impact.
    Low,
    /// Minor impact.
    Medium,
    /// Major impact.
    High,
    /// Everything is down, or a breach.
    Critical,
}

impl Severity {
    /// All four, the most severe first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The more severe of the two.
    #[must_use]
    pub fn severer(a: Self, b: Self) -> Self {
        a.max(b)
    }

    /// Reads a label of any built-in profile, or of `PagerDuty` (`error`, `warning`, `info`), in
    /// any case. A tenant's own labels: [`Profile::parse_label`](crate::Profile::parse_label).
    pub fn parse_label(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "critical" | "sev1" | "p0" => Some(Self::Critical),
            "high" | "sev2" | "p1" | "error" => Some(Self::High),
            "medium" | "sev3" | "p2" | "warning" => Some(Self::Medium),
            "low" | "sev4" | "p3" | "info" => Some(Self::Low),
            _ => None,
        }
    }
}

/// Reads a severity under any label that [`Severity::parse_label`] knows; it is written
/// canonically.
pub(crate) fn any_label<'de, D: Deserializer<'de>>(from: D) -> Result<Severity, D::Error> {
    let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
    Severity::parse_label(&text).ok_or_else(|| {
        let word: String = text.chars().take(32).collect();
        de::Error::custom(format!("`{word}` is no severity of any profile"))
    })
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use std::fmt::Write as _;

    #[test]
    fn any_label_is_understood_at_the_door() {
        let mut table = String::new();
        for text in [
            "Sev1", "SEV4", " p0 ", "P3", "Critical", "medium", "error", "warning", "info", "sev5",
            "p4", "", "ｐ0",
        ] {
            let read = Severity::parse_label(text).map_or("-", Severity::name);
            writeln!(table, "{read:<9}{text:?}").unwrap();
        }
        expect![[r#"
            critical "Sev1"
            low      "SEV4"
            critical " p0 "
            low      "P3"
            critical "Critical"
            medium   "medium"
            high     "error"
            medium   "warning"
            low      "info"
            -        "sev5"
            -        "p4"
            -        ""
            -        "ｐ0"
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn the_wire_knows_one_name_each_and_critical_is_the_greatest() {
        for severity in Severity::ALL {
            let wire = serde_json::to_string(&severity).unwrap();
            assert_eq!(wire, format!("\"{severity}\""));
            assert_eq!(serde_json::from_str::<Severity>(&wire).unwrap(), severity);
        }
        assert!(serde_json::from_str::<Severity>("\"P0\"").is_err());
        assert_eq!(Severity::ALL.into_iter().max(), Some(Severity::Critical));
        assert_eq!(Severity::severer(Severity::Low, Severity::High), Severity::High);
        assert!(Severity::ALL.is_sorted_by(|a, b| a > b));
    }
}
