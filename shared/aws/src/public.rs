//! Which addresses are public. What tenants give us as a webhook must not lead to what only this
//! machine can reach: the runtime's own API, credentials, a private network.

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_service::Service;

/// Whether everybody can reach the address.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = matches!(
        address.octets(),
        // This network, reserved, shared (carriers), protocol assignments, benchmarks.
        [0 | 240.., ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..]
    );
    !(special
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // An IPv4 address in disguise: mapped, translated, 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => {
            let [first, second] = high.to_be_bytes();
            let [third, fourth] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(first, second, third, fourth))
        }
        // Protocol assignments with Teredo, and documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast is 2000::/3; everything else is special.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

/// Whether the address is this machine's own.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost" || literal(host).is_some_and(|address| address.is_loopback())
}

/// The address, if the host of a URL is one.
pub(crate) fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// A name that leads to a private address.
#[derive(Debug)]
pub(crate) struct Private;

impl std::fmt::Display for Private {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the name leads to a private address")
    }
}

impl std::error::Error for Private {}

/// Resolves names, to public addresses only unless `private` is allowed. The check is here, where
/// the connection takes its address from: a name that was looked at before may change its mind.
#[derive(Debug, Clone)]
pub(crate) struct Resolver {
    inner: GaiResolver,
    private: bool,
}

impl Resolver {
    pub(crate) fn new(private: bool) -> Self {
        Self { inner: GaiResolver::new(), private }
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failed>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Service::poll_ready(&mut self.inner, context).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let private = self.private;
        let addresses = Service::call(&mut self.inner, name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = addresses.await?.collect();
            if private || addresses.iter().all(|address| is_public(address.ip())) {
                Ok(addresses.into_iter())
            } else {
                Err(Private.into())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.5",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "::7f00:1",
            "fec0::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
        for public in
            ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn hosts_in_brackets_are_addresses() {
        assert!(is_loopback("[::1]") && is_loopback("127.0.0.1") && is_loopback("localhost"));
        assert!(!is_loopback("localhost.example.org") && !is_loopback("example.org"));
    }
}
