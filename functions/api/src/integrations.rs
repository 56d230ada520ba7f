//! Integrations: who may send webhooks.

use crate::answer;
use crate::bodies::NothingBody;
use crate::call::Call;
use serde_json::json;
use watchfire_domain::integration::NewIntegration;
use watchfire_edge::Fault;
use watchfire_edge::http::Response;

pub(crate) async fn list(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let all = call.desk.integrations(&call.caller).await?;
    Ok(answer::read(&json!({ "integrations": all })))
}

pub(crate) async fn view(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let one = call.desk.integration(&call.caller, &call.id()?).await?;
    Ok(answer::read(&json!({ "integration": one })))
}

pub(crate) async fn create(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, NewIntegration::check);
    let ask = input.ask();
    let new = input.done(body)?;
    answer::written(call, call.desk.create_integration(&call.caller, &ask, new).await?)
}

pub(crate) async fn rotate(call: &Call<'_>) -> Result<Response, Fault> {
    let (ask, id) = asked(call)?;
    answer::written(call, call.desk.rotate_integration(&call.caller, &ask, &id).await?)
}

pub(crate) async fn delete(call: &Call<'_>) -> Result<Response, Fault> {
    let (ask, id) = asked(call)?;
    answer::written(call, call.desk.delete_integration(&call.caller, &ask, &id).await?)
}

/// A write that says nothing beyond its path.
fn asked(call: &Call<'_>) -> Result<(watchfire_desk::Ask, watchfire_domain::IntegrationId), Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, |_: &NothingBody| Vec::new());
    let ask = input.ask();
    input.done(body)?;
    Ok((ask, call.id()?))
}
