//! Within which hours and as what the approver can agree, where it is not at any time as anybody.

use super::html::{Html, html};
use super::icons::Icon;
use super::question::Question;
use super::words::{at, shown, text};

/// The hours, and what counts only within them.
pub(super) fn told(question: &Question<'_>) -> Option<Html> {
    let hours = question.approval.asked_in(question.approver)?.hours?;
    let counts = "To approve counts only within them, to deny at any time.";
    Some(html!("<p>{}</p><p>{}</p>", shown(hours), counts))
}

/// The role and the clearance that it takes to agree, where it takes any.
pub(super) fn wanted(question: &Question<'_>) -> Option<Html> {
    let wants = question.approval.asked_in(question.approver)?.wants()?;
    Some(html!("<p>To approve takes {}; to deny does not.</p>", text(&wants)))
}

/// The clearance that the incident asks for, where it asks for any: of whoever signs in.
pub(super) fn guarded(question: &Question<'_>) -> Option<Html> {
    let clearance = question.incident.clearance;
    (clearance > 0).then(|| {
        html!(
            "Whoever signs in to answer needs a clearance of {}, to deny as well.",
            clearance.to_string()
        )
    })
}

/// That it is outside them now, and from when on it is not.
pub(super) fn outside(question: &Question<'_>) -> Option<Html> {
    let level = question.approval.asked_in(question.approver)?;
    let from = level.agrees_from(question.now);
    let next = match from {
        now if now <= question.now => return None,
        from if from < question.approval.expires_at => {
            html!("You can approve from {} on.", at(from))
        }
        _ => text("They begin again only after this has ended."),
    };
    Some(html!(
        r#"<p class="note warn">{}<span><strong>It is outside your hours.</strong> {} To deny counts now.</span></p>
"#,
        Icon::Clock.html(),
        next
    ))
}
