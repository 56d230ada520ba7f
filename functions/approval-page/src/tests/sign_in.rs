//! The two pages of a sign-in, as the function answers them.

use super::*;
use fixture::signing;

#[tokio::test]
async fn what_is_of_high_risk_offers_to_sign_in_and_no_answer_but_no() {
    let asked = Asked::risky(21).await;
    let answer = handle(&signing(&asked.world), get(&asked.link)).await;
    assert_eq!((&answer["statusCode"], answer["cookies"][0].is_string()), (&json!(200), true));
    let (headers, page) = (&answer["headers"], answer["body"].as_str().unwrap());
    let policy = headers["content-security-policy"].as_str().unwrap();
    assert!(policy.contains("script-src 'sha256-") && policy.contains("connect-src 'none';"));
    // With it, a link goes to its own origin at most; without it, a form would come from nowhere.
    assert_eq!(headers["referrer-policy"], "same-origin");
    let place = between(page, "<div id=\"sign-in\"", "</div>");
    let about = format!(r#"data-approval="{}" data-approver="bob@example.com""#, asked.id);
    assert!(place.contains(r#"data-tenant="acme""#) && place.contains(&about), "{place}");
    let code = asked.approval().await.code;
    for secret in [asked.link.as_str(), code.as_str(), "link-secret"] {
        assert!(!place.contains(secret), "{secret}");
    }
    assert!(page.contains(r#"value="deny""#) && !page.contains(r#"value="grant""#), "{page}");
    // Where nobody said how to sign in, it is as it was: words, and no script.
    let (_, page) = open(&asked, get(&asked.link)).await;
    assert!(page.contains("With your tooling") && !page.contains("<script"), "{page}");
}

#[tokio::test]
async fn where_the_issuer_leads_back_to_reads_nothing_and_repeats_nothing() {
    let asked = Asked::risky(22).await;
    let desk = signing(&asked.world);
    let (table, account) = (asked.world.dynamo.dump(), asked.world.dump());
    asked.world.dynamo.reset_counts();
    let mut event = get("signed-in");
    let plain = handle(&desk, event.clone()).await;
    event["rawQueryString"] = "code=SECRETCODE&state=SECRETSTATE&error=%3Cscript%3E".into();
    let back = handle(&desk, event.clone()).await;
    assert_eq!(back, plain, "one page for everybody");
    assert_eq!((&back["statusCode"], &back["cookies"]), (&json!(200), &json!([])));
    let policy = back["headers"]["content-security-policy"].as_str().unwrap();
    assert!(policy.contains("connect-src 'self' https://login.example.com/token;"), "{policy}");
    assert_eq!(back["headers"]["cache-control"], "no-store");
    assert!(asked.world.dynamo.counts().by_operation.is_empty());
    assert_eq!((asked.world.dynamo.dump(), asked.world.dump()), (table, account));
    event["requestContext"]["http"]["method"] = "POST".into();
    assert_eq!(handle(&desk, event).await["statusCode"], 405);
    let (status, page) = open(&asked, get("signed-in")).await;
    assert_eq!((status, page), open(&asked, get("x")).await, "without a sign-in nothing is here");
}
