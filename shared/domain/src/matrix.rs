//! The impact matrix (S4-10): how many users, how bad for them, hence how severe.

use crate::Severity;
use serde::{Deserialize, Serialize};

/// What users notice: the second axis of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Nothing works.
    Outage,
    /// Much of it does not.
    Major,
    /// Some of it does not.
    Minor,
    /// Hardly anything.
    Minimal,
}

impl Impact {
    /// All four, the worst first.
    pub const ALL: [Self; 4] = [Self::Outage, Self::Major, Self::Minor, Self::Minimal];

    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outage => "outage",
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Minimal => "minimal",
        }
    }

    const fn severity(self) -> Severity {
        match self {
            Self::Outage => Severity::Critical,
            Self::Major => Severity::High,
            Self::Minor => Severity::Medium,
            Self::Minimal => Severity::Low,
        }
    }
}

/// What the matrix says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Classified {
    /// The severity.
    pub severity: Severity,
    /// Whether the commander should confirm it: a boundary, or axes that differ.
    pub confirm: bool,
}

/// Reads the matrix. On a boundary, and where the axes differ, the more severe wins and is to be
/// confirmed (decisions on conflicts: 3 and 4). What is no percentage leaves it to `impact`.
pub fn classify(percent_affected: f64, impact: Impact) -> Classified {
    let felt = impact.severity();
    let Some(reach) = reach(percent_affected) else {
        return Classified { severity: felt, confirm: true };
    };
    let on_boundary = [5.0, 25.0, 75.0].contains(&percent_affected);
    Classified { severity: Severity::severer(reach, felt), confirm: on_boundary || reach != felt }
}

fn reach(percent: f64) -> Option<Severity> {
    if !(0.0..=100.0).contains(&percent) {
        None
    } else if percent >= 75.0 {
        Some(Severity::Critical)
    } else if percent >= 25.0 {
        Some(Severity::High)
    } else if percent >= 5.0 {
        Some(Severity::Medium)
    } else {
        Some(Severity::Low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use std::fmt::Write as _;

    #[test]
    fn the_matrix() {
        let mut table = String::from("percent    outage     major      minor      minimal\n");
        for percent in
            [0.0, 4.9, 5.0, 5.1, 24.9, 25.0, 25.1, 74.9, 75.0, 75.1, 100.0, 101.0, -1.0, f64::NAN]
        {
            write!(table, "{percent:<11}").unwrap();
            for impact in Impact::ALL {
                let Classified { severity, confirm } = classify(percent, impact);
                let text = format!("{severity}{}", if confirm { "?" } else { "" });
                write!(table, "{text:<11}").unwrap();
            }
            table = format!("{}\n", table.trim_end());
        }
        expect![[r#"
            percent    outage     major      minor      minimal
            0          critical?  high?      medium?    low
            4.9        critical?  high?      medium?    low
            5          critical?  high?      medium?    medium?
            5.1        critical?  high?      medium     medium?
            24.9       critical?  high?      medium     medium?
            25         critical?  high?      high?      high?
            25.1       critical?  high       high?      high?
            74.9       critical?  high       high?      high?
            75         critical?  critical?  critical?  critical?
            75.1       critical   critical?  critical?  critical?
            100        critical   critical?  critical?  critical?
            101        critical?  high?      medium?    low?
            -1         critical?  high?      medium?    low?
            NaN        critical?  high?      medium?    low?
        "#]]
        .assert_eq(&table);
    }
}
