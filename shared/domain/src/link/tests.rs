mod wycheproof;

use super::*;
use crate::{IncidentId, Voucher};
use expect_test::expect;
use proptest::prelude::*;
use std::fmt::Write as _;

const NOW: Timestamp = Timestamp::from_millis(1_795_230_720_000);

fn keys() -> LinkKeys {
    let keys = [("k1".to_owned(), [1; 32]), ("k2".to_owned(), [2; 32])];
    LinkKeys::new("k2".to_owned(), keys.into()).unwrap()
}

fn link(number: u8) -> Link {
    Link {
        tenant: Tenant::vouched("acme", Voucher::Claims).unwrap(),
        approval: ApprovalId { incident: IncidentId::at(NOW, [number; 10]), n: 7 },
        approver: approver_key(b"pepper", "alice@example.com"),
        subject: [number; 32],
        expires_at: NOW.plus(crate::HOUR),
        nonce: [number; 16],
    }
}

#[test]
fn a_link_says_what_was_signed() {
    let token = keys().sign(&link(1));
    assert_eq!(keys().open(&token, NOW), Ok(link(1)));
    expect!["v1.k2.AaH8FuAAcQGBAQEBAQEBAQAH5Y5Tnr1vTio3BQgBMDBp1gEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAAABofxNzoABAQEBAQEBAQEBAQEBAQEBYWNtZQ.SfkK2Hloq8_6mZ67kIoH5Z2sZXWHAcoBB8JDvCnt820"].assert_eq(&token);
    let longest = Link {
        tenant: Tenant::vouched(&"x".repeat(64), Voucher::Claims).unwrap(),
        approval: ApprovalId { n: u16::MAX, ..link(1).approval },
        ..link(1)
    };
    let id = "i".repeat(32);
    let wide = LinkKeys::new(id.clone(), [(id, [3; 32])].into()).unwrap();
    assert_eq!(wide.open(&wide.sign(&longest), NOW), Ok(longest));
}

#[test]
fn none_of_24_000_forgeries_opens() {
    let (keys, token) = (keys(), keys().sign(&link(1)));
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";
    let mut tried = 0;
    let mut refuse = |forged: &str| {
        if forged != token {
            assert!(keys.open(forged, NOW).is_err(), "{forged}");
            tried += 1;
        }
    };
    for at in 0..=token.len() {
        let (head, tail) = token.split_at(at);
        refuse(head);
        refuse(tail);
        for letter in letters.chars() {
            refuse(&format!("{head}{letter}{tail}"));
        }
        if let Some(rest) = tail.get(1..) {
            refuse(&format!("{head}{rest}"));
            for letter in letters.chars() {
                refuse(&format!("{head}{letter}{rest}"));
            }
        }
    }
    let parts: Vec<_> = token.split('.').collect();
    for part in [2, 3] {
        let bytes = Base64UrlUnpadded::decode_vec(parts[part]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut parts = parts.clone();
            let encoded = Base64UrlUnpadded::encode_string(&bytes);
            parts[part] = &encoded;
            refuse(&parts.join("."));
        }
    }
    assert!(tried >= 24_000, "{tried}");
}

#[test]
fn parts_of_different_links_do_not_fit() {
    let keys = keys();
    let tokens: Vec<_> = (0..50).map(|number| keys.sign(&link(number))).collect();
    for (a, one) in tokens.iter().enumerate() {
        for (b, other) in tokens.iter().enumerate() {
            let (body, _) = one.rsplit_once('.').unwrap();
            let (_, mac) = other.rsplit_once('.').unwrap();
            assert_eq!(keys.open(&format!("{body}.{mac}"), NOW).is_ok(), a == b);
        }
    }
}

#[test]
fn a_link_dies_at_its_expiry() {
    let (keys, token) = (keys(), keys().sign(&link(1)));
    let expiry = link(1).expires_at;
    assert!(keys.open(&token, expiry.plus(-1)).is_ok());
    for late in [0, 1, crate::DAY] {
        assert_eq!(keys.open(&token, expiry.plus(late)), Err(LinkRefused::Expired));
    }
}

