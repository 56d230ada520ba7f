//! HTTP to this machine, and waiting for things to happen.

use crate::trouble::{Doing, Trouble};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use ureq::Agent;

/// A port of 127.0.0.1 that is free now.
pub(crate) fn free_port() -> Result<u16, Trouble> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing("looking for a free port")?;
    Ok(listener.local_addr().doing("looking for a free port")?.port())
}

/// A client that takes every status as an answer and follows nothing.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_mins(1)))
        .build()
        .new_agent()
}

/// An answer: its status and its text.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

/// Sends a request with any method, with or without a body.
pub(crate) fn send(
    agent: &Agent,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer, Trouble> {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.to_owned()).doing("making a request")?;
    let answer = agent.run(request).doing(&format!("asking {url}"))?;
    let (parts, mut body) = answer.into_parts();
    let text = body.read_to_string().doing(&format!("reading the answer of {url}"))?;
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, text })
}

/// Looks again and again until there is something to see.
pub(crate) fn until<T>(
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> Result<Option<T>, Trouble>,
) -> Result<T, Trouble> {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        if begun.elapsed() > limit {
            return Err(Trouble::new(format!("gave up after {} s: {what}", limit.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
