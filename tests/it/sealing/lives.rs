//! What is sealed and exported of incidents that live and end.

use super::{bundle, checkpoint, deliver, exported, newest, note, verified};
use crate::world::{TENANT, World, ask, person, storage_plan};
use serde_json::json;
use watchfire_desk::{Deed, RunbooksAsk};
use watchfire_domain::incident::Transition;
use watchfire_domain::{DAY, MINUTE, Status};
use watchfire_edge::Fault;
use watchfire_policy::Role;

async fn close(world: &World, id: watchfire_domain::IncidentId) {
    let rationale = Some("it was nothing".to_owned());
    let closed = Deed::Transition(Transition { to: Status::Closed, rationale });
    world.deed(id, closed).await.unwrap();
}

#[tokio::test]
async fn every_growth_of_an_open_incident_is_sealed_and_nothing_else() {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let id = world.raise().await;
    // The first look of a day exports too.
    let first = checkpoint(&world).await.unwrap();
    assert_eq!(first, json!({ "size": 1, "sealed": 1, "exported": 1 }));
    for size in 2..=5 {
        world.forward(5 * MINUTE);
        note(&world, id, "still slow").await;
        let grown = checkpoint(&world).await.unwrap();
        assert_eq!(grown, json!({ "size": size, "sealed": 1, "exported": 0 }));
        assert_eq!(newest(&world).size, size);
    }
    let calls = world.vault.calls().len();
    world.forward(5 * MINUTE);
    let idle = checkpoint(&world).await.unwrap();
    assert_eq!(idle, json!({ "size": 5, "sealed": 0, "exported": 0 }));
    assert_eq!(world.vault.calls().len(), calls, "nothing grew: nothing is read or written");
    // Once a day what has grown since its last export is exported.
    world.forward(DAY);
    assert_eq!(checkpoint(&world).await.unwrap()["exported"], 1);
    let report = verified(&world, id).await.unwrap();
    assert_eq!((report.window_from, report.checkpoints), (None, 5));
    assert_eq!(report.sealed.unwrap().seq, report.events);
    world.forward(DAY);
    assert_eq!(checkpoint(&world).await.unwrap()["exported"], 0);
}

#[tokio::test]
async fn a_close_is_sealed_and_exported_at_once() {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let id = world.raise().await;
    close(&world, id).await;
    assert_eq!(deliver(&world).await, 0);
    let export = exported(&world, id).await;
    let chain = world.chain(id).await;
    assert_eq!((export.seq, export.size), (chain.events, 1));
    let report = verified(&world, id).await.unwrap();
    assert_eq!((report.head, report.window_from), (chain.head, None));
    let caller = World::admin();
    let view = world.desk.view_export(&caller, id).await.unwrap();
    assert_eq!(view["newest"]["location"], *export.location);
    assert!(export.location.starts_with(view["below"].as_str().unwrap()));
}

#[tokio::test]
async fn a_close_whose_message_got_lost_is_exported_within_a_day() {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let id = world.raise().await;
    checkpoint(&world).await.unwrap();
    close(&world, id).await;
    world.seals.take();
    world.forward(DAY);
    checkpoint(&world).await.unwrap();
    assert_eq!(verified(&world, id).await.unwrap().window_from, None);
}

#[tokio::test]
async fn a_bundle_says_from_where_on_nothing_is_sealed_yet_and_is_replaced_by_a_later_one() {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let id = world.raise().await;
    let (auditor, asked) = (person("ada", Role::Auditor, TENANT), ask("POST /incidents/export"));
    for text in ["one", "two"] {
        note(&world, id, text).await;
        let export = world.desk.ask_export(&auditor, &asked, id);
        world.acting("api", export).await.unwrap();
        deliver(&world).await;
        assert_eq!(verified(&world, id).await.unwrap().window_from, None);
    }
    let both = world.vault.below(&format!("bundles/acme/{id}/"));
    let manifests = both.keys().filter(|name| name.ends_with("manifest.json")).count();
    assert_eq!(manifests, 2, "the older one stays");
    // Asked for again, where nothing has grown: it is there already.
    let before = (world.vault.dump(), exported(&world, id).await);
    let export = world.desk.ask_export(&auditor, &asked, id);
    world.acting("api", export).await.unwrap();
    deliver(&world).await;
    assert_eq!((world.vault.dump(), exported(&world, id).await), before);
    assert!(bundle(&world, id).await.contains_key("approvals.json"));
}

#[tokio::test]
async fn who_may_not_export_learns_nothing_of_it() {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let id = world.raise().await;
    let denied = world.desk.view_export(&person("bob", Role::Responder, TENANT), id).await;
    assert!(matches!(denied, Err(Fault::Denied { .. })), "{denied:?}");
    let foreign = world.desk.view_export(&person("eve", Role::Admin, "globex"), id).await;
    assert!(matches!(foreign, Err(Fault::NotFound)), "{foreign:?}");
}

