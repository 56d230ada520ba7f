//! approval-page: shows what a signed link asks. Nothing here writes, and its role could not: a
//! link survives being opened any number of times, by whomever (reliability: approvals, threats).

#[cfg(test)]
mod tests;

use serde_json::Value;
use watchfire_desk::{Desk, View};
use watchfire_edge::page::{self, Form, FormCookie, Question};
use watchfire_edge::{Fault, Request, Response, chain};

/// Answers `GET /approvals/{link}`, and `GET /approvals/signed-in` among them; always with a page.
pub async fn handle(desk: &Desk, event: Value) -> Value {
    let request = Request::from_event(&event);
    let shown = match &request {
        Ok(request) => show(desk, request).await,
        // No link of ours is so long, or escaped so badly.
        Err(_) => Err(Fault::NotFound),
    };
    let mut answer = shown.unwrap_or_else(|fault| refuse(&fault));
    if request.is_ok_and(|request| request.method == "HEAD") {
        answer.body.clear();
    }
    answer.to_event()
}

async fn show(desk: &Desk, request: &Request) -> Result<Response, Fault> {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Err(Fault::MethodNotAllowed { allow: "GET, HEAD" });
    }
    let segments = request.segments().map_err(|_| Fault::NotFound)?;
    let [place, link] = segments.as_slice() else { return Err(Fault::NotFound) };
    if place != "approvals" {
        return Err(Fault::NotFound);
    }
    // No link is spelled so: it is where the issuer leads back to.
    if link == "signed-in" {
        return Ok(page::signed_in(desk.config.sign_in.as_ref()));
    }
    let view = desk.open_link(link).await?;
    let question = question(desk, &view);
    tracing::info!(approval.id = %view.approval.id, "Showed an approval");
    if !question.is_open() {
        return Ok(page::answered(200, &question));
    }
    let cookie = FormCookie::kept_or_new(request, &*desk.ids);
    let csrf = cookie.field(&view.nonce);
    let answer = page::asked(200, &question, Form { link, csrf: &csrf }, None);
    Ok(answer.cookie(cookie.line()))
}

fn question<'a>(desk: &'a Desk, view: &'a View) -> Question<'a> {
    Question {
        approval: &view.approval,
        incident: &view.incident,
        environment: view.environment.as_ref(),
        approver: &view.approver,
        subject: view.approval.subject_hash(&view.tenant),
        tenant: view.tenant.as_str(),
        sign_in: desk.config.sign_in.as_ref(),
        now: desk.clock.now(),
    }
}

fn refuse(fault: &Fault) -> Response {
    if fault.status() >= 500 {
        tracing::error!(
            fault.name = fault.name(),
            fault.code = fault.code(),
            "An approval could not be shown: {}",
            chain(fault)
        );
    }
    page::refused(fault)
}
