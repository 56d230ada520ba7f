//! `watchfire timeline`.

use crate::program::{forged, trusted, watchfire, written};
use expect_test::expect;
use serde_json::Value;
use watchfire_domain::chain::{event_hash, genesis};
use watchfire_domain::patch;
use watchfire_seal::bundle::Contents;
use watchfire_seal::forge::{Chance, spoil};

#[test]
fn every_prefix_shows_the_records_as_they_stood() {
    let good = forged(1);
    let folder = written("prefixes", &good.files().unwrap());
    let bodies: Vec<Value> =
        good.events.iter().map(|event| serde_json::from_str(&event.body).unwrap()).collect();
    for at in 0..=good.events.len() {
        let place = at.to_string();
        let words = ["timeline", folder.to_str().unwrap(), "--at", &place, "--json"];
        let answer = watchfire(&words);
        assert_eq!(answer.code, 0);
        let json: Value = serde_json::from_str(&answer.out).unwrap();
        let records = patch::fold(bodies[..at].iter().map(|body| &body["payload"]));
        assert_eq!(json["records"], serde_json::to_value(records).unwrap());
        let events = json["events"].as_array().unwrap();
        assert!(events.iter().map(|event| &event["body"]).eq(&bodies[..at]));
    }
}

#[test]
fn people_see_the_incident_and_then_what_happened() {
    let folder = written("shown", &forged(3).files().unwrap());
    let words = ["timeline", folder.to_str().unwrap(), "--key", &trusted()];
    let answer = watchfire(&words);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    expect![[r#"
        INC-20261130-0328  Latency of the checkout is high
        resolved, high, tenant tenant-2, after event 12

        incident
          created_at               2026-11-30T03:28:02.411Z
          display_id               INC-20261130-0328
          id                       01a22a7e-cb6b-71cf-9607-b8167a72cc7f
          severity                 high
          status                   resolved
          tenants                  ["acme"]
          title                    Latency of the checkout is high
          version                  12

        environment/1
          cluster_id               eu-1
          state                    running
          version                  10

        Timeline
        2026-11-30 03:29:03.418Z      1  incident_created         bob@example.com
                                         incident: created_at = 2026-11-30T03:28:02.411Z, display_id = INC-20261130-0328, severity = high, status = new, tenants = ["acme"], title = Latency of the checkout is high
        2026-11-30 03:30:04.425Z      2  note_added               süleyman@example.com
                                         figure: 0.25
                                         text: 11481903486168252308, 2 ms, “ünïcode\n”
        2026-11-30 03:31:05.432Z      3  task_running             bob@example.com
                                         environment/1: cluster_id = eu-1, state = running
        2026-11-30 03:32:06.439Z      4  note_added               süleyman@example.com
                                         figure: 0.25
                                         text: 2861568371682892958, 4 ms, “ünïcode\n”
        2026-11-30 03:33:07.446Z      5  note_added               süleyman@example.com
                                         figure: 0.25
                                         text: 16290749807850229551, 5 ms, “ünïcode\n”
        2026-11-30 03:34:08.453Z      6  note_added               bob@example.com
                                         figure: 0.25
                                         text: 1434674864829835573, 6 ms, “ünïcode\n”
        2026-11-30 03:35:09.460Z      7  note_added               süleyman@example.com
                                         figure: 0.25
                                         text: 7304617158856820930, 7 ms, “ünïcode\n”
        2026-11-30 03:36:10.467Z      8  note_added               süleyman@example.com
                                         figure: 0.25
                                         text: 1395697316709213812, 8 ms, “ünïcode\n”
        2026-11-30 03:37:11.474Z      9  note_added               süleyman@example.com
                                         figure: 0.25
                                         text: 6888652259840590227, 9 ms, “ünïcode\n”
        2026-11-30 03:38:12.481Z     10  task_running             alice@example.com
                                         environment/1: cluster_id = eu-1, state = running
        2026-11-30 03:39:13.488Z     11  note_added               alice@example.com
                                         figure: 0.25
                                         text: 56454810890673007, 11 ms, “ünïcode\n”
        2026-11-30 03:40:14.495Z     12  status_changed           bob@example.com
                                         incident: status = resolved

        Events from 10 on are not sealed by a checkpoint.
    "#]].assert_eq(&answer.out);
    let late = watchfire(&[&words[..], &["--at", "13"]].concat());
    assert_eq!(late.code, 64);
}

#[test]
fn what_is_not_whole_is_not_shown() {
    let spoilt = spoil(0, &forged(1), &forged(2), &mut Chance::new(1)).unwrap();
    let folder = written("not-shown", &spoilt.files);
    let answer = watchfire(&["timeline", folder.to_str().unwrap()]);
    assert_eq!(answer.code, 2);
    assert!(answer.out.starts_with("NOT WHOLE") && !answer.out.contains("Timeline"));
}

/// A note is a stranger's text: it may not rewrite the screen of whoever reads it.
#[test]
fn nothing_in_a_note_reaches_the_terminal_as_a_command() {
    let mut forged = forged(1);
    forged.contents = Contents::default();
    forged.events.truncate(1);
    let event = &mut forged.events[0];
    let shown = "Latency of the checkout is high";
    event.body = event.body.replace(shown, "a\\u001b[2Jb\\u202ec").replace("new", "n\\re\\tw");
    let body: Value = serde_json::from_str(&event.body).unwrap();
    event.body = watchfire_domain::canon::canonical(&body).unwrap();
    event.hash = event_hash(&genesis(&forged.tenant, forged.incident), event.body.as_bytes());
    let folder = written("hostile", &forged.files().unwrap());
    let answer = watchfire(&["timeline", folder.to_str().unwrap()]);
    assert_eq!(answer.code, 0, "{}", answer.out);
    assert!(answer.out.contains("a\\u{1b}[2Jb\\u{202e}c"), "{}", answer.out);
    assert!(!answer.out.contains(['\u{1b}', '\u{202e}', '\r', '\t']));
}
