//! What is known of the incident that an execution is about: nobody types it.

use crate::{Span, words};
use watchfire_domain::incident::Role;
use watchfire_domain::{Incident, Timestamp};

/// What stands for a name that nobody has entered yet. A message that is due is not held up by it,
/// and does not name anybody by chance.
pub const UNNAMED: &str = "not named yet";

/// What the variables `incident.…` stand for. Each is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its uuid.
    pub id: String,
    /// `INC-…`.
    pub display_id: String,
    /// Its title.
    pub title: String,
    /// The label of its severity in its profile, such as `Sev1` or `P0`; the severity's own name,
    /// if the caller has read no profile.
    pub severity_label: String,
    /// Since when: its beginning if that is known, else its detection, else its opening.
    pub started_at: Timestamp,
    /// When it was resolved, if it is.
    pub resolved_at: Option<Timestamp>,
    /// The incident commander, or [`UNNAMED`].
    pub commander: String,
    /// Who owns it, or [`UNNAMED`].
    pub owner: String,
}

impl Facts {
    /// What is known of `incident`; `label` is that of its severity in the profile that it was
    /// opened under.
    pub fn of(incident: &Incident, label: Option<&str>) -> Self {
        let named = |name: Option<&String>| line(name.map_or(UNNAMED, String::as_str));
        Self {
            id: incident.id.to_string(),
            display_id: incident.display_id.clone(),
            title: line(&incident.title),
            severity_label: line(label.unwrap_or_else(|| incident.severity.name())),
            started_at: incident.began_at(),
            resolved_at: incident.resolved_at,
            commander: named(incident.roles.get(&Role::IncidentCommander)),
            owner: named(incident.owner.as_ref()),
        }
    }

    /// How long it lasted, or has lasted until `now`, in whole minutes if it is one or more.
    pub fn duration(&self, now: Timestamp) -> Span {
        let until = self.resolved_at.unwrap_or(now);
        let seconds = until.since(self.started_at).max(0).div_euclid(1_000);
        let seconds = u64::try_from(seconds).unwrap_or_default();
        let minutes = seconds.div_euclid(60);
        if minutes > 0 { Span::from_minutes(minutes) } else { Span::from_seconds(seconds) }
    }
}

/// Words of others, as an input would have to be: what nobody sees could begin a line of its own.
fn line(text: &str) -> String {
    text.chars().map(|one| if words::is_hidden(one) { ' ' } else { one }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::facts;

    #[test]
    fn it_lasts_until_it_is_resolved() {
        let mut facts = facts();
        let after = |seconds: i64| facts.started_at.plus(seconds * 1_000);
        let spans = [-5, 0, 59, 60, 5_459].map(|seconds| facts.duration(after(seconds)));
        assert_eq!(spans.map(|span| span.to_string()), ["0s", "0s", "59s", "1m", "1h30m"]);
        facts.resolved_at = Some(after(120));
        assert_eq!(facts.duration(after(5_459)).to_string(), "2m");
    }

    #[test]
    fn words_of_others_stay_one_line() {
        assert_eq!(line("disk\nstatus: resolved\u{202e}"), "disk status: resolved ");
    }
}
