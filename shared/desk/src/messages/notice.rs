//! What a runbook's `notify` says to people: the form of its template, and nothing of ours to those
//! who do not work on the incident.

use super::digest;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use watchfire_domain::plan::Target;
use watchfire_domain::{Audience, Incident};
use watchfire_ports::Message;

/// The order of the fields of the procedures' templates (S1-42..44, S2-23..25): written here since
/// a stored specification is canonical JSON, which sorts its keys; and for each of them, since no
/// order fits them all: one has the duration first, another one last.
const FORMS: [(&str, &[&str]); 6] = [
    ("p-initial", &["impact", "status", "eta", "updates", "commander"]),
    ("p-update", &["status", "progress", "next_steps", "eta", "next_update"]),
    ("p-resolved", &["resolution", "root_cause", "prevention", "duration", "post_mortem"]),
    ("sev-initial", &["status", "impact", "engineer", "started"]),
    ("sev-update", &["root_cause", "mitigation", "eta"]),
    ("sev-resolution", &["duration", "impact", "root_cause", "fix", "next_steps"]),
];

/// What a runbook's step tells.
pub(crate) struct Notice<'a> {
    /// The step's effect: the same notice is the same message.
    pub(crate) effect: &'a str,
    /// Whom it is for.
    pub(crate) audience: Audience,
    /// The message's template, by its name.
    pub(crate) template: &'a str,
    /// What it is filled with; `title` is its subject and its first line.
    pub(crate) values: &'a BTreeMap<String, String>,
}

impl Notice<'_> {
    /// Whether it goes to people who work on the incident, and know our own words for it.
    const fn is_inside(&self) -> bool {
        match self.audience {
            Audience::Responders
            | Audience::Commander
            | Audience::EngineeringLead
            | Audience::SecurityLead => true,
            Audience::Stakeholders | Audience::Executives | Audience::Customers => false,
        }
    }

    /// The subject, which is the first line too.
    fn heading(&self, incident: &Incident) -> String {
        let drill = if incident.drill { "[DRILL] " } else { "" };
        match self.values.get("title") {
            Some(title) => format!("{drill}{title}"),
            None => {
                format!("{drill}{}: {}", incident.display_id, self.template.replace('-', " "))
            }
        }
    }

    /// The fields but for the title: as the template has them, then the others by their names.
    fn fields(&self) -> Vec<(&str, &str)> {
        let form = FORMS.iter().find(|(template, _)| *template == self.template);
        let form = form.map_or([].as_slice(), |(_, form)| *form);
        let place = |name: &str| form.iter().position(|one| *one == name).unwrap_or(form.len());
        let own = self.values.iter().filter(|(name, _)| *name != "title");
        let mut fields: Vec<_> = own.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.sort_by_key(|(name, _)| place(name));
        fields
    }

    fn text(&self, incident: &Incident) -> String {
        let heading = self.heading(incident);
        let mut head = heading.clone();
        // What it is called inside is no word for customers.
        if !self.values.contains_key("title") && self.audience != Audience::Customers {
            head.push('\n');
            head.push_str(&incident.title);
        }
        let mut lines = Vec::new();
        if self.is_inside() {
            let known =
                [("severity", incident.severity.name()), ("status", incident.status.name())];
            lines.push(("for", self.audience.name()));
            lines.extend(known.into_iter().filter(|(name, _)| !self.values.contains_key(*name)));
        }
        lines.extend(self.fields());
        let reference = incident.display_id.as_str();
        if !heading.contains(reference) {
            lines.push(("incident", reference));
        }
        let mut text = head + "\n\n";
        for (name, value) in lines {
            // Writing to a string does not fail. What is only text needs no name.
            _ = match name {
                "text" => writeln!(text, "{value}"),
                _ => writeln!(text, "{}: {value}", label(name)),
            };
        }
        text
    }
}

/// A field's name as people read it.
fn label(name: &str) -> String {
    if name == "eta" {
        return "ETA".to_owned();
    }
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|one| if one == '_' { ' ' } else { one })).collect()
}

/// A message to each target, as a runbook's step tells it.
pub(crate) fn noticed(
    targets: BTreeSet<&Target>,
    incident: &Incident,
    notice: &Notice<'_>,
) -> Vec<Message> {
    let text = notice.text(incident);
    let subject: String = match notice.values.get("title") {
        None if notice.audience != Audience::Customers => {
            format!("{} ({})", notice.heading(incident), incident.title)
        }
        _ => notice.heading(incident),
    };
    let message = |target: &Target| {
        let whom = serde_json::to_string(target).unwrap_or_default();
        Message {
            id: digest(&["runbook.notice", notice.effect, &whom]),
            to: target.clone(),
            subject: subject.chars().take(100).collect(),
            text: text.clone(),
            data: json!({
                "event": "runbook.notice",
                "incident": incident.id,
                "display_id": incident.display_id,
                "audience": notice.audience.name(),
                "template": notice.template,
                "values": notice.values,
                "drill": incident.drill,
            }),
        }
    };
    targets.into_iter().map(message).collect()
}
