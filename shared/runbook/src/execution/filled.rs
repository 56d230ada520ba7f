//! A step as its spec and its inputs fill it in: for whoever approves it, and for the record.
//!
//! Both say the same whenever they are made. What only the moment says stands as its variable: a
//! step may be done long after it was asked about, and is filled in each time it is looked at.

use super::output::excerpt;
use super::{Refusal, Run};
use crate::Inputs;
use crate::preview::asked;
use crate::render::{Lasting, Rendered, render_lasting};
use crate::spec::{Header, Within};
use serde_json::{Map, Value};
use watchfire_domain::Excerpt;
use watchfire_domain::canon::canonical;

/// How much of what a step was begun with is kept, in bytes.
const EACH: usize = 512;

impl Run<'_> {
    /// What the step would do, in lines for whoever approves it.
    pub(super) fn does(&self, within: &Within<'_>) -> Result<String, Refusal> {
        let inputs = Inputs::bind(self.spec, &self.execution.inputs).map_err(Refusal::Inputs)?;
        let id = self.execution.id.to_string();
        Ok(asked(within, &self.lasting(&inputs, &id)).unwrap_or_else(|refused| {
            // Whoever approves it is told what will come of that.
            refused.iter().fold(String::new(), |all, why| format!("{all}cannot be done: {why}\n"))
        }))
    }

    /// What the step is begun with: its action as canonical JSON (RFC 8785), secrets by their names.
    /// None if it cannot be filled in: its attempt fails, and says why.
    pub(super) fn begun_with(&self, within: &Within<'_>) -> Option<Excerpt> {
        let inputs = Inputs::bind(self.spec, &self.execution.inputs).ok()?;
        let id = self.execution.id.to_string();
        let (lasting, path) = (self.lasting(&inputs, &id), format!("{}.do", within.path));
        let told = told(&render_lasting(&within.step.action, &path, &lasting).ok()?);
        Some(excerpt(&canonical(&told).unwrap_or_else(|_| told.to_string()), EACH))
    }

    fn lasting<'a>(&'a self, inputs: &'a Inputs, execution_id: &'a str) -> Lasting<'a> {
        Lasting { inputs, tenant: self.tenant.as_str(), execution_id }
    }
}

/// An action as JSON. A header stands as the preview has it: `"secret": "…"` would be taken for a
/// secret itself.
fn told(action: &Rendered) -> Value {
    let mut told = serde_json::json!(action);
    let (request, told_of) = if let Rendered::Check { probe, .. } = action {
        (&**probe, told.get_mut("probe"))
    } else {
        (action, Some(&mut told))
    };
    if let (Rendered::Http(request), Some(Value::Object(fields))) = (request, told_of) {
        let words = |(name, value): (&String, &Header)| (name.clone(), value.words().into());
        let headers: Map<String, Value> = request.headers.iter().map(words).collect();
        fields.insert("headers".to_owned(), Value::Object(headers));
        // The URL has it.
        fields.remove("authority");
    }
    told
}
