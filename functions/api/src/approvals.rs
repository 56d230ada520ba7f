//! Approvals, to be read and taken back. They are answered by their links; who is signed in besides
//! may grant what is of high risk.

use crate::answer;
use crate::bodies::{DecideBody, ReviewBody, RevokeBody};
use crate::call::Call;
use serde::Deserialize as _;
use serde::de::{IntoDeserializer as _, value::Error as NoSuchWord};
use serde_json::json;
use watchfire_desk::{ApprovalDeed, ApprovalsAsk, Ask};
use watchfire_domain::approval::ApprovalState;
use watchfire_edge::Fault;
use watchfire_edge::http::Response;

/// The states that an approval may be in.
pub(crate) const STATES: [&str; 7] =
    ["pending", "granted", "denied", "expired", "superseded", "revoked", "overridden"];

pub(crate) async fn list(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let state = |text: &str| {
        let known: Result<_, NoSuchWord> = ApprovalState::deserialize(text.into_deserializer());
        known.ok().map(|state: ApprovalState| state.name())
    };
    let states = input.list("state", &format!("one of {}", STATES.join(", ")), state);
    let limit = input.number("limit", 1, 100).unwrap_or(20);
    let cursor = input.text("cursor").map(str::to_owned);
    let incident = input.text("incident_id");
    input.end()?;
    let incident = match incident {
        Some(name) => Some(call.desk.incident_id(&call.caller, name).await?),
        None => None,
    };
    let limit = usize::try_from(limit).unwrap_or(20);
    let ask = ApprovalsAsk { incident, states, limit, cursor };
    Ok(answer::read(&call.desk.list_approvals(&call.caller, &ask).await?))
}

pub(crate) async fn view(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let approval = call.desk.approval_shown(&call.caller, call.id()?).await?;
    Ok(answer::read(&json!({ "approval": approval })))
}

pub(crate) async fn evidence(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    Ok(answer::read(&call.desk.lend_evidence(&call.caller, call.id()?).await?))
}

pub(crate) async fn decide(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, DecideBody::check);
    let ask = input.ask();
    let DecideBody { link, answer } = input.done(body)?;
    let decided = call.desk.decide_signed_in(&call.caller, &ask, call.id()?, &link, answer);
    answer::written(call, decided.await?)
}

pub(crate) async fn revoke(call: &Call<'_>) -> Result<Response, Fault> {
    for_a_reason(call, ApprovalDeed::Revoke).await
}

pub(crate) async fn go_ahead(call: &Call<'_>) -> Result<Response, Fault> {
    for_a_reason(call, ApprovalDeed::Override).await
}

async fn for_a_reason(call: &Call<'_>, of: fn(String) -> ApprovalDeed) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, RevokeBody::check);
    let ask = input.ask();
    let reason = input.done(body)?.reason;
    deed(call, &ask, &of(reason)).await
}

pub(crate) async fn review(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, ReviewBody::check);
    let ask = input.ask();
    let ReviewBody { justified, note } = input.done(body)?;
    deed(call, &ask, &ApprovalDeed::Review { justified, note }).await
}

async fn deed(call: &Call<'_>, ask: &Ask, deed: &ApprovalDeed) -> Result<Response, Fault> {
    let written = call.desk.change_approval(&call.caller, ask, call.id()?, deed);
    answer::written(call, written.await?)
}
