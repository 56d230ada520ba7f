//! An answer comes in. Size, form, MAC, expiry, CSRF, origin, and only then the decision.

use crate::answer::{Told, log, tell};
use crate::guard::same_origin;
use watchfire_desk::{Decided, Desk, View};
use watchfire_domain::Rejected;
use watchfire_domain::approval::Answer;
use watchfire_edge::page::{self, FormCookie, Said};
use watchfire_edge::{Fault, Request, Response};

// Our form has some 400 bytes.
const MOST: usize = 8_192;

/// The fields of our form.
#[derive(Default)]
struct Fields {
    link: String,
    csrf: String,
    code: String,
    decision: String,
}

impl Fields {
    fn read(request: &Request) -> Result<Self, Fault> {
        if request.body.len() > MOST {
            return Err(Fault::TooLarge { what: "the form", limit: MOST });
        }
        let mut fields = Self::default();
        let mut seen = Vec::new();
        for (name, value) in request.form()? {
            let field = match name.as_str() {
                "link" => &mut fields.link,
                "csrf" => &mut fields.csrf,
                "code" => &mut fields.code,
                "decision" => &mut fields.decision,
                _ => continue,
            };
            // Which of two answers would be meant?
            if seen.contains(&name) {
                return Err(Fault::Malformed { reason: format!("the form has two `{name}`") });
            }
            *field = value;
            seen.push(name);
        }
        Ok(fields)
    }

    /// The code as it is stored: people write a space in its middle.
    fn code(&self) -> String {
        self.code.chars().filter(|letter| !letter.is_whitespace()).collect()
    }

    fn answer(&self) -> Result<Answer, Fault> {
        match self.decision.as_str() {
            "grant" => Ok(Answer::Grant),
            "deny" => Ok(Answer::Deny),
            _ => Err(Fault::invalid("decision", "must be `grant` or `deny`")),
        }
    }
}

/// Answers `POST /approvals/decide`.
pub(crate) async fn post(desk: &Desk, event: &serde_json::Value) -> Response {
    let request = match Request::from_event(event) {
        Ok(request) => request,
        Err(fault) => {
            log(&fault);
            return page::refused(&fault);
        }
    };
    let (fields, view) = match open(desk, &request).await {
        Ok(opened) => opened,
        Err(fault) => return tell(desk, &request, Told::Refused(&fault)),
    };
    let link = fields.link.as_str();
    match decide(desk, &request, &fields, &view).await {
        Ok(decided) => tell(desk, &request, Told::Decided { view: &view, decided: &decided }),
        Err((fault, Some(said))) => {
            tell(desk, &request, Told::Again { view: &view, link, fault: &fault, said })
        }
        Err((fault, None)) if fault.status() == 409 => {
            // Somebody may have decided since the link was opened: what stands now is shown.
            let newest = desk.open_link(link).await;
            let view = newest.as_ref().unwrap_or(&view);
            tell(desk, &request, Told::Stands { view, fault: &fault })
        }
        Err((fault, None)) => tell(desk, &request, Told::Refused(&fault)),
    }
}

/// The form, and what its link leads to.
async fn open(desk: &Desk, request: &Request) -> Result<(Fields, View), Fault> {
    if request.path != "/approvals/decide" {
        return Err(Fault::NotFound);
    }
    if request.method != "POST" {
        return Err(Fault::MethodNotAllowed { allow: "POST" });
    }
    let fields = Fields::read(request)?;
    let view = desk.open_link(&fields.link).await?;
    Ok((fields, view))
}

/// The decision, or why there is none and whether the form is worth showing again.
async fn decide(
    desk: &Desk,
    request: &Request,
    fields: &Fields,
    view: &View,
) -> Result<Decided, (Fault, Option<Said>)> {
    let ours = FormCookie::of(request).is_some_and(|one| one.made(&view.nonce, &fields.csrf));
    let public = desk.config.public_url.as_ref().map_or("", |url| url.as_str());
    let origin = same_origin(request, public);
    if !ours {
        // The browser's own page, only stale: it may answer from a fresh one.
        let said = origin.is_ok().then_some(Said::OldPage);
        return Err((Fault::Forged { reason: "its field is not of this browser" }, said));
    }
    origin.map_err(|fault| (fault, None))?;
    let answer = fields.answer().map_err(|fault| (fault, Some(Said::NoAnswer)))?;
    desk.decide_link(view, answer, &fields.code()).await.map_err(|fault| {
        use Rejected::{Expired, LinkStale, NotApprover, OutsideHours, WrongCode};
        // It was over, or taken back, a moment after the link was opened: the link says the same.
        if matches!(fault, Fault::Rejected(Expired | LinkStale | NotApprover)) {
            (Fault::NotFound, None)
        } else if matches!(fault, Fault::Rejected(WrongCode)) {
            (fault, Some(Said::WrongCode))
        } else if matches!(fault, Fault::Rejected(OutsideHours { .. })) {
            (fault, Some(Said::OutsideHours))
        } else {
            let said = fault.retryable().then_some(Said::Unsure);
            (fault, said)
        }
    })
}