/// Past the end of the first tile, and over two levels: the log is read and written by its edge.
#[tokio::test]
async fn a_log_of_hundreds_of_leaves_seals_many_tenants() {
    let world = World::new(1);
    let mut last = None;
    for round in 0..3 {
        for tenant in [TENANT, "globex"] {
            let caller = person("kim", Role::Commander, tenant);
            for _ in 0..50 {
                let opened = world.by_hand(&caller).await;
                last = Some((tenant, opened));
            }
        }
        let sealed = checkpoint(&world).await.unwrap();
        assert_eq!(sealed["size"], (round + 1) * 100);
    }
    assert_eq!(newest(&world).size, 300);
    let (tenant, id) = last.unwrap();
    let ask = watchfire_ports::SealAsk { tenant: tenant.to_owned(), incident: id, approval: None };
    world.desk.seal(&ask).await.unwrap();
    let (repo, keys) = (world.desk.table.of(&crate::world::tenant(tenant)), super::keys(&world));
    let export = repo.export(id).await.unwrap().unwrap();
    let files = world.vault.below(export.location.split_once("checkpoints/").unwrap().1);
    let ask = watchfire_seal::bundle::Ask { trusted: keys, ..Default::default() };
    let report = watchfire_seal::bundle::verify(&files, &ask, &mut |_, _| {}).unwrap();
    assert_eq!((report.tenant.as_str(), report.sealed.unwrap().size), (tenant, 300));
}

/// Publishes a version of the runbook `high-latency`.
async fn publish(world: &World, title: &str) -> watchfire_runbook::Spec {
    let spec = json!({
        "name": "high-latency", "title": title, "description": "Of storage.", "author": "storage",
        "risk": "low", "steps": [{
            "id": "look", "title": title, "risk": "low", "timeout": "5m",
            "do": { "manual": { "instructions": "Look." } },
        }],
    });
    let spec: watchfire_runbook::Spec = serde_json::from_value(spec).unwrap();
    let (caller, ask, name) = (World::admin(), ask("POST /runbooks"), "high-latency");
    let there = world.desk.runbooks(&caller, &RunbooksAsk::default()).await.unwrap();
    if there.is_empty() {
        world.desk.create_runbook(&caller, &ask, spec.clone()).await.unwrap();
    } else {
        world.desk.draft_runbook(&caller, &ask, name, spec.clone()).await.unwrap();
    }
    world.desk.publish_runbook(&caller, &ask, name).await.unwrap();
    spec
}

/// An export is killed, its runbook is published anew, and it is exported again: both say the same.
#[tokio::test]
async fn a_runbook_that_changes_in_between_does_not_bend_a_bundle() {
    for at in 0.. {
        let world = World::new(1);
        let mut plan = storage_plan(&json!({}));
        plan.runbooks = ["high-latency".to_owned()].into();
        world.plan(&plan).await;
        publish(&world, "Look").await;
        let id = world.raise().await;
        close(&world, id).await;
        world.seals.take();
        let ask =
            watchfire_ports::SealAsk { tenant: TENANT.to_owned(), incident: id, approval: None };
        let call = world.faults.calls() + at;
        world.faults.at(call, watchfire_fakes::Fault::Killed { applied: true });
        let export = world.desk.seal(&ask);
        let is_over = world.faults.survive(export).await.is_some();
        world.faults.none().revive();
        world.forward(MINUTE);
        publish(&world, "Look twice").await;
        world.desk.seal(&ask).await.unwrap();
        verified(&world, id).await.unwrap();
        if is_over {
            assert!(at > 20, "{at}");
            break;
        }
    }
}

/// What its plan links is in its bundle as it was published, under its hash; and is not believed under
/// another.
#[tokio::test]
async fn a_bundle_has_the_specs_of_its_incidents_runbooks() {
    let world = World::new(1);
    let mut plan = storage_plan(&json!({}));
    plan.runbooks = ["high-latency", "never-published"].map(str::to_owned).into();
    world.plan(&plan).await;
    let spec = publish(&world, "Look").await;
    let id = world.raise().await;
    world.forward(MINUTE);
    // What is published later was not what its responders had.
    publish(&world, "Look twice").await;
    close(&world, id).await;
    assert_eq!(deliver(&world).await, 0);
    verified(&world, id).await.unwrap();

    let files = bundle(&world, id).await;
    let specs: Vec<_> = files.iter().filter(|(name, _)| name.starts_with("runbooks/")).collect();
    let [(name, bytes)] = specs[..] else { panic!("{specs:?}") };
    let hash = watchfire_runbook::spec_hash(&spec).unwrap();
    assert_eq!(*name, format!("runbooks/{hash}.json"));
    assert_eq!(*bytes, watchfire_runbook::text(&spec).unwrap().into_bytes());

    // A spec that somebody changed, and listed anew.
    let mut forged = files.clone();
    let other = String::from_utf8(bytes.clone()).unwrap().replace("Look.", "Leap.").into_bytes();
    let manifest = String::from_utf8(forged["manifest.json"].clone()).unwrap();
    let digest =
        |bytes: &[u8]| watchfire_domain::hex(&<sha2::Sha256 as sha2::Digest>::digest(bytes));
    let listed = manifest.replace(&digest(bytes), &digest(&other));
    assert_ne!(listed, manifest);
    forged.insert(name.clone(), other);
    forged.insert("manifest.json".to_owned(), listed.into_bytes());
    let ask = super::Ask { trusted: super::keys(&world), receipts: [].into() };
    let refused = super::verify(&forged, &ask, &mut |_, _| {}).unwrap_err();
    assert!(refused.what.contains("is not the spec of this hash"), "{}", refused.what);
}
