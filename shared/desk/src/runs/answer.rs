//! What a server answered and what a document of SSM returned, kept whole: of the record it would be
//! too much.

use super::act::{Ending, Look};
use crate::Desk;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use watchfire_domain::{Whole, hex};
use watchfire_edge::Fault;
use watchfire_ports::WebAnswer;
use watchfire_runbook::render::Request;

/// What a step was told, without the secrets that were sent.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    told: Told,
    /// Whether its step may be done again: it changes nothing.
    again: bool,
}

#[derive(Debug, Clone)]
enum Told {
    /// By a server, to what was sent, which is without the values of its headers.
    Web(WebAnswer, Value),
    /// By SSM, of a document that is over.
    Document { document: String, status: String, outputs: Value, problem: Option<String> },
}

impl Answer {
    pub(super) fn new(told: WebAnswer, request: &Request) -> Self {
        let Request { method, url, headers, json, .. } = request;
        let names: Vec<&String> = headers.keys().collect();
        let mut sent = json!({ "method": method, "url": url, "headers": names });
        if let (Some(body), Value::Object(fields)) = (json, &mut sent) {
            fields.insert("body".to_owned(), body.clone());
        }
        Self { told: Told::Web(told, sent), again: method.is_safe() }
    }

    /// What a document returned that is over, with the status and the problem that SSM tells. What
    /// it did is nobody's to do again unasked.
    pub(super) fn of_document(
        document: String,
        status: String,
        output: &[u8],
        problem: Option<String>,
    ) -> Self {
        let words = || Value::String(String::from_utf8_lossy(output).into_owned());
        let outputs = serde_json::from_slice(output).unwrap_or_else(|_| words());
        Self { told: Told::Document { document, status, outputs, problem }, again: false }
    }

    /// How a step ended that had this answer: with this problem, or as it should.
    pub(super) fn ending(self, problem: Option<String>) -> Ending {
        let mut output = format!("{}\n", self.line()).into_bytes();
        if let Told::Web(told, _) = &self.told {
            output.extend_from_slice(&told.body);
        }
        Ending { problem, answer: Some(self), ..Ending::passed(output) }
    }

    fn line(&self) -> String {
        match &self.told {
            Told::Web(told, _) => format!("HTTP {} in {} ms", told.status, told.millis),
            Told::Document { status, .. } => format!("SSM {status}"),
        }
    }

    /// The object that keeps it. Of a server, JSON with its `status`, its `latency_ms` in
    /// milliseconds, and its `body`; a body that is no UTF-8 stands in `body_hex`. Its `request` has
    /// `method`, `url`, the names of its `headers`, and its `body` if it had one. Of a document, JSON
    /// with `document`, `status`, `outputs`, and `problem` if there was one.
    fn object(&self) -> Vec<u8> {
        let object = match &self.told {
            Told::Web(WebAnswer { status, millis, body }, sent) => {
                let (name, body) = match std::str::from_utf8(body) {
                    Ok(text) => ("body", text.to_owned()),
                    Err(_) => ("body_hex", hex(body)),
                };
                json!({ "request": sent, "status": status, "latency_ms": millis, name: body })
            }
            Told::Document { document, status, outputs, problem } => {
                let mut object =
                    json!({ "document": document, "status": status, "outputs": outputs });
                if let (Some(problem), Value::Object(fields)) = (problem, &mut object) {
                    fields.insert("problem".to_owned(), json!(problem));
                }
                object
            }
        };
        object.to_string().into_bytes()
    }
}

impl Desk {
    /// Keeps the answer of a step that is over, before the record says that it is: the record then
    /// has the place and the SHA-256 of the object. Half that digest is in its name: whoever sends
    /// anew after a process died keeps another one beside it, and each record names its own.
    ///
    /// If it cannot be kept, nothing is lost and nothing is sent twice:
    /// - a request that changes nothing is sent again, by whoever tries the step again ([`Fault`]);
    /// - one that changes something has failed, and so has a document, which may have changed
    ///   something: the record says what was answered and that it is not kept, and a person looks
    ///   before it is tried again. So has one whose evidence is refused for good.
    pub(super) async fn kept(&self, look: &Look<'_>, mut ending: Ending) -> Result<Ending, Fault> {
        let Some(answer) = ending.answer.take() else { return Ok(ending) };
        let object = answer.object();
        let sha256 = hex(&Sha256::digest(&object));
        let bytes = u64::try_from(object.len()).unwrap_or(u64::MAX);
        // Not below `commands/`, where the roles of programs may write.
        let (tenant, effect) = (look.loaded.repo.tenant(), &look.turn.effect);
        let short: String = sha256.chars().take(32).collect();
        let key = format!("answers/{tenant}/{effect}/{short}.json");
        match self.evidence.keep(&key, object).await {
            Ok(place) => {
                let whole = Some(Whole { bytes, sha256: Some(sha256), read: true });
                Ok(Ending { whole, evidence: vec![place], ..ending })
            }
            Err(error) if answer.again && error.retryable() => Err(error.into()),
            Err(error) => {
                let (line, why) = (answer.line(), watchfire_edge::chain(&error));
                let look = if answer.again { "" } else { ": look before you try it again" };
                let lost = format!("its answer, {line}, could not be kept ({why}){look}");
                let problem = match ending.problem {
                    Some(problem) => format!("{problem}; {lost}"),
                    None => lost,
                };
                Ok(Ending { problem: Some(problem), ..ending })
            }
        }
    }
}
