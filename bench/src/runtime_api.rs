//! Lambda's Runtime API on 127.0.0.1, for one process: it asks for work, is given it, and answers
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).
//!
//! Nothing here measures or starts anything, so that other tests can use it as well: a process that
//! is killed is replaced by another one with a [`RuntimeApi`] of its own.

use crate::http;
use crate::trouble::{Doing as _, Trouble, odd};
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const VERSION: &str = "/2018-06-01/runtime";

/// One invocation, as Lambda hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Lambda's name for it.
    pub request_id: String,
    /// The event: JSON.
    pub event: Vec<u8>,
    /// When Lambda would end the process, in milliseconds since 1970.
    pub deadline_ms: u64,
}

impl Invocation {
    /// Of this event, with a deadline in another century.
    pub fn of(request_id: impl Into<String>, event: &serde_json::Value) -> Self {
        let event = event.to_string().into_bytes();
        Self { request_id: request_id.into(), event, deadline_ms: 4_102_444_800_000 }
    }
}

/// What the process sent back for an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What the handler made.
    Response(Vec<u8>),
    /// The handler failed: Lambda's error document.
    Error(Vec<u8>),
}

impl Answer {
    /// The response's bytes; an error is a [`Trouble::Odd`] with its document.
    pub fn response(self) -> Result<Vec<u8>, Trouble> {
        match self {
            Self::Response(bytes) => Ok(bytes),
            Self::Error(bytes) => {
                Err(odd(format!("the function failed: {}", String::from_utf8_lossy(&bytes))))
            }
        }
    }
}

/// What the process does, in the order in which it does it.
#[derive(Debug)]
enum Heard {
    Asked,
    Answered(Answer),
    NotStarted(Vec<u8>),
    Killed,
}

/// Says that the process was killed: it says nothing itself any more.
#[derive(Debug, Clone)]
pub struct Obituary(Sender<Heard>);

impl Obituary {
    /// Says it. Nobody may be listening any more.
    pub fn tell(&self) {
        let _ = self.0.send(Heard::Killed);
    }
}

/// A Runtime API for one process. Dropped, its port is closed.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    heard: Receiver<Heard>,
    tell: Sender<Heard>,
    work: Option<Sender<Invocation>>,
    over: Arc<AtomicBool>,
}

/// What the threads of the connections share.
#[derive(Debug, Clone)]
struct Shared {
    heard: Sender<Heard>,
    work: Arc<Mutex<Receiver<Invocation>>>,
    over: Arc<AtomicBool>,
}

