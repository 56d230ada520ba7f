//! The question that every route, phase and step asks.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::bundle::{Bundle, Package};
use crate::input::Input;
use crate::{Action, Actor, Context, Decision, Resource};

/// How many decisions are remembered. Inputs hold no record ids, so a list or a machine repeats few of them.
const REMEMBERED: usize = 256;

/// The policies of a deployment. A clone shares the rules.
#[derive(Clone)]
pub struct Policies {
    shared: Arc<Shared>,
    stage: Arc<str>,
}

struct Shared {
    bundle: Bundle,
    // A decision is a function of the bundle and the input, both of which are in here whole, so none goes stale.
    decided: Mutex<HashMap<String, Decision>>,
}

impl Policies {
    /// The policies that were built in. Nothing is read before the first decision.
    pub fn embedded() -> Self {
        Self::of(Bundle::embedded())
    }

    /// Policies that no engine can read, so that each decision is a denial: to see what becomes of
    /// such a deployment.
    pub fn unreadable() -> Self {
        Self::of(Bundle::new(|_| Cow::Borrowed(b"no policy"), Cow::Borrowed("none")))
    }

    pub(crate) fn of(bundle: Bundle) -> Self {
        let shared = Shared { bundle, decided: Mutex::default() };
        Self { shared: Arc::new(shared), stage: Arc::from("dev") }
    }

    /// The same policies for another deployment than `dev`.
    #[must_use]
    pub fn in_stage(self, stage: &str) -> Self {
        Self { stage: Arc::from(stage), ..self }
    }

    /// Whether the actor may do that to the resource, and why or why not.
    pub fn decide(
        &self,
        actor: &Actor,
        action: Action,
        resource: &Resource,
        context: &Context,
    ) -> Decision {
        let input = Input::new(&self.stage, actor, action, resource, context);
        match serde_json::to_string(&input) {
            Ok(input) => self.remembered(Package::of(action), input),
            Err(error) => Decision::failed(error),
        }
    }

    /// Reads the rules that most decisions are made by, so that the first one need not wait for it.
    /// Rules that cannot be read are told by each decision.
    pub fn prewarm(&self) {
        self.shared.bundle.prewarm();
    }

    /// The SHA-256 of the policies, in hex: it says which rules made a decision.
    pub fn hash(&self) -> &str {
        self.shared.bundle.hash()
    }

    pub(crate) fn stage(&self) -> &str {
        &self.stage
    }

    /// Decides on any document, well-formed or not.
    pub(crate) fn evaluate(&self, package: Package, input: &str) -> Decision {
        self.shared.bundle.evaluate(package, input)
    }

    fn remembered(&self, package: Package, input: String) -> Decision {
        // A memory that another thread broke is only a slower one.
        let known = self.shared.decided.lock().ok().and_then(|known| known.get(&input).cloned());
        if let Some(decision) = known {
            return decision;
        }
        let decision = self.evaluate(package, &input);
        if !decision.is_engine_error()
            && let Ok(mut known) = self.shared.decided.lock()
        {
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.insert(input, decision.clone());
        }
        decision
    }
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Policies").field("stage", &self.stage).finish_non_exhaustive()
    }
}
