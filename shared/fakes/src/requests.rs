//! The web, as the requests of runbooks see it.

use crate::faults::Faults;
use crate::notify::Trouble;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::{BTreeMap, VecDeque};
use watchfire_ports::{PortError, Requests, WebAnswer, WebAsk};

/// What an address says: an answer, or what is wrong with it.
type Told = Result<WebAnswer, Trouble>;

/// A web that answers 200 with nothing, unless a test says what an address answers.
#[derive(Clone, Debug)]
pub struct FakeRequests(Service<Web>);

#[derive(Debug, Default)]
struct Web {
    next: BTreeMap<String, VecDeque<Told>>,
    always: BTreeMap<String, Told>,
    sent: Vec<WebAsk>,
}

impl FakeRequests {
    /// A web that nobody has asked anything.
    pub fn new(faults: Faults) -> Self {
        Self(Service::new(faults, Web::default()))
    }

    /// The same web, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self(self.0.with_faults(faults))
    }

    /// An answer with this status and this body, after 40 ms.
    pub fn answer(status: u16, body: &str) -> WebAnswer {
        WebAnswer { status, millis: 40, body: body.as_bytes().to_vec() }
    }

    /// What the address, its query included, says once; those before it are said first.
    pub fn next(&self, url: &str, told: Result<WebAnswer, Trouble>) {
        self.0.state().next.entry(url.to_owned()).or_default().push_back(told);
    }

    /// What it says whenever nothing is to be said once.
    pub fn always(&self, url: &str, told: Result<WebAnswer, Trouble>) {
        self.0.state().always.insert(url.to_owned(), told);
    }

    /// All that arrived, in order: also that whose answer was lost.
    pub fn sent(&self) -> Vec<WebAsk> {
        self.0.state().sent.clone()
    }

    /// Takes it out, so that a test can say that nothing else came.
    pub fn take(&self) -> Vec<WebAsk> {
        std::mem::take(&mut self.0.state().sent)
    }

    /// The calls that left, those that nobody answered included.
    pub fn calls(&self) -> Vec<String> {
        self.0.calls()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.0.settle();
    }

    /// Each that arrived.
    pub fn dump(&self) -> String {
        lines(self.sent().iter().map(|ask| format!("{} {}", ask.method, ask.url)))
    }
}

impl Web {
    fn told(&mut self, url: &str) -> Told {
        let next = self.next.get_mut(url).and_then(VecDeque::pop_front);
        next.or_else(|| self.always.get(url).cloned())
            .unwrap_or_else(|| Ok(FakeRequests::answer(200, "")))
    }
}

#[async_trait]
impl Requests for FakeRequests {
    async fn send(&self, ask: &WebAsk) -> Result<WebAnswer, PortError> {
        let subject = format!("{} {}", ask.method, ask.url);
        let call = Ask::new("web:Request", "sending the request of a step", &subject);
        let (words, ask) = (call.clone(), ask.clone());
        self.0
            .write(call, move |web| match web.told(&ask.url) {
                Err(Trouble::Down) => Err(words.unavailable("the connection was refused")),
                Err(Trouble::Refuses) => Err(words.refused("the name leads to a private address")),
                Ok(answer) => {
                    web.sent.push(ask.clone());
                    if answer.body.len() > WebAnswer::LONGEST {
                        return Err(words.corrupt("more than a step reads"));
                    }
                    Ok(answer)
                }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;

    const URL: &str = "https://api.example.com/health?a=b";

    fn get(url: &str) -> WebAsk {
        WebAsk { method: "GET", url: url.to_owned(), headers: Vec::new(), body: None }
    }

    #[tokio::test]
    async fn an_address_says_what_it_was_told_to_and_then_what_it_always_says() {
        let web = FakeRequests::new(Faults::new());
        let status = async || web.send(&get(URL)).await.map(|answer| answer.status);
        assert_eq!(status().await.unwrap(), 200);
        web.always(URL, Ok(FakeRequests::answer(204, "")));
        web.next(URL, Ok(FakeRequests::answer(500, "no")));
        web.next(URL, Err(Trouble::Down));
        web.next(URL, Err(Trouble::Refuses));
        assert_eq!(status().await.unwrap(), 500);
        assert!(status().await.unwrap_err().retryable());
        assert!(!status().await.unwrap_err().retryable());
        assert_eq!((status().await.unwrap(), status().await.unwrap()), (204, 204));
        assert_eq!((web.take().len(), web.calls().len()), (4, 6));
        assert_eq!(web.dump(), "");
    }

    #[tokio::test]
    async fn what_arrived_is_sent_though_its_answer_is_lost() {
        let faults = Faults::new();
        let web = FakeRequests::new(faults.clone());
        faults.at(0, Fault::AnswerLost).at(1, Fault::NotSent);
        assert!(web.send(&get(URL)).await.unwrap_err().retryable());
        assert!(web.send(&get(URL)).await.unwrap_err().retryable());
        assert_eq!(web.sent(), [get(URL)]);
        let other = web.with_faults(Faults::new());
        other.send(&get("https://api.example.com/")).await.unwrap();
        assert_eq!(web.dump(), format!("GET {URL}\nGET https://api.example.com/\n"));
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_no_answer() {
        let web = FakeRequests::new(Faults::new());
        let body = "x".repeat(WebAnswer::LONGEST + 1);
        web.next(URL, Ok(FakeRequests::answer(200, &body)));
        let error = web.send(&get(URL)).await.unwrap_err();
        assert!(matches!(error, PortError::Corrupt { .. }), "{error}");
        assert_eq!(web.sent().len(), 1);
    }
}
