//! What all pages share.

use super::html::{Html, html};
use crate::Response;
use crate::http::Source;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("sign_in.js");
// Stated, not computed: hashing the style was a fortieth of the first event. The tests compare
// them, and `openssl dgst -sha256 -binary FILE | base64` makes them.
const STYLE_SOURCE: Source = Source("53CiEkeD64a3GrmrQiSwgOf/r8cllBKN5NLsTLOPMpc=");
const SCRIPT_SOURCE: Source = Source("x50+3OYmScRSK1RB/sz8GIAJ2oyg4s8iq6zRGYrDUOE=");

/// The whole page as an answer.
pub(super) fn page(status: u16, title: &str, main: &Html) -> Response {
    let document = document(title, main, None);
    Response::page(status, document.into_string(), STYLE_SOURCE)
}

/// The same with our script, which may call `connect` and nothing else.
pub(super) fn scripted(status: u16, title: &str, main: &Html, connect: &str) -> Response {
    let document = document(title, main, Some(html!("<script>{}</script>\n", Html::ours(SCRIPT))));
    Response::scripted(status, document.into_string(), STYLE_SOURCE, SCRIPT_SOURCE, connect)
}

fn document(title: &str, main: &Html, script: Option<Html>) -> Html {
    html!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no, date=no, email=no, address=no">
<title>{} · Watchfire</title>
<style>{}</style>
</head>
<body>
<header class="top"><svg viewBox="5.500 2 13 18" width="18" height="22" aria-hidden="true"><path d="M12 3c1 4 5 5.500 5 10.500a5 5 0 0 1-10 0C7 11 8.500 10 9 8c1 .5 1.700 1.300 2 2.500C12 8.500 12.500 6 12 3z"/></svg>Watchfire</header>
<main>
{}
</main>
{}</body>
</html>
"#,
        title,
        Html::ours(STYLE),
        main,
        script,
    )
}

/// The style, for the tests of its colours.
#[cfg(test)]
pub(super) const fn style() -> &'static str {
    STYLE
}

/// The script, for the tests of what it does not do.
#[cfg(test)]
pub(super) const fn script() -> &'static str {
    SCRIPT
}
