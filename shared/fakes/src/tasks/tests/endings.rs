use super::{Account, account};
use crate::tasks::Leaves;
use crate::words::hex;
use sha2::{Digest as _, Sha256};
use watchfire_domain::{HOUR, Timestamp};
use watchfire_ports::{AccessPoints as _, Evidence as _, Found, Tasks as _};

async fn found(account: &Account, arn: &str) -> Option<Found> {
    account.evidence.find("c", "7", arn.rsplit('/').next().unwrap()).await.unwrap()
}

async fn stopped(account: &Account) -> String {
    let arn = account.run().await;
    account.tasks.come_to_rest();
    account.tasks.stop(&arn, "enough").await.unwrap();
    account.tasks.come_to_rest();
    arn
}

#[tokio::test]
async fn a_task_goes_through_every_stage() {
    let account = account().await;
    let arn = account.run().await;
    assert_eq!(
        account.stages(&arn),
        [
            "PROVISIONING/RUNNING 1",
            "PENDING/RUNNING 2",
            "ACTIVATING/RUNNING 3",
            "RUNNING/RUNNING 4",
            "RUNNING/RUNNING 4 exec",
        ]
    );
    account.tasks.stop(&arn, "enough").await.unwrap();
    assert_eq!(
        account.stages(&arn),
        [
            "RUNNING/STOPPED 5 exec",
            "DEACTIVATING/STOPPED 6",
            "STOPPING/STOPPED 7",
            "DEPROVISIONING/STOPPED 8",
            "STOPPED/STOPPED 9",
        ]
    );
    let status = account.tasks.status(&arn).unwrap();
    assert_eq!((status.exit_code, status.stopped()), (Some(0), true));
}

#[tokio::test]
async fn the_evidence_is_whole_only_when_the_task_is_stopped() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.come_to_rest();
    account.tasks.stop(&arn, "enough").await.unwrap();
    let mut seen = Vec::new();
    while account.tasks.advance(&arn) {
        let found = found(&account, &arn).await;
        seen.push(found.map(|found| (found.objects.len(), found.manifest.is_some())));
    }
    assert_eq!(seen, [None, Some((1, false)), Some((4, true)), Some((4, true))]);
}

#[tokio::test]
async fn the_manifest_says_what_is_there() {
    let account = account().await;
    let arn = stopped(&account).await;
    let found = found(&account, &arn).await.unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&found.manifest.unwrap()).unwrap();
    assert_eq!(manifest["version"], 1);
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), 3);
    for file in files {
        let path = file["path"].as_str().unwrap();
        let bytes = account.evidence.get(&format!("{}{path}", found.prefix)).unwrap();
        assert_eq!(file["size"], bytes.len());
        assert_eq!(file["sha256"], hex(&Sha256::digest(&bytes)));
    }
}

#[tokio::test]
async fn the_date_is_that_of_the_signal() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.come_to_rest();
    account.clock.set(Timestamp::parse("2026-11-24T23:30:00Z").unwrap());
    account.tasks.stop(&arn, "enough").await.unwrap();
    account.tasks.advance(&arn);
    account.tasks.advance(&arn);
    account.clock.advance(HOUR);
    account.tasks.come_to_rest();
    let found = found(&account, &arn).await.unwrap();
    assert!(found.prefix.starts_with("c/7/20261124/"), "{}", found.prefix);
    let stopped_at = account.tasks.status(&arn).unwrap().stopped_at.unwrap();
    assert_eq!(stopped_at.date_compact(), "20261125");
}

#[tokio::test]
async fn evidence_is_lost_cut_or_left_unfinished_as_told() {
    let account = account().await;
    account.tasks.leave(Leaves::Nothing);
    let arn = stopped(&account).await;
    assert_eq!(found(&account, &arn).await, None);
    assert_eq!(account.tasks.status(&arn).unwrap().exit_code, Some(0), "the failure is hidden");

    let ask = account.ask("second").await;
    let arn = account.tasks.run(&ask).await.unwrap();
    account.tasks.come_to_rest();
    account.tasks.leave_of(&arn, Leaves::Unfinished);
    account.tasks.stop(&arn, "enough").await.unwrap();
    account.tasks.come_to_rest();
    let unfinished = found(&account, &arn).await.unwrap();
    assert_eq!((unfinished.objects.len(), unfinished.manifest), (2, None));
    assert_eq!(account.tasks.status(&arn).unwrap().exit_code, Some(137));
}

#[tokio::test]
async fn a_cut_file_is_shorter_than_the_manifest_says() {
    let account = account().await;
    account.tasks.leave(Leaves::Truncated);
    let arn = stopped(&account).await;
    let found = found(&account, &arn).await.unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&found.manifest.unwrap()).unwrap();
    let differs = |file: &&serde_json::Value| {
        let size = found.objects.iter().find(|(path, _)| file["path"] == path.as_str()).unwrap().1;
        file["size"] != size
    };
    assert_eq!(manifest["files"].as_array().unwrap().iter().filter(differs).count(), 1);
}

#[tokio::test]
async fn what_never_ran_has_no_exit_code_and_no_evidence() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.advance(&arn);
    account.tasks.stop(&arn, "enough").await.unwrap();
    assert_eq!(
        account.stages(&arn),
        ["PENDING/STOPPED 3", "DEPROVISIONING/STOPPED 4", "STOPPED/STOPPED 5",]
    );
    assert_eq!(account.tasks.status(&arn).unwrap().exit_code, None);
    assert_eq!(account.evidence.keys(), Vec::<String>::new());
}

#[tokio::test]
async fn a_task_may_end_by_itself_or_never_start() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.come_to_rest();
    account.tasks.exit(&arn, 3);
    account.tasks.come_to_rest();
    let status = account.tasks.status(&arn).unwrap();
    assert_eq!(status.exit_code, Some(3));
    assert_eq!(status.stop_code.as_deref(), Some("EssentialContainerExited"));

    let arn = account.tasks.run(&account.ask("second").await).await.unwrap();
    account.tasks.fails_to_start(&arn, "CannotPullContainerError");
    account.tasks.come_to_rest();
    let status = account.tasks.status(&arn).unwrap();
    assert_eq!((status.exit_code, status.stop_code.as_deref()), (None, Some("TaskFailedToStart")));
}

#[tokio::test]
async fn without_its_access_point_a_task_does_not_start() {
    let account = account().await;
    let arn = account.run().await;
    account.access.delete(&account.access_point).await.unwrap();
    account.tasks.come_to_rest();
    let status = account.tasks.status(&arn).unwrap();
    assert!(status.stopped());
    assert!(status.stopped_reason.unwrap().starts_with("ResourceInitializationError"));
}