#[test]
fn keys_rotate_and_do_not_stand_in_for_each_other() {
    let only = |id: &str, byte| LinkKeys::new(id.to_owned(), [(id.to_owned(), [byte; 32])].into());
    let old = only("k1", 1).unwrap().sign(&link(1));
    let mut table = String::new();
    for (name, keys, token) in [
        ("an old key that is kept", keys(), old.clone()),
        ("an old key that is gone", only("k2", 2).unwrap(), old.clone()),
        ("the id of another key", keys(), old.replace("v1.k1.", "v1.k2.")),
        ("the same id, another stage", only("k1", 9).unwrap(), old.clone()),
        ("an equal key, another id", only("k3", 1).unwrap(), old.replace("v1.k1.", "v1.k3.")),
        ("expired and forged", only("k1", 9).unwrap(), old.clone()),
        ("another form", keys(), old.replace("v1.", "v2.")),
        ("a part more", keys(), format!("{old}.x")),
        ("a blank behind", keys(), format!("{old} ")),
        ("a short MAC", keys(), old[..old.len() - 3].to_owned()),
        ("much too long", keys(), "v1.".repeat(1_000_000)),
        ("too long to look up", keys(), format!("v1.{}.AA.AA", "k".repeat(300))),
        ("nothing", keys(), String::new()),
    ] {
        let opened = keys.open(&token, NOW).map(|_| "opens");
        writeln!(table, "{name:<28}{opened:?}").unwrap();
    }
    expect![[r#"
        an old key that is kept     Ok("opens")
        an old key that is gone     Err(UnknownKey)
        the id of another key       Err(Forged)
        the same id, another stage  Err(Forged)
        an equal key, another id    Err(Forged)
        expired and forged          Err(Forged)
        another form                Err(Malformed)
        a part more                 Err(Malformed)
        a blank behind              Err(Malformed)
        a short MAC                 Err(Forged)
        much too long               Err(Malformed)
        too long to look up         Err(Malformed)
        nothing                     Err(Malformed)
    "#]]
    .assert_eq(&table);
}

#[test]
fn bad_keys_are_no_keys() {
    let with = |current: &str, ids: &[&str]| {
        let keys = ids.iter().map(|id| ((*id).to_owned(), [1; 32])).collect();
        LinkKeys::new(current.to_owned(), keys).is_some()
    };
    assert!(with("a", &["a", "b_-9"]));
    assert!(!with("a", &[]) && !with("a", &["b"]), "the current key is not there");
    assert!(
        !with("a", &["a", ""]) && !with("a.b", &["a.b"]) && !with("a", &["a", &"x".repeat(33)])
    );
    assert_eq!(format!("{:?}", keys()), r#"LinkKeys { current: "k2", ids: ["k1", "k2"] }"#);
}

/// A MAC of ours over a payload that we never write: an older program's, say.
#[test]
fn what_is_signed_but_senseless_is_refused() {
    let keys = keys();
    let good = link(1).payload();
    let mut unnumbered = good.clone();
    unnumbered[16..18].fill(0);
    let mut elsewhere = good.clone();
    elsewhere.extend(b"#x");
    for payload in [Vec::new(), good[..FIXED].to_vec(), unnumbered, elsewhere] {
        let mac = mac::mac(&[2; 32], &signed("k2", &payload));
        let encode = Base64UrlUnpadded::encode_string;
        let token = format!("v1.k2.{}.{}", encode(&payload), encode(&mac));
        assert_eq!(keys.open(&token, NOW), Err(LinkRefused::Malformed));
    }
}

#[test]
fn nobody_learns_why_a_link_was_refused() {
    use LinkRefused::{Expired, Forged, Malformed, UnknownKey};
    for refused in [Malformed, UnknownKey, Forged, Expired] {
        assert_eq!(refused.to_string(), "there is no such link");
    }
}

#[test]
fn one_spelling_of_an_approver() {
    let mut table = String::new();
    for text in [
        " Alice@Example.COM\n",
        "alice@example.com.",
        "alice+ci@example.com",
        "o'brien/x=1@ex-ample.co",
        "ALICE@XN--BCHER-KVA.DE",
        "alice",
        "alice@localhost",
        "@example.com",
        "alice@",
        "alice@example..com",
        "alice@example.com..",
        "alice@-example.com",
        "alice@example-.com",
        ".alice@example.com",
        "al..ice@example.com",
        "a b@example.com",
        "alice@exa\tmple.com",
        "alice@example.com\0",
        "alice@bob@example.com",
        "\"alice\"@example.com",
        "alice@[127.0.0.1]",
        "ａlice@example.com",
        "аlice@example.com",
        "al\u{200b}ice@example.com",
        "alice@bücher.de",
        "alice@example。com",
        "Alice <alice@example.com>",
        "",
    ] {
        let spelled = normalise(text).unwrap_or_else(|| "-".to_owned());
        writeln!(table, "{:<36}{spelled}", text.escape_debug().to_string()).unwrap();
    }
    expect![[r#"
         Alice@Example.COM\n                alice@example.com
        alice@example.com.                  alice@example.com
        alice+ci@example.com                alice+ci@example.com
        o\'brien/x=1@ex-ample.co            o'brien/x=1@ex-ample.co
        ALICE@XN--BCHER-KVA.DE              alice@xn--bcher-kva.de
        alice                               -
        alice@localhost                     -
        @example.com                        -
        alice@                              -
        alice@example..com                  -
        alice@example.com..                 -
        alice@-example.com                  -
        alice@example-.com                  -
        .alice@example.com                  -
        al..ice@example.com                 -
        a b@example.com                     -
        alice@exa\tmple.com                 -
        alice@example.com\0                 -
        alice@bob@example.com               -
        \"alice\"@example.com               -
        alice@[127.0.0.1]                   -
        ａlice@example.com                   -
        аlice@example.com                   -
        al\u{200b}ice@example.com           -
        alice@bücher.de                     -
        alice@example。com                   -
        Alice <alice@example.com>           -
                                            -
    "#]]
    .assert_eq(&table);
    let fits = format!(
        "{}@{}.com",
        "l".repeat(64),
        ["d".repeat(61), "d".repeat(61), "d".repeat(61)].join(".")
    );
    assert_eq!(fits.len(), 254);
    assert!(normalise(&fits).is_some());
    assert!(normalise(&fits.replace('@', "@d")).is_none(), "255 characters");
    assert!(normalise(&format!("{}@example.com", "l".repeat(65))).is_none());
}

#[test]
fn an_alias_has_the_mailbox_of_its_owner() {
    assert_eq!(mailbox("alice+a+b@example.com"), "alice@example.com");
    assert_eq!(mailbox("alice@example.com"), "alice@example.com");
    assert_eq!(mailbox("a.+x@example.com"), "a@example.com");
    assert_eq!(mailbox("+x@example.com"), "+x@example.com");
}

#[test]
fn an_approver_has_another_key_under_another_pepper() {
    let key = approver_key(b"pepper", "alice@example.com");
    assert_eq!(key[..], mac::mac(b"pepper", b"alice@example.com")[..16]);
    assert_ne!(key, approver_key(b"salt", "alice@example.com"));
    assert_ne!(key, approver_key(b"pepper", "bob@example.com"));
}

#[test]
fn a_form_field_fits_one_cookie_and_one_link() {
    let (cookie, nonce) = ([7; 32], [8; 16]);
    let field = form_token(&cookie, &nonce);
    assert!(is_form_token(&cookie, &nonce, &field));
    assert!(!is_form_token(&[9; 32], &nonce, &field) && !is_form_token(&cookie, &[9; 16], &field));
    for at in 0..field.len() {
        let (head, tail) = field.split_at(at);
        for forged in [head.to_owned(), format!("{head}A{tail}"), format!("{head}_{}", &tail[1..])]
        {
            assert_eq!(is_form_token(&cookie, &nonce, &forged), forged == field, "{forged}");
        }
    }
    assert!(!is_form_token(&cookie, &nonce, &field.repeat(1000)));
}

/// RFC 4231 §4, cases 1 to 4, 6 and 7: short keys, long keys, long data.
#[test]
fn the_mac_is_hmac_sha256() {
    let counted: Vec<u8> = (1..=25).collect();
    let long = "This is a test using a larger than block-size key and a larger than block-size data. \
        The key needs to be hashed before being used by the HMAC algorithm.";
    let mut table = String::new();
    for (key, message) in [
        (vec![0x0b; 20], b"Hi There".to_vec()),
        (b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec()),
        (vec![0xaa; 20], vec![0xdd; 50]),
        (counted, vec![0xcd; 50]),
        (vec![0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec()),
        (vec![0xaa; 131], long.as_bytes().to_vec()),
    ] {
        let mac = mac::mac(&key, &message);
        assert!(mac::is_mac(&key, &message, &mac) && !mac::is_mac(&key, &message, &mac[..31]));
        writeln!(table, "{}", crate::chain::Digest(mac)).unwrap();
    }
    expect![[r#"
        b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7
        5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843
        773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe
        82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b
        60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54
        9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2
    "#]]
    .assert_eq(&table);
}

proptest! {
    #[test]
    fn no_text_is_a_panic_or_a_link(text in ".{0,80}", dots in "v1\\.k[12]\\.[A-Za-z0-9_-]{0,200}\\.[A-Za-z0-9_-]{43}") {
        prop_assert!(keys().open(&text, NOW).is_err());
        prop_assert!(keys().open(&dots, NOW).is_err());
    }

    #[test]
    fn normalising_twice_is_normalising_once(text in "[ A-Za-zàж.@+-]{0,30}@[A-Za-z.-]{0,20}") {
        if let Some(once) = normalise(&text) {
            prop_assert_eq!(normalise(&once), Some(once.clone()));
            prop_assert!(once.is_ascii() && once == once.to_lowercase());
            prop_assert_eq!(normalise(&mailbox(&once)), Some(mailbox(&once)));
        }
    }
}
