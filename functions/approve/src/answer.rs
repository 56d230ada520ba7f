//! What an approver is told: a page, or JSON if that is what they ask for.

use serde_json::{Value, json};
use watchfire_desk::{Decided, Desk, View};
use watchfire_domain::Approval;
use watchfire_edge::page::{self, Form, FormCookie, Question, Said};
use watchfire_edge::{Fault, Request, Response, chain};
use watchfire_store::receipt_json;

/// How the request ended.
pub(crate) enum Told<'a> {
    /// The answer stands.
    Decided { view: &'a View, decided: &'a Decided },
    /// Another answer stands.
    Stands { view: &'a View, fault: &'a Fault },
    /// Not taken, and the form is shown again.
    Again { view: &'a View, link: &'a str, fault: &'a Fault, said: Said },
    /// Not taken.
    Refused(&'a Fault),
}

/// Answers, and logs once how it ended: never the link, the code or who answered.
pub(crate) fn tell(desk: &Desk, request: &Request, told: Told<'_>) -> Response {
    match &told {
        Told::Decided { decided, .. } => tracing::info!(
            approval.id = %decided.approval.id,
            approval.state = decided.approval.state.name(),
            repeated = decided.receipt.is_none(),
            "An approver answered"
        ),
        Told::Stands { fault, .. } | Told::Again { fault, .. } | Told::Refused(fault) => log(fault),
    }
    if wants_json(request) { to_program(request, told) } else { to_person(desk, request, told) }
}

/// Logs why an answer was not taken.
pub(crate) fn log(fault: &Fault) {
    let (name, code) = (fault.name(), fault.code());
    if fault.status() >= 500 {
        tracing::error!(fault.name = name, fault.code = code, "An answer failed: {}", chain(fault));
    } else {
        tracing::info!(fault.name = name, fault.code = code, "An answer was not taken");
    }
}

/// Whether the caller is a program: it asks for JSON, and not for a page.
fn wants_json(request: &Request) -> bool {
    let accept = request.header("accept").unwrap_or_default().to_ascii_lowercase();
    accept.contains("application/json") && !accept.contains("text/html")
}

fn to_program(request: &Request, told: Told<'_>) -> Response {
    match told {
        Told::Decided { view, decided } => {
            let approval = summary(&decided.approval, &view.approver);
            let receipt = decided.receipt.as_ref().map_or(Value::Null, receipt_json);
            Response::json(200, &json!({ "approval": approval, "receipt": receipt }))
        }
        Told::Stands { fault, .. } | Told::Again { fault, .. } | Told::Refused(fault) => {
            Response::fault(fault, &request.request_id)
        }
    }
}

/// The approval without its code and without the other approvers: of its levels, the one that is
/// asked.
fn summary(approval: &Approval, approver: &str) -> Value {
    let given = approval.decisions.iter().find(|one| one.approver == approver);
    let level = approval.asked().last();
    json!({
        "id": approval.id,
        "state": approval.state,
        "need": level.map(|level| level.need),
        "grants": level.map(|level| level.agreed),
        "answer": given.map(|one| one.answer),
        "answered_at": given.map(|one| one.at),
        "expires_at": approval.expires_at,
    })
}

fn to_person(desk: &Desk, request: &Request, told: Told<'_>) -> Response {
    match told {
        Told::Decided { view, decided } => {
            page::answered(200, &question(desk, view, &decided.approval))
        }
        Told::Stands { view, fault } => {
            page::answered(fault.status(), &question(desk, view, &view.approval))
        }
        Told::Again { view, link, fault, said } => {
            let question = question(desk, view, &view.approval);
            if !question.is_open() {
                return page::answered(fault.status(), &question);
            }
            let cookie = FormCookie::kept_or_new(request, &*desk.ids);
            let csrf = cookie.field(&view.nonce);
            let form = Form { link, csrf: &csrf };
            page::asked(fault.status(), &question, form, Some(said)).cookie(cookie.line())
        }
        Told::Refused(fault) => page::refused(fault),
    }
}

fn question<'a>(desk: &'a Desk, view: &'a View, approval: &'a Approval) -> Question<'a> {
    Question {
        approval,
        incident: &view.incident,
        environment: view.environment.as_ref(),
        approver: &view.approver,
        subject: approval.subject_hash(&view.tenant),
        tenant: view.tenant.as_str(),
        sign_in: desk.config.sign_in.as_ref(),
        now: desk.clock.now(),
    }
}
