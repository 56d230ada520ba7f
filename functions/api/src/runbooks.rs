//! The runbook catalogue.

use crate::answer;
use crate::bodies::NothingBody;
use crate::call::Call;
use serde::Deserialize;
use serde_json::{Value, json};
use watchfire_desk::{RunbooksAsk, Which};
use watchfire_domain::Problem;
use watchfire_edge::Fault;
use watchfire_edge::http::Response;
use watchfire_runbook::Spec;
use watchfire_runbook::parse::{self, Unread};

/// How long the name of a source may be that is asked for, in characters.
const SOURCE: usize = 200;

/// A spec: its own reader tells what is wrong with it.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct SpecBody(Value);

impl SpecBody {
    fn check(&self) -> Vec<Problem> {
        let wrong = match parse::read(&self.0) {
            Ok(_) => return Vec::new(),
            Err(Unread::Wrong(wrong)) => wrong,
            Err(other) => return vec![Problem::new(".", other.to_string())],
        };
        let field = |path: &str| if path.is_empty() { ".".to_owned() } else { path.to_owned() };
        wrong.iter().map(|one| Problem::new(field(&one.path), one.wrong.to_string())).collect()
    }

    fn spec(&self) -> Result<Spec, Fault> {
        parse::read(&self.0).map_err(|_| Fault::Invalid { problems: self.check() })
    }
}

pub(crate) async fn list(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let truth = |text: &str| text.parse::<bool>().ok();
    let overdue = input.one("overdue", "true or false", truth).unwrap_or_default();
    let is_plain = |text: &&str| {
        (1..=SOURCE).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    let plain = |text: &str| Some(text).filter(is_plain).map(str::to_owned);
    let source = input.one("source", &format!("1 to {SOURCE} characters"), plain);
    input.end()?;
    let runbooks = call.desk.runbooks(&call.caller, &RunbooksAsk { overdue, source }).await?;
    Ok(answer::read(&json!({ "runbooks": runbooks })))
}

/// Alarms without a runbook.
pub(crate) async fn unlinked(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let limit = input.number("limit", 1, 100).unwrap_or(20);
    let cursor = input.text("cursor");
    input.end()?;
    let limit = usize::try_from(limit).unwrap_or(20);
    Ok(answer::read(&call.desk.unlinked_alarms(&call.caller, limit, cursor).await?))
}

pub(crate) async fn view(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let which = input.one("version", "`draft`, or 1 to 1000000", which).unwrap_or(Which::Newest);
    input.end()?;
    let id = call.parameter("id");
    Ok(answer::read(&call.desk.runbook(&call.caller, id, which).await?))
}

fn which(text: &str) -> Option<Which> {
    if text == "draft" {
        return Some(Which::Draft);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let version = text.parse().ok().filter(|version| digits && (1..=1_000_000).contains(version));
    version.map(Which::Version)
}

pub(crate) async fn create(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, SpecBody::check);
    let ask = input.ask();
    let spec = input.done(body)?.spec()?;
    answer::written(call, call.desk.create_runbook(&call.caller, &ask, spec).await?)
}

pub(crate) async fn draft(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, SpecBody::check);
    let ask = input.ask();
    let spec = input.done(body)?.spec()?;
    let id = call.parameter("id");
    answer::written(call, call.desk.draft_runbook(&call.caller, &ask, id, spec).await?)
}

/// A write that says nothing beyond its path.
fn asked(call: &Call<'_>) -> Result<watchfire_desk::Ask, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, |_: &NothingBody| Vec::new());
    let ask = input.ask();
    input.done(body)?;
    Ok(ask)
}

pub(crate) async fn delete(call: &Call<'_>) -> Result<Response, Fault> {
    let ask = asked(call)?;
    let id = call.parameter("id");
    answer::written(call, call.desk.delete_draft(&call.caller, &ask, id).await?)
}

pub(crate) async fn publish(call: &Call<'_>) -> Result<Response, Fault> {
    let ask = asked(call)?;
    let id = call.parameter("id");
    answer::written(call, call.desk.publish_runbook(&call.caller, &ask, id).await?)
}

pub(crate) async fn review(call: &Call<'_>) -> Result<Response, Fault> {
    let ask = asked(call)?;
    let id = call.parameter("id");
    answer::written(call, call.desk.review_runbook(&call.caller, &ask, id).await?)
}
