use super::*;
use crate::alarm::AlarmState;
use crate::{HOUR, SECOND};

const KEY: [u8; 32] = [7; 32];

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T03:12:00Z").unwrap()
}

fn made(kind: IntegrationKind) -> Integration {
    let new = NewIntegration { name: " metrics ".to_owned(), kind, plan: None };
    new.made(IntegrationId::of([5; 10]), "k1", "ann", now())
}

fn notice(said: Said) -> Notice {
    Notice {
        key: "disk".to_owned(),
        said,
        name: "the disk is full".to_owned(),
        at: now(),
        identity: None,
        reason: "97 %".to_owned(),
        description: String::new(),
        labels: [("region".to_owned(), "eu-central-1".to_owned())].into(),
    }
}

#[test]
fn letters_are_those_of_rfc_4648() {
    for (bytes, text) in [
        (b"".as_slice(), ""),
        (b"f", "my"),
        (b"fo", "mzxq"),
        (b"foo", "mzxw6"),
        (b"foob", "mzxw6yq"),
        (b"fooba", "mzxw6ytb"),
        (b"foobar", "mzxw6ytboi"),
    ] {
        assert_eq!(secret::letters(bytes), text);
    }
}

#[test]
fn an_id_has_one_written_form() {
    let id = IntegrationId::of([0xA5; 10]);
    assert_eq!(id.to_string().parse(), Ok(id.clone()));
    let upper = id.to_string().to_uppercase();
    for text in ["", "int_", "int_aaaaaaaaaaaaaaa1", "int_aaaaaaaaaaaaaaaaa", "aaaa", &upper] {
        assert!(text.parse::<IntegrationId>().is_err(), "{text}");
    }
}

#[test]
fn a_routing_key_is_32_letters_that_begin_with_the_id() {
    let one = made(IntegrationKind::Pagerduty);
    let key = secret(&KEY, &one.id, one.kind, &one.generation);
    assert_eq!(key.len(), 32);
    assert_eq!(IntegrationId::of_routing_key(&key), Some(one.id));
    for other in ["", "é", &key[1..], &format!("{key}a"), &key.to_uppercase()] {
        assert_eq!(IntegrationId::of_routing_key(other), None, "{other}");
    }
}

#[test]
fn whatever_differs_gives_another_secret() {
    let one = made(IntegrationKind::Generic);
    let of = |key: &[u8; 32], one: &Integration| secret(key, &one.id, one.kind, &one.generation);
    let rotated = one.rotated("k1", now());
    let other = Integration { id: IntegrationId::of([6; 10]), ..one.clone() };
    let kind = Integration { kind: IntegrationKind::Grafana, ..one.clone() };
    let mut all = vec![of(&KEY, &one), of(&[8; 32], &one)];
    all.extend([&rotated, &other, &kind].map(|one| of(&KEY, one)));
    assert!(all.iter().all(|text| text.len() == 56 && text.starts_with("whs_")), "{all:?}");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 5);
}

#[test]
fn a_proof_holds_for_its_secret_alone_and_is_shown_to_nobody() {
    let hides = |proof: Proof| {
        assert!(!format!("{proof:?}").contains("whs"));
        proof
    };
    let proof = hides(Proof::Secret("whs_a".to_owned()));
    assert!(proof.holds("whs_a"));
    for other in ["", "whs_", "whs_ab", "whs_b"] {
        assert!(!proof.holds(other), "{other}");
    }
    assert!(!Proof::Secret(String::new()).holds("whs_a"));
    let message = b"1.{}".to_vec();
    let mac = crate::link::mac(b"whs_a", &message);
    let signed = |message: &[u8], mac: &[u8]| {
        hides(Proof::Mac { message: message.to_vec(), mac: mac.to_vec() }).holds("whs_a")
    };
    assert!(signed(&message, &mac));
    assert!(!signed(b"2.{}", &mac) && !signed(&message, &mac[..31]) && !signed(&message, b""));
}

#[test]
fn the_former_secret_is_taken_for_a_day_and_only_the_last_one() {
    let one = made(IntegrationKind::Generic);
    let numbers = |one: &Integration, at: Timestamp| -> Vec<u32> {
        one.taken_at(at).map(|generation| generation.number).collect()
    };
    assert_eq!((one.name.as_str(), numbers(&one, now())), ("metrics", vec![1]));
    let two = one.rotated("k2", now());
    assert_eq!(numbers(&two, now().plus(OVERLAP - 1)), [2, 1]);
    assert_eq!(numbers(&two, now().plus(OVERLAP)), [2]);
    let three = two.rotated("k2", now().plus(HOUR));
    assert_eq!(numbers(&three, now().plus(HOUR)), [3, 2]);
    assert_eq!((three.version, three.generation.kid.as_str()), (3, "k2"));
    let stored = serde_json::to_string(&three).unwrap();
    assert_eq!(serde_json::from_str::<Integration>(&stored).unwrap(), three);
}

#[test]
fn what_is_wrong_with_a_new_one_is_told_at_once() {
    let new = |name: &str, plan: Option<&str>| NewIntegration {
        name: name.to_owned(),
        kind: IntegrationKind::Generic,
        plan: plan.map(str::to_owned),
    };
    let fields = |new: NewIntegration| -> Vec<String> {
        new.check().into_iter().map(|problem| problem.field).collect()
    };
    assert!(fields(new("a", Some("storage"))).is_empty());
    assert_eq!(fields(new(" ", Some("Storage#"))), ["name", "plan"]);
    assert_eq!(fields(new(&"x".repeat(65), None)), ["name"]);
    assert_eq!(fields(new("a\nb", None)), ["name"]);
}

#[test]
fn a_notice_is_an_alarm_of_its_integration() {
    let of = made(IntegrationKind::Grafana);
    let alarm = |said| notice(said).heard(&of).alarm;
    let fires = alarm(Said::Firing);
    assert_eq!(fires.arn, format!("hook:grafana:{}:disk", of.id));
    assert_eq!((fires.source, fires.state), (Source::Grafana, AlarmState::Alarm));
    assert_eq!((fires.account.as_str(), fires.region.as_str()), (of.id.as_str(), "eu-central-1"));
    assert_eq!(alarm(Said::Resolved).state, AlarmState::Ok);
    // All three are of one alarm, and each is a transition of its own.
    let all = [Said::Firing, Said::Resolved, Said::Acknowledged].map(alarm);
    assert!(all.iter().all(|one| one.key(None) == fires.key(None)));
    let mut ids = all.map(|one| one.event_id()).to_vec();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[test]
fn what_tells_a_notice_apart_is_what_the_sender_said_and_else_the_time() {
    let of = made(IntegrationKind::Pagerduty);
    let id = |identity: Option<&str>, seconds: i64| {
        let at = now().plus(seconds * SECOND);
        let identity = identity.map(str::to_owned);
        Notice { at, identity, ..notice(Said::Firing) }.heard(&of).alarm.event_id()
    };
    assert_eq!(id(Some("a"), 0), id(Some("a"), 9));
    assert_ne!(id(Some("a"), 0), id(Some("b"), 0));
    assert_ne!(id(None, 0), id(None, 9));
    assert_eq!(id(None, 0), id(None, 0));
}
