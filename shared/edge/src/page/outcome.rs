//! The page that tells what was decided.

use super::html::{Html, html};
use super::icons::Icon;
use super::layout::page;
use super::question::Question;
use super::words::at;
use crate::Response;
use watchfire_domain::approval::{Answer, ApprovalState, Decision};

/// The page of an approval that awaits no answer of this approver: what stands, since when, and what
/// follows from it. `status` tells whether an answer was taken just now, or none could be.
pub fn answered(status: u16, question: &Question<'_>) -> Response {
    let given = question.given();
    let (class, icon, title) = match (question.approval.state, given) {
        (ApprovalState::Pending, Some((Answer::Deny, _))) | (ApprovalState::Denied, _) => {
            ("bad", Icon::Cross, "Denied")
        }
        (ApprovalState::Granted, _) => ("ok", Icon::Check, "Approved"),
        (ApprovalState::Pending, Some((Answer::Grant, _))) => {
            ("ok", Icon::Check, "Your approval is recorded")
        }
        (ApprovalState::Pending, None) => ("calm", Icon::Clock, "Open"),
        (ApprovalState::Expired, _) => ("warn", Icon::Clock, "Expired"),
        (ApprovalState::Revoked, _) => ("warn", Icon::Cross, "Taken back"),
        (ApprovalState::Superseded, _) => ("warn", Icon::Clock, "A newer question took its place"),
        (ApprovalState::Overridden, _) => ("warn", Icon::Warning, "Done without you"),
    };
    let refused = (status >= 400).then(|| {
        html!(
            r#"<p class="note warn" role="alert">{}<span><strong>Nothing was changed.</strong> What was decided before stands.</span></p>
"#,
            Icon::Warning.html()
        )
    });
    let main = html!(
        r#"{}{}<h1 class="note {}">{}<span>{}</span></h1>
{}{}<p>You were asked: <strong>{}</strong></p>
{}{}<p class="mut sm">Nothing is left to do here: you can close this page.</p>
"#,
        refused,
        question.drill(),
        class,
        icon.html(),
        title,
        decisions(question),
        follows(question),
        question.heading(),
        question.facts(),
        question.details(),
    );
    page(status, title, &main)
}

fn decisions(question: &Question<'_>) -> Html {
    let over = question.approval.overridden.as_ref().map(|over| {
        html!(
            "<p>{} went ahead without the approvers at {}: {}</p>\n",
            over.by.as_str(),
            at(over.at),
            over.reason.as_str()
        )
    });
    let one = |said: &Decision| {
        let who = if said.approver == question.approver { "You" } else { said.approver.as_str() };
        let what = match said.answer {
            Answer::Grant => "approved",
            Answer::Deny => "denied",
        };
        html!("<p>{} {} this at {}.</p>\n", who, what, at(said.at))
    };
    let said = Html::all(question.approval.decisions.iter().map(one));
    html!("{}{}", over, said)
}

fn follows(question: &Question<'_>) -> Html {
    let removal = question.removal();
    let text = match (question.approval.state, removal.is_some()) {
        (ApprovalState::Granted, true) => {
            "The access point is deleted, and the environment closes. No file is deleted."
        }
        (ApprovalState::Granted, false) => "It is carried out.",
        (ApprovalState::Denied | ApprovalState::Expired, true) => {
            "The access point stays, and the environment closes. No file is deleted."
        }
        (ApprovalState::Denied | ApprovalState::Expired, false) => "It is not carried out.",
        (ApprovalState::Pending, _) => "Others still have to answer.",
        (ApprovalState::Superseded, _) => {
            "It is asked anew: whoever is to answer that has a newer mail. This one opens nothing."
        }
        (ApprovalState::Revoked | ApprovalState::Overridden, _) => "Nobody need answer any more.",
    };
    let doubt = question.approval.state == ApprovalState::Granted
        && removal.is_some_and(|environment| !environment.evidence_passes());
    let doubt = doubt.then(|| {
        html!(" This waits until the evidence is complete, or an administrator lets it pass.")
    });
    html!("<p>{}{}</p>\n", text, doubt)
}
