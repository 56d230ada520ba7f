//! What a request says: query, headers and body, with all that is wrong told at once.

use crate::call::Call;
use crate::routes::Condition;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use watchfire_desk::Ask;
use watchfire_domain::{canon, hex};
use watchfire_edge::http::shaped_by;
use watchfire_edge::{Fault, Problem};

/// What a request says, as far as it was read, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    call: &'a Call<'a>,
    problems: Vec<Problem>,
    /// What cannot be told apart by fields.
    fault: Option<Fault>,
    digest: String,
}

impl<'a> Input<'a> {
    pub(crate) fn new(call: &'a Call<'a>) -> Self {
        let mut input = Self { call, problems: Vec::new(), fault: None, digest: String::new() };
        input.names();
        input
    }

    fn say(&mut self, field: &str, problem: impl Into<String>) {
        let field: String = field.chars().take(128).collect();
        self.problems.push(Problem::new(field, problem));
    }

    /// A parameter that is not known, or said twice, would be overlooked in silence.
    fn names(&mut self) {
        let query = &self.call.request.query;
        for (at, (name, _)) in query.iter().enumerate() {
            if name != "tenant" && !self.call.route.query.contains(&name.as_str()) {
                self.say(name, "is not known here");
            } else if query.iter().take(at).any(|(earlier, _)| earlier == name) {
                self.say(name, "must be said once");
            }
        }
    }

    /// A parameter of the query.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.call.request.query(name)
    }

    /// A parameter, read; `what` says what it must be.
    pub(crate) fn one<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.text(name)?);
        if value.is_none() {
            self.say(name, format!("must be {what}"));
        }
        value
    }

    /// A list that is separated by commas, in order, each once.
    pub(crate) fn list<T: Ord>(
        &mut self,
        name: &str,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let all = |text: &str| text.split(',').map(|one| read(one.trim())).collect::<Option<_>>();
        let mut values: Vec<T> = self.one(name, what, all).unwrap_or_default();
        values.sort();
        values.dedup();
        values
    }

    /// A number within bounds.
    pub(crate) fn number(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let within = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| digits && (least..=most).contains(number))
        };
        self.one(name, &format!("{least} to {most}"), within)
    }

    /// A parameter that must be there.
    pub(crate) fn needed(&mut self, name: &str) -> Option<&'a str> {
        let value = self.text(name);
        if value.is_none() {
            self.say(name, "is missing");
        }
        value
    }

    /// The body as a `T`. `complete` adds what the path says already, `check` says what is wrong
    /// beyond the shape.
    pub(crate) fn body<T: DeserializeOwned>(
        &mut self,
        complete: impl FnOnce(&mut Map<String, Value>) -> Option<Problem>,
        check: impl Fn(&T) -> Vec<Problem>,
    ) -> Option<T> {
        let mut fields = self.object()?;
        self.problems.extend(complete(&mut fields));
        shaped_by(Value::Object(fields), check).map_err(|fault| self.refuse(fault)).ok()
    }

    fn object(&mut self) -> Option<Map<String, Value>> {
        match self.json() {
            Ok(Value::Object(fields)) => return Some(fields),
            Ok(_) => self.say(".", "must be an object"),
            Err(fault) => self.fault = Some(fault),
        }
        None
    }

    fn refuse(&mut self, fault: Fault) {
        if let Fault::Invalid { problems } = fault {
            self.problems.extend(problems);
        } else {
            self.fault = Some(fault);
        }
    }

    fn json(&mut self) -> Result<Value, Fault> {
        let request = self.call.request;
        let value = if request.body.is_empty() {
            Value::Object(Map::new())
        } else {
            let kind = request.header("content-type").unwrap_or_default();
            if !is_json(kind) {
                let reason = "the body must be sent as `application/json`".to_owned();
                return Err(Fault::Malformed { reason });
            }
            request.json()?
        };
        self.digest = hex(&Sha256::digest(canon::canonical(&value)?));
        Ok(value)
    }

    /// The write, for its idempotency mark and its precondition. To be called after [`Self::body`].
    pub(crate) fn ask(&mut self) -> Ask {
        let (key, expect) = (self.key(), self.version());
        Ask { route: self.call.name.clone(), key, body: self.digest.clone(), expect }
    }

    fn key(&mut self) -> Option<String> {
        let key = self.call.request.header("idempotency-key")?;
        if !(1..=128).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.say("Idempotency-Key", "must be 1 to 128 visible ASCII characters");
        }
        Some(key.to_owned())
    }

    /// The version of `If-Match`: `"3"`, as `ETag` has it, or bare.
    fn version(&mut self) -> Option<u64> {
        let header = self.call.request.header("if-match");
        match (self.call.route.condition, header) {
            (Condition::None | Condition::Optional, None) => None,
            (Condition::Required, None) => {
                self.fault.get_or_insert(Fault::ConditionMissing);
                None
            }
            (Condition::None, Some(_)) => {
                self.say("If-Match", "has no meaning here: there is no version yet");
                None
            }
            (Condition::Optional | Condition::Required, Some(text)) => {
                let bare = text.trim();
                let bare = bare.strip_prefix('"').and_then(|b| b.strip_suffix('"')).unwrap_or(bare);
                let digits = bare.bytes().all(|byte| byte.is_ascii_digit());
                let version = bare.parse().ok().filter(|_| digits);
                if version.is_none() {
                    self.say("If-Match", "must be the version that `ETag` said");
                }
                version
            }
        }
    }

    /// Nothing was wrong; else all that was.
    pub(crate) fn end(self) -> Result<(), Fault> {
        match self.fault {
            Some(fault) => Err(fault),
            None if self.problems.is_empty() => Ok(()),
            None => Err(Fault::Invalid { problems: self.problems }),
        }
    }

    /// What was read, if nothing was wrong.
    pub(crate) fn done<T>(self, read: Option<T>) -> Result<T, Fault> {
        self.end()?;
        read.ok_or_else(|| Fault::Internal {
            reason: "a request without problems has no content".into(),
        })
    }
}

fn is_json(kind: &str) -> bool {
    let mut parts = kind.split(';').map(str::trim);
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
        && parts.all(|part| {
            let charset =
                part.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
            charset.is_none_or(|(_, set)| set.trim_matches('"').eq_ignore_ascii_case("utf-8"))
        })
}
