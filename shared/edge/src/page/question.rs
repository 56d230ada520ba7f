//! What is asked: the facts that an approver needs, in the order in which they are needed.

use super::hours;
use super::html::{Html, html};
use super::icons::{Icon, chip, plain_chip};
use super::words::{ago, at, capital, files, length, row, shown, text, who};
use crate::config::SignIn;
use watchfire_domain::approval::{Answer, Approval, ApprovalState, Risk};
use watchfire_domain::environment::{Environment, Evidence, Verdict};
use watchfire_domain::{Excerpt, Incident, Severity, Timestamp, hex};

/// The stable word for the removal of an environment's access point.
const REMOVE: &str = "remove_access_point";

/// An approval, as one of its approvers is shown it.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The approval.
    pub approval: &'a Approval,
    /// The incident that it belongs to.
    pub incident: &'a Incident,
    /// The environment that it is about, if it is about one.
    pub environment: Option<&'a Environment>,
    /// Who is asked, normalised.
    pub approver: &'a str,
    /// The digest that the link is bound to.
    pub subject: [u8; 32],
    /// The tenant that it is about.
    pub tenant: &'a str,
    /// How the page signs its approver in, if it does.
    pub sign_in: Option<&'a SignIn>,
    /// When it is shown.
    pub now: Timestamp,
}

