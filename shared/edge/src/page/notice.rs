//! Pages without an approval.

use super::html::html;
use super::icons::Icon;
use super::layout::page;
use super::words::capital;
use crate::{Fault, Response};

/// The one page for every link that leads nowhere: whoever tries links learns nothing from it.
pub fn nothing_here() -> Response {
    let main = html!(
        r#"<h1>There is nothing here</h1>
<p>The link is over, was replaced by another, or did not come through in one piece. Nothing was changed.</p>
<p class="mut">If you were asked for an approval, open the newest mail about it, and take care to copy the whole link. Otherwise ask whoever leads the incident.</p>
"#
    );
    page(404, "There is nothing here", &main)
}

/// What a person hears of a fault. Nothing was recorded, whichever it is.
pub fn refused(fault: &Fault) -> Response {
    if fault.status() == 404 {
        return nothing_here();
    }
    let why = if let Fault::Denied { missing } = fault {
        missing.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(", ")
    } else {
        fault.public()
    };
    let advice = if fault.retryable() {
        "Open the link in your mail again in a minute."
    } else {
        "If you still want to answer, open the link in your mail again."
    };
    let main = html!(
        r#"<h1 class="note bad">{}<span>That did not work</span></h1>
<p>{}.</p>
<p>Nothing was recorded. {}</p>
<p class="mut sm">{}</p>
"#,
        Icon::Warning.html(),
        capital(&why),
        advice,
        fault.code(),
    );
    let answer = page(fault.status(), "That did not work", &main);
    if let Fault::MethodNotAllowed { allow } = fault {
        answer.with("allow", *allow)
    } else if fault.retryable() {
        answer.with("retry-after", "60")
    } else {
        answer
    }
}
