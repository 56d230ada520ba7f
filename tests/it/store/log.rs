//! The log's record: who was slower is told so, and writes nothing.

use super::table_with;
use watchfire_fakes::World as Fakes;
use watchfire_store::LogState;

fn state(version: u64, size: u64) -> LogState {
    LogState { version, size, ..LogState::default() }
}

#[tokio::test]
async fn the_logs_record_begins_once() {
    let table = table_with(&Fakes::new(1), 1);
    let nothing = table.log().await.unwrap();
    assert_eq!(nothing, LogState::default());
    assert!(table.write_log(&nothing, &state(1, 3)).await.unwrap());
    assert!(!table.write_log(&nothing, &state(1, 9)).await.unwrap());
    assert_eq!(table.log().await.unwrap(), state(1, 3));
}

#[tokio::test]
async fn the_logs_record_changes_only_from_the_version_that_was_read() {
    let table = table_with(&Fakes::new(1), 1);
    table.write_log(&LogState::default(), &state(1, 3)).await.unwrap();
    assert!(table.write_log(&state(1, 3), &state(2, 4)).await.unwrap());
    assert!(!table.write_log(&state(1, 3), &state(2, 9)).await.unwrap());
    assert_eq!(table.log().await.unwrap(), state(2, 4));
}
