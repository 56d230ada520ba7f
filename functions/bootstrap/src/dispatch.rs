//! Which function an event is for.

use crate::diagnostic::diagnostic;
use crate::wire::Wired;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;
use tracing::Instrument as _;
use watchfire_edge::{Fault, Problem};

/// Handles an event with the function that `_HANDLER` names.
pub(crate) async fn dispatch(
    wired: &Wired,
    event: LambdaEvent<Value>,
) -> Result<Value, Diagnostic> {
    let trace = event.context.xray_trace_id.clone();
    let span =
        watchfire_desk::invocation(&wired.handler, &event.context.request_id, trace.as_deref());
    let handled = handle(wired, event.payload, trace.as_deref()).instrument(span.clone()).await;
    handled.map_err(|fault| span.in_scope(|| diagnostic(&fault)))
}

async fn handle(wired: &Wired, event: Value, trace: Option<&str>) -> Result<Value, Fault> {
    let desk = &wired.desk;
    match wired.handler.as_str() {
        "alarm" => watchfire_alarm::handle(desk, event, trace).await,
        "api" => {
            let jwks = wired.jwks.as_deref().ok_or_else(|| unset("WATCHFIRE_ISSUER"))?;
            Ok(watchfire_api::handle(desk, jwks, event, trace).await)
        }
        "approval-page" => Ok(watchfire_approval_page::handle(desk, event).await),
        "approve" => watchfire_approve::handle(desk, event).await,
        "checkpoint" => watchfire_checkpoint::handle(desk, event).await,
        "close" => watchfire_close::handle(desk, event).await,
        "create" => watchfire_create::handle(desk, event).await,
        "hook" => Ok(watchfire_hook::handle(desk, event).await),
        "launch" => watchfire_launch::handle(desk, event).await,
        "observe" => watchfire_observe::handle(desk, event).await,
        "publish" => watchfire_publish::handle(desk, event).await,
        "step" => watchfire_step::handle(desk, event).await,
        "stop" => watchfire_stop::handle(desk, event).await,
        "sweep" => Box::pin(watchfire_sweep::handle(desk, event)).await,
        other => Err(misconfigured("_HANDLER", &format!("names no function: `{other}`"))),
    }
}

fn unset(setting: &str) -> Fault {
    misconfigured(setting, "is missing")
}

fn misconfigured(setting: &str, problem: &str) -> Fault {
    Fault::Misconfigured { problems: vec![Problem::new(setting, problem)] }
}
