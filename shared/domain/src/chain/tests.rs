use super::*;
use crate::ActorKind;
use crate::canon::parse_body;
use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;
use std::fmt::Write as _;

const TENANT: &str = "acme";

fn incident(tail: u8) -> IncidentId {
    IncidentId::at(Timestamp::from_millis(1_795_230_720_000), [tail; 10])
}

fn body(tenant: &str, incident: IncidentId, seq: u64) -> Body {
    Body {
        v: VERSION,
        tenant: tenant.to_owned(),
        incident_id: incident,
        seq,
        event_id: format!("00000000-0000-7000-8000-{seq:012}"),
        kind: "note_added".to_owned(),
        actor: Actor { kind: ActorKind::User, id: "alice@example.com".to_owned() },
        at: Timestamp::from_millis(1_795_230_720_000).plus(i64::try_from(seq).unwrap()),
        payload: json!({ "text": format!("note {seq} – ünïcode"), "figure": 0.1 }),
        refs: Vec::new(),
        idem: None,
    }
}

/// Chains `bodies` by the book: what the table's writer, or an insider, would store.
fn chained(tenant: &str, incident: IncidentId, bodies: &[Body]) -> Vec<Stored> {
    let mut prev = genesis(tenant, incident);
    let link = |body: &Body| {
        let stored = body.after(prev).unwrap();
        prev = stored.hash;
        stored
    };
    bodies.iter().map(link).collect()
}

fn chain_of(incident: IncidentId, length: u64) -> Vec<Stored> {
    let bodies: Vec<_> = (1..=length).map(|seq| body(TENANT, incident, seq)).collect();
    chained(TENANT, incident, &bodies)
}

/// A chain with its events from `at` on chained anew.
fn rechained(mut chain: Vec<Stored>, at: usize, edit: impl Fn(&mut Stored)) -> Vec<Stored> {
    edit(&mut chain[at]);
    let mut prev = chain[at].prev;
    for event in &mut chain[at..] {
        event.prev = prev;
        event.hash = event_hash(&prev, event.body.as_bytes());
        prev = event.hash;
    }
    chain
}

fn edited(text: &str) -> String {
    text.replace("note 5", "nope 5").replace("acme", "acne").replace("alice", "alicf")
}

type Tamper = fn(Vec<Stored>, usize) -> Vec<Stored>;