impl Question<'_> {
    /// Whether a link alone may decide it.
    pub fn link_decides(&self) -> bool {
        self.approval.subject.risk < Risk::High
    }

    /// The answer that the approver gave, and when.
    pub fn given(&self) -> Option<(Answer, Timestamp)> {
        let mut all = self.approval.decisions.iter();
        all.find(|one| one.approver == self.approver).map(|one| (one.answer, one.at))
    }

    /// Whether the approver's answer is still awaited.
    pub fn is_open(&self) -> bool {
        self.approval.state == ApprovalState::Pending && self.given().is_none()
    }

    pub(super) fn removal(&self) -> Option<&Environment> {
        self.environment.filter(|_| self.approval.subject.action == REMOVE)
    }

    /// What follows from either answer, in two words.
    pub(super) fn outcomes(&self) -> (&'static str, &'static str) {
        self.removal().map_or(("go ahead", "leave it"), |_| ("delete it", "keep it"))
    }

    /// The question, as the page's heading.
    pub(super) fn heading(&self) -> Html {
        let Some(one) = self.removal() else {
            return html!("Allow “{}”?", self.approval.subject.action.replace('_', " "));
        };
        html!("Delete the access point of cluster {}, incident {}?", one.cluster_id, one.number)
    }

    pub(super) fn chips(&self) -> Html {
        let risk = match self.approval.subject.risk {
            Risk::Low => chip("", Icon::Warning, "Low risk"),
            Risk::Medium => chip("warn", Icon::Warning, "Medium risk"),
            Risk::High => chip("bad", Icon::Warning, "High risk"),
        };
        let place = self.approval.asked().count();
        let level = self.approval.levels_in_all().map(|all| {
            html!("{} ", chip("calm", Icon::Person, &format!("Level {place} of {all}")))
        });
        let grants = self.approval.asked().last().filter(|level| level.need > 1).map(|level| {
            chip("calm", Icon::Person, &format!("{} of {} agreed", level.agreed, level.need))
        });
        let left = self.approval.expires_at.since(self.now);
        let left =
            self.is_open().then(|| chip("calm", Icon::Clock, &format!("{} left", length(left))));
        html!(r#"<p class="chips">{} {}{} {}</p>"#, risk, level, grants, left)
    }

    /// Who asks, and why now.
    pub(super) fn asker(&self) -> Html {
        let person = who(&self.approval.requested_by);
        let when = ago(self.approval.requested_at, self.now);
        let stop = self.removal().and_then(|one| one.stop.as_ref());
        let why = stop.map(|stop| {
            html!(", after {} stopped the environment: “{}”", who(&stop.by), stop.reason)
        });
        html!(
            r#"<p><strong>{}</strong> <span class="mut nw">{}</span></p>
<p>Asked by <strong>{}</strong> {}{}.</p>"#,
            self.incident.title,
            self.incident.display_id,
            person,
            when,
            why
        )
    }

    /// That it is a drill, if it is one.
    pub(super) fn drill(&self) -> Option<Html> {
        self.incident.drill.then(|| {
            html!(
                r#"<p class="note calm">{}<span><strong>This is a drill.</strong> The incident was opened for practice. Your answer is carried out all the same.</span></p>"#,
                Icon::Person.html()
            )
        })
    }

    /// What is asked, and for which incident.
    pub(super) fn facts(&self) -> Html {
        let incident = self.incident;
        let (class, name) = match incident.severity {
            Severity::Critical => ("bad", "Critical"),
            Severity::High => ("warn", "High"),
            Severity::Medium => ("calm", "Medium"),
            Severity::Low => ("", "Low"),
        };
        let drill = incident.drill.then(|| chip("calm", Icon::Person, "Drill"));
        let about = html!(
            r#"<p>{}</p><p><strong>{}</strong></p><p class="chips">{} {} {}</p>"#,
            incident.display_id,
            incident.title,
            chip(class, Icon::Warning, name),
            plain_chip(&capital(incident.status.name())),
            drill,
        );
        let mut rows = vec![row("Incident", &about)];
        if let Some(one) = self.environment {
            rows.push(row("Cluster", &text(&one.cluster_id)));
            rows.push(row("Number", &text(&one.number)));
            rows.push(row("Evidence", &evidence(one.evidence.as_ref())));
        } else {
            rows.push(row("Request", &text(&self.approval.subject.summary)));
            rows.extend(
                self.approval.subject.does.as_ref().map(|does| row("It does", &done(does))),
            );
        }
        rows.extend(self.others().map(|others| row("Also asked", &others)));
        if self.is_open() {
            let expires = html!("{}, then it counts as no", at(self.approval.expires_at));
            rows.push(row("Open until", &expires));
            rows.extend(hours::told(self).map(|hours| row("Your hours", &hours)));
            rows.extend(hours::wanted(self).map(|wanted| row("Your standing", &wanted)));
            rows.extend(hours::guarded(self).map(|guarded| row("Clearance", &guarded)));
        }
        card("What it is about", &Html::all(rows))
    }

    /// The other approvers, and what they said.
    fn others(&self) -> Option<Html> {
        let (asked, many) =
            (self.approval.asked().count(), self.approval.levels_in_all().is_some());
        let each = |one: &String, place: usize| {
            let said = self.approval.decisions.iter().find(|said| &said.approver == one);
            let waits = if place < asked { "no answer yet" } else { "not asked yet" };
            let said = said.map_or(waits, |said| match said.answer {
                Answer::Grant => "agreed",
                Answer::Deny => "refused",
            });
            let level = many.then(|| text(&format!(" (level {})", place.saturating_add(1))));
            html!("<p>{}{}: {}</p>", one, level, said)
        };
        let levels = self.approval.levels().enumerate();
        let all =
            levels.flat_map(|(place, level)| level.people.iter().map(move |one| (one, place)));
        let others = all.filter(|(one, _)| one.as_str() != self.approver);
        let each: Vec<Html> = others.map(|(one, place)| each(one, place)).collect();
        (!each.is_empty()).then(|| Html::all(each))
    }

    /// The exact request: what the link is bound to.
    pub(super) fn details(&self) -> Html {
        let subject = &self.approval.subject;
        let mono = |value: &str| html!(r#"<span class="mono">{}</span>"#, value);
        let point = self.environment.and_then(|one| one.access_point.as_deref());
        let rows = [
            Some(row("Request", &text(&subject.summary))),
            Some(row("Action", &mono(&subject.action))),
            Some(row("On", &mono(&subject.target))),
            point.map(|point| row("Access point", &mono(point))),
            subject.spec_hash.as_deref().map(|hash| row("Spec", &mono(hash))),
            subject.inputs_hash.as_deref().map(|hash| row("Inputs", &mono(hash))),
            subject.does.as_ref().map(|does| row("It does", &mono(&does.sha256))),
            Some(row(
                "Approval",
                &html!(r#"<span class="mono">{}</span>"#, shown(self.approval.id)),
            )),
            Some(row("Subject", &mono(&hex(&self.subject)))),
        ];
        html!(
            r#"<details class="card"><summary>The exact request</summary><dl class="kv">
{}</dl></details>
"#,
            Html::all(rows.into_iter().flatten())
        )
    }
}

/// What would be done, line by line as it was kept.
fn done(does: &Excerpt) -> Html {
    let lines = does.text.lines().map(|line| html!("{}\n", line));
    let remark = does.remark().map(|remark| html!(r#"<p class="mut">({})</p>"#, shown(remark)));
    html!(r#"<pre class="mono">{}</pre>{}"#, Html::all(lines), remark)
}

fn evidence(evidence: Option<&Evidence>) -> Html {
    let Some(found) = evidence else {
        return chip("warn", Icon::Warning, "Not looked for yet");
    };
    let (class, icon, word) = match found.verdict {
        Verdict::Verified => ("ok", Icon::Check, "Verified"),
        Verdict::Missing => ("bad", Icon::Warning, "Missing"),
        Verdict::Incomplete => ("bad", Icon::Warning, "Incomplete"),
        Verdict::None => ("", Icon::Check, "None to expect"),
        Verdict::Waived => ("warn", Icon::Warning, "Incomplete, let pass"),
    };
    let more = match found.verdict {
        Verdict::Verified => Some(html!("{}, all there", files(found.files))),
        Verdict::None => Some(text("No task was ever ready")),
        Verdict::Missing | Verdict::Incomplete | Verdict::Waived => {
            found.problem.as_deref().map(text)
        }
    };
    let kept = found.prefix.as_deref();
    let kept = kept.map(|prefix| html!(r#"<p class="mono mut">{}</p>"#, prefix));
    html!(r#"<p class="chips">{}</p><p>{}</p>{}"#, chip(class, icon, word), more, kept)
}

/// A list of facts under a heading.
pub(super) fn card(heading: &'static str, rows: &Html) -> Html {
    html!(
        r#"<section class="card"><h2>{}</h2><dl class="kv">
{}</dl></section>
"#,
        heading,
        rows
    )
}
