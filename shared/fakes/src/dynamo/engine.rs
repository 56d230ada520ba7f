//! The table and what is remembered about it: every request is run here, one at a time.

use super::answer::{Answer, Refusal};
use super::counts::{self, Counts};
use super::past::{self, Past};
use super::tokens::{Clock, Tokens};
use super::{actions, dump, errors, schema};
use crate::faults::Fault;
use dynoxide::Database;
use serde_json::{Value, json};

pub(super) struct Engine {
    /// Why there is none is said by every call.
    database: Result<Database, Refusal>,
    counts: Counts,
    past: Past,
    tokens: Tokens,
    late: Vec<Late>,
}

/// A request that will be carried out a second time.
struct Late {
    after: u8,
    operation: String,
    body: Value,
}

impl Engine {
    pub(super) fn new(clock: Option<Clock>) -> Self {
        Self {
            database: open(clock.clone()),
            counts: Counts::default(),
            past: Past::default(),
            tokens: Tokens::new(clock),
            late: Vec::new(),
        }
    }

    /// Serves one call, as the fault bids: the answer is what the service would have sent.
    pub(super) fn call(&mut self, operation: &str, body: &Value, fault: Option<Fault>) -> Answer {
        self.counts.arrived(operation);
        let refused = fault.and_then(|fault| errors::refusal(fault, operation, body));
        let applies = fault.is_none_or(Fault::applies);
        let answer = match refused {
            Some(refusal) if !applies => Err(refusal),
            Some(refusal) => self.run(operation, body, fault).and(Err(refusal)),
            None => self.run(operation, body, fault),
        };
        self.age();
        if let Some(Fault::Duplicate { after }) = fault {
            self.late.push(Late { after, operation: operation.to_owned(), body: body.clone() });
            self.rerun();
        }
        answer
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(super) fn reset_counts(&mut self) {
        self.counts = Counts::default();
    }

    pub(super) fn settle(&mut self) {
        self.late.iter_mut().for_each(|late| late.after = 0);
        self.rerun();
    }

    pub(super) fn expire(&mut self) -> Result<usize, String> {
        self.past.forget();
        let database = self.database.as_ref().map_err(|refusal| refusal.body.to_string())?;
        database.sweep_ttl().map_err(|error| error.to_string())
    }

    /// What cannot be listed shows as an item of its own, so that no comparison overlooks it.
    pub(super) fn items(&self) -> Vec<Value> {
        let listed = self.database.as_ref().map_err(Clone::clone).and_then(dump::items);
        listed.unwrap_or_else(|refusal| vec![json!({"unreadable": refusal.body})])
    }

    fn run(&mut self, operation: &str, body: &Value, fault: Option<Fault>) -> Answer {
        let database = self.database.as_ref().map_err(Clone::clone)?;
        let sent = self.tokens.renamed(counts::asking(body));
        let read = || actions::run(database, operation, &sent);
        let answer = match fault {
            Some(Fault::Stale { writes }) if may_be_stale(operation, body) => {
                self.past.read(database, writes, read)
            }
            _ if actions::is_write(operation) => {
                let replaced = past::targets(database, operation, body);
                let answer = read();
                // What cannot be read beforehand is refused by the write itself.
                if let (Ok(_), Ok(replaced)) = (&answer, replaced) {
                    self.past.remember(replaced);
                }
                answer
            }
            _ => read(),
        };
        if answer.is_ok() {
            self.tokens.succeeded(body);
        }
        self.counts.answered(operation, &sent, &answer);
        answer.map(|answer| counts::as_asked(body, answer))
    }

    /// One more call was served; the duplicates that waited for it are carried out.
    fn age(&mut self) {
        for late in &mut self.late {
            late.after = late.after.saturating_sub(1);
        }
        self.rerun();
    }

    fn rerun(&mut self) {
        let (due, waiting) = self.late.drain(..).partition(|late| late.after == 0);
        self.late = waiting;
        let due: Vec<Late> = due;
        for Late { operation, body, .. } in due {
            // Nobody is there to hear the second answer.
            drop(self.run(&operation, &body, None));
        }
    }
}

fn open(clock: Option<Clock>) -> Result<Database, Refusal> {
    let database = match clock {
        Some(clock) => Database::memory_with_clock(std::sync::Arc::new(Seconds(clock))),
        None => Database::memory(),
    }?;
    schema::create(&database)?;
    Ok(database)
}

/// Only a read that does not ask for the latest can miss a write; transactional reads never do.
fn may_be_stale(operation: &str, body: &Value) -> bool {
    let asks = |body: &Value| body.get("ConsistentRead").and_then(Value::as_bool) == Some(true);
    match operation {
        "GetItem" | "Query" | "Scan" => !asks(body),
        "BatchGetItem" => !body
            .get("RequestItems")
            .and_then(Value::as_object)
            .is_some_and(|tables| tables.values().any(asks)),
        _ => false,
    }
}

struct Seconds(Clock);

impl dynoxide::storage_backend::Clock for Seconds {
    fn now_unix_secs(&self) -> u64 {
        (self.0)()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        std::time::Duration::from_secs(self.now_unix_secs()).as_secs_f64()
    }
}