/// What somebody may do to the event at `i` (from 0), which is not the last, and what catches it.
const TAMPERINGS: &[(&str, Tamper)] = &[
    ("edit the body", |mut chain, i| {
        chain[i].body = edited(&chain[i].body);
        chain
    }),
    ("edit the body and its hash", |mut chain, i| {
        chain[i].body = chain[i].body.replace("alice", "mallo");
        chain[i].hash = event_hash(&chain[i].prev, chain[i].body.as_bytes());
        chain
    }),
    ("edit the hash", |mut chain, i| {
        chain[i].hash.0[31] ^= 1;
        chain
    }),
    ("edit the hash before", |mut chain, i| {
        chain[i].prev.0[0] ^= 0x80;
        chain
    }),
    ("edit the listed type", |mut chain, i| {
        chain[i].kind = "severity_changed".to_owned();
        chain
    }),
    ("edit the listed time", |mut chain, i| {
        chain[i].at = chain[i].at.replace('Z', "+00:00");
        chain
    }),
    ("edit the epoch", |mut chain, i| {
        chain[i].epoch = 2;
        chain
    }),
    ("delete", |mut chain, i| {
        chain.remove(i);
        chain
    }),
    ("delete and move up", |mut chain, i| {
        chain.remove(i);
        chain[i..].iter_mut().for_each(|event| event.seq -= 1);
        chain
    }),
    ("double", |mut chain, i| {
        chain.insert(i, chain[i].clone());
        chain
    }),
    ("swap with the next", |mut chain, i| {
        chain.swap(i, i + 1);
        chain
    }),
    ("swap with the next, keys too", |mut chain, i| {
        chain.swap(i, i + 1);
        (chain[i].seq, chain[i + 1].seq) = (chain[i + 1].seq, chain[i].seq);
        chain
    }),
    ("insert a forged one", |mut chain, i| {
        let mut forged = body(TENANT, incident(1), chain[i].seq);
        forged.payload = json!({});
        chain.insert(i, forged.after(chain[i].prev).unwrap());
        chain[i + 1..].iter_mut().for_each(|event| event.seq += 1);
        chain
    }),
    ("take another incident's event", |mut chain, i| {
        let other = body(TENANT, incident(2), chain[i].seq);
        chain[i] = other.after(genesis(TENANT, incident(2))).unwrap();
        chain
    }),
    ("put the next one here, edited", |mut chain, i| {
        let body = edited(&chain[i + 1].body);
        chain[i] = Stored { seq: chain[i].seq, body, ..chain[i + 1].clone() };
        chain
    }),
    ("rechain with another's tenant", |chain, i| {
        rechained(chain, i, |event| event.body = event.body.replace("acme", "acne"))
    }),
    ("rechain with another incident", |chain, i| {
        let (id, other) = (incident(1).to_string(), incident(2).to_string());
        rechained(chain, i, |event| event.body = event.body.replace(&id, &other))
    }),
    ("rechain with another place", |chain, i| {
        rechained(chain, i, |event| {
            let (seq, other) = (format!("\"seq\":{}", event.seq), format!("\"seq\":{}", 99));
            event.body = event.body.replace(&seq, &other);
        })
    }),
    ("rechain with a blank between", |chain, i| {
        rechained(chain, i, |event| event.body = event.body.replace("\"v\":1", "\"v\": 1"))
    }),
    ("rechain with a key twice", |chain, i| {
        rechained(chain, i, |event| event.body = event.body.replace("\"v\":1", "\"v\":1,\"v\":1"))
    }),
    ("rechain with an unknown field", |chain, i| {
        rechained(chain, i, |event| event.body = event.body.replace("\"v\":1", "\"v\":1,\"w\":1"))
    }),
    ("rechain without an object", |chain, i| {
        rechained(chain, i, |event| {
            let body: Value = serde_json::from_str(&event.body).unwrap();
            event.body = event.body.replace(&body["payload"].to_string(), "[]");
        })
    }),
    ("rechain with another version", |chain, i| {
        rechained(chain, i, |event| event.body = event.body.replace("\"v\":1", "\"v\":2"))
    }),
];

fn outcome(chain: Vec<Stored>) -> String {
    match verify(TENANT, incident(1), chain) {
        Ok(verified) => format!("ok {}", verified.seq),
        Err(broken) => format!("{} {broken}", broken.class.exit_code()),
    }
}

