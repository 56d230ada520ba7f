//! The catalogue, from the first draft to a version that never changes.

use super::api::{Api, Who, alice, who, with};
use super::fixture::runbook;
use serde_json::{Value, json};
use watchfire_domain::alarm::{Alarm, AlarmState, Source};
use watchfire_domain::{DAY, MINUTE};
use watchfire_fakes::Fault;
use watchfire_ports::Clock as _;

const PATH: &str = "/v1/runbooks/storage-latency";

fn kim() -> Who {
    who("kim@example.com", "commander", "acme")
}

/// A runbook that may do harm.
fn dangerous() -> Value {
    let mut spec = runbook("Move the traffic");
    spec["risk"] = json!("high");
    spec["steps"][0] = json!({
        "id": "move", "title": "Move the traffic", "risk": "high", "timeout": "5m",
        "do": { "manual": { "instructions": "Move it to the standby shard.", "changes": true } },
        "guard": { "operation": "reroute", "only_if": ["The standby shard is healthy."] },
        "evidence": { "shows": "The graph of both shards." },
        "rollback": { "note": "Move it back.", "do": { "manual": { "instructions": "Move it back.", "changes": true } } },
    });
    spec
}

#[tokio::test]
async fn what_is_published_never_changes() {
    let api = Api::new();
    let made = api.post(&alice(), "/v1/runbooks", &runbook("One")).await.good();
    assert_eq!((made.status, made.headers["location"].as_str()), (201, Some(PATH)));
    api.act_on_runbook(&alice(), "publish").await.good();
    api.put(&alice(), PATH, &runbook("Two")).await.good();
    let newest = api.act_on_runbook(&alice(), "publish").await.good();
    assert_eq!(newest.body.pointer("/runbook/published/version"), Some(&json!(2)));
    for (query, title) in [("", "Two"), ("?version=1", "One"), ("?version=2", "Two")] {
        let shown = api.get(&alice(), &format!("{PATH}{query}")).await.good();
        assert_eq!(shown.text("/spec/title"), title, "{query}");
        // Where it comes from is told of that version, not of the newest.
        let place = shown.text("/origin/provenance").split_once("runbooks/").unwrap().1.to_owned();
        let kept = api.world.vault.below(&format!("runbooks/{place}"));
        let told: Value = serde_json::from_slice(kept.values().next().unwrap()).unwrap();
        assert_eq!(told["runbook"]["spec"], shown.body["spec"], "{query}");
        for field in ["spec_hash", "author", "published_by", "published_at", "approvals", "lineage"]
        {
            assert_eq!(told["runbook"][field], shown.body["origin"][field], "{query} {field}");
        }
    }
    assert_eq!(api.get(&alice(), &format!("{PATH}?version=3")).await.status, 404);
    // By its id it is the same one.
    let id = made.text("/runbook/id");
    let shown = api.get(&alice(), &format!("/v1/runbooks/{id}")).await.good();
    assert_eq!(shown.text("/runbook/name"), "storage-latency");
    // The same again is no further version, and a name is kept.
    api.put(&alice(), PATH, &runbook("Two")).await.good();
    assert_eq!(api.act_on_runbook(&alice(), "publish").await.status, 422);
    let mut renamed = runbook("Three");
    renamed["name"] = json!("another");
    assert_eq!(api.put(&alice(), PATH, &renamed).await.status, 422);
    assert_eq!(api.post(&alice(), "/v1/runbooks", &runbook("Four")).await.status, 422);
}

