use super::Script;
use super::secrets::Stopped;
use super::sends::{message, messages};
use crate::web::{Ask, Chosen};
use crate::{HttpJwks, MessageSettings, Web, signature};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use watchfire_domain::plan::Target;
use watchfire_ports::{Jwks, Notify, PortError};

/// Answers one request after the other, each on its own connection; gives what was asked. `PORT`
/// stands for its own port.
pub(super) fn serve(answers: Vec<Answer>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = std::thread::spawn(move || {
        let one = |(head, body): Answer| {
            let (mut stream, _) = listener.accept().unwrap();
            let asked = request(&mut stream);
            let [head, body] = [head, body].map(|text| text.replace("PORT", &port.to_string()));
            let length = body.len();
            let answer = format!("HTTP/1.1 {head}content-length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).unwrap();
            asked
        };
        answers.into_iter().map(one).collect()
    });
    (port, asked)
}

/// Status and headers, each with its end of line; and the body.
pub(super) type Answer = (String, String);

pub(super) fn answer(head: &str, body: &str) -> Answer {
    (format!("{head}\r\n"), body.to_owned())
}

fn request(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut some = [0; 4096];
        let count = stream.read(&mut some).unwrap();
        bytes.extend_from_slice(&some[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return text;
        }
    }
}

fn settings(private_targets: bool) -> MessageSettings {
    let webhook_secret = Some("hooks".to_owned());
    MessageSettings { webhook_secret, private_targets, mail_from: None }
}

fn secret() -> Script {
    Script::default().ok(r#"{"SecretString":"{\"current\":\"k1\",\"k1\":\"hush\"}"}"#)
}

#[tokio::test]
async fn a_webhook_is_signed_and_its_answer_is_not_read() {
    // It says that it has more to say, and says nothing more.
    let (port, asked) = serve(vec![answer("202 Accepted\r\ntransfer-encoding: chunked", "")]);
    let hook = message(Target::Webhook(format!("http://127.0.0.1:{port}/in")));
    let sent = messages(&secret(), settings(true)).send(&hook).await.unwrap();
    assert_eq!(sent.receipt, None);
    let asked = asked.join().unwrap().remove(0);
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /in HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("watchfire-id: m-1\r\n"), "{head}");
    let signature = signature(b"hush", 1_700_000_000, body.as_bytes());
    assert!(head.contains(&format!("watchfire-signature: {signature}")), "{head}");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(body).unwrap(),
        serde_json::json!({
            "id": "m-1",
            "subject": hook.subject,
            "text": "It burns.",
            "data": {"incident": "INC-1"},
        })
    );
}

#[tokio::test]
async fn redirects_are_not_followed_and_only_2xx_is_success() {
    for (status, retryable) in [
        ("307 Temporary Redirect", false),
        ("404 Not Found", false),
        ("429 Too Many Requests", true),
        ("502 Bad Gateway", true),
    ] {
        let (port, asked) =
            serve(vec![answer(&format!("{status}\r\nlocation: http://127.0.0.1:PORT/"), "")]);
        let hook = message(Target::Webhook(format!("http://127.0.0.1:{port}/")));
        let error = messages(&secret(), settings(true)).send(&hook).await.unwrap_err();
        assert_eq!(error.retryable(), retryable, "{error}");
        assert_eq!(asked.join().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_name_that_leads_here_is_refused_when_it_is_resolved() {
    let ask = |chosen| Ask {
        doing: "calling a webhook",
        chosen,
        method: http::Method::POST,
        address: "http://localhost:9/".parse().unwrap(),
        headers: Vec::new(),
        body: Vec::new(),
        limit: None,
        within: crate::web::WHOLE,
    };
    let web = Web::default();
    let error = web.send(ask(Chosen::ByTenant)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the web refused while calling a webhook: the name leads to a private address"
    );
    assert!(web.send(ask(Chosen::ByOperator)).await.unwrap_err().retryable());
}

#[tokio::test]
async fn without_a_secret_no_webhook_is_sent() {
    let hook = message(Target::Webhook("https://example.org/".to_owned()));
    let script = Script::default();
    let error = messages(&script, MessageSettings::default()).send(&hook).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
}

fn jwks(issuer: String) -> HttpJwks {
    HttpJwks::new(Arc::new(Web::default()), Stopped::at(1_700_000_000), issuer)
}

const DISCOVERY: &str =
    r#"{"issuer":"http://127.0.0.1:PORT/a","jwks_uri":"http://127.0.0.1:PORT/keys"}"#;

#[tokio::test]
async fn keys_are_discovered_and_kept() {
    let (port, asked) =
        serve(vec![answer("200 OK", DISCOVERY), answer("200 OK", r#"{"keys":[]}"#)]);
    let jwks = jwks(format!("http://127.0.0.1:{port}/a/"));
    assert_eq!(&*jwks.keys(false).await.unwrap(), r#"{"keys":[]}"#);
    assert_eq!(&*jwks.keys(true).await.unwrap(), r#"{"keys":[]}"#);
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("GET /a/.well-known/openid-configuration HTTP/1.1\r\n"));
    assert!(asked[1].starts_with("GET /keys HTTP/1.1\r\n"));
}

#[tokio::test]
async fn another_issuer_s_document_is_refused() {
    let (port, _) = serve(vec![answer("200 OK", &DISCOVERY.replace("/a\"", "/b\""))]);
    let error = jwks(format!("http://127.0.0.1:{port}/a")).keys(false).await.unwrap_err();
    assert!(matches!(error, PortError::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn keys_that_are_too_large_or_no_keys_are_refused() {
    for body in ["x".repeat(256 * 1024 + 1), "{}".to_owned()] {
        let (port, _) = serve(vec![answer("200 OK", DISCOVERY), answer("200 OK", &body)]);
        let error = jwks(format!("http://127.0.0.1:{port}/a")).keys(false).await.unwrap_err();
        assert!(matches!(error, PortError::Corrupt { .. }), "{error}");
    }
}

#[tokio::test]
async fn plain_http_is_for_this_machine_only() {
    for issuer in ["http://example.org", "ftp://example.org", "example.org"] {
        let error = jwks(issuer.to_owned()).keys(false).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{error}");
    }
}

#[test]
fn extra_authorities_are_text_or_a_file() {
    let with = |value: &str| {
        let value = value.to_owned();
        Web::from_env(&move |name| (name == "WATCHFIRE_CA").then(|| value.clone()))
    };
    assert!(with(include_str!("../../roots/amazon-root-ca-1.pem")).is_ok());
    assert!(with(concat!(env!("CARGO_MANIFEST_DIR"), "/roots/amazon-root-ca-1.pem")).is_ok());
    assert!(with("/nonexistent/ca.pem").is_err());
    assert!(with("-----BEGIN nothing").is_err());
    assert!(with("").is_ok());
}
