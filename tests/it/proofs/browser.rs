//! A browser that nobody sits at: it opens a link ahead of time, and submits every form that it finds
//! in every way, except that it cannot type what a person reads. (There is no script to run: the page's
//! own tests hold that.)

use crate::world::World;
use serde_json::{Value, json};
use watchfire_domain::approval::ApprovalState;

/// The value of an attribute in a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split('"').next()
}

/// Every set of fields that a form of the page can send without anybody typing.
fn submissions(page: &str) -> Vec<String> {
    let mut all = Vec::new();
    for form in page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
        let inputs =
            || form.split('<').filter(|tag| tag.starts_with("input") || tag.starts_with("button"));
        let pair = |tag: &str| {
            let value = attribute(tag, "value").unwrap_or_default();
            attribute(tag, "name").map(|name| format!("{name}={value}"))
        };
        let fixed =
            inputs().filter(|tag| attribute(tag, "value").is_none() || tag.contains("hidden"));
        let fixed: Vec<String> = fixed.filter_map(pair).collect();
        let choices =
            inputs().filter(|tag| attribute(tag, "value").is_some() && !tag.contains("hidden"));
        let choices = choices.filter_map(pair).map(Some).chain([None]);
        all.extend(
            choices.map(|choice| fixed.iter().cloned().chain(choice).collect::<Vec<_>>().join("&")),
        );
    }
    all
}

fn event(method: &str, path: &str, cookies: &Value, body: &str) -> Value {
    json!({
        "version": "2.0", "rawPath": path, "rawQueryString": "", "cookies": cookies,
        "headers": {
            "accept": "text/html", "sec-purpose": "prefetch;prerender", "purpose": "prefetch",
            "content-type": "application/x-www-form-urlencoded",
            "origin": "https://watchfire.example.org",
        },
        "requestContext": {
            "http": { "method": method, "path": path, "sourceIp": "192.0.2.1" },
            "requestId": "r-1", "stage": "$default",
        },
        "body": body, "isBase64Encoded": false,
    })
}

#[tokio::test]
async fn a_browser_that_submits_every_form_decides_nothing() {
    let world = World::new(1);
    let id = world.questioned().await;
    let link = world.links("ana@example.org").pop().unwrap();
    let (table, account) = (world.dynamo.dump(), world.dump());
    let mut submitted = 0;
    for _ in 0..25 {
        let path = format!("/approvals/{link}");
        let shown =
            watchfire_approval_page::handle(&world.desk, event("GET", &path, &json!([]), "")).await;
        assert_eq!(shown["statusCode"], 200, "{shown}");
        let page = shown["body"].as_str().unwrap();
        assert!(!page.contains("<script"));
        let cookies: Vec<&str> = shown["cookies"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one.as_str().unwrap().split(';').next().unwrap())
            .collect();
        let bodies = submissions(page);
        assert!(bodies.iter().any(|body| body.contains("decision=grant")), "{bodies:?}");
        for body in bodies {
            let post = event("POST", "/approvals/decide", &json!(cookies), &body);
            let answer = watchfire_approve::handle(&world.desk, post).await.unwrap();
            assert_eq!(answer["statusCode"], 422, "{answer}");
            submitted += 1;
        }
        assert_eq!(world.dynamo.dump(), table);
    }
    assert!(submitted >= 75, "{submitted}");
    assert_eq!((world.dynamo.dump(), world.dump()), (table, account));
    assert_eq!(world.approvals(id.incident).await[0].state, ApprovalState::Pending);
}