#[tokio::test]
async fn its_provenance_lies_in_the_locked_bucket_before_it_is_published() {
    let api = Api::new();
    api.post(&alice(), "/v1/runbooks", &runbook("One")).await.good();
    let published = api.act_on_runbook(&alice(), "publish").await.good();
    let place = published.text("/runbook/published/provenance");
    let kept = api.world.vault.below("runbooks/acme/storage-latency/");
    let [(name, bytes)] = kept.iter().collect::<Vec<_>>()[..] else { panic!("{kept:?}") };
    assert!(place.ends_with(name.as_str()), "{place} {name}");
    let told: Value = serde_json::from_slice(bytes).unwrap();
    assert_eq!(told["runbook"]["published_by"], "alice@example.com");
    assert_eq!(told["runbook"]["spec"]["title"], "One");
    assert_eq!(told["runbook"]["spec_hash"], published.body["runbook"]["published"]["spec_hash"]);
    assert_eq!(told["policy_hash"], api.desk.policies.hash());
    // Who agreed, as what, when, to which spec and by which rules.
    let [agreed] = &told["runbook"]["approvals"].as_array().unwrap()[..] else { panic!("{told}") };
    assert_eq!((&agreed["by"], &agreed["role"]), (&json!("alice@example.com"), &json!("admin")));
    assert_eq!(agreed["at"], told["runbook"]["published_at"]);
    assert_eq!(agreed["spec_hash"], told["runbook"]["spec_hash"]);
    assert_eq!(agreed["policy_hash"], api.desk.policies.hash());
    assert_eq!(published.body["runbook"]["published"]["approvals"], json!([agreed]));
    // What the lint said, and what it follows: the first follows nothing.
    let lineage = &told["runbook"]["lineage"];
    assert_eq!(lineage.get("supersedes"), None);
    assert_eq!(lineage["findings"][0]["code"], "unlinked");
    assert_eq!(lineage["findings"][0]["severity"], "warning");
    let mut linked = runbook("Two");
    linked["tags"] = json!({ "team": "storage" });
    api.put(&alice(), PATH, &linked).await.good();
    let next = api.act_on_runbook(&alice(), "publish").await.good();
    let kept = api.world.vault.below("runbooks/acme/storage-latency/");
    let newest = next.text("/runbook/published/provenance");
    let (_, bytes) = kept.iter().find(|(name, _)| newest.ends_with(name.as_str())).unwrap();
    let followed: Value = serde_json::from_slice(bytes).unwrap();
    let lineage = &followed["runbook"]["lineage"];
    assert_eq!(lineage["findings"], json!([]));
    assert_eq!(
        lineage["supersedes"],
        json!({ "version": 1, "spec_hash": told["runbook"]["spec_hash"], "provenance": place })
    );
}

#[tokio::test]
async fn who_wrote_what_is_dangerous_does_not_publish_it() {
    let api = Api::new();
    api.post(&alice(), "/v1/runbooks", &dangerous()).await.good();
    assert_eq!(api.act_on_runbook(&alice(), "publish").await.short(), "403 WF-0005 Policy.Denied");
    // Nor does who edited it since.
    let mut edited = dangerous();
    edited["title"] = json!("Move the traffic at once");
    api.put(&kim(), PATH, &edited).await.good();
    assert_eq!(api.act_on_runbook(&kim(), "publish").await.status, 403);
    // An alias is the same person.
    let alias = who("kim+pub@example.com", "commander", "acme");
    assert_eq!(api.act_on_runbook(&alias, "publish").await.short(), "403 WF-0005 Policy.Denied");
    let lee = who("lee@example.com", "commander", "acme");
    api.act_on_runbook(&lee, "publish").await.good();
    // A review is somebody else's too.
    assert_eq!(api.act_on_runbook(&alice(), "review").await.status, 403);
    assert_eq!(api.act_on_runbook(&alias, "review").await.status, 403);
    api.act_on_runbook(&lee, "review").await.good();
}

#[tokio::test]
async fn what_the_lint_finds_is_shown_and_is_not_published() {
    let api = Api::new();
    let mut spec = dangerous();
    spec["steps"][0].as_object_mut().unwrap().remove("rollback");
    let made = api.post(&alice(), "/v1/runbooks", &spec).await.good();
    let findings = made.body.pointer("/runbook/draft/findings").and_then(Value::as_array).unwrap();
    assert!(!findings.is_empty(), "{made}");
    let refused = api.act_on_runbook(&kim(), "publish").await;
    assert_eq!(refused.short(), "403 WF-0005 Policy.Denied");
    assert!(refused.text.contains("clean"), "{refused}");
    // What cannot be read at all is no draft, and everything that is wrong is told at once.
    let wrong = json!({ "name": "UPPER", "title": "", "steps": [{ "id": "a" }] });
    let refused = api.post(&alice(), "/v1/runbooks", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.problems().lines().count() >= 4, "{}", refused.problems());
}

