//! Whom a request may go to (server-side request forgery, OWASP A10:2021).
//!
//! Two checks, both needed. [`authority`] reads the URL before anything is resolved: only a name
//! can be allowed, never an address, however it is written. [`is_public`] judges each address that
//! the name resolves to; connect to that same address, or a second answer of the resolver goes
//! unjudged.

mod ip;
mod literal;

pub use ip::is_public;

use crate::words;
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Whom a URL is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Authority {
    /// The host's name, in lower case.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a URL is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another scheme.
    #[error("must begin with `https://`")]
    Scheme,
    /// A name or a password before the host.
    #[error("must not have a user or a password in it")]
    Userinfo,
    /// The host comes from an input.
    #[error("must have its host written out: no variable may say whom the request goes to")]
    Variable,
    /// An address in any of its forms.
    #[error("must name its host: `{host}` is an address{}", address.map_or(String::new(), |one| format!(", {one}")))]
    Address {
        /// What was written.
        host: String,
        /// Which address that is, if it can be told.
        address: Option<IpAddr>,
    },
    /// A name that leads into the house.
    #[error("must not name `{host}`: it leads into the house")]
    Inside {
        /// The name.
        host: String,
    },
    /// No name (RFC 1123 §2.1), or one in another script.
    #[error(
        "must name its host in letters, digits, `-` and dots, with a domain: `{host}` does not"
    )]
    Name {
        /// What was written.
        host: String,
    },
    /// No port, or one that other protocols listen on.
    #[error("must not use the port `{port}`")]
    Port {
        /// What was written.
        port: String,
    },
    /// A path with dots, or characters that a URL does not have.
    #[error(
        "must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`"
    )]
    Path,
    /// Not one of those that are allowed.
    #[error("goes to `{host}`, which is not among the allowed hosts")]
    NotAllowed {
        /// The host, and its port if that is not 443.
        host: String,
    },
}

/// Names, or endings of names, that lead into the house.
const INSIDE: [&str; 12] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "localdomain",
    "arpa",
    "test",
    "onion",
];

/// Ports that may be used besides 443: what serves HTTPS elsewhere.
const PORTS: [u16; 3] = [443, 8443, 9443];

/// Whom a URL is for, if it may be called at all. Reads the URL as it stands, templates and all,
/// and more strictly than browsers do: what two readers could read differently is refused.
pub fn authority(url: &str) -> Result<Authority, Refusal> {
    let rest = url.strip_prefix("https://").ok_or(Refusal::Scheme)?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if authority.contains("{{") || authority.contains("}}") {
        return Err(Refusal::Variable);
    }
    if authority.contains('@') {
        return Err(Refusal::Userinfo);
    }
    if authority.starts_with('[') || authority.matches(':').count() > 1 {
        let host = authority.trim_start_matches('[');
        let host = host.split_once(']').map_or(host, |(host, _)| host);
        return Err(Refusal::Address { host: clipped(host), address: host.parse().ok() });
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let host = host_name(host)?;
    let port = match port {
        None => 443,
        Some(text) => {
            let refused = || Refusal::Port { port: clipped(text) };
            let digits = text.bytes().all(|one| one.is_ascii_digit()) && !text.starts_with('0');
            let port = text.parse::<u16>().ok().filter(|port| digits && PORTS.contains(port));
            port.ok_or_else(refused)?
        }
    };
    path_is_plain(path)?;
    Ok(Authority { host, port })
}

fn host_name(host: &str) -> Result<String, Refusal> {
    let host = host.to_ascii_lowercase();
    if let Some(address) = literal::read(&host) {
        return Err(Refusal::Address { host: clipped(&host), address });
    }
    let named = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    if INSIDE.contains(&last) || host == "instance-data" {
        return Err(Refusal::Inside { host: clipped(&host) });
    }
    if host.len() > 253 || !host.contains('.') || !host.split('.').all(named) {
        return Err(Refusal::Name { host: clipped(&host) });
    }
    Ok(host)
}

fn path_is_plain(path: &str) -> Result<(), Refusal> {
    // Variables have braces, and are judged where they are filled in.
    let allowed = |one: char| one.is_ascii_alphanumeric() || "/-._~%:@!$&'()*+,;={} ".contains(one);
    let within = |one: &str| !(one == "." || one == "..");
    let decoded = path.to_ascii_lowercase().replace("%2e", ".");
    let hidden = ["%2f", "%5c", "%00", "%0d", "%0a", "%25"];
    let plain = path.chars().all(allowed)
        && !path.contains("//")
        && decoded.split('/').all(within)
        && !hidden.iter().any(|code| decoded.contains(code))
        && crate::template::parts(path).is_ok_and(|parts| {
            parts.iter().all(|part| match part {
                crate::template::Part::Text(text) => !text.contains(['{', '}', ' ']),
                crate::template::Part::Variable(_) => true,
            })
        });
    if plain { Ok(()) } else { Err(Refusal::Path) }
}

/// Whether `authority` is one of the allowed hosts, each `host` or `host:port`. A host without a
/// port allows 443 alone. Nothing is allowed by its ending.
pub fn is_allowed(authority: &Authority, allowed: &BTreeSet<String>) -> Result<(), Refusal> {
    let named = match authority.port {
        443 => authority.host.clone(),
        port => format!("{}:{port}", authority.host),
    };
    let with_port = format!("{}:{}", authority.host, authority.port);
    let listed = |one: &String| *one == named || *one == with_port;
    if allowed.iter().any(listed) { Ok(()) } else { Err(Refusal::NotAllowed { host: named }) }
}

fn clipped(text: &str) -> String {
    words::clipped(text, 80)
}
