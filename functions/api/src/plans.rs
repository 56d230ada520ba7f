//! Response plans and severity profiles.

use crate::answer;
use crate::call::Call;
use serde_json::{Map, Value, json};
use watchfire_desk::Document;
use watchfire_domain::{Plan, Problem, Profile};
use watchfire_edge::Fault;
use watchfire_edge::http::Response;

async fn all<D: Document>(call: &Call<'_>, name: &str) -> Result<Response, Fault> {
    call.input().end()?;
    let documents = call.desk.documents::<D>(&call.caller).await?;
    Ok(answer::read(&json!({ name: documents })))
}

async fn one<D: Document>(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let document: D = call.desk.document(&call.caller, call.parameter("name")).await?;
    Ok(answer::read(&json!({ D::WORD: document })))
}

async fn put<D: Document>(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let name = call.parameter("name");
    let body = input.body(|fields| completed(fields, name), D::check);
    let ask = input.ask();
    let document: D = input.done(body)?;
    answer::written(call, call.desk.put_document(&call.caller, &ask, document).await?)
}

/// The path says the name, and the store counts the versions: what the body says of them must not
/// differ from the one, and does not matter for the other. So what was read can be sent back.
fn completed(fields: &mut Map<String, Value>, name: &str) -> Option<Problem> {
    fields.insert("version".to_owned(), json!(1));
    let said = fields.insert("name".to_owned(), json!(name));
    let differs = said.is_some_and(|said| said != name);
    differs.then(|| Problem::new("name", "must be the one of the path, or left out"))
}

pub(crate) async fn list_plans(call: &Call<'_>) -> Result<Response, Fault> {
    all::<Plan>(call, "plans").await
}

pub(crate) async fn plan(call: &Call<'_>) -> Result<Response, Fault> {
    one::<Plan>(call).await
}

pub(crate) async fn put_plan(call: &Call<'_>) -> Result<Response, Fault> {
    put::<Plan>(call).await
}

pub(crate) async fn list_profiles(call: &Call<'_>) -> Result<Response, Fault> {
    all::<Profile>(call, "profiles").await
}

pub(crate) async fn profile(call: &Call<'_>) -> Result<Response, Fault> {
    one::<Profile>(call).await
}

pub(crate) async fn put_profile(call: &Call<'_>) -> Result<Response, Fault> {
    put::<Profile>(call).await
}
