//! Every key begins with its tenant, or is one of the few that are nobody's; and nothing that must
//! stay hidden stands anywhere in the table.

use crate::world::runs::{kim, spec};
use crate::world::{Doors, TENANT, World, alarm, ask, person, storage_plan};
use expect_test::expect;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_desk::{Ask, Deed};
use watchfire_domain::alarm::{Alarm, AlarmState};
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::integration::{IntegrationKind, NewIntegration};
use watchfire_domain::plan::Target;
use watchfire_domain::{EnvironmentId, Plan, Profile, SECOND, Status, Tenant};
use watchfire_fakes::Trouble;
use watchfire_policy::Role;

/// What the whole story came by and no item may show.
struct Story {
    world: World,
    hidden: BTreeSet<String>,
}

/// A story in which every kind of item is written.
async fn busy() -> Story {
    let world = World::with_targets(1);
    let mut hidden: BTreeSet<String> =
        ["token-secret of 1", "link-secret of 1", "cursor-secret of 1", "integration-secret of 1"]
            .map(str::to_owned)
            .into();
    let mail = Target::Email("down@example.org".to_owned());
    world.notify.trouble(&mail, Some(Trouble::Down));
    world.plan(&Plan { notify: vec![mail.into()], ..storage_plan(&json!({})) }).await;
    let profile = Profile { name: "ours".to_owned(), ..Profile::sev() };
    world.repo().put_version(&profile, None).await.unwrap();
    let new =
        NewIntegration { name: "metrics".to_owned(), kind: IntegrationKind::Generic, plan: None };
    let (admin, asked) = (World::admin(), ask("POST /integrations"));
    let made = world.desk.create_integration(&admin, &asked, new);
    let made: Value = serde_json::from_str(&made.await.unwrap().body).unwrap();
    hidden.insert(made["secret"].as_str().unwrap().to_owned());
    let id = EnvironmentId { incident: world.raise().await, n: 1 };
    world.until(id, State::Running, Doors::Probes).await;
    keep_tokens(&world, &mut hidden);

    let caller = person("kim@example.org", Role::Commander, TENANT);
    let key = Some("a caller's key".to_owned());
    let keyed = Ask { key, body: "digest".to_owned(), ..ask("POST /incidents/notes") };
    for deed in [Deed::Note("reads are slow".to_owned()), Deed::Share("guest".to_owned())] {
        let route = format!("{deed:?}");
        let keyed = Ask { route, ..keyed.clone() };
        world.desk.change_incident(&caller, &keyed, id.incident, &deed).await.unwrap();
    }
    let fires = alarm(&world, "storage-latency-high");
    world.forward(SECOND);
    let cleared = Alarm { state: AlarmState::Ok, at: fires.at.plus(SECOND), ..fires };
    world.desk.intake(&cleared, None).await.unwrap();
    let unknown = alarm(&world, "nobody-knows-it");
    world.desk.intake(&unknown, None).await.unwrap();

    let look = json!([{
        "id": "look", "title": "Look", "risk": "low", "timeout": "5m",
        "do": { "manual": { "instructions": "Look at the graphs." } },
    }]);
    world.publish(&spec(&look)).await;
    for incident in [Some(id.incident), None] {
        world.start(&kim(), "look", incident, json!({})).await.unwrap();
    }

    world.stop(id).await;
    world.until(id, State::Stopped, Doors::Probes).await;
    for _ in 0..3 {
        world.turn(Doors::Probes).await;
    }
    keep_tokens(&world, &mut hidden);
    hidden.extend(world.links("ana@example.org"));
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    world.until(id, State::Closed, Doors::Probes).await;
    world.transition(id.incident, Status::Closed).await;
    let sealed = watchfire_checkpoint::handle(&world.desk, json!({}));
    world.acting("checkpoint", Box::pin(sealed)).await.unwrap();
    Story { world, hidden }
}

