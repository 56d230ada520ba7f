//! Notes, keys and checkpoints against published ones.

use crate::{Checkpoint, Ed25519Signer, Leaf, Note, NoteError, Signer as _, VerifierKey};
use base64ct::{Base64, Encoding as _};
use expect_test::expect;
use proptest::prelude::*;
use watchfire_domain::chain::Digest;
use watchfire_domain::{IncidentId, Timestamp};

// The example of C2SP signed-note, which Go's `sumdb/note` tests itself with: Ed25519 has no
// chance in it, so that our signature has to be theirs, byte for byte.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNED: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn peter() -> Ed25519Signer {
    let secret = Base64::decode_vec(SECRET).unwrap();
    Ed25519Signer::new("PeterNeumann", secret[1..].try_into().unwrap()).unwrap()
}

#[test]
fn the_published_note_is_signed_and_read() {
    assert_eq!(peter().key().to_string(), KEY);
    let note = Note::sign(TEXT, &peter()).unwrap();
    assert_eq!(note.to_string(), format!("{TEXT}\n{SIGNED}"));
    let read: Note = note.to_string().parse().unwrap();
    assert_eq!(read, note);
    let key: VerifierKey = KEY.parse().unwrap();
    assert_eq!(read.signed_by(std::slice::from_ref(&key)), Ok(&key));
}

#[test]
fn a_key_has_one_written_form() {
    for from in 0..=KEY.len() {
        for upto in from..=KEY.len() {
            let whole = upto - from == KEY.len();
            assert_eq!(KEY[from..upto].parse::<VerifierKey>().is_ok(), whole, "{from} {upto}");
        }
    }
    for at in 0..KEY.len() {
        let mut bytes = KEY.as_bytes().to_vec();
        bytes[at] += 1;
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.parse::<VerifierKey>().is_err(), "{text}");
    }
    assert!(VerifierKey::new("a b", [0; 32]).is_err() && VerifierKey::new("", [0; 32]).is_err());
}

#[test]
fn other_keys_are_ignored_and_wrong_signatures_are_not() {
    let other = Ed25519Signer::new("witness.example", &[7; 32]).unwrap();
    let mut note = Note::sign(TEXT, &other).unwrap();
    let peters = [peter().key().clone()];
    assert_eq!(note.signed_by(&peters), Err(NoteError::Unknown));
    assert!(note.attach(peter().key(), [0; 64]).is_err());
    note.attach(peter().key(), peter().sign(TEXT.as_bytes()).unwrap()).unwrap();
    assert_eq!(note.signed_by(&peters), Ok(&peters[0]));
    let forged = note.to_string().replace("answer", "reason");
    let forged: Note = forged.parse().unwrap();
    assert_eq!(forged.signed_by(&peters), Err(NoteError::Forged("PeterNeumann".to_owned())));
}

#[test]
fn what_is_no_note_is_refused() {
    let whole = format!("{TEXT}\n{SIGNED}");
    for wrong in [
        String::new(),
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}{SIGNED}"),
        whole.trim_end().to_owned(),
        whole.replace('—', "-"),
        whole.replace(" x08", "  x08"),
        whole.replace(" PeterNeumann ", " Peter+Neumann "),
        whole.replace("AM=", "AN="),
        whole.replace("you think", "you\tthink"),
        format!("{whole}\n"),
        format!("{TEXT}\n— p x08go/Y=\n").replace("x08go/Y=", "x08goA=="),
        format!("{TEXT}\n{}", SIGNED.repeat(101)),
    ] {
        assert!(wrong.parse::<Note>().is_err(), "{wrong}");
    }
    assert!(format!("{TEXT}\n{}", SIGNED.repeat(100)).parse::<Note>().is_ok());
    assert!(format!("a\n\nb\n\n{SIGNED}").parse::<Note>().unwrap().text() == "a\n\nb\n");
}

#[test]
fn a_checkpoint_has_one_written_form() {
    let checkpoint = Checkpoint {
        origin: "example.com/watchfire".to_owned(),
        size: 20_852_163,
        root: Digest([0xab; 32]),
        extensions: vec!["later".to_owned()],
    };
    let text = checkpoint.to_string();
    expect![[r#"
        example.com/watchfire
        20852163
        q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=
        later
    "#]]
    .assert_eq(&text);
    assert_eq!(text.parse(), Ok(checkpoint));
    for wrong in [
        String::new(),
        text.trim_end().to_owned(),
        text.replace("208", "0208"),
        text.replace("208", "+208"),
        text.replace("6s=", "6t="),
        text.replace("q6ur", ""),
        text.replace("later", ""),
        text.replace("example.com/watchfire", ""),
        format!("{text}\n"),
    ] {
        assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong}");
    }
}

/// Pins the bytes: a change here orphans every leaf ever logged.
#[test]
fn the_leafs_bytes_never_change() {
    let incident = IncidentId::at(Timestamp::from_millis(1_795_230_720_000), [1; 10]);
    let leaf = Leaf::new("acme", incident, 8, Digest([0xab; 32]));
    expect![[r#"
        {"head":"abababababababababababababababababababababababababababababababab","incident_id":"01a1fc16-e000-7101-8101-010101010101","seq":8,"tenant":"acme","v":1}
        "#]].assert_eq(&format!("{}\n", leaf.text().unwrap()));
    assert_ne!(leaf.hash(), Leaf::new("acme", incident, 9, Digest([0xab; 32])).hash());
}

/// Text near to a note: pieces of real ones, and whatever else.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n"),
        Just("\n\n"),
        Just("— "),
        Just("PeterNeumann "),
        Just("x08goAAA"),
        Just("="),
        Just("0"),
        Just("7"),
        Just("+c74f20a3+"),
        Just("q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="),
        Just("a.example/b"),
    ]
    .prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![9 => piece, 1 => any::<String>()], 0..12)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_read_has_no_other_form_and_nothing_is_a_panic(text in pieces()) {
        if let Ok(note) = text.parse::<Note>() {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text.clone());
        }
        if let Ok(key) = text.parse::<VerifierKey>() {
            prop_assert_eq!(key.to_string(), text);
        }
    }
}
