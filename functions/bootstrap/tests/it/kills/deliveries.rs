//! Deliveries: of the machine's steps, of events and messages, and of what people ask.

use super::doors;
use super::life::{APPROVER, Life, Tale};
use serde_json::Value;
use watchfire_bench::runtime_api::Answer;
use watchfire_domain::HOUR;
use watchfire_domain::plan::Target;
use watchfire_fakes::Failed;
use watchfire_ports::Clock as _;

/// How often a delivery comes again at most: more often than its process is ever killed.
const TRIES: usize = 8;
/// How often the account is looked through before all must be at rest.
const ROUNDS: usize = 60;

impl Life {
    /// Until every machine waits, every task rests, and nothing is under way to a function.
    pub(super) fn settle(&self) {
        for _ in 0..ROUNDS {
            let step = async |function: String, event: Value| self.step(&function, &event);
            let mut quiet = self.runtime.block_on(self.machine.drive(&step)) == 0;
            self.world.tasks.come_to_rest();
            let mut under_way: Vec<(&str, Value)> = Vec::new();
            let events = self.world.tasks.events();
            if self.tale == Tale::ByAlarm {
                under_way.extend(events.into_iter().map(|event| ("observe", event)));
            }
            // Whatever waits is delivered: how long it should wait is not what is asked here.
            for probe in self.world.probes.due(self.world.clock.now().plus(HOUR)) {
                let body = serde_json::to_string(&probe).unwrap();
                under_way.push(("observe", doors::queued(&[body])));
            }
            for ask in self.world.seals.take() {
                let body = serde_json::to_string(&ask).unwrap();
                under_way.push(("checkpoint", doors::queued(&[body])));
            }
            quiet &= under_way.is_empty();
            for (handler, event) in under_way {
                self.deliver(handler, &event);
            }
            if quiet {
                return;
            }
        }
        panic!("it does not come to rest: {}", self.world.dump());
    }

    /// A step of the machine: it tries again by itself.
    fn step(&self, function: &str, event: &Value) -> Result<Value, Failed> {
        let handler = function.trim_end_matches("Function").to_lowercase();
        match self.lambda.borrow_mut().call(&handler, event) {
            None => Err(Failed::new("Lambda.Unknown", "the process ended")),
            Some(Answer::Response(bytes)) => Ok(serde_json::from_slice(&bytes).unwrap()),
            Some(Answer::Error(bytes)) => {
                let error: Value = serde_json::from_slice(&bytes).unwrap();
                let text = |name: &str| error[name].as_str().unwrap_or_default();
                Err(Failed::new(text("errorType"), text("errorMessage")))
            }
        }
    }

    /// Delivers an event until it is handled, as queues and schedules do.
    pub(super) fn deliver(&self, handler: &str, event: &Value) -> Value {
        let mut last = None;
        for _ in 0..TRIES {
            let answer = self.lambda.borrow_mut().call(handler, event);
            if let Some(Answer::Response(bytes)) = &answer {
                let told: Value = serde_json::from_slice(bytes).unwrap();
                let failed =
                    told["batchItemFailures"].as_array().is_some_and(|all| !all.is_empty());
                let unsure = told["statusCode"].as_u64().is_some_and(|status| status >= 500);
                if !failed && !unsure {
                    return told;
                }
            }
            last = answer;
        }
        panic!("`{handler}` never handles {event}: {last:?}")
    }

    /// Somebody asks the API, and asks again until there is an answer.
    pub(super) fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.requests.set(self.requests.get() + 1);
        let key = format!("request-{}", self.requests.get());
        let answer = self.deliver("api", &doors::signed(method, path, &key, body));
        let text = answer["body"].as_str().unwrap();
        assert!(matches!(answer["statusCode"].as_u64(), Some(200 | 201)), "{path}: {answer}");
        let written: Value = serde_json::from_str(text).unwrap();
        self.receipts.borrow_mut().push(written["receipt"].clone());
        written
    }

    /// The approver opens the newest link, and grants what it asks.
    pub(super) fn approve(&self) {
        let inbox = self.world.notify.inbox_of(&Target::Email(APPROVER.to_owned()));
        let text = &inbox.last().expect("the approver is asked").text;
        let (_, rest) = text.split_once("/approvals/").unwrap();
        let link = rest.split_whitespace().next().unwrap();
        let page = self.deliver("approval-page", &doors::opened(link));
        let answer = self.deliver("approve", &doors::submitted(&page, link));
        assert_eq!(answer["statusCode"], 200, "{answer}");
    }
}
