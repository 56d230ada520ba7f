//! Where an approver signs in: for what is of high risk, since a link may have been forwarded.

use super::html::{Html, html};
use super::icons::Icon;
use super::layout::scripted;
use super::notice::nothing_here;
use super::question::Question;
use crate::Response;
use crate::config::SignIn;

/// How it is granted: by a sign-in here, if it is set up, and by tooling. Without its script, only
/// the latter shows.
pub(super) fn place(question: &Question<'_>) -> Html {
    let otherwise = html!(
        r#"With your tooling, signed in as {}: <span class="mono">POST /v1/approvals/{}/decide</span> with this page’s link."#,
        question.approver,
        question.approval.id.to_string()
    );
    let Some(sign_in) = question.sign_in else {
        return html!(
            r#"<p class="note warn">{}<span><strong>To approve this, sign in.</strong> The risk is high, and a link may have been forwarded. {} To refuse, answer below.</span></p>
"#,
            Icon::Warning.html(),
            otherwise
        );
    };
    html!(
        r#"<p class="note warn">{}<span><strong>To approve this, sign in.</strong> The risk is high, and a link may have been forwarded. To refuse, answer below.</span></p>
<div id="sign-in" data-client="{}" data-authorize="{}" data-scope="{}" data-tenant="{}" data-approval="{}" data-approver="{}">
<p id="said" hidden></p>
<p class="answers one"><button id="begin" class="yes" type="button" hidden>{}Sign in to approve <span>as {}</span></button></p>
<p class="mut sm" id="otherwise">{}</p>
</div>
"#,
        Icon::Warning.html(),
        sign_in.client.as_str(),
        sign_in.authorize.as_str(),
        sign_in.scope,
        question.tenant,
        question.approval.id.to_string(),
        question.approver,
        Icon::Person.html(),
        question.approver,
        otherwise,
    )
}

/// Where it is granted once the approver is signed in: below what it is about, as on other pages.
pub(super) fn grant(question: &Question<'_>) -> Html {
    html!(
        r#"<p class="answers one"><button id="grant" class="yes" type="button" hidden>{}Approve <span>{}</span></button></p>
"#,
        Icon::Check.html(),
        question.outcomes().0
    )
}

/// The page that the issuer leads back to. It knows no link and no approval: its script has them from
/// the tab that began, and shows there what the link shows.
pub fn signed_in(sign_in: Option<&SignIn>) -> Response {
    let Some(sign_in) = sign_in else { return nothing_here() };
    let main = html!(
        r#"<h1>Signing in</h1>
<p id="said" role="status">One moment.</p>
<div id="sign-in" data-client="{}" data-token="{}" data-sends="{}"></div>
<noscript><p>This takes a script, which your browser does not run. Nothing was recorded. Open the link in your mail again: it says how to answer without.</p></noscript>
"#,
        sign_in.client.as_str(),
        sign_in.token.as_str(),
        sign_in.sends.name(),
    );
    scripted(200, "Signing in", &main, &format!("'self' {}", sign_in.source()))
}
