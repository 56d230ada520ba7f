//! The quick reference (S1-45): alert, likely cause, first action.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A row of the quick reference.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// High CPU.
    HighCpu,
    /// Memory high.
    MemoryHigh,
    /// Disk full.
    DiskFull,
    /// 5xx errors.
    #[serde(rename = "errors_5xx")]
    Errors5xx,
    /// High latency.
    HighLatency,
    /// DB connection.
    DbConnection,
}

/// What the quick reference says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The alert.
    pub alert: &'static str,
    /// Its likely cause.
    pub cause: &'static str,
    /// What to do first.
    pub action: &'static str,
}

impl Row {
    /// Every row, in the order of the page. The first whose words fit an alarm is its row.
    pub const ALL: [Self; 6] = [
        Self::HighCpu,
        Self::MemoryHigh,
        Self::DiskFull,
        Self::Errors5xx,
        Self::HighLatency,
        Self::DbConnection,
    ];

    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HighCpu => "high_cpu",
            Self::MemoryHigh => "memory_high",
            Self::DiskFull => "disk_full",
            Self::Errors5xx => "errors_5xx",
            Self::HighLatency => "high_latency",
            Self::DbConnection => "db_connection",
        }
    }

    /// What the quick reference says.
    pub const fn advice(self) -> Advice {
        let (alert, cause, action) = match self {
            Self::HighCpu => {
                ("High CPU", "process spike, infinite loop", "look at `top`, scale out")
            }
            Self::MemoryHigh => {
                ("Memory high", "memory leak, cache build-up", "restart the service, read its logs")
            }
            Self::DiskFull => {
                ("Disk full", "log accumulation, large files", "clean the logs, grow the volume")
            }
            Self::Errors5xx => (
                "5xx errors",
                "application crash, database trouble",
                "read the logs, roll back if something was deployed",
            ),
            Self::HighLatency => (
                "High latency",
                "network trouble, slow database query",
                "look at CloudWatch, mend the queries",
            ),
            Self::DbConnection => {
                ("DB connection", "pool exhausted", "raise the connections, restart the service")
            }
        };
        Advice { alert, cause, action }
    }

    /// The words that tell it: any group of which all are in the alarm's name or metric, which are
    /// written as one lower-case word each.
    const fn words(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::HighCpu => &[&["cpu"]],
            Self::MemoryHigh => &[&["memory"], &["mem", "used"], &["swapusage"], &["oom"]],
            Self::DiskFull => {
                &[&["disk"], &["freestoragespace"], &["filesystem"], &["volume", "full"]]
            }
            Self::Errors5xx => &[&["5xx"], &["http5"], &["errorrate"], &["http500"]],
            Self::HighLatency => {
                &[&["latency"], &["responsetime"], &["duration", "p95"], &["duration", "p99"]]
            }
            Self::DbConnection => &[&["connection", "database"], &["connection", "db"], &["pool"]],
        }
    }

    /// The row that an alarm's name or metric tells; none, if none does.
    pub fn of(name: &str, metric: Option<&str>) -> Option<Self> {
        // `DatabaseConnections` is about connections, and not about a disk or a CPU of that name:
        // the metric is what was measured, the name is what somebody called it.
        let row = |text: &str| {
            let letters = text.chars().filter(char::is_ascii_alphanumeric);
            let text: String = letters.map(|one| one.to_ascii_lowercase()).collect();
            let told = |group: &&[&str]| group.iter().all(|word| text.contains(word));
            Self::ALL.into_iter().find(|row| row.words().iter().any(&told))
        };
        metric.and_then(row).or_else(|| row(name))
    }
}
