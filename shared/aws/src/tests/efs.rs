use super::Script;
use crate::EfsAccessPoints;
use serde_json::json;
use watchfire_ports::{AccessPointAsk, AccessPoints, PortError};

const EXISTS: &str = r#","ErrorCode":"AccessPointAlreadyExists","Message":"already exists","AccessPointId":"fsap-1""#;
const MISSING: &str = r#","ErrorCode":"AccessPointNotFound","Message":"does not exist""#;

fn ask() -> AccessPointAsk {
    AccessPointAsk {
        client_token: "token".to_owned(),
        path: "/c/1".to_owned(),
        tags: vec![("ManagedBy".to_owned(), "watchfire".to_owned())],
    }
}

fn point(path: &str) -> serde_json::Value {
    json!({
        "AccessPointId": "fsap-1",
        "LifeCycleState": "creating",
        "RootDirectory": {"Path": path},
    })
}

fn points(script: &Script) -> EfsAccessPoints {
    EfsAccessPoints::new(script.aws(), "fs-1".to_owned())
}

#[tokio::test]
async fn an_access_point_belongs_to_the_container_s_user() {
    let script = Script::default().ok(&point("/c/1").to_string());
    let made = points(&script).create(&ask()).await.unwrap();
    assert_eq!((made.id.as_str(), made.path.as_str(), made.available), ("fsap-1", "/c/1", false));
    assert_eq!(
        script.json(0),
        json!({
            "ClientToken": "token",
            "FileSystemId": "fs-1",
            "PosixUser": {"Uid": 1000, "Gid": 1000},
            "RootDirectory": {
                "Path": "/c/1",
                "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0755"},
            },
            "Tags": [{"Key": "ManagedBy", "Value": "watchfire"}],
        })
    );
}

#[tokio::test]
async fn a_repeat_adopts_what_leads_to_the_same_place_only() {
    let found = |path: &str| json!({"AccessPoints": [point(path)]}).to_string();
    let script =
        Script::default().error(409, "AccessPointAlreadyExists", EXISTS).ok(&found("/c/1"));
    assert_eq!(points(&script).create(&ask()).await.unwrap().id, "fsap-1");
    let script =
        Script::default().error(409, "AccessPointAlreadyExists", EXISTS).ok(&found("/c/2"));
    let error = points(&script).create(&ask()).await.unwrap_err();
    assert!(matches!(error, PortError::Conflict { what, .. } if what == "fsap-1"));
    let script = Script::default().error(409, "AccessPointAlreadyExists", EXISTS).ok("{}");
    assert!(points(&script).create(&ask()).await.unwrap_err().retryable());
}

#[tokio::test]
async fn a_missing_one_is_none_and_its_deletion_no_error() {
    let missing = || Script::default().error(404, "AccessPointNotFound", MISSING);
    assert_eq!(points(&missing()).describe("fsap-1").await.unwrap(), None);
    let empty = Script::default().ok(r#"{"AccessPoints":[]}"#);
    assert_eq!(points(&empty).describe("fsap-1").await.unwrap(), None);
    points(&missing()).delete("fsap-1").await.unwrap();
}

#[tokio::test]
async fn one_is_found_by_its_client_token_on_whatever_page() {
    let mut ours = point("/c/1");
    ours["ClientToken"] = json!("token");
    let pages = || {
        let first = json!({"AccessPoints": [point("/c/2")], "NextToken": "more"});
        Script::default()
            .ok(&first.to_string())
            .ok(&json!({"AccessPoints": [ours.clone()]}).to_string())
    };
    let script = pages();
    let found = points(&script).find("token").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.path.as_str()), ("fsap-1", "/c/1"));
    assert_eq!(points(&pages()).find("another").await.unwrap(), None);
}

#[tokio::test]
async fn a_full_file_system_refuses() {
    let script = Script::default().error(403, "AccessPointLimitExceeded", "");
    let error = points(&script).create(&ask()).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
}
