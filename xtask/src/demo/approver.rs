//! The approver: finds the link in the mail, opens the page, types the code and answers.

use super::cloud::Cloud;
use super::desk::Desk;
use crate::net::until;
use crate::trouble::{Doing, Trouble};
use std::collections::BTreeMap;
use std::time::Duration;

/// The page behind a link, as a browser holds it.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) title: String,
    cookie: Option<String>,
    fields: BTreeMap<String, String>,
    code: String,
}

/// Waits for a mail to `approver` about `incident`, and takes the link out of it: its path.
pub(super) fn link(cloud: &Cloud, approver: &str, incident: &str) -> Result<String, Trouble> {
    until("no mail with a link has come", Duration::from_mins(2), || {
        let mails = cloud.mails()?;
        let mut texts = mails.iter().rev().map(ToString::to_string);
        let text = texts.find(|mail| mail.contains(approver) && mail.contains(incident));
        Ok(text.as_deref().and_then(path_of_link))
    })
}

fn path_of_link(mail: &str) -> Option<String> {
    let (_, rest) = mail.split_once("/approvals/")?;
    let link: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
    (link.len() > 100).then(|| format!("/approvals/{}", link.trim_end_matches('.')))
}

/// Opens the page.
pub(super) fn open(desk: &Desk, path: &str) -> Result<Page, Trouble> {
    let answer = desk.send("GET", path, &[("accept", "text/html")], "")?;
    if answer.status != 200 {
        return Err(Trouble::new(format!(
            "the page was answered with {}: {}",
            answer.status, answer.text
        )));
    }
    let cookie = answer.headers.get("set-cookie").and_then(|value| value.to_str().ok());
    let cookie = cookie.and_then(|value| value.split(';').next()).map(str::to_owned);
    let html = answer.text;
    let title = between(&html, "<h1>", "</h1>").unwrap_or_default();
    let code = between(&html, "<code>", "</code>").doing("the page shows no code")?;
    let fields = html
        .split("<input")
        .skip(1)
        .filter_map(|input| {
            let tag = input.split('>').next()?;
            let name = attribute(tag, "name")?;
            tag.contains("type=\"hidden\"")
                .then(|| (name, attribute(tag, "value").unwrap_or_default()))
        })
        .collect();
    Ok(Page { title, cookie, fields, code })
}

/// Answers, as the page's form does.
pub(super) fn grant(desk: &Desk, page: &Page) -> Result<(), Trouble> {
    let mut form = page.fields.clone();
    form.insert("decision".to_owned(), "grant".to_owned());
    form.insert("code".to_owned(), page.code.clone());
    let encode = super::cloud::encoded;
    let body: Vec<_> =
        form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let origin = desk.address();
    let mut headers = vec![
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin.as_str()),
        ("accept", "text/html"),
    ];
    headers.extend(page.cookie.as_deref().map(|cookie| ("cookie", cookie)));
    let answer = desk.send("POST", "/approvals/decide", &headers, &body.join("&"))?;
    if answer.status == 200 {
        return Ok(());
    }
    Err(Trouble::new(format!("the decision was answered with {}: {}", answer.status, answer.text)))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    between(tag, &format!("{name}=\""), "\"")
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    let (inner, _) = rest.split_once(after)?;
    Some(inner.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_taken_from_the_mail() {
        let link = format!("v1.k1.{}.{}", "a".repeat(120), "b".repeat(43));
        let mail = format!("{{\"body\":\"open http://x/approvals/{link}\\n\"}}");
        assert_eq!(path_of_link(&mail), Some(format!("/approvals/{link}")));
        assert_eq!(path_of_link("nothing"), None);
    }
}