#[tokio::test]
async fn a_review_that_is_overdue_is_listed_until_somebody_reads_it() {
    let api = Api::new();
    api.post(&alice(), "/v1/runbooks", &runbook("One")).await.good();
    api.act_on_runbook(&alice(), "publish").await.good();
    let count = async |query: &str| {
        let listed = api.get(&alice(), &format!("/v1/runbooks{query}")).await.good();
        listed.body["runbooks"].as_array().unwrap().len()
    };
    assert_eq!((count("").await, count("?overdue=true").await), (1, 0));
    api.world.forward(30 * DAY);
    assert_eq!(count("?overdue=true").await, 1);
    api.act_on_runbook(&kim(), "review").await.good();
    assert_eq!(count("?overdue=true").await, 0);
}

/// S1-41: from an incident to what was learnt of it. No incident is looked at: one that the caller
/// may not see, and one that is not there, are texts like any other.
#[tokio::test]
async fn an_incident_leads_to_the_runbooks_that_name_it_as_a_source() {
    let api = Api::new();
    let new = json!({ "title": "a", "severity": "high", "clearance": 3 });
    let secret = Who { clearance: 3, ..alice() };
    let opened = api.post(&secret, "/v1/incidents", &new).await.good();
    let incident = opened.text("/incident/display_id");
    let mut spec = runbook("One");
    spec["sources"] = json!([incident, "S1-41"]);
    api.post(&alice(), "/v1/runbooks", &spec).await.good();
    let mut other = runbook("Other");
    other["name"] = json!("other");
    api.post(&alice(), "/v1/runbooks", &other).await.good();
    let from = async |who: &Who, source: &str| {
        let answer = api.get(who, &format!("/v1/runbooks?source={source}")).await.good();
        let all = answer.body["runbooks"].as_array().unwrap().clone();
        all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(from(&alice(), incident).await, ["storage-latency"], "its draft");
    api.act_on_runbook(&alice(), "publish").await.good();
    for who in [&alice(), &secret] {
        assert_eq!(from(who, incident).await, ["storage-latency"]);
        assert_eq!(from(who, "S1-41").await, ["storage-latency"]);
        assert_eq!(from(who, "INC-20200101-0000").await, Vec::<String>::new());
    }
    let listed = api.get(&alice(), "/v1/runbooks").await.good();
    let listed = listed.body["runbooks"].as_array().unwrap().clone();
    assert_eq!(listed[1]["published"]["sources"], json!([incident, "S1-41"]));
    // Another tenant has its own catalogue.
    let stranger = who("stranger@example.com", "admin", "initech");
    assert_eq!(from(&stranger, incident).await, Vec::<String>::new());
    // An incident that nobody named looks like one that the caller may not see.
    let quiet = api.post(&secret, "/v1/incidents", &new).await.good();
    let named = |id: &str| format!("/v1/runbooks?source={id}");
    let unseen = api.get(&alice(), &named(quiet.text("/incident/display_id"))).await.good();
    let absent = api.get(&alice(), &named("INC-20200101-0000")).await.good();
    assert_eq!(unseen.text, absent.text);
    for wrong in ["", "%0a", &"x".repeat(201)] {
        assert_eq!(api.get(&alice(), &named(wrong)).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn two_who_write_at_once_do_not_overwrite_each_other() {
    let api = Api::new();
    api.post(&alice(), "/v1/runbooks", &runbook("One")).await.good();
    let event = api.event(&alice(), "PUT", PATH, Some(&runbook("Two")));
    assert_eq!(api.send(with(event, "if-match", "\"1\"")).await.good().headers["etag"], "\"2\"");
    let event = api.event(&kim(), "PUT", PATH, Some(&runbook("Three")));
    assert_eq!(api.send(with(event, "if-match", "\"1\"")).await.status, 412);
}

/// What was read is what is published and what is reviewed: whoever wrote or published in between
/// is not agreed to unread.
#[tokio::test]
async fn what_is_published_or_reviewed_is_what_was_read() {
    let api = Api::new();
    api.post(&alice(), "/v1/runbooks", &runbook("One")).await.good();
    for verb in ["publish", "review"] {
        let blind = api.post(&alice(), &format!("{PATH}/{verb}"), &json!({})).await;
        assert_eq!(blind.short(), "428 WF-0011 Request.ConditionMissing", "{verb}");
    }
    api.put(&kim(), PATH, &runbook("Two")).await.good();
    let stale = api.act_on_runbook_read(&alice(), "publish", 1).await;
    assert_eq!(stale.short(), "412 WF-0008 Request.Stale");
    assert_eq!(api.world.vault.below("runbooks/"), [].into(), "nobody agreed to anything");
    let first = api.act_on_runbook_read(&alice(), "publish", 2).await.good();
    assert_eq!(first.text("/runbook/published/title"), "Two");
    assert_eq!(api.get(&alice(), &format!("{PATH}?version=draft")).await.status, 404);
    // Version 1 was read; then version 2 came.
    api.put(&kim(), PATH, &runbook("Three")).await.good();
    let draft = api.get(&alice(), &format!("{PATH}?version=draft")).await.good();
    assert_eq!((draft.text("/spec/title"), &draft.body["version"]), ("Three", &json!(null)));
    api.act_on_runbook(&alice(), "publish").await.good();
    let stale = api.act_on_runbook_read(&kim(), "review", 3).await;
    assert_eq!(stale.short(), "412 WF-0008 Request.Stale");
    let shown = api.get(&alice(), PATH).await.good();
    assert_eq!(shown.body["runbook"]["published"].get("reviewed"), None, "{shown}");
    api.act_on_runbook(&kim(), "review").await.good();
}

#[tokio::test]
async fn a_draft_can_go_and_other_tenants_never_saw_it() {
    let api = Api::new();
    api.post(&alice(), "/v1/runbooks", &runbook("One")).await.good();
    let stranger = who("stranger@example.com", "admin", "initech");
    assert_eq!(api.get(&stranger, PATH).await.status, 404);
    assert_eq!(api.act_on_runbook(&stranger, "publish").await.status, 404);
    api.ask(&alice(), "DELETE", PATH, None).await.good();
    assert_eq!(api.get(&alice(), PATH).await.status, 404);
    // The name is free again.
    api.post(&stranger, "/v1/runbooks", &runbook("Theirs")).await.good();
    api.post(&alice(), "/v1/runbooks", &runbook("Again")).await.good();
    let theirs = api.get(&stranger, PATH).await.good();
    assert_eq!(theirs.text("/spec/title"), "Theirs");
}

/// Somebody's publication is killed before it counts, and somebody else publishes: what is kept of
/// the first is no provenance of the second.
#[tokio::test]
async fn a_publication_that_came_to_nothing_is_nobody_elses_provenance() {
    for at in 0.. {
        let api = Api::new();
        api.post(&alice(), "/v1/runbooks", &runbook("One")).await.good();
        api.world.faults.restart().at(at, Fault::Killed { applied: true });
        let publisher = alice();
        let publication = api.act_on_runbook_read(&publisher, "publish", 1);
        let first = api.world.faults.survive(publication).await;
        api.world.faults.none().revive();
        let shown = api.get(&alice(), PATH).await.good();
        if shown.body.pointer("/runbook/published/version").is_none() {
            api.act_on_runbook(&kim(), "publish").await.good();
        }
        let shown = api.get(&alice(), PATH).await.good();
        let place = shown.text("/runbook/published/provenance");
        let kept = api.world.vault.below("runbooks/acme/storage-latency/");
        let (_, bytes) = kept.iter().find(|(name, _)| place.ends_with(name.as_str())).unwrap();
        let told: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(told["runbook"]["published_by"], shown.text("/runbook/published/published_by"));
        // Whatever else lies there under its number, the version after it names the one that counted.
        api.put(&alice(), PATH, &runbook("Two")).await.good();
        api.act_on_runbook(&alice(), "publish").await.good();
        let next = api.get(&alice(), PATH).await.good();
        assert_eq!(next.text("/origin/lineage/supersedes/provenance"), place);
        if first.is_some() {
            assert!(at > 2, "{at}");
            break;
        }
    }
}

/// An alarm fires.
pub(super) async fn fire(api: &Api, name: &str) {
    api.world.forward(MINUTE);
    let alarm = Alarm {
        source: Source::Cloudwatch,
        arn: format!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}"),
        name: name.to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        contributor: None,
        state: AlarmState::Alarm,
        at: api.world.clock.now(),
        identity: None,
        reason: String::new(),
        description: String::new(),
        metric: None,
        dimensions: [].into(),
        tags: [].into(),
        suppressed_by: None,
        triggered_by: Vec::new(),
        configuration: false,
    };
    api.desk.intake(&alarm, None).await.unwrap();
}

#[tokio::test]
async fn alarms_without_a_runbook_are_listed_until_one_is_for_them() {
    let api = Api::new();
    let plan = json!({ "title": "{alarm.name}", "severity": "high",
        "matches": [{ "account": "111122223333" }],
        "tags": { "team": "storage" } });
    api.put(&alice(), "/v1/plans/all", &plan).await.good();
    for name in ["disk full", "queue depth"] {
        fire(&api, name).await;
    }
    let listed = api.get(&alice(), "/v1/alarms/unlinked").await.good();
    let alarms = listed.body["alarms"].as_array().unwrap();
    let told = |at: usize, field: &str| alarms[at].pointer(field).cloned().unwrap_or_default();
    assert_eq!((told(0, "/name"), told(1, "/name")), (json!("disk full"), json!("queue depth")));
    assert_eq!((told(0, "/incidents"), told(0, "/title")), (json!(1), json!("disk full")));
    assert_eq!(told(0, "/advice/cause"), "log accumulation, large files");
    assert_eq!((told(1, "/advice"), &listed.body["next_cursor"]), (json!(null), &json!(null)));
    // Every page goes on behind the one before it; another list's cursor is no cursor here.
    let first = api.get(&alice(), "/v1/alarms/unlinked?limit=1").await.good();
    assert_eq!(first.text("/alarms/0/name"), "queue depth", "the newest incident's");
    let next = format!("/v1/alarms/unlinked?limit=1&cursor={}", first.text("/next_cursor"));
    assert_eq!(api.get(&alice(), &next).await.good().text("/alarms/0/name"), "disk full");
    let others = api.get(&alice(), "/v1/incidents?limit=1").await.good();
    let wrong = format!("/v1/alarms/unlinked?cursor={}", others.text("/next_cursor"));
    assert_eq!(api.get(&alice(), &wrong).await.problems(), "cursor: is not valid here\n");
    assert_eq!(api.get(&alice(), "/v1/alarms/unlinked?limit=101").await.status, 422);
    let stranger = who("stranger@example.com", "admin", "initech");
    let theirs = api.get(&stranger, "/v1/alarms/unlinked").await.good();
    assert_eq!(theirs.body["alarms"], json!([]));
    // A runbook for its labels, and the next incident says why it is linked.
    let mut spec = runbook("One");
    spec["tags"] = json!({ "team": "storage" });
    api.post(&alice(), "/v1/runbooks", &spec).await.good();
    api.act_on_runbook(&alice(), "publish").await.good();
    let listed = api.get(&alice(), "/v1/alarms/unlinked").await.good();
    assert_eq!(listed.body["alarms"], json!([]));
    fire(&api, "certificate").await;
    let newest = api.get(&alice(), "/v1/incidents?limit=1").await.good();
    let shown = newest.body.pointer("/incidents/0").unwrap();
    assert_eq!(shown["runbook_reasons"], json!({ "storage-latency": "tag" }));
}
