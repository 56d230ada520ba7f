//! Lists: filters, pages and their cursors.

use super::api::{Answer, Api, Who, alice, who};
use expect_test::expect;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use watchfire_domain::{HOUR, MINUTE};

fn titles(answer: &Answer) -> Vec<&str> {
    let incidents = answer.body["incidents"].as_array().unwrap();
    incidents.iter().map(|one| one["title"].as_str().unwrap()).collect()
}

async fn open(api: &Api, who: &Who, title: &str, severity: &str) -> String {
    api.world.forward(MINUTE);
    let body = json!({ "title": title, "severity": severity, "tags": {"team": "Storage"} });
    api.post(who, "/v1/incidents", &body).await.good().text("/incident/id").to_owned()
}

#[tokio::test]
async fn a_filter_keeps_what_fits() {
    let api = Api::new();
    open(&api, &alice(), "slow disks", "high").await;
    open(&api, &alice(), "no disks", "critical").await;
    let closed = open(&api, &alice(), "slow pages", "low").await;
    let close = json!({"status": "closed", "rationale": "nothing"});
    api.post(&alice(), &format!("/v1/incidents/{closed}/transition"), &close).await.good();
    let mut table = String::new();
    for query in [
        "",
        "?severity=Sev1,P3",
        "?severity=high",
        "?status=closed",
        "?status=new",
        "?status=new,closed",
        "?q=SLOW",
        "?q=slow+p",
        "?q=inc-20261121",
        "?q=storage",
        "?q=%25",
        "?severity=high&status=closed",
        "?tenant=acme&limit=1",
    ] {
        let answer = api.get(&alice(), &format!("/v1/incidents{query}")).await.good();
        writeln!(table, "{query:30} {}", titles(&answer).join(", ")).unwrap();
    }
    expect![[r#"
                                       slow pages, no disks, slow disks
        ?severity=Sev1,P3              slow pages, no disks
        ?severity=high                 slow disks
        ?status=closed                 slow pages
        ?status=new                    no disks, slow disks
        ?status=new,closed             slow pages, no disks, slow disks
        ?q=SLOW                        slow pages, slow disks
        ?q=slow+p                      slow pages
        ?q=inc-20261121                slow pages, no disks, slow disks
        ?q=storage                     slow pages, no disks, slow disks
        ?q=%25                         
        ?severity=high&status=closed   
        ?tenant=acme&limit=1           slow pages
    "#]]
    .assert_eq(&table);
}

/// Every page after the other.
async fn pages(api: &Api, who: &Who, path: &str, list: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(who, &format!("{path}{cursor}")).await.good();
        pages.push(page.body[list].as_array().unwrap().clone());
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn pages_hold_everything_once_and_newest_first() {
    let api = Api::new();
    let bob = who("bob@example.com", "commander", "globex");
    for at in 0..23 {
        open(&api, &alice(), &format!("incident {at}"), "low").await;
        if at % 4 == 0 {
            let shared = open(&api, &bob, "shared", "low").await;
            let share = format!("/v1/incidents/{shared}/share");
            api.post(&bob, &share, &json!({ "tenant": "acme" })).await.good();
            open(&api, &bob, "not shared", "low").await;
        }
    }
    let pages = pages(&api, &alice(), "/v1/incidents?limit=10", "incidents").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 9]);
    let ids: Vec<&str> = pages.iter().flatten().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first, each once");
    assert!(!pages.iter().flatten().any(|one| one["title"] == "not shared"));
}

#[tokio::test]
async fn a_cursor_is_good_for_its_tenant_its_query_and_an_hour() {
    let api = Api::new();
    let carol = who("carol@example.com", "viewer", "globex");
    for at in 0..3 {
        open(&api, &alice(), &format!("incident {at}"), "low").await;
        open(&api, &carol_admin(), &format!("other {at}"), "low").await;
    }
    let path = "/v1/incidents?severity=low,high&limit=1";
    let first = api.get(&alice(), path).await.good();
    let cursor = first.text("/next_cursor").to_owned();
    let next = format!("{path}&cursor={cursor}");
    assert_eq!(titles(&api.get(&alice(), &next).await.good()), ["incident 1"]);
    // Another limit, and the same filter in other words, go on from there.
    let same = format!("/v1/incidents?severity=P1,sev4&limit=2&cursor={cursor}");
    assert_eq!(titles(&api.get(&alice(), &same).await.good()), ["incident 1", "incident 0"]);

    let dump = api.dump();
    let mut tampered = cursor.clone().into_bytes();
    tampered[3] = if tampered[3] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).unwrap();
    let (front, _) = cursor.split_at(cursor.len() - 4);
    for (who, path) in [
        (alice(), format!("{path}&cursor={tampered}")),
        (alice(), format!("{path}&cursor={front}")),
        (alice(), format!("{path}&cursor=")),
        (alice(), format!("{path}&cursor=019a0000-0000-7000-8000-000000000000")),
        (alice(), format!("/v1/incidents?limit=1&cursor={cursor}")),
        (alice(), format!("{path}&q=incident&cursor={cursor}")),
        (alice(), format!("/v1/approvals?cursor={cursor}")),
        (carol, next.clone()),
    ] {
        let answer = api.get(&who, &path).await;
        assert_eq!(answer.problems(), "cursor: is not valid here\n", "{path}");
        assert_eq!(answer.short(), "422 WF-0002 Request.Invalid", "{path}");
    }
    api.world.forward(HOUR);
    assert_eq!(api.get(&alice(), &next).await.problems(), "cursor: is not valid here\n");
    assert_eq!(api.dump(), dump);
}

fn carol_admin() -> Who {
    who("carol@example.com", "admin", "globex")
}

#[tokio::test]
async fn approvals_are_found_by_incident_and_by_state() {
    let api = Api::new();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let incident = open(&api, &alice(), "one", "low").await;
        open(&api, &alice(), "none", "low").await;
        ids.push(api.approval(incident.parse().unwrap(), 1).await.to_string());
        ids.push(api.approval(incident.parse().unwrap(), 2).await.to_string());
    }
    let all = pages(&api, &alice(), "/v1/approvals?state=pending", "approvals").await.concat();
    let found: BTreeSet<&str> = all.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(found, ids.iter().map(String::as_str).collect());
    assert!(all.iter().all(|one| one.get("code").is_none()));
    let paged = pages(&api, &alice(), "/v1/approvals?limit=1", "approvals").await;
    assert_eq!(
        paged.iter().map(Vec::len).filter(|length| *length > 0).collect::<Vec<_>>(),
        [2, 2, 2]
    );
    assert_eq!(paged.concat(), all);
    let none = pages(&api, &alice(), "/v1/approvals?state=granted,denied", "approvals").await;
    assert_eq!(none.concat(), Vec::<Value>::new());
    let first = api.get(&alice(), "/v1/approvals?incident_id=INC-20261121-0313").await.good();
    let found = first.body["approvals"].as_array().unwrap();
    assert_eq!(found.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), ids[..2]);
    let other = who("carol@example.com", "admin", "globex");
    assert_eq!(
        pages(&api, &other, "/v1/approvals?limit=5", "approvals").await.concat(),
        Vec::<Value>::new()
    );
}
