//! A catalogue's records, from the first draft on.

use super::{Approval, Publisher, Refusal, Runbook};
use crate::spec::Spec;
use serde_json::json;
use watchfire_domain::{DAY, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_230_720_000);

fn spec(title: &str) -> Spec {
    let step = json!({
        "id": "look", "title": "Look at it", "risk": "low", "timeout": "5m",
        "do": { "manual": { "instructions": "Look at it.", "changes": false } },
    });
    serde_json::from_value(json!({
        "name": "high-latency", "title": title, "description": "Of storage.", "author": "storage",
        "risk": "low", "review_days": 30, "steps": [step],
    }))
    .unwrap()
}

fn begun() -> Runbook {
    Runbook::begun("id-1".to_owned(), spec("One"), "ana", NOW).unwrap()
}

fn kim() -> Publisher {
    let [id, role, policy_hash] = ["kim", "commander", "0f1e"].map(str::to_owned);
    Publisher { id, role, policy_hash }
}

fn published(runbook: &Runbook) -> Runbook {
    let place = |version: &super::Version| format!("s3://b/{}", version.version);
    runbook.published(&kim(), NOW, place).unwrap().0
}

#[test]
fn a_draft_is_written_anew_and_remembers_who_wrote() {
    let first = begun();
    assert_eq!(first.drafted(spec("One"), "bob", NOW), Ok(None), "the same, to the letter");
    let second = first.drafted(spec("Two"), "bob", NOW.plus(1)).unwrap().unwrap();
    let draft = second.draft.clone().unwrap();
    assert_eq!((draft.author.as_str(), draft.editors.len(), second.version), ("ana", 2, 2));
    let renamed = Spec { name: "other".to_owned(), ..spec("Two") };
    let refused = second.drafted(renamed, "bob", NOW);
    assert_eq!(refused, Err(Refusal::Renamed { name: "high-latency".to_owned() }));
}

#[test]
fn no_more_people_write_a_draft_than_can_be_kept_from_approving_it() {
    let mut runbook = begun();
    for number in 1..super::MOST_EDITORS {
        let spec = spec(&format!("Title {number}"));
        runbook = runbook.drafted(spec, &format!("p{number}"), NOW).unwrap().unwrap();
    }
    assert_eq!(runbook.draft.as_ref().unwrap().editors.len(), 50);
    let refused = runbook.drafted(spec("One more"), "late", NOW);
    assert_eq!(refused, Err(Refusal::Crowded { most: 50 }));
    // Whoever wrote it goes on.
    let again = runbook.drafted(spec("Once more"), "p7", NOW).unwrap().unwrap();
    assert_eq!(again.draft.unwrap().editors.len(), 50);
}

#[test]
fn versions_count_up_and_never_change() {
    let first = published(&begun());
    let newest = first.published.clone().unwrap();
    assert_eq!((newest.version, newest.provenance.as_str()), (1, "s3://b/1"));
    assert_eq!(first.draft, None);
    assert_eq!(first.published(&kim(), NOW, |_| String::new()), Err(Refusal::NoDraft));
    let same = first.drafted(spec("One"), "ana", NOW).unwrap().unwrap();
    let refused = same.published(&kim(), NOW, |_| String::new());
    assert_eq!(refused, Err(Refusal::Same { version: 1 }));
    let second = published(&same.drafted(spec("Two"), "ana", NOW).unwrap().unwrap());
    assert_eq!(second.published.unwrap().version, 2);
}

#[test]
fn who_publishes_agreed_to_this_spec_by_these_rules() {
    let place = |_: &super::Version| String::new();
    let begun = begun();
    let (runbook, version) = begun.published(&kim(), NOW, place).unwrap();
    let agreed = Approval {
        by: "kim".to_owned(),
        role: "commander".to_owned(),
        at: NOW,
        spec_hash: begun.draft.unwrap().spec_hash,
        policy_hash: "0f1e".to_owned(),
    };
    assert_eq!(version.approvals, std::slice::from_ref(&agreed));
    assert_eq!(runbook.published.unwrap().approvals, [agreed]);
}

#[test]
fn what_was_published_before_approvals_were_kept_can_be_read() {
    let place = |_: &super::Version| String::new();
    let (runbook, version) = begun().published(&kim(), NOW, place).unwrap();
    let (mut old, mut old_version) = (json!(runbook), json!(version));
    old["published"].as_object_mut().unwrap().remove("approvals").unwrap();
    for field in ["approvals", "lineage"] {
        old_version.as_object_mut().unwrap().remove(field).unwrap();
    }
    let read: Runbook = serde_json::from_value(old.clone()).unwrap();
    assert_eq!(read.published.as_ref().unwrap().approvals, []);
    // And is written again as it was: nobody's agreement is made up.
    assert_eq!(json!(read), old);
    let read: super::Version = serde_json::from_value(old_version.clone()).unwrap();
    assert_eq!(json!(read), old_version);
}

#[test]
fn a_draft_that_goes_leaves_what_is_published() {
    assert_eq!(begun().undrafted(), Ok(None), "nothing is left of it");
    let with_draft = published(&begun()).drafted(spec("Two"), "ana", NOW).unwrap().unwrap();
    let without = with_draft.undrafted().unwrap().unwrap();
    assert_eq!((without.draft.clone(), without.published.clone().unwrap().version), (None, 1));
    assert_eq!(without.undrafted(), Err(Refusal::NoDraft));
}

#[test]
fn it_is_read_again_in_time_or_is_overdue() {
    let place = |_: &super::Version| String::new();
    let (runbook, version) = begun().published(&kim(), NOW, place).unwrap();
    assert!(!runbook.is_overdue(NOW.plus(30 * DAY - 1)));
    let late = NOW.plus(30 * DAY);
    assert!(runbook.is_overdue(late));
    let read = runbook.reviewed(&version, "lee", late).unwrap();
    assert!(!read.is_overdue(late) && read.is_overdue(late.plus(30 * DAY)));
    assert_eq!(read.published.unwrap().reviewed.unwrap().by, "lee");
    // Of another version it says nothing.
    let drafted = runbook.drafted(spec("Two"), "ana", late).unwrap().unwrap();
    let newest = drafted.published(&kim(), late, place).unwrap().0;
    let refused = newest.reviewed(&version, "lee", late);
    assert_eq!(refused, Err(Refusal::Newer { read: 1, newest: 2 }));
    assert_eq!(begun().reviewed(&version, "lee", late), Err(Refusal::NotPublished));
    assert!(!begun().is_overdue(late.plus(900 * DAY)), "a draft has nothing to be read again");
}
