//! What a step would do, before anybody does it: for people, and as JSON.

mod words;

use crate::render::{Given, Lasting, Refused, Rendered, render, render_lasting};
use crate::spec::{Action, Spec, Step, Within};
use crate::{Risk, Span};
use serde::Serialize;

/// What a step would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Its id.
    pub id: String,
    /// What it does, in a line.
    pub title: String,
    /// The alternative that it belongs to, as `<step>/<name>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// Its risk.
    pub risk: Risk,
    /// Whether an approval comes before it.
    pub approval: bool,
    /// How long it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// What it would do.
    #[serde(rename = "do")]
    pub action: Rendered,
    /// What would take it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rendered>,
    /// The same for people, in lines.
    pub text: String,
}

/// What one step would do with these inputs.
pub fn preview(within: &Within<'_>, given: &Given<'_>) -> Result<Preview, Vec<Refused>> {
    let step: &Step = within.step;
    let (action, rollback) = both(within, &|action, path| render(action, path, given))?;
    let under = within.under.map(|(choice, option)| format!("{}/{}", choice.id, option.name));
    let text = words::step(within, under.as_deref(), &action, rollback.as_ref());
    Ok(Preview {
        id: step.id.clone(),
        title: step.title.clone(),
        under,
        risk: step.risk(),
        approval: within.needs_approval(),
        timeout: step.timeout,
        action,
        rollback,
        text,
    })
}

/// What would take a step back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Back {
    /// What it would do.
    #[serde(rename = "do")]
    pub action: Rendered,
    /// The same for people, in lines.
    pub text: String,
}

/// What would take one step back with these inputs; none, if its spec has no action for that. It is
/// filled in by itself: a way back is shown though the step itself can no longer be filled in.
pub fn back(within: &Within<'_>, given: &Given<'_>) -> Result<Option<Back>, Vec<Refused>> {
    let action = within.step.rollback.as_ref().and_then(|rollback| rollback.action.as_ref());
    let path = format!("{}.rollback.do", within.path);
    let action = action.map(|action| render(action, &path, given)).transpose()?;
    Ok(action.map(|action| Back { text: words::back(&action), action }))
}

/// What one step would do whenever it is done, in lines for whoever approves it: what is done comes
/// first, since there may be no room for all.
pub(crate) fn asked(within: &Within<'_>, lasting: &Lasting<'_>) -> Result<String, Vec<Refused>> {
    let fill = |action: &Action, path: &str| render_lasting(action, path, lasting);
    let (action, rollback) = both(within, &fill)?;
    Ok(words::asked(within, &action, rollback.as_ref()))
}

type Fill<'a> = dyn Fn(&Action, &str) -> Result<Rendered, Vec<Refused>> + 'a;

/// What is done, and what would take it back.
fn both(
    within: &Within<'_>,
    fill: &Fill<'_>,
) -> Result<(Rendered, Option<Rendered>), Vec<Refused>> {
    let action = fill(&within.step.action, &format!("{}.do", within.path));
    let back = within.step.rollback.as_ref().and_then(|rollback| rollback.action.as_ref());
    let path = format!("{}.rollback.do", within.path);
    match (action, back.map(|action| fill(action, &path)).transpose()) {
        (Ok(action), Ok(back)) => Ok((action, back)),
        (action, back) => {
            let mut refused = action.err().unwrap_or_default();
            refused.extend(back.err().unwrap_or_default());
            Err(refused)
        }
    }
}

/// What the whole runbook would do, as one text. It tells all that a reader decides by, so that a
/// spec that was changed has another one.
pub fn whole(spec: &Spec, given: &Given<'_>) -> Result<String, Vec<Refused>> {
    let mut text = words::head(spec);
    let mut refused = Vec::new();
    for within in spec.walk() {
        match preview(&within, given) {
            Ok(one) => {
                text.push('\n');
                text.push_str(&one.text);
            }
            Err(more) => refused.extend(more),
        }
    }
    if refused.is_empty() { Ok(text) } else { Err(refused) }
}
