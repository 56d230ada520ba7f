//! Environments.

use crate::answer;
use crate::bodies::{CloseBody, ExtendBody, NothingBody, Steers, StopBody, WaiveBody};
use crate::call::Call;
use serde::de::DeserializeOwned;
use serde_json::json;
use watchfire_domain::environment::Spec;
use watchfire_domain::plan::check_spec;
use watchfire_edge::Fault;
use watchfire_edge::http::Response;

pub(crate) async fn list(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let id = call.incident().await?;
    let environments = call.desk.environments(&call.caller, id).await?;
    Ok(answer::read(&json!({ "environments": environments })))
}

pub(crate) async fn view(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let environment = call.desk.environment(&call.caller, call.id()?).await?;
    Ok(answer::read(&json!({ "environment": environment })))
}

/// How to open a shell in it.
pub(crate) async fn connection(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    Ok(answer::read(&call.desk.connection(&call.caller, call.id()?).await?))
}

pub(crate) async fn create(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let spec = input.body(|_| None, |spec: &Spec| check_spec(spec, ""));
    let ask = input.ask();
    let spec = input.done(spec)?;
    let id = call.incident().await?;
    answer::written(call, call.desk.create_environment(&call.caller, &ask, id, &spec).await?)
}

/// Does what the body says to the environment that the path names.
async fn steer<T: DeserializeOwned + Steers + Send>(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, T::check);
    let ask = input.ask();
    let steer = input.done(body)?.into();
    answer::written(call, call.desk.steer(&call.caller, &ask, call.id()?, &steer).await?)
}

macro_rules! steers {
    ($($name:ident: $body:ty;)+) => {$(
        pub(crate) async fn $name(call: &Call<'_>) -> Result<Response, Fault> {
            steer::<$body>(call).await
        }
    )+};
}

steers! {
    launch: NothingBody;
    stop: StopBody;
    close: CloseBody;
    extend: ExtendBody;
    waive: WaiveBody;
}
