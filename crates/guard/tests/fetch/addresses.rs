//! Which addresses are connected to.

use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::LazyLock;

use proptest::prelude::*;
use purlin_guard::fetch::{Addresses, IpRange, Nat64};

fn admits(addresses: &Addresses, text: &str) -> bool {
    addresses.admits(text.parse().unwrap())
}

#[track_caller]
fn check(addresses: &Addresses, table: &[(&str, bool)]) {
    for (text, expected) in table {
        assert_eq!(admits(addresses, text), *expected, "{text}");
    }
}

/// The first and the last address of each refused range, and their neighbours outside.
#[test]
fn ipv4_outside_of_the_special_ranges_is_allowed() {
    for (first, last) in SPECIAL_V4 {
        let (first, last): (Ipv4Addr, Ipv4Addr) = (first.parse().unwrap(), last.parse().unwrap());
        let public = Addresses::default();
        assert!(!public.admits(first.into()), "{first}");
        assert!(!public.admits(last.into()), "{last}");
        for neighbour in [
            first.to_bits().checked_sub(1),
            last.to_bits().checked_add(1),
        ] {
            let Some(neighbour) = neighbour.map(Ipv4Addr::from_bits) else {
                continue;
            };
            let expected = is_public_v4(neighbour);
            assert_eq!(public.admits(neighbour.into()), expected, "{neighbour}");
        }
    }
    check(
        &Addresses::default(),
        &[
            ("1.1.1.1", true),
            ("9.255.255.255", true),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("126.255.255.255", true),
            ("168.63.129.15", true),
            ("168.63.129.16", false),
            ("168.63.129.17", true),
            ("172.15.255.255", true),
            ("172.32.0.0", true),
            ("192.0.1.0", true),
            ("198.17.255.255", true),
            ("198.20.0.0", true),
            ("223.255.255.255", true),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
        ],
    );
}

