//! Task tokens: sealed, fenced by attempt, bound to their owner.

use super::repo;
use std::collections::BTreeMap;
use watchfire_domain::DAY;
use watchfire_fakes::World as Fakes;
use watchfire_store::{Repo, TokenKey, TokenRefused};

const TOKEN: &str = "AQCoAAAAKgAAAAMbm90LWEtcmVhbC10b2tlbg";

/// The state that waits, where a test names none.
const WAIT: &str = "stop";

fn key(kid: &str, byte: u8) -> TokenKey {
    TokenKey::new(kid, &[byte; 32]).unwrap()
}

type Opened = Option<Result<String, TokenRefused>>;

async fn open(repo: &Repo, owner: &str, attempt: u32, keys: &[TokenKey]) -> Opened {
    let keys: BTreeMap<String, TokenKey> =
        keys.iter().map(|key| (key.kid().to_owned(), key.clone())).collect();
    let (owner, wait) = owner.split_once('#').unwrap_or((owner, WAIT));
    let pick = move |kid: &str| keys.get(kid).cloned();
    let all = repo.tokens(owner, attempt, &pick).await.unwrap();
    all.into_iter().find(|(name, _)| name == wait).map(|(_, token)| token)
}

#[tokio::test]
async fn a_token_is_read_back_by_its_attempt_and_by_no_other() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let one = [key("k1", 1)];
    assert_eq!(open(&repo, "env-1#stop", 2, &one).await, None);
    repo.put_token("env-1", "stop", 2, TOKEN, &one[0]).await.unwrap();
    assert_eq!(open(&repo, "env-1#stop", 2, &one).await, Some(Ok(TOKEN.to_owned())));
    for attempt in [0, 1, 3] {
        assert_eq!(open(&repo, "env-1#stop", attempt, &one).await, None, "{attempt}");
    }
    assert_eq!(open(&repo, "env-1#launch", 2, &one).await, None);
    assert_eq!(open(&super::repo(&fakes, "other"), "env-1#stop", 2, &one).await, None);
}

#[tokio::test]
async fn a_later_attempt_takes_over_and_an_earlier_one_comes_too_late() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let one = [key("k1", 1)];
    repo.put_token("o", WAIT, 2, "second", &one[0]).await.unwrap();
    repo.put_token("o", WAIT, 1, "first", &one[0]).await.unwrap();
    assert_eq!(open(&repo, "o", 2, &one).await, Some(Ok("second".to_owned())));
    assert_eq!(open(&repo, "o", 1, &one).await, None);
    repo.put_token("o", WAIT, 2, "second, tried again", &one[0]).await.unwrap();
    assert_eq!(open(&repo, "o", 2, &one).await, Some(Ok("second, tried again".to_owned())));
    repo.put_token("o", WAIT, 3, "third", &one[0]).await.unwrap();
    assert_eq!(open(&repo, "o", 2, &one).await, None);
    assert_eq!(open(&repo, "o", 3, &one).await, Some(Ok("third".to_owned())));
}

#[tokio::test]
async fn what_is_stored_shows_nothing_and_opens_with_its_key_only() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let (old, new, forged) = (key("k1", 1), key("k2", 2), key("k1", 3));
    repo.put_token("o", WAIT, 1, TOKEN, &old).await.unwrap();
    repo.put_token("p", WAIT, 1, TOKEN, &old).await.unwrap();
    let dump = fakes.dynamo.dump();
    assert!(!dump.contains(TOKEN) && !dump.contains(&encoded(TOKEN)));
    let sealed: Vec<&str> = dump.lines().map(|line| field(line, "token")).collect();
    assert_ne!(sealed[0], sealed[1], "the same token is never sealed twice alike");
    // Rotated: the old key still opens what it sealed, the new one seals what comes.
    assert_eq!(open(&repo, "o", 1, &[new.clone(), old]).await, Some(Ok(TOKEN.to_owned())));
    let refused = Some(Err(TokenRefused { kid: "k1".to_owned() }));
    assert_eq!(open(&repo, "o", 1, &[new]).await, refused);
    assert_eq!(open(&repo, "o", 1, &[forged]).await, refused);
    assert_eq!(open(&repo, "o", 1, &[]).await, refused);
}

#[tokio::test]
async fn a_sealed_token_opens_nowhere_but_in_its_place() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let one = [key("k1", 1)];
    repo.put_token("o", WAIT, 1, TOKEN, &one[0]).await.unwrap();
    let stored = fakes.dynamo.items().remove(0);
    let client = fakes.dynamo.client();
    for pk in ["T#acme#TOK#p", "T#other#TOK#o", "T#acme#TOK#o"] {
        let blob = |name: &str| stored[name]["B"].as_str().unwrap().to_owned();
        let mut bytes = decoded(&blob("token"));
        if pk == "T#acme#TOK#o" {
            // In its place, but altered.
            *bytes.last_mut().unwrap() ^= 1;
        }
        let put = client.put_item().table_name(watchfire_fakes::dynamo::TABLE);
        let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
        let put = put.item("pk", text(pk)).item("sk", text(WAIT)).item("kid", text("k1"));
        let number = aws_sdk_dynamodb::types::AttributeValue::N("1".to_owned());
        let bytes = aws_sdk_dynamodb::primitives::Blob::new(bytes);
        let bytes = aws_sdk_dynamodb::types::AttributeValue::B(bytes);
        put.item("attempt", number).item("token", bytes).send().await.unwrap();
    }
    let refused = Some(Err(TokenRefused { kid: "k1".to_owned() }));
    assert_eq!(open(&repo, "p", 1, &one).await, refused);
    assert_eq!(open(&super::repo(&fakes, "other"), "o", 1, &one).await, refused);
    assert_eq!(open(&repo, "o", 1, &one).await, refused);
}

#[tokio::test]
async fn a_token_goes_when_nobody_can_wait_for_it_any_more() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    repo.put_token("o", WAIT, 1, TOKEN, &key("k1", 1)).await.unwrap();
    fakes.forward(40 * DAY - 1_000);
    assert_eq!(fakes.dynamo.expire(), Ok(0));
    fakes.forward(2_000);
    assert_eq!(fakes.dynamo.expire(), Ok(1));
}

fn encoded(text: &str) -> String {
    use base64ct::Encoding as _;
    base64ct::Base64::encode_string(text.as_bytes())
}

fn decoded(text: &str) -> Vec<u8> {
    use base64ct::Encoding as _;
    base64ct::Base64::decode_vec(text).unwrap()
}

fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let (_, rest) = line.split_once(&format!("\"{name}\":{{\"B\":\"")).unwrap();
    rest.split('"').next().unwrap()
}
