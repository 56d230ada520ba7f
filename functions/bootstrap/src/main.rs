//! The one multi-call binary: every Lambda function runs it, and `_HANDLER` tells which one it is
//! (docs/decisions/0003).

mod diagnostic;
mod dispatch;
mod log;
mod wire;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One thread: a function handles one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // Read once: to ask for one variable searches all of them, and we ask for most.
    let texts = std::env::vars_os().filter_map(|(name, value)| {
        Some((name.into_string().ok()?, value.into_string().ok().filter(|it| !it.is_empty())?))
    });
    let texts: BTreeMap<String, String> = texts.collect();
    let env = |name: &str| texts.get(name).cloned();
    let wired = match wire::wire(&env) {
        Ok(wired) => Arc::new(wired),
        Err(problems) => {
            log::start(None);
            for problem in &problems {
                tracing::error!(setting = %problem.field, "A setting is wrong: {}", problem.problem);
            }
            return Err("the configuration is wrong; the log says where".into());
        }
    };
    log::start(Some(wired.desk.config.log));
    if wired.desk.config.prewarm {
        wire::prewarm(&wired).await;
    }
    Box::pin(lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let wired = Arc::clone(&wired);
        async move { Box::pin(dispatch::dispatch(&wired, event)).await }
    })))
    .await
}