impl RuntimeApi {
    /// Listens on a free port of 127.0.0.1.
    pub fn start() -> Result<Self, Trouble> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing("opening a port")?;
        let address = listener.local_addr().doing("reading a port")?;
        let ((tell, heard), (work, taken)) = (channel(), channel());
        let over = Arc::<AtomicBool>::default();
        let work_of = Arc::new(Mutex::new(taken));
        let shared = Shared { heard: tell.clone(), work: work_of, over: Arc::clone(&over) };
        std::thread::spawn(move || accept(&listener, &shared));
        Ok(Self { address, heard, tell, work: Some(work), over })
    }

    /// What `AWS_LAMBDA_RUNTIME_API` must be: host and port.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// For whoever kills the process.
    pub fn obituary(&self) -> Obituary {
        Obituary(self.tell.clone())
    }

    /// Waits until the process asks for work: then it has started, or has done all that it had to.
    pub fn await_ask(&self, limit: Duration) -> Result<(), Trouble> {
        match self.next("the process asks for work", limit)? {
            Heard::Asked => Ok(()),
            Heard::Answered(_) => Err(odd("the process answered what nobody asked")),
            Heard::NotStarted(body) => {
                Err(odd(format!("the process did not start: {}", String::from_utf8_lossy(&body))))
            }
            Heard::Killed => Err(odd("the process was killed before it asked for work")),
        }
    }

    /// Hands out an invocation to the process, which has asked for work, and does not wait.
    pub fn hand_out(&self, invocation: Invocation) -> Result<(), Trouble> {
        let sent = self.work.as_ref().map(|work| work.send(invocation));
        if sent.is_some_and(|sent| sent.is_ok()) { Ok(()) } else { Err(odd("nobody takes work")) }
    }

    /// Waits for the answer to what was handed out.
    pub fn await_answer(&self, limit: Duration) -> Result<Answer, Trouble> {
        self.await_end(limit)?.ok_or_else(|| odd("the process was killed"))
    }

    /// The same; none if the process was killed meanwhile.
    pub fn await_end(&self, limit: Duration) -> Result<Option<Answer>, Trouble> {
        match self.next("the process answers", limit)? {
            Heard::Answered(answer) => Ok(Some(answer)),
            Heard::Killed => Ok(None),
            Heard::Asked => Err(odd("the process asked for work before it answered")),
            Heard::NotStarted(_) => Err(odd("the process ended")),
        }
    }

    fn next(&self, what: &str, limit: Duration) -> Result<Heard, Trouble> {
        let late = |_| Trouble::Late { what: what.to_owned(), seconds: limit.as_secs() };
        self.heard.recv_timeout(limit).map_err(late)
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        // Whoever waits for work hears that there is none; the listener is woken, and ends.
        self.work = None;
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

fn accept(listener: &TcpListener, shared: &Shared) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { return };
        let shared = shared.clone();
        if shared.over.load(Ordering::SeqCst) {
            return;
        }
        std::thread::spawn(move || drop(serve(stream, &shared)));
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut to = stream.try_clone()?;
    let mut from = BufReader::new(stream);
    while let Some(request) = http::read(&mut from)? {
        let path = request.path.strip_prefix(VERSION).unwrap_or_default();
        let heard = match (request.method.as_str(), path.rsplit('/').next()) {
            ("GET", Some("next")) => {
                if shared.heard.send(Heard::Asked).is_err() {
                    return Ok(());
                }
                let work = shared.work.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(work) = work else { return Ok(()) };
                hand(&mut to, &work)?;
                continue;
            }
            ("POST", Some("response")) => Heard::Answered(Answer::Response(request.body)),
            ("POST", Some("error")) if path.starts_with("/init") => Heard::NotStarted(request.body),
            ("POST", Some("error")) => Heard::Answered(Answer::Error(request.body)),
            _ => {
                http::write(&mut to, 404, &[], b"{}")?;
                continue;
            }
        };
        http::write(&mut to, 202, &[("content-type", "application/json")], b"{}")?;
        if shared.heard.send(heard).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// The six headers that Lambda sends.
fn hand(to: &mut TcpStream, work: &Invocation) -> io::Result<()> {
    let deadline = work.deadline_ms.to_string();
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", work.request_id.as_str()),
        ("lambda-runtime-deadline-ms", deadline.as_str()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:111122223333:function:watchfire-bench",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-6740ab12-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",
        ),
        ("date", "Sat, 21 Nov 2026 03:12:00 GMT"),
    ];
    http::write(to, 200, &headers, &work.event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::{BufRead as _, Write as _};

    const SOON: Duration = Duration::from_secs(10);

    fn send(stream: &mut TcpStream, text: &str) {
        stream.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn a_process_asks_works_and_answers() {
        let api = RuntimeApi::start().unwrap();
        let mut stream = TcpStream::connect(api.address()).unwrap();
        let mut from = BufReader::new(stream.try_clone().unwrap());
        send(&mut stream, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n");
        api.await_ask(SOON).unwrap();
        api.hand_out(Invocation::of("r-1", &json!({ "a": 1 }))).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            from.read_line(&mut head).unwrap();
        }
        assert!(head.contains("lambda-runtime-aws-request-id: r-1\r\n"), "{head}");
        let answer = "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}";
        send(&mut stream, answer);
        assert_eq!(api.await_answer(SOON).unwrap(), Answer::Response(b"{}".to_vec()));
    }

    #[test]
    fn of_a_process_that_was_killed_nobody_waits_for_an_answer() {
        let api = RuntimeApi::start().unwrap();
        api.obituary().tell();
        assert_eq!(api.await_end(SOON).unwrap(), None);
        api.obituary().tell();
        api.await_answer(SOON).unwrap_err();
    }

    #[test]
    fn a_process_that_cannot_start_says_why() {
        let api = RuntimeApi::start().unwrap();
        let mut stream = TcpStream::connect(api.address()).unwrap();
        let error =
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\ncontent-length: 4\r\n\r\n\"no\"";
        send(&mut stream, error);
        assert!(api.await_ask(SOON).unwrap_err().to_string().contains("\"no\""));
    }
}
