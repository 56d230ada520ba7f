//! What a route is, and how a request finds its own.

use crate::call::Call;
use crate::table::ROUTES;
use std::future::Future;
use std::pin::Pin;
use watchfire_edge::Fault;
use watchfire_edge::fault::Kind;
use watchfire_edge::http::Response;
use watchfire_policy::Action;

/// A method that some route has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads. `HEAD` is the same without the body.
    Get,
    /// Adds or steers.
    Post,
    /// Replaces.
    Put,
    /// Changes fields.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// As requests write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it changes something.
    pub const fn writes(self) -> bool {
        match self {
            Self::Get => false,
            Self::Post | Self::Put | Self::Patch | Self::Delete => true,
        }
    }
}

/// Whether a request says which version it changes (`If-Match`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// There is no version to say.
    None,
    /// It may.
    Optional,
    /// It must.
    Required,
}

/// A body that a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// The name of its schema.
    pub schema: &'static str,
    /// Whether it may be left out.
    pub optional: bool,
}

/// What a handler comes to.
pub(crate) type Handled<'a> = Pin<Box<dyn Future<Output = Result<Response, Fault>> + Send + 'a>>;

/// What answers a route's requests.
pub(crate) type Handler = for<'a> fn(&'a Call<'a>) -> Handled<'a>;

/// A route: the router, the OpenAPI document and the contract tests all read this.
#[derive(Debug)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path below `/v1` and `/iam/v1`, with `{parameters}`.
    pub path: &'static str,
    /// Its stable name.
    pub operation: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// What the policies are asked.
    pub action: Action,
    /// The names of its query's parameters, beside `tenant`, which every route takes.
    pub query: &'static [&'static str],
    /// Its body.
    pub takes: Option<Takes>,
    /// Its precondition.
    pub condition: Condition,
    /// Whether it only asks, though it takes a body: nothing is written, and no key is needed.
    pub asks: bool,
    /// The name of the schema of its answer.
    pub answer: &'static str,
    /// The statuses of its answer.
    pub success: &'static [u16],
    /// The faults of its own, beside those that every route may have.
    pub refusals: &'static [Kind],
    pub(crate) handler: Handler,
}

/// What every route may be answered with.
const ANY: [Kind; 13] = [
    Kind::Malformed,
    Kind::Invalid,
    Kind::TooLarge,
    Kind::Unauthenticated,
    Kind::Denied,
    Kind::NotFound,
    Kind::Unavailable,
    Kind::Refused,
    Kind::Missing,
    Kind::InTheWay,
    Kind::Corrupt,
    Kind::Misconfigured,
    Kind::Internal,
];

impl Route {
    /// Whether it changes something.
    pub const fn writes(&self) -> bool {
        self.method.writes() && !self.asks
    }

    /// Every fault that it may be answered with.
    pub fn faults(&self) -> Vec<Kind> {
        let mut kinds = ANY.to_vec();
        if self.writes() {
            kinds.extend([Kind::Conflict, Kind::KeyReused]);
        }
        match self.condition {
            Condition::None => {}
            Condition::Optional => kinds.push(Kind::Stale),
            Condition::Required => kinds.extend([Kind::Stale, Kind::ConditionMissing]),
        }
        kinds.extend(self.refusals);
        kinds
    }

    /// The names of its path's parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(parameter)
    }

    /// The values of its parameters, if this is its path.
    fn matches(&self, segments: &[String]) -> Option<Vec<String>> {
        let mut values = Vec::new();
        let mut wanted = self.path.split('/').skip(1);
        for segment in segments {
            let part = wanted.next()?;
            if parameter(part).is_some() {
                if segment.is_empty() {
                    return None;
                }
                values.push(segment.clone());
            } else if part != segment {
                return None;
            }
        }
        wanted.next().is_none().then_some(values)
    }
}

fn parameter(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// What the router makes of a method and a path.
#[derive(Debug)]
pub(crate) enum Found {
    /// A route, and the values of its path's parameters.
    Route(&'static Route, Vec<String>),
    /// `OPTIONS`: these methods are there.
    Options(&'static str),
}

/// The route of a request; `segments` is its path below `/v1` or `/iam/v1`.
pub(crate) fn find(method: &str, segments: &[String]) -> Result<Found, Fault> {
    let here: Vec<(&'static Route, Vec<String>)> =
        ROUTES.iter().filter_map(|route| Some((route, route.matches(segments)?))).collect();
    if here.is_empty() {
        return Err(Fault::NotFound);
    }
    let allow = allow(here.iter().map(|(route, _)| route.method));
    if method == "OPTIONS" {
        return Ok(Found::Options(allow));
    }
    let wanted = if method == "HEAD" { "GET" } else { method };
    let mut here = here.into_iter();
    here.find(|(route, _)| route.method.name() == wanted)
        .map(|(route, values)| Found::Route(route, values))
        .ok_or(Fault::MethodNotAllowed { allow })
}

/// The sets of methods that some path has. A fault's text is static, so that they stand here; a
/// test finds one that is missing.
const SETS: [&str; 8] = [
    "DELETE, GET, HEAD, OPTIONS",
    "DELETE, GET, HEAD, OPTIONS, PUT",
    "GET, HEAD, OPTIONS",
    "GET, HEAD, OPTIONS, POST",
    "GET, HEAD, OPTIONS, PUT",
    "GET, HEAD, OPTIONS, PATCH",
    "OPTIONS, POST",
    "OPTIONS, PUT",
];

/// The `Allow` header of a path that has these methods.
fn allow(methods: impl Iterator<Item = Method>) -> &'static str {
    let mut names: Vec<&str> = methods.map(Method::name).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    names.sort_unstable();
    let text = names.join(", ");
    SETS.into_iter().find(|set| *set == text).unwrap_or("OPTIONS")
}
