//! The floor: the same runtime in the same profile as the bootstrap, and a handler that gives back
//! what it got. Whatever a function costs more than this is ours.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let echo = |event: LambdaEvent<Value>| async move { Ok::<_, Error>(event.payload) };
    Box::pin(lambda_runtime::run(service_fn(echo))).await
}
