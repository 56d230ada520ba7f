//! What is turned away, and that it leaves the table as it was.

use super::fixture::{Asked, COOKIE_TEXT, ORIGIN, desk, post, send};
use crate::handle;
use serde_json::{Value, json};
use watchfire_domain::SECOND;
use watchfire_ports::Clock as _;

/// The request is answered so, and changes nothing.
async fn turned_away(asked: &Asked, event: Value, status: u64, words: &str) {
    let before = asked.world.dynamo.dump();
    let (told, page) = send(&asked.world, event).await;
    assert_eq!(told, status, "{page}");
    assert!(page.contains(words), "{words}: {page}");
    assert_eq!(asked.world.dynamo.dump(), before);
    assert!(asked.world.workflow.answers().is_empty());
}

async fn changed(asked: &Asked, change: impl FnOnce(&mut Value)) -> Value {
    let mut event = post(&asked.form("grant").await);
    change(&mut event);
    event
}

#[tokio::test]
async fn only_a_small_form_is_read() {
    let asked = Asked::bob(31).await;
    let long = changed(&asked, |event| event["body"] = "x=".to_owned().into()).await;
    turned_away(&asked, long, 404, "There is nothing here").await;
    let long = "x".repeat(8_193);
    let event = changed(&asked, |event| event["body"] = long.into()).await;
    turned_away(&asked, event, 413, "8192 bytes").await;
    for kind in [json!("application/json"), json!("multipart/form-data"), Value::Null] {
        let event = changed(&asked, |event| event["headers"]["content-type"] = kind).await;
        turned_away(&asked, event, 400, "not a form").await;
    }
    let event = changed(&asked, |event| event["body"] = "link=%zz".into()).await;
    turned_away(&asked, event, 400, "escape").await;
    let event = changed(&asked, |event| event["rawPath"] = "/approvals/other".into()).await;
    turned_away(&asked, event, 404, "nothing here").await;
    let get = |event: &mut Value| event["requestContext"]["http"]["method"] = "GET".into();
    turned_away(&asked, changed(&asked, get).await, 405, "not allowed").await;
}

#[tokio::test]
async fn every_forged_link_leads_to_the_same_page() {
    let asked = Asked::bob(32).await;
    let other = Asked::bob(33).await;
    let form = asked.form("grant").await;
    let nowhere = |link: &str| {
        let mut form = form.clone();
        form[0].1 = link.to_owned();
        post(&form)
    };
    let (_, unknown) = send(&asked.world, nowhere("v1.k1.a.b")).await;
    let mut forged: Vec<String> =
        vec![String::new(), other.link.clone(), asked.link.to_uppercase()];
    for (at, letter) in asked.link.char_indices() {
        let (head, tail) = asked.link.split_at(at);
        let instead = if letter == 'A' { 'B' } else { 'A' };
        forged.push(head.to_owned());
        forged.push(format!("{head}{}", &tail[1..]));
        forged.push(format!("{head}{instead}{}", &tail[1..]));
    }
    // The payload of one with the MAC of the other.
    let parts = |link: &str| link.rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned()));
    let ((payload, _), (_, mac)) = (parts(&asked.link).unwrap(), parts(&other.link).unwrap());
    forged.push(format!("{payload}.{mac}"));
    let before = asked.world.dynamo.dump();
    for link in forged.iter().filter(|link| **link != asked.link) {
        let (status, page) = send(&asked.world, nowhere(link)).await;
        assert_eq!((status, &page), (404, &unknown), "{link}");
    }
    assert_eq!(asked.world.dynamo.dump(), before);
}

#[tokio::test]
async fn a_link_dies_on_the_second() {
    let asked = Asked::bob(34).await;
    let event = post(&asked.form("grant").await);
    let expires = asked.approval().await.expires_at;
    for late in [0, 1, SECOND] {
        asked.world.clock.set(expires.plus(late));
        turned_away(&asked, event.clone(), 404, "There is nothing here").await;
    }
    asked.world.clock.set(expires.plus(-1));
    assert!(asked.world.clock.now() < expires);
    assert_eq!(send(&asked.world, event).await.0, 200);
}

#[tokio::test]
async fn the_field_must_be_of_this_browser_and_link() {
    let asked = Asked::bob(35).await;
    let stale = "The page had been open too long.";
    for cookies in [json!([]), json!(["__Host-ap=AAAA"]), json!([COOKIE_TEXT.replace("Bw", "CA")])]
    {
        let event = changed(&asked, |event| event["cookies"] = cookies).await;
        turned_away(&asked, event, 403, stale).await;
    }
    let mut form = asked.form("grant").await;
    for field in [String::new(), "A".repeat(43), form[1].1.to_lowercase()] {
        form[1].1 = field;
        turned_away(&asked, post(&form), 403, stale).await;
    }
    // It comes with a form and a cookie that fit each other.
    let event = changed(&asked, |event| event["cookies"] = json!([])).await;
    let answer = handle(&desk(&asked.world), event).await.unwrap();
    let cookie = answer["cookies"][0].as_str().unwrap().split(';').next().unwrap().to_owned();
    let page = answer["body"].as_str().unwrap();
    let (_, rest) = page.split_once(r#"name="csrf" value=""#).unwrap();
    let mut form = asked.form("grant").await;
    form[1].1 = rest.split('"').next().unwrap().to_owned();
    let mut event = post(&form);
    event["cookies"] = json!([cookie]);
    assert_eq!(send(&asked.world, event).await.0, 200);
}

#[tokio::test]
async fn a_cookie_comes_in_two_shapes() {
    let asked = Asked::bob(36).await;
    let event = changed(&asked, |event| {
        event.as_object_mut().unwrap().remove("cookies");
        event["headers"]["cookie"] = format!("a=b; {COOKIE_TEXT}; c=d").into();
    });
    assert_eq!(send(&asked.world, event.await).await.0, 200);
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused() {
    let asked = Asked::bob(37).await;
    let elsewhere = "Open the page again, and send the form from there";
    for origin in [
        "null",
        "",
        "https://evil.example",
        "http://desk.example.com",
        "https://desk.example.com:8443",
        "https://desk.example.com.evil.example",
        "https://desk.example.com, https://desk.example.com",
        "https://desk.example.com/",
    ] {
        let event = changed(&asked, |event| event["headers"]["origin"] = origin.into()).await;
        turned_away(&asked, event, 403, elsewhere).await;
    }
    for site in [Value::Null, json!("same-site"), json!("cross-site"), json!("none")] {
        let event = changed(&asked, |event| {
            event["headers"]["origin"] = Value::Null;
            event["headers"]["sec-fetch-site"] = site;
        });
        turned_away(&asked, event.await, 403, elsewhere).await;
    }
    // A stale page is shown afresh to its own browser alone.
    let event = changed(&asked, |event| {
        event["headers"]["origin"] = "https://evil.example".into();
        event["cookies"] = json!([]);
    });
    turned_away(&asked, event.await, 403, elsewhere).await;
    // What says the same of itself is no help against another origin.
    let event = changed(&asked, |event| {
        event["headers"]["origin"] = "null".into();
        event["headers"]["sec-fetch-site"] = "same-origin".into();
    });
    turned_away(&asked, event.await, 403, elsewhere).await;
    let event = changed(&asked, |event| {
        event["headers"].as_object_mut().unwrap().remove("origin");
        event["headers"]["sec-fetch-site"] = "same-origin".into();
    });
    assert_eq!(send(&asked.world, event.await).await.0, 200);
    assert_eq!(ORIGIN, "https://desk.example.com");
}
