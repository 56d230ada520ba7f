//! Incidents and their timelines.

use crate::answer;
use crate::bodies::{
    EditBody, LinkBody, NoteBody, NothingBody, OwnerBody, PersonBody, ReasonBody, RootCauseBody,
    SeverityBody, ShareBody, TransitionBody,
};
use crate::call::Call;
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use serde::{Deserialize as _, de::value::Error as NoSuchWord};
use watchfire_desk::{Deed, Filter, ListAsk, NewIncident};
use watchfire_domain::incident::Role;
use watchfire_domain::{Problem, Severity, Status};
use watchfire_edge::Fault;
use watchfire_edge::http::Response;

pub(crate) async fn create(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let new = input.body(|_| None, NewIncident::check);
    let ask = input.ask();
    let new = input.done(new)?;
    answer::written(call, call.desk.create_incident(&call.caller, &ask, new).await?)
}

pub(crate) async fn list(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let severity = "a severity, under a label of any profile";
    // The most severe first, as everywhere.
    let mut severities = input.list("severity", severity, Severity::parse_label);
    severities.reverse();
    let statuses = input.list("status", &format!("one of {}", statuses()), Status::parse);
    let limit = input.number("limit", 1, 100).unwrap_or(20);
    let text = input.one("q", "1 to 100 characters", |text| {
        let text = text.trim().to_lowercase();
        (1..=100).contains(&text.chars().count()).then_some(text)
    });
    let cursor = input.text("cursor").map(str::to_owned);
    input.end()?;
    // A cursor is good for this filter only, however it was written.
    let words = |words: Vec<&str>| words.join(",");
    let query = [
        words(severities.iter().map(|severity| severity.name()).collect()),
        words(statuses.iter().map(|status| status.name()).collect()),
        text.clone().unwrap_or_default(),
    ]
    .join("\n");
    let filter = Filter { severities, statuses, text };
    let limit = usize::try_from(limit).unwrap_or(20);
    let ask = ListAsk { filter, limit, cursor, query };
    Ok(answer::read(&call.desk.list_incidents(&call.caller, &ask).await?))
}

fn statuses() -> String {
    Status::ALL.map(Status::name).join(", ")
}

pub(crate) async fn view(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let id = call.incident().await?;
    Ok(answer::read(&call.desk.view_incident(&call.caller, id).await?))
}

/// No timeline is longer.
const LAST: u64 = 999_999_999;

pub(crate) async fn timeline(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let execution =
        input.one("runbook_execution_id", "an execution's id", |text| text.parse().ok());
    let name = match execution {
        Some(_) => Some(""),
        None => input.needed("incident_id"),
    };
    let after = input.number("after", 0, LAST).unwrap_or(0);
    let limit = input.number("limit", 1, 100).unwrap_or(100);
    let raw = input.one("raw", "true or false", |text| text.parse().ok()).unwrap_or(false);
    let name = input.done(name)?;
    let limit = usize::try_from(limit).unwrap_or(100);
    if let Some(id) = execution {
        let page = call.desk.execution_timeline(&call.caller, id, after, limit, raw).await?;
        return Ok(answer::read(&page));
    }
    let id = call.desk.incident_id(&call.caller, name).await?;
    Ok(answer::read(&call.desk.timeline(&call.caller, id, after, limit, raw).await?))
}

/// Does what the body says to the incident that the path names.
async fn change<T>(call: &Call<'_>) -> Result<Response, Fault>
where
    T: DeserializeOwned + Clone + Into<Deed> + Send,
{
    let mut input = call.input();
    let body = input.body(|_| None, |body: &T| body.clone().into().check());
    let ask = input.ask();
    let deed: Deed = input.done(body)?.into();
    let id = call.incident().await?;
    answer::written(call, call.desk.change_incident(&call.caller, &ask, id, &deed).await?)
}

macro_rules! changes {
    ($($name:ident: $body:ty;)+) => {$(
        pub(crate) async fn $name(call: &Call<'_>) -> Result<Response, Fault> {
            change::<$body>(call).await
        }
    )+};
}

changes! {
    edit: EditBody;
    transition: TransitionBody;
    severity: SeverityBody;
    owner: OwnerBody;
    root_cause: RootCauseBody;
    note: NoteBody;
    escalate: ReasonBody;
    share: ShareBody;
    link: LinkBody;
}

/// The role stands in the path, the person in the body.
pub(crate) async fn role(call: &Call<'_>) -> Result<Response, Fault> {
    let role = Role::deserialize(call.parameter("role").into_deserializer());
    let role = role.map_err(|_: NoSuchWord| Fault::NotFound)?;
    let mut input = call.input();
    let deed = |body: &PersonBody| Deed::Role(role, body.person.clone());
    let body = input.body(|_| None, |body| -> Vec<Problem> { deed(body).check() });
    let ask = input.ask();
    let deed = deed(&input.done(body)?);
    let id = call.incident().await?;
    answer::written(call, call.desk.change_incident(&call.caller, &ask, id, &deed).await?)
}

/// Where its newest bundle lies.
pub(crate) async fn export(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let id = call.incident().await?;
    Ok(answer::read(&call.desk.view_export(&call.caller, id).await?))
}

pub(crate) async fn ask_export(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, |_: &NothingBody| Vec::<Problem>::new());
    let ask = input.ask();
    input.done(body)?;
    let id = call.incident().await?;
    answer::written(call, call.desk.ask_export(&call.caller, &ask, id).await?)
}