#[test]
fn every_tampering_is_caught_and_named() {
    let mut table = format!("{:<32}{}\n", "nothing", outcome(chain_of(incident(1), 10)));
    for (name, tamper) in TAMPERINGS {
        let chain = tamper(chain_of(incident(1), 10), 4);
        writeln!(table, "{name:<32}{}", outcome(chain)).unwrap();
    }
    expect![[r#"
        nothing                         ok 10
        edit the body                   2 event 5 is not what was hashed
        edit the body and its hash      3 event 6 does not follow the one before it
        edit the hash                   2 event 5 is not what was hashed
        edit the hash before            3 event 5 does not follow the one before it
        edit the listed type            2 event 5 is listed as something that it is not
        edit the listed time            2 event 5 is listed as something that it is not
        edit the epoch                  4 event 5 is not in its place
        delete                          4 event 5 is not in its place
        delete and move up              4 event 5 holds an event of another place
        double                          4 event 6 is not in its place
        swap with the next              4 event 5 is not in its place
        swap with the next, keys too    4 event 5 holds an event of another place
        insert a forged one             4 event 6 holds an event of another place
        take another incident's event   3 event 5 does not follow the one before it
        put the next one here, edited   3 event 5 does not follow the one before it
        rechain with another's tenant   3 event 5 belongs to another incident
        rechain with another incident   3 event 5 belongs to another incident
        rechain with another place      4 event 5 says that it has another place
        rechain with a blank between    8 event 5 cannot be read
        rechain with a key twice        8 event 5 cannot be read
        rechain with an unknown field   8 event 5 cannot be read
        rechain without an object       8 event 5 cannot be read
        rechain with another version    8 event 5 cannot be read
    "#]]
    .assert_eq(&table);
}

#[test]
fn at_every_place_of_every_chain_the_class_is_the_same() {
    let classes: Vec<Broken> = TAMPERINGS
        .iter()
        .map(|(_, tamper)| verify(TENANT, incident(1), tamper(chain_of(incident(1), 10), 4)))
        .map(Result::unwrap_err)
        .collect();
    let mut tampered = 0;
    for length in 2..=30 {
        let chain = chain_of(incident(1), length);
        let mut verifier = Verifier::new(TENANT, incident(1));
        for (at, event) in chain[..chain.len() - 1].iter().enumerate() {
            for ((name, tamper), expected) in TAMPERINGS.iter().zip(&classes) {
                let bad = tamper(chain.clone(), at);
                assert_eq!(bad[..at], chain[..at], "what is before it was verified already");
                let mut verifier = verifier.clone();
                let broken = bad[at..].iter().find_map(|event| verifier.push(event).err()).unwrap();
                let seq = expected.seq - 4 + u64::try_from(at).unwrap();
                assert_eq!((broken.class, broken.seq), (expected.class, seq), "{name} at {at}");
                tampered += 1;
            }
            verifier.push(event).unwrap();
        }
        let head = chain[chain.len() - 1].hash;
        verifier.push(&chain[chain.len() - 1]).unwrap();
        assert_eq!(verifier.finish(), Verified { events: length, head, seq: length });
    }
    assert!(tampered >= 10_000, "{tampered}");
}

#[test]
fn a_chain_fits_no_other_tenant_or_incident() {
    for (tenant, id) in [("acme2", incident(1)), (TENANT, incident(2))] {
        let broken = verify(tenant, id, chain_of(incident(1), 3)).unwrap_err();
        assert_eq!((broken.class, broken.seq), (Class::Link, 1));
    }
    assert_ne!(genesis("a", incident(1)), genesis("b", incident(1)));
    let nothing = verify(TENANT, incident(1), []).unwrap();
    assert_eq!((nothing.seq, nothing.head), (0, genesis(TENANT, incident(1))));
}

/// What a chain alone cannot show: a head that somebody else kept does.
#[test]
fn a_rewritten_or_cut_chain_is_caught_by_a_kept_head_only() {
    let chain = chain_of(incident(1), 10);
    let kept = verify(TENANT, incident(1), chain.clone()).unwrap();
    assert_eq!(kept.ends_at(10, &kept.head), Ok(()));
    assert!(kept.ends_at(9, &kept.head).is_err() && kept.ends_at(11, &kept.head).is_err());

    let rewritten = rechained(chain.clone(), 4, |event| {
        event.body = event.body.replace("alice", "mallo");
    });
    let cut = chain[..7].to_vec();
    let mut grown = chain;
    grown.push(body(TENANT, incident(1), 11).after(kept.head).unwrap());
    let mut table = String::new();
    for (name, chain) in [("rewritten", rewritten), ("cut", cut), ("grown", grown)] {
        let verified = verify(TENANT, incident(1), chain).unwrap();
        let broken = verified.ends_at(kept.seq, &kept.head).unwrap_err();
        writeln!(table, "{name:<10} {} {broken}", broken.class.exit_code()).unwrap();
    }
    expect![[r#"
        rewritten  5 event 10 is not the one that was kept as head
        cut        5 event 7 is the last one: later ones are gone
        grown      5 event 11 lies behind the head that was kept
    "#]]
    .assert_eq(&table);
}

/// Pins the bytes: a change here orphans every chain ever written.
#[test]
fn the_bytes_never_change() {
    let mut first = body(TENANT, incident(1), 1);
    first.refs = vec![Ref { uri: "s3://evidence/x".to_owned(), sha256: Digest([0xab; 32]) }];
    first.idem = Some(Idem { key: "k".to_owned(), body: "b".to_owned() });
    let stored = first.after(genesis(TENANT, incident(1))).unwrap();
    expect![[r#"
        f54da38e228f7bc23f9bf93c1114ef88391372010cb40e157c004b7475effc3f
        {"actor":{"id":"alice@example.com","kind":"user"},"at":"2026-11-21T03:12:00.001Z","event_id":"00000000-0000-7000-8000-000000000001","idem":{"body":"b","key":"k"},"incident_id":"01a1fc16-e000-7101-8101-010101010101","payload":{"figure":0.1,"text":"note 1 – ünïcode"},"refs":[{"sha256":"abababababababababababababababababababababababababababababababab","uri":"s3://evidence/x"}],"seq":1,"tenant":"acme","type":"note_added","v":1}
        f0048e0032d3defc50d4e3aed8390ec481c5eea14b17976b5b4de0df64285dfd"#]].assert_eq(&format!("{}\n{}\n{}", stored.prev, stored.body, stored.hash));
    let read: Body = serde_json::from_value(parse_body(&stored.body).unwrap()).unwrap();
    assert_eq!(read, first);
    let line = serde_json::to_string(&stored).unwrap();
    assert_eq!(serde_json::from_str::<Stored>(&line).unwrap(), stored);
}

#[test]
fn a_body_needs_an_object_and_exact_numbers() {
    let mut wrong = body(TENANT, incident(1), 1);
    wrong.payload = json!(["x"]);
    assert!(matches!(wrong.text(), Err(NotCanonical::NotJson { .. })));
    wrong.payload = json!({ "count": u64::MAX });
    assert_eq!(wrong.text(), Err(NotCanonical::Number { path: "/payload/count".to_owned() }));
}

#[test]
fn a_digest_has_one_written_form() {
    let digest = Digest([0x0f; 32]);
    let text = "0f".repeat(32);
    assert_eq!(digest.to_string(), text);
    assert_eq!(text.parse(), Ok(digest));
    assert_eq!(Digest::try_from(&digest.0[..]), Ok(digest));
    assert_eq!(format!("{digest:?}"), format!("Digest({text})"));
    for wrong in [&text[1..], &text.to_uppercase(), &text.replace('f', "g"), ""] {
        assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
    }
    assert!(Digest::try_from(&[0; 31][..]).is_err());
}

proptest! {
    #[test]
    fn any_flipped_bit_is_caught(
        length in 1u64..8, at in any::<prop::sample::Index>(), field in 0u8..7,
        byte in any::<prop::sample::Index>(), bit in 0u8..8,
    ) {
        let mut chain = chain_of(incident(1), length);
        let at = at.index(chain.len());
        let event = &mut chain[at];
        let chained_at = event.seq;
        let flip = |text: &mut String| {
            let mut bytes = text.clone().into_bytes();
            bytes[byte.index(text.len())] ^= 1 << bit;
            // What is no UTF-8 cannot stand in the table: the nearest that can.
            *text = String::from_utf8_lossy(&bytes).into_owned();
        };
        match field {
            0 => flip(&mut event.body),
            1 => flip(&mut event.kind),
            2 => flip(&mut event.at),
            3 => event.prev.0[byte.index(32)] ^= 1 << bit,
            4 => event.hash.0[byte.index(32)] ^= 1 << bit,
            5 => event.seq ^= 1 << bit,
            _ => event.epoch ^= 1 << bit,
        }
        let broken = verify(TENANT, incident(1), chain).unwrap_err();
        prop_assert_eq!(broken.seq, chained_at);
    }

    #[test]
    fn a_good_chain_is_never_accused(texts in prop::collection::vec(any::<String>(), 0..12)) {
        let write = |(text, place): (&String, u32)| {
            let mut body = body(TENANT, incident(1), place.into());
            body.payload = json!({ "text": text, "float": f64::from(place) / 7.0 });
            body
        };
        let bodies: Vec<_> = texts.iter().zip(1..).map(write).collect();
        let verified = verify(TENANT, incident(1), chained(TENANT, incident(1), &bodies)).unwrap();
        prop_assert_eq!(verified.events, u64::try_from(bodies.len()).unwrap());
    }
}
