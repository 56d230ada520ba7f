//! The document that the policies read.

use serde::Serialize;

use crate::{Action, Actor, Context, Resource};

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    action: &'static str,
    actor: &'a Actor,
    resource: Placed<'a>,
    request: &'a Context,
}

/// A resource and the deployment that holds it.
#[derive(Serialize)]
struct Placed<'a> {
    stage: &'a str,
    #[serde(flatten)]
    resource: &'a Resource,
}

impl<'a> Input<'a> {
    pub(crate) fn new(
        stage: &'a str,
        actor: &'a Actor,
        action: Action,
        resource: &'a Resource,
        context: &'a Context,
    ) -> Self {
        let resource = Placed { stage, resource };
        Self { action: action.name(), actor, resource, request: context }
    }
}
