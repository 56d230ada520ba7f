//! The inventory: what is in the account and what stands in the records, compared both ways.

use super::launch::closes;
use crate::world::{Doors, World};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use watchfire_desk::{Orphan, OrphanKind};
use watchfire_domain::EnvironmentId;
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::{State, slot, started_by};
use watchfire_fakes::dynamo::TABLE;
use watchfire_ports::{AccessPointAsk, AccessPoints as _, RunAsk, Tasks as _};

async fn inventory(world: &World) -> Vec<Orphan> {
    world.acting("observe", world.desk.inventory()).await.unwrap()
}

async fn running() -> (World, EnvironmentId) {
    let world = World::new(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Both).await;
    (world, id)
}

/// Starts a second task of the environment, as a request does that the network carries out again.
async fn second_task(world: &World, id: EnvironmentId, definition: &str) -> String {
    let environment = world.environment(id).await;
    let ask = RunAsk {
        definition: definition.to_owned(),
        client_token: "another".to_owned(),
        started_by: started_by(&slot(&environment.cluster_id, &environment.number)),
        tags: vec![("ManagedBy".to_owned(), "watchfire".to_owned())],
    };
    world.tasks.run(&ask).await.unwrap()
}

fn orphan(kind: OrphanKind, resource: &str, environment: Option<EnvironmentId>) -> Orphan {
    Orphan { kind, resource: resource.to_owned(), environment }
}

/// Forgets who claimed the slots: the table was restored to a time before.
async fn forget_claims(world: &World, id: EnvironmentId) {
    let environment = world.environment(id).await;
    let pk = format!("ENVSLOT#{}", slot(&environment.cluster_id, &environment.number));
    let call = world.dynamo.client().delete_item().table_name(TABLE);
    let call = call.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S("-".to_owned()));
    call.send().await.unwrap();
}

#[tokio::test]
async fn a_life_in_which_all_goes_well_has_no_orphan_at_any_time() {
    let world = World::new(1);
    let id = world.opened(&json!({})).await;
    for _ in 0..30 {
        assert_eq!(inventory(&world).await, []);
        world.turn(Doors::Both).await;
    }
    assert_eq!(world.environment(id).await.state, State::Running);
    world.stop(id).await;
    for _ in 0..30 {
        assert_eq!(inventory(&world).await, []);
        world.turn(Doors::Both).await;
    }
    closes(&world, id).await;
    assert_eq!(inventory(&world).await, []);
    let told: Vec<_> =
        world.metrics.lines().into_iter().filter(|line| line.contains("orphans_found")).collect();
    assert_eq!(told.len(), 61);
}

#[tokio::test]
async fn a_second_task_is_told_to_stop_and_the_first_goes_on() {
    let (world, id) = running().await;
    let environment = world.environment(id).await;
    let (own, definition) = (environment.task.unwrap().arn, environment.definition.unwrap());
    let stray = second_task(&world, id, &definition).await;
    assert_eq!(inventory(&world).await, [orphan(OrphanKind::StrayTask, &stray, Some(id))]);
    world.tasks.come_to_rest();
    assert_eq!(world.tasks.living_tasks(), [own]);
    assert_eq!(inventory(&world).await, []);
    assert_eq!(world.environment(id).await.state, State::Running);
}

#[tokio::test]
async fn a_task_of_an_environment_that_is_over_is_told_to_stop() {
    let (world, id) = running().await;
    let definition = world.environment(id).await.definition.unwrap();
    world.stop(id).await;
    world.until(id, State::Stopped, Doors::Both).await;
    let stray = second_task(&world, id, &definition).await;
    assert_eq!(inventory(&world).await, [orphan(OrphanKind::StrayTask, &stray, Some(id))]);
    world.tasks.come_to_rest();
    assert!(world.tasks.living_tasks().is_empty());
}

#[tokio::test]
async fn what_no_record_knows_is_told_and_left_alone() {
    let (world, id) = running().await;
    let environment = world.environment(id).await;
    let (task, point) = (environment.task.unwrap().arn, environment.access_point.unwrap());
    forget_claims(&world, id).await;
    assert_eq!(
        inventory(&world).await,
        [
            orphan(OrphanKind::UnknownTask, &task, None),
            orphan(OrphanKind::UnknownAccessPoint, &point, Some(id)),
        ]
    );
    assert_eq!(world.tasks.living_tasks(), [task]);
    assert!(world.points.mountable(&point));
}

/// EFS carries a request out again after what it had made was deleted.
#[tokio::test]
async fn an_access_point_that_comes_late_goes_again() {
    for kept in [false, true] {
        let (world, id) = running().await;
        let first = world.points.existing().remove(0).1;
        if kept {
            world.stop(id).await;
            world.until(id, State::Stopped, Doors::Both).await;
            world.answer("ana@example.org", Answer::Deny).await.unwrap();
            world.until(id, State::Closed, Doors::Both).await;
        } else {
            closes(&world, id).await;
        }
        let own = world.environment(id).await.access_point.unwrap();
        let again = AccessPointAsk { client_token: "carried out late".to_owned(), ..first };
        let late = world.points.create(&again).await.unwrap();
        assert_eq!(
            inventory(&world).await,
            [orphan(OrphanKind::StrayAccessPoint, &late.id, Some(id))]
        );
        let left: Vec<_> = world.points.existing().into_iter().map(|(id, _)| id).collect();
        assert_eq!(
            left,
            if kept { vec![own] } else { vec![] },
            "its own stays where that was decided"
        );
        assert_eq!(inventory(&world).await, []);
    }
}

#[tokio::test]
async fn an_access_point_that_somebody_deleted_is_missed() {
    let (world, id) = running().await;
    let point = world.environment(id).await.access_point.unwrap();
    world.points.delete(&point).await.unwrap();
    assert_eq!(inventory(&world).await, [orphan(OrphanKind::MissingAccessPoint, &point, Some(id))]);
}

#[tokio::test]
async fn what_belongs_to_another_deployment_is_none_of_our_business() {
    let (world, id) = running().await;
    let tags = |stage: &str| {
        [("ManagedBy", "watchfire"), ("stage", stage), ("environment-id", "env-x")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec()
    };
    let ask = |token: &str, stage| AccessPointAsk {
        client_token: token.to_owned(),
        path: "/other/1".to_owned(),
        tags: tags(stage),
    };
    world.points.create(&ask("theirs", "production")).await.unwrap();
    assert_eq!(inventory(&world).await, []);
    // Ours, and no record of it.
    let ours = world.points.create(&ask("ours", "test")).await.unwrap();
    assert_eq!(inventory(&world).await, [orphan(OrphanKind::UnknownAccessPoint, &ours.id, None)]);
    assert_eq!(world.environment(id).await.state, State::Running);
}
