use super::*;
use expect_test::{expect, expect_file};
use fixture::{Asked, desk, get};
use serde_json::json;
use watchfire_domain::SECOND;
use watchfire_domain::approval::Answer;
use watchfire_domain::link::is_form_token;
use watchfire_fakes::{Fault as Trouble, Faults};

mod fixture;
mod scanners;
mod sign_in;

async fn open(asked: &Asked, event: Value) -> (u64, String) {
    let answer = handle(&desk(&asked.world), event).await;
    (answer["statusCode"].as_u64().unwrap(), answer["body"].as_str().unwrap().to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

/// The page with names for what chance made.
async fn without_chance(asked: &Asked, page: &str) -> String {
    let approval = asked.approval().await;
    let field = between(page, r#"name="csrf" value=""#, "\"");
    let subject = between(page, r#"<dt>Subject</dt><dd><span class="mono">"#, "<");
    [
        (asked.link.as_str(), "LINK"),
        (field, "FIELD"),
        (subject, "SUBJECT"),
        (approval.code.as_str(), "CODE"),
        (asked.id.to_string().as_str(), "APPROVAL"),
        (approval.subject.target.as_str(), "ENVIRONMENT"),
    ]
    .into_iter()
    .fold(page.to_owned(), |page, (chance, name)| page.replace(chance, name))
}

#[tokio::test]
async fn the_page_asks_and_chooses_nothing() {
    let asked = Asked::bob(1).await;
    asked.world.forward(3 * 3_600 * SECOND);
    let (status, page) = open(&asked, get(&asked.link)).await;
    assert_eq!(status, 200);
    expect_file!["tests/asked.html"].assert_eq(&without_chance(&asked, &page).await);
    let (_, main) = page.split_once("<body>").unwrap();
    for no in ["<script", "style=", "<img", "<link", "checked", "selected", "://", "autofocus"] {
        assert!(!main.contains(no), "{no}");
    }
    let code = asked.approval().await.code;
    assert_eq!(between(main, "<code>", "</code>"), code);
    assert_eq!(main.matches(&code).count(), 1, "it is typed, not sent along");
    // What Enter would press comes first, and is nothing.
    assert!(between(main, "<button", ">").contains("disabled"), "{main}");
}

#[tokio::test]
async fn its_headers_let_nothing_in_and_nothing_out() {
    let asked = Asked::bob(2).await;
    let answer = handle(&desk(&asked.world), get(&asked.link)).await;
    let headers = serde_json::to_string_pretty(&answer["headers"]).unwrap();
    expect![[r#"
        {
          "cache-control": "no-store",
          "content-security-policy": "default-src 'none'; style-src 'sha256-53CiEkeD64a3GrmrQiSwgOf/r8cllBKN5NLsTLOPMpc='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
          "content-type": "text/html; charset=utf-8",
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-resource-policy": "same-origin",
          "permissions-policy": "camera=(), geolocation=(), microphone=()",
          "referrer-policy": "same-origin",
          "strict-transport-security": "max-age=63072000; includeSubDomains",
          "x-content-type-options": "nosniff",
          "x-frame-options": "DENY",
          "x-robots-tag": "noindex, nofollow"
        }"#]].assert_eq(&headers);
    let cookie = answer["cookies"][0].as_str().unwrap();
    let value = between(cookie, "__Host-ap=", ";");
    assert_eq!(
        cookie.replace(value, "…"),
        "__Host-ap=…; Path=/; Max-Age=900; Secure; HttpOnly; SameSite=Strict"
    );
    assert_eq!(value.len(), 43, "32 bytes");
}

#[tokio::test]
async fn the_field_is_made_of_the_cookie_and_the_link() {
    let asked = Asked::bob(3).await;
    let view = desk(&asked.world).open_link(&asked.link).await.unwrap();
    let mut event = get(&asked.link);
    let field = |answer: &Value| {
        between(answer["body"].as_str().unwrap(), r#"name="csrf" value=""#, "\"").to_owned()
    };
    // A browser that shows another approval keeps its cookie.
    event["cookies"] = json!(["a=b", "__Host-ap=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"]);
    let kept = handle(&desk(&asked.world), event.clone()).await;
    assert!(is_form_token(&[7; 32], &view.nonce, &field(&kept)));
    assert!(kept["cookies"][0].as_str().unwrap().starts_with("__Host-ap=BwcHBwc"));
    // What is no cookie of ours is replaced.
    event["cookies"] = json!(["__Host-ap=BwcHBw"]);
    let fresh = handle(&desk(&asked.world), event).await;
    assert!(!fresh["cookies"][0].as_str().unwrap().starts_with("__Host-ap=BwcHBwc"));
    assert_ne!(field(&fresh), field(&kept));
}

#[tokio::test]
async fn what_is_decided_is_shown_and_not_asked() {
    let asked = Asked::bob(4).await;
    let deciding = desk(&asked.world);
    let view = deciding.open_link(&asked.link).await.unwrap();
    // The machine cannot be woken from here; the decision stands all the same.
    let _ = deciding.decide_link(&view, Answer::Deny, &view.approval.code).await;
    let answer = handle(&desk(&asked.world), get(&asked.link)).await;
    let page = answer["body"].as_str().unwrap();
    assert_eq!((&answer["statusCode"], &answer["cookies"]), (&json!(200), &json!([])));
    assert!(page.contains("You denied this at") && !page.contains("<form"), "{page}");
    assert!(!page.contains(&view.approval.code), "{page}");
}

#[tokio::test]
async fn whatever_leads_nowhere_leads_to_the_same_page() {
    let (asked, other) = (Asked::bob(5).await, Asked::bob(6).await);
    let (status, nothing) = open(&asked, get("x")).await;
    assert_eq!(status, 404);
    let mut links = vec![
        String::new(),
        "decide".to_owned(),
        "%zz".to_owned(),
        "a/b".to_owned(),
        "x".repeat(3_000),
        asked.link.to_lowercase(),
        asked.link[..asked.link.len() - 1].to_owned(),
        format!("{}=", asked.link),
        format!("{}/", asked.link),
        other.link.clone(),
    ];
    links.extend(asked.link.char_indices().map(|(at, letter)| {
        let (head, tail) = asked.link.split_at(at);
        format!("{head}{}{}", if letter == 'A' { 'B' } else { 'A' }, &tail[1..])
    }));
    for link in links {
        assert_eq!(open(&asked, get(&link)).await, (404, nothing.clone()), "{link}");
    }
    assert_eq!(open(&asked, json!({})).await, (404, nothing.clone()));
    let expires = asked.approval().await.expires_at;
    asked.world.clock.set(expires.plus(-1));
    assert_eq!(open(&asked, get(&asked.link)).await.0, 200);
    for late in [0, 1, SECOND] {
        asked.world.clock.set(expires.plus(late));
        assert_eq!(open(&asked, get(&asked.link)).await, (404, nothing.clone()));
    }
}

#[tokio::test]
async fn other_methods_are_refused_and_a_head_has_no_body() {
    let asked = Asked::bob(7).await;
    let before = asked.world.dynamo.dump();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let mut event = get(&asked.link);
        event["requestContext"]["http"]["method"] = method.into();
        let answer = handle(&desk(&asked.world), event).await;
        assert_eq!(answer["statusCode"], 405);
        assert_eq!(answer["headers"]["allow"], "GET, HEAD");
    }
    let mut event = get(&asked.link);
    event["requestContext"]["http"]["method"] = "HEAD".into();
    assert_eq!(open(&asked, event).await, (200, String::new()));
    assert_eq!(asked.world.dynamo.dump(), before);
}

#[tokio::test]
async fn when_the_table_is_down_it_says_so() {
    let asked = Asked::bob(8).await;
    let down = asked.world.process(Faults::new());
    for call in 0..40 {
        down.faults.at(call, Trouble::ServerError { applied: false });
    }
    let answer = handle(&desk(&down), get(&asked.link)).await;
    assert_eq!(answer["statusCode"], 503);
    let page = answer["body"].as_str().unwrap();
    assert!(page.contains("in a minute"), "{page}");
}
