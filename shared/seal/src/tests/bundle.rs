//! Bundles, good and bad.

use crate::bundle::{Ask, Class, Failure, MANIFEST, Report, Trust, verify};
use crate::forge::{Chance, Files, Forged, OPERATORS, key, run, spoil, stranger};
use crate::{Ed25519Signer, Note, Signer as _};
use expect_test::expect;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use watchfire_domain::chain::Digest;

fn forged(seed: u64) -> Forged {
    Forged::new(&mut Chance::new(seed), 10, 2).unwrap()
}

fn trusting() -> Ask {
    Ask { trusted: vec![key().unwrap().key().clone()], ..Ask::default() }
}

fn judged(files: &Files, ask: &Ask) -> Result<Report, Failure> {
    verify(files, ask, &mut |_, _| {})
}

/// Edits a file as JSON, and keeps the manifest's digests right.
fn edited(files: &Files, name: &str, edit: impl Fn(&mut Value)) -> Files {
    let mut value = serde_json::from_slice(&files[name]).unwrap();
    edit(&mut value);
    replaced(files, name, serde_json::to_vec(&value).unwrap())
}

fn replaced(files: &Files, name: &str, bytes: Vec<u8>) -> Files {
    let mut files = files.clone();
    if name != MANIFEST {
        let mut manifest: Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
        let sha256 = Digest(Sha256::digest(&bytes).into());
        manifest["files"][name] = json!({ "bytes": bytes.len(), "sha256": sha256 });
        files.insert(MANIFEST.to_owned(), serde_json::to_vec(&manifest).unwrap());
    }
    files.insert(name.to_owned(), bytes);
    files
}

