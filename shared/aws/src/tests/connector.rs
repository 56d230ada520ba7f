//! Connections to AWS are kept where that is safe, and only there.

use crate::Aws;
use crate::error::Cause;
use crate::http1::in_origin_form;
use aws_smithy_types::body::SdkBody;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const FAULT: &str = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\n{}";
/// It says that it has more to say, and says nothing more.
const ENDLESS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{";

/// Which connection was asked, and the request's head.
type Asked = (usize, String);

/// Takes as many connections as there are lists of answers; each is closed when its list is at its end
/// and one more request has come, or none will.
fn serve(lists: &'static [&'static [&'static str]]) -> (Aws, Receiver<Asked>) {
    let (aws, asked, _) = serve_and_tell(lists);
    (aws, asked)
}

/// The same, and which connections were closed.
fn serve_and_tell(
    lists: &'static [&'static [&'static str]],
) -> (Aws, Receiver<Asked>, Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let ((tell, asked), (close, closed)) = (channel(), channel());
    std::thread::spawn(move || {
        for (number, answers) in lists.iter().enumerate() {
            let (stream, _) = listener.accept().unwrap();
            let (tell, close) = (tell.clone(), close.clone());
            std::thread::spawn(move || {
                answer(stream, number, answers, &tell);
                // Whether anybody listens is the test's affair.
                let _ = close.send(number);
            });
        }
    });
    (aws(address), asked, closed)
}

fn answer(mut stream: TcpStream, number: usize, answers: &[&str], tell: &Sender<Asked>) {
    for answer in answers {
        let Some(head) = head(&mut stream) else { return };
        tell.send((number, head)).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    }
    // `ENDLESS` must not end; the others have said that they keep the connection.
    if answers != [OK] {
        let _ = head(&mut stream).map(|head| tell.send((number, head)));
    }
}

/// A request's head; its body is `{}`, or nothing.
fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut some = [0; 4096];
        let count = stream.read(&mut some).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&some[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        if head.starts_with("GET") || body == "{}" {
            return Some(head.to_owned());
        }
    }
}

fn aws(address: String) -> Aws {
    let env = move |name: &str| match name {
        "AWS_REGION" => Some("eu-central-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        "AWS_ENDPOINT_URL" => Some(address.clone()),
        _ => None,
    };
    Aws::from_env(&env).unwrap()
}

async fn list(aws: &Aws) {
    aws.ecs().list_clusters().send().await.unwrap();
}

/// The connections that were asked, in this order, each time as a first attempt.
fn connections(asked: &Receiver<Asked>) -> Vec<usize> {
    let first = |(number, head): Asked| {
        assert!(head.contains("amz-sdk-request: attempt=1"), "{head}");
        number
    };
    asked.try_iter().map(first).collect()
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let (aws, asked) = serve(&[&[OK, OK, OK]]);
    for _ in 0..3 {
        list(&aws).await;
    }
    assert_eq!(connections(&asked), [0, 0, 0]);
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_costs_no_attempt() {
    let (aws, asked, closed) = serve_and_tell(&[&[OK], &[OK]]);
    list(&aws).await;
    assert_eq!(closed.recv().unwrap(), 0);
    // The runtime looks at its sockets whenever nothing else is to be done.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    list(&aws).await;
    assert_eq!(connections(&asked), [0, 1]);
}

#[tokio::test]
async fn requests_at_once_have_a_connection_each_and_both_are_kept() {
    let (aws, asked) = serve(&[&[OK, OK], &[OK, OK]]);
    tokio::join!(list(&aws), list(&aws));
    tokio::join!(list(&aws), list(&aws));
    let mut connections = connections(&asked);
    connections.sort_unstable();
    assert_eq!(connections, [0, 0, 1, 1]);
}

#[tokio::test]
async fn after_a_fault_the_next_attempt_has_another_connection() {
    let (aws, asked) = serve(&[&[FAULT, OK], &[OK]]);
    list(&aws).await;
    let connections: Vec<_> = asked.try_iter().map(|(number, _)| number).collect();
    assert_eq!(connections, [0, 1]);
}

#[tokio::test]
async fn an_answer_that_is_not_read_to_its_end_holds_nobody_up() {
    let (aws, asked) = serve(&[&[ENDLESS], &[OK]]);
    let get = || aws.s3().get_object().bucket("evidence").key("k").send();
    let unread = get().await.unwrap();
    get().await.unwrap();
    assert_eq!(connections(&asked), [0, 1]);
    drop(unread);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_takes_a_connection_and_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let aws = aws(format!("https://{}", listener.local_addr().unwrap()));
    let error = aws.ecs().list_clusters().send().await.unwrap_err();
    let words = Cause::of(&error).to_string();
    assert!(words.contains("no connection within 2s"), "{words}");
}

#[test]
fn a_request_names_its_host_without_who_asks_and_the_usual_port() {
    for (address, host, path) in [
        ("https://user:word@example.org:443/a?b=c", "example.org", "/a?b=c"),
        ("http://example.org:80", "example.org", "/"),
        ("https://example.org:80/", "example.org:80", "/"),
        ("https://[::1]:8443/", "[::1]:8443", "/"),
    ] {
        let mut request = http::Request::get(address).body(SdkBody::empty()).unwrap();
        assert_eq!(in_origin_form(&mut request).unwrap(), address);
        assert_eq!(
            (
                request.headers()["host"].to_str().unwrap(),
                request.uri().path_and_query().unwrap().as_str()
            ),
            (host, path)
        );
    }
    let mut request = http::Request::get("/nowhere").body(SdkBody::empty()).unwrap();
    assert!(in_origin_form(&mut request).is_err());
}
