use super::Account;
use crate::answerer::{Call, Reply};
use crate::http::Request;
use serde_json::{Value, json};
use watchfire_fakes::World;
use watchfire_ports::Vault as _;

fn ask(account: &Account, service: &str, target: &str, line: &str, body: &Value) -> Reply {
    let scope = format!("AWS4-HMAC-SHA256 Credential=AK/20261121/us-east-1/{service}/aws4_request");
    let (method, path) = line.split_once(' ').unwrap();
    let mut headers = vec![("authorization".to_owned(), scope)];
    if !target.is_empty() {
        headers.push(("x-amz-target".to_owned(), format!("Service.{target}")));
    }
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body: if body.is_null() { Vec::new() } else { body.to_string().into() },
    };
    account.answer(&Call::of(&request), &request)
}

fn words(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn what_is_registered_twice_is_there_twice() {
    let account = Account::new(World::new(1));
    let definition = json!({ "family": "f", "containerDefinitions": [{}] });
    for revision in 1..=2 {
        let reply = ask(&account, "ecs", "RegisterTaskDefinition", "POST /", &definition);
        let arn = words(&reply)["taskDefinition"]["taskDefinitionArn"].clone();
        assert!(arn.as_str().unwrap().ends_with(&format!("/f:{revision}")), "{arn}");
    }
    let list = json!({ "familyPrefix": "f", "status": "ACTIVE" });
    let reply = ask(&account, "ecs", "ListTaskDefinitions", "POST /", &list);
    assert_eq!(words(&reply)["taskDefinitionArns"].as_array().unwrap().len(), 2);
}

#[test]
fn a_token_makes_one_access_point() {
    let account = Account::new(World::new(1));
    let point = json!({ "ClientToken": "t", "RootDirectory": { "Path": "/c/1" } });
    let line = "POST /2015-02-01/access-points";
    let made = words(&ask(&account, "elasticfilesystem", "", line, &point));
    let again = ask(&account, "elasticfilesystem", "", line, &point);
    assert_eq!((again.status, &words(&again)["AccessPointId"]), (409, &made["AccessPointId"]));
}

#[tokio::test]
async fn what_is_sealed_is_not_written_again() {
    let world = World::new(1);
    world.vault.put_new("tile/0/x 1", b"first".to_vec()).await.unwrap();
    let account = Account::new(world);
    let line = "GET /watchfire-checkpoints/tile/0/x%201?x-id=GetObject";
    let reply = std::thread::spawn(move || ask(&account, "s3", "", line, &Value::Null));
    assert_eq!(reply.join().unwrap().body, b"first");
}

#[test]
fn an_execution_has_its_name_once() {
    let account = Account::new(World::new(1));
    let machine = "arn:aws:states:us-east-1:111122223333:stateMachine:watchfire";
    let start = |input: &str| json!({ "stateMachineArn": machine, "name": "a", "input": input });
    let first = ask(&account, "states", "StartExecution", "POST /", &start("{}"));
    assert_eq!(first.status, 200);
    let other = ask(&account, "states", "StartExecution", "POST /", &start("[1]"));
    assert_eq!(words(&other)["__type"], "ExecutionAlreadyExists");
}