#[test]
fn the_matrix_is_as_the_design_has_it() {
    let (good, other) = (forged(1), forged(2));
    let mut table = String::new();
    for (at, name) in OPERATORS.iter().enumerate() {
        let spoilt = spoil(at, &good, &other, &mut Chance::new(3)).unwrap();
        let said = match judged(&spoilt.files, &trusting()) {
            Ok(report) => format!("0 sealed to {}", report.sealed.unwrap().seq),
            Err(failure) => format!("{} {failure}", failure.class.exit_code()),
        };
        writeln!(table, "{name:<34} {:<40} {said}", spoilt.story).unwrap();
    }
    expect![[r#"
        edit a body                        edited 4                                 2 event 4 is not what was hashed
        edit a body and its hash           edited 4 and its hash                    3 event 5 does not follow the one before it
        edit a body and rechain            edited 4 and rechained                   6 event 5 is not the one that was sealed: history was rewritten between 4 and 5
        insert a forged event and rechain  inserted a forged 4 and rechained        6 event 5 is not the one that was sealed: history was rewritten between 4 and 5
        delete an event                    deleted 4                                4 event 4 is not in its place
        swap two events                    swapped 4 and the next                   4 event 4 is not in its place
        cut the end, head left             cut after 4, head left                   5 event 4 is the last one: later ones are gone
        cut the end below the checkpoint   cut after 7, below 8                     6 event 7 is the last one, but 8 were sealed
        cut the end after the checkpoint   cut after 9, sealed to 8                 0 sealed to 8
        transplant from another incident   took the other whole, under this one's checkpoints 6 leaf 1 of the log is another incident's
    "#]].assert_eq(&table);
}

#[test]
fn six_hundred_tamperings_are_caught_and_three_hundred_good_bundles_are_not_accused() {
    let tally = run(600, 300, 20_261_121).unwrap();
    assert!(tally.sound(), "{tally:#?}");
    assert_eq!((tally.good, tally.false_alarms), (300, 0));
    assert_eq!((tally.tamperings, tally.caught, tally.misclassified), (600, 600, 0));
    assert!(tally.after_the_checkpoint > 60, "the window is shown: {tally:?}");
}

#[test]
fn a_good_bundle_says_how_far_it_is_sealed_and_by_whom() {
    let bundle = forged(1);
    let files = bundle.files().unwrap();
    let report = judged(&files, &trusting()).unwrap();
    assert_eq!((report.events, report.window_from, report.trust), (10, Some(9), Trust::Given));
    let sealed = report.sealed.unwrap();
    assert_eq!((sealed.seq, sealed.head), (8, bundle.events[7].hash));
    assert_eq!(judged(&files, &Ask::default()).unwrap().trust, Trust::Bundle);
}

/// What a checkpoint, its signature, its proofs and the rest can suffer.
#[test]
fn whatever_lies_beside_the_events_is_checked_too() {
    let good = forged(1);
    let files = good.files().unwrap();
    let notes: Vec<&String> =
        files.keys().filter(|name| name.starts_with("checkpoints/")).collect();
    let newest = notes[notes.len() - 1];
    let text = String::from_utf8(files[newest].clone()).unwrap();
    let note: Note = text.parse().unwrap();
    let resigned = Note::sign(note.text(), &stranger().unwrap()).unwrap().to_string();
    let other = forged(2).files().unwrap();
    let without = |start: &str| {
        edited(&files, MANIFEST, |manifest| {
            manifest["files"].as_object_mut().unwrap().retain(|name, _| !name.starts_with(start));
        })
    };
    let all: &[(&str, Files)] = &[
        ("nothing", files.clone()),
        ("another size", replaced(&files, newest, text.replacen('\n', "\n1", 1).into_bytes())),
        ("another's signature", replaced(&files, newest, resigned.into_bytes())),
        ("another log's checkpoint", {
            let size = other.keys().find(|name| name.starts_with("checkpoints/")).unwrap();
            replaced(&files, newest, other[size].clone())
        }),
        ("no note", replaced(&files, newest, b"no note".to_vec())),
        ("no checkpoints", without("checkpoints/")),
        ("one checkpoint fewer", without(notes[0])),
        (
            "an inclusion proof",
            edited(&files, "proofs.json", |proofs| {
                proofs["leaves"][0]["inclusion"][0] = json!(Digest([0; 32]));
            }),
        ),
        (
            "a consistency proof",
            edited(&files, "proofs.json", |proofs| {
                proofs["consistency"][0]["proof"] = json!([Digest([0; 32])]);
            }),
        ),
        (
            "a leaf's place",
            edited(&files, "proofs.json", |proofs| {
                proofs["leaves"][0]["index"] = json!(0);
            }),
        ),
        (
            "a leaf's event",
            edited(&files, "proofs.json", |proofs| {
                proofs["leaves"][0]["leaf"]["seq"] = json!(1);
            }),
        ),
        ("no leaves", edited(&files, "proofs.json", |proofs| proofs["leaves"] = json!([]))),
        ("a key twice", replaced(&files, "proofs.json", b"{\"a\":1,\"a\":1}".to_vec())),
        ("a key", replaced(&files, "keys/001.pub", b"nobody".to_vec())),
        ("an approval", replaced(&files, "approvals.json", b"{\"approval/7\":{}}".to_vec())),
        ("a blank in the approvals", {
            let mut files = files.clone();
            files.get_mut("approvals.json").unwrap().push(b' ');
            files
        }),
        ("the count", edited(&files, MANIFEST, |manifest| manifest["events"] = json!(11))),
        ("the tenant", edited(&files, MANIFEST, |manifest| manifest["tenant"] = json!("mallory"))),
        ("the format", edited(&files, MANIFEST, |manifest| manifest["format"] = json!("x/2"))),
        (
            "a way out",
            edited(&files, MANIFEST, |manifest| {
                manifest["files"]["keys/../../secret.pub"] =
                    manifest["files"]["keys/001.pub"].clone();
            }),
        ),
        ("half an event", {
            let lines = &files["events.ndjson"];
            replaced(&files, "events.ndjson", lines[..lines.len() - 9].to_vec())
        }),
    ];
    let mut table = String::new();
    for (name, files) in all {
        let said = match judged(files, &trusting()) {
            Ok(_) => "0".to_owned(),
            Err(failure) => format!("{} {failure}", failure.class.exit_code()),
        };
        writeln!(table, "{name:<26} {said}").unwrap();
    }
    expect![[r#"
        nothing                    0
        another size               7 `checkpoints/00000000000000000026.note`: the signature by `log.example/watchfire` is not of this text
        another's signature        7 `checkpoints/00000000000000000026.note`: no key that is known signed it
        another log's checkpoint   6 `checkpoints/00000000000000000026.note` does not continue the checkpoint before it
        no note                    8 `checkpoints/00000000000000000026.note`: not a signed note: nothing divides text and signatures
        no checkpoints             6 there is no checkpoint that a key could vouch for
        one checkpoint fewer       6 `checkpoints/00000000000000000021.note` does not continue the checkpoint before it
        an inclusion proof         6 the checkpoint does not have leaf 1
        a consistency proof        6 `checkpoints/00000000000000000010.note` does not continue the checkpoint before it
        a leaf's place             6 the checkpoint does not have leaf 0
        a leaf's event             6 the checkpoint does not have leaf 1
        no leaves                  6 there are checkpoints, and no leaf of this incident
        a key twice                8 `proofs.json` cannot be read: the key `/a` appears twice
        a key                      8 `keys/001.pub`: not a verifier key: it is not `name+id+key`
        an approval                2 `approvals.json` tells `approval/7` otherwise than the events do
        a blank in the approvals   8 `approvals.json` is not the file that the manifest lists
        the count                  5 event 10 is the last one: later ones are gone
        the tenant                 3 event 1 does not follow the one before it
        the format                 8 `manifest.json` is of the format `x/2`, which this program does not know
        a way out                  8 `manifest.json` lists `keys/../../secret.pub`, which no bundle has
        half an event              8 line 10 is a line without an end
    "#]].assert_eq(&table);
}

/// Somebody who rewrites everything and seals it anew is caught by the key, and by nothing else.
#[test]
fn a_bundles_own_key_proves_nothing() {
    let mut forged = forged(1);
    forged.contents = forged.seal(&mut Chance::new(9), &stranger().unwrap()).unwrap();
    let files = forged.files().unwrap();
    let failure = judged(&files, &trusting()).unwrap_err();
    assert_eq!((failure.class, failure.seq), (Class::Signature, None));
    assert_eq!(judged(&files, &Ask::default()).unwrap().trust, Trust::Bundle);
}

#[test]
fn a_receipt_narrows_the_window() {
    let good = forged(1);
    let kept = [(10, good.events[9].hash)].into();
    let ask = Ask { receipts: kept, ..trusting() };
    assert_eq!(judged(&good.files().unwrap(), &ask).unwrap().receipts, 1);
    // Cut after the checkpoint, and rewritten after it: both are seen now.
    for operator in [2, 8] {
        for seed in 0..40 {
            let spoilt = spoil(operator, &good, &forged(2), &mut Chance::new(seed)).unwrap();
            assert!(judged(&spoilt.files, &ask).is_err(), "{}", spoilt.story);
        }
    }
}

#[test]
fn a_bundle_without_a_checkpoint_says_that_nothing_is_sealed() {
    let mut bare = forged(1);
    bare.contents = crate::bundle::Contents::default();
    let files = bare.files().unwrap();
    let report = judged(&files, &Ask::default()).unwrap();
    assert_eq!((report.sealed, report.trust, report.window_from), (None, Trust::Nobody, Some(1)));
    assert_eq!(judged(&files, &trusting()).unwrap_err().class, Class::Checkpoint);
}

#[test]
fn any_flipped_bit_of_any_file_is_caught() {
    let files = forged(1).files().unwrap();
    let mut chance = Chance::new(5);
    for name in files.keys() {
        for _ in 0..60 {
            let mut files = files.clone();
            let bytes = files.get_mut(name).unwrap();
            let at = chance.within(0, bytes.len() as u64 - 1);
            bytes[usize::try_from(at).unwrap()] ^= 1 << chance.within(0, 7);
            // A blank more or less in the manifest is none the less the same manifest.
            let same = name == MANIFEST
                && serde_json::from_slice::<Value>(&files[name]).ok()
                    == serde_json::from_slice(&forged(1).files().unwrap()[name]).ok();
            assert!(same || judged(&files, &trusting()).is_err(), "{name} at {at}");
        }
    }
}

/// A note over another's text, with the log's name replaced.
fn resigned(note: &Note, signer: &Ed25519Signer, was: &str, origin: &str) -> Note {
    Note::sign(&note.text().replace(was, origin), signer).unwrap()
}

/// Everything in these is signed and proven; only together it is wrong.
#[test]
fn checkpoints_are_one_log_in_its_order_under_its_own_key() {
    let (good, ours) = (forged(1), key().unwrap());
    let other = Ed25519Signer::new("other.example/log", &[7; 32]).unwrap();
    let both = Ask { trusted: vec![ours.key().clone(), other.key().clone()], ..Ask::default() };
    let files = good.files().unwrap();
    let with = |edit: &dyn Fn(&mut crate::bundle::Contents)| {
        let mut bad = good.clone();
        edit(&mut bad.contents);
        bad.files().unwrap()
    };
    let (log, theirs) = (ours.key().name(), other.key().name());
    let all = [
        ("nothing", files.clone()),
        (
            "every checkpoint of another log, by our key",
            with(&|contents| {
                for (_, note) in &mut contents.checkpoints {
                    *note = resigned(note, &ours, log, theirs);
                }
            }),
        ),
        (
            "the first of another log, by its key",
            with(&|contents| {
                let (_, note) = &mut contents.checkpoints[0];
                *note = resigned(note, &other, log, theirs);
            }),
        ),
        (
            "the newest twice",
            with(&|contents| {
                let (size, note) = contents.checkpoints[contents.checkpoints.len() - 1].clone();
                contents.checkpoints.push((size + 1, note));
                let proof = crate::bundle::Grown { from: size, to: size, proof: vec![] };
                contents.proofs.consistency.push(proof);
            }),
        ),
        ("a proof of other sizes", with(&|contents| contents.proofs.consistency[0].from += 1)),
        (
            "a proof of nothing",
            with(&|contents| {
                let again = contents.proofs.consistency[0].clone();
                contents.proofs.consistency.push(again);
            }),
        ),
        ("leaves in another order", with(&|contents| contents.proofs.leaves.swap(0, 1))),
        (
            "a leaf twice",
            with(&|contents| {
                let again = contents.proofs.leaves[0].clone();
                contents.proofs.leaves.insert(0, again);
            }),
        ),
    ];
    let mut table = String::new();
    for (name, files) in all {
        let said = match judged(&files, &both) {
            Ok(_) => "0".to_owned(),
            Err(failure) => format!("{} {failure}", failure.class.exit_code()),
        };
        writeln!(table, "{name:<44} {said}").unwrap();
    }
    expect![[r#"
        nothing                                      0
        every checkpoint of another log, by our key  7 `checkpoints/00000000000000000004.note`: the key `log.example/watchfire` is not that of the log `other.example/log`
        the first of another log, by its key         6 `checkpoints/00000000000000000010.note` is of another log
        the newest twice                             6 `checkpoints/00000000000000000027.note` does not continue the checkpoint before it
        a proof of other sizes                       6 `checkpoints/00000000000000000010.note` does not continue the checkpoint before it
        a proof of nothing                           6 a proof is of checkpoints that are not there
        leaves in another order                      6 leaf 1 of the log is out of its place
        a leaf twice                                 6 leaf 1 of the log is out of its place
    "#]].assert_eq(&table);
}
