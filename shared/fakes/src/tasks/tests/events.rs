use super::account;
use serde_json::Value;
use watchfire_ports::Tasks as _;

#[tokio::test]
async fn every_change_but_the_agents_is_an_event() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.come_to_rest();
    account.tasks.stop(&arn, "enough").await.unwrap();
    account.tasks.come_to_rest();
    let line = |event: &Value| {
        let detail = &event["detail"];
        format!("{} {} {}", detail["version"], detail["lastStatus"], detail["desiredStatus"])
    };
    let lines: Vec<_> = account.tasks.events().iter().map(line).collect();
    assert_eq!(
        lines,
        [
            r#"1 "PROVISIONING" "RUNNING""#,
            r#"2 "PENDING" "RUNNING""#,
            r#"3 "ACTIVATING" "RUNNING""#,
            r#"4 "RUNNING" "RUNNING""#,
            r#"5 "RUNNING" "STOPPED""#,
            r#"6 "DEACTIVATING" "STOPPED""#,
            r#"7 "STOPPING" "STOPPED""#,
            r#"8 "DEPROVISIONING" "STOPPED""#,
            r#"9 "STOPPED" "STOPPED""#,
        ]
    );
    assert_eq!(account.tasks.events(), Vec::<Value>::new());
}

#[tokio::test]
async fn an_event_has_the_shape_that_ecs_documents() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.stop(&arn, "enough").await.unwrap();
    account.tasks.come_to_rest();
    let event = account.tasks.ecs_event(&arn);
    assert_eq!(event["source"], "aws.ecs");
    assert_eq!(event["detail-type"], "ECS Task State Change");
    assert_eq!(event["resources"][0], arn.as_str());
    let detail = &event["detail"];
    assert_eq!(detail["clusterArn"], "arn:aws:ecs:us-east-1:111122223333:cluster/watchfire");
    assert_eq!(detail["group"], "family:rosa-boundary-dev-c-7-20261121T031200");
    assert_eq!(detail["startedBy"], "wf-1");
    assert_eq!(detail["stopCode"], "UserInitiated");
    assert_eq!(detail["stoppedReason"], "enough");
    assert_eq!(detail["stoppedAt"], "2026-11-21T03:12:00.000Z");
    assert!(detail.get("startedAt").is_none(), "it never ran");
    assert!(detail["containers"][0].get("exitCode").is_none());
    assert_eq!(account.tasks.ecs_event("arn:nobody"), Value::Null);
}