fn keep_tokens(world: &World, hidden: &mut BTreeSet<String>) {
    hidden.extend(world.workflow.waiting().into_iter().map(|(token, _)| token));
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// A key with what differs from story to story left out.
fn shape(key: &str) -> String {
    let words = key.split('#').enumerate().map(|(at, word)| {
        let hex = word.len() >= 16 && word.bytes().all(|b| b.is_ascii_hexdigit());
        let uuid = word.len() == 36 && word.matches('-').count() == 4;
        let number = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        match word {
            _ if at == 1 && key.starts_with("T#") => "<tenant>".to_owned(),
            _ if uuid => "<incident>".to_owned(),
            _ if hex => "<digest>".to_owned(),
            _ if number => "0".repeat(word.len()),
            _ if word.starts_with("int_") => "<integration>".to_owned(),
            _ if word.starts_with("INC-") => "<display id>".to_owned(),
            _ if word.starts_with("env-") => "<owner>".to_owned(),
            _ if word.starts_with("2026-") => "<due>".to_owned(),
            other => other.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join("#")
}

#[tokio::test]
async fn every_key_begins_with_its_tenant_or_is_a_listed_system_key() {
    let Story { world, .. } = Box::pin(busy()).await;
    let tenants = [TENANT, "guest", Tenant::UNASSIGNED];
    let of_a_tenant = |key: &str| {
        let mut words = key.split('#');
        words.next() == Some("T") && words.next().is_some_and(|name| tenants.contains(&name))
    };
    let mut shapes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for item in world.dynamo.items() {
        let (pk, sk) = (text(&item, "pk"), text(&item, "sk"));
        let system = ["CFG#ALARMMAP", "CFG#TENANTS", "LOG#"].contains(&pk)
            || pk.starts_with("ENVSLOT#")
            || pk.starts_with("CFG#HOOK#");
        assert!(of_a_tenant(pk) || system, "{pk}");
        let list = text(&item, "gsi1pk");
        assert!(list.is_empty() || of_a_tenant(list), "{list}");
        let due = text(&item, "duepk");
        let sharded = due.strip_prefix("PEND#").and_then(|shard| shard.parse::<u8>().ok());
        assert!(due.is_empty() || sharded.is_some_and(|shard| shard < 16), "{due}");
        let duesk = text(&item, "duesk");
        assert!(duesk.is_empty() || duesk.ends_with(&format!("#{pk}#{sk}")), "{duesk}");
        // Whose list and whose due time it is: the item's own tenant's.
        let tenant = |key: &str| key.split('#').nth(1).unwrap_or_default().to_owned();
        assert!(list.is_empty() || tenant(list) == tenant(pk));
        let names = item.as_object().unwrap().keys();
        let names = names.filter(|name| *name != "pk" && *name != "sk").map(String::as_str);
        let mut attributes: Vec<&str> = names.collect();
        attributes.sort_unstable();
        let place = format!("{} / {}", shape(pk), shape(sk));
        let known = shapes.entry(place).or_default();
        let nothing = attributes.is_empty();
        known.insert(if nothing { "-".to_owned() } else { attributes.join(" ") });
        for key in [list, due].into_iter().filter(|key| !key.is_empty()) {
            known.insert(format!("in {}", shape(key)));
        }
    }
    let table: String = shapes
        .into_iter()
        .flat_map(|(place, known)| {
            std::iter::once(format!("{place}\n"))
                .chain(known.into_iter().map(|one| format!("    {one}\n")))
        })
        .collect();
    expect![[r#"
        CFG#ALARMMAP / acme#storage-latency
            doc tenant
        CFG#HOOK#<integration> / -
            tenant
        CFG#TENANTS / acme
            -
        CFG#TENANTS / unassigned
            -
        ENVSLOT#<digest> / -
            environment tenant
        LOG# / STATE
            doc ver
        T#<tenant>#ALARM#<digest> / OPEN
            by doc duepk duesk ver
            by doc ver
            in PEND#0
        T#<tenant>#DISP#<display id> / -
            incident
        T#<tenant>#EVT#<digest> / E
            incident outcome ttl
        T#<tenant>#HOOKS / <integration>
            doc ver
        T#<tenant>#IDEM#<digest> / I
            answer status ttl want
        T#<tenant>#INC#<incident> / APR#0000
            doc ver
        T#<tenant>#INC#<incident> / ENV#0000
            doc ver
        T#<tenant>#INC#<incident> / EV#0000000000#0000
            at body hash prev type
        T#<tenant>#INC#<incident> / EXPORT
            doc
        T#<tenant>#INC#<incident> / META
            doc gsi1pk gsi1sk ver
            in T#<tenant>#DONE#0
            in T#<tenant>#OPEN#0
        T#<tenant>#INC#<incident> / RUN#<incident>
            doc duepk duesk ver
            in PEND#0
        T#<tenant>#INC#<incident> / SEAL
            doc
        T#<tenant>#OUT#<digest> / O
            doc duepk duesk
            in PEND#0
        T#<tenant>#PLAN#storage-latency / V#000000
            doc
        T#<tenant>#PLANS / storage-latency
            doc ver
        T#<tenant>#PROF#ours / V#000000
            doc
        T#<tenant>#PROFS / ours
            doc ver
        T#<tenant>#RUN#<incident> / -
            incident
        T#<tenant>#RUNBOOK#look / V#000000
            doc
        T#<tenant>#RUNBOOKS / look
            doc ver
        T#<tenant>#RUNFOR / look
            doc
        T#<tenant>#RUNUSES / look
            uses
        T#<tenant>#SHR / INC#<incident>
            home
        T#<tenant>#TOK#<owner> / approve
            attempt kid token ttl
        T#<tenant>#TOK#<owner> / launch
            attempt kid token ttl
        T#<tenant>#TOK#<owner> / stop
            attempt kid token ttl
        T#<tenant>#TOK#<owner> / stop-ask
            attempt kid token ttl
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn no_secret_token_or_link_stands_in_the_table_or_in_a_queue() {
    let Story { world, hidden } = Box::pin(busy()).await;
    assert!(hidden.len() >= 6, "{hidden:?}");
    let everything = [
        world.dynamo.dump(),
        world.workflow.started().into_iter().map(|(_, input)| input.to_string()).collect(),
        world.probes.dump(),
        world.metrics.lines().join("\n"),
    ]
    .concat();
    for word in &hidden {
        assert!(!everything.contains(word.as_str()), "{word}");
        let encoded = <base64ct::Base64 as base64ct::Encoding>::encode_string(word.as_bytes());
        assert!(!everything.contains(&encoded), "{word}, encoded");
    }
}

#[tokio::test]
async fn no_record_holds_null_and_no_attribute_is_empty() {
    let Story { world, .. } = Box::pin(busy()).await;
    for item in world.dynamo.legible() {
        for (name, value) in item.as_object().unwrap() {
            let text = value["S"].as_str().unwrap_or("-");
            assert!(!text.is_empty(), "{name} of {item}");
            // A merge patch tells a removed field by null: only an event may hold one.
            assert!(name == "body" || !text.contains(":null"), "{name} of {item}");
        }
    }
}
