//! The sign-in of an approver: what its two pages say and admit, and what its script leaves alone.

use super::*;
use crate::config::Sends;
use base64ct::{Base64, Encoding as _};
use ring::digest::{SHA256, digest};

fn issuer() -> SignIn {
    SignIn {
        client: "page<1>".parse().unwrap(),
        authorize: "https://login.example.com/authorize?audience=watchfire".parse().unwrap(),
        token: "https://login.example.com/oauth/token?p=x".parse().unwrap(),
        scope: "openid email".to_owned(),
        sends: Sends::Access,
    }
}

fn risky() -> Desk {
    Desk::but(|desk| {
        desk.environment = None;
        desk.approval.subject.risk = Risk::High;
        desk.approval.subject.action = "failover".to_owned();
        desk.sign_in = Some(issuer());
    })
}

fn html(page: &Response) -> String {
    String::from_utf8(page.body.clone()).unwrap()
}

fn question(desk: &Desk) -> Response {
    asked(200, &desk.question(), Form { link: "v1.k1.link.mac", csrf: "field" }, None)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[test]
fn the_question_without_its_script_says_how_to_agree_and_takes_a_refusal() {
    let page = html(&question(&risky()));
    expect![[r#"
        <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" aria-hidden="true"><path d="M8 2l6.500 12h-13zM8 6.500v3.500M8 12v.1"/></svg><span><strong>To approve this, sign in.</strong> The risk is high, and a link may have been forwarded. To refuse, answer below.</span></p>
        <div id="sign-in" data-client="page&lt;1&gt;" data-authorize="https://login.example.com/authorize?audience=watchfire" data-scope="openid email" data-tenant="acme" data-approval="apr-01a1fc16e00072c0a888038eb8343e42-1" data-approver="bob@example.com">
        <p id="said" hidden></p>
        <p class="answers one"><button id="begin" class="yes" type="button" hidden><svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" aria-hidden="true"><circle cx="8" cy="5" r="3"/><path d="M2.500 14a5.500 5.500 0 0 1 11 0"/></svg>Sign in to approve <span>as bob@example.com</span></button></p>
        <p class="mut sm" id="otherwise">With your tooling, signed in as bob@example.com: <span class="mono">POST /v1/approvals/apr-01a1fc16e00072c0a888038eb8343e42-1/decide</span> with this page’s link.</p>
        </div>
    "#]].assert_eq(between(&page, "<p class=\"note warn\">", "<section"));
    // Until the script has found what it needs, nobody sees its buttons.
    for button in ["begin", "grant"] {
        let button = format!(r#"<button id="{button}" class="yes" type="button" hidden>"#);
        assert_eq!(page.matches(&button).count(), 1, "{page}");
    }
    assert!(page.contains(r#"value="deny""#) && !page.contains(r#"value="grant""#), "{page}");
    assert!(page.contains("initial-scale=1"));
}

#[test]
fn where_the_issuer_leads_back_to_knows_no_approval() {
    let page = signed_in(Some(&issuer()));
    let (_, main) =
        html(&page).split_once("<main>\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    expect![[r#"
        <h1>Signing in</h1>
        <p id="said" role="status">One moment.</p>
        <div id="sign-in" data-client="page&lt;1&gt;" data-token="https://login.example.com/oauth/token?p=x" data-sends="access_token"></div>
        <noscript><p>This takes a script, which your browser does not run. Nothing was recorded. Open the link in your mail again: it says how to answer without.</p></noscript>

    "#]].assert_eq(main.split_once("</main>").unwrap().0);
    assert_eq!(signed_in(None), nothing_here());
}

#[test]
fn a_policy_admits_this_script_and_the_token_endpoint_and_nothing_else() {
    let policy = |page: &Response| page.header("content-security-policy").unwrap().to_owned();
    let (question, back) = (question(&risky()), signed_in(Some(&issuer())));
    let hash = |text: &str| Base64::encode_string(digest(&SHA256, text.as_bytes()).as_ref());
    for page in [&question, &back] {
        let text = html(page);
        assert_eq!(text.matches("<script").count(), 1);
        let served = between(&text, "<script>", "</script>");
        assert_eq!(served, script());
        assert!(policy(page).contains(&format!("script-src 'sha256-{}';", hash(served))));
        let style = between(&text, "<style>", "</style>");
        assert!(policy(page).contains(&format!("style-src 'sha256-{}';", hash(style))));
        assert!(!policy(page).contains("unsafe"));
    }
    let named =
        policy(&question).replace(&hash(script()), "SCRIPT").replace(&hash(style()), "STYLE");
    let back = policy(&back).replace(&hash(script()), "SCRIPT").replace(&hash(style()), "STYLE");
    expect![[r#"
        default-src 'none'; style-src 'sha256-STYLE'; script-src 'sha256-SCRIPT'; connect-src 'none'; require-trusted-types-for 'script'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        default-src 'none'; style-src 'sha256-STYLE'; script-src 'sha256-SCRIPT'; connect-src 'self' https://login.example.com/oauth/token; require-trusted-types-for 'script'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
    "#]].assert_eq(&format!("{named}\n{back}\n"));
}

#[test]
fn without_a_sign_in_or_a_high_risk_there_is_no_script() {
    let mut desks = [risky(), risky(), risky()];
    desks[0].sign_in = None;
    desks[1].approval.subject.risk = Risk::Medium;
    desks[2].approval.subject.risk = Risk::Low;
    for desk in desks {
        let page = question(&desk);
        let text = html(&page);
        assert!(!text.contains("<script") && !text.contains("sign-in\""), "{text}");
        assert!(!page.header("content-security-policy").unwrap().contains("script-src"));
    }
    let none = answered(
        200,
        &Desk::decided(ApprovalState::Granted, "bob@example.com", Answer::Grant).question(),
    );
    assert!(!html(&none).contains("<script"));
}

#[test]
fn the_script_makes_no_markup_runs_no_text_and_keeps_no_token() {
    let script = script();
    for no in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval",
        "Function(",
        "import",
        "localStorage",
        "document.cookie",
        "console.",
        "postMessage",
        "window.open",
        "://",
        "</",
        "<!--",
        "setTimeout",
        "setInterval",
        "addEventListener",
    ] {
        assert!(!script.contains(no), "{no}");
    }
    // What survives the way to the issuer and back, and that it is read once.
    assert_eq!(script.matches("sessionStorage.").count(), 3);
    assert!(script.contains("JSON.stringify({ verifier, state, link, at: Date.now() })"));
    assert!(script.contains("sessionStorage.removeItem(KEPT);"));
    assert!(script.contains(r#"code_challenge_method: "S256""#));
    // The link goes to our own origin alone, and the token in one header alone.
    assert_eq!(script.matches("Bearer ").count(), 1);
    assert_eq!(script.matches("fetch(").count(), 2);
    assert!(script.contains("body: JSON.stringify({ link, answer: \"grant\" })"));
}
