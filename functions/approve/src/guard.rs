//! Whether a form came from our own page.

use watchfire_edge::{Fault, Request};

/// The origin of an address (RFC 6454), as browsers write it.
fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
    let usual = if scheme == "https" { ":443" } else { ":80" };
    Some(format!("{scheme}://{}", host.strip_suffix(usual).unwrap_or(&host)))
}

/// The browser says where the form stood: at `public_url`'s origin, or nothing is taken. A browser
/// that sends no `Origin` must say `Sec-Fetch-Site: same-origin`; `Origin: null` is no origin of
/// ours.
pub(crate) fn same_origin(request: &Request, public_url: &str) -> Result<(), Fault> {
    let same = match request.header("origin") {
        Some(origin) => origin_of(public_url).is_some_and(|ours| ours == origin),
        None => request.header("sec-fetch-site") == Some("same-origin"),
    };
    if same { Ok(()) } else { Err(Fault::Forged { reason: "it stood elsewhere" }) }
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn an_origin_is_written_as_browsers_do() {
        let cases = [
            ("https://Desk.example.com:443/base", "https://desk.example.com"),
            ("https://desk.example.com:8443", "https://desk.example.com:8443"),
            ("http://127.0.0.1:80/", "http://127.0.0.1"),
            ("http://a1.localhost:4566", "http://a1.localhost:4566"),
        ];
        for (url, origin) in cases {
            assert_eq!(origin_of(url).as_deref(), Some(origin), "{url}");
        }
        assert_eq!(origin_of("desk.example.com"), None);
    }
}
