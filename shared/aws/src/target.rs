//! Where a request may go that tenants name.

use crate::error::refused;
use crate::public::{is_public, literal};
use crate::web::WEB;
use http::Uri;
use watchfire_ports::PortError;

/// The address, if a request may go there. Names are looked at again when they are resolved.
pub(crate) fn target(doing: &'static str, address: &str, private: bool) -> Result<Uri, PortError> {
    let unfit = |words: &str| refused(WEB, doing, &format!("the address {words}"));
    let uri: Uri = address.parse().map_err(|_| unfit("is no URL"))?;
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return Err(unfit("is no URL"));
    };
    if private && matches!(scheme, "http" | "https") {
        return Ok(uri);
    }
    if scheme != "https" {
        return Err(unfit("must begin with https://"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(unfit("must hold no user"));
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let local = name == "localhost" || name.ends_with(".localhost");
    if local || literal(&name).is_some_and(|address| !is_public(address)) {
        return Err(unfit("is private"));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str, private: bool) -> Result<Uri, PortError> {
        target("calling a webhook", address, private)
    }

    #[test]
    fn private_targets_are_refused() {
        for address in [
            "http://example.org/",
            "https://localhost/",
            "https://LOCALHOST./x",
            "https://a.localhost/",
            "https://127.0.0.1:9001/2018-06-01/runtime",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:192.168.0.1]/",
            "https://user@example.org/",
            "ftp://example.org/",
            "example.org",
            "/path",
            "",
            "https://0.0.0.0/",
        ] {
            assert!(matches!(of(address, false), Err(PortError::Refused { .. })), "{address}");
        }
        assert!(of("https://hooks.example.org:8443/a?b=c", false).is_ok());
        assert!(of("https://1.1.1.1/", false).is_ok());
        assert!(of("http://127.0.0.1:4000/", true).is_ok());
    }
}
