//! The catalogue: a head changes only from what was read, and a version is put once.

use super::{mark, repo};
use serde_json::json;
use watchfire_domain::Timestamp;
use watchfire_fakes::World as Fakes;
use watchfire_runbook::Spec;
use watchfire_runbook::catalog::{Publisher, Runbook, Version};
use watchfire_store::Refused;

const NOW: Timestamp = Timestamp::from_millis(1_795_230_720_000);

fn spec(title: &str) -> Spec {
    serde_json::from_value(json!({
        "name": "high-latency", "title": title, "description": "Of storage.", "author": "storage",
        "steps": [{ "id": "look", "title": "Look", "do": { "manual": { "instructions": "Look." } } }],
    }))
    .unwrap()
}

fn begun() -> Runbook {
    Runbook::begun("id-1".to_owned(), spec("One"), "ana", NOW).unwrap()
}

fn drafted(runbook: &Runbook, title: &str) -> Runbook {
    runbook.drafted(spec(title), "bob", NOW).unwrap().unwrap()
}

fn published(runbook: &Runbook) -> (Runbook, Version) {
    let [id, role, policy_hash] = ["kim", "commander", "0f1e"].map(str::to_owned);
    let kim = Publisher { id, role, policy_hash };
    runbook.published(&kim, NOW, |_| "s3://b/1".to_owned()).unwrap()
}

#[tokio::test]
async fn a_runbook_is_begun_once() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    repo.put_runbook(None, Some(&begun()), None, None).await.unwrap();
    let other = Runbook { id: "id-2".to_owned(), ..begun() };
    let again = repo.put_runbook(None, Some(&other), None, None).await;
    assert!(matches!(again, Err(Refused::Changed)), "{again:?}");
    assert_eq!(repo.runbook("high-latency").await.unwrap(), Some(begun()));
    assert_eq!(repo.runbooks().await.unwrap(), [begun()]);
    let others = super::repo(&fakes, "globex");
    assert_eq!(others.runbook("high-latency").await.unwrap(), None);
}

#[tokio::test]
async fn of_two_who_read_the_same_draft_one_writes() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let first = begun();
    repo.put_runbook(None, Some(&first), None, None).await.unwrap();
    let (two, three) = (drafted(&first, "Two"), drafted(&first, "Three"));
    repo.put_runbook(Some(&first), Some(&two), None, None).await.unwrap();
    for after in [Some(&three), None] {
        let late = repo.put_runbook(Some(&first), after, None, None).await;
        assert!(matches!(late, Err(Refused::Changed)), "{late:?}");
    }
    assert_eq!(repo.runbook("high-latency").await.unwrap(), Some(two.clone()));
    repo.put_runbook(Some(&two), None, None, None).await.unwrap();
    assert_eq!(repo.runbook("high-latency").await.unwrap(), None);
}

#[tokio::test]
async fn a_version_is_put_once_and_stays() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let first = begun();
    repo.put_runbook(None, Some(&first), None, None).await.unwrap();
    let (after, version) = published(&first);
    repo.put_runbook(Some(&first), Some(&after), Some(&version), None).await.unwrap();
    // A head that somebody put back would publish the same number again.
    let again = drafted(&after, "Two");
    repo.put_runbook(Some(&after), Some(&again), None, None).await.unwrap();
    let (next, mut other) = published(&again);
    other.version = 1;
    repo.put_runbook(Some(&again), Some(&next), Some(&other), None).await.unwrap_err();
    let kept = repo.runbook_version("high-latency", 1).await.unwrap();
    assert_eq!(kept, Some(version));
    assert_eq!(repo.runbook("high-latency").await.unwrap(), Some(again));
}

#[tokio::test]
async fn a_key_is_used_once_for_a_runbook_too() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let key = || Some(mark("key", "made"));
    repo.put_runbook(None, Some(&begun()), None, key()).await.unwrap();
    let again = repo.put_runbook(None, Some(&begun()), None, key()).await;
    assert!(matches!(again, Err(Refused::Repeat(_))), "{again:?}");
}
