//! The page that asks: what follows from either answer, the code and two buttons.

use super::hours;
use super::html::{Html, html};
use super::icons::Icon;
use super::layout::{page, scripted};
use super::question::{Question, card};
use super::signs;
use super::words::{at, row, text};
use crate::Response;

/// What the form hands back unseen.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    /// The link: the right to answer.
    pub link: &'a str,
    /// [`FormCookie::field`](super::FormCookie::field).
    pub csrf: &'a str,
}

// The link is the approver's alone.
impl std::fmt::Debug for Form<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Form")
    }
}

/// Why the form is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The code was not the one on the page.
    WrongCode,
    /// Neither button was pressed, or both.
    NoAnswer,
    /// The page was too old, or another approval was opened after it.
    OldPage,
    /// It was granted outside the approver's hours.
    OutsideHours,
    /// It is not known whether the answer was taken.
    Unsure,
}

impl Said {
    fn note(self) -> Html {
        let (what, then) = match self {
            Self::WrongCode => ("The code was not right.", "Nothing was recorded."),
            Self::NoAnswer => ("No answer was chosen.", "Nothing was recorded."),
            Self::OldPage => (
                "The page had been open too long.",
                "Nothing was recorded. It is fresh again: answer once more.",
            ),
            Self::OutsideHours => (
                "It is outside your hours.",
                "Nothing was recorded. To approve, answer again within them; to deny counts at any time.",
            ),
            Self::Unsure => (
                "We could not confirm your answer.",
                "It may not be recorded. Answer once more: the same answer counts once.",
            ),
        };
        html!(
            r##"<p class="note bad" id="problem" role="alert">{}<span><strong>{}</strong> {} <a href="#code">To your answer</a></span></p>
        "##,
            Icon::Warning.html(),
            what,
            then
        )
    }
}

/// The page that asks. Nothing is chosen on it, and opening it decides nothing.
pub fn asked(status: u16, question: &Question<'_>, form: Form<'_>, said: Option<Said>) -> Response {
    let title = match said {
        None => "Your approval is asked for",
        Some(_) => "Not recorded: your approval is asked for",
    };
    let link_decides = question.link_decides();
    let signs = question.sign_in.is_some() && !link_decides;
    let main = html!(
        "{}{}{}\n<h1>{}</h1>\n{}\n{}{}{}{}{}{}{}{}",
        said.map(Said::note),
        question.drill(),
        question.chips(),
        question.heading(),
        question.asker(),
        hours::outside(question),
        (!link_decides).then(|| signs::place(question)),
        consequences(question),
        question.facts(),
        signs.then(|| signs::grant(question)),
        answer(question, form, said),
        question.details(),
        foot(question),
    );
    // It calls nobody from here: it leads to the issuer.
    if signs { scripted(status, title, &main, "'none'") } else { page(status, title, &main) }
}

fn consequences(question: &Question<'_>) -> Html {
    let expires = at(question.approval.expires_at);
    let rows = if let Some(environment) = question.removal() {
        let doubt = (!environment.evidence_passes()).then(|| {
            text(" Not before the evidence is complete, or an administrator lets it pass.")
        });
        vec![
            row("Approve", &html!("The access point is deleted, the environment closes.{}", doubt)),
            row("Deny", &text("The access point stays, the environment closes.")),
            row("No answer", &html!("It stays, as if denied, from {} on.", expires)),
            row(
                "Either way",
                &html!(
                    "<strong>No file is deleted.</strong> Files and evidence stay where they are."
                ),
            ),
            row(
                "Way back",
                &text("A new environment of this cluster and number has the same files."),
            ),
        ]
    } else {
        vec![
            row("Approve", &text("It is carried out once, exactly as described.")),
            row("Deny", &text("It is not carried out. That is final.")),
            row("No answer", &html!("It is not carried out, from {} on.", expires)),
        ]
    };
    card("What follows", &Html::all(rows))
}

// Enter, and a telephone's "Go", press the first button of a form: that one is disabled, so they
// press nothing (HTML, implicit submission).
fn answer(question: &Question<'_>, form: Form<'_>, said: Option<Said>) -> Html {
    let (yes, no) = question.outcomes();
    // What is dangerous is not granted by what may have been forwarded; to refuse is always safe.
    let yes = question.link_decides().then(|| {
        html!(
            r#"<button class="yes" type="submit" name="decision" value="grant">{}Approve <span>{}</span></button>
"#,
            Icon::Check.html(),
            yes
        )
    });
    let wrong = (said == Some(Said::WrongCode))
        .then(|| html!(r#" aria-invalid="true" aria-errormessage="problem""#));
    html!(
        r#"<form method="post" action="decide" autocomplete="off">
<button type="submit" disabled hidden></button>
<input type="hidden" name="link" value="{}">
<input type="hidden" name="csrf" value="{}">
<div><h2>Your answer</h2><p class="mut">Nothing is chosen for you. Type the code to show that you read this.</p></div>
<div><div id="shown"><span class="mut">The code</span>
<code>{}</code></div>
<label for="code">Type the code</label>
<input id="code" name="code" type="text" inputmode="numeric" autocomplete="off" pattern=" *[0-9]{3} ?[0-9]{3} *" title="the six digits shown above" maxlength="9" required aria-describedby="shown"{}></div>
<div class="answers">{}<button class="no" type="submit" name="decision" value="deny">{}Deny <span>{}</span></button></div>
</form>
"#,
        form.link,
        form.csrf,
        question.approval.code,
        wrong,
        yes,
        Icon::Cross.html(),
        no,
    )
}

fn foot(question: &Question<'_>) -> Html {
    html!(
        r#"<p class="mut sm">Opening this page changed nothing. An answer goes on the incident’s permanent record, with your address and the time.</p>
<p class="mut sm">Shown for {} at {}. Not you? Close this page: the link is theirs alone.</p>
"#,
        question.approver,
        at(question.now)
    )
}
