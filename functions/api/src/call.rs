//! A request that found its route and whose caller is known.

use crate::input::Input;
use crate::routes::Route;
use crate::who::Door;
use std::str::FromStr;
use watchfire_desk::{Caller, Desk};
use watchfire_domain::IncidentId;
use watchfire_edge::Fault;
use watchfire_edge::http::Request;

/// A call.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) caller: Caller,
    pub(crate) request: &'a Request,
    pub(crate) route: &'static Route,
    pub(crate) door: Door,
    /// The values of the path's parameters, in order.
    pub(crate) values: Vec<String>,
    /// Method and path below the door: what an idempotency key belongs to.
    pub(crate) name: String,
}

impl Call<'_> {
    /// The value of the path's parameter of that name.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let at = self.route.parameters().position(|one| one == name);
        at.and_then(|at| self.values.get(at)).map_or("", String::as_str)
    }

    /// The parameter as an id. What is no id names nothing.
    pub(crate) fn id<T: FromStr>(&self) -> Result<T, Fault> {
        self.parameter("id").parse().map_err(|_| Fault::NotFound)
    }

    /// The incident that the path names, by uuid or by display id.
    pub(crate) async fn incident(&self) -> Result<IncidentId, Fault> {
        self.desk.incident_id(&self.caller, self.parameter("id")).await
    }

    /// What the request says beyond its path. Problems are gathered, and told all at once.
    pub(crate) fn input(&self) -> Input<'_> {
        Input::new(self)
    }
}
