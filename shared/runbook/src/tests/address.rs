//! Whom a request may go to: the corpus of server-side request forgery.

use crate::address::{authority, is_allowed, is_public};
use expect_test::expect;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[test]
fn only_a_public_name_over_https_is_called() {
    let mut table = String::new();
    for url in [
        "https://api.example.com",
        "https://API.Example.com/health",
        "https://api.example.com:443/a",
        "https://api.example.com:8443/a/b-c_d~e.f",
        "https://api.example.com/v1/{{tenant}}/x",
        "https://xn--bcher-kva.example/",
        // Schemes.
        "http://api.example.com/",
        "HTTPS://api.example.com/",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "gopher://api.example.com/",
        "//api.example.com/",
        " https://api.example.com/",
        "https:api.example.com",
        "https:/\\api.example.com",
        // Addresses, in every form.
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254./",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://0251.0376.0251.0376/",
        "https://169.254.43518/",
        "https://8.8.8.8/",
        "https://256.1.1.1/",
        "https://1.2.3.4.5/",
        "https://0/",
        "https://0x/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:a9fe:a9fe]:443/",
        "https://::1/",
        // Names that lead into the house.
        "https://localhost/",
        "https://localhost./",
        "https://a.localhost/",
        "https://metadata.google.internal/",
        "https://instance-data/",
        "https://ip-10-0-0-1.ec2.internal/",
        "https://db.local/",
        "https://1.0.0.127.in-addr.arpa/",
        // Users, ports, tricks with what a reader takes for the host.
        "https://user@api.example.com/",
        "https://user:pass@api.example.com/",
        "https://api.example.com@169.254.169.254/",
        "https://api.example.com:80@evil.example/",
        "https://evil.example\\@api.example.com/",
        "https://api.example.com:22/",
        "https://api.example.com:0443/",
        "https://api.example.com:+443/",
        "https://api.example.com:/",
        "https://api.example.com:65979/",
        "https://api.example.com#@evil.example/",
        "https://api.example.com?@evil.example/",
        "https://api.example.com%2f@evil.example/",
        "https://api。example.com/",
        "https://ⓐpi.example.com/",
        "https://api.example.com\u{0}.evil.example/",
        "https://api.example.com\r\nHost: evil/",
        "https://api_a.example.com/",
        "https://-a.example.com/",
        "https://a..example.com/",
        "https://example/",
        "https://",
        "https:///a",
        "https://{{input.host}}/",
        "https://{{input.host}}.example.com/",
        "https://api.example.com:{{input.port}}/",
        // Paths.
        "https://api.example.com/a/../b",
        "https://api.example.com/a/%2e%2E/b",
        "https://api.example.com/a/./b",
        "https://api.example.com//b",
        "https://api.example.com/a%2fb",
        "https://api.example.com/a%252e%252e",
        "https://api.example.com/a?b=c",
        "https://api.example.com/a#b",
        "https://api.example.com/a b",
        "https://api.example.com/a\\b",
        "https://api.example.com/ä",
        "https://api.example.com/{a}",
        "https://api.example.com/a;b=c,d",
    ] {
        let read = authority(url).map_or_else(
            |refusal| format!("- {refusal}"),
            |one| format!("{}:{}", one.host, one.port),
        );
        writeln!(table, "{url:?}\n    {read}").unwrap();
    }
    expect![[r#"
        "https://api.example.com"
            api.example.com:443
        "https://API.Example.com/health"
            api.example.com:443
        "https://api.example.com:443/a"
            api.example.com:443
        "https://api.example.com:8443/a/b-c_d~e.f"
            api.example.com:8443
        "https://api.example.com/v1/{{tenant}}/x"
            api.example.com:443
        "https://xn--bcher-kva.example/"
            xn--bcher-kva.example:443
        "http://api.example.com/"
            - must begin with `https://`
        "HTTPS://api.example.com/"
            - must begin with `https://`
        "ftp://api.example.com/"
            - must begin with `https://`
        "file:///etc/passwd"
            - must begin with `https://`
        "gopher://api.example.com/"
            - must begin with `https://`
        "//api.example.com/"
            - must begin with `https://`
        " https://api.example.com/"
            - must begin with `https://`
        "https:api.example.com"
            - must begin with `https://`
        "https:/\\api.example.com"
            - must begin with `https://`
        "https://127.0.0.1/"
            - must name its host: `127.0.0.1` is an address, 127.0.0.1
        "https://127.1/"
            - must name its host: `127.1` is an address, 127.0.0.1
        "https://2130706433/"
            - must name its host: `2130706433` is an address, 127.0.0.1
        "https://0x7f000001/"
            - must name its host: `0x7f000001` is an address, 127.0.0.1
        "https://0x7f.0.0.1/"
            - must name its host: `0x7f.0.0.1` is an address, 127.0.0.1
        "https://0177.0.0.1/"
            - must name its host: `0177.0.0.1` is an address, 127.0.0.1
        "https://017700000001/"
            - must name its host: `017700000001` is an address, 127.0.0.1
        "https://169.254.169.254/latest/meta-data/"
            - must name its host: `169.254.169.254` is an address, 169.254.169.254
        "https://169.254.169.254./"
            - must name its host: `169.254.169.254.` is an address, 169.254.169.254
        "https://2852039166/"
            - must name its host: `2852039166` is an address, 169.254.169.254
        "https://0xa9fea9fe/"
            - must name its host: `0xa9fea9fe` is an address, 169.254.169.254
        "https://0251.0376.0251.0376/"
            - must name its host: `0251.0376.0251.0376` is an address, 169.254.169.254
        "https://169.254.43518/"
            - must name its host: `169.254.43518` is an address, 169.254.169.254
        "https://8.8.8.8/"
            - must name its host: `8.8.8.8` is an address, 8.8.8.8
        "https://256.1.1.1/"
            - must name its host: `256.1.1.1` is an address
        "https://1.2.3.4.5/"
            - must name its host: `1.2.3.4.5` is an address
        "https://0/"
            - must name its host: `0` is an address, 0.0.0.0
        "https://0x/"
            - must name its host: `0x` is an address, 0.0.0.0
        "https://[::1]/"
            - must name its host: `::1` is an address, ::1
        "https://[::ffff:127.0.0.1]/"
            - must name its host: `::ffff:127.0.0.1` is an address, ::ffff:127.0.0.1
        "https://[fd00:ec2::254]/"
            - must name its host: `fd00:ec2::254` is an address, fd00:ec2::254
        "https://[::ffff:a9fe:a9fe]:443/"
            - must name its host: `::ffff:a9fe:a9fe` is an address, ::ffff:169.254.169.254
        "https://::1/"
            - must name its host: `::1` is an address, ::1
        "https://localhost/"
            - must not name `localhost`: it leads into the house
        "https://localhost./"
            - must name its host in letters, digits, `-` and dots, with a domain: `localhost.` does not
        "https://a.localhost/"
            - must not name `a.localhost`: it leads into the house
        "https://metadata.google.internal/"
            - must not name `metadata.google.internal`: it leads into the house
        "https://instance-data/"
            - must not name `instance-data`: it leads into the house
        "https://ip-10-0-0-1.ec2.internal/"
            - must not name `ip-10-0-0-1.ec2.internal`: it leads into the house
        "https://db.local/"
            - must not name `db.local`: it leads into the house
        "https://1.0.0.127.in-addr.arpa/"
            - must not name `1.0.0.127.in-addr.arpa`: it leads into the house
        "https://user@api.example.com/"
            - must not have a user or a password in it
        "https://user:pass@api.example.com/"
            - must not have a user or a password in it
        "https://api.example.com@169.254.169.254/"
            - must not have a user or a password in it
        "https://api.example.com:80@evil.example/"
            - must not have a user or a password in it
        "https://evil.example\\@api.example.com/"
            - must not have a user or a password in it
        "https://api.example.com:22/"
            - must not use the port `22`
        "https://api.example.com:0443/"
            - must not use the port `0443`
        "https://api.example.com:+443/"
            - must not use the port `+443`
        "https://api.example.com:/"
            - must not use the port ``
        "https://api.example.com:65979/"
            - must not use the port `65979`
        "https://api.example.com#@evil.example/"
            - must not have a user or a password in it
        "https://api.example.com?@evil.example/"
            - must not have a user or a password in it
        "https://api.example.com%2f@evil.example/"
            - must not have a user or a password in it
        "https://api。example.com/"
            - must name its host in letters, digits, `-` and dots, with a domain: `api。example.com` does not
        "https://ⓐpi.example.com/"
            - must name its host in letters, digits, `-` and dots, with a domain: `ⓐpi.example.com` does not
        "https://api.example.com\0.evil.example/"
            - must name its host in letters, digits, `-` and dots, with a domain: `api.example.com\u{0}.evil.example` does not
        "https://api.example.com\r\nHost: evil/"
            - must name its host in letters, digits, `-` and dots, with a domain: `api.example.com\r\nhost` does not
        "https://api_a.example.com/"
            - must name its host in letters, digits, `-` and dots, with a domain: `api_a.example.com` does not
        "https://-a.example.com/"
            - must name its host in letters, digits, `-` and dots, with a domain: `-a.example.com` does not
        "https://a..example.com/"
            - must name its host in letters, digits, `-` and dots, with a domain: `a..example.com` does not
        "https://example/"
            - must name its host in letters, digits, `-` and dots, with a domain: `example` does not
        "https://"
            - must name its host in letters, digits, `-` and dots, with a domain: `` does not
        "https:///a"
            - must name its host in letters, digits, `-` and dots, with a domain: `` does not
        "https://{{input.host}}/"
            - must have its host written out: no variable may say whom the request goes to
        "https://{{input.host}}.example.com/"
            - must have its host written out: no variable may say whom the request goes to
        "https://api.example.com:{{input.port}}/"
            - must have its host written out: no variable may say whom the request goes to
        "https://api.example.com/a/../b"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a/%2e%2E/b"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a/./b"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com//b"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a%2fb"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a%252e%252e"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a?b=c"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a#b"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a b"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a\\b"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/ä"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/{a}"
            - must have a plain path: no `..`, no `//`, no `?` and no `#`; queries stand in `query`
        "https://api.example.com/a;b=c,d"
            api.example.com:443
    "#]].assert_eq(&table);
}

#[test]
fn nothing_is_allowed_by_its_ending() {
    let allowed: BTreeSet<String> =
        ["api.example.com", "b.example.com:8443"].map(str::to_owned).into();
    for (url, fits) in [
        ("https://api.example.com/a", true),
        ("https://api.example.com:443/a", true),
        ("https://b.example.com:8443/", true),
        ("https://b.example.com/", false),
        ("https://api.example.com:8443/", false),
        ("https://a.api.example.com/", false),
        ("https://xapi.example.com/", false),
        ("https://api.example.com.evil.example/", false),
        ("https://example.com/", false),
    ] {
        assert_eq!(is_allowed(&authority(url).unwrap(), &allowed).is_ok(), fits, "{url}");
    }
}

#[test]
fn only_public_addresses_are_connected_to() {
    let mut table = String::new();
    for address in [
        "8.8.8.8",
        "1.1.1.1",
        "52.94.236.248",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "100.128.0.0",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "172.15.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "172.32.0.0",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.20.0.0",
        "198.51.100.1",
        "203.0.113.1",
        "223.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::8.8.8.8",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2000::1",
        "2001::1",
        "2001:db8::1",
        "2001:4860:4860::8888",
        "2002:7f00:1::1",
        "2600:1f18::1",
        "3fff::1",
        "4000::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        let public = if is_public(address.parse().unwrap()) { "public" } else { "-" };
        writeln!(table, "{address:<24}{public}").unwrap();
    }
    expect![[r#"
        8.8.8.8                 public
        1.1.1.1                 public
        52.94.236.248           public
        0.0.0.0                 -
        0.1.2.3                 -
        10.0.0.1                -
        100.64.0.1              -
        100.127.255.255         -
        100.128.0.0             public
        127.0.0.1               -
        127.255.255.255         -
        168.63.129.16           -
        169.254.169.254         -
        169.254.170.2           -
        172.15.255.255          public
        172.16.0.1              -
        172.31.255.255          -
        172.32.0.0              public
        192.0.0.192             -
        192.0.2.1               -
        192.88.99.1             -
        192.168.0.1             -
        198.18.0.1              -
        198.19.255.255          -
        198.20.0.0              public
        198.51.100.1            -
        203.0.113.1             -
        223.255.255.255         public
        224.0.0.1               -
        240.0.0.1               -
        255.255.255.255         -
        ::                      -
        ::1                     -
        ::ffff:8.8.8.8          public
        ::ffff:127.0.0.1        -
        ::ffff:169.254.169.254  -
        ::127.0.0.1             -
        64:ff9b::8.8.8.8        public
        64:ff9b::10.0.0.1       -
        64:ff9b:1::1            -
        100::1                  -
        2000::1                 public
        2001::1                 -
        2001:db8::1             -
        2001:4860:4860::8888    public
        2002:7f00:1::1          -
        2600:1f18::1            public
        3fff::1                 -
        4000::1                 -
        fc00::1                 -
        fd00:ec2::254           -
        fe80::1                 -
        fec0::1                 -
        ff02::1                 -
    "#]]
    .assert_eq(&table);
}

proptest! {
    #[test]
    fn an_address_is_never_a_name(bits in any::<u32>(), form in 0_u8..6) {
        let [a, b, c, d] = bits.to_be_bytes();
        let host = match form {
            0 => format!("{a}.{b}.{c}.{d}"),
            1 => bits.to_string(),
            2 => format!("0x{bits:x}"),
            3 => format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
            4 => format!("{a}.{b}.{}", u32::from(c) << 8 | u32::from(d)),
            _ => format!("0x{a:x}.{}", bits & 0x00ff_ffff),
        };
        let refusal = authority(&format!("https://{host}/")).unwrap_err();
        let address = Some(IpAddr::V4(Ipv4Addr::from(bits)));
        prop_assert_eq!(refusal, crate::address::Refusal::Address { host, address });
    }

    #[test]
    fn a_mapped_address_is_judged_as_what_it_holds(bits in any::<u32>()) {
        let inner = Ipv4Addr::from(bits);
        let mapped = IpAddr::V6(inner.to_ipv6_mapped());
        prop_assert_eq!(is_public(mapped), is_public(IpAddr::V4(inner)));
    }

    #[test]
    fn what_the_standard_library_calls_ours_is_not_public(bits in any::<u32>(), high in any::<u64>()) {
        let four = Ipv4Addr::from(bits);
        let ours = four.is_private() || four.is_loopback() || four.is_link_local()
            || four.is_multicast() || four.is_broadcast() || four.is_documentation()
            || four.is_unspecified();
        prop_assert!(!(ours && is_public(IpAddr::V4(four))));
        let six = Ipv6Addr::from(u128::from(high) << 64 | u128::from(bits));
        let ours = six.is_unique_local() || six.is_unicast_link_local() || six.is_multicast()
            || six.is_loopback() || six.is_unspecified();
        prop_assert!(!(ours && is_public(IpAddr::V6(six))));
    }

    #[test]
    fn no_text_gets_an_authority_with_anything_in_it(rest in "[a-z0-9.:@/\\\\?#%\\[\\] ]{0,40}") {
        if let Ok(found) = authority(&format!("https://{rest}")) {
            prop_assert!(rest.starts_with(&found.host));
            let after = &rest[found.host.len()..];
            prop_assert!(after.is_empty() || after.starts_with('/') || after.starts_with(':'));
        }
    }
}
