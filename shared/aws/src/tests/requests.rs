use super::web::{answer, serve};
use crate::{Web, WebRequests};
use std::sync::Arc;
use watchfire_ports::{PortError, Requests, WebAnswer, WebAsk};

fn ask(method: &'static str, url: &str) -> WebAsk {
    WebAsk { method, url: url.to_owned(), headers: Vec::new(), body: None }
}

fn here(port: u16) -> WebRequests {
    let hosts = [format!("127.0.0.1:{port}")].into();
    WebRequests::here(Arc::new(Web::default()), hosts)
}

fn to(hosts: &[&str]) -> WebRequests {
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    WebRequests::new(Arc::new(Web::default()), hosts)
}

#[tokio::test]
async fn a_request_is_sent_as_it_is_asked_for_and_its_answer_is_whole() {
    let (port, asked) = serve(vec![answer("503 Service Unavailable", r#"{"up":false}"#)]);
    let ask = WebAsk {
        headers: vec![
            ("authorization".to_owned(), "Bearer hidden".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ],
        body: Some(b"{\"a\":1}".to_vec()),
        ..ask("POST", &format!("http://127.0.0.1:{port}/v1/check?deep=yes"))
    };
    let told = here(port).send(&ask).await.unwrap();
    assert_eq!((told.status, &*told.body), (503, &br#"{"up":false}"#[..]));
    assert!(told.millis < 60_000);
    let asked = asked.join().unwrap().remove(0);
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST /v1/check?deep=yes HTTP/1.1");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "authorization: Bearer hidden",
            "content-length: 7",
            "content-type: application/json",
            &format!("host: 127.0.0.1:{port}"),
            concat!("user-agent: watchfire/", env!("CARGO_PKG_VERSION")),
        ]
    );
    assert_eq!(body, "{\"a\":1}");
}

#[tokio::test]
async fn a_head_has_no_body_and_a_redirect_is_an_answer() {
    let (port, asked) = serve(vec![
        answer("200 OK", ""),
        answer("302 Found\r\nlocation: http://127.0.0.1:PORT/elsewhere", ""),
    ]);
    let url = format!("http://127.0.0.1:{port}/");
    let told = here(port).send(&ask("HEAD", &url)).await.unwrap();
    assert_eq!((told.status, told.body.len()), (200, 0));
    let named = ("User-Agent".to_owned(), "probe/1".to_owned());
    let told = here(port).send(&WebAsk { headers: vec![named], ..ask("GET", &url) }).await;
    assert_eq!(told.unwrap().status, 302);
    let asked = asked.join().unwrap();
    assert!(asked[1].contains("user-agent: probe/1\r\n") && !asked[1].contains("watchfire"));
}

#[tokio::test]
async fn only_what_is_listed_is_called() {
    for (hosts, url) in [
        (&[][..], "https://api.example.com/"),
        (&["api.example.com"][..], "https://api.example.com:8443/"),
        (&["api.example.com:8443"][..], "https://api.example.com/"),
        (&["example.com"][..], "https://api.example.com/"),
        (&["api.example.com"][..], "https://api.example.com.evil.example/"),
    ] {
        let error = to(hosts).send(&ask("GET", url)).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("is not listed in `WATCHFIRE_STEP_HOSTS`"), "{error}");
    }
}

#[tokio::test]
async fn private_addresses_are_refused_even_if_they_are_listed() {
    for host in [
        "127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
        "[::1]",
        "localhost",
        "a.localhost",
        // No address to a parser of URLs, and one to the resolver.
        "0x7f000001",
    ] {
        let error = to(&[host]).send(&ask("GET", &format!("https://{host}/x"))).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{host}: {error}");
        assert!(error.to_string().contains("private"), "{host}: {error}");
    }
    for url in ["http://api.example.com/", "https://user@api.example.com/", "api.example.com", ""] {
        let error = to(&["api.example.com"]).send(&ask("GET", url)).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_and_no_further() {
    let body = |more: usize| "x".repeat(WebAnswer::LONGEST + more);
    let (port, _) = serve(vec![answer("200 OK", &body(0))]);
    let url = format!("http://127.0.0.1:{port}/");
    let told = here(port).send(&ask("GET", &url)).await.unwrap();
    assert_eq!(told.body.len(), WebAnswer::LONGEST);
    let (port, _) = serve(vec![answer("200 OK", &body(1))]);
    let url = format!("http://127.0.0.1:{port}/");
    let error = here(port).send(&ask("GET", &url)).await.unwrap_err();
    assert!(matches!(error, PortError::Corrupt { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_has_a_minute() {
    // It takes what is said, and says nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let begun = tokio::time::Instant::now();
    let url = format!("http://127.0.0.1:{port}/");
    let error = here(port).send(&ask("GET", &url)).await.unwrap_err();
    assert!(error.retryable(), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 60);
}

#[tokio::test]
async fn errors_tell_neither_queries_nor_headers() {
    let port = 9;
    let asked = WebAsk {
        headers: vec![("authorization".to_owned(), "hidden\n1".to_owned())],
        ..ask("GET", &format!("http://127.0.0.1:{port}/?token=hidden-2"))
    };
    let error = here(port).send(&asked).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
    let told = |error: &PortError| format!("{error} {error:?}");
    assert!(!told(&error).contains("hidden"), "{error:?}");
    // Nobody listens there.
    let error =
        here(port).send(&WebAsk { headers: Vec::new(), ..asked.clone() }).await.unwrap_err();
    assert!(error.retryable() && !told(&error).contains("hidden"), "{error:?}");
    let error = to(&[]).send(&asked).await.unwrap_err();
    assert!(!told(&error).contains("hidden"), "{error:?}");
    assert!(!format!("{asked:?}").contains("hidden\n1"));
}
