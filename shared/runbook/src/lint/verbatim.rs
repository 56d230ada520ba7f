//! What is compared to the letter, and is written as if something were put into it.

use super::{Code, Findings};
use crate::spec::Action;

/// An answer or an output is compared with the text as it stands: no variable is filled in.
pub(super) fn check(action: &Action, path: &str, findings: &mut Findings) {
    let command = action.command(path).map(|(path, command)| {
        let texts =
            [("output_is", &command.output_is), ("output_contains", &command.output_contains)];
        texts.map(|(name, text)| (format!("{path}.{name}"), text.as_deref())).to_vec()
    });
    let http = action.http(path).map(|(path, http)| {
        let text = http.expect.body_contains.as_deref();
        vec![(format!("{path}.expect.body_contains"), text)]
    });
    for (path, text) in command.into_iter().chain(http).flatten() {
        if text.is_some_and(|text| text.contains("{{")) {
            let problem = "has `{{`, and is compared as it stands".to_owned();
            findings.say(Code::Verbatim, path, problem);
        }
    }
}
