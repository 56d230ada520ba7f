//! What one tenant does never touches another's items, nor changes what another reads.

use super::{mark, message, note, open_commit, opening, repo, table_with};
use crate::world::{storage_plan, tenant};
use serde_json::json;
use std::collections::BTreeMap;
use watchfire_domain::alarm::{AlarmState, Newest, Open};
use watchfire_domain::incident::Transition;
use watchfire_domain::{EnvironmentId, Plan, SECOND, Status};
use watchfire_fakes::World as Fakes;
use watchfire_ports::{Clock as _, Ids as _};
use watchfire_store::{Commit, Due, Outcome, Seen, Slot, TokenKey, Which};

const TENANTS: [&str; 3] = ["acme", "acme2", "a"];

/// Every item, by the tenant that leads its key; what is nobody's stands under the empty name.
fn by_tenant(fakes: &Fakes) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for item in fakes.dynamo.items() {
        let mut words = item["pk"]["S"].as_str().unwrap().split('#');
        let name = if words.next() == Some("T") { words.next().unwrap() } else { "" };
        parts.entry(name.to_owned()).or_default().push_str(&item.to_string());
    }
    parts
}

/// All that a tenant can read without knowing a name.
async fn view(fakes: &Fakes, name: &str) -> String {
    let repo = repo(fakes, name);
    let page = repo.list(Which::All, None, 1_000, &|_| true).await.unwrap();
    let mut seen = vec![format!("{:?}", page.incidents)];
    for incident in page.incidents.iter().take(3) {
        seen.push(format!("{:?}", repo.newest(incident.id, 3).await.unwrap()));
    }
    seen.push(format!("{:?}", repo.all_of::<Plan>().await.unwrap()));
    seen.push(format!("{:?}", repo.alarm("key", ["event"]).await.unwrap()));
    seen.push(format!("{:?}", repo.stored("mark").await.unwrap()));
    seen.push(format!("{:?}", repo.queued("message").await.unwrap()));
    seen.join("\n")
}

/// One thing that a tenant does, drawn by chance: names are the same for all of them.
async fn act(fakes: &Fakes, name: &str, draw: u8) {
    let repo = repo(fakes, name);
    let now = fakes.clock.now();
    let page = repo.list(Which::Open, None, 1, &|_| true).await.unwrap();
    let Some(newest) = page.incidents.into_iter().next() else {
        repo.commit(open_commit(opening(fakes, name, 26))).await.unwrap();
        return;
    };
    let on = || Commit::on(newest.id).event(note(name));
    let done = match draw % 10 {
        0 => repo.commit(open_commit(opening(fakes, name, 26))).await.map(drop),
        1 => repo.commit(on()).await.map(drop),
        2 => {
            let next = Status::ALL.into_iter().find(|status| *status > newest.status).unwrap();
            let ask = Transition { to: next, rationale: Some("why".to_owned()) };
            let change = newest.transition(&ask, &super::person(), now).unwrap();
            repo.commit(Commit::on(newest.id).change(change, Due::Keep)).await.map(drop)
        }
        3 => repo.commit(on().message(message("message"), now)).await.map(drop),
        4 => repo.commit(on().mark(Some(mark("mark", name)))).await.map(drop),
        5 => {
            let (before, _) = repo.alarm("key", ["event"]).await.unwrap();
            let generation = before.as_ref().map_or(1, |open| open.generation.saturating_add(1));
            let incident = Some(newest.id);
            let fires = Newest { state: AlarmState::Alarm, at: now };
            let members = [("one".to_owned(), fires)].into();
            let after = Open { incident, members, generation, count: 1, ..Open::default() };
            let seen = Seen { outcome: Outcome::Attached, incident, why: None, at: now };
            let commit = on().alarm("key", before.as_ref(), after, Due::At(now));
            repo.commit(commit.seen("event", seen)).await.map(drop)
        }
        6 => {
            let version = repo.newest_of::<Plan>("storage-latency").await.unwrap();
            let version = version.map_or(1, |plan| plan.version.saturating_add(1));
            let plan = Plan { version, ..storage_plan(&json!({})) };
            repo.put_version(&plan, None).await
        }
        7 => {
            let key = TokenKey::new("k1", &[1; 32]).unwrap();
            repo.put_token("owner", "stop", u32::from(draw), name, &key).await.unwrap();
            Ok(())
        }
        8 => {
            repo.unqueue("message").await.unwrap();
            Ok(())
        }
        _ => {
            let environment = EnvironmentId { incident: newest.id, n: 1 };
            let claim = Slot { tenant: tenant(name), environment };
            let held = table_with(fakes, 3).slot("slot").await.unwrap();
            repo.commit(on().slot("slot", claim, held)).await.map(drop)
        }
    };
    // What is refused is refused: here it only matters whom it touched.
    drop(done);
}

#[tokio::test]
async fn nothing_that_one_tenant_does_is_seen_by_another() {
    for seed in 0..2 {
        let fakes = Fakes::new(seed);
        let mut before = by_tenant(&fakes);
        for step in 0..100 {
            fakes.forward(SECOND);
            let [who, draw, ..] = fakes.ids.ten();
            let name = TENANTS[usize::from(who) % TENANTS.len()];
            let others = TENANTS.into_iter().filter(|other| *other != name);
            let mut views = Vec::new();
            for other in others.clone().filter(|_| step % 10 == 0) {
                views.push((other, view(&fakes, other).await));
            }
            act(&fakes, name, draw).await;
            let after = by_tenant(&fakes);
            for other in others {
                assert_eq!(before.get(other), after.get(other), "{name} touched {other}");
            }
            for (other, seen) in views {
                assert_eq!(view(&fakes, other).await, seen, "{name} shows in {other}");
            }
            before = after;
        }
        assert_eq!(before.len(), 4, "all of them did something, and took the slot");
    }
}
