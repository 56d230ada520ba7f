use super::{Left, World};
use crate::faults::{Fault, Faults};
use watchfire_domain::{MINUTE, plan::Target};
use watchfire_ports::{
    AccessBroker as _, AccessPointAsk, AccessPoints as _, Clock as _, DefinitionAsk, Ids as _, Job,
    JobKind, Jobs as _, Message, Notify as _, Requests as _, RunAsk, Secrets as _, TargetAsk,
    Tasks as _, WebAsk, Workflow as _,
};

fn point() -> AccessPointAsk {
    AccessPointAsk { client_token: "t".to_owned(), path: "/c/7".to_owned(), tags: Vec::new() }
}

async fn build(world: &World) -> (String, String, String) {
    let access_point = world.points.create(&point()).await.unwrap().id;
    let family = "family".to_owned();
    let definition = DefinitionAsk {
        family,
        environment: Vec::new(),
        access_point: access_point.clone(),
        tags: Vec::new(),
    };
    let definition = world.tasks.define(&definition).await.unwrap();
    let run = RunAsk {
        definition,
        client_token: "run".to_owned(),
        started_by: "wf-1".to_owned(),
        tags: Vec::new(),
    };
    let task = world.tasks.run(&run).await.unwrap();
    let target = TargetAsk::new("c-incident-7".to_owned(), "d".to_owned());
    let target = world.broker.create(&target).await.unwrap().unwrap();
    (access_point, task, target)
}

#[tokio::test]
async fn what_is_left_is_nothing_once_all_is_undone() {
    let world = World::with_targets(1);
    assert!(world.left().is_nothing());
    let (access_point, task, _) = build(&world).await;
    let left = world.left();
    assert_eq!(left.tasks, std::slice::from_ref(&task));
    assert_eq!(left.to_string().lines().count(), 4, "{left}");
    world.tasks.stop(&task, "enough").await.unwrap();
    world.tasks.come_to_rest();
    world.tasks.forget("family").await.unwrap();
    world.broker.delete("c-incident-7").await.unwrap();
    world.points.delete(&access_point).await.unwrap();
    assert_eq!(world.left(), Left::default());
}

#[tokio::test]
async fn the_same_seed_gives_the_same_world() {
    async fn dump(seed: u64) -> (String, [u8; 10]) {
        let world = World::with_targets(seed);
        build(&world).await;
        (world.dump(), world.ids.ten())
    }
    assert_eq!(dump(1).await, dump(1).await);
    assert_ne!(dump(1).await.0, dump(2).await.0);
}

#[tokio::test]
async fn one_plan_fails_the_table_and_the_account_alike() {
    let world = World::new(1);
    world.faults.at(1, Fault::NotSent);
    world.secrets.secret("token-secret", false).await.unwrap();
    assert!(world.points.create(&point()).await.is_err());
    let client = world.dynamo.client();
    client.get_item().table_name(crate::dynamo::TABLE).send().await.unwrap_err();
    let operations: Vec<_> = world.faults.log().into_iter().map(|call| call.operation).collect();
    assert_eq!(
        operations.get(..2).unwrap(),
        ["secretsmanager:GetSecretValue", "elasticfilesystem:CreateAccessPoint"]
    );
    assert!(world.left().is_nothing());
}

#[tokio::test]
async fn another_process_sees_the_same_world_and_fails_by_its_own_plan() {
    let world = World::new(1);
    let other = world.process(Faults::new());
    world.faults.at(0, Fault::Killed { applied: false });
    assert!(world.workflow.start("a", &serde_json::json!({})).await.is_err());
    assert!(other.workflow.start("a", &serde_json::json!({})).await.unwrap());
    assert_eq!(world.left().executions, ["a"]);
    let url = "https://api.example.com/".to_owned();
    let ask = WebAsk { method: "GET", url, headers: Vec::new(), body: None };
    assert!(world.requests.send(&ask).await.is_err(), "it was killed");
    other.requests.send(&ask).await.unwrap();
    let kind = JobKind::Automation { document: "d".to_owned(), parameters: [].into() };
    let job = Job { name: "j".to_owned(), tenant: "t".to_owned(), kind };
    assert!(world.jobs.start(&job).await.is_err());
    other.jobs.start(&job).await.unwrap();
    assert_eq!((world.requests.sent().len(), world.jobs.starts()), (1, 1));
    world.forward(MINUTE);
    assert_eq!(other.clock.now(), world.clock.now());
}

#[tokio::test]
async fn late_duplicates_arrive_when_the_world_settles() {
    let world = World::new(1);
    world.faults.at(0, Fault::Duplicate { after: 3 });
    let message = Message {
        id: "m".to_owned(),
        to: Target::Email("sre@example.org".to_owned()),
        subject: "s".to_owned(),
        text: "t".to_owned(),
        data: serde_json::json!({}),
    };
    world.notify.send(&message).await.unwrap();
    assert_eq!(world.notify.inbox().len(), 1);
    world.settle();
    assert_eq!(world.notify.take().len(), 2);
}