#[test]
fn ipv6_is_allowed_inside_of_global_unicast_alone() {
    check(
        &Addresses::default(),
        &[
            ("2606:4700:4700::1111", true),
            ("2001:200::", true),
            ("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2001::", false),
            ("2001:2::1", false),
            ("2001:10::1", false),
            ("2001:20::1", false),
            ("2001:db7:ffff::", true),
            ("2001:db8::", false),
            ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2001:db9::", true),
            ("2002::1", false),
            ("2003::1", true),
            ("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("3fff::", false),
            ("3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("3fff:1000::", true),
            ("2620:4f:8000::", false),
            ("2620:4f:8001::", true),
            ("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("4000::", false),
            ("::", false),
            ("::1", false),
            ("100::1", false),
            ("5f00::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ],
    );
}

#[test]
fn forms_that_embed_ipv4_are_refused_even_with_a_public_address_inside() {
    check(
        &Addresses::default(),
        &[
            ("::ffff:1.1.1.1", false),
            ("::1.1.1.1", false),
            ("::ffff:0:1.1.1.1", false),
            ("64:ff9b::1.1.1.1", false),
            ("64:ff9b:1::1.1.1.1", false),
            ("2002:101:101::1", false),
            ("2001:0:101:101::1", false),
        ],
    );
}

#[test]
fn isatap_identifiers_that_embed_a_refused_address_are_refused() {
    check(
        &Addresses::default(),
        &[
            ("2606:4700::5efe:10.0.0.1", false),
            ("2606:4700::200:5efe:10.0.0.1", false),
            ("2606:4700::5efe:169.254.169.254", false),
            ("2606:4700::5efe:1.1.1.1", true),
            ("2606:4700::200:5efe:1.1.1.1", true),
            ("2606:4700::100:5efe:10.0.0.1", true),
        ],
    );
}

#[test]
fn nat64_is_opened_on_purpose_and_then_judged_by_the_address_inside() {
    let mut addresses = Addresses::default();
    addresses.nat64(Nat64::CheckEmbedded);
    check(
        &addresses,
        &[
            ("64:ff9b::1.1.1.1", true),
            ("64:ff9b::10.0.0.1", false),
            ("64:ff9b::127.0.0.1", false),
            ("64:ff9b::169.254.169.254", false),
            ("64:ff9b:0:1::1.1.1.1", false),
            ("64:ff9b:1::1.1.1.1", false),
            ("::ffff:1.1.1.1", false),
            ("2606:4700::1111", true),
        ],
    );
}

#[test]
fn ranges_are_opened_on_purpose() {
    let mut addresses = Addresses::default();
    addresses.open("10.1.0.0/16".parse().unwrap());
    addresses.open("fd00:1::/32".parse().unwrap());
    addresses.open("127.0.0.1".parse().unwrap());
    check(
        &addresses,
        &[
            ("10.1.255.255", true),
            ("10.2.0.0", false),
            ("fd00:1:ffff::1", true),
            ("fd00:2::1", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            // Opened is what was said, and not what may stand for it.
            ("::ffff:10.1.0.1", false),
            ("2606:4700::5efe:10.1.0.1", false),
            ("1.1.1.1", true),
        ],
    );
}

/// Where clouds hand out credentials.
const NEVER: [&str; 8] = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.0",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
];

#[test]
fn what_hands_out_credentials_never_opens() {
    let mut addresses = Addresses::default();
    for everything in ["0.0.0.0/0", "::/0"] {
        addresses.open(everything.parse().unwrap());
    }
    addresses.open_private();
    addresses.nat64(Nat64::CheckEmbedded);
    for text in NEVER {
        addresses.open(text.parse().unwrap());
        assert!(!admits(&addresses, text), "{text}");
    }
    // Nor by any form that leads there.
    for text in [
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::169.254.169.254",
        "64:ff9b:1:a9fe:a9:fe00::",
        "64:ff9b:1:a9:fe:a9fe::",
        "64:ff9b:1:0:a9:fea9:fe00:0",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        "2001:0:101:101::5601:5601",
        "fe80::5efe:169.254.169.254",
        "2606:4700::200:5efe:168.63.129.16",
        "64:ff9b::100.100.100.200",
        "::ffff:192.0.0.192",
        "fd00:ec2:ffff::1",
    ] {
        assert!(!admits(&addresses, text), "{text}");
    }
    for text in [
        "10.0.0.1",
        "127.0.0.1",
        "::1",
        "fd00::1",
        "fd20:ce::253",
        "169.253.0.1",
    ] {
        assert!(admits(&addresses, text), "{text}");
    }
}

#[test]
fn ranges_are_written_in_one_way() {
    for text in [
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0.0/x",
        "10.0.0",
        "::/129",
        "a/8",
        "",
        "10.0.0.0/",
    ] {
        let error = text.parse::<IpRange>().unwrap_err();
        assert!(
            error.to_string().contains("`10.0.0.0/8`"),
            "{text}: {error}"
        );
    }
    for text in ["0.0.0.0/0", "::/0", "10.0.0.0/8", "fd00:1::/32"] {
        assert_eq!(text.parse::<IpRange>().unwrap().to_string(), text);
    }
}

// From here on, a second judgement: intervals from the registries of IANA, read as text and
// compared as numbers, where the guard compares masks.

/// IANA IPv4 special-purpose address registry, multicast, reserved, and the address of Azure.
const SPECIAL_V4: [(&str, &str); 19] = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("168.63.129.16", "168.63.129.16"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.31.196.0", "192.31.196.255"),
    ("192.52.193.0", "192.52.193.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("192.175.48.0", "192.175.48.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
];

/// IANA IPv6 special-purpose address registry, as far as it lies in 2000::/3.
const SPECIAL_V6: [(&str, &str); 5] = [
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
];

fn read<T: FromStr<Err: Debug>>(texts: &[(&str, &str)]) -> Vec<RangeInclusive<T>> {
    let read = |(first, last): &(&str, &str)| first.parse().unwrap()..=last.parse().unwrap();
    texts.iter().map(read).collect()
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    static READ: LazyLock<Vec<RangeInclusive<Ipv4Addr>>> = LazyLock::new(|| read(&SPECIAL_V4));
    !READ.iter().any(|between| between.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let hex: String = address
        .octets()
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    if !hex.starts_with(['2', '3']) {
        return false;
    }
    if matches!(&hex[16..24], "00005efe" | "02005efe") {
        let inside = u32::from_str_radix(&hex[24..], 16).unwrap();
        if !is_public_v4(inside.into()) {
            return false;
        }
    }
    static READ: LazyLock<Vec<RangeInclusive<Ipv6Addr>>> = LazyLock::new(|| read(&SPECIAL_V6));
    !READ.iter().any(|between| between.contains(&address))
}

pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Addresses anywhere, and those around the ends of intervals.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    let ends = SPECIAL_V4.iter().flat_map(|(first, last)| [*first, *last]);
    let ends: Vec<u32> = ends
        .map(|it| it.parse::<Ipv4Addr>().unwrap().to_bits())
        .collect();
    let near = (prop::sample::select(ends), -2i32..=2);
    prop_oneof![
        any::<u32>().prop_map(Ipv4Addr::from_bits),
        near.prop_map(|(end, by)| Ipv4Addr::from_bits(end.wrapping_add_signed(by))),
    ]
}

fn v6() -> impl Strategy<Value = Ipv6Addr> {
    let ends = SPECIAL_V6.iter().flat_map(|(first, last)| [*first, *last]);
    let ends = ends.chain(["2000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]);
    let ends: Vec<u128> = ends
        .map(|it| it.parse::<Ipv6Addr>().unwrap().to_bits())
        .collect();
    let near = (prop::sample::select(ends), -2i128..=2);
    let prefixes: Vec<u128> = vec![
        0x2606_4700,
        0x2001_0000,
        0x2001_0db8,
        0x0064_ff9b,
        0x2002_a9fe,
        0x3fff_0000,
        0,
    ];
    let isatap = (
        prop::sample::select(prefixes.clone()),
        prop::bool::ANY,
        v4(),
    );
    prop_oneof![
        any::<u128>().prop_map(Ipv6Addr::from_bits),
        (any::<u128>()).prop_map(|bits| Ipv6Addr::from_bits(bits >> 3 | 1 << 125)),
        near.prop_map(|(end, by)| Ipv6Addr::from_bits(end.wrapping_add_signed(by))),
        (prop::sample::select(prefixes), any::<u128>())
            .prop_map(|(prefix, rest)| Ipv6Addr::from_bits(prefix << 96 | rest >> 32)),
        isatap.prop_map(|(prefix, universal, inside)| {
            let marker = 0x5efe | u128::from(universal) << 25;
            Ipv6Addr::from_bits(prefix << 96 | marker << 32 | u128::from(inside.to_bits()))
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn an_independent_predicate_agrees_on_ipv4(address in v4()) {
        let public = Addresses::default();
        prop_assert_eq!(public.admits(address.into()), is_public_v4(address));
    }

    #[test]
    fn an_independent_predicate_agrees_on_ipv6(address in v6()) {
        let public = Addresses::default();
        prop_assert_eq!(public.admits(address.into()), is_public_v6(address));
    }
}
