//! `watchfire verify`.

use crate::program::{forged, trusted, watchfire, written};
use expect_test::expect;
use serde_json::Value;
use std::fmt::Write as _;
use watchfire_seal::forge::{Chance, OPERATORS, spoil, stranger};

#[test]
fn a_good_bundle_is_told_to_people() {
    let folder = written("people", &forged(1).files().unwrap());
    let folder = folder.to_str().unwrap();
    let answer = watchfire(&["verify", folder, "--key", &trusted()]);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    expect![[r#"
        whole: 12 events of incident 01a225f7-95ee-7e0b-b980-a575a89661fe, tenant tenant-2
        head:    27c9f0fad51bf2b70e92fadfb29ed8a672229d151c2700c995dadd947790e895
        sealed:  events 1 to 9, by leaf 31 of the log log.example/watchfire at 47 leaves
                 (5 checkpoints, each continuing the one before)
        window:  events 10 to 12 and after; not sealed yet: a rewriting or cutting here would not show
        signed:  by log.example/watchfire+406338a9+ARl/ayPhbIUyxqvIOPrNXqeJvgx2spIDNAOb+os9No1h, which you gave
    "#]].assert_eq(&answer.out);
    let answer = watchfire(&["verify", folder]);
    assert_eq!(answer.code, 0);
    expect![[r#"
        whole: 12 events of incident 01a225f7-95ee-7e0b-b980-a575a89661fe, tenant tenant-2
        head:    27c9f0fad51bf2b70e92fadfb29ed8a672229d151c2700c995dadd947790e895
        sealed:  events 1 to 9, by leaf 31 of the log log.example/watchfire at 47 leaves
                 (5 checkpoints, each continuing the one before)
        window:  events 10 to 12 and after; not sealed yet: a rewriting or cutting here would not show
        signed:  by log.example/watchfire+406338a9+ARl/ayPhbIUyxqvIOPrNXqeJvgx2spIDNAOb+os9No1h
        WARNING: that key lies in the bundle itself. It proves nothing about who wrote the bundle:
                 get the log's key from somebody else, and give it with --key
    "#]].assert_eq(&answer.out);
}

#[test]
fn every_tampering_has_its_exit_code_and_its_first_bad_event() {
    let (good, other) = (forged(1), forged(2));
    let mut table = String::new();
    for (at, name) in OPERATORS.iter().enumerate() {
        let spoilt = spoil(at, &good, &other, &mut Chance::new(7)).unwrap();
        let folder = written(&format!("tampered-{at}"), &spoilt.files);
        let words = ["verify", folder.to_str().unwrap(), "--key", &trusted()];
        let people = watchfire(&words);
        let machines = watchfire(&[&words[..], &["--json"]].concat());
        assert_eq!(people.code, machines.code);
        let json: Value = serde_json::from_str(&machines.out).unwrap();
        assert_eq!(json["exit_code"], people.code);
        let said = people.out.lines().next().unwrap();
        writeln!(table, "{name}\n  {} {} {said}", people.code, json["failure"]["seq"]).unwrap();
    }
    expect![[r#"
        edit a body
          2 4 NOT WHOLE (body): event 4 is not what was hashed
        edit a body and its hash
          3 2 NOT WHOLE (link): event 2 does not follow the one before it
        edit a body and rechain
          6 4 NOT WHOLE (checkpoint): event 4 is not the one that was sealed: history was rewritten between 1 and 4
        insert a forged event and rechain
          6 4 NOT WHOLE (checkpoint): event 4 is not the one that was sealed: history was rewritten between 1 and 4
        delete an event
          4 1 NOT WHOLE (gap or order): event 1 is not in its place
        swap two events
          4 1 NOT WHOLE (gap or order): event 1 is not in its place
        cut the end, head left
          5 1 NOT WHOLE (head): event 1 is the last one: later ones are gone
        cut the end below the checkpoint
          6 3 NOT WHOLE (checkpoint): event 3 is the last one, but 4 were sealed
        cut the end after the checkpoint
          0 null whole: 9 events of incident 01a225f7-95ee-7e0b-b980-a575a89661fe, tenant tenant-2
        transplant from another incident
          6 4 NOT WHOLE (checkpoint): leaf 7 of the log is another incident's
    "#]].assert_eq(&table);
}

#[test]
fn a_key_of_ones_own_convinces_nobody_who_has_the_logs() {
    let mut forged = forged(1);
    forged.contents = forged.seal(&mut Chance::new(9), &stranger().unwrap()).unwrap();
    let folder = written("resealed", &forged.files().unwrap());
    let answer = watchfire(&["verify", folder.to_str().unwrap(), "--key", &trusted()]);
    assert_eq!(answer.code, 7, "{}", answer.out);
    let answer = watchfire(&["verify", folder.to_str().unwrap()]);
    assert!(answer.code == 0 && answer.out.contains("WARNING"), "{}", answer.out);
}

#[test]
fn a_receipt_is_compared() {
    let good = forged(1);
    let folder = written("receipt", &good.files().unwrap());
    let receipt = |seq: u64| format!("{seq}:{}", good.events[11].hash);
    let words = ["verify", folder.to_str().unwrap(), "--key", &trusted(), "--receipt"];
    let answer = watchfire(&[&words[..], &[&receipt(12)]].concat());
    assert!(answer.code == 0 && answer.out.contains("receipts: 1"), "{}", answer.out);
    let answer = watchfire(&[&words[..], &[&receipt(11)]].concat());
    expect![[r#"
        5 NOT WHOLE (head): event 11 is not the one that its receipt tells
        first bad event: 11
    "#]]
    .assert_eq(&format!("{} {}", answer.code, answer.out));
}

#[test]
fn a_bundle_that_cannot_be_read_is_malformed_and_wrong_words_are_usage() {
    assert_eq!(watchfire(&["verify", "no such folder"]).code, 8);
    let mut table = String::new();
    for words in [
        &["verify"][..],
        &["verify", "a", "b"],
        &["verify", "a", "--at", "1"],
        &["verify", "a", "--key", "nobody"],
        &["verify", "a", "--receipt", "1"],
        &["timeline", "a", "--at", "first"],
        &["timeline", "a", "--loud"],
        &["open"],
    ] {
        let answer = watchfire(words);
        assert_eq!((answer.code, answer.out.as_str()), (64, ""), "{words:?}");
        writeln!(table, "{:<28} {}", words.join(" "), answer.err.lines().next().unwrap()).unwrap();
    }
    expect![[r#"
        verify                       watchfire: which bundle?
        verify a b                   watchfire: `b` is one word too many
        verify a --at 1              watchfire: `--at` is for `watchfire timeline`
        verify a --key nobody        watchfire: cannot parse argument "nobody": not a verifier key: it is not `name+id+key`
        verify a --receipt 1         watchfire: cannot parse argument "1": `1` is not `<seq>:<hash>`
        timeline a --at first        watchfire: cannot parse argument "first": invalid digit found in string
        timeline a --loud            watchfire: invalid option '--loud'
        open                         watchfire: there is no `watchfire open`
    "#]].assert_eq(&table);
    let help = watchfire(&["--help"]);
    assert_eq!((help.code, help.out.as_str()), (0, watchfire(&[]).out.as_str()));
    assert!(help.out.lines().all(|line| line.len() <= 110), "a terminal is not that wide");
}

/// The page that documents the format names every field that machines get.
#[test]
fn machines_get_the_fields_that_the_page_names() {
    let folder = written("machines", &forged(1).files().unwrap());
    let answer = watchfire(&["verify", folder.to_str().unwrap(), "--key", &trusted(), "--json"]);
    let json: Value = serde_json::from_str(&answer.out).unwrap();
    let page = include_str!("../../../docs/bundle.md");
    let fields = json.as_object().unwrap().keys().chain(json["report"].as_object().unwrap().keys());
    for field in fields {
        assert!(page.contains(&format!("`{field}`")), "{field}");
    }
    assert_eq!(json["report"]["trust"], "given");
    assert_eq!(json["report"]["sealed"]["seq"], 9);
}
