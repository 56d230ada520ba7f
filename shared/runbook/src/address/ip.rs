//! Which addresses are nobody's but the public's (IANA's special-purpose registries).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 blocks that are not global, as address and prefix length (RFC 6890 and later).
const V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::UNSPECIFIED, 8),            // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carrier-grade NAT, and Alibaba's metadata
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's wire server
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local: metadata of EC2 and ECS
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // IETF protocols, and Oracle's metadata
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24),  // AS112
    (Ipv4Addr::new(192, 52, 193, 0), 24),  // AMT
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // 6to4 relay
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 3),      // multicast, reserved, broadcast
];

/// IPv6 blocks within `2000::/3` that are not global.
const V6: [(Ipv6Addr, u32); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // IETF protocols, Teredo, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which has an IPv4 address in it
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether an address is a public one, which a request may go to.
///
/// An IPv6 address that holds an IPv4 address (mapped, NAT64) is public if that one is. All of IPv6
/// outside `2000::/3` is refused: nothing else is global unicast (RFC 4291 §2.4), and link-local,
/// unique local and EC2's metadata at `fd00:ec2::254` lie there.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> bool {
    let within = |(block, length): &(Ipv4Addr, u32)| {
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(*length)).unwrap_or(0);
        address.to_bits() & mask == block.to_bits()
    };
    !V4.iter().any(within)
}

fn v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded(address) {
        return v4(inner);
    }
    let within = |(block, length): &(Ipv6Addr, u32)| {
        let mask = u128::MAX.checked_shl(128_u32.saturating_sub(*length)).unwrap_or(0);
        address.to_bits() & mask == block.to_bits()
    };
    let [first, ..] = address.segments();
    first & 0xe000 == 0x2000 && !V6.iter().any(within)
}

/// The IPv4 address in `::ffff:0:0/96` (mapped) and in `64:ff9b::/96` (NAT64, RFC 6052).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let nat64 = address.segments().starts_with(&[0x64, 0xff9b, 0, 0, 0, 0]);
    address.to_ipv4_mapped().or_else(|| {
        let bits = u32::try_from(address.to_bits() & u128::from(u32::MAX)).ok()?;
        nat64.then_some(Ipv4Addr::from(bits))
    })
}
